//! Numbers of payment cards (ISO/IEC 7812): issuers' prefixes and lengths, and the check digit.

use std::{
    borrow::Cow,
    ops::{Range, RangeInclusive},
};

/// Their name in the findings.
pub(super) const NAME: &str = "card-number";

/// How many digits a card number has.
const DIGITS: RangeInclusive<usize> = 13..=19;

/// Prefixes of issuers, from and to, with the same number of digits, and how many digits their cards have.
const ISSUERS: [(u32, u32, RangeInclusive<usize>); 24] = [
    (4, 4, 13..=13),           // Visa, the oldest
    (4, 4, 16..=16),           // Visa
    (4, 4, 19..=19),           // Visa
    (51, 55, 16..=16),         // Mastercard
    (2221, 2720, 16..=16),     // Mastercard
    (34, 34, 15..=15),         // American Express
    (37, 37, 15..=15),         // American Express
    (300, 305, 14..=19),       // Diners Club
    (3095, 3095, 14..=19),     // Diners Club
    (36, 36, 14..=19),         // Diners Club
    (38, 39, 14..=19),         // Diners Club
    (6011, 6011, 16..=19),     // Discover
    (644, 659, 16..=19),       // Discover, RuPay, Elo
    (622126, 622925, 16..=19), // Discover, UnionPay
    (62, 62, 16..=19),         // UnionPay
    (3528, 3589, 16..=19),     // JCB
    (5018, 5038, 13..=19),     // Maestro, Dankort
    (5060, 5099, 16..=19),     // Verve, Elo, RuPay
    (5610, 5899, 13..=19),     // Maestro
    (6304, 6390, 13..=19),     // Maestro, InstaPayment
    (6759, 6763, 13..=19),     // Maestro
    (2200, 2205, 16..=19),     // Mir
    (60, 60, 16..=16),         // RuPay, Hipercard
    (8171, 8299, 16..=19),     // UnionPay, RuPay
];

/// The digits of the integer that a number of JSON stands for, in whatever way it is written: `-42`, `42.0`, `4.2e1`. None if
/// it stands for a fraction, or for more digits than a card number has.
pub(super) fn integer(number: &str) -> Cow<'_, [u8]> {
    let unsigned = number.strip_prefix('-').unwrap_or(number);
    if !unsigned.contains(['.', 'e', 'E']) {
        return Cow::Borrowed(unsigned.as_bytes());
    }
    let (mantissa, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let zeros = exponent.parse::<i32>().ok().and_then(|exponent| {
        usize::try_from(exponent.checked_sub(i32::try_from(fraction.len()).ok()?)?).ok()
    });
    match zeros {
        Some(zeros) if whole.len() + fraction.len() + zeros <= *DIGITS.end() => {
            Cow::Owned([whole.as_bytes(), fraction.as_bytes(), &vec![b'0'; zeros]].concat())
        }
        _ => Cow::Borrowed(b""),
    }
}

/// Whether digits are a card number.
pub(super) fn is_card(digits: &[u8]) -> bool {
    DIGITS.contains(&digits.len())
        && digits.iter().all(u8::is_ascii_digit)
        && is_checked(digits)
        && is_issued(digits)
}

/// Whether what there is of a number of JSON may be the beginning of a card number.
pub(super) fn may_begin(number: &str) -> bool {
    let unsigned = number.strip_prefix('-').unwrap_or(number);
    unsigned.starts_with(['2', '3', '4', '5', '6', '8'])
        && unsigned.bytes().take_while(u8::is_ascii_digit).count() <= *DIGITS.end()
}

fn is_issued(digits: &[u8]) -> bool {
    ISSUERS.iter().any(|(from, to, lengths)| {
        let length = from.ilog10() as usize + 1;
        let prefix = digits[..length]
            .iter()
            .fold(0, |n, d| n * 10 + u32::from(d - b'0'));
        lengths.contains(&digits.len()) && (*from..=*to).contains(&prefix)
    })
}

/// Luhn's check digit, ISO/IEC 7812-1, annex B.
fn is_checked(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit - b'0');
            match value * 2 {
                _ if place % 2 == 0 => value,
                doubled @ 0..=9 => doubled,
                doubled => doubled - 9,
            }
        })
        .sum();
    sum.is_multiple_of(10)
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-')
}

fn is_card_byte(byte: u8) -> bool {
    byte.is_ascii_digit() || is_separator(byte)
}

/// Where the next run of digits and separators starts that is long enough: with a whole group of digits, or before one.
#[inline]
pub(super) fn next_run(bytes: &[u8], from: usize) -> Option<usize> {
    let shortest = *DIGITS.start();
    // A byte of a card number is a digit or comes after one. So many bytes apart, one of them is within any number.
    let mut last = from + shortest - 1;
    while let [before, byte] = bytes.get(last - 1..=last)? {
        if !(before.is_ascii_digit() | byte.is_ascii_digit()) {
            last += shortest;
            continue;
        }
        let window = &bytes[last + 1 - shortest..=last];
        match window.iter().rposition(|byte| !is_card_byte(*byte)) {
            Some(other) => last += other + 1,
            None => return Some(last + 1 - shortest),
        }
    }
    None
}

/// Appends the numbers, digits alone or in groups with single separators, in the run that starts at `start`; returns where it ends.
pub(super) fn find_in_run(bytes: &[u8], start: usize, found: &mut Vec<Range<usize>>) -> usize {
    // The last groups that may be of one number.
    let mut groups: Vec<Range<usize>> = Vec::new();
    let mut at = start;
    loop {
        let end = digits_end(bytes, at);
        let length = end - at;
        if length > *DIGITS.end() {
            groups.clear();
        } else if length > 0 {
            groups.push(at..end);
            if let Some(card) = longest_card(bytes, &groups) {
                found.push(card);
                groups.clear();
            }
            // Groups but the last have at least three digits.
            if length < 3 {
                groups.clear();
            } else if groups.len() > 6 {
                groups.remove(0);
            }
        }
        at = match &bytes[end..] {
            [b' ' | b'-', b'0'..=b'9', ..] => end + 1,
            [b' ' | b'-', ..] => {
                groups.clear();
                end + bytes[end..]
                    .iter()
                    .take_while(|b| is_separator(**b))
                    .count()
            }
            _ => return end.max(start + 1),
        };
    }
}

fn digits_end(bytes: &[u8], from: usize) -> usize {
    from + bytes[from..]
        .iter()
        .take_while(|b| b.is_ascii_digit())
        .count()
}

/// The longest card number that the last of these groups are.
fn longest_card(bytes: &[u8], groups: &[Range<usize>]) -> Option<Range<usize>> {
    let end = groups.last()?.end;
    if !stands_alone(bytes, groups.first()?.start, end) {
        return None;
    }
    let mut digits = [0; 24];
    (0..groups.len()).find_map(|first| {
        let mut length = 0;
        for group in &groups[first..] {
            let room = digits.get_mut(length..length + group.len())?;
            room.copy_from_slice(&bytes[group.clone()]);
            length += group.len();
        }
        is_card(&digits[..length]).then_some(groups[first].start..end)
    })
}

/// Whether digits stand alone: outside of a hash, a UUID or a decimal fraction.
fn stands_alone(bytes: &[u8], start: usize, end: usize) -> bool {
    let is_hex = |byte: &u8| matches!(byte, b'a'..=b'f' | b'A'..=b'F');
    let before = match &bytes[..start] {
        [.., b'0'..=b'9', b'.'] => false,
        [.., b'\\', _] => true,
        [.., last] => !is_hex(last),
        [] => true,
    };
    let after = match &bytes[end..] {
        [b'.', b'0'..=b'9', ..] => false,
        [b'-', next, ..] => !is_hex(next),
        [next, ..] => !is_hex(next),
        [] => true,
    };
    before && after
}

/// The groups of digits at the end of a truncated text that may be the beginning of a card number.
pub(super) fn beginning(bytes: &[u8]) -> Option<Range<usize>> {
    let mut count = 0;
    let mut beginning = None;
    for (at, byte) in bytes.iter().enumerate().rev() {
        let before = at.checked_sub(1).map_or(0, |before| bytes[before]);
        if byte.is_ascii_digit() {
            count += 1;
            if count > *DIGITS.end() {
                break;
            }
            if !before.is_ascii_digit() {
                beginning = Some(at..bytes.len());
            }
        } else if !is_separator(*byte) || !before.is_ascii_digit() {
            break;
        }
    }
    beginning
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let mut found = Vec::new();
        let mut from = 0;
        while let Some(start) = next_run(text.as_bytes(), from) {
            from = find_in_run(text.as_bytes(), start, &mut found);
        }
        let found: Vec<_> = found.into_iter().map(|range| &text[range]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn card_numbers_of_all_issuers_are_found() {
        // Test numbers of payment providers.
        for card in [
            "4222222222222",
            "4111111111111111",
            "5555555555554444",
            "2223003122003222",
            "378282246310005",
            "30569309025904",
            "36227206271667",
            "6011111111111117",
            "3566002020360505",
            "6200000000000005",
            "6759649826438453",
            "4111 1111 1111 1111",
            "4111-1111-1111-1111",
            "3782-822463-10005",
        ] {
            check(card, &[card]);
            check(&format!("card {card}, thanks"), &[card]);
            check(&format!("x{card}y"), &[card]);
            check(&format!("2024 {card} - 12"), &[card]);
        }
    }

    #[test]
    fn other_numbers_are_not() {
        for text in [
            "4111111111111112",
            "1717171717165",
            "1609459200007",
            "41111111111111114111",
            "0.4111111111111111",
            "a4111111111111111",
            "4f7b0000-1234-4000-8000-424242424242",
            "00000000-0000-0000-0000-000000000000",
            "4111  1111  1111  1111",
            "2024-05-17 12 30 00",
            "9111111111111111",
            "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        ] {
            check(text, &[]);
        }
    }

    #[test]
    fn numbers_of_json_are_read_in_every_way_that_they_are_written() {
        for number in [
            "4111111111111111",
            "-4111111111111111",
            "4111111111111111.0",
            "4.111111111111111e15",
            "411111111111111.10E+01",
        ] {
            assert!(is_card(&integer(number)), "{number}");
        }
        for other in [
            "0.4111111111111111",
            "4111111111111111.5",
            "4111111111111111e1",
            "4e99999999999",
            "4e-99999999999",
            "4.111111111111111",
        ] {
            assert!(!is_card(&integer(other)), "{other}");
        }
    }

    #[test]
    fn a_beginning_is_found_at_the_end() {
        for (text, expected) in [
            ("pay 4111 11", "4111 11"),
            ("pay 4111-", "4111-"),
            ("a 41", "41"),
        ] {
            assert_eq!(
                beginning(text.as_bytes()).map(|range| &text[range]),
                Some(expected)
            );
        }
    }
}
