//! Values behind a secret word without a mark: `invalid password "..."`, `use secret q7K..`, the lines of a `.netrc`.

use std::{ops::Range, sync::LazyLock};

use memchr::memmem::Finder;

use super::{
    bytes::{is_quote, skip},
    codes, markup, prose,
    scanner::Scanner,
    value,
};
use crate::{characters::Characters, decision::is_plain, names::Secrecy};

/// Parts of the secret words that sentences have before a value; their first letters may be capitals.
static PARTS: LazyLock<[Finder<'static>; 4]> =
    LazyLock::new(|| ["ass", "ecret", "oken", "ASSW"].map(Finder::new));

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
    let is_password = matches!(bytes[at], b'a' | b'A');
    if !has_part {
        return None;
    }
    let is_letter = |b: u8| b.is_ascii_alphabetic() || b == b'_';
    let reach = at.saturating_sub(LONGEST_WORD);
    let letters = bytes[reach..at].iter().rev().take_while(|b| is_letter(**b));
    let start = at - letters.count();
    let end = skip(bytes, at, is_letter);
    let blank = skip(bytes, end, |b| matches!(b, b' ' | b'\t'));
    let quoted = found_invalid(bytes, end).filter(|_| blank == end);
    if blank == end && quoted.is_none() || end - start > LONGEST_WORD {
        return None;
    }
    let class = scanner.class_of(&scanner.text[start..end]);
    if class.secrecy < Secrecy::Weak {
        return None;
    }
    if let Some(value) = quoted.or_else(|| of_registry(bytes, blank)) {
        return Some(value);
    }
    if is_of_netrc(bytes, start) {
        return Some(blank..skip(bytes, blank, |b| b > b' ' && !is_quote(b)));
    }
    let said_by = connector(bytes, blank);
    let blank = markup::behind_looks(bytes, said_by.unwrap_or(blank));
    let (range, is_secret) = match value::quoted_start(bytes, blank) {
        Some(start) => {
            let range = start..value::quoted_end(bytes, start);
            let said = &scanner.text[range.clone()];
            let is_token =
                said.contains(char::is_alphanumeric) && !said.contains(char::is_whitespace);
            // Of a secret and of a token such messages quote the name, and of what it is, that it is required.
            let is_about_it = said_by.is_some() && prose::is_type(said);
            (
                range,
                is_token && (is_password && !is_about_it || !is_plain(said)),
            )
        }
        None => {
            let range = blank..value::token_end(bytes, blank);
            let said = scanner.text[range.clone()].trim_end_matches(['.', ':', '!', '?']);
            let is_token = said.len() >= SHORTEST
                && said.bytes().all(is_of_token)
                && (said.bytes().any(|b| b.is_ascii_digit()) || prose::has_inner_capitals(said));
            let is_code = said_by.is_some()
                && is_password
                && codes::DIGITS.contains(&said.len())
                && said.bytes().all(|b| b.is_ascii_digit());
            (
                blank..blank + said.len(),
                is_token && !is_plain(said) || is_code,
            )
        }
    };
    match is_secret {
        true => Some(range),
        false => announced(scanner, blank),
    }
}

/// The value in quotes that is found to be invalid, behind a name whose own quotes close at `end`: `"$password" got invalid value
/// "..."`.
fn found_invalid(bytes: &[u8], end: usize) -> Option<Range<usize>> {
    const PHRASES: [&str; 5] = [
        " got invalid value ",
        " with value ",
        " has invalid value ",
        " has value ",
        " value ",
    ];
    let close = skip(bytes, end, |b| b == b'\\');
    bytes.get(close).filter(|b| is_quote(**b))?;
    let rest = &bytes[close + 1..];
    let phrase = PHRASES
        .iter()
        .find(|own| rest.starts_with(own.as_bytes()))?;
    let value = close + 1 + phrase.len();
    let start = value::quoted_start(bytes, value)?;
    Some(start..value::quoted_end(bytes, start))
}

/// The data of a value in the registry of Windows: `DefaultPassword    REG_SZ    ..`, `/v Password /t REG_SZ /d ..`.
fn of_registry(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    const TYPES: [&str; 4] = ["REG_SZ", "REG_EXPAND_SZ", "REG_MULTI_SZ", "REG_BINARY"];
    let is_blank = |b: u8| matches!(b, b' ' | b'\t');
    let is_command = bytes[start..].starts_with(b"/t ");
    let of_type = match is_command {
        true => start + "/t ".len(),
        false => start,
    };
    let own = TYPES
        .iter()
        .find(|own| bytes[of_type..].starts_with(own.as_bytes()))?;
    let behind = skip(bytes, of_type + own.len(), is_blank);
    if !is_command {
        return Some(behind..value::line_end(bytes, behind));
    }
    bytes[behind..].strip_prefix(b"/d ")?;
    let value = skip(bytes, behind + "/d ".len(), is_blank);
    match value::quoted_start(bytes, value) {
        Some(start) => Some(start..value::quoted_end(bytes, start)),
        None => Some(value..skip(bytes, value, |b| b > b' ')),
    }
}

/// The value at the end of its line behind words that say of what the secret before them is: `password for root@a.example: q7K..`,
/// `A temporary password is generated for root: q7K..`. The words start at `start`.
fn announced(scanner: &Scanner<'_>, start: usize) -> Option<Range<usize>> {
    /// No such words are longer.
    const LONGEST: usize = 80;
    const BEGIN: [&str; 6] = [
        "for ",
        "of ",
        "is generated",
        "generated",
        "has been ",
        "created",
    ];
    let bytes = scanner.bytes;
    let rest = &bytes[start..];
    if !BEGIN.iter().any(|words| rest.starts_with(words.as_bytes())) {
        return None;
    }
    let reach = &rest[..rest.len().min(LONGEST)];
    let colon = reach.iter().position(|b| b":=\"'\n;,".contains(b))?;
    let value = skip(bytes, start + colon + 1, |b| b == b' ');
    let is_mark = match rest[colon] {
        b':' => value > start + colon + 1,
        mark => mark == b'=',
    };
    if !is_mark {
        return None;
    }
    let limit = bytes.len().min(value + LONGEST);
    let end = value::line_end(&bytes[..limit], value);
    let range = value::trimmed(bytes, value..end);
    let said = scanner.text.get(range.clone())?;
    let has = |is_of_kind: fn(&u8) -> bool| said.bytes().any(|b| is_of_kind(&b));
    let is_token = said.len() >= SHORTEST
        && said.len() < LONGEST
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_alphabetic)
        && !has(u8::is_ascii_whitespace)
        && !said.contains("://");
    let is_cut = scanner.truncated && end == bytes.len() && !said.is_empty();
    let is_generated = || has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    (is_cut || is_token && (is_generated() || !is_plain(said))).then_some(range)
}

/// Where a value starts behind a word that says what the secret is: `the password is ..`, `Passwort lautet ..`, `token -> ..`.
pub(super) fn connector(bytes: &[u8], start: usize) -> Option<usize> {
    const CONNECTORS: [&str; 13] = [
        "is", "was", "eq", "-", "\u{2013}", "\u{2014}", "->", "\u{2192}", "lautet", "ist", "est",
        "es", "è",
    ];
    let behind = CONNECTORS.iter().find_map(|word| {
        let behind = bytes[start..].strip_prefix(word.as_bytes())?;
        Some(bytes.len() - behind.len()).filter(|_| behind.starts_with(b" "))
    })?;
    Some(skip(bytes, behind, |b| matches!(b, b' ' | b'\t')))
}

/// Whether a word says what something is.
pub(super) fn is_copula(word: &str) -> bool {
    matches!(word, "is" | "ist" | "est" | "es" | "lautet")
}

fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'~' | b'!')
}

/// Whether the word at `at` is of `machine a.example login ann password ..`.
fn is_of_netrc(bytes: &[u8], at: usize) -> bool {
    /// The longest distance from `machine` to `password`.
    const LONGEST: usize = 300;
    let before = &bytes[at.saturating_sub(LONGEST)..at];
    // `default password ..` is one there, and a default password in a sentence.
    let begins_line = |before: &[u8], word: &[u8]| {
        let line = before.trim_ascii_end().strip_suffix(word);
        line.is_some_and(|line| matches!(line.last(), None | Some(b'\n')))
    };
    let mut words = before
        .rsplit(|b| b.is_ascii_whitespace())
        .filter(|word| !word.is_empty())
        .take(6);
    match (words.next(), words.next()) {
        (Some(b"default"), _) => begins_line(before, b"default"),
        (Some(host), Some(b"machine")) => host.contains(&b'.'),
        (Some(_), Some(b"login")) => matches!(
            (words.next(), words.next()),
            (Some(b"default"), _) | (_, Some(b"machine"))
        ),
        _ => false,
    }
}
