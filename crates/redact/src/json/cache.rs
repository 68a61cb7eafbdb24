//! The names that were judged before: most documents have few, many times, and so has the next document.

use std::{
    cell::RefCell,
    sync::atomic::{AtomicU64, Ordering},
};

use crate::names::NameClass;

const SLOTS: usize = 512;
/// Longer names are judged each time.
const LONGEST: usize = 22;

thread_local! {
    static KEPT: RefCell<Vec<Slot>> = const { RefCell::new(Vec::new()) };
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

/// Judged names of this thread. A name is compared with the whole of the one in its slot, so that none is taken for another.
///
/// Readers within readers have none: it is taken by the outermost, and put back when that is dropped.
#[derive(Debug)]
pub(super) struct NameCache {
    slots: Vec<Slot>,
    owner: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// Whose rules judged it; 0 in a free slot.
    owner: u64,
    name: [u8; LONGEST],
    length: u8,
    class: NameClass,
}

impl NameCache {
    pub(super) fn new(owner: &RulesId) -> Self {
        Self {
            slots: KEPT.with(|kept| std::mem::take(&mut *kept.borrow_mut())),
            owner: owner.0,
        }
    }

    /// A cache that keeps nothing.
    pub(super) fn none() -> Self {
        Self {
            slots: Vec::new(),
            owner: 0,
        }
    }

    #[inline]
    pub(super) fn get(&self, name: &[u8]) -> Option<NameClass> {
        let slot = self.slots.get(slot_of(name))?;
        let known = slot.name.get(..usize::from(slot.length))?;
        (slot.owner == self.owner && known == name).then_some(slot.class)
    }

    pub(super) fn put(&mut self, name: &[u8], class: NameClass) {
        if name.len() > LONGEST || self.owner == 0 {
            return;
        }
        if self.slots.is_empty() {
            self.slots = vec![Slot::default(); SLOTS];
        }
        let slot = &mut self.slots[slot_of(name)];
        slot.name[..name.len()].copy_from_slice(name);
        // At most `LONGEST`.
        slot.length = name.len() as u8;
        (slot.owner, slot.class) = (self.owner, class);
    }
}

impl Drop for NameCache {
    fn drop(&mut self) {
        if !self.slots.is_empty() {
            // Fails only while the thread ends.
            let _ = KEPT.try_with(|kept| *kept.borrow_mut() = std::mem::take(&mut self.slots));
        }
    }
}

#[inline]
fn slot_of(name: &[u8]) -> usize {
    let at = |at: usize| u64::from(name.get(at).copied().unwrap_or_default());
    let last = name.len().wrapping_sub(1);
    let mixed = at(0)
        | at(last) << 8
        | at(name.len() / 2) << 16
        | at(name.len() / 4) << 24
        | at(last.wrapping_sub(2)) << 32;
    let mixed = (mixed ^ (name.len() as u64) << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 55) as usize
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
