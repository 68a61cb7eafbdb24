//! Card numbers.

use std::ops::{Range, RangeInclusive};

use super::run_end;

/// How many digits a card number has.
pub(crate) const CARD_DIGITS: RangeInclusive<usize> = 13..=19;

/// Whether these digits (as text) could be a card number: the right count, and a right check digit.
pub(crate) fn is_card_number(digits: impl Iterator<Item = u8>) -> bool {
    let mut luhn = Luhn::default();
    for digit in digits {
        luhn.push(digit);
        if luhn.count > *CARD_DIGITS.end() {
            return false;
        }
    }
    luhn.is_card_number()
}

/// The check of a number that grows digit by digit at its end.
#[derive(Default)]
struct Luhn {
    count: usize,
    /// The sum where the last digit counts once, and the one where it counts twice.
    last_once: u32,
    last_twice: u32,
}

impl Luhn {
    fn push(&mut self, digit: u8) {
        let value = digit - b'0';
        (self.last_once, self.last_twice) = (
            self.last_twice + u32::from(value),
            self.last_once + u32::from(doubled(value)),
        );
        self.count += 1;
    }

    /// Nothing but zeros would pass the check; it is no card but, say, the nil UUID.
    fn is_card_number(&self) -> bool {
        CARD_DIGITS.contains(&self.count) && self.last_once > 0 && self.last_once.is_multiple_of(10)
    }
}

/// A digit that counts twice.
fn doubled(value: u8) -> u8 {
    if value > 4 {
        2 * value - 9
    } else {
        2 * value
    }
}

fn is_card_byte(byte: u8) -> bool {
    byte.is_ascii_digit() || is_separator(byte)
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-')
}

/// The next run of digits and separators that is long enough for a card number, as far as it goes. It starts with a whole
/// group of digits, or before one.
fn next_card_run(bytes: &[u8], from: usize) -> Option<Range<usize>> {
    let shortest = *CARD_DIGITS.start();
    // A byte of a card number is a digit or comes after one. So many bytes apart, one of them is within any number.
    let mut last = from + shortest - 1;
    while let [before, byte] = bytes.get(last - 1..=last)? {
        if !(before.is_ascii_digit() | byte.is_ascii_digit()) {
            last += shortest;
            continue;
        }
        let window = &bytes[last + 1 - shortest..=last];
        // A byte of another kind rules out every window over it, and the last such byte the most of them.
        match window.iter().rposition(|byte| !is_card_byte(*byte)) {
            Some(other) => last += other + 1,
            None => return Some(last + 1 - shortest..run_end(bytes, last, is_card_byte)),
        }
    }
    None
}

pub(super) fn find_cards(bytes: &[u8], found: &mut Vec<Range<usize>>) {
    let mut from = 0;
    while let Some(run) = next_card_run(bytes, from) {
        from = run.end;
        let mut digits = Digits::default();
        let run_bytes = &bytes[..run.end];
        for at in run {
            let byte = run_bytes[at];
            let next = run_bytes.get(at + 1).copied().unwrap_or_default();
            if byte.is_ascii_digit() {
                digits.push(at, byte);
                if !next.is_ascii_digit() {
                    found.extend(digits.longest_card());
                }
            } else if !next.is_ascii_digit() {
                // Only single separators are within a number.
                digits.clear();
            }
        }
    }
}

/// The last digits of a run. Whichever of them are looked at, the check takes no more than a subtraction: with sums of
/// what came before each, both where the even ones count twice and where the odd ones do.
#[derive(Default)]
struct Digits {
    last: [Digit; 32],
    count: usize,
    /// Modulo ten.
    sums: [u8; 2],
    /// The count up to and including the last digit that is not zero.
    nonzero: usize,
    end: usize,
}

#[derive(Clone, Copy, Default)]
struct Digit {
    at: usize,
    begins_group: bool,
    sums_before: [u8; 2],
}

impl Digits {
    fn push(&mut self, at: usize, digit: u8) {
        *self.nth_mut(self.count) = Digit {
            at,
            begins_group: self.count == 0 || self.end < at,
            sums_before: self.sums,
        };
        let value = digit - b'0';
        let [odd_twice, even_twice] = self.sums;
        let (once, twice) = (value, doubled(value));
        self.sums = if self.count.is_multiple_of(2) {
            [(odd_twice + once) % 10, (even_twice + twice) % 10]
        } else {
            [(odd_twice + twice) % 10, (even_twice + once) % 10]
        };
        self.count += 1;
        self.end = at + 1;
        if value > 0 {
            self.nonzero = self.count;
        }
    }

    fn clear(&mut self) {
        (self.count, self.sums, self.nonzero) = (0, [0; 2], 0);
    }

    fn nth_mut(&mut self, n: usize) -> &mut Digit {
        &mut self.last[n % 32]
    }

    /// The longest card number of whole groups that ends here, at the end of a group.
    fn longest_card(&mut self) -> Option<Range<usize>> {
        // The last digit counts once.
        let parity = (self.count + 1) % 2;
        let sum = self.sums[parity];
        for length in CARD_DIGITS.rev() {
            let Some(first) = self.count.checked_sub(length) else {
                continue;
            };
            let digit = *self.nth_mut(first);
            if digit.begins_group && digit.sums_before[parity] == sum && self.nonzero > first {
                return Some(digit.at..self.end);
            }
        }
        None
    }
}

/// The groups of digits at the end of a cut text that may be the beginning of a card number.
pub(super) fn card_beginning(bytes: &[u8]) -> Option<Range<usize>> {
    let mut count = 0;
    let mut beginning = None;
    for (at, byte) in bytes.iter().enumerate().rev() {
        let before = at
            .checked_sub(1)
            .map(|before| bytes[before])
            .unwrap_or_default();
        if byte.is_ascii_digit() {
            count += 1;
            if count > *CARD_DIGITS.end() {
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

/// Whether a card number could be found in a part of `bytes`, told without reading all of it.
#[inline]
pub(crate) fn may_hold_card(bytes: &[u8], part: &Range<usize>) -> bool {
    part.len() >= *CARD_DIGITS.start() && next_card_run(&bytes[..part.end], part.start).is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Whether a text is a card number, by the definition.
    fn is_card(text: &str) -> bool {
        let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
        let is_group = |group: &str| !group.is_empty() && group.bytes().all(|b| b.is_ascii_digit());
        let grouped = text.split([' ', '-']).all(is_group);
        grouped && is_card_number(digits.into_iter())
    }

    #[test]
    fn a_card_number_is_found_at_every_place() {
        for card in [
            "4222222222222",
            "4111-1111-1111-1111",
            "4 2 2 2 2 2 2 2 2 2 2 2 2",
        ] {
            for before in 0..40 {
                for after in 0..14 {
                    let text = format!("{}{card}{}", "x".repeat(before), "x".repeat(after));
                    let mut found = Vec::new();
                    find_cards(text.as_bytes(), &mut found);
                    assert_eq!(found.len(), 1, "{text}");
                    assert_eq!(&text[found[0].clone()], card);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn all_card_numbers_of_whole_groups_are_found(text in "[0-9]{0,5}[ -]{0,2}([049]{1,6}[ x-]?){0,12}") {
            let is_digit = |at: Option<usize>| {
                at.and_then(|at| text.as_bytes().get(at)).is_some_and(u8::is_ascii_digit)
            };
            let mut expected = vec![false; text.len()];
            for start in 0..text.len() {
                for end in start + 13..=text.len() {
                    let whole = !is_digit(start.checked_sub(1)) && !is_digit(Some(end));
                    if whole && is_card(&text[start..end]) {
                        expected[start..end].fill(true);
                    }
                }
            }
            let mut found = Vec::new();
            find_cards(text.as_bytes(), &mut found);
            let mut marked = vec![false; text.len()];
            found.into_iter().for_each(|range| marked[range].fill(true));
            prop_assert_eq!(marked, expected);
        }
    }
}
