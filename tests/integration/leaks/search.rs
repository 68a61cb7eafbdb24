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
        for (needle, counted) in &needles {
            for at in memmem::find_iter(text.as_bytes(), needle) {
                let known = planted_at(&text, at + needle.len(), planted);
                if !counted || known.is_some_and(|one| one.kind == Kind::Number) {
                    found.push(report(output.sink, view, &text, at, known));
                }
            }
        }
        for at in ends_of_secrets(&text) {
            found.push(report(output.sink, view, &text, at, None));
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

/// What to look for in lower case; and whether it may stand anywhere, and is a secret by the number behind it only.
fn needles() -> Vec<(Vec<u8>, bool)> {
    let lower = SECRET.to_lowercase();
    let hex = |text: &str| -> String { text.bytes().map(|byte| format!("{byte:02x}")).collect() };
    // Parts, too: a value may have been cut.
    let parts = [&lower[1..4], &lower[2..5]].map(str::to_owned);
    // And the beginnings of card numbers in groups.
    let groups =
        [" ", "-", "+"].map(|separator| format!("4{}{separator}{}", &NUMBER[..3], &NUMBER[3..]));
    let all = parts
        .into_iter()
        .chain(groups)
        .chain([hex(SECRET), hex(&lower)]);
    let mut needles: Vec<_> = all.map(|needle| (needle.into_bytes(), false)).collect();
    needles.push((NUMBER.into(), true));
    needles
}

/// The letters that stand for a text in base64, whatever stands before and behind it.
pub fn in_base64(text: &str) -> Vec<Vec<u8>> {
    let at_offset = |offset: usize| {
        let bytes = [&vec![0; offset], text.as_bytes()].concat();
        let from = (offset * 8).div_ceil(6);
        let to = bytes.len() * 8 / 6;
        [STANDARD.encode(&bytes), URL_SAFE.encode(&bytes)].map(|text| text[from..to].into())
    };
    (0..3).flat_map(at_offset).collect()
}

/// The text as it is, and as others may read it, in lower case.
fn views(text: &str) -> [(&'static str, String); 4] {
    let plain = unescaped(&unescaped(text)).replace('\0', "");
    let decoded = (0..3).fold(plain.clone(), |text, _| percent_decoded(&text));
    // What is in base64 has no other case: it is looked for before case is lost.
    let mut needles: Vec<_> = [SECRET, &SECRET.to_lowercase()]
        .iter()
        .flat_map(|secret| in_base64(secret))
        .collect();
    needles.sort();
    needles.dedup();
    let found = needles.iter().flat_map(|needle| {
        let places = memmem::find_iter(plain.as_bytes(), needle);
        places.map(|at| format!("{SECRET}: {}\n", around(&plain, at)))
    });
    [
        ("in base64", found.collect()),
        ("as it is", text.to_owned()),
        ("unescaped", plain.clone()),
        ("percent-decoded", decoded),
    ]
    .map(|(view, mut text): (_, String)| {
        text.make_ascii_lowercase();
        (view, text)
    })
}

/// With what `\u0041`, `\u{41}`, `\x41` and backslashes before other characters stand for.
pub fn unescaped(text: &str) -> String {
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

pub fn percent_decoded(text: &str) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut parts = text.split('%');
    decoded.extend(parts.next().unwrap_or_default().bytes());
    for part in parts {
        let digits = part
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match digits {
            Some(byte) => {
                decoded.push(byte);
                decoded.extend_from_slice(&part.as_bytes()[2..]);
            }
            None => {
                decoded.push(b'%');
                decoded.extend_from_slice(part.as_bytes());
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
        let count = digits.take_while(|byte| byte.is_ascii_digit()).count();
        // Those of an escape are none: `%2523x-auth-token`.
        count >= 3 && !bytes[..at - count].ends_with(b"%")
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
