//! The names of a document that were judged before: most documents have few, many times.

use crate::names::NameClass;

const SLOTS: usize = 32;

/// Names in the input by a few of their bytes; a name is compared with the one in its slot, so that none is taken for another.
#[derive(Debug)]
pub(super) struct NameCache {
    slots: [Slot; SLOTS],
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    /// Where the name starts, past its quote: never 0.
    start: usize,
    length: usize,
    class: NameClass,
}

impl NameCache {
    pub(super) fn new() -> Self {
        Self {
            slots: [Slot::default(); SLOTS],
        }
    }

    #[inline]
    pub(super) fn get(&self, bytes: &[u8], name: &[u8]) -> Option<NameClass> {
        let slot = &self.slots[slot_of(name)];
        let known = bytes.get(slot.start..slot.start + slot.length)?;
        (slot.start > 0 && known == name).then_some(slot.class)
    }

    /// Keeps a name that stands at `start` as it is.
    pub(super) fn put(&mut self, start: usize, name: &[u8], class: NameClass) {
        self.slots[slot_of(name)] = Slot {
            start,
            length: name.len(),
            class,
        };
    }
}

#[inline]
fn slot_of(name: &[u8]) -> usize {
    let first = name.first().copied().unwrap_or_default();
    let last = name.last().copied().unwrap_or_default();
    let middle = name.get(name.len() / 2).copied().unwrap_or_default();
    let mixed = usize::from(first) ^ usize::from(last) << 2 ^ usize::from(middle) << 1 ^ name.len();
    (mixed ^ mixed >> 5) % SLOTS
}
