//! Secret values that are known by their shape, wherever they stand in a text.
//!
//! | shape | what is masked |
//! |---|---|
//! | card number: 13 to 19 digits with a right check digit (Luhn), single spaces or dashes between them, not part of a longer run of digits | all of it |
//! | `Bearer` or `Basic` in any case, blanks, a token | the token |
//! | JSON web token: three parts of base64url, the first starting with `eyJ` | all of it, and further parts (JWE) |
//! | AWS access key id: `AKIA` or `ASIA` and 16 upper-case letters or digits | all of it |
//! | PEM block of a private key | from `-----BEGIN` to the end of its `END` line, or of the text |
//!
//! In doubt a value is masked. One in ten numbers of 13 to 19 digits has a right check digit by chance and goes too; after
//! `Basic` an ordinary word stays, so that a "basic plan" does.

mod anchors;
mod cards;

use std::{borrow::Cow, ops::Range};

use anchors::{is_access_key_at, BEFORE_PEM_ANCHOR, BLOCK};
pub(crate) use anchors::{is_anchor_letter, Anchors, SHORTEST_ANCHORED};
use cards::card_beginning;
pub(crate) use cards::{is_card_number, may_hold_card, CARD_DIGITS};
use memchr::memmem;

use crate::{record::MASK, scan};

/// `text` with [`MASK`] for every secret shape; borrowed when there is none.
pub(crate) fn mask(text: &str) -> Cow<'_, str> {
    replace(text, &find(text, false))
}

/// The same, where there may be one.
pub(crate) fn mask_if(may_be: bool, text: Cow<'_, str>) -> Cow<'_, str> {
    if !may_be {
        return text;
    }
    match mask(&text) {
        Cow::Owned(masked) => Cow::Owned(masked),
        Cow::Borrowed(_) => text,
    }
}

/// Whether a look tells that there is no secret shape in any part of `bytes`.
pub(crate) fn none_in(bytes: &[u8]) -> bool {
    anchors::none_in(bytes) && !may_hold_card(bytes, &(0..bytes.len()))
}

/// `text` with [`MASK`] for each of the ranges, which are as [`in_order`] leaves them.
pub(super) fn replace<'t>(text: &'t str, found: &[Range<usize>]) -> Cow<'t, str> {
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut shown = 0;
    for range in found {
        masked.push_str(&text[shown..range.start]);
        masked.push_str(MASK);
        shown = range.end;
    }
    masked.push_str(&text[shown..]);
    Cow::Owned(masked)
}

/// Where the secret shapes of `text` are: in order, apart from each other, none empty, on character boundaries.
///
/// With `cut`, more text is taken to have followed.
pub(crate) fn find(text: &str, cut: bool) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    find_into(text, cut, &mut found);
    found
}

/// The same, put into an empty list.
pub(crate) fn find_into(text: &str, cut: bool, found: &mut Vec<Range<usize>>) {
    find_by_anchor(text.as_bytes(), cut, found);
    cards::find(text.as_bytes(), found);
    if cut {
        found.extend(card_beginning(text.as_bytes()));
    }
    in_order(found);
}

/// The same where there are no [anchors](Anchors), and no more text followed.
pub(crate) fn find_cards_into(text: &str, found: &mut Vec<Range<usize>>) {
    cards::find(text.as_bytes(), found);
    in_order(found);
}

/// Sorts ranges, and joins those that overlap or touch.
pub(super) fn in_order(found: &mut Vec<Range<usize>>) {
    if found.len() > 1 {
        found.sort_by_key(|range| range.start);
        found.dedup_by(|next, last| {
            let overlaps = next.start <= last.end;
            if overlaps {
                last.end = last.end.max(next.end);
            }
            overlaps
        });
    }
}

/// Notes a range, joined with the last one if they overlap or touch.
fn add(found: &mut Vec<Range<usize>>, range: Range<usize>) {
    match found.last_mut() {
        Some(last) if range.start <= last.end && last.start <= range.end => {
            *last = last.start.min(range.start)..last.end.max(range.end);
        }
        _ => found.push(range),
    }
}

fn find_by_anchor(bytes: &[u8], cut: bool, found: &mut Vec<Range<usize>>) {
    // Most values are short, and have none of the letters.
    if bytes.len() < BLOCK && !scan::any(bytes, is_anchor_letter) {
        return;
    }
    let mut anchors = Anchors::new(bytes);
    let mut from = 0;
    // Up to where web tokens were read: no other one can begin before it, so that nothing is read twice.
    let mut tokens_read = 0;
    // Up to where all bytes are of access keys since the last one began.
    let mut key_end = 0;
    loop {
        let at = anchors.first_from(from);
        let Some(letter) = bytes.get(at) else { return };
        from = at + 1;
        match letter {
            b'J' if at < tokens_read => {}
            b'J' => {
                let (token, read) = web_token(bytes, at - "ey".len(), cut);
                if let Some(token) = token {
                    add(found, token);
                }
                tokens_read = read;
            }
            b'I' if is_access_key_at(bytes, at) => {
                let start = at - "AK".len();
                let whole = start + 20;
                let known = key_end.max(start);
                key_end = run_end(&bytes[..whole.min(bytes.len())], known, |b| {
                    b.is_ascii_uppercase() || b.is_ascii_digit()
                });
                if key_end == whole || cut && key_end == bytes.len() {
                    add(found, start..key_end);
                }
            }
            b'I' => {
                if let Some(block) = private_key(bytes, at - BEFORE_PEM_ANCHOR.len()) {
                    from = block.end;
                    add(found, block);
                }
            }
            _ => {
                let scheme = scheme_at(bytes, at);
                if let Some(token) = scheme.and_then(|scheme| credentials(bytes, at, scheme, cut)) {
                    add(found, token);
                }
            }
        }
    }
}

/// How far the bytes from `from` on are of a kind.
fn run_end(bytes: &[u8], from: usize, is_of_kind: impl Fn(u8) -> bool) -> usize {
    let length = bytes[from..].iter().position(|byte| !is_of_kind(*byte));
    length.map_or(bytes.len(), |length| from + length)
}

/// The web token that starts at `start`, and up to where it was looked for.
fn web_token(bytes: &[u8], start: usize, cut: bool) -> (Option<Range<usize>>, usize) {
    // Padding is not in the standard, but in some tokens.
    let part_end = |from| {
        run_end(bytes, from, |b| {
            b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'=')
        })
    };
    let mut end = part_end(start);
    let mut hidden = 0;
    for _ in 0..2 {
        match bytes.get(end) {
            None => return (cut.then_some(start..end), end),
            Some(b'.') => {}
            Some(_) => return (None, end),
        }
        let next = part_end(end + 1);
        hidden += next - (end + 1);
        end = next;
    }
    // Either part may be empty (no signature, or a detached payload), but `eyJ...` is an abbreviation.
    if hidden == 0 {
        return (None, end);
    }
    while bytes.get(end) == Some(&b'.') && part_end(end + 1) > end + 1 {
        end = part_end(end + 1);
    }
    (Some(start..end), end)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Bearer,
    Basic,
}

/// The scheme whose name is at `at`, with something after it that is a blank, or an escaped one in raw JSON.
fn scheme_at(bytes: &[u8], at: usize) -> Option<Scheme> {
    let is = |name: &[u8]| {
        bytes[at..]
            .split_at_checked(name.len())
            .is_some_and(|(text, rest)| {
                matches!(rest.first(), Some(b' ' | b'\t' | b'\\'))
                    && text.eq_ignore_ascii_case(name)
            })
    };
    if is(b"bearer") {
        Some(Scheme::Bearer)
    } else {
        is(b"basic").then_some(Scheme::Basic)
    }
}

/// The token after an authentication scheme.
fn credentials(bytes: &[u8], at: usize, scheme: Scheme, cut: bool) -> Option<Range<usize>> {
    let blanks = at
        + if scheme == Scheme::Bearer {
            "bearer".len()
        } else {
            "basic".len()
        };
    let start = run_end(bytes, blanks, |b| matches!(b, b' ' | b'\t'));
    if start == blanks {
        return None;
    }
    // Wider than the standard's alphabet: there are tokens with `|`, `:` or `!` in them.
    let end = run_end(bytes, start, |b| {
        b > b' ' && !matches!(b, b'"' | b'\'' | b'`' | b',' | b';' | b'\\' | b'<' | b'>')
    });
    if start == end {
        return None;
    }
    let may_go_on = cut && end == bytes.len();
    if scheme == Scheme::Basic && !may_go_on && is_ordinary_word(&bytes[start..end]) {
        return None;
    }
    Some(start..end)
}

/// Whether this is a word rather than base64 of `user:password`.
fn is_ordinary_word(token: &[u8]) -> bool {
    let length = token.len()
        - token
            .iter()
            .rev()
            .take_while(|b| matches!(b, b'.' | b'!' | b'?' | b':' | b')'))
            .count();
    let Some((first, rest)) = token[..length].split_first() else {
        return true;
    };
    let one_case = rest.iter().all(u8::is_ascii_lowercase) && first.is_ascii_alphabetic()
        || first.is_ascii_uppercase() && rest.iter().all(u8::is_ascii_uppercase);
    one_case && length <= 20 && !decodes_to_pair(&token[..length])
}

/// Whether these letters are base64 of something with a colon.
fn decodes_to_pair(letters: &[u8]) -> bool {
    letters.chunks(4).any(|quad| {
        let bits = quad.iter().fold(0_u32, |bits, letter| {
            bits << 6
                | u32::from(if letter.is_ascii_uppercase() {
                    letter - b'A'
                } else {
                    letter - b'a' + 26
                })
        });
        let bits = bits << (6 * (4 - quad.len()));
        bits.to_be_bytes()[1..].contains(&b':')
    })
}

const PEM_DASHES: &[u8] = b"-----";
/// Longer than any label between the dashes.
const PEM_LABEL_MAX: usize = 80;

/// The block whose dashes start at `start`, if it is of a private key.
fn private_key(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let mut end = private_key_line(bytes, start)?;
    // Only the end of a private key ends it: nothing else is in order here.
    while let Some(offset) = memmem::find(&bytes[end..], b"-----END ") {
        match private_key_line(bytes, end + offset) {
            Some(line_end) => return Some(start..line_end),
            None => end += offset + PEM_DASHES.len(),
        }
    }
    Some(start..bytes.len())
}

/// The end of the line `-----BEGIN ... PRIVATE KEY-----`, or `END`, that starts at `start`, if it is one.
fn private_key_line(bytes: &[u8], start: usize) -> Option<usize> {
    let label = start + PEM_DASHES.len();
    let line = &bytes[label..bytes.len().min(label + PEM_LABEL_MAX)];
    let length = memmem::find(line, PEM_DASHES)?;
    memmem::find(&line[..length], b"PRIVATE KEY").map(|_| label + length + PEM_DASHES.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mask_cut(text: &str) -> Cow<'_, str> {
        replace(text, &find(text, true))
    }

    #[track_caller]
    fn assert_masked(text: &str, expected: &str) {
        assert_eq!(mask(text), expected, "{text}");
    }

    #[track_caller]
    fn assert_shown(text: &str) {
        assert!(
            matches!(mask(text), Cow::Borrowed(same) if same == text),
            "{text}: {}",
            mask(text)
        );
    }

    #[track_caller]
    fn assert_cut(text: &str, expected: &str) {
        assert_eq!(mask_cut(text), expected, "{text}");
    }

    const JWT: &str = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI0MiJ9.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P";

    #[test]
    fn a_look_tells_of_no_shape_only_where_there_is_none() {
        let secrets = [
            JWT,
            "eyJ..a",
            "Bearer abc",
            "x bASIC dTpw",
            "AKIAIOSFODNN7EXAMPLE",
            "ASIAIOSFODNN7EXAMPLE",
            "-----BEGIN RSA PRIVATE KEY-----",
            "4222222222222",
            "4111-1111-1111-1111",
        ];
        for secret in secrets {
            assert_ne!(mask(secret), secret);
            for before in 0..140 {
                for after in [0, 1, 2, 3, 4, 5, 40, 60, 63, 64, 65, 67, 68, 69, 130] {
                    let text = ["x".repeat(before), secret.into(), "x".repeat(after)].concat();
                    assert!(!none_in(text.as_bytes()), "{text}");
                }
            }
        }
        for length in 0..200 {
            assert!(none_in(
                &b"accept: text/html; q=0.9 "[..].repeat(8)[..length]
            ));
        }
    }

    #[test]
    fn ordinary_text_is_borrowed() {
        for text in [
            "",
            "a",
            "basic plan",
            "The bearer",
            "eyJ...",
            "AKIA",
            "b B J I",
            "-----BEGIN CERTIFICATE-----\nabc",
        ] {
            assert_shown(text);
        }
    }

    #[test]
    fn card_numbers_of_every_length_are_masked() {
        for length in 13..=19 {
            let body: String = "4929137560428135679".chars().take(length - 1).collect();
            let card = (0..10)
                .map(|check| format!("{body}{check}"))
                .find(|n| is_card_number(n.bytes()))
                .expect("one");
            assert_masked(&card, "***");
            assert_masked(&format!("card {card}, thanks"), "card ***, thanks");
        }
    }

    #[test]
    fn card_numbers_may_be_in_groups() {
        assert_masked("4111 1111 1111 1111", "***");
        assert_masked("4111-1111-1111-1111.", "***.");
        assert_masked("x3782-822463 10005y", "x***y");
        assert_masked("4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1", "***");
        assert_masked("2024 4111 1111 1111 1111 12", "2024 *** 12");
        assert_masked("- 4111111111111111 -", "- *** -");
        assert_masked("5500005555555559 4111111111111111", "*** ***");
    }

    #[test]
    fn what_is_no_card_number_stays() {
        for text in [
            "4111111111111112",
            "411111111111",
            "41111111111111114111",
            "4111  1111  1111  1111",
            "4111_1111_1111_1111",
            "00000000-0000-0000-0000-000000000000",
            "             -------------",
        ] {
            assert_shown(text);
        }
    }

    #[test]
    fn credentials_are_masked_and_their_scheme_stays() {
        assert_masked("Bearer abc", "Bearer ***");
        assert_masked(
            "authorization: bearer  a.b|c/d+e==",
            "authorization: bearer  ***",
        );
        assert_masked(
            "curl -H 'Authorization: BEARER\tabc' x",
            "curl -H 'Authorization: BEARER\t***' x",
        );
        assert_masked("Basic dXNlcjpwYXNz", "Basic ***");
        assert_masked("\"basic dXNlcg==\"", "\"basic ***\"");
        assert_masked("Bearer é, ü", "Bearer ***, ü");
        assert_masked("Bearer -----BEGIN PRIVATE KEY-----\nabc", "Bearer ***");
    }

    #[test]
    fn an_ordinary_word_after_basic_stays() {
        for text in [
            "Basic plan",
            "a basic Understanding.",
            "BASIC PLAN",
            "Basic",
            "basic ",
            "basically yes",
        ] {
            assert_shown(text);
        }
        // `yzpi` decodes to bytes with a colon in them.
        assert_masked("Basic yzpi", "Basic ***");
    }

    #[test]
    fn web_tokens_are_masked() {
        assert_masked(JWT, "***");
        assert_masked(&format!("x={JWT};"), "x=***;");
        assert_masked("eyJh.eyJz.", "***");
        assert_masked("eyJh..sig", "***");
        assert_masked("eyJh.b.c.d.e, eyJh.b.c. The end", "***, ***. The end");
        assert_masked("eyJx.y eyJa.eyJb.c", "eyJx.y ***");
        assert_shown("eyJhbGci.eyJzdWI");
    }

    #[test]
    fn access_key_ids_are_masked() {
        assert_masked("AKIAIOSFODNN7EXAMPLE", "***");
        assert_masked("id=ASIA0123456789ABCDEF.", "id=***.");
        assert_masked("AKIAKIAIOSFODNN7EXAMPLE.ASIA", "***.ASIA");
        assert_shown("AKIAIOSFODNN7EXAMPL");
        assert_shown("AKIAiOSFODNN7EXAMPLE");
    }

    #[test]
    fn private_keys_are_masked_to_their_end() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----";
        assert_masked(key, "***");
        assert_masked(&format!("a\n{key}\nb"), "a\n***\nb");
        assert_masked("-----BEGIN PRIVATE KEY-----\nMIIE", "***");
        assert_masked(
            "-----BEGIN PRIVATE KEY-----\n-----END CERTIFICATE-----\nM",
            "***",
        );
        assert_masked(
            "-----BEGIN PGP PRIVATE KEY BLOCK-----M-----END PGP PRIVATE KEY BLOCK----- c",
            "*** c",
        );
        assert_masked("-----BEGIN PRIVATE KEY-----M-----END PRIVATE KEY", "***");
    }

    #[test]
    fn the_beginning_of_a_shape_at_a_cut_is_masked() {
        assert_cut("pay 4111 11", "pay ***");
        assert_cut("pay 4111 1111 1111 1111", "pay ***");
        assert_cut("pay 4111-", "pay ***");
        assert_cut("year 2024", "year ***");
        assert_cut("41111111111111114111", "41111111111111114111");
        assert_cut("1111  4111", "1111  ***");
        assert_cut("x eyJhbGci", "x ***");
        assert_cut("x eyJhbGci.eyJ", "x ***");
        assert_cut("id AKIAIOSF", "id ***");
        assert_cut("Basic plan", "Basic ***");
        assert_cut("-----BEGIN PRIVATE KEY-----\nMII", "***");
        assert_cut("harmless", "harmless");
    }

    #[test]
    fn every_cut_of_a_shape_hides_it() {
        let card = "4929 1375 6042 8138";
        assert_masked(card, "***");
        for secret in [
            card,
            JWT,
            "AKIAIOSFODNN7EXAMPLE",
            "Basic c2VjcmV0OmFiYw==",
            "Bearer zq81",
        ] {
            let text = format!("see {secret}");
            for cut in 0..text.len() {
                let shown = mask_cut(&text[..cut]);
                assert!(
                    !shown.contains("492") && !shown.contains("eyJh") && !shown.contains("AKIA"),
                    "{shown}"
                );
                assert!(!shown.contains("c2") && !shown.contains("zq"), "{shown}");
            }
        }
    }
}
