//! The names that were judged before: most inputs have few, many times, and so has the next input.

use std::{
    cell::RefCell,
    rc::Rc,
    sync::atomic::{AtomicU64, Ordering},
};

use super::NameClass;
use crate::characters::padded;

const SETS: usize = 512;
/// A name is kept in two parts, of which most have but the first. Longer names are judged each time.
const START: usize = 16;
const REST: usize = 80;

type Sets = Rc<RefCell<Vec<Set>>>;

thread_local! {
    static KEPT: Sets = Sets::default();
}

/// Identifies rules: names that were judged by some may mean something else by others.
#[derive(Debug)]
pub(super) struct RulesId(u64);

impl RulesId {
    #[inline]
    pub(super) fn get(&self) -> u64 {
        self.0
    }
}

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
    /// Where the name is that followed this one when it was last read.
    next: u16,
}

impl Slot {
    #[inline]
    fn is_of(&self, owner: u64, start: Start, rest: &[u8]) -> bool {
        self.start == start
            && self.owner == owner
            && (rest.is_empty() || self.rest[..rest.len()] == *rest)
    }
}

/// What is known of a name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    pub(crate) class: NameClass,
    /// Whether it is known that nothing in it is to be hidden.
    pub(crate) is_clean: bool,
}

/// The first bytes of a name, and its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

    /// The start of a name of this length that begins with these bytes.
    #[inline]
    fn of(bytes: &[u8], length: usize) -> Self {
        let (bytes, length) = (padded(bytes), length as u64);
        Self { bytes, length }
    }

    /// Whether `part` begins with this name, a quote and a colon.
    #[inline]
    fn ends_in(self, part: u128) -> bool {
        let length = self.length as usize;
        let Some((mask, end)) = MASKS.get(length).zip(ENDS.get(length)) else {
            return false;
        };
        (part ^ self.bytes ^ end) & mask == 0
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

/// The longest name that has a quote and a colon behind it in a part.
const LONGEST_IN_PART: usize = START - 2;

/// A quote and a colon behind a name of each length.
static ENDS: [u128; LONGEST_IN_PART + 1] =
    by_length(u128::from_le_bytes(*b"\":\0\0\0\0\0\0\0\0\0\0\0\0\0\0"));

/// The bits of a name of each length, a quote and a colon.
static MASKS: [u128; LONGEST_IN_PART + 1] = {
    let mut masks = by_length(0xffff);
    let mut length = 0;
    while length < masks.len() {
        masks[length] |= (1 << (8 * length)) - 1;
        length += 1;
    }
    masks
};

const fn by_length(end: u128) -> [u128; LONGEST_IN_PART + 1] {
    let mut ends = [end; LONGEST_IN_PART + 1];
    let mut length = 0;
    while length < ends.len() {
        ends[length] <<= 8 * length;
        length += 1;
    }
    ends
}

/// The names that some rules judged on this thread.
#[derive(Debug)]
pub(crate) struct NameCache {
    /// A name is compared with the whole of those in its set: a hash alone would mix them up.
    sets: Sets,
    owner: u64,
    /// Where the last name was found.
    last: usize,
}

impl NameCache {
    #[inline]
    pub(super) fn of(rules: &RulesId) -> Self {
        Self {
            // Fails only while the thread ends.
            sets: KEPT.try_with(Sets::clone).unwrap_or_default(),
            owner: rules.0,
            last: 0,
        }
    }

    /// Fast path: the name that followed the last one before, if `part` begins with it, a quote and a colon: its length,
    /// and what it says. Records have the same names in the same order.
    #[inline]
    pub(crate) fn next(&mut self, part: [u8; START]) -> Option<(usize, NameClass)> {
        let sets = self.sets.borrow();
        let slots = sets.as_flattened();
        let next = usize::from(slots.get(self.last)?.next);
        let slot = slots.get(next)?;
        let is_next = slot.start.ends_in(u128::from_le_bytes(part))
            && slot.owner == self.owner
            && slot.known.is_clean;
        is_next.then(|| {
            self.last = next;
            (slot.start.length as usize, slot.known.class)
        })
    }

    /// What is known of a name that is no longer than its start. It is expected behind the last name from now on.
    #[inline]
    pub(crate) fn known_short(&mut self, name: Start) -> Option<Known> {
        let mut sets = self.sets.borrow_mut();
        let slots = sets.as_flattened_mut();
        let place = self.place(slots, name, &[])?;
        slots[self.last].next = place as u16;
        self.last = place;
        Some(slots[place].known)
    }

    #[inline(always)]
    pub(crate) fn known(&self, name: &str) -> Option<Known> {
        match name.len() {
            0..=START => self.find(Start::of(name.as_bytes(), name.len()), &[]),
            _ => self.known_long(name),
        }
    }

    #[inline(never)]
    fn known_long(&self, name: &str) -> Option<Known> {
        let (start, rest) = in_parts(name)?;
        self.find(start, rest)
    }

    #[inline(always)]
    fn find(&self, start: Start, rest: &[u8]) -> Option<Known> {
        let sets = self.sets.borrow();
        let slots = sets.as_flattened();
        Some(slots[self.place(slots, start, rest)?].known)
    }

    /// Where a name is among the slots.
    #[inline]
    fn place(&self, slots: &[Slot], start: Start, rest: &[u8]) -> Option<usize> {
        let first = start.set(rest) * 2;
        let mut set = slots.get(first..first + 2)?.iter();
        let offset = set.position(|slot| slot.is_of(self.owner, start, rest))?;
        Some(first + offset)
    }

    /// Keeps what is known of a name, in the place of what was known of it before.
    pub(crate) fn keep(&self, name: &str, class: NameClass, is_clean: bool) {
        let Some((start, rest)) = in_parts(name) else {
            return;
        };
        let mut slot = Slot {
            owner: 0,
            start,
            rest: [0; REST],
            known: Known { class, is_clean },
            next: 0,
        };
        let mut sets = self.sets.borrow_mut();
        sets.resize(SETS, [slot; 2]);
        slot.owner = self.owner;
        slot.rest[..rest.len()].copy_from_slice(rest);
        let [last, before] = &mut sets[start.set(rest)];
        if !last.is_of(self.owner, start, rest) {
            *before = *last;
        }
        *last = slot;
    }
}

/// The start of a name that is not too long, and the rest.
fn in_parts(name: &str) -> Option<(Start, &[u8])> {
    let (short, rest) = name.as_bytes().split_at(name.len().min(START));
    let start = Start::of(short, name.len());
    (rest.len() <= REST).then_some((start, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_not_taken_for_another_nor_for_that_of_other_rules() {
        let cache = NameCache::of(&RulesId::default());
        let other = NameCache::of(&RulesId::default());
        let said = |n: usize| {
            let class = NameClass {
                shown: n.is_multiple_of(2),
                ..NameClass::default()
            };
            (class, n.is_multiple_of(3))
        };
        let known = |cache: &NameCache, name: &str| {
            let known = cache.known(name)?;
            Some((known.class, known.is_clean))
        };
        let names = || (0..5_000).map(|n| ("a".repeat(n % 90) + &n.to_string(), n));
        for (name, n) in names() {
            for n in [n + 1, n] {
                let (class, is_clean) = said(n);
                cache.keep(&name, class, is_clean);
            }
            assert_eq!(known(&cache, &name), Some(said(n)));
        }
        for (name, n) in names() {
            let kept = known(&cache, &name);
            assert!(kept.is_none_or(|kept| kept == said(n)));
            assert_eq!(known(&other, &name), None);
            assert_eq!(known(&cache, &format!("b{name}")), None);
        }
    }

    #[test]
    fn a_name_follows_the_one_that_it_followed_before() {
        let mut cache = NameCache::of(&RulesId::default());
        let part = |text: &str| padded(text.as_bytes()).to_le_bytes();
        let secret = NameClass {
            shown: true,
            ..NameClass::default()
        };
        for (name, is_clean) in [("id", true), ("password", true), ("unclean", false)] {
            cache.keep(name, secret, is_clean);
        }
        let read = |cache: &mut NameCache, name: &str| {
            cache.known_short(Start::of(name.as_bytes(), name.len()))
        };
        for name in ["id", "password", "unclean"] {
            assert!(read(&mut cache, name).is_some());
        }
        assert!(read(&mut cache, "id").is_some());
        for other in [
            "passwords\":1",
            "password\" :1",
            "passwor\":1",
            "unclean\":1",
            "id\":1",
            "",
        ] {
            assert_eq!(cache.next(part(other)), None, "{other}");
        }
        let mut of_others = NameCache::of(&RulesId::default());
        of_others.last = cache.last;
        assert_eq!(of_others.next(part("password\":1")), None);
        assert_eq!(cache.next(part("password\":1")), Some((8, secret)));
        assert_eq!(cache.next(part("unclean\":1")), None);
    }

    #[test]
    fn a_name_of_each_length_follows() {
        let mut cache = NameCache::of(&RulesId::default());
        for length in 0..=LONGEST_IN_PART {
            let name = &b"password_of_a_db"[..length];
            let text = [name, b"\":"].concat();
            let part = padded(&text).to_le_bytes();
            cache.keep(
                std::str::from_utf8(name).unwrap_or_default(),
                NameClass::default(),
                true,
            );
            cache.last = 0;
            assert!(cache.known_short(Start::of(name, length)).is_some());
            cache.last = 0;
            let found = cache.next(part);
            assert_eq!(found, Some((length, NameClass::default())));
            for at in 0..text.len() {
                cache.last = 0;
                let mut other = part;
                other[at] ^= 1;
                assert_eq!(cache.next(other), None);
            }
        }
    }

    #[test]
    fn the_start_of_a_name_is_the_same_however_it_is_read() {
        let part = *b"password_of_a_db";
        for length in 0..part.len() {
            assert_eq!(
                Start::of(&part[..length], length),
                Start::of_part(part, length)
            );
        }
    }
}
