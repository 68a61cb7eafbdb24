//! Where a value in a text ends.

use std::ops::Range;

use memchr::{memchr, memchr2, memchr3, memmem, memrchr};

use super::name::{self, Name};
use crate::characters::{find, table};

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// In quotes, which may be escaped.
    Quoted,
    /// Up to the end of its line.
    Line,
    /// Up to a separator, such as the `&` of a query or the `;` of a connection string; it may have spaces in it.
    Separated,
    /// One token.
    Token,
}

/// The opening quote at `at`, behind any backslashes and the prefix of a byte string: where the value starts.
pub(super) fn quoted_start(bytes: &[u8], at: usize) -> Option<usize> {
    let prefix = usize::from(matches!(
        &bytes[at..],
        [b'b' | b'r' | b'u' | b'@', b'"' | b'\'', ..]
    ));
    let quote = skip(bytes, at + prefix, |b| b == b'\\');
    let mark = *bytes.get(quote).filter(|b| is_quote(**b))?;
    Some(match bytes[quote..] {
        // A block string of GraphQL or Python.
        [_, second, third, ..] if (second, third) == (mark, mark) => quote + 3,
        _ => quote + 1,
    })
}

/// The end of a value whose opening quote is right before `start`: its closing quote, or the end of the text.
pub(super) fn quoted_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start - 1];
    if let Some(marks @ [first, second, _]) = start.checked_sub(3).map(|at| &bytes[at..start]) {
        if (*first, *second) == (quote, quote) {
            let end = memmem::find(&bytes[start..], marks);
            return end.map_or(bytes.len(), |length| start + length);
        }
    }
    let backslashes = bytes[..start - 1].iter().rev();
    let opening = backslashes.take_while(|b| **b == b'\\').count();
    let mut at = start;
    while let Some(offset) = memchr2(quote, b'\\', &bytes[at..]) {
        at += offset;
        if bytes[at] == quote {
            return at;
        }
        let letter = skip(bytes, at, |b| b == b'\\');
        // In a text that is itself in quotes, as many backslashes as opened the value close it, and fewer close the text.
        if letter - at <= opening && bytes.get(letter) == Some(&quote) {
            return at;
        }
        at = bytes.len().min(letter + 1);
    }
    bytes.len()
}

/// The bracket that opens the value at `start`, which may have the name of a type before it as in `Some("..")` and `Pin { .. }`.
pub(super) fn bracket(bytes: &[u8], start: usize) -> Option<usize> {
    let has_type = bytes.get(start).is_some_and(u8::is_ascii_uppercase);
    let bracket = skip(bytes, start, |b| {
        has_type && (b.is_ascii_alphanumeric() || b == b'_')
    });
    match bytes.get(bracket..)? {
        [b'[' | b'{', ..] => Some(bracket),
        [b'(', ..] if has_type => Some(bracket),
        [b' ', b'{', ..] if has_type => Some(bracket + 1),
        _ => None,
    }
}

/// The end of what the bracket at `start` opens; the end of the text if nothing closes it.
pub(super) fn bracketed_end(bytes: &[u8], start: usize) -> usize {
    let mut open = 0_usize;
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'[' | b'{' | b'(' => open += 1,
            b']' | b'}' | b')' => open -= 1,
            b'"' => at = quoted_end(bytes, at + 1),
            // No apostrophe: `it's`.
            b'\'' if !bytes[at - 1].is_ascii_alphanumeric() => at = quoted_end(bytes, at + 1),
            _ => {}
        }
        at += 1;
        if open == 0 {
            return at.min(bytes.len());
        }
    }
    bytes.len()
}

pub(super) fn token_end(bytes: &[u8], from: usize) -> usize {
    /// Quotes, separators, closing brackets, blanks and control characters.
    static ENDS_TOKEN: [bool; 256] = {
        let mut table = table(b"\"'`,;&<>)]}\\");
        let mut byte = 0;
        while byte <= b' ' {
            table[byte as usize] = true;
            byte += 1;
        }
        table
    };
    skip(bytes, from, |b| !ENDS_TOKEN[usize::from(b)])
}

/// The end of a value up to a separator, a quote or the end of its line.
pub(super) fn separated_end(bytes: &[u8], from: usize, separator: u8) -> usize {
    skip(bytes, from, |b| {
        b != separator
            && !matches!(b, b'"' | b'\'' | b'\r' | b'\n' | b'<' | b'>')
            && (separator != b'&' || !matches!(b, b' ' | b'#' | b')' | b'`'))
    })
}

/// The end of the line, which may be escaped: a document in a string.
pub(super) fn line_end(bytes: &[u8], from: usize) -> usize {
    let mut at = from;
    while let Some(length) = memchr3(b'\n', b'\r', b'\\', &bytes[at..]) {
        at += length;
        if bytes[at] != b'\\' || next_line(bytes, at).is_some() {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// The end of the line of a pair whose value starts at `from`. An escaped end of a line may stand in a value, where lines
/// have real ends.
pub(super) fn pair_line_end(bytes: &[u8], name: &Name, from: usize) -> usize {
    let is_break = |byte: u8| matches!(byte, b'\n' | b'\r');
    let real = || find(bytes, from, is_break, |far| memchr2(b'\n', b'\r', far));
    let real = match name.line.map(|start| &bytes[..start]) {
        Some([.., b'\n' | b'\r']) => Some(real().unwrap_or(bytes.len())),
        Some([]) => real(),
        _ => None,
    };
    if let Some(real) = real {
        return real;
    }
    let mut end = line_end(bytes, from);
    while let Some(next) = next_line(bytes, end).filter(|next| !begins_line(bytes, *next)) {
        end = line_end(bytes, next);
    }
    end
}

/// Whether what is at `at` is how lines begin that have pairs, rather than more of a value.
fn begins_line(bytes: &[u8], at: usize) -> bool {
    let Some(first) = bytes.get(at) else {
        return true;
    };
    if !first.is_ascii_alphanumeric() && *first != b'_' {
        return true;
    }
    let reach = &bytes[..bytes.len().min(at + name::LONGEST)];
    let name = skip(reach, at, |b| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b' ')
    });
    matches!(bytes.get(name), Some(b':' | b'=' | b'/'))
}

/// The end of a value in the braces of ODBC, `;PWD={..}`, whose name and mark are at `name` and `mark`.
pub(super) fn braced_end(bytes: &[u8], name: usize, mark: usize, start: usize) -> Option<usize> {
    let is_of_list = bytes[..name].ends_with(b";") && bytes[mark] == b'=';
    if !is_of_list || bytes.get(start) != Some(&b'{') {
        return None;
    }
    let end = memchr(b'}', &bytes[start..]);
    Some(end.map_or(bytes.len(), |length| start + length + 1))
}

/// Whether more variables are set on the line of one, before a command: `A_KEY=1 REGION=2 ./run`.
pub(super) fn is_assignment_before_others(name: &str, rest: &[u8]) -> bool {
    let is_of_variable = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_';
    let token = skip(rest, 0, |b| b != b' ');
    let next = skip(rest, token, |b| b == b' ');
    let end = skip(rest, next, is_of_variable);
    name.bytes().all(is_of_variable) && end > next && rest.get(end) == Some(&b'=')
}

/// Of a longer address all is hidden: if it was shown, an address in it could be read again, and another one in that.
const LONGEST_ADDRESS: usize = 512;

/// The secret of an address of Oracle, `jdbc:oracle:thin:user/secret@host`, whose last `:` before the user is at `mark`.
#[inline]
pub(super) fn oracle_secret(bytes: &[u8], mark: usize, truncated: bool) -> Option<Range<usize>> {
    let is_driver = match &bytes[..mark] {
        driver @ [.., b':', b't', b'h', b'i', b'n'] => driver.ends_with(b"jdbc:oracle:thin"),
        driver @ [.., b':', b'o', b'c', b'i'] => driver.ends_with(b"jdbc:oracle:oci"),
        _ => false,
    };
    if !is_driver {
        return None;
    }
    let limit = bytes.len().min(mark + LONGEST_ADDRESS);
    let end = token_end(&bytes[..limit], mark + 1);
    if end == limit && limit < bytes.len() {
        return Some(mark + 1..token_end(bytes, end));
    }
    let slash = mark + memchr(b'/', &bytes[mark..end])?;
    match memrchr(b'@', &bytes[slash..end]) {
        Some(at) => Some(slash + 1..slash + at),
        None => (truncated && end == bytes.len()).then_some(slash + 1..end),
    }
}

/// The end of the lines from `from`, the end of one, on that are further to the right than `indent`, or of the items of a
/// list there.
pub(super) fn block_end(bytes: &[u8], from: usize, indent: usize, may_be_list: bool) -> usize {
    let mut end = from;
    while let Some(start) = next_line(bytes, end) {
        let text = skip(bytes, start, |b| matches!(b, b' ' | b'\t'));
        let is_list = may_be_list && bytes.get(text) == Some(&b'-') && text - start == indent;
        let is_deeper = text - start > indent && !ends_line(bytes, text);
        if !is_deeper && !is_list {
            return end;
        }
        end = line_end(bytes, text);
    }
    end
}

/// Whether a blank, the end of a line or that of the text comes first.
#[inline]
pub(super) fn is_blank(rest: &[u8]) -> bool {
    matches!(rest, [] | [b' ' | b'\t', ..]) || next_line(rest, 0).is_some()
}

/// The start of the line behind `end`, the end of one; line ends may be escaped.
#[inline]
pub(super) fn next_line(bytes: &[u8], end: usize) -> Option<usize> {
    match bytes.get(end..)? {
        [b'\n', ..] => Some(end + 1),
        [b'\r', b'\n', ..] | [b'\\', b'n', ..] => Some(end + 2),
        [b'\\', b'r', b'\\', b'n', ..] => Some(end + 4),
        _ => None,
    }
}

/// Whether a line ends at `at`.
pub(super) fn ends_line(bytes: &[u8], at: usize) -> bool {
    matches!(bytes.get(at), None | Some(b'\r')) || next_line(bytes, at).is_some()
}

/// Where the value that starts at `from` is written to, without the blanks at its end.
pub(super) fn trimmed(bytes: &[u8], range: Range<usize>) -> Range<usize> {
    let blanks = bytes[range.clone()]
        .iter()
        .rev()
        .take_while(|b| matches!(b, b' ' | b'\t' | b'\r'))
        .count();
    range.start..range.end - blanks
}

pub(super) fn skip(bytes: &[u8], from: usize, is_of_kind: impl Fn(u8) -> bool) -> usize {
    let from = from.min(bytes.len());
    let length = bytes[from..].iter().position(|byte| !is_of_kind(*byte));
    length.map_or(bytes.len(), |length| from + length)
}

pub(super) fn is_quote(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`')
}
