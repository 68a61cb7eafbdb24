//! The names that were judged before: most documents have few, many times, and so has the next document.

use std::{
    cell::RefCell,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::names::NameClass;

const SETS: usize = 512;
/// A name is kept in two parts, of which most have but the first. Longer names are judged each time.
const START: usize = 16;
const REST: usize = 32;

thread_local! {
    static KEPT: RefCell<Vec<Set>> = const { RefCell::new(Vec::new()) };
}

/// Identifies rules, so that what was judged by some is not taken for what others say.
#[derive(Debug)]
pub(crate) struct RulesId(u64);

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

/// Judged names of this thread. A name is compared with the whole of those in its set, so that none is taken for another.
///
/// Readers within readers have none: it is taken by the outermost, and put back when that is dropped.
#[derive(Debug)]
pub(super) struct NameCache {
    sets: Vec<Set>,
    owner: u64,
}

/// The two names that were put last of those that belong here, the last one first.
type Set = [Slot; 2];

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// Whose rules judged it; 0 in a free slot.
    owner: u64,
    start: Start,
    /// What is behind its start.
    rest: [u8; REST],
    class: NameClass,
}

/// The first bytes of a name, and its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Start {
    /// Zeros behind the last byte.
    bytes: [u64; 2],
    length: u8,
}

impl Start {
    /// The start of the name that is the first bytes of `part`: less than all.
    #[inline]
    pub(super) fn of_part(part: [u8; START], length: usize) -> Self {
        let bytes = u128::from_le_bytes(part) & ((1 << (8 * length)) - 1);
        Self {
            bytes: [bytes as u64, (bytes >> 64) as u64],
            length: length as u8,
        }
    }

    /// The start of a name that is not too long, and the rest.
    fn of(name: &[u8]) -> Option<(Self, &[u8])> {
        let (start, rest) = name.split_at(name.len().min(START));
        if rest.len() > REST {
            return None;
        }
        let mut part = [0; START];
        part[..start.len()].copy_from_slice(start);
        let bytes = u128::from_le_bytes(part);
        let start = Self {
            bytes: [bytes as u64, (bytes >> 64) as u64],
            // At most `START + REST`.
            length: name.len() as u8,
        };
        Some((start, rest))
    }

    #[inline]
    fn set(self, rest: &[u8]) -> usize {
        let last = rest
            .last_chunk()
            .map_or(0, |last| u64::from_le_bytes(*last));
        let mix = |word: u64| word.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let [low, high] = self.bytes;
        let mixed = mix(mix(low ^ last) ^ high ^ u64::from(self.length));
        // As many as there are sets.
        (mixed >> 55) as usize
    }
}

impl NameCache {
    pub(super) fn new(owner: &RulesId) -> Self {
        Self {
            sets: KEPT.with(|kept| std::mem::take(&mut *kept.borrow_mut())),
            owner: owner.0,
        }
    }

    /// A cache that keeps nothing.
    pub(super) fn none() -> Self {
        Self {
            sets: Vec::new(),
            owner: 0,
        }
    }

    /// What was put for a name that is no longer than its start.
    #[inline]
    pub(super) fn get_short(&self, name: Start) -> Option<NameClass> {
        let set = self.sets.get(name.set(&[]))?;
        let is_same = |slot: &&Slot| slot.start == name && slot.owner == self.owner;
        set.iter().find(is_same).map(|slot| slot.class)
    }

    pub(super) fn get(&self, name: &[u8]) -> Option<NameClass> {
        let (start, rest) = Start::of(name)?;
        let set = self.sets.get(start.set(rest))?;
        let is_same = |slot: &&Slot| {
            slot.start == start && slot.rest[..rest.len()] == *rest && slot.owner == self.owner
        };
        set.iter().find(is_same).map(|slot| slot.class)
    }

    pub(super) fn put(&mut self, name: &[u8], class: NameClass) {
        let Some((start, rest)) = Start::of(name).filter(|_| self.owner != 0) else {
            return;
        };
        if self.sets.is_empty() {
            self.sets = vec![Set::default(); SETS];
        }
        let [last, before] = &mut self.sets[start.set(rest)];
        *before = *last;
        last.rest[..rest.len()].copy_from_slice(rest);
        (last.owner, last.start, last.class) = (self.owner, start, class);
    }
}

impl Drop for NameCache {
    fn drop(&mut self) {
        if !self.sets.is_empty() {
            // Fails only while the thread ends.
            let _ = KEPT.try_with(|kept| *kept.borrow_mut() = std::mem::take(&mut self.sets));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_not_taken_for_another_nor_for_that_of_other_rules() {
        let (one, other) = (RulesId::default(), RulesId::default());
        let secret = NameClass {
            shown: true,
            ..NameClass::default()
        };
        let mut cache = NameCache::new(&one);
        for n in 0..5_000 {
            let name = format!("name{n}");
            cache.put(
                name.as_bytes(),
                NameClass {
                    shown: n % 2 == 0,
                    ..secret
                },
            );
            assert_eq!(
                cache.get(name.as_bytes()).map(|class| class.shown),
                Some(n % 2 == 0)
            );
        }
        for n in 0..5_000 {
            let known = cache.get(format!("name{n}").as_bytes());
            assert!(known.is_none_or(|class| class.shown == (n % 2 == 0)));
            assert_eq!(cache.get(format!("nam{n}").as_bytes()), None);
        }
        drop(cache);
        assert_eq!(NameCache::new(&other).get(b"name4999"), None);
        assert!(NameCache::new(&one).get(b"name4999").is_some());
    }
}
