//! Captures the first or the last bytes of a body, within limits.

use std::borrow::Cow;

use bytes::Bytes;
use smallvec::SmallVec;

use super::MemoryBudget;

/// Minimum size of a first chunk that is kept by reference. Smaller ones are copied: they may be slices of much
/// larger buffers, which a reference would keep alive.
const LARGE_CHUNK: usize = 16 * 1024;

/// The bytes kept of a body; up to 48 bytes need no allocation.
type Kept = SmallVec<[u8; 48]>;

/// Counts all bytes of a body, and keeps the first or the last of them, in memory that it reserves. By default it only
/// counts.
///
/// They are copied, because a chunk is a slice of a read buffer: keeping 20 bytes of it would keep all 8 KiB alive.
/// Only if a body begins with a large chunk, most of which is kept, that chunk is kept by reference.
#[derive(Debug, Default)]
pub(crate) struct BodyCapture {
    /// What the memory that it occupies is reserved of. `None` if it keeps nothing.
    budget: Option<MemoryBudget>,
    /// A large first chunk, kept by reference; at most `limit` bytes of it are used.
    first: Option<Bytes>,
    /// Copied bytes that follow it. A ring buffer once the last bytes of a body exceed the limit.
    kept: Kept,
    /// Where the ring buffer's oldest byte is in `kept`.
    oldest: u32,
    seen: u64,
    /// At most 4 GiB.
    limit: u32,
    part: KeptPart,
    /// Expected number of bytes to keep, from the declared length.
    expected: u32,
    starved: bool,
}

/// Which part of a body longer than the limit is kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum KeptPart {
    #[default]
    Prefix,
    /// The last bytes.
    Suffix,
}

impl BodyCapture {
    /// Creates a capture that keeps at most `limit` bytes, as far as the budget allows.
    pub(crate) fn new(limit: usize, part: KeptPart, budget: &MemoryBudget) -> Self {
        let mut capture = Self::default();
        capture.budget = (limit > 0).then(|| budget.clone());
        capture.limit = u32::try_from(limit).unwrap_or(u32::MAX);
        capture.part = part;
        capture
    }

    /// Sets the declared length of the body.
    pub(crate) fn expect(&mut self, length: u64) {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        self.expected = length.min(self.limit);
    }

    /// Captures the next chunk.
    pub(crate) fn push(&mut self, chunk: &Bytes) {
        let first = self.seen == 0;
        self.seen += chunk.len() as u64;
        if self.limit == 0 {
            return;
        }
        match self.part {
            KeptPart::Prefix => {
                if !(first && self.keep_reference(chunk)) {
                    self.push_first(chunk);
                }
            }
            KeptPart::Suffix => self.push_last(chunk),
        }
    }

    /// Keeps a body's first chunk by reference if it is large and most of it is kept. Returns whether it did.
    fn keep_reference(&mut self, chunk: &Bytes) -> bool {
        let kept = chunk.len().min(self.limit());
        let large = kept >= LARGE_CHUNK && kept >= chunk.len() / 2;
        let budget = self.budget.as_ref().filter(|_| large);
        let refers = budget.is_some_and(|it| it.reserve_chunk(chunk.len()));
        if refers {
            self.first = Some(chunk.clone());
        }
        refers
    }

    fn push_last(&mut self, chunk: &[u8]) {
        let chunk = &chunk[chunk.len().saturating_sub(self.limit())..];
        let free = self.limit() - self.kept.len();
        let (fitting, over) = chunk.split_at(chunk.len().min(free));
        if !self.reserve(fitting.len()) {
            // Later bytes would not be contiguous with those kept.
            self.discard();
            self.starved = true;
            return;
        }
        self.kept.extend_from_slice(fitting);
        // Ring buffer: overwrites the oldest bytes.
        let mut oldest = self.oldest as usize;
        let (to_end, around) = over.split_at(over.len().min(self.kept.len() - oldest));
        self.kept[oldest..][..to_end.len()].copy_from_slice(to_end);
        self.kept[..around.len()].copy_from_slice(around);
        oldest += over.len();
        if oldest >= self.kept.len() {
            oldest -= self.kept.len();
        }
        self.oldest = u32::try_from(oldest).expect("it is below the limit");
    }

    fn push_first(&mut self, chunk: &[u8]) {
        let so_far = self.kept_len();
        let free = self.limit().saturating_sub(so_far);
        // Bytes are kept only if none before them was missed: a copy has no holes.
        let contiguous = self.seen == (so_far + chunk.len()) as u64;
        if free == 0 || chunk.is_empty() || !contiguous {
            return;
        }
        let wanted = &chunk[..chunk.len().min(free)];
        if self.reserve(wanted.len()) {
            self.kept.extend_from_slice(wanted);
        } else {
            self.starved = true;
        }
    }

    /// Reserves memory for `more` bytes, if needed, and allocates it. Returns false if the budget is exhausted.
    fn reserve(&mut self, more: usize) -> bool {
        let needed = self.kept.len() + more;
        if needed <= self.kept.capacity() {
            // An exhausted budget also refuses bodies that would need no allocation.
            return self.held() > 0 || self.grow(0);
        }
        let held = self.held();
        let capacity = if held == 0 {
            // The first chunk is often the only one, so it gets its exact size. The declared length is allocated
            // only if an eighth of it has come: a client may declare much and send little.
            let first = self.first().len();
            let declared =
                Some(self.expected as usize).filter(|expected| expected / 8 <= first + needed);
            needed.max(declared.unwrap_or(0).saturating_sub(first))
        } else {
            needed.max(held * 2).min(self.limit() - self.first().len())
        };
        let granted = self.grow(capacity - held);
        if granted {
            self.kept.reserve_exact(capacity - self.kept.len());
        }
        granted
    }

    fn grow(&self, bytes: usize) -> bool {
        (self.budget.as_ref()).is_some_and(|budget| budget.reserve(bytes))
    }

    /// Returns the number of bytes reserved, which is that of the bytes occupied.
    pub(super) fn cost(&self) -> usize {
        self.held() + self.first.as_ref().map_or(0, Bytes::len)
    }

    /// Hands what is reserved over to the caller, who has to release it. Returns its number of bytes.
    pub(super) fn hand_over(&mut self) -> usize {
        match (self.budget.take(), &self.first) {
            (None, _) => return 0,
            (Some(budget), Some(_)) => budget.release_references(1),
            (Some(_), None) => {}
        }
        self.cost()
    }

    /// Returns the number of bytes allocated.
    fn held(&self) -> usize {
        if self.kept.spilled() {
            self.kept.capacity()
        } else {
            0
        }
    }

    /// Returns the bytes kept by reference.
    fn first(&self) -> &[u8] {
        let first = self.first.as_deref().unwrap_or_default();
        &first[..first.len().min(self.limit())]
    }

    /// Returns how many bytes are kept.
    pub(crate) fn kept_len(&self) -> usize {
        self.first().len() + self.kept.len()
    }

    /// Returns how many bytes have passed, kept or not.
    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// Returns a capture with the same count that keeps nothing.
    pub(crate) fn counted(&self) -> Self {
        let mut counted = Self::default();
        counted.seen = self.seen;
        counted
    }

    /// Takes back bytes that were counted, as they are held and have not passed on.
    pub(crate) fn uncount(&mut self, bytes: usize) {
        self.seen = self.seen.saturating_sub(bytes as u64);
    }

    /// Returns a copy, as far as the budget allows.
    pub(crate) fn copied(&self) -> Self {
        let mut copy = self.counted();
        copy.budget.clone_from(&self.budget);
        copy.limit = self.limit;
        copy.part = self.part;
        copy.starved = self.starved;
        let kept = self.kept();
        if copy.limit == 0 {
            return copy;
        }
        if copy.reserve(kept.len()) {
            copy.kept.extend_from_slice(&kept);
        } else {
            copy.starved = true;
        }
        copy
    }

    /// Returns the maximum number of bytes kept.
    pub(crate) fn limit(&self) -> usize {
        self.limit as usize
    }

    /// Whether the bytes kept are a prefix of the body.
    pub(crate) fn has_beginning(&self) -> bool {
        self.part == KeptPart::Prefix || self.kept.len() as u64 == self.seen
    }

    /// Returns the bytes kept, as one slice.
    pub(crate) fn kept(&self) -> Cow<'_, [u8]> {
        match (self.first(), &*self.kept) {
            _ if self.oldest > 0 => {
                let (later, earlier) = self.kept.split_at(self.oldest as usize);
                Cow::Owned([earlier, later].concat())
            }
            (first, []) => Cow::Borrowed(first),
            ([], kept) => Cow::Borrowed(kept),
            (first, kept) => Cow::Owned([first, kept].concat()),
        }
    }

    /// Whether bytes were discarded because the budget was exhausted.
    pub(crate) fn starved(&self) -> bool {
        self.starved
    }

    /// Discards the bytes kept and keeps no more, but continues to count.
    pub(crate) fn discard(&mut self) {
        let part = self.part;
        *self = self.counted();
        self.part = part;
    }

    /// Releases memory allocated in advance, and replaces a chunk kept by reference: the buffer it is a slice of has an
    /// unknown size, and may exceed the limit of a queue. `Vec::from` takes it over if nothing else refers to it, which
    /// saves 2 % of what an exchange takes that sends 64 KiB back; else it copies the chunk.
    pub(crate) fn trim(&mut self) {
        let before = self.cost();
        if let Some(mut first) = self.first.take() {
            // What is not kept of it is not moved either.
            first.truncate(self.limit());
            let mut all = Vec::from(first);
            all.reserve_exact(self.kept.len());
            all.extend_from_slice(&self.kept);
            self.kept = Kept::from_vec(all);
            let budget = self.budget.as_ref();
            budget.into_iter().for_each(|it| it.release_references(1));
        }
        if self.held().saturating_sub(self.kept.len()) > self.kept.len() / 8 {
            self.kept.shrink_to_fit();
        }
        let after = self.cost();
        if let Some(budget) = self.budget.as_ref().filter(|_| after != before) {
            budget.release(before);
            budget.charge(after);
        }
    }
}

impl Drop for BodyCapture {
    fn drop(&mut self) {
        let Some(budget) = &self.budget else {
            return;
        };
        budget.release(self.cost());
        if self.first.is_some() {
            budget.release_references(1);
        }
    }
}

#[cfg(test)]
mod tests;
