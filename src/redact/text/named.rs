//! Values that stand beside a secret name, anywhere in a text: `name: value`, `"name": "value"`, `name=value`.
//!
//! Best effort: a text has no grammar. In doubt more is masked, so that a quote or a bracket that a value opens and that
//! nothing closes hides the rest of the text.

use std::ops::Range;

use memchr::{memchr, memchr2, memrchr};

use super::{
    super::{names::is_same_name, rules::Rules},
    quotes::{closing_quote, is_quote, opens},
    words::{is_word_byte, run_start, Kind},
};

/// The most words of a name that is not in quotes, such as `social security number: 1`.
const MOST_WORDS: usize = 4;

/// Begins the escape of a letter in JSON.
const ESCAPE: &str = "\\u";

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
        shortest: rules.names.shortest().min(ESCAPE.len() + 1),
        read: 0,
        line: 0,
        first_word: None,
        lines_read: 0,
    };
    while let Some(mark) = next_mark(finder.bytes, finder.read) {
        if let Some(user) = url_user(finder.bytes, mark, cut) {
            found.push(user);
        }
        // All before is done with: no byte is looked at again for another name.
        let Some(name) = finder.name_before(mark) else {
            finder.read = mark + 1;
            continue;
        };
        let value = finder.value_of(&name, mark);
        finder.read = value.end.max(mark + 1);
        finder.lines_read = finder.read;
        if !value.is_empty() {
            found.push(value);
        }
    }
}

/// Where the next `:` or `=` is.
#[inline]
fn next_mark(bytes: &[u8], from: usize) -> Option<usize> {
    // Near ones are found before a search for far ones has begun.
    let near = bytes.len().min(from + 8);
    match bytes[from..near].iter().position(|byte| is_mark(*byte)) {
        Some(length) => Some(from + length),
        None => memchr2(b':', b'=', &bytes[near..]).map(|length| near + length),
    }
}

struct Finder<'t, 'n> {
    text: &'t str,
    bytes: &'t [u8],
    rules: &'n Rules,
    /// No name has fewer bytes.
    shortest: usize,
    /// Where to look for the next name.
    read: usize,
    /// The start of the line that the last name's mark was on.
    line: usize,
    /// The first letter, digit or quote of that line, or its first mark; `None` before the first name.
    first_word: Option<usize>,
    /// Where to look for the next line.
    lines_read: usize,
}

struct Name<'t> {
    text: &'t str,
    start: usize,
    quoted: bool,
}

impl<'t> Finder<'t, '_> {
    /// The value that belongs to a name and the `:` or `=` at `mark` behind it.
    fn value_of(&mut self, name: &Name<'_>, mark: usize) -> Range<usize> {
        self.find_line(mark);
        // `=>`, `:=` and the like.
        let marks = run_end(self.bytes, mark, |b| is_mark(b) || b == b'>');
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
        } else if is_of_line(name.text) {
            end = end.max(line_end(self.bytes, start));
        }
        start..end
    }

    fn find_line(&mut self, mark: usize) {
        let before = &self.bytes[self.lines_read..mark];
        let line = memrchr(b'\n', before).map(|at| self.lines_read + at + 1);
        if line.is_some() || self.first_word.is_none() {
            self.line = line.unwrap_or_default();
            let is_word = |b: &u8| b.is_ascii_alphanumeric() || is_quote(*b) || is_mark(*b);
            let word = self.bytes[self.line..mark].iter().position(is_word);
            self.first_word = Some(word.map_or(mark, |word| self.line + word));
        }
    }

    /// The secret name that ends before the mark.
    #[inline]
    fn name_before(&self, mark: usize) -> Option<Name<'t>> {
        if mark - self.read < self.shortest {
            return None;
        }
        let may_end_quoted = match &self.bytes[self.read..mark] {
            [] => return None,
            [.., b'\\', _] => true,
            [.., last] => !is_word_byte(*last),
        };
        if may_end_quoted {
            let before = trim_end_escaped(&self.text[self.read..mark]);
            if let Some(quote) = before.bytes().last().filter(|last| is_quote(*last)) {
                return self.quoted_name(&before[..before.len() - 1], quote);
            }
        }
        self.name_of_words(mark)
    }

    /// The secret name that ends where a `quote` closes it, if it is `before` that.
    fn quoted_name(&self, before: &'t str, quote: u8) -> Option<Name<'t>> {
        let inner = before.trim_end_matches('\\');
        let start = memrchr(quote, inner.as_bytes()).map_or(0, |at| at + 1);
        let text = &inner[start..];
        // A name with escapes in it could be any.
        let secret = self.rules.is_name(text) || text.contains(ESCAPE);
        secret.then_some(Name {
            text,
            start: self.read + start,
            quoted: true,
        })
    }

    /// The secret name that the last words before the mark are, on its line and not in quotes.
    fn name_of_words(&self, mark: usize) -> Option<Name<'t>> {
        let end = run_start(self.text, self.read, mark, Kind::Space);
        let mut space = end;
        for _ in 0..MOST_WORDS {
            let start = run_start(self.text, self.read, space, Kind::OfWord);
            if start == space {
                break;
            }
            let text = &self.text[start..end];
            if self.rules.is_name(text) {
                return Some(Name {
                    text,
                    start,
                    quoted: false,
                });
            }
            space = run_start(self.text, self.read, start, Kind::Space);
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

/// Whether the values of this name go to the end of the line.
fn is_of_line(name: &str) -> bool {
    NAMES_OF_LINES.iter().any(|own| is_same_name(own, name))
}

/// `text` without the white space at its end, also such as is written as an escape: JSON may be in a string.
fn trim_end_escaped(mut text: &str) -> &str {
    loop {
        let trimmed = match text.as_bytes() {
            [.., b'\\', b'n' | b'r' | b't'] => text[..text.len() - 1].trim_end_matches('\\'),
            [.., last] if last.is_ascii_graphic() => return text,
            _ => text.trim_end(),
        };
        if trimmed.len() == text.len() {
            return text;
        }
        text = trimmed;
    }
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

fn is_mark(byte: u8) -> bool {
    matches!(byte, b':' | b'=')
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t'..=b'\r')
}
