//! Codes for one use in sentences: `your verification code is 483920`, `G-583921 is your verification code`.

use std::{ops::Range, sync::LazyLock};

use memchr::memmem::{self, Finder};

use super::{bytes::skip, scanner::Scanner, words};
use crate::{characters::Characters, names::Secrecy};

/// What the words for them end with; the first letter may be a capital.
static ENDS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| ["ode", "OTP", "PIN"].map(Finder::new));

/// The longest distance from the start of its name to a code's: `one-time verification code`.
const LONGEST_NAME: usize = 40;
/// The most words of a name.
const MOST_WORDS: usize = 3;
/// How many digits a code has.
pub(super) const DIGITS: std::ops::RangeInclusive<usize> = 4..=10;

/// Whether a code, and the word for it, may be in a text with these characters.
#[inline]
pub(super) fn may_have_codes(seen: Characters) -> bool {
    const DIGITS: Characters = Characters::set(b"0123456789");
    const WORDS: [Characters; 3] = [
        Characters::set(b"code "),
        Characters::set(b"otp "),
        Characters::set(b"pin "),
    ];
    seen.has_any(DIGITS) && WORDS.iter().any(|word| seen.has_all(*word))
}

/// Hides the codes of a text.
pub(super) fn find(scanner: &mut Scanner<'_>) {
    let bytes = scanner.bytes;
    for end in ENDS.iter() {
        for at in end.find_iter(bytes) {
            let end = at + end.needle().len();
            let goes_on = bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
            if goes_on {
                continue;
            }
            let Some(name) = name(scanner, end) else {
                let code = to_sign_in(bytes, end).or_else(|| owned(bytes, end));
                scanner.found.extend(code);
                continue;
            };
            let code = behind(bytes, end).or_else(|| before(bytes, name));
            scanner.found.extend(code);
        }
    }
}

/// Where the secret name starts that the words up to `end` are, if they are one.
fn name(scanner: &Scanner<'_>, end: usize) -> Option<usize> {
    let bytes = scanner.bytes;
    let is_of_word =
        |b: &&u8| b.is_ascii_alphanumeric() || !b.is_ascii() || matches!(**b, b'-' | b'_');
    let reach = end.saturating_sub(LONGEST_NAME);
    let mut start = end;
    for _ in 0..MOST_WORDS {
        let blanks = bytes[reach..start].iter().rev().take_while(|b| **b == b' ');
        let word_end = start - blanks.count();
        let letters = bytes[reach..word_end].iter().rev().take_while(is_of_word);
        start = word_end - letters.count();
        if start == word_end {
            return None;
        }
        let class = scanner
            .text
            .get(start..end)
            .map(|name| scanner.class_of(name));
        if class.is_some_and(|class| class.secrecy >= Secrecy::Strong) {
            return Some(start);
        }
    }
    None
}

/// The code in ` is 483920`, which starts at `start`.
fn behind(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    /// No name of whom it is for is longer.
    const LONGEST_OWNER: usize = 32;
    let mut word = skip(bytes, start, |b| b == b' ');
    if bytes[word..].starts_with(b"for ") {
        let owner = &bytes[word..bytes.len().min(word + LONGEST_OWNER)];
        word += memmem::find(owner, b" is ")? + 1;
    }
    let is_said = words::connector(bytes, word).filter(|_| word > start);
    let code = is_said.or(Some(word).filter(|_| word == start + 1))?;
    let end = skip(bytes, code, |b| b.is_ascii_digit() || b == b'-');
    let goes_on = bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
    let digits = bytes[code..end].iter().filter(|b| b.is_ascii_digit());
    (!goes_on && DIGITS.contains(&digits.count())).then_some(code..end)
}

/// The code in `Your code is 483920` and `Enter this code: 483920`, behind a word that ends at `end`.
fn owned(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    const OWNERS: [&str; 12] = [
        "your",
        "this",
        "following",
        "dein",
        "deinen",
        "ihr",
        "ihren",
        "votre",
        "ton",
        "uw",
        "jouw",
        "din",
    ];
    let start = end.checked_sub("code".len())?;
    let is_code = bytes[start..end].eq_ignore_ascii_case(b"code");
    let before = bytes[..start].strip_suffix(b" ").filter(|_| is_code)?;
    let letters = before.iter().rev().take_while(|b| b.is_ascii_alphabetic());
    let owner = &before[before.len() - letters.count()..];
    let is_owned = OWNERS
        .iter()
        .any(|own| own.as_bytes().eq_ignore_ascii_case(owner));
    let mark = end + usize::from(bytes.get(end) == Some(&b':'));
    let is_said = || words::connector(bytes, skip(bytes, end, |b| b == b' ')).is_some();
    let code = behind(bytes, mark).filter(|_| is_owned && (mark > end || is_said()))?;
    // `your code is 1000 lines long`
    let is_counted = matches!(bytes[code.end..], [b' ', b'a'..=b'z', ..]);
    (!is_counted || code.len() > 4).then_some(code)
}

/// The code in `Use code 483920 to sign in`, behind a word that ends at `end`.
fn to_sign_in(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    const PURPOSES: [&str; 6] = ["sign", "log ", "verify", "confirm", "complete", "reset"];
    let start = skip(bytes, end, |b| b == b' ');
    let end = skip(bytes, start, |b| b.is_ascii_digit());
    let purpose = bytes[end..].strip_prefix(b" to ")?;
    let is_known = PURPOSES
        .iter()
        .any(|own| purpose.starts_with(own.as_bytes()));
    (is_known && DIGITS.contains(&(end - start))).then_some(start..end)
}

/// The code in `483920 is your `, which ends with a name's start.
fn before(bytes: &[u8], name: usize) -> Option<Range<usize>> {
    let from = name.saturating_sub(LONGEST_NAME);
    let end = from + memmem::rfind(&bytes[from..name], b" is your ")?;
    let digits = bytes[..end].iter().rev().take_while(|b| b.is_ascii_digit());
    let start = end - digits.take(DIGITS.end() + 1).count();
    DIGITS.contains(&(end - start)).then_some(start..end)
}
