//! Tables: the cells below a secret name in the first line, as in CSV, and the values of an SQL `INSERT` for secret columns.

use std::ops::Range;

use memchr::{memchr, memmem::Finder, memrchr};

use super::{
    bytes::{is_quote, skip},
    scanner::Scanner,
    value::{self, Style},
};
use crate::{characters::Characters, names::NameClass};

/// The longest line of names that is read as one.
const LONGEST_HEAD: usize = 1024;
/// The longest name of a column.
const LONGEST_NAME: usize = 40;

/// Whether a text with these characters may be a table: it has several lines, and what is between names in the first one.
#[inline]
pub(super) fn may_be_table(text: &[u8], seen: Characters) -> bool {
    const SEPARATORS: Characters = Characters::set(b",;|\t");
    let first = &text[..text.len().min(LONGEST_HEAD)];
    seen.has_any(SEPARATORS) && memchr(b'\n', first).is_some()
}

/// Whether a text begins with a line that may be one of names.
pub(crate) fn may_begin_table(text: &[u8]) -> bool {
    head(text).is_some()
}

/// The first line, if it may be one of names, and what is between them.
fn head(bytes: &[u8]) -> Option<(Range<usize>, u8)> {
    // A border, as clients of databases draw it, may be above.
    let start = skip(bytes, 0, |b| {
        b.is_ascii_whitespace() || matches!(b, b'+' | b'-' | b'=')
    });
    let reach = bytes.len().min(start + LONGEST_HEAD);
    let end = start + memchr(b'\n', &bytes[start..reach])?;
    Some((start..end, separator(&bytes[start..end])?))
}

/// Hides the cells below the secret names that the first line has, if it is of a table.
pub(super) fn find(scanner: &mut Scanner<'_>) {
    let bytes = scanner.bytes;
    let Some((Range { start, end }, separator)) = head(bytes) else {
        return;
    };
    let mut columns: Vec<NameClass> = Vec::new();
    let mut at = start;
    while at < end {
        let (cell, next) = cell(bytes, at, end, separator);
        if !is_name(&bytes[cell.clone()]) {
            return;
        }
        columns.push(scanner.class_of(&scanner.text[cell]));
        at = next;
    }
    if columns.len() < 2 || !columns.iter().any(|class| class.is_secret()) {
        return;
    }
    let mut line = end + 1;
    while line < bytes.len() {
        let end = rows(scanner, line, separator, &columns);
        if end == line {
            return;
        }
        line = end;
    }
}

/// Hides the secret cells of the line that starts at `start`; returns where the next one starts, or `start` if the table is over.
fn rows(scanner: &mut Scanner<'_>, start: usize, separator: u8, columns: &[NameClass]) -> usize {
    let bytes = scanner.bytes;
    let end = memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |length| start + length);
    if end > start && bytes[start..end].iter().all(|b| b"-+=:| \r".contains(b)) {
        // The line below the names.
        return bytes.len().min(end + 1);
    }
    let (mut at, mut cells) = (start, 0);
    let found = scanner.found.len();
    loop {
        let (range, next) = cell(bytes, at, bytes.len(), separator);
        if let Some(class) = columns.get(cells).filter(|class| class.is_secret()) {
            scanner.hide_if(*class, range, Style::Quoted);
        }
        cells += 1;
        let is_last = bytes[at..next].last() != Some(&separator);
        at = next;
        if is_last {
            break;
        }
    }
    if cells < 2 {
        scanner.found.truncate(found);
        return start;
    }
    at
}

/// What is between the names of a line, if it may be one of names. A comma before a blank is one of a sentence.
fn separator(line: &[u8]) -> Option<u8> {
    let separator = [b'\t', b'|', b';', b',']
        .into_iter()
        .find(|separator| memchr(*separator, line).is_some())?;
    let is_of_sentence = separator == b',' && line.windows(2).any(|two| two == b", ");
    (!is_of_sentence).then_some(separator)
}

/// The cell that starts at `at`, without quotes and blanks around it, and where the next one starts, or the next line.
fn cell(bytes: &[u8], at: usize, end: usize, separator: u8) -> (Range<usize>, usize) {
    let start = skip(&bytes[..end], at, |b| b == b' ');
    if bytes.get(start) == Some(&b'"') && start < end {
        // A quote is doubled in a cell.
        let mut close = start + 1;
        while let Some(length) = memchr(b'"', &bytes[close..end]) {
            close += length;
            if bytes.get(close + 1) != Some(&b'"') {
                break;
            }
            close += 2;
        }
        let is_closed = close < end && bytes[close] == b'"';
        let close = if is_closed { close } else { end };
        let next = skip(&bytes[..end], close, |b| b != separator && b != b'\n');
        return (start + 1..close, end.min(next + 1));
    }
    let next = skip(&bytes[..end], start, |b| b != separator && b != b'\n');
    (value::trimmed(bytes, start..next), end.min(next + 1))
}

fn is_name(cell: &[u8]) -> bool {
    let is_of_name = |b: &u8| b.is_ascii_alphanumeric() || !b.is_ascii() || b"_-. ".contains(b);
    let blanks = cell.iter().filter(|b| **b == b' ').count();
    cell.len() <= LONGEST_NAME && cell.iter().all(is_of_name) && blanks <= 2
}

/// Whether an `INSERT`, or a user's secret, may be in a text with these characters.
#[inline]
pub(super) fn may_have_statements(seen: Characters) -> bool {
    const INSERT: Characters = Characters::set(b"values(");
    const IDENTIFIED: Characters = Characters::set(b"identified '");
    seen.has_all(INSERT) || seen.has_all(IDENTIFIED)
}

/// Hides the literals that statements of SQL give for secret columns, and for a user's secret.
pub(super) fn in_statements(scanner: &mut Scanner<'_>) {
    for word in ["VALUES", "values", "Values"] {
        let mut read = 0;
        for at in Finder::new(word).find_iter(scanner.bytes) {
            if at >= read {
                read = insert(scanner, at, at + word.len()).unwrap_or(at);
            }
        }
    }
    for word in ["IDENTIFIED ", "identified "] {
        let mut read = 0;
        for at in Finder::new(word).find_iter(scanner.bytes) {
            if at >= read {
                read = identified(scanner, at + word.len()).unwrap_or(at);
            }
        }
    }
}

/// Reads `(name, password) VALUES ('ada', '..'), ..` around the `VALUES` from `word` to `start`; returns where it ends.
fn insert(scanner: &mut Scanner<'_>, word: usize, start: usize) -> Option<usize> {
    let bytes = scanner.bytes;
    let from = word.saturating_sub(LONGEST_HEAD);
    let close = from + bytes[from..word].trim_ascii_end().strip_suffix(b")")?.len();
    let open = from + memrchr(b'(', &bytes[from..close])?;
    // Limits count bytes, and a name may be of any characters.
    let names = scanner.text.get(open + 1..close)?;
    if names.contains(')') {
        return None;
    }
    let columns: Vec<_> = names
        .split(',')
        .map(|name| {
            scanner.class_of(name.trim_matches(|c: char| c.is_whitespace() || "\"`[]'".contains(c)))
        })
        .collect();
    if !columns.iter().any(|class| class.is_secret()) {
        return None;
    }
    let mut at = skip(bytes, start, |b| b.is_ascii_whitespace());
    while bytes.get(at) == Some(&b'(') {
        at = tuple(scanner, at + 1, &columns);
        let comma = skip(bytes, at, |b| b.is_ascii_whitespace());
        if bytes.get(comma) != Some(&b',') {
            break;
        }
        at = skip(bytes, comma + 1, |b| b.is_ascii_whitespace());
    }
    Some(at)
}

/// Hides the secret ones of the values that start at `at`; returns where their closing parenthesis ends.
fn tuple(scanner: &mut Scanner<'_>, mut at: usize, columns: &[NameClass]) -> usize {
    let bytes = scanner.bytes;
    for column in 0.. {
        let start = skip(bytes, at, |b| b.is_ascii_whitespace());
        let end = expression_end(bytes, start);
        if columns.get(column).is_some_and(|class| class.is_secret()) {
            let said = &bytes[start..end];
            // A parameter is none: `$1`, `?`, `:name`.
            let is_literal =
                said.iter().any(|b| is_quote(*b)) || said.first().is_some_and(u8::is_ascii_digit);
            if is_literal {
                scanner.found.push(value::trimmed(bytes, start..end));
            }
        }
        at = bytes.len().min(end + 1);
        if bytes.get(end) != Some(&b',') {
            break;
        }
    }
    at
}

/// The end of an expression of SQL: its comma, the parenthesis around it, or the end of the text.
fn expression_end(bytes: &[u8], from: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = from;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\'' | b'"' => at = value::quoted_end(bytes, at + 1),
            b'(' => depth += 1,
            b')' if depth == 0 => return at,
            b')' => depth -= 1,
            b',' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

/// Hides the secret of `IDENTIFIED BY '..'` and `IDENTIFIED WITH plugin AS '..'`, whose words behind the first start at
/// `start`; returns where it ends.
fn identified(scanner: &mut Scanner<'_>, start: usize) -> Option<usize> {
    /// No name of a plugin is longer.
    const REACH: usize = 80;
    const BEFORE_SECRET: [&[u8]; 6] = [b"BY", b"AS", b"by", b"as", b"BY PASSWORD", b"by password"];
    let bytes = scanner.bytes;
    let reach = &bytes[start..bytes.len().min(start + REACH)];
    if let Some(bare) = reach.strip_prefix(b"BY ") {
        // Oracle has no quotes around it.
        let length = skip(bare, 0, |b| b > b' ' && !is_quote(b) && b != b';');
        if length > 0 && !bare.starts_with(b"PASSWORD") && !bare.starts_with(b"VALUES") {
            let start = start + "BY ".len();
            scanner.found.push(start..start + length);
            return Some(start + length);
        }
    }
    let quote = reach.iter().position(|b| is_quote(*b))?;
    let words = reach[..quote].trim_ascii_end();
    if !BEFORE_SECRET.iter().any(|word| words.ends_with(word)) {
        return None;
    }
    let start = start + quote + 1;
    let end = value::quoted_end(bytes, start);
    scanner.found.push(start..end);
    Some(end)
}
