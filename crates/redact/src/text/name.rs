//! The name before a mark.

use std::ops::Range;

use memchr::{memrchr2, memrchr_iter};

use super::value::is_quote;
use crate::characters::boundary_from;

/// No name that is looked for is longer.
pub(super) const LONGEST: usize = 96;

/// The most words of a name that is not in quotes, such as `social security number: 1`.
pub(super) const MOST_WORDS: usize = 4;

/// A name before a mark.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) range: Range<usize>,
    pub(super) quoted: bool,
}

/// The name that ends before `end`, and does not start before `from`.
pub(super) fn before(text: &str, from: usize, end: usize) -> Option<Name> {
    let bytes = text.as_bytes();
    let from = from.max(end.saturating_sub(LONGEST));
    let end = from
        + bytes[from..end]
            .iter()
            .rposition(|b| !matches!(b, b' ' | b'\t' | b'?'))?
        + 1;
    // `config['password'] = ..`
    let end = match bytes[from..end] {
        [.., quote, b']'] if is_quote(quote) => end - 1,
        _ => end,
    };
    if let [.., quote @ (b'"' | b'\'' | b'`')] = bytes[from..end] {
        let inner = trim_backslashes(bytes, from, end - 1);
        let start = bytes[from..inner].iter().rposition(|byte| *byte == quote)?;
        return Some(Name {
            range: from + start + 1..inner,
            quoted: true,
        });
    }
    let start = bare_start(bytes, from, end);
    (start < end && text.is_char_boundary(start)).then_some(Name {
        range: start..end,
        quoted: false,
    })
}

/// Whether a name is a number, or a date before a time: no name of the table begins with a digit and has but one letter.
pub(super) fn is_number(name: &str) -> bool {
    let bytes = name.as_bytes();
    let others = bytes.iter().filter(|b| !b.is_ascii_digit() && **b != b'-');
    bytes.first().is_some_and(u8::is_ascii_digit) && others.count() < 2
}

/// Where the word starts that a name of the words up to `start` would start with.
pub(super) fn word_before(bytes: &[u8], from: usize, start: usize) -> Option<usize> {
    let end = start.checked_sub(1).filter(|blank| bytes[*blank] == b' ')?;
    let start = bare_start(bytes, from.max(end.saturating_sub(LONGEST)), end);
    (start < end).then_some(start)
}

fn trim_backslashes(bytes: &[u8], from: usize, end: usize) -> usize {
    let backslashes = bytes[from..end]
        .iter()
        .rev()
        .take_while(|b| **b == b'\\')
        .count();
    end - backslashes
}

/// Where the name starts that ends before `end` without quotes.
fn bare_start(bytes: &[u8], from: usize, end: usize) -> usize {
    let is_of_name = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || !byte.is_ascii()
            || matches!(byte, b'_' | b'-' | b'.' | b'[' | b']' | b'$' | b'@')
    };
    let length = bytes[from..end]
        .iter()
        .rev()
        .take_while(|b| is_of_name(**b))
        .count();
    let start = boundary_from(bytes, end - length).min(end);
    match (
        start.checked_sub(1).map(|before| bytes[before]),
        &bytes[start..end],
    ) {
        // An escape before the name is none of its letters.
        (Some(b'%'), [high, low, ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
            start + 2
        }
        (Some(b'\\'), [b'n' | b't' | b'r', ..]) => start + 1,
        _ => start,
    }
}

/// Whether nothing but indentation, or a mark of a list or a command, is before `at` on its line.
pub(super) fn starts_line(bytes: &[u8], at: usize) -> bool {
    let mut before = &bytes[at.saturating_sub(LONGEST)..at];
    loop {
        before = match before {
            [rest @ .., b' ' | b'\t' | b'-' | b'*' | b'#' | b'>' | b'+'] => rest,
            [rest @ .., b'e', b'x', b'p', b'o', b'r', b't'] | [rest @ .., b's', b'e', b't'] => rest,
            [rest @ .., b'E', b'N', b'V'] | [rest @ .., b'A', b'R', b'G'] => rest,
            [.., b'\n' | b'\r'] | [.., b'\\', b'n'] => return true,
            [] => return at <= LONGEST,
            _ => return false,
        };
    }
}

/// How far to the right `at` is on its line, which begins before it by [`starts_line`].
pub(super) fn column(bytes: &[u8], at: usize) -> usize {
    let before = &bytes[at.saturating_sub(LONGEST)..at];
    let breaks = [
        memrchr2(b'\n', b'\r', before).map(|at| at + 1),
        memrchr_iter(b'\\', before)
            .find(|at| before.get(at + 1) == Some(&b'n'))
            .map(|at| at + 2),
    ];
    before.len() - breaks.into_iter().flatten().max().unwrap_or_default()
}

/// The quote right before a name, if all of the pair is in quotes: `-H "name: value"`.
pub(super) fn outer_quote(bytes: &[u8], start: usize) -> Option<usize> {
    start
        .checked_sub(1)
        .filter(|before| is_quote(bytes[*before]))
}
