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
        let value = u32::from(digit - b'0');
        let doubled = if value > 4 { 2 * value - 9 } else { 2 * value };
        (self.last_once, self.last_twice) = (self.last_twice + value, self.last_once + doubled);
        self.count += 1;
    }

    /// Nothing but zeros would pass the check; it is no card but, say, the nil UUID.
    fn is_card_number(&self) -> bool {
        CARD_DIGITS.contains(&self.count) && self.last_once > 0 && self.last_once.is_multiple_of(10)
    }
}

fn is_card_byte(byte: u8) -> bool {
    byte.is_ascii_digit() || is_separator(byte)
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-')
}

/// The next run of digits and separators that is long enough for a card number, as far as it goes.
fn next_card_run(bytes: &[u8], mut from: usize) -> Option<Range<usize>> {
    let shortest = *CARD_DIGITS.start();
    while let Some(window) = bytes.get(from..from + shortest) {
        // A byte of another kind rules out every window over it, and the last such byte the most of them.
        match window.iter().rposition(|byte| !is_card_byte(*byte)) {
            Some(other) => from += other + 1,
            None => return Some(from..run_end(bytes, from + shortest, is_card_byte)),
        }
    }
    None
}

pub(super) fn find_cards(bytes: &[u8], found: &mut Vec<Range<usize>>) {
    let mut from = 0;
    while let Some(run) = next_card_run(bytes, from) {
        from = run.end;
        let run_bytes = &bytes[..run.end];
        let mut group = run.start;
        while group < run.end {
            if bytes[group].is_ascii_digit() {
                found.extend(card_from(run_bytes, group));
                group = run_end(run_bytes, group, |b| b.is_ascii_digit());
            } else {
                group += 1;
            }
        }
    }
}

/// The longest card number of whole groups of digits from `start` on, the beginning of a group.
fn card_from(bytes: &[u8], start: usize) -> Option<Range<usize>> {
    let mut luhn = Luhn::default();
    let mut longest = None;
    for (at, byte) in bytes.iter().enumerate().skip(start) {
        let next = bytes.get(at + 1).copied().unwrap_or_default();
        if byte.is_ascii_digit() {
            luhn.push(*byte);
            if luhn.count > *CARD_DIGITS.end() {
                break;
            }
            if !next.is_ascii_digit() && luhn.is_card_number() {
                longest = Some(start..at + 1);
            }
        } else if !next.is_ascii_digit() {
            break;
        }
    }
    longest
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

/// Whether a card number could be found in `bytes`, told without reading them all.
pub(crate) fn may_hold_card(bytes: &[u8]) -> bool {
    next_card_run(bytes, 0).is_some()
}
