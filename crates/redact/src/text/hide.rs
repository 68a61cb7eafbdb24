//! Hides the value behind a secret name, unless it is plainly none.

use std::ops::Range;

use memchr::memchr;

use super::{
    bytes::skip,
    header, markup,
    name::{self, Name},
    prose::{self, is_plain_word, is_sentence, is_type},
    scanner::Scanner,
    value::{self, Style},
};
use crate::{
    decision::{decide, is_plain, Decision, Value},
    names::{normalised, NameClass, Secrecy},
};

/// A longer placeholder, word or permission is hidden: if it was shown, the names in it would be read again, each with all that
/// follows.
const LONGEST_SHOWN: usize = 128;

impl Scanner<'_> {
    /// Hides the value that starts at `start`, if it is to be hidden; returns where to go on.
    #[inline(never)]
    pub(super) fn value(
        &mut self,
        name: &Name,
        class: NameClass,
        mark: usize,
        start: usize,
    ) -> Option<usize> {
        let bytes = self.bytes;
        let outer = name::outer_quote(bytes, name.range.start).filter(|_| !name.quoted);
        if outer.is_some_and(|outer| bytes.get(start) == Some(&bytes[outer])) {
            // The quote closes what the pair is in: `--password=` says nothing.
            return None;
        }
        let start = value::behind_visibility(bytes, start);
        let start = value::behind_type(bytes, start);
        let behind_looks = markup::behind_looks(bytes, start);
        if behind_looks > start {
            return self.behind_looks(class, behind_looks);
        }
        if let Some(start) = value::quoted_start(bytes, start) {
            let end = value::quoted_end(bytes, start);
            if self.is_connection_string(name, &self.text[start..end]) {
                return None;
            }
            let hidden = self.hide_if(class, start..end, Style::Quoted);
            return hidden.then(|| self.changed(end + 1));
        }
        if let Some(end) = value::braced_end(bytes, name.range.start, mark, start) {
            self.found.push(start..end);
            return Some(end);
        }
        if let Some(bracket) = value::bracket(bytes, start) {
            let end = self.bracketed(class, bracket);
            if end.is_some() || bracket == start {
                return end;
            }
        }
        if class.secrecy <= Secrecy::Weak && bytes[mark] == b'=' && prose::is_call(self.text, start)
        {
            return self.literal_of_call(start);
        }
        // `token:read:all`, as permissions are written.
        if class.secrecy <= Secrecy::Weak && bytes[mark..start] == *b":" && !name.quoted {
            let near = &bytes[..bytes.len().min(start + LONGEST_SHOWN + 1)];
            let end = value::token_end(near, start);
            let is_cut = self.truncated && end == bytes.len();
            if !is_cut && end - start <= LONGEST_SHOWN {
                let token = &self.text[start..end];
                let is_path_of_words = || token.contains(':') && is_plain_word(token);
                if prose::is_permission(token) || is_path_of_words() {
                    return None;
                }
            }
        }
        let (end, style) = self.unquoted_end(name, mark, start);
        let range = value::trimmed(bytes, start..end);
        self.hide_if(class, range, style).then_some(end)
    }

    /// Hides the value that starts at `start`, behind tags; returns where to go on.
    fn behind_looks(&mut self, class: NameClass, start: usize) -> Option<usize> {
        let bytes = self.bytes;
        let (end, style) = match class.secrecy {
            Secrecy::Faint | Secrecy::Weak => (value::token_end(bytes, start), Style::Token),
            _ => (value::separated_end(bytes, start, b'<'), Style::Line),
        };
        let range = value::trimmed(bytes, start..end);
        self.hide_if(class, range, style).then_some(end)
    }

    /// Hides the first argument of the call at `start`, if that makes a secret of what looks like one: `String::from("..")`.
    fn literal_of_call(&mut self, start: usize) -> Option<usize> {
        let bytes = self.bytes;
        let open = start + memchr(b'(', &bytes[start..])?;
        let quote = open + 1;
        let start = value::quoted_start(bytes, quote)?;
        let end = value::quoted_end(bytes, start);
        let said = &self.text[start..end];
        let is_secret = !said.contains(char::is_whitespace) && !is_plain(said);
        is_secret.then(|| {
            self.found.push(start..end);
            end
        })
    }

    /// Hides what a secret in quotes, which ends at `end`, was or becomes, as in a plan of changes: `".." -> ".."`. Returns
    /// where to go on.
    fn changed(&mut self, end: usize) -> usize {
        let bytes = self.bytes;
        let arrow = skip(bytes, end, |b| b == b' ');
        let behind = ["->", "\u{2192}", "to "].iter().find_map(|own| {
            let rest = bytes.get(arrow..)?.strip_prefix(own.as_bytes())?;
            Some(bytes.len() - rest.len())
        });
        let value = behind.map(|behind| skip(bytes, behind, |b| b == b' '));
        let Some(start) = value.and_then(|value| value::quoted_start(bytes, value)) else {
            return end;
        };
        let end = value::quoted_end(bytes, start);
        self.found.push(start..end);
        end + 1
    }

    /// Whether a value is of pairs, one of them secret, which are judged by themselves: `Server=..;Password=..`.
    fn is_connection_string(&self, name: &Name, value: &str) -> bool {
        let is_connection = || {
            let name = normalised(&self.text[name.range.clone()]);
            let last = ["connectionstring", "connstr", "dsn"];
            last.iter().any(|own| name.ends_with(own))
        };
        let mut has_secret = false;
        // Most values have no pairs.
        value.contains('=')
            && is_connection()
            && value.split(';').all(|pair| match pair.split_once('=') {
                Some((name, _)) => {
                    has_secret |= self.class_of(name.trim()).is_secret();
                    true
                }
                None => pair.trim().is_empty(),
            })
            && has_secret
    }

    /// Hides the list or map that starts at `start`, if it is to be hidden whole; returns where to go on.
    fn bracketed(&mut self, class: NameClass, start: usize) -> Option<usize> {
        let bytes = self.bytes;
        let is_object = bytes[start] == b'{';
        let is_of_other_syntax =
            is_object && !matches!(bytes.get(start + 1), Some(b'"' | b'\'' | b' '));
        if is_of_other_syntax || is_object && class.secrecy < Secrecy::Strong {
            return None;
        }
        let end = value::bracketed_end(bytes, start);
        let is_cut = self.truncated && end == bytes.len();
        let is_harmless = |text: &str| {
            is_plain(text) || class.numbers_usual && !text.contains(|c: char| c.is_alphabetic())
        };
        if class.secrecy < Secrecy::Strong && !is_cut && is_harmless(&self.text[start..end]) {
            return None;
        }
        self.found.push(start..end);
        Some(end)
    }

    /// The end of the line of a pair whose value starts at `start`: for one pair it is asked for more than once.
    #[inline]
    pub(super) fn pair_line_end(&mut self, name: &Name, start: usize) -> usize {
        if self.line.start != start {
            self.line = start..value::pair_line_end(self.bytes, name, start);
        }
        self.line.end
    }

    /// The end of a value without quotes.
    fn unquoted_end(&mut self, name: &Name, mark: usize, start: usize) -> (usize, Style) {
        let bytes = self.bytes;
        let text = &self.text[name.range.clone()];
        if let Some(quote) = name::outer_quote(bytes, name.range.start).filter(|_| !name.quoted) {
            return (
                value::quoted_end(bytes, quote + 1).max(start),
                Style::Quoted,
            );
        }
        if header::is_name(text) && !name.quoted {
            let end = match bytes[mark] {
                b':' => Some(header::end(bytes, name, start)),
                _ => header::token_end(bytes, start),
            };
            if let Some(end) = end {
                return (end, Style::Separated);
            }
        }
        let before = bytes[..name.range.start].iter().rev().find(|b| **b != b' ');
        let is_assigned = bytes[mark] == b'=';
        match (before, name.line) {
            _ if name.quoted => (value::token_end(bytes, start), Style::Token),
            (Some(b';'), _) if is_assigned => {
                (value::separated_end(bytes, start, b';'), Style::Separated)
            }
            (Some(b'&' | b'?' | b'#'), None) if is_assigned => {
                (value::separated_end(bytes, start, b'&'), Style::Separated)
            }
            (_, Some(line_start)) => {
                let line = self.pair_line_end(name, start);
                if is_assigned {
                    // A query or a connection string may begin with the pair.
                    let rest = &bytes[start..line];
                    for separator in [b'&', b';'] {
                        let at = rest.iter().position(|b| *b == separator);
                        if at.is_some_and(|at| rest[at..].contains(&b'=') || at + 1 == rest.len()) {
                            return (
                                value::separated_end(bytes, start, separator),
                                Style::Separated,
                            );
                        }
                    }
                    if value::is_assignment_before_others(text, rest) {
                        return (value::token_end(bytes, start), Style::Separated);
                    }
                    return (line, Style::Line);
                }
                // A block, or lines that are folded.
                let column = name.range.start - line_start;
                (
                    value::block_end(bytes, line, column, start == line),
                    Style::Line,
                )
            }
            _ if is_assigned => (value::token_end(bytes, start), Style::Separated),
            _ => (value::token_end(bytes, start), Style::Token),
        }
    }

    /// Hides a value under a secret name, unless it is plainly none.
    pub(super) fn hide_if(&mut self, class: NameClass, range: Range<usize>, style: Style) -> bool {
        if range.is_empty() {
            return false;
        }
        let value = &self.text[range.clone()];
        let is_cut = self.truncated && range.end == self.bytes.len();
        let is_short = value.len() <= LONGEST_SHOWN;
        let is_none = || match style {
            Style::Quoted | Style::Separated => false,
            Style::Line => is_type(value.trim_end_matches([';', ','])) || is_sentence(value),
            Style::Token => is_short && (is_type(value) || is_plain_word(value)),
        };
        let decided = match style {
            Style::Line | Style::Token if value.bytes().all(|b| b.is_ascii_digit()) => {
                Value::Number
            }
            _ => Value::Text(value),
        };
        // A password's hash is none: `$6$rounds=..`.
        let is_crypt =
            |rest: &[u8]| rest.first().is_some_and(u8::is_ascii_digit) && rest.contains(&b'$');
        let is_placeholder = matches!(value.as_bytes(), [b'$', rest @ ..] if !is_crypt(rest))
            || matches!(value.as_bytes(), [b'<' | b'{', ..]);
        let is_placeholder = is_placeholder && is_short && style != Style::Quoted;
        let hidden = is_cut
            || !is_placeholder
                && matches!(decide(class, decided), Decision::Mask(_))
                // The last one is a parameter of SQL.
                && !matches!(value, "null" | "None" | "nil" | "true" | "false" | "***" | "?" | "~")
                && !is_none();
        if hidden {
            self.found.push(range);
        }
        hidden
    }
}
