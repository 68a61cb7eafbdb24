//! Values behind a secret word without a mark: `invalid password "..."`, `use secret q7K..`, the lines of a `.netrc`.

use std::{ops::Range, sync::LazyLock};

use memchr::memmem::Finder;

use super::{
    prose,
    value::{self, skip},
    Scanner,
};
use crate::{characters::Characters, decision::is_plain, names::Secrecy};

/// Parts of the secret words that sentences have before a value; their first letters may be capitals.
static PARTS: LazyLock<[Finder<'static>; 3]> =
    LazyLock::new(|| ["ass", "ecret", "oken"].map(Finder::new));

/// No word is longer.
const LONGEST_WORD: usize = 24;

/// A value without quotes is no shorter.
const SHORTEST: usize = 8;

/// Whether such a word, and a blank behind it, may be in a text with these characters.
#[inline]
pub(crate) fn has_secret_word(seen: Characters) -> bool {
    const WORDS: [Characters; 4] = [
        Characters::set(b"assw "),
        Characters::set(b"assphrase "),
        Characters::set(b"ecret "),
        Characters::set(b"oken "),
    ];
    WORDS.iter().any(|word| seen.has_all(*word))
}

/// Finds the values behind secret words.
pub(super) fn find(scanner: &mut Scanner<'_>) {
    let bytes = scanner.bytes;
    for part in PARTS.iter() {
        let mut read = 0;
        for at in part.find_iter(bytes) {
            if at < read {
                continue;
            }
            if let Some(value) = value_behind(scanner, at) {
                read = value.end;
                scanner.found.push(value);
            }
        }
    }
}

/// The value behind the word that has a secret word's part at `at`.
fn value_behind(scanner: &Scanner<'_>, at: usize) -> Option<Range<usize>> {
    let bytes = scanner.bytes;
    // One search for two parts: it takes half an instruction a byte.
    let has_part = match bytes[at..] {
        [b'a', ref behind @ ..] => behind.starts_with(b"ssw") || behind.starts_with(b"ssphrase"),
        _ => true,
    };
    if !has_part {
        return None;
    }
    let is_letter = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    let reach = at.saturating_sub(LONGEST_WORD);
    let letters = bytes[reach..at].iter().rev().take_while(|b| is_letter(**b));
    let start = at - letters.count();
    let end = skip(bytes, at, is_letter);
    let blank = skip(bytes, end, |b| matches!(b, b' ' | b'\t'));
    if blank == end || end - start > LONGEST_WORD {
        return None;
    }
    let class = scanner.class_of(&scanner.text[start..end]);
    if class.secrecy < Secrecy::Weak {
        return None;
    }
    if is_of_netrc(bytes, start) {
        return Some(blank..skip(bytes, blank, |b| b > b' ' && !value::is_quote(b)));
    }
    let quoted = bytes
        .get(blank)
        .and_then(|_| value::quoted_start(bytes, blank));
    let (range, is_secret) = match quoted {
        Some(start) => {
            let range = start..value::quoted_end(bytes, start);
            let said = &scanner.text[range.clone()];
            let is_token =
                said.contains(char::is_alphanumeric) && !said.contains(char::is_whitespace);
            // Of a secret and of a token such messages quote the name.
            let is_password = bytes[at..].starts_with(b"ass");
            (range, is_token && (is_password || !is_plain(said)))
        }
        None => {
            let range = blank..value::token_end(bytes, blank);
            let said = scanner.text[range.clone()].trim_end_matches(['.', ':', '!', '?']);
            let is_token = said.len() >= SHORTEST
                && said.bytes().all(is_of_token)
                && (said.bytes().any(|b| b.is_ascii_digit()) || prose::has_inner_capitals(said));
            (blank..blank + said.len(), is_token && !is_plain(said))
        }
    };
    is_secret.then_some(range)
}

fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'~' | b'!')
}

/// Whether the word at `at` is of `machine a.example login ann password ..`.
fn is_of_netrc(bytes: &[u8], at: usize) -> bool {
    /// The longest distance from `machine` to `password`.
    const LONGEST: usize = 300;
    let before = &bytes[at.saturating_sub(LONGEST)..at];
    let mut words = before
        .rsplit(|b| b.is_ascii_whitespace())
        .filter(|word| !word.is_empty())
        .take(6);
    match (words.next(), words.next()) {
        (Some(b"default"), _) => true,
        (Some(host), Some(b"machine")) => host.contains(&b'.'),
        (Some(_), Some(b"login")) => matches!(
            (words.next(), words.next()),
            (Some(b"default"), _) | (_, Some(b"machine"))
        ),
        _ => false,
    }
}
