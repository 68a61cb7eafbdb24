//! Numbers of payment cards (ISO/IEC 7812): issuers' prefixes and lengths, and the check digit.

use std::{
    borrow::Cow,
    ops::{Range, RangeInclusive},
};

/// Their name in the findings.
pub(super) const NAME: &str = "card-number";

/// How many digits a card number has.
const DIGITS: RangeInclusive<usize> = SHORTEST..=19;
pub(super) const SHORTEST: usize = 13;

/// Prefixes of issuers, from and to, with the same number of digits, and how many digits their cards have.
const ISSUERS: [(usize, usize, RangeInclusive<usize>); 23] = [
    (4, 4, 13..=13),       // Visa, the oldest
    (4, 4, 16..=16),       // Visa
    (4, 4, 19..=19),       // Visa
    (51, 55, 16..=16),     // Mastercard
    (2221, 2720, 16..=16), // Mastercard
    (34, 34, 15..=15),     // American Express
    (37, 37, 15..=15),     // American Express
    (300, 305, 14..=19),   // Diners Club
    (3095, 3095, 14..=19), // Diners Club
    (36, 36, 14..=19),     // Diners Club
    (38, 39, 14..=19),     // Diners Club
    (6011, 6011, 16..=19), // Discover
    (644, 659, 16..=19),   // Discover, RuPay, Elo
    (62, 62, 16..=19),     // UnionPay, Discover
    (3528, 3589, 16..=19), // JCB
    (5018, 5038, 13..=19), // Maestro, Dankort
    (5060, 5099, 16..=19), // Verve, Elo, RuPay
    (5610, 5899, 13..=19), // Maestro
    (6304, 6390, 13..=19), // Maestro, InstaPayment
    (6759, 6763, 13..=19), // Maestro
    (2200, 2205, 16..=19), // Mir
    (60, 60, 16..=16),     // RuPay, Hipercard
    (8171, 8299, 16..=19), // UnionPay, RuPay
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
        && is_issued(digits.iter().copied(), digits.len())
        && is_checked(digits)
}

fn is_checked(digits: &[u8]) -> bool {
    let mut sums = LuhnSums::default();
    digits.iter().for_each(|digit| sums.push(*digit));
    sums.are_checked_from(&LuhnSums::default())
}

/// Whether what there is of a number of JSON may be the beginning of a card number.
pub(super) fn may_begin(number: &str) -> bool {
    let unsigned = number.strip_prefix('-').unwrap_or(number);
    unsigned.bytes().next().is_some_and(may_be_first)
        && unsigned.bytes().take_while(u8::is_ascii_digit).count() <= *DIGITS.end()
}

/// Whether an issuer's prefix begins with this digit.
#[inline]
fn may_be_first(digit: u8) -> bool {
    matches!(digit, b'2'..=b'6' | b'8')
}

/// How many digits the cards have whose first four digits are these, as bits from 1 for the shortest on.
static LENGTHS: [u8; 10_000] = {
    let mut lengths = [0; 10_000];
    let mut row = 0;
    while row < ISSUERS.len() {
        let (from, to, ref digits) = ISSUERS[row];
        let mut rest = 1;
        while from * rest < 1_000 {
            rest *= 10;
        }
        let mut prefix = from * rest;
        while prefix < (to + 1) * rest {
            let mut length = *digits.start();
            while length <= *digits.end() {
                lengths[prefix] |= 1 << (length - *DIGITS.start());
                length += 1;
            }
            prefix += 1;
        }
        row += 1;
    }
    lengths
};

/// Whether an issuer has cards of so many digits, at least 13, that begin with these.
fn is_issued(digits: impl Iterator<Item = u8>, length: usize) -> bool {
    let prefix = { digits }
        .take(4)
        .fold(0, |number, digit| number * 10 + usize::from(digit - b'0'));
    LENGTHS[prefix] >> (length - DIGITS.start()) & 1 != 0
}

/// Luhn's check digit (ISO/IEC 7812-1, annex B): the sums of digits of which every other one counts double.
#[derive(Clone, Copy, Default)]
struct LuhnSums {
    count: usize,
    /// The sum in which the last digit counts once, and the one in which it counts double.
    sums: [usize; 2],
}

impl LuhnSums {
    #[inline]
    fn push(&mut self, digit: u8) {
        /// What digits count that count double: the sum of the digits of twice the number.
        const DOUBLED: [u8; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];
        let value = usize::from(digit - b'0');
        let [once, double] = self.sums;
        self.sums = [double + value, once + usize::from(DOUBLED[value])];
        self.count += 1;
    }

    /// Whether the digits behind those of `before` end with their check digit.
    fn are_checked_from(&self, before: &Self) -> bool {
        let same = (self.count - before.count) % 2;
        (self.sums[0] - before.sums[same]).is_multiple_of(10)
    }
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-')
}

fn is_card_byte(byte: u8) -> bool {
    byte.is_ascii_digit() || is_separator(byte)
}

/// Returns where the next run of digits and separators starts that is long enough for a card number: at a whole group of
/// digits, or before one.
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

/// The last groups of digits that may be of one number.
#[derive(Default)]
struct Groups {
    /// Where each starts, and the sums of the digits before it.
    starts: [(usize, LuhnSums); Self::MOST],
    count: usize,
    sums: LuhnSums,
}

impl Groups {
    /// All of a number but the last have at least three digits.
    const MOST: usize = *DIGITS.end() / 3 + 1;

    /// Reads the digits from `start` on; returns where they end.
    #[inline]
    fn read(&mut self, bytes: &[u8], start: usize) -> usize {
        let before = self.sums;
        for digit in bytes[start..].iter().take_while(|b| b.is_ascii_digit()) {
            self.sums.push(*digit);
        }
        let length = self.sums.count - before.count;
        if length > *DIGITS.end() {
            self.count = 0;
        } else if length > 0 {
            if self.count == Self::MOST {
                self.starts.copy_within(1.., 0);
                self.count -= 1;
            }
            self.starts[self.count] = (start, before);
            self.count += 1;
        }
        start + length
    }

    /// Returns the longest card number that the last of these groups form. The last one ends at `end`.
    fn longest_card(&self, bytes: &[u8], end: usize) -> Option<Range<usize>> {
        let starts = &self.starts[..self.count];
        let (start, before) = starts.first()?;
        if self.sums.count - before.count < *DIGITS.start() || !stands_alone(bytes, *start, end) {
            return None;
        }
        let is_card = |(start, before): &&(usize, LuhnSums)| {
            let digits = bytes[*start..end].iter().filter(|b| b.is_ascii_digit());
            let length = self.sums.count - before.count;
            // Half of the time of texts with many groups of zeros.
            may_be_first(bytes[*start])
                && DIGITS.contains(&length)
                && self.sums.are_checked_from(before)
                && is_issued(digits.copied(), length)
        };
        starts.iter().find(is_card).map(|(start, _)| *start..end)
    }
}

/// Appends the numbers, digits alone or in groups with single separators, in the run that starts at `start`; returns where it ends.
pub(super) fn find_in_run(bytes: &[u8], start: usize, found: &mut Vec<Range<usize>>) -> usize {
    let mut groups = Groups::default();
    let mut at = start;
    loop {
        let end = groups.read(bytes, at);
        if end > at {
            if let Some(card) = groups.longest_card(bytes, end) {
                found.push(card);
                groups.count = 0;
            }
            if end - at < 3 {
                groups.count = 0;
            }
        }
        at = match &bytes[end..] {
            [b' ' | b'-', b'0'..=b'9', ..] => end + 1,
            [b' ' | b'-', ..] => {
                groups.count = 0;
                end + bytes[end..]
                    .iter()
                    .take_while(|b| is_separator(**b))
                    .count()
            }
            _ => return end.max(start + 1),
        };
    }
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
mod tests;
