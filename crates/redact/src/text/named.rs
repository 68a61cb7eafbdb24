//! Pairs whose name is a value itself: `name: API_KEY, value: ..`, in either order, and `("API_KEY", "..")`.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memrchr};

use super::{
    bytes::{is_quote, skip},
    header,
    name::{self, Name},
    scanner::{Half, Scanner},
    value::{self, Style},
};
use crate::{
    characters::{find, Characters},
    decision::is_plain,
    names::{NameClass, Role, Secrecy},
};

/// Reads `name: API_KEY` or `value: ..`, whose value starts at `start`; returns where to go on if it was hidden.
#[inline(never)]
pub(super) fn half(
    scanner: &mut Scanner<'_>,
    name: &Name,
    role: Role,
    start: usize,
) -> Option<usize> {
    let bytes = scanner.bytes;
    if start < scanner.refused {
        return None;
    }
    let half = Half {
        role,
        start,
        starts_line: name.line.is_some()
            || name.quoted && name::line_start(bytes, name.range.start - 1).is_some(),
    };
    let is_first = |before: &Half| {
        // What was read of it ends before this half: no byte is read twice.
        let read = &bytes[..name.range.start];
        before.role != role && is_beside(&read[said(read, before).0.end..])
    };
    let Some(before) = scanner.half.take().filter(is_first) else {
        scanner.half = Some(half);
        return None;
    };
    let (named, valued) = match role {
        Role::Value => (&before, &half),
        _ => (&half, &before),
    };
    let reach = bytes.len().min(named.start + name::LONGEST);
    let (named, _) = said(&bytes[..reach], named);
    let is_cut = scanner.truncated && named.end == bytes.len();
    let class = scanner.class_of(scanner.text.get(named)?.trim());
    if is_cut {
        // It may have become a secret one.
        scanner.found.push(said(bytes, valued).0);
    }
    if is_cut || !class.is_secret() {
        return None;
    }
    let is_behind = valued.start == start;
    let read = if is_behind {
        bytes
    } else {
        &bytes[..name.range.start]
    };
    let (value, style) = said(read, valued);
    let hidden = scanner.hide_if(class, value.clone(), style);
    if !hidden {
        scanner.refused = value.end;
    }
    (hidden && is_behind).then_some(value.end)
}

/// The text ended behind a value whose name may have followed.
pub(super) fn cut(scanner: &mut Scanner<'_>) {
    let Some(half) = scanner.half.take().filter(|half| half.role == Role::Value) else {
        return;
    };
    let (value, _) = said(scanner.bytes, &half);
    let behind = &scanner.bytes[value.end..];
    let letters = behind
        .iter()
        .rev()
        .take_while(|b| b.is_ascii_alphanumeric());
    let letters = letters.count();
    if is_beside(&behind[..behind.len() - letters]) {
        scanner.found.push(value);
    }
}

/// What a value ends with that may have more behind it on its line.
static ENDS_PART: [bool; 256] = crate::characters::table(b",;})]\"'\n");

/// What the value of a half says, and how it is written.
fn said(bytes: &[u8], half: &Half) -> (Range<usize>, Style) {
    let start = half.start.min(bytes.len());
    let quoted = value::quoted_start(bytes, start);
    if let Some(start) = quoted {
        return (start..value::quoted_end(bytes, start), Style::Quoted);
    }
    let end = match half.starts_line {
        true => value::line_end(bytes, start),
        false => skip(bytes, start, |b| !ENDS_PART[usize::from(b)]),
    };
    (value::trimmed(bytes, start..end), Style::Line)
}

/// Whether nothing but quotes, separators and blanks is between the halves of a pair.
fn is_beside(between: &[u8]) -> bool {
    between.len() <= name::LONGEST
        && between.iter().enumerate().all(|(at, byte)| match byte {
            b'"' | b'\'' | b',' | b';' | b':' | b'\\' => true,
            b'n' | b'r' => at > 0 && between[at - 1] == b'\\',
            byte => byte.is_ascii_whitespace(),
        })
}

fn opens_quote(bytes: &[u8], open: usize) -> bool {
    matches!(
        bytes[skip(bytes, open + 1, |b| b == b' ')..],
        [b'"' | b'\'' | b'`' | b'\\', ..] | [b'b' | b'r' | b'u', b'"' | b'\'', ..]
    )
}

/// Finds the values of `[('password', '..')]`, `setenv("PASSWORD", "..")`.
pub(super) fn in_parentheses(scanner: &mut Scanner<'_>) {
    let bytes = scanner.bytes;
    let mut read = 0;
    while let Some(open) = find(bytes, read, |b| b == b'(', |far| memchr(b'(', far)) {
        read = open + 1;
        if !opens_quote(bytes, open) {
            continue;
        }
        // Fast path: so short a name is none that is secret.
        if matches!(bytes[read..], [b'"' | b'\'' | b'`', of_name, closing, ..] if !closes(of_name) && closes(closing))
            && scanner.rules.names.are_of_table()
        {
            continue;
        }
        if let Some(value) = setter(scanner, open) {
            read = value.end;
            scanner.found.push(value);
        } else if let Some((class, range, is_call)) = parenthesis(scanner, open) {
            let style = if is_call { Style::Token } else { Style::Quoted };
            let end = range.end;
            if scanner.hide_if(class, range, style) {
                read = end;
            }
        }
    }
}

/// The only argument, in quotes, of the call at `open` that sets a secret: `setPassword("..")`, SQL's `PASSWORD('..')`.
fn setter(scanner: &Scanner<'_>, open: usize) -> Option<Range<usize>> {
    let bytes = scanner.bytes;
    let name = name::before(scanner.text, 0, open).filter(|name| name.range.end == open)?;
    let name = scanner.text[name.range].rsplit('.').next()?;
    let is_of_sql = name.bytes().all(|b| b.is_ascii_uppercase());
    let sets = ["set", "with"]
        .iter()
        .find_map(|word| name.strip_prefix(word))
        .or_else(|| Some(name).filter(|_| is_of_sql))?;
    let quote = skip(bytes, open + 1, |b| b == b' ');
    let start = value::quoted_start(bytes, quote)?;
    let end = value::quoted_end(bytes, start);
    let is_cut = scanner.truncated && end + 1 >= bytes.len();
    let is_only = is_cut || bytes.get(end + 1) == Some(&b')');
    let is_of_word = sets.starts_with(|first: char| first == '_' || first.is_ascii_uppercase());
    let least = match is_of_sql {
        // `PASSWORD('..')` hashes it; a label has blanks.
        true if bytes[start..end].contains(&b' ') => return None,
        true => Secrecy::Strong,
        false => Secrecy::Weak,
    };
    let is_secret = || scanner.class_of(sets).secrecy >= least;
    (is_only && is_of_word && end > start && is_secret()).then_some(start..end)
}

/// Hides the values of secret columns in `Key (id, token)=(7, ..)`, an error of PostgreSQL, whose `=` is at `mark`; returns
/// where it ends.
pub(super) fn columns(scanner: &mut Scanner<'_>, mark: usize) -> Option<usize> {
    /// No list of columns is longer.
    const LONGEST: usize = 200;
    let bytes = scanner.bytes;
    if !bytes[..mark].ends_with(b")") || !bytes[mark..].starts_with(b"=(") {
        return None;
    }
    let from = mark.saturating_sub(LONGEST);
    let open = from + memrchr(b'(', &bytes[from..mark])? + 1;
    let names = scanner.text.get(open..mark - 1)?;
    if !bytes[..open].ends_with(b" (") {
        return None;
    }
    let line = &bytes[mark + 2..value::line_end(bytes, mark + 2)];
    let is_cut = || scanner.truncated && mark + 2 + line.len() == bytes.len();
    let length = memrchr(b')', line).or_else(|| is_cut().then_some(line.len()))?;
    let end = mark + 2 + length;
    let mut at = mark + 2;
    let last = names.split(',').count() - 1;
    for (column, name) in names.split(',').enumerate() {
        // The last one may have commas in it.
        let length = memchr(b',', &bytes[at..end]).filter(|_| column < last);
        let next = length.map_or(end, |length| at + length);
        let start = skip(bytes, at, |b| b == b' ').min(next);
        let class = scanner.class_of(name.trim().trim_matches('"'));
        scanner.hide_if(class, start..next, Style::Quoted);
        at = end.min(next + 1);
    }
    Some(end)
}

/// Whether a name and a value of a header, in quotes, may be in a text with these characters.
#[inline]
pub(crate) fn may_have_headers(seen: Characters) -> bool {
    const SEPARATOR: Characters = Characters::set(b",");
    const QUOTES: Characters = Characters::set(b"\"'`");
    const NAMES: [Characters; 3] = [
        Characters::set(b"authorization"),
        Characters::set(b"cookie"),
        Characters::set(b"x-"),
    ];
    seen.has_all(SEPARATOR) && seen.has_any(QUOTES) && NAMES.iter().any(|name| seen.has_all(*name))
}

/// Finds the values of headers as proxies log them: `'authorization', 'Bearer ..'`, a name and a value in quotes.
pub(super) fn in_quotes(scanner: &mut Scanner<'_>) {
    let bytes = scanner.bytes;
    let mut read = 0;
    for comma in memchr_iter(b',', bytes) {
        if comma < read || !bytes[..comma].last().is_some_and(|b| is_quote(*b)) {
            continue;
        }
        if let Some(value) = header_value(scanner, comma) {
            read = value.end;
            scanner.found.push(value);
        }
    }
}

/// The value in quotes behind the `comma`, if the name in quotes before it is of a header with credentials. In a list of
/// names the next one is no value.
fn header_value(scanner: &Scanner<'_>, comma: usize) -> Option<Range<usize>> {
    let bytes = scanner.bytes;
    let value = skip(bytes, comma + 1, |b| b == b' ');
    let start = value::quoted_start(bytes, value)?;
    let name = name::before(scanner.text, 0, comma).filter(|name| name.quoted)?;
    let name = &scanner.text[name.range];
    let is_own = || {
        name.get(..2)
            .is_some_and(|own| own.eq_ignore_ascii_case("x-"))
    };
    if !(header::is_name(name) || is_own() && scanner.class_of(name).is_secret()) {
        return None;
    }
    let range = start..value::quoted_end(bytes, start);
    let said = &scanner.text[range.clone()];
    let is_name = is_plain(said) && !said.contains([' ', '=']);
    (!is_name).then_some(range)
}

/// Whether a name in quotes ends here.
fn closes(byte: u8) -> bool {
    matches!(byte, b'"' | b'\'' | b'`' | b'\\')
}

/// The class of the name behind the parenthesis at `open`, its value, and whether it is of a call.
fn parenthesis(scanner: &Scanner<'_>, open: usize) -> Option<(NameClass, Range<usize>, bool)> {
    let bytes = scanner.bytes;
    let quote = skip(bytes, open + 1, |b| b == b' ');
    let start = value::quoted_start(bytes, quote)?;
    let reach = bytes.len().min(start + name::LONGEST);
    let name = bytes.get(start..reach)?;
    let end = start + name.iter().position(|byte| closes(*byte))?;
    if scanner.rules.names.is_letter_alone(&bytes[start..end]) {
        return None;
    }
    let class = scanner.class_of(&scanner.text[start..end]);
    if !class.is_secret() {
        return None;
    }
    let close = skip(bytes, end, |b| b == b'\\') + 1;
    let comma = skip(bytes, close, |b| b == b' ');
    let value = skip(bytes, comma + 1, |b| b.is_ascii_whitespace());
    if bytes.get(comma) != Some(&b',') || value == bytes.len() {
        return None;
    }
    let start = value::quoted_start(bytes, value)?;
    let blanks = bytes[..open].iter().rev().take_while(|b| **b == b' ');
    let is_call = bytes[..open - blanks.count()]
        .last()
        .is_some_and(|b| !matches!(b, b'[' | b',' | b'('));
    Some((class, start..value::quoted_end(bytes, start), is_call))
}
