//! The names that were judged before: most inputs have few, many times, and so has the next input.

use std::{
    cell::RefCell,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
};

use super::NameClass;

const SETS: usize = 512;
/// A name is kept in two parts, of which most have but the first. Longer names are judged each time.
const START: usize = 16;
const REST: usize = 80;

thread_local! {
    static KEPT: NameCache = NameCache::default();
}

/// Identifies rules, so that what was judged by some is not taken for what others say.
#[derive(Debug)]
pub(super) struct RulesId(u64);

impl Default for RulesId {
    fn default() -> Self {
        static LAST: AtomicU64 = AtomicU64::new(0);
        Self(LAST.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

impl Clone for RulesId {
    /// Rules are cloned to be changed.
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// The two names that were put last of those that belong here, the last one first.
type Set = [Slot; 2];

#[derive(Clone, Copy, Debug)]
struct Slot {
    /// Whose rules judged it; 0 in a free slot.
    owner: u64,
    start: Start,
    /// What is behind its start.
    rest: [u8; REST],
    known: Known,
}

impl Slot {
    fn free() -> Self {
        Self {
            owner: 0,
            start: Start::default(),
            rest: [0; REST],
            known: Known::default(),
        }
    }

    #[inline]
    fn is_of(&self, owner: u64, start: Start, rest: &[u8]) -> bool {
        self.start == start
            && self.owner == owner
            && (rest.is_empty() || self.rest[..rest.len()] == *rest)
    }
}

/// What is known of a name.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Known {
    pub(crate) class: NameClass,
    /// Whether it is known that nothing in it is to be hidden.
    pub(crate) is_clean: bool,
}

/// The first bytes of a name, and its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Start {
    /// Zeros behind the last byte.
    bytes: u128,
    length: u64,
}

impl Start {
    /// The start of the name that is the first bytes of `part`: less than all.
    #[inline]
    pub(crate) fn of_part(part: [u8; START], length: usize) -> Self {
        Self {
            bytes: u128::from_le_bytes(part) & ((1 << (8 * length)) - 1),
            length: length as u64,
        }
    }

    /// The start of a name that has no more than that.
    #[inline]
    fn of_short(name: &[u8]) -> Self {
        // What the first and the last bytes have in common is the same in both.
        let bytes = match (name.first_chunk(), name.last_chunk()) {
            (Some(first), Some(last)) => {
                let last = u128::from(u64::from_le_bytes(*last)) << (8 * (name.len() - 8));
                u128::from(u64::from_le_bytes(*first)) | last
            }
            _ => u128::from(word(name)),
        };
        let length = name.len() as u64;
        Self { bytes, length }
    }

    #[inline]
    fn set(self, rest: &[u8]) -> usize {
        let last = rest
            .last_chunk()
            .map_or(0, |last| u64::from_le_bytes(*last));
        let mix = |word: u64| word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let (low, high) = (self.bytes as u64, (self.bytes >> 64) as u64);
        let mixed = mix(mix(low ^ last) ^ high ^ self.length);
        // As many as there are sets.
        (mixed >> 55) as usize
    }
}

/// Less than eight bytes, the first one lowest.
#[inline]
fn word(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            let last = u64::from(u32::from_le_bytes(*last)) << (8 * (bytes.len() - 4));
            u64::from(u32::from_le_bytes(*first)) | last
        }
        _ => match *bytes {
            [first, second, third] => u64::from_le_bytes([first, second, third, 0, 0, 0, 0, 0]),
            [first, second] => u64::from_le_bytes([first, second, 0, 0, 0, 0, 0, 0]),
            [first] => u64::from(first),
            _ => 0,
        },
    }
}

/// Judged names. A name is compared with the whole of those in its set, so that none is taken for another.
#[derive(Clone, Debug, Default)]
pub(crate) struct NameCache(Rc<RefCell<Vec<Set>>>);

impl NameCache {
    /// The names of this thread.
    #[inline]
    pub(crate) fn of_thread() -> Self {
        // Fails only while the thread ends.
        KEPT.try_with(Self::clone).unwrap_or_default()
    }

    /// What is known of a name that is no longer than its start.
    #[inline]
    pub(super) fn known_short(&self, rules: &RulesId, name: Start) -> Option<Known> {
        self.find(rules, name, &[])
    }

    #[inline]
    pub(super) fn known(&self, rules: &RulesId, name: &[u8]) -> Option<Known> {
        match name.len() {
            0..=START => self.known_short(rules, Start::of_short(name)),
            _ => self.known_long(rules, name),
        }
    }

    #[inline(never)]
    fn known_long(&self, rules: &RulesId, name: &[u8]) -> Option<Known> {
        let (start, rest) = in_parts(name)?;
        self.find(rules, start, rest)
    }

    #[inline]
    fn find(&self, rules: &RulesId, start: Start, rest: &[u8]) -> Option<Known> {
        let kept = self.0.borrow();
        let mut slots = kept.get(start.set(rest))?.iter();
        let slot = slots.find(|slot| slot.is_of(rules.0, start, rest))?;
        Some(slot.known)
    }

    /// Keeps what is known of a name, in the place of what was known of it before.
    pub(super) fn keep(&self, rules: &RulesId, name: &[u8], known: Known) {
        let Some((start, rest)) = in_parts(name) else {
            return;
        };
        let mut kept = self.0.borrow_mut();
        if kept.is_empty() {
            *kept = vec![[Slot::free(); 2]; SETS];
        }
        let [last, before] = &mut kept[start.set(rest)];
        if !last.is_of(rules.0, start, rest) {
            *before = *last;
        }
        last.rest[..rest.len()].copy_from_slice(rest);
        (last.owner, last.start, last.known) = (rules.0, start, known);
    }
}

/// The start of a name that is not too long, and the rest.
fn in_parts(name: &[u8]) -> Option<(Start, &[u8])> {
    let (short, rest) = name.split_at(name.len().min(START));
    let start = Start {
        length: name.len() as u64,
        ..Start::of_short(short)
    };
    (rest.len() <= REST).then_some((start, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_not_taken_for_another_nor_for_that_of_other_rules() {
        let (one, other) = (RulesId::default(), RulesId::default());
        let cache = NameCache::of_thread();
        let known = |n: usize| Known {
            class: NameClass {
                shown: n.is_multiple_of(2),
                ..NameClass::default()
            },
            is_clean: n.is_multiple_of(3),
        };
        let said = |known: Option<Known>| known.map(|known| (known.class.shown, known.is_clean));
        let names = || (0..5_000).map(|n| ("a".repeat(n % 44) + &n.to_string(), n));
        for (name, n) in names() {
            cache.keep(&one, name.as_bytes(), known(n + 1));
            cache.keep(&one, name.as_bytes(), known(n));
            assert_eq!(
                said(cache.known(&one, name.as_bytes())),
                said(Some(known(n)))
            );
        }
        for (name, n) in names() {
            let kept = cache.known(&one, name.as_bytes());
            assert!(kept.is_none() || said(kept) == said(Some(known(n))));
            assert!(cache.known(&other, name.as_bytes()).is_none());
            assert!(cache.known(&one, format!("b{name}").as_bytes()).is_none());
        }
        assert!(cache.known(&one, b"4999".as_slice()).is_none());
    }

    #[test]
    fn the_start_of_a_name_is_the_same_however_it_is_read() {
        let part = *b"password_of_a_db";
        for length in 0..part.len() {
            assert_eq!(
                Start::of_short(&part[..length]),
                Start::of_part(part, length)
            );
        }
    }
}
