//! The name before a mark.

use std::ops::Range;

use memchr::{memmem, memrchr};

use super::{
    bytes::is_quote,
    value::{ENCODED_QUOTE, ENTITIES},
};
use crate::characters::{boundary_from, table, table_with_words};

/// No name that is looked for is longer.
pub(super) const LONGEST: usize = 96;

/// The most words of a name that is not in quotes, such as `social security number: 1`.
pub(super) const MOST_WORDS: usize = 4;

/// A name before a mark.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) range: Range<usize>,
    pub(super) quoted: bool,
    /// Where its line starts, if nothing but indentation, or a mark of a list or a command, is before it.
    pub(super) line: Option<usize>,
}

impl Name {
    /// A name that is not in quotes.
    #[inline(always)]
    pub(super) fn bare(bytes: &[u8], range: Range<usize>) -> Self {
        Self {
            line: line_start(bytes, range.start),
            range,
            quoted: false,
        }
    }
}

/// The name that ends before `end`, and does not start before `from`.
#[inline(always)]
pub(super) fn before(text: &str, from: usize, end: usize) -> Option<Name> {
    let from = from.max(end.saturating_sub(LONGEST));
    match text.as_bytes()[from..end].last()? {
        b']' | b' ' | b'\t' | b'?' | b'"' | b'\'' | b'`' | b'*' | b';' | b'>' => {
            before_others(text, from, end)
        }
        byte if IS_OF_NAME[usize::from(*byte)] => bare_before(text, from, end),
        _ => None,
    }
}

/// The name before blanks, quotes or brackets that end before `end`.
#[inline(never)]
fn before_others(text: &str, from: usize, end: usize) -> Option<Name> {
    let bytes = text.as_bytes();
    let mut end = end;
    while end > from && matches!(bytes[end - 1], b' ' | b'\t' | b'?') {
        end -= 1;
    }
    if bytes[from..end].ends_with(b">>") {
        // A binary of Erlang.
        end -= 2;
    } else if bytes[from..end].ends_with(b">") {
        // `<b>Password</b>: ..`
        end = from + memrchr(b'<', &bytes[from..end])?;
        if bytes.get(end + 1) != Some(&b'/') {
            return None;
        }
    }
    // `**Password**: ..`
    while end > from && bytes[end - 1] == b'*' {
        end -= 1;
    }
    if bytes[from..end].ends_with(b";") {
        let entity = ENTITIES
            .iter()
            .find(|own| bytes[from..end].ends_with(own))?;
        let inner = end - entity.len();
        let start = from + memmem::rfind(&bytes[from..inner], entity)? + entity.len();
        return Some(Name {
            range: start..inner,
            quoted: true,
            line: None,
        });
    }
    match bytes[from..end] {
        // `config['password'] = ..`
        [.., quote, b']'] if is_quote(quote) => quoted_before(bytes, from, end - 1),
        [.., quote] if is_quote(quote) => quoted_before(bytes, from, end),
        _ => bare_before(text, from, end),
    }
}

#[inline(always)]
fn bare_before(text: &str, from: usize, end: usize) -> Option<Name> {
    let bytes = text.as_bytes();
    let start = bare_start(bytes, from, end);
    (start < end && text.is_char_boundary(start)).then(|| Name::bare(bytes, start..end))
}

/// The name whose closing quote ends at `end`.
#[inline(never)]
fn quoted_before(bytes: &[u8], from: usize, end: usize) -> Option<Name> {
    let quote = bytes[end - 1];
    let inner = trim_backslashes(bytes, from, end - 1);
    let start = bytes[from..inner].iter().rposition(|byte| *byte == quote)?;
    Some(Name {
        range: from + start + 1..inner,
        quoted: true,
        line: None,
    })
}

/// The name of JSON that is percent-encoded, quotes included, whose closing quote ends at `end`.
#[inline(never)]
pub(super) fn encoded_quoted_before(text: &str, from: usize, end: usize) -> Option<Name> {
    let inner = end - ENCODED_QUOTE.len();
    let from = boundary_from(text.as_bytes(), from.max(inner.saturating_sub(LONGEST)));
    let before = text.as_bytes().get(from..inner)?;
    let start = from + memmem::rfind(before, ENCODED_QUOTE)? + ENCODED_QUOTE.len();
    Some(Name {
        range: start..inner,
        quoted: true,
        line: None,
    })
}

/// Fast path: the name that [`before`] would return, if it is short, of ASCII, and has no quotes, nor blanks behind it: empty
/// if there is none.
#[inline(always)]
pub(super) fn plain_before(bytes: &[u8], from: usize, end: usize) -> Option<Range<usize>> {
    const LONGEST: usize = 16;
    let mut start = end;
    let mut all = 0;
    while start > from && IS_OF_NAME[usize::from(bytes[start - 1])] {
        start -= 1;
        all |= bytes[start];
        if end - start > LONGEST {
            return None;
        }
    }
    if start == end && follows_blanks_alone(bytes, from, end) {
        return Some(end..end);
    }
    match (&bytes[..start], &bytes[start..end]) {
        ([.., b' ' | b'\t' | b'?' | b'"' | b'\'' | b'`' | b'*' | b';' | b'>'], [])
        | (_, [.., b']']) => return None,
        ([.., b')'], []) if bytes.get(end) == Some(&b'=') => return None,
        ([.., b'%'], [high, low, ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
            start += "41".len();
        }
        _ => {}
    }
    (all < 0x80).then_some(start..end)
}

/// Whether `end` is behind blanks, and no name is before them: of parameters with a blank for a name there may be many.
#[inline(always)]
fn follows_blanks_alone(bytes: &[u8], from: usize, end: usize) -> bool {
    /// What a name ends with, or what is behind it.
    static ENDS_NAME: [bool; 256] = table_with_words(b"_-.[]$@?\"'`*;>");
    let before = &bytes[from.max(end.saturating_sub(LONGEST))..end];
    let ends_name = |byte: &u8| ENDS_NAME[usize::from(*byte)];
    before.ends_with(b" ") && !before.trim_ascii_end().last().is_some_and(ends_name)
}

/// Whether a name is a number, or a date before a time: no name of the table begins with a digit and has but one letter.
#[inline]
pub(super) fn is_number(name: &str) -> bool {
    name.as_bytes().first().is_some_and(u8::is_ascii_digit) && has_one_other(name.as_bytes())
}

#[inline(never)]
fn has_one_other(name: &[u8]) -> bool {
    let is_other = |b: &&u8| !b.is_ascii_digit() && **b != b'-';
    name.iter().filter(is_other).count() < 2
}

/// Where the word starts that a name of the words up to `start` would start with.
#[inline]
pub(super) fn word_before(bytes: &[u8], from: usize, start: usize) -> Option<usize> {
    // A name in an end tag is before what may be read.
    let is_blank = |blank: &usize| bytes[*blank] == b' ' && *blank >= from;
    let end = start.checked_sub(1).filter(is_blank)?;
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
#[inline(always)]
fn bare_start(bytes: &[u8], from: usize, end: usize) -> usize {
    let mut start = of_name_start(bytes, from, end);
    if start == from {
        // The limit may be within a character.
        start = boundary_from(bytes, start).min(end);
    }
    match (&bytes[..start], &bytes[start..end]) {
        // An escape before the name is none of its letters.
        ([.., b'%'], [high, low, ..]) if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
            start + 2
        }
        ([.., b'\\'], [b'n' | b't' | b'r', ..]) => start + 1,
        _ => start,
    }
}

/// Where the bytes of a name without quotes start that end before `end`.
#[inline]
fn of_name_start(bytes: &[u8], from: usize, end: usize) -> usize {
    let is_other = |byte: &u8| !IS_OF_NAME[usize::from(*byte)];
    let other = bytes[from..end].iter().rposition(is_other);
    other.map_or(from, |at| from + at + 1)
}

/// The bytes of names without quotes.
static IS_OF_NAME: [bool; 256] = table_with_words(b"_-.[]$@");

/// Where the line starts on which nothing but indentation, or a mark of a list or a command, is before `at`.
#[inline]
pub(super) fn line_start(bytes: &[u8], at: usize) -> Option<usize> {
    /// What may be before a name that begins its line.
    static BEFORE: [bool; 256] = table(b"\n\r \t-*#>+ntVG");
    let is_within = |byte: &u8| !BEFORE[usize::from(*byte)];
    match &bytes[..at] {
        // Most names in sentences are behind another word.
        [.., other, b' '] | [.., other] if is_within(other) => None,
        before => line_start_before(before),
    }
}

#[inline(never)]
fn line_start_before(bytes: &[u8]) -> Option<usize> {
    let from = bytes.len().saturating_sub(LONGEST);
    let mut start = bytes.len();
    while start > from {
        start -= match bytes[start - 1] {
            b'\n' | b'\r' => return Some(start),
            b' ' | b'\t' | b'-' | b'*' | b'#' | b'>' | b'+' => 1,
            b'n' if bytes[from..start].ends_with(b"\\n") => return Some(start),
            b't' | b'V' | b'G' => command_before(&bytes[from..start])?,
            _ => return None,
        };
    }
    (from == 0).then_some(0)
}

/// The length of the command that ends here, and sets what the name behind it says.
fn command_before(bytes: &[u8]) -> Option<usize> {
    let commands = [&b"export"[..], b"set", b"ENV", b"ARG"];
    let is_last = |command: &&[u8]| bytes.ends_with(command);
    commands.into_iter().find(is_last).map(<[u8]>::len)
}

/// The quote right before a name, if all of the pair is in quotes: `-H "name: value"`.
pub(super) fn outer_quote(bytes: &[u8], start: usize) -> Option<usize> {
    start
        .checked_sub(1)
        .filter(|before| is_quote(bytes[*before]))
}
