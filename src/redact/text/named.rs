//! Values that stand beside a secret name, anywhere in a text: `name: value`, `"name": "value"`, `name=value`.
//!
//! Best effort: a text has no grammar. In doubt more is masked, so that a quote or a bracket that a value opens and that
//! nothing closes hides the rest of the text.

use std::ops::Range;

use memchr::{memchr, memchr2, memrchr};

use super::super::{
    names::{is_same_name, normalised},
    rules::Rules,
};

/// The most words of a name that is not in quotes, such as `social security number: 1`.
const MOST_WORDS: usize = 4;

/// The names whose value goes to the end of the line wherever they are: it often has blanks and `;` in it.
const NAMES_OF_LINES: [&str; 4] = ["authorization", "cookie", "proxyauthorization", "setcookie"];

/// Finds values beside secret names, and users before the host of a URL. None of the ranges is empty.
///
/// With `cut`, more text is taken to have followed.
pub(super) fn find(text: &str, cut: bool, rules: &Rules, found: &mut Vec<Range<usize>>) {
    let mut finder = Finder {
        text,
        bytes: text.as_bytes(),
        rules,
        read: 0,
        line: 0,
        first_word: None,
    };
    while let Some(offset) = memchr2(b':', b'=', &finder.bytes[finder.read..]) {
        let mark = finder.read + offset;
        found.extend(url_user(finder.bytes, mark, cut));
        let value = finder.value_at(mark);
        // All before is done with: no byte is looked at again for another name.
        finder.read = value.end.max(mark + 1);
        if !value.is_empty() {
            found.push(value);
        }
    }
}

struct Finder<'t, 'n> {
    text: &'t str,
    bytes: &'t [u8],
    rules: &'n Rules,
    /// Where to look for the next name.
    read: usize,
    /// The start of the line that the last mark was on.
    line: usize,
    /// The first letter, digit or quote of that line; `None` before the first mark.
    first_word: Option<usize>,
}

struct Name {
    start: usize,
    quoted: bool,
    of_line: bool,
}

impl Finder<'_, '_> {
    /// The value that belongs to the `:` or `=` at `mark`; empty unless it is secret.
    fn value_at(&mut self, mark: usize) -> Range<usize> {
        self.find_line(mark);
        let Some(name) = self.name_before(mark) else {
            return mark..mark;
        };
        // `=>`, `:=` and the like.
        let marks = run_end(self.bytes, mark, |b| matches!(b, b':' | b'=' | b'>'));
        let start = run_end(self.bytes, marks, |b| {
            is_blank(b) || name.quoted && is_space(b)
        });
        if name.quoted {
            return start..value_end(self.bytes, escaped_space_end(self.bytes, start), true);
        }
        let mut end = value_end(self.bytes, start, false);

        let starts_line = self.first_word.is_some_and(|word| name.start <= word);
        if self.bytes[mark] == b':' && name.start >= self.line && starts_line {
            end = end.max(self.block_end(start));
        } else if let Some(quote) = name.start.checked_sub(1).filter(|q| opens(self.bytes, *q)) {
            // All of it is in quotes: `-H "name: value"`.
            let closing = closing_quote(self.bytes, quote, start);
            end = end.max(closing.unwrap_or(self.bytes.len()));
        } else if name.of_line {
            end = end.max(line_end(self.bytes, start));
        }
        start..end
    }

    fn find_line(&mut self, mark: usize) {
        let line = memrchr(b'\n', &self.bytes[self.read..mark]).map(|at| self.read + at + 1);
        if line.is_some() || self.first_word.is_none() {
            self.line = line.unwrap_or_default();
            let is_word = |b: &u8| b.is_ascii_alphanumeric() || is_quote(*b);
            let word = self.bytes[self.line..mark].iter().position(is_word);
            self.first_word = Some(word.map_or(mark, |word| self.line + word));
        }
    }

    /// The secret name that ends before the mark.
    fn name_before(&self, mark: usize) -> Option<Name> {
        let before = &self.text[self.read..mark];
        let trimmed = trim_end_escaped(before);
        if let Some(quote) = trimmed.chars().next_back().filter(|c| is_quote_char(*c)) {
            let inner = trimmed[..trimmed.len() - 1].trim_end_matches('\\');
            let start = inner.rfind(quote).map_or(0, |at| at + 1);
            let name = &inner[start..];
            // A name with escapes in it could be any.
            let secret = self.rules.is_name(name) || name.contains("\\u");
            return secret.then_some(Name {
                start: self.read + start,
                quoted: true,
                of_line: false,
            });
        }

        let line = before.rsplit('\n').next().unwrap_or(before);
        let words = line.rsplit(is_quote_char).next().unwrap_or(line);
        let mut start = words.len();
        for _ in 0..MOST_WORDS {
            let left = words[..start].trim_end();
            let word = left.rsplit(ends_word).next().unwrap_or(left);
            if word.is_empty() {
                break;
            }
            start = left.len() - word.len();
            let name = words[start..].trim_end();
            if self.rules.is_name(name) {
                let normal = normalised(name);
                return Some(Name {
                    start: mark - words.len() + start,
                    quoted: false,
                    of_line: NAMES_OF_LINES.iter().any(|own| is_same_name(own, &normal)),
                });
            }
        }
        None
    }

    /// The end of a value at the start of a line: of the line, and of those after it that are further to the right.
    fn block_end(&self, start: usize) -> usize {
        let indent = |line: usize| run_end(self.bytes, line, is_blank) - line;
        let own = indent(self.line);
        let mut end = line_end(self.bytes, start);
        let empty = end == start;
        while let Some(b'\r' | b'\n') = self.bytes.get(end) {
            let next = run_end(self.bytes, end, |b| b == b'\r');
            if self.bytes.get(next) != Some(&b'\n') {
                break;
            }
            let next = next + 1;
            let deep = indent(next);
            let word = self.bytes.get(next + deep).copied().unwrap_or(b'\n');
            // A list in YAML need not be.
            let belongs = deep > own || empty && deep == own && word == b'-';
            if !belongs || matches!(word, b'\r' | b'\n') {
                break;
            }
            end = line_end(self.bytes, next);
        }
        end
    }
}

/// `text` without the white space at its end, also such as is written as an escape: JSON may be in a string.
fn trim_end_escaped(text: &str) -> &str {
    let mut text = text.trim_end();
    while let Some(escape) = text.strip_suffix(['n', 'r', 't']) {
        let before = escape.trim_end_matches('\\');
        if before.len() == escape.len() {
            break;
        }
        text = before.trim_end();
    }
    text
}

/// Behind the white space that starts at `from`, also such as is written as an escape.
fn escaped_space_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    loop {
        at = run_end(bytes, at, is_space);
        let letter = run_end(bytes, at, |b| b == b'\\');
        if letter == at || !matches!(bytes.get(letter), Some(b'n' | b'r' | b't')) {
            return at;
        }
        at = letter + 1;
    }
}

/// The end of the value that starts at `start`, in quotes or not.
fn value_end(bytes: &[u8], start: usize, in_json: bool) -> usize {
    let mut at = start;
    let mut open = 0_usize;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'(' | b'[' | b'{' => open += 1,
            b')' | b']' | b'}' if open > 0 => open -= 1,
            b')' | b']' | b'}' if in_json => return at,
            b',' | b';' | b'&' if open == 0 => return at,
            byte if is_space(byte) && open == 0 => {
                // `Secret { .. }`, as Rust's `Debug` writes it.
                let next = run_end(bytes, at, is_blank);
                if next == at || bytes.get(next) != Some(&b'{') {
                    return at;
                }
                at = next;
                continue;
            }
            _ if opens(bytes, at) => match closing_quote(bytes, at, at + 1) {
                Some(closing) => at = closing,
                None => return bytes.len(),
            },
            _ => {}
        }
        at += 1;
    }
    at
}

/// Whether a quoted part may begin here.
pub(super) fn opens(bytes: &[u8], at: usize) -> bool {
    bytes.get(at).is_some_and(|b| is_quote(*b)) && !is_apostrophe(bytes, at)
}

/// Whether this is the one of `don't`, or a quote that ends a word; the `b'` of a byte string is none.
fn is_apostrophe(bytes: &[u8], at: usize) -> bool {
    let ends_word = match &bytes[..at] {
        [b'b' | b'r' | b'u'] => false,
        [.., before, b'b' | b'r' | b'u'] => is_of_word(*before),
        [.., before] => is_of_word(*before),
        [] => false,
    };
    bytes[at] == b'\'' && ends_word
}

/// Where the quote at `open` is closed, at or after `from`: by one behind as many backslashes, or by fewer, before
/// something that is not of a word.
pub(super) fn closing_quote(bytes: &[u8], open: usize, from: usize) -> Option<usize> {
    let level = backslashes_before(bytes, open, 0);
    let mut at = from;
    while let Some(offset) = memchr(bytes[open], bytes.get(at..)?) {
        let quote = at + offset;
        let before = backslashes_before(bytes, quote, at);
        at = quote + 1;
        // One level of escaping doubles the backslashes and adds one before a quote.
        let closes = before < level || before % (2 * (level + 1)) == level;
        if closes && !bytes.get(at).is_some_and(|b| is_of_word(*b)) {
            return Some(quote);
        }
    }
    None
}

fn backslashes_before(bytes: &[u8], at: usize, from: usize) -> usize {
    let before = bytes[from..at].iter().rev();
    before.take_while(|b| **b == b'\\').count()
}

/// The user and password before a URL's host, where a `://` is at `mark`.
fn url_user(bytes: &[u8], mark: usize, cut: bool) -> Option<Range<usize>> {
    let start = mark + "://".len();
    if !bytes[mark..].starts_with(b"://") {
        return None;
    }
    let end = run_end(bytes, start, |b| {
        !is_space(b) && !is_quote(b) && !matches!(b, b'/' | b'?' | b'#' | b'<' | b'>')
    });
    let user = if cut && end == bytes.len() {
        start..end
    } else {
        start..start + bytes[start..end].iter().rposition(|b| *b == b'@')?
    };
    Some(user).filter(|user| !user.is_empty())
}

/// How far the bytes from `from` on are of a kind.
fn run_end(bytes: &[u8], from: usize, is_of_kind: impl Fn(u8) -> bool) -> usize {
    let length = bytes[from..].iter().position(|byte| !is_of_kind(*byte));
    length.map_or(bytes.len(), |length| from + length)
}

fn line_end(bytes: &[u8], from: usize) -> usize {
    let Some(length) = memchr(b'\n', &bytes[from..]) else {
        return bytes.len();
    };
    let returned = bytes[from..from + length].ends_with(b"\r");
    from + length - usize::from(returned)
}

fn ends_word(char: char) -> bool {
    let separates = matches!(
        char,
        ',' | ';' | '&' | '(' | ')' | '{' | '}' | '<' | '>' | '|' | '!' | '?' | '#' | '/' | '\\'
    );
    separates || char.is_whitespace()
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}

pub(super) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}

fn is_quote_char(char: char) -> bool {
    u8::try_from(char).is_ok_and(is_quote)
}

fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
