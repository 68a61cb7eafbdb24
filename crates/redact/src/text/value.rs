//! Where a value in a text ends.

use std::ops::Range;

use memchr::{memchr, memchr2, memchr3, memmem, memrchr};

use super::{
    bytes::{is_quote, skip},
    name::{self, Name},
};
use crate::characters::{find, table, table_with_blanks};

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

/// A quote of JSON, percent-encoded.
pub(super) const ENCODED_QUOTE: &[u8] = b"%22";

/// The value behind a percent-encoded mark that ends at `start`: what is between encoded quotes, or up to a separator.
pub(super) fn encoded(bytes: &[u8], start: usize) -> Range<usize> {
    let mut at = start;
    while bytes[at..].starts_with(b"%20") {
        at += "%20".len();
    }
    at = skip(bytes, at, |b| b == b'+');
    let Some(inner) = bytes[at..].strip_prefix(ENCODED_QUOTE) else {
        let is_end = |at: &usize| {
            let byte = bytes[*at];
            byte <= b' '
                || matches!(byte, b'&' | b'"' | b'\'' | b'#')
                || bytes[*at..].starts_with(b"%26")
        };
        return start..(start..bytes.len()).find(is_end).unwrap_or(bytes.len());
    };
    let start = bytes.len() - inner.len();
    let is_close = |at: &usize| !inner[..*at].ends_with(b"%5C") && !inner[..*at].ends_with(b"%5c");
    let end = memmem::find_iter(inner, ENCODED_QUOTE).find(is_close);
    start..end.map_or(bytes.len(), |length| start + length)
}

/// A quote in markup is written so.
pub(super) const ENTITIES: [&[u8]; 4] = [b"&quot;", b"&#34;", b"&#39;", b"&apos;"];

/// The opening quote at `at`, behind any backslashes and the prefix that literals have in SQL and programming languages, as in
/// `N'..'`, `rb".."` and `@$".."`: where the value starts.
#[inline]
pub(super) fn quoted_start(bytes: &[u8], at: usize) -> Option<usize> {
    /// Quotes, and what may be before one.
    static MAY_BEGIN: [bool; 256] = table(b"\"'`\\&<bBrRuUfFnNeEL@$");
    match bytes.get(at) {
        Some(first) if MAY_BEGIN[usize::from(*first)] => behind_quote(bytes, at),
        _ => None,
    }
}

#[inline(never)]
fn behind_quote(bytes: &[u8], at: usize) -> Option<usize> {
    const OF_PREFIX: &[u8] = b"bBrRuUfFnNeEL@$";
    if bytes[at] == b'&' {
        let entity = ENTITIES.iter().find(|own| bytes[at..].starts_with(own));
        return entity.map(|own| at + own.len());
    }
    let prefix = match bytes[at..] {
        [one, b'"' | b'\'', ..] if OF_PREFIX.contains(&one) => 1,
        [one, two, b'"' | b'\'', ..] if OF_PREFIX.contains(&one) && OF_PREFIX.contains(&two) => 2,
        // A binary of Erlang.
        [b'<', b'<', b'"', ..] => 2,
        _ => 0,
    };
    let quote = skip(bytes, at + prefix, |b| b == b'\\');
    let mark = *bytes.get(quote).filter(|b| is_quote(**b))?;
    Some(match bytes[quote..] {
        // A block string of GraphQL or Python.
        [_, second, third, ..] if (second, third) == (mark, mark) => quote + 3,
        _ => quote + 1,
    })
}

/// The start of a value behind what dumps have before it: its type and length, `string(6) ".."`, or its address, `0x55 ".."`.
pub(super) fn behind_type(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start..];
    let end = if rest.starts_with(b"string(") {
        let digits = skip(bytes, start + "string(".len(), |b| b.is_ascii_digit());
        digits + usize::from(bytes.get(digits) == Some(&b')'))
    } else if rest.starts_with(b"0x") {
        skip(bytes, start + 2, |b| b.is_ascii_hexdigit())
    } else {
        return start;
    };
    match bytes.get(end..) {
        Some([b' ', b'"', ..]) => end + 1,
        _ => start,
    }
}

/// The start of the value of a property in a dump of PHP, behind its class and visibility: `["password":"App\User":private]=> ".."`.
pub(super) fn behind_visibility(bytes: &[u8], start: usize) -> usize {
    /// No name of a class is longer.
    const LONGEST: usize = 80;
    let reach = &bytes[start..bytes.len().min(start + LONGEST)];
    let Some(close) = memchr(b']', reach) else {
        return start;
    };
    let said = &reach[..close];
    let is_of_class = |b: &u8| b.is_ascii_alphanumeric() || b"_\\:\"".contains(b);
    let is_visibility =
        (said.ends_with(b":private") || said == b"protected") && said.iter().all(is_of_class);
    let arrow = skip(bytes, start + close + 1, |b| b == b' ');
    if !is_visibility || !bytes[arrow..].starts_with(b"=>") {
        return start;
    }
    skip(bytes, arrow + "=>".len(), |b| b.is_ascii_whitespace())
}

/// The end of a value whose opening quote is right before `start`: its closing quote, or the end of the text.
pub(super) fn quoted_end(bytes: &[u8], start: usize) -> usize {
    let quote = bytes[start - 1];
    if quote == b';' {
        let entity = ENTITIES.iter().find(|own| bytes[..start].ends_with(own));
        let end = entity.and_then(|own| memmem::find(&bytes[start..], own));
        return end.map_or(bytes.len(), |length| start + length);
    }
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
    static ENDS_TOKEN: [bool; 256] = table_with_blanks(b"\"'`,;&<>)]}\\");
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
    match &bytes[..mark] {
        [.., b'i', b'n'] | [.., b'c', b'i'] => secret_behind_driver(bytes, mark, truncated),
        _ => None,
    }
}

#[inline(never)]
fn secret_behind_driver(bytes: &[u8], mark: usize, truncated: bool) -> Option<Range<usize>> {
    let drivers = [&b"jdbc:oracle:thin"[..], b"jdbc:oracle:oci"];
    if !drivers.iter().any(|own| bytes[..mark].ends_with(own)) {
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
