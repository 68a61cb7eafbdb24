//! Looks for what was planted in what came out of the sinks.

use std::collections::HashSet;

use base64::{
    engine::general_purpose::{STANDARD, URL_SAFE},
    Engine as _,
};
use memchr::{memchr_iter, memmem};

use super::mint::{Kind, Planted, DIGITS, MARKER, NUMBER, SECRET};

/// What a sink wrote.
pub struct Output {
    pub sink: &'static str,
    pub text: String,
}

/// The first few of the secrets in an output: where they were planted, and the text around them.
pub fn leaks(output: &Output, planted: &[Planted]) -> Vec<String> {
    let needles = needles();
    let mut found = Vec::new();
    for (view, text) in views(&output.text) {
        for (needle, whole) in &needles {
            for at in memmem::find_iter(text.as_bytes(), needle) {
                // A number's first digits may stand anywhere; what follows them tells.
                let known = planted_at(&text, at + needle.len(), planted);
                let number = known.is_some_and(|one| one.kind == Kind::Number);
                if !whole || number {
                    found.push(report(output.sink, view, &text, at, known));
                }
            }
        }
        for at in ends_of_secrets(&text) {
            found.push(report(output.sink, view, &text, at, None));
        }
        if !found.is_empty() {
            break;
        }
    }
    found.truncate(3);
    found
}

/// The numbers of the markers in a text.
pub fn markers(text: &str) -> HashSet<usize> {
    memmem::find_iter(text.as_bytes(), MARKER)
        .filter_map(|at| id(text, at + MARKER.len()))
        .collect()
}

/// What to look for; and whether it has to be a whole number.
fn needles() -> Vec<(Vec<u8>, bool)> {
    let lower = SECRET.to_lowercase();
    // Parts, too: a value may have been cut.
    let mut needles: Vec<_> = (lower.as_bytes().windows(4))
        .map(|part| (part.to_vec(), false))
        .collect();
    needles.push((NUMBER.into(), true));
    for text in [SECRET, &lower, &SECRET[..4], NUMBER] {
        let hex: String = text.bytes().map(|byte| format!("{byte:02x}")).collect();
        needles.push((hex.into_bytes(), false));
    }
    needles
}

/// The letters that stand for a text in base64, whatever stands before and behind it.
fn in_base64(text: &str) -> Vec<Vec<u8>> {
    let at_offset = |offset: usize| {
        let bytes = [&vec![0; offset], text.as_bytes()].concat();
        let from = (offset * 8).div_ceil(6);
        let to = bytes.len() * 8 / 6;
        [STANDARD.encode(&bytes), URL_SAFE.encode(&bytes)].map(|text| text[from..to].into())
    };
    (0..3).flat_map(at_offset).collect()
}

/// The text as it is, and as others may read it.
fn views(text: &str) -> Vec<(&'static str, String)> {
    let unescaped = unescaped(text);
    let twice = self::unescaped(&unescaped);
    let decoded = percent_decoded(&twice);
    let again = percent_decoded(&percent_decoded(&decoded));
    // What is in base64 has no other case: it is marked before case is lost.
    let base64: String = [SECRET, &SECRET.to_lowercase()]
        .iter()
        .flat_map(|secret| in_base64(secret))
        .flat_map(|needle| {
            memmem::find_iter(twice.as_bytes(), &needle)
                .map(|at| format!("{SECRET} in base64: {}\n", around(&twice, at)))
                .collect::<Vec<_>>()
        })
        .collect();
    [
        ("as it is", text.to_owned()),
        ("unescaped", unescaped),
        ("unescaped twice", twice),
        ("percent-decoded", decoded),
        ("percent-decoded again and again", again),
        ("base64", base64),
    ]
    .map(|(view, text)| (view, joined(&text.to_lowercase())))
    .into()
}

/// Without NULs, and without single separators between digits.
fn joined(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    let mut chars = text.chars().filter(|char| *char != '\0').peekable();
    while let Some(char) = chars.next() {
        let between = matches!(char, ' ' | '-' | '+')
            && joined.ends_with(|char: char| char.is_ascii_digit())
            && chars.peek().is_some_and(char::is_ascii_digit);
        if !between {
            joined.push(char);
        }
    }
    joined
}

/// With what `\u0041`, `\u{41}`, `\x41` and backslashes before other characters stand for.
fn unescaped(text: &str) -> String {
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, escape)) = rest.split_once('\\') {
        unescaped.push_str(before);
        let (digits, after) = match escape.as_bytes() {
            [b'u', b'{', ..] => escape[2..].split_once('}').unwrap_or(("", escape)),
            [b'u', ..] => escape[1..].split_at_checked(4).unwrap_or(("", escape)),
            [b'x', ..] => escape[1..].split_at_checked(2).unwrap_or(("", escape)),
            [b'n' | b'r' | b't', ..] => ("20", &escape[1..]),
            [b'\\', ..] => ("5c", &escape[1..]),
            _ => ("", escape),
        };
        let char = u32::from_str_radix(digits, 16)
            .ok()
            .and_then(char::from_u32);
        unescaped.extend(char);
        rest = if char.is_some() { after } else { escape };
    }
    unescaped + rest
}

fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        let digits = after.get(..2).filter(|_| *byte == b'%');
        let digits = digits.and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                decoded.push(byte);
                rest = &after[2..];
            }
            None => {
                decoded.push(*byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

/// Where a secret's last digits are that lacks its beginning.
fn ends_of_secrets(text: &str) -> impl Iterator<Item = usize> + '_ {
    let bytes = text.as_bytes();
    memchr_iter(b'x', bytes).filter(|at| {
        let digits = bytes[..*at].iter().rev();
        digits.take_while(|byte| byte.is_ascii_digit()).count() >= 3
    })
}

fn id(text: &str, at: usize) -> Option<usize> {
    text.get(at..at + DIGITS)?.parse().ok()
}

/// What was planted of which the digits begin at `at`, or soon behind it.
fn planted_at<'p>(text: &str, at: usize, planted: &'p [Planted]) -> Option<&'p Planted> {
    let id = (at..at + SECRET.len()).find_map(|at| id(text, at))?;
    planted.get(id)
}

fn around(text: &str, at: usize) -> String {
    let from = (0..=at.saturating_sub(150)).rev();
    let from = from.clone().find(|at| text.is_char_boundary(*at));
    let to = (at + 150..text.len()).find(|at| text.is_char_boundary(*at));
    text[from.unwrap_or(0)..to.unwrap_or(text.len())].to_owned()
}

fn report(sink: &str, view: &str, text: &str, at: usize, from: Option<&Planted>) -> String {
    let place = from.map_or("somewhere", |planted| &planted.place);
    format!("{sink}, {view}: from {place}: {}", around(text, at))
}
