//! Strings: where they end, and what they mean.

use memchr::memchr2;

use crate::{
    address,
    characters::{first_refused, padded, HEX},
};

/// What [`scan`] found.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Scan {
    /// A string; `end` is past its closing quote.
    Closed { end: usize, escapes: Escapes },
    /// The text ended inside; `whole` is the end of its last whole character or escape.
    Open { whole: usize, escapes: Escapes },
    /// A control character, or a bad escape.
    Bad,
}

/// Which escapes a string holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Escapes {
    None,
    /// None that could stand for a letter, a digit, a space or a dash of ASCII.
    Other,
    /// `\u` for a character of ASCII.
    Ascii,
}

/// Reads the string whose text starts at `start`, past its opening quote.
#[inline]
pub(super) fn scan(bytes: &[u8], start: usize) -> Scan {
    let at = next_special(bytes, start);
    if bytes.get(at) == Some(&b'"') {
        let (end, escapes) = (at + 1, Escapes::None);
        return Scan::Closed { end, escapes };
    }
    scan_escapes(bytes, at)
}

/// Reads on from the first special byte of a string that is not its end.
#[inline(never)]
fn scan_escapes(bytes: &[u8], mut at: usize) -> Scan {
    let mut escapes = Escapes::None;
    loop {
        match bytes.get(at) {
            Some(b'"') => {
                return Scan::Closed {
                    end: at + 1,
                    escapes,
                }
            }
            Some(b'\\') => {}
            Some(_) => return Scan::Bad,
            None => return Scan::Open { whole: at, escapes },
        }
        // Escapes often follow each other.
        while bytes.get(at) == Some(&b'\\') {
            match bytes.get(at + 1) {
                Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                    escapes = escapes.max(Escapes::Other);
                    at += 2;
                }
                Some(b'u') => match unicode_escape(&bytes[at..]) {
                    Unicode::Char(char, length) => {
                        let ascii = char.is_ascii();
                        escapes = escapes.max(if ascii {
                            Escapes::Ascii
                        } else {
                            Escapes::Other
                        });
                        at += length;
                    }
                    Unicode::Cut => return Scan::Open { whole: at, escapes },
                    Unicode::Bad => return Scan::Bad,
                },
                Some(_) => return Scan::Bad,
                None => return Scan::Open { whole: at, escapes },
            }
        }
        if bytes.get(at) != Some(&b'"') {
            at = next_special(bytes, at);
        }
    }
}

/// Past the closing quote of a string that is known to be whole, whose text starts at `at`.
pub(super) fn end(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at = next_special(bytes, at);
        match bytes.get(at) {
            Some(b'\\') => at += 2,
            Some(b'"') => return at + 1,
            Some(_) => at += 1,
            None => return bytes.len(),
        }
    }
}

/// How much of a part is the string's that starts it, and the byte behind that string, if it is short and has no escapes.
/// `None` does not mean that there is no such string.
#[inline(always)]
pub(super) fn short(part: [u8; PART]) -> Option<(usize, u8)> {
    let length = special_in_part(&part)?;
    let is_short = length < PART - 1 && part[length] == b'"';
    is_short.then(|| (length, part[length + 1]))
}

/// The same for the string whose text starts with this part.
#[inline(always)]
pub(super) fn short_length(part: &[u8; PART]) -> Option<usize> {
    let length = special_in_part(part)?;
    (part[length] == b'"').then_some(length)
}

/// Past the closing quote of a string without escapes, whose text starts at `start`. `None` does not mean that
/// there is none.
#[inline(always)]
pub(super) fn plain_end(bytes: &[u8], start: usize) -> Option<usize> {
    let part = part_at(bytes, start);
    match special_in_part(&part) {
        Some(length) => (part[length] == b'"').then_some(start + length + 1),
        None => long_plain_end(bytes, start + PART),
    }
}

/// The same for a string that is a word, a path or a URL without parameters in which nothing is found.
#[inline(always)]
pub(super) fn harmless_end(bytes: &[u8], start: usize) -> Option<usize> {
    let scheme = address::scheme_length(bytes.get(start..)?);
    let path = start + scheme;
    let block = address::first_marked_block(bytes, path, address::is_mark);
    if block == path {
        return None;
    }
    let end = block + special_in_part(&part_at(bytes, block))?;
    let is_harmless = bytes.get(end) == Some(&b'"')
        && address::ends_plainly(&bytes[path..end], address::is_mark)
        && address::has_no_secret(&bytes[path..end], scheme);
    is_harmless.then_some(end + 1)
}

/// The same for a string that goes on at `at`.
#[inline(never)]
fn long_plain_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    /// In longer strings a search of the whole rest is faster than one part by part.
    const PARTS: usize = 4;
    for _ in 0..PARTS {
        let part = part_at(bytes, at);
        if let Some(length) = special_in_part(&part) {
            return (part[length] == b'"').then_some(at + length + 1);
        }
        at += PART;
    }
    let rest = bytes.get(at..)?;
    let length = memchr2(b'"', b'\\', rest)?;
    let is_plain = rest[length] == b'"' && first_refused(&rest[..length], |b| b < b' ').is_none();
    is_plain.then_some(at + length + 1)
}

/// The first quote, backslash or control character at or after `at`; the length of `bytes` when there is none.
///
/// Escapes are often near each other: without a first step inline, text with many takes a fifth more instructions.
#[inline(always)]
fn next_special(bytes: &[u8], at: usize) -> usize {
    let word = bytes.get(at..).and_then(|rest| rest.first_chunk());
    let near = word.and_then(|word| special_in_word(u64::from_le_bytes(*word)));
    near.map_or_else(|| next_far_special(bytes, at), |offset| at + offset)
}

#[inline(never)]
fn next_far_special(bytes: &[u8], mut at: usize) -> usize {
    loop {
        if let Some(offset) = special_in_part(&part_at(bytes, at)) {
            return at + offset;
        }
        at += PART;
    }
}

/// How many bytes are searched together for the first special one. Most strings are shorter.
const PART: usize = 16;

/// The bytes at `at`. Zeros, which are special, take the place of those behind the end.
#[inline]
pub(super) fn part_at(bytes: &[u8], at: usize) -> [u8; PART] {
    let rest = bytes.get(at..).unwrap_or_default();
    let padded = || padded(rest).to_le_bytes();
    rest.first_chunk().copied().unwrap_or_else(padded)
}

/// The offset of the first special byte.
#[inline(always)]
fn special_in_part(part: &[u8; PART]) -> Option<usize> {
    let part = u128::from_le_bytes(*part);
    let in_last = || special_in_word((part >> 64) as u64).map(|offset| 8 + offset);
    special_in_word(part as u64).or_else(in_last)
}

/// The same for eight bytes, the first one lowest.
#[inline(always)]
fn special_in_word(word: u64) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGHS: u64 = ONES << 7;
    // Eight bytes at once. A byte below 128 is below `n` where subtracting `n` borrows; borrows run upwards only, so that the
    // lowest byte marked is marked rightly.
    let below = |word: u64, n: u8| word.wrapping_sub(ONES * u64::from(n));
    // Where the quote takes the place of the space, and the space its, it is next to the control characters.
    let quote_or_control = below(word ^ (ONES * u64::from(b'"' ^ b' ')), b' ' + 1);
    let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
    let special = (quote_or_control | backslash) & !word & HIGHS;
    (special != 0).then(|| special.trailing_zeros() as usize / 8)
}

enum Unicode {
    /// A character, and the length of what stands for it.
    Char(char, usize),
    /// May be the beginning of one.
    Cut,
    /// Not four hex digits, or half of a surrogate pair.
    Bad,
}

/// Reads `\uXXXX`, or two of them that are a surrogate pair. `bytes` starts with `\u`.
fn unicode_escape(bytes: &[u8]) -> Unicode {
    let first = match hex4(&bytes[2..]) {
        Ok(unit) => unit,
        Err(stop) => return stop,
    };
    if let Some(char) = char::from_u32(first) {
        return Unicode::Char(char, 6);
    }
    let second = match &bytes[6..] {
        [b'\\', b'u', digits @ ..] => hex4(digits),
        [] | [b'\\'] => Err(Unicode::Cut),
        _ => Err(Unicode::Bad),
    };
    match (first, second) {
        (0xd800..0xdc00, Ok(second @ 0xdc00..0xe000)) => {
            let code = 0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00);
            char::from_u32(code).map_or(Unicode::Bad, |char| Unicode::Char(char, 12))
        }
        (0xd800..0xdc00, Err(stop)) => stop,
        _ => Unicode::Bad,
    }
}

fn hex4(bytes: &[u8]) -> Result<u32, Unicode> {
    if let Some(digits) = bytes.first_chunk::<4>() {
        let digits = digits.map(|digit| HEX[usize::from(digit)]);
        let unit = digits
            .iter()
            .fold(0, |unit, digit| unit << 4 | u32::from(*digit));
        // A byte that is no digit sets bits that no digit has.
        let all = digits.iter().fold(0, |all, digit| all | digit);
        return if all < 16 {
            Ok(unit)
        } else {
            Err(Unicode::Bad)
        };
    }
    let digits = bytes.iter().all(u8::is_ascii_hexdigit);
    Err(if digits { Unicode::Cut } else { Unicode::Bad })
}

/// A string's text as it is meant: `raw` itself, or decoded into `buffer`. `raw` must have passed [`scan`].
#[inline]
pub(super) fn unescaped<'s>(raw: &'s str, escapes: Escapes, buffer: &'s mut String) -> &'s str {
    if escapes == Escapes::None {
        return raw;
    }
    decoded(raw, buffer)
}

/// The same for text with escapes, or without.
pub(super) fn decoded<'s>(raw: &str, buffer: &'s mut String) -> &'s str {
    buffer.clear();
    let mut rest = raw;
    while !rest.is_empty() {
        // Escapes often follow each other.
        while rest.starts_with('\\') {
            let (char, length) = escaped_char(rest.as_bytes());
            buffer.push(char);
            rest = &rest[length..];
        }
        let (plain, escaped) = rest.split_at(next_special(rest.as_bytes(), 0));
        buffer.push_str(plain);
        rest = escaped;
    }
    buffer
}

/// The character of the escape that `bytes` starts with, and the escape's length.
fn escaped_char(bytes: &[u8]) -> (char, usize) {
    let char = match bytes.get(1) {
        Some(b'b') => '\u{8}',
        Some(b'f') => '\u{c}',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => match unicode_escape(bytes) {
            Unicode::Char(char, length) => return (char, length),
            // Cannot be: `scan` lets no other escapes pass.
            Unicode::Cut | Unicode::Bad => char::REPLACEMENT_CHARACTER,
        },
        Some(own) => char::from(*own),
        None => '\\',
    };
    (char, bytes.len().min(2))
}

/// Finds places of the decoded text in the raw text of a string, from front to back.
#[derive(Debug)]
pub(super) struct RawPositions<'s> {
    raw: &'s [u8],
    at: usize,
    decoded_at: usize,
    /// Where the first escape at or after `at` is, or the end.
    escape: usize,
}

impl<'s> RawPositions<'s> {
    pub(super) fn new(raw: &'s str, escapes: Escapes) -> Self {
        let raw = raw.as_bytes();
        let escape = match escapes {
            Escapes::None => raw.len(),
            _ => next_special(raw, 0),
        };
        Self {
            raw,
            at: 0,
            decoded_at: 0,
            escape,
        }
    }

    /// The raw position of a decoded one, which must be between characters and not before the last one asked for.
    pub(super) fn raw_of(&mut self, decoded: usize) -> usize {
        loop {
            let plain = self.escape - self.at;
            if decoded - self.decoded_at <= plain {
                return self.at + (decoded - self.decoded_at);
            }
            let (char, length) = escaped_char(&self.raw[self.escape..]);
            self.at = self.escape + length;
            self.decoded_at += plain + char.len_utf8();
            self.escape = next_special(self.raw, self.at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_unescaped(raw: &str, expected: &str) {
        let quoted = format!("{raw}\"");
        let Scan::Closed { end, escapes } = scan(quoted.as_bytes(), 0) else {
            panic!("{raw} is not understood")
        };
        assert_eq!(end, quoted.len());
        assert_eq!(unescaped(raw, escapes, &mut String::from("old")), expected);
    }

    #[test]
    fn escapes_are_decoded() {
        assert_unescaped("", "");
        assert_unescaped("plain ü", "plain ü");
        assert_unescaped(r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t");
        assert_unescaped(r"pass\u0077ord", "password");
        assert_unescaped(r"\uD83D\ude00!\u00e9\\u0041", "😀!é\\u0041");
    }

    #[test]
    fn the_first_special_byte_is_found_at_every_offset() {
        for length in 0..40 {
            for special in [b'"', b'\\', 0, 0x1f, b'\n'] {
                let mut bytes = vec![b' '; length];
                bytes.extend(
                    [special, b'"', 0x7f, 0x80, b'!', b']', b'[']
                        .iter()
                        .chain(&[b'x'; 9]),
                );
                assert_eq!(next_special(&bytes, 0), length);
            }
            assert_eq!(next_special(&vec![b'!'; length], 0), length);
        }
        // Neighbours of the special bytes, and bytes above 127 after a borrow.
        assert_eq!(
            next_special(
                &[0x20, 0x21, 0x23, 0x5b, 0x5d, 0x7f, 0x80, 0xff, 0xa2, 0xdc, 0x9f],
                0
            ),
            11
        );
    }

    #[test]
    fn strings_without_escapes_end_at_their_quote() {
        for length in 0..3 * PART {
            let text = "x".repeat(length) + "\":" + &"y".repeat(PART);
            let text = text.as_bytes();
            assert_eq!(plain_end(text, 0), Some(length + 1));
            let expected = (length < PART - 1).then_some((length, b':'));
            assert_eq!(short(part_at(text, 0)), expected);
            for special in ["\\n", "\n"] {
                let text = "x".repeat(length) + special + "\":" + &"y".repeat(PART);
                assert_eq!(plain_end(text.as_bytes(), 0), None);
                assert_eq!(short(part_at(text.as_bytes(), 0)), None);
            }
        }
    }

    #[test]
    fn harmless_strings_end_at_their_quote() {
        for length in 0..5 * PART {
            for scheme in ["", "https://"] {
                let text = scheme.to_owned() + &"/x".repeat(length)[..length];
                let quoted = text.clone() + "\":" + &"y".repeat(PART);
                let expected = (length >= PART).then_some(text.len() + 1);
                assert_eq!(harmless_end(quoted.as_bytes(), 0), expected);
                assert_eq!(harmless_end(text.as_bytes(), 0), None);
                for special in ["\\\"", "\n", " ", "="] {
                    let quoted = text.clone() + special + &quoted;
                    assert_eq!(harmless_end(quoted.as_bytes(), 0), None, "{quoted}");
                }
            }
        }
    }

    #[test]
    fn bad_escapes_and_control_characters_are_refused() {
        for raw in [
            "\\x",
            "\\u12g4",
            "\\u+123",
            "\\",
            "a\nb",
            "\0",
            "\\ud800",
            "\\ud800\\u0041",
            "\\udc00",
            "\\ud83d\\ud83d",
            "\\'",
        ] {
            assert_eq!(scan(format!("{raw} \"").as_bytes(), 0), Scan::Bad, "{raw}");
        }
    }

    #[test]
    fn a_cut_string_is_whole_up_to_its_last_whole_escape() {
        let raw = r"ab\n\uD83D\uDE00c\u00e9";
        let whole = [0, 1, 2, 4, 16, 17, 23];
        for cut in 0..=raw.len() {
            let expected = *whole.iter().filter(|end| **end <= cut).max().expect("zero");
            assert!(
                matches!(scan(&raw.as_bytes()[..cut], 0), Scan::Open { whole, .. } if whole == expected),
                "{cut}"
            );
        }
    }

    #[test]
    fn decoded_positions_are_found_in_the_raw_text() {
        let raw = r"a\n\u00e9\uD83D\uDE00ü.";
        let mut positions = RawPositions::new(raw, Escapes::Ascii);
        let found: Vec<_> = [0, 1, 2, 4, 8, 10, 11]
            .map(|decoded| positions.raw_of(decoded))
            .into();
        assert_eq!(found, [0, 1, 3, 9, 21, 23, 24]);
    }
}
