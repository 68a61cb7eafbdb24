//! Card numbers.

use std::ops::{Range, RangeInclusive};

use super::{add, run_end};

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
            self.last_once + u32::from(DOUBLED[usize::from(value)]),
        );
        self.count += 1;
    }

    /// Nothing but zeros would pass the check; it is no card but, say, the nil UUID.
    fn is_card_number(&self) -> bool {
        CARD_DIGITS.contains(&self.count) && self.last_once > 0 && self.last_once.is_multiple_of(10)
    }
}

/// What each digit counts where it counts twice.
const DOUBLED: [u8; 10] = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];

fn is_card_byte(byte: u8) -> bool {
    byte.is_ascii_digit() || is_separator(byte)
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b'-')
}

/// Where the next run of digits and separators starts that is long enough for a card number: with a whole group of digits,
/// or before one.
fn next_card_run(bytes: &[u8], from: usize) -> Option<usize> {
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
            None => return Some(last + 1 - shortest),
        }
    }
    None
}

pub(super) fn find(bytes: &[u8], found: &mut Vec<Range<usize>>) {
    let mut from = 0;
    while let Some(start) = next_card_run(bytes, from) {
        from = find_in_run(bytes, start, found);
    }
}

/// Finds the numbers in the run that starts at `start`: where it ends.
fn find_in_run(bytes: &[u8], start: usize, found: &mut Vec<Range<usize>>) -> usize {
    let mut groups = Groups::default();
    let mut at = start;
    loop {
        let end = groups.read(bytes, at);
        if let Some(card) = groups.longest_card(end) {
            add(found, card);
        }
        at = match &bytes[end..] {
            [b' ' | b'-', b'0'..=b'9', ..] => end + 1,
            [b' ' | b'-', ..] => {
                // Only single separators are within a number.
                groups.part();
                run_end(bytes, end, is_separator)
            }
            _ => return end,
        };
    }
}

/// Groups of digits, one after the other. Whichever of the last ones are looked at together, the check takes no more than a
/// comparison: with the sum of what came before each group.
#[derive(Default)]
struct Groups {
    /// How many digits there were.
    count: usize,
    /// The last digits of the sums of all of them, where the next digit counts once, and where the last one did.
    next_once: u64,
    last_once: u64,
    /// The same two before each group, and one more, in the digit of this number that tells how many digits ago the group
    /// started. Zero says that none started there.
    next_once_before: u128,
    last_once_before: u128,
    /// Where the last groups start, by the count of digits before them.
    starts: [usize; 32],
    /// The count up to and including the last group that is not all zeros.
    nonzero: usize,
}

impl Groups {
    const BITS: usize = 4;
    /// One in each of the digits that tell of card numbers.
    const ONES: u32 = 0x111_1111;

    /// Reads the group at `start`, if there is one: where it ends.
    #[inline]
    fn read(&mut self, bytes: &[u8], start: usize) -> usize {
        self.starts[self.count % 32] = start;
        let mut next_once_before = self.next_once_before | u128::from(self.next_once + 1);
        let mut last_once_before = self.last_once_before | u128::from(self.last_once + 1);

        let (mut next_once, mut last_once) = (self.next_once, self.last_once);
        let mut any = 0;
        let mut length = 0;
        for byte in &bytes[start..] {
            let value = byte.wrapping_sub(b'0');
            let Some(doubled) = DOUBLED.get(usize::from(value)) else {
                break;
            };
            // With the next digit, the two change places.
            (next_once, last_once) = (
                last_once + u64::from(*doubled),
                next_once + u64::from(value),
            );
            any |= value;
            length += 1;
        }
        (self.next_once, self.last_once) = (next_once % 10, last_once % 10);
        self.count += length;
        if any > 0 {
            self.nonzero = self.count;
        }

        if length > *CARD_DIGITS.end() {
            // No number can have this group in it.
            (next_once_before, last_once_before) = (0, 0);
        }
        let shift = Self::BITS * (length % 32);
        next_once_before <<= shift;
        last_once_before <<= shift;
        (self.next_once_before, self.last_once_before) = if length.is_multiple_of(2) {
            (next_once_before, last_once_before)
        } else {
            (last_once_before, next_once_before)
        };
        start + length
    }

    /// No number is of groups before and after this.
    fn part(&mut self) {
        (self.next_once_before, self.last_once_before) = (0, 0);
    }

    /// The longest card number of whole groups that ends with the last one, at `end`.
    #[inline]
    fn longest_card(&self, end: usize) -> Option<Range<usize>> {
        let shortest = *CARD_DIGITS.start();
        let before = (self.last_once_before >> (Self::BITS * shortest)) as u32;
        // The digits that are the same become zero. Adding takes all others to their highest bit.
        let others = before ^ ((self.last_once as u32 + 1) * Self::ONES);
        let others = ((others & (7 * Self::ONES)) + 7 * Self::ONES) | others;
        let same = !others & (8 * Self::ONES);
        let longest = shortest + same.checked_ilog2()? as usize / Self::BITS;
        let first = self.count - longest;
        (self.nonzero > first).then(|| self.starts[first % 32]..end)
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
#[inline(always)]
pub(crate) fn may_hold_card(bytes: &[u8], part: &Range<usize>) -> bool {
    part.end - part.start >= *CARD_DIGITS.start()
        && next_card_run(&bytes[..part.end], part.start).is_some()
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
                    find(text.as_bytes(), &mut found);
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
            find(text.as_bytes(), &mut found);
            let mut marked = vec![false; text.len()];
            found.into_iter().for_each(|range| marked[range].fill(true));
            prop_assert_eq!(marked, expected);
        }
    }
}
