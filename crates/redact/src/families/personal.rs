//! Personal data by form: e-mail addresses, phone numbers, IP addresses and national ids; opt-in.

use std::{net::Ipv6Addr, ops::Range};

use memchr::memchr_iter;

use crate::characters::boundary_from;

/// The longest address of mail that is looked for on either side of its `@` (RFC 5321).
const MAIL_PART_MAX: usize = 255;
/// How many digits a phone number has with its country (E.164), and the fewest that are hidden as one.
const PHONE_DIGITS: std::ops::RangeInclusive<usize> = 8..=15;

/// Appends the personal data in `bytes`.
pub(super) fn find(bytes: &[u8], found: &mut Vec<Range<usize>>) {
    found.extend(memchr_iter(b'@', bytes).filter_map(|at| mail(bytes, at)));
    found.extend(memchr_iter(b'+', bytes).filter_map(|at| phone(bytes, at)));
    numbers(bytes, found);
    ipv6(bytes, found);
}

/// The address around the `@` at `at`.
fn mail(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let is_local = |b: &&u8| b.is_ascii_alphanumeric() || !b.is_ascii() || b"._%+-'".contains(b);
    let before = bytes[..at]
        .iter()
        .rev()
        .take(MAIL_PART_MAX)
        .take_while(is_local)
        .count();
    let is_host = |b: &&u8| b.is_ascii_alphanumeric() || !b.is_ascii() || matches!(b, b'-' | b'.');
    let after = bytes[at + 1..]
        .iter()
        .take(MAIL_PART_MAX)
        .take_while(is_host)
        .count();
    let host = &bytes[at + 1..at + 1 + after];
    let dot = host.iter().rposition(|b| *b == b'.')?;
    let top = match &host[dot + 1..] {
        [] => return mail(&bytes[..at + 1 + dot], at),
        top => top,
    };
    let is_mail = before > 0 && dot > 0 && top.len() >= 2 && !top.iter().any(u8::is_ascii_digit);
    let range = boundary_from(bytes, at - before)..boundary_from(bytes, at + 1 + after);
    is_mail.then_some(range)
}

/// The number in international form behind the `+` at `at`.
fn phone(bytes: &[u8], at: usize) -> Option<Range<usize>> {
    let mut digits = 0;
    let mut end = at + 1;
    for (offset, byte) in bytes[at + 1..].iter().take(32).enumerate() {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                end = at + 2 + offset;
            }
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' if digits > 0 => {}
            _ => break,
        }
    }
    let starts = at == 0 || !bytes[at - 1].is_ascii_alphanumeric();
    (starts && PHONE_DIGITS.contains(&digits)).then_some(at..end)
}

/// Numbers with separators: IPv4 addresses, phone numbers and social security numbers of the United States.
fn numbers(bytes: &[u8], found: &mut Vec<Range<usize>>) {
    let mut at = 0;
    while let Some(offset) = bytes[at..].iter().position(u8::is_ascii_digit) {
        let start = at + offset;
        let is_of_number = |b: &&u8| b.is_ascii_digit() || matches!(b, b'.' | b'-');
        let length = bytes[start..].iter().take_while(is_of_number).count();
        at = start + length;
        let number = &bytes[start..at];
        let trailing = number
            .iter()
            .rev()
            .take_while(|b| !b.is_ascii_digit())
            .count();
        let number = &number[..length - trailing];
        let is_word = |b: Option<&u8>| {
            b.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
        };
        let stands_alone =
            !is_word(start.checked_sub(1).map(|before| &bytes[before])) && !is_word(bytes.get(at));
        if stands_alone
            && (is_ipv4(number) || has_groups(number, &[3, 2, 4]) || has_groups(number, &[3, 3, 4]))
        {
            found.push(start..start + number.len());
        }
    }
}

fn is_ipv4(number: &[u8]) -> bool {
    let text = std::str::from_utf8(number).unwrap_or_default();
    text.parse::<std::net::Ipv4Addr>().is_ok()
}

/// Whether a number is of groups of digits of these lengths with `-` between them.
fn has_groups(number: &[u8], lengths: &[usize]) -> bool {
    let groups = number
        .split(|b| *b == b'-')
        .map(|group| (group.len(), group.iter().all(u8::is_ascii_digit)));
    groups.eq(lengths.iter().map(|length| (*length, true)))
}

/// Addresses such as `2001:db8::1`.
fn ipv6(bytes: &[u8], found: &mut Vec<Range<usize>>) {
    let is_of_address = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b':');
    let mut at = 0;
    while let Some(colon) = memchr::memchr(b':', &bytes[at..]).map(|offset| at + offset) {
        let before = bytes[at..colon]
            .iter()
            .rev()
            .take_while(|b| is_of_address(b))
            .count();
        let after = bytes[colon..]
            .iter()
            .take_while(|b| is_of_address(b))
            .count();
        let range = colon - before..colon + after;
        at = range.end;
        let colons = bytes[range.clone()].iter().filter(|b| **b == b':').count();
        let text = std::str::from_utf8(&bytes[range.clone()]).unwrap_or_default();
        // `::` alone and `a::b` are paths in some languages.
        if colons >= 3 && text.len() <= 39 && text.parse::<Ipv6Addr>().is_ok() {
            found.push(range);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn found(text: &str) -> Vec<&str> {
        let mut found = Vec::new();
        find(text.as_bytes(), &mut found);
        found.into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn personal_data_are_found() {
        for data in [
            "ann.lee+news@mail.example.com",
            "+49 30 901820",
            "+1 (212) 555-0123",
            "212-555-0123",
            "192.0.2.17",
            "2001:db8:85a3::8a2e:370:7334",
            "078-05-1120",
        ] {
            assert_eq!(found(&format!("see {data}, please")), [data]);
        }
    }

    #[test]
    fn the_full_stops_behind_an_address_are_not_of_it() {
        for stops in [".", "..."] {
            let text = format!("write to bob@example.com{stops}");
            assert_eq!(found(&text), ["bob@example.com"], "{text}");
        }
    }

    #[test]
    fn other_values_are_not() {
        for text in [
            "2024-05-17",
            "1.2.3",
            "1.2.3.4.5",
            "12:30:00",
            "std::fmt::Debug",
            "a@b",
            "@octocat",
            "1 + 12345678 = x",
            "v1.2.3.4",
            "256.1.1.1",
            "01a22232-7362-7594-ad33-f9ad47f7f0c2",
            "git@host",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
