//! Captures the first or the last bytes of a body, within limits.

use std::borrow::Cow;

use bytes::Bytes;
use smallvec::SmallVec;

use crate::capture::Reservation;

/// Minimum size of a first chunk that is kept by reference. Smaller ones are copied: they may be slices of much
/// larger buffers, which a reference would keep alive.
const LARGE_CHUNK: usize = 16 * 1024;

/// The bytes kept of a body; up to 48 bytes need no allocation.
type Kept = SmallVec<[u8; 48]>;

/// Counts all bytes of a body, and keeps the first or the last of them.
///
/// They are copied, because a chunk is a slice of a read buffer: keeping 20 bytes of it would keep all 8 KiB alive.
/// Only if a body begins with a large chunk, most of which is kept, that chunk is kept by reference.
#[derive(Debug, Default)]
pub(crate) struct BodyCapture {
    /// A large first chunk, kept by reference; at most `limit` bytes of it are used.
    first: Option<Bytes>,
    /// Copied bytes that follow it. A ring buffer once the last bytes of a body exceed the limit.
    kept: Kept,
    /// Where the ring buffer's oldest byte is in `kept`.
    oldest: usize,
    seen: u64,
    limit: usize,
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
    /// Creates a capture that keeps at most `limit` bytes.
    pub(crate) fn new(limit: usize, part: KeptPart) -> Self {
        Self {
            limit,
            part,
            ..Self::default()
        }
    }

    /// Sets the declared length of the body.
    pub(crate) fn expect(&mut self, length: u64) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.expected = u32::try_from(length.min(self.limit)).unwrap_or(u32::MAX);
    }

    /// Captures the next chunk, and reserves the memory for what it keeps.
    pub(crate) fn push(&mut self, chunk: &Bytes, reservation: &mut Reservation) {
        match self.part {
            KeptPart::Prefix => self.push_first(chunk, reservation),
            KeptPart::Suffix => self.push_last(chunk, reservation),
        }
    }

    /// Keeps a body's first chunk by reference if it is large and most of it is kept. Returns whether it did.
    fn keep_reference(&mut self, chunk: &Bytes, reservation: &mut Reservation) -> bool {
        let kept = chunk.len().min(self.limit);
        let refers = kept >= LARGE_CHUNK
            && kept >= chunk.len() / 2
            && reservation.reserve_chunk(chunk.len());
        if refers {
            self.seen = chunk.len() as u64;
            self.first = Some(chunk.clone());
        }
        refers
    }

    fn push_last(&mut self, chunk: &[u8], reservation: &mut Reservation) {
        self.seen += chunk.len() as u64;
        let chunk = &chunk[chunk.len().saturating_sub(self.limit)..];
        let free = self.limit - self.kept.len();
        let (fitting, over) = chunk.split_at(chunk.len().min(free));
        if !self.reserve(fitting.len(), reservation) {
            // Later bytes would not be contiguous with those kept.
            self.discard(reservation);
            self.starved = true;
            return;
        }
        self.kept.extend_from_slice(fitting);
        // Ring buffer: overwrites the oldest bytes.
        let (to_end, around) = over.split_at(over.len().min(self.kept.len() - self.oldest));
        self.kept[self.oldest..][..to_end.len()].copy_from_slice(to_end);
        self.kept[..around.len()].copy_from_slice(around);
        self.oldest += over.len();
        if self.oldest >= self.kept.len() {
            self.oldest -= self.kept.len();
        }
    }

    fn push_first(&mut self, chunk: &Bytes, reservation: &mut Reservation) {
        if self.seen == 0 && self.keep_reference(chunk, reservation) {
            return;
        }
        let so_far = self.kept_len();
        let free = self.limit.saturating_sub(so_far);
        // Bytes are kept only if none before them was missed: a copy has no holes.
        let contiguous = self.seen == so_far as u64;
        self.seen += chunk.len() as u64;
        if free == 0 || chunk.is_empty() || !contiguous {
            return;
        }
        let wanted = &chunk[..chunk.len().min(free)];
        if self.reserve(wanted.len(), reservation) {
            self.kept.extend_from_slice(wanted);
        } else {
            self.starved = true;
        }
    }

    /// Reserves memory for `more` bytes, if needed, and allocates it. Returns false if the budget is exhausted.
    fn reserve(&mut self, more: usize, reservation: &mut Reservation) -> bool {
        let needed = self.kept.len() + more;
        if needed <= self.kept.capacity() {
            // An exhausted budget also refuses bodies that would need no allocation.
            return self.held() > 0 || reservation.grow(0);
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
            needed.max(held * 2).min(self.limit - self.first().len())
        };
        let granted = reservation.grow(capacity - held);
        if granted {
            self.kept.reserve_exact(capacity - self.kept.len());
        }
        granted
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
        &first[..first.len().min(self.limit)]
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
        Self {
            seen: self.seen,
            ..Self::default()
        }
    }

    /// Returns a copy, as far as the budget allows.
    pub(crate) fn copied(&self, reservation: &mut Reservation) -> Self {
        let mut copy = Self {
            limit: self.limit,
            part: self.part,
            starved: self.starved,
            ..self.counted()
        };
        let kept = self.kept();
        if copy.reserve(kept.len(), reservation) {
            copy.kept.extend_from_slice(&kept);
        } else {
            copy.starved = true;
        }
        copy
    }

    /// Returns the maximum number of bytes kept.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Whether the bytes kept are a prefix of the body.
    pub(crate) fn has_beginning(&self) -> bool {
        self.part == KeptPart::Prefix || self.kept.len() as u64 == self.seen
    }

    /// Returns the bytes kept, as one slice.
    pub(crate) fn kept(&self) -> Cow<'_, [u8]> {
        match (self.first(), &*self.kept) {
            _ if self.oldest > 0 => {
                let (later, earlier) = self.kept.split_at(self.oldest);
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
    pub(crate) fn discard(&mut self, reservation: &mut Reservation) {
        if let Some(first) = self.first.take() {
            reservation.shrink(first.len());
            reservation.drop_references(1);
        }
        reservation.shrink(self.held());
        self.kept = Kept::new();
        self.oldest = 0;
        self.limit = 0;
        self.expected = 0;
        self.starved = false;
    }

    /// Releases memory allocated in advance, and copies a chunk kept by reference: the buffer it is a slice of has an
    /// unknown size, and may exceed the limit of a queue.
    pub(crate) fn trim(&mut self, reservation: &mut Reservation) {
        if let Some(first) = self.first.take() {
            let held = self.held();
            let copied = first.len().min(self.limit);
            let mut all = Kept::with_capacity(copied + self.kept.len());
            all.extend_from_slice(&first[..copied]);
            all.extend_from_slice(&self.kept);
            self.kept = all;
            reservation.shrink(first.len() + held);
            reservation.charge(self.held());
            reservation.drop_references(1);
            return;
        }
        let held = self.held();
        if held.saturating_sub(self.kept.len()) > self.kept.len() / 8 {
            self.kept.shrink_to_fit();
            reservation.shrink(held - self.held());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{memory_budget::MAX_REFERENCES, MemoryBudget};

    fn push(capture: &mut BodyCapture, chunk: &[u8], paid: &mut Reservation) {
        capture.push(&Bytes::copy_from_slice(chunk), paid);
    }

    fn reservation(limit: usize) -> (MemoryBudget, Reservation) {
        let budget = MemoryBudget::new(limit);
        (budget.clone(), Reservation::empty(budget))
    }

    #[test]
    fn keeps_the_first_bytes_and_counts_all() {
        let (_, mut paid) = reservation(1000);
        let mut capture = BodyCapture::new(4, KeptPart::Prefix);
        for chunk in [&b"ab"[..], b"", b"cde", b"f"] {
            push(&mut capture, chunk, &mut paid);
        }
        assert_eq!(&*capture.kept(), b"abcd");
        assert_eq!(capture.seen(), 6);
        assert!(!capture.starved());
    }

    #[test]
    fn keeps_the_last_bytes_with_part_end() {
        let (budget, mut paid) = reservation(1000);
        let mut capture = BodyCapture::new(200, KeptPart::Suffix);
        let mut all = Vec::new();
        for (chunk, byte) in [75, 0, 125, 25, 300, 25].into_iter().zip(b'a'..) {
            let chunk = vec![byte; chunk];
            push(&mut capture, &chunk, &mut paid);
            all.extend_from_slice(&chunk);
            assert!(all.ends_with(&capture.kept()));
            assert_eq!(capture.kept_len(), all.len().min(200));
            assert_eq!(capture.has_beginning(), all.len() <= 200);
            assert_eq!(budget.in_use(), capture.held());
        }
        assert_eq!(capture.seen(), 550);
        assert_eq!(
            &*capture.kept(),
            [[b'e'; 175].as_slice(), &[b'f'; 25]].concat()
        );
    }

    #[test]
    fn discards_the_kept_suffix_when_the_budget_is_exhausted() {
        let (budget, mut paid) = reservation(100);
        let mut capture = BodyCapture::new(1000, KeptPart::Suffix);
        for size in [80, 80, 1] {
            push(&mut capture, &[b'x'; 80][..size], &mut paid);
        }
        assert!(capture.starved());
        assert_eq!((&*capture.kept(), capture.seen()), (&b""[..], 161));
        assert_eq!(budget.in_use(), 0);
    }

    #[test]
    fn allocates_the_declared_length_if_the_first_chunk_is_an_eighth_of_it() {
        for (declared, first, held) in [
            (1000, 125, 1000),
            (1000, 124, 124),
            (9000, 625, 5000),
            (9000, 624, 624),
            (100, 5000, 5000),
        ] {
            let (budget, mut paid) = reservation(100_000);
            let mut capture = BodyCapture::new(5000, KeptPart::Prefix);
            capture.expect(declared);
            push(&mut capture, &vec![b'x'; first], &mut paid);
            assert_eq!((capture.held(), budget.in_use()), (held, held));
        }
    }

    #[test]
    fn reserves_exactly_what_is_allocated() {
        let (budget, mut paid) = reservation(100_000);
        let mut capture = BodyCapture::new(10_000, KeptPart::Prefix);
        for _ in 0..777 {
            push(&mut capture, b"seven b", &mut paid);
            assert_eq!(budget.in_use(), capture.held());
        }
        capture.trim(&mut paid);
        assert_eq!(budget.in_use(), capture.held());
        assert!(capture.held() <= 777 * 7 * 9 / 8);
        drop(paid);
        assert_eq!(budget.in_use(), 0);
    }

    #[test]
    fn keeps_a_contiguous_prefix_when_the_budget_is_exhausted() {
        let (_, mut paid) = reservation(100);
        let mut capture = BodyCapture::new(1000, KeptPart::Prefix);
        push(&mut capture, &[b'1'; 80], &mut paid);
        push(&mut capture, b"what fits no more", &mut paid);
        push(&mut capture, &[b'2'; 80], &mut paid);
        assert!(capture.starved());
        push(&mut capture, b"3", &mut paid);
        assert_eq!(&*capture.kept(), [b'1'; 80]);
        assert_eq!(capture.seen(), 178);
    }

    #[test]
    fn reserves_nothing_for_a_short_body_but_drops_it_when_the_budget_is_exhausted() {
        let (budget, mut paid) = reservation(10);
        let mut capture = BodyCapture::new(1000, KeptPart::Prefix);
        push(&mut capture, b"short", &mut paid);
        assert_eq!((&*capture.kept(), budget.in_use()), (&b"short"[..], 0));
        paid.charge(11);
        push(&mut capture, b"er", &mut paid);
        assert!(capture.starved());
        assert_eq!((&*capture.kept(), capture.seen()), (&b"short"[..], 7));
    }

    #[test]
    fn discard_releases_the_reservation_and_continues_to_count() {
        let (budget, mut paid) = reservation(100);
        let mut capture = BodyCapture::new(1000, KeptPart::Prefix);
        push(&mut capture, &[b'x'; 80], &mut paid);
        assert_eq!(budget.in_use(), 80);
        capture.discard(&mut paid);
        assert_eq!(budget.in_use(), 0);
        push(&mut capture, b"more", &mut paid);
        assert_eq!((capture.seen(), &*capture.kept()), (84, &b""[..]));
        assert_eq!(budget.in_use(), 0);
    }

    #[test]
    fn keeps_a_large_first_chunk_by_reference() {
        let (budget, mut paid) = reservation(1_000_000);
        let chunk = Bytes::from(vec![b'1'; 30_000]);
        let mut capture = BodyCapture::new(40_000, KeptPart::Prefix);
        capture.expect(100_000);
        capture.push(&chunk, &mut paid);
        assert_eq!(capture.kept().as_ptr(), chunk.as_ptr());
        assert_eq!((capture.held(), budget.in_use()), (0, 30_000));
        // Later chunks are copied, and `kept` then joins all of them.
        push(&mut capture, &[b'2'; 20_000], &mut paid);
        assert_eq!((capture.kept_len(), capture.seen()), (40_000, 50_000));
        assert_eq!(
            *capture.kept(),
            [[b'1'; 30_000].as_slice(), &[b'2'; 10_000]].concat()
        );
        assert_eq!(budget.in_use(), 40_000);
        capture.discard(&mut paid);
        assert_eq!((budget.in_use(), capture.kept_len()), (0, 0));
        assert!(chunk.is_unique());
    }

    #[test]
    fn copies_chunks_that_are_small_or_mostly_discarded_or_not_first() {
        let (budget, mut paid) = reservation(1_000_000);
        for (limit, size) in [(40_000, LARGE_CHUNK - 1), (20_000, 40_002), (100, 100_000)] {
            let chunk = Bytes::from(vec![b'x'; size]);
            let mut capture = BodyCapture::new(limit, KeptPart::Prefix);
            capture.push(&chunk, &mut paid);
            assert!(chunk.is_unique(), "{limit} of {size}");
            assert_eq!(capture.kept_len(), limit.min(size));
            capture.discard(&mut paid);
        }
        for part in [KeptPart::Prefix, KeptPart::Suffix] {
            let chunk = Bytes::from(vec![b'x'; 20_000]);
            let mut capture = BodyCapture::new(40_000, part);
            push(&mut capture, b"first", &mut paid);
            capture.push(&chunk, &mut paid);
            assert!(chunk.is_unique(), "{part:?}");
            assert_eq!(capture.kept_len(), 20_005);
            capture.discard(&mut paid);
        }
        assert_eq!(budget.in_use(), 0);
    }

    #[test]
    fn limits_the_chunks_kept_by_reference() {
        let (budget, _) = reservation(10_000_000);
        let chunk = Bytes::from(vec![b'x'; LARGE_CHUNK]);
        let kept: Vec<_> = (0..MAX_REFERENCES + 10)
            .map(|_| {
                let mut paid = Reservation::empty(budget.clone());
                let mut capture = BodyCapture::new(40_000, KeptPart::Prefix);
                capture.push(&chunk, &mut paid);
                assert_eq!(*capture.kept(), *chunk);
                (capture, paid)
            })
            .collect();
        let refers = |(capture, _): &&(BodyCapture, _)| capture.kept().as_ptr() == chunk.as_ptr();
        assert_eq!(kept.iter().filter(refers).count(), MAX_REFERENCES);
        drop(kept);
        assert_eq!(budget.in_use(), 0);
        assert_eq!(budget.references(), 0);
    }

    #[test]
    fn drops_a_large_chunk_when_the_budget_is_exhausted() {
        let (budget, mut paid) = reservation(LARGE_CHUNK - 1);
        let chunk = Bytes::from(vec![b'x'; LARGE_CHUNK]);
        let mut capture = BodyCapture::new(40_000, KeptPart::Prefix);
        capture.push(&chunk, &mut paid);
        assert!(capture.starved() && chunk.is_unique());
        assert_eq!((capture.kept_len(), budget.in_use()), (0, 0));
        assert_eq!(budget.references(), 0);
    }

    #[test]
    fn trim_copies_a_chunk_kept_by_reference() {
        let (budget, mut paid) = reservation(1 << 20);
        let all = Bytes::from(vec![b'x'; 4 * LARGE_CHUNK]);
        let mut capture = BodyCapture::new(2 * LARGE_CHUNK, KeptPart::Prefix);
        capture.push(&all.slice(..LARGE_CHUNK), &mut paid);
        push(&mut capture, b"yy", &mut paid);
        assert_eq!(budget.references(), 1);
        let kept = capture.kept().into_owned();
        capture.trim(&mut paid);
        assert_eq!((budget.references(), &*capture.kept()), (0, &*kept));
        assert_eq!(budget.in_use(), capture.held());
        // Nothing else references the buffer that the chunk was a slice of.
        assert!(all.is_unique());
    }
}
