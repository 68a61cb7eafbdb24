//! Keeping a part of a body, within limits.

use std::borrow::Cow;

use bytes::Bytes;
use smallvec::SmallVec;

use crate::capture::Reservation;

/// The smallest chunk that is kept by reference, if a body begins with it. What is smaller is copied:
/// it may be a slice of something much larger, which a reference would keep alive.
const LARGE_CHUNK: usize = 16 * 1024;

/// What is kept of a body; a short one needs no allocation.
type Kept = SmallVec<[u8; 48]>;

/// Counts all bytes of a body and keeps the first ones, or the last.
///
/// A copy of them, because a chunk is a slice of a read buffer: keeping 20 bytes of it would keep all
/// 8 KiB alive. Only where a body begins with a large chunk, of which most is kept, that is kept as it
/// is.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    /// A large chunk, of which at most `limit` bytes are kept.
    first: Option<Bytes>,
    /// What is kept of those after it.
    kept: Kept,
    /// Where in `kept` the first of the last bytes is, once there are more than may be kept.
    oldest: usize,
    seen: u64,
    limit: usize,
    part: Part,
    /// How many bytes there will be to keep, by what was said of the body.
    expected: u32,
    starved: bool,
}

/// Which part of a body is kept where it is longer than may be kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Part {
    #[default]
    Beginning,
    /// The last bytes.
    End,
}

impl Capture {
    /// Keeps at most `limit` bytes.
    pub(crate) fn new(limit: usize, part: Part) -> Self {
        Self {
            limit,
            part,
            ..Self::default()
        }
    }

    /// Takes note of how long the body is said to be.
    pub(crate) fn expect(&mut self, length: u64) {
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.expected = u32::try_from(length.min(self.limit)).unwrap_or(u32::MAX);
    }

    /// Takes note of the next chunk. What it keeps is paid for out of `reservation`.
    pub(crate) fn push(&mut self, chunk: &Bytes, reservation: &mut Reservation) {
        match self.part {
            Part::Beginning => self.push_first(chunk, reservation),
            Part::End => self.push_last(chunk, reservation),
        }
    }

    /// Keeps a chunk that a body begins with by reference, if it is worth it.
    fn refers(&mut self, chunk: &Bytes, reservation: &mut Reservation) -> bool {
        let kept = chunk.len().min(self.limit);
        let refers =
            kept >= LARGE_CHUNK && kept >= chunk.len() / 2 && reservation.refer(chunk.len());
        if refers {
            self.seen = chunk.len() as u64;
            self.first = Some(chunk.clone());
        }
        refers
    }

    fn push_last(&mut self, chunk: &[u8], reservation: &mut Reservation) {
        self.seen += chunk.len() as u64;
        let chunk = &chunk[chunk.len().saturating_sub(self.limit)..];
        let room = self.limit - self.kept.len();
        let (fitting, over) = chunk.split_at(chunk.len().min(room));
        if !self.make_room(fitting.len(), reservation) {
            // What comes later would not follow on what was kept.
            self.forget(reservation);
            self.starved = true;
            return;
        }
        self.kept.extend_from_slice(fitting);
        // The oldest bytes are written over, round and round.
        let (to_end, around) = over.split_at(over.len().min(self.kept.len() - self.oldest));
        self.kept[self.oldest..][..to_end.len()].copy_from_slice(to_end);
        self.kept[..around.len()].copy_from_slice(around);
        self.oldest += over.len();
        if self.oldest >= self.kept.len() {
            self.oldest -= self.kept.len();
        }
    }

    fn push_first(&mut self, chunk: &Bytes, reservation: &mut Reservation) {
        if self.seen == 0 && self.refers(chunk, reservation) {
            return;
        }
        let so_far = self.kept_len();
        let room = self.limit.saturating_sub(so_far);
        // Bytes are kept only while none has been missed: a copy has no holes.
        let contiguous = self.seen == so_far as u64;
        self.seen += chunk.len() as u64;
        if room == 0 || chunk.is_empty() || !contiguous {
            return;
        }
        let wanted = &chunk[..chunk.len().min(room)];
        if self.make_room(wanted.len(), reservation) {
            self.kept.extend_from_slice(wanted);
        } else {
            self.starved = true;
        }
    }

    /// Sees to it that `more` bytes fit, and that what is allocated is what was paid for.
    fn make_room(&mut self, more: usize, reservation: &mut Reservation) -> bool {
        let needed = self.kept.len() + more;
        if needed <= self.kept.capacity() {
            // Also of a budget that is spent nothing is to be had for nothing.
            return self.held() > 0 || reservation.grow(0);
        }
        let held = self.held();
        let capacity = if held == 0 {
            // The first chunk is often the only one, so it gets just its size; and so does one that
            // is but a small part of what was promised, which may never come.
            let first = self.first().len();
            let promised =
                Some(self.expected as usize).filter(|expected| expected / 8 <= first + needed);
            needed.max(promised.unwrap_or(0).saturating_sub(first))
        } else {
            needed.max(held * 2).min(self.limit - self.first().len())
        };
        let granted = reservation.grow(capacity - held);
        if granted {
            self.kept.reserve_exact(capacity - self.kept.len());
        }
        granted
    }

    /// The bytes that are allocated.
    fn held(&self) -> usize {
        if self.kept.spilled() {
            self.kept.capacity()
        } else {
            0
        }
    }

    /// What is kept by reference.
    fn first(&self) -> &[u8] {
        let first = self.first.as_deref().unwrap_or_default();
        &first[..first.len().min(self.limit)]
    }

    /// How many bytes are kept.
    pub(crate) fn kept_len(&self) -> usize {
        self.first().len() + self.kept.len()
    }

    /// Bytes seen so far.
    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// A capture that has seen as many bytes and keeps none.
    pub(crate) fn counted(&self) -> Self {
        Self {
            seen: self.seen,
            ..Self::default()
        }
    }

    /// The most bytes that are kept.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Whether what was kept begins where the body does.
    pub(crate) fn has_beginning(&self) -> bool {
        self.part == Part::Beginning || self.kept.len() as u64 == self.seen
    }

    /// What was kept, in one piece.
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

    /// Whether bytes were let go because the budget was spent.
    pub(crate) fn starved(&self) -> bool {
        self.starved
    }

    /// Forgets what was kept, and keeps no more; goes on counting.
    pub(crate) fn forget(&mut self, reservation: &mut Reservation) {
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

    /// Gives back what was allocated in advance, and copies what is kept by reference: of what that
    /// may be a slice nobody can tell, so it could take more than a queue may hold.
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

    fn push(capture: &mut Capture, chunk: &[u8], paid: &mut Reservation) {
        capture.push(&Bytes::copy_from_slice(chunk), paid);
    }

    fn reservation(limit: usize) -> (MemoryBudget, Reservation) {
        let budget = MemoryBudget::new(limit);
        (budget.clone(), Reservation::empty(budget))
    }

    #[test]
    fn keeps_the_first_bytes_and_counts_all() {
        let (_, mut paid) = reservation(1000);
        let mut capture = Capture::new(4, Part::Beginning);
        for chunk in [&b"ab"[..], b"", b"cde", b"f"] {
            push(&mut capture, chunk, &mut paid);
        }
        assert_eq!(&*capture.kept(), b"abcd");
        assert_eq!(capture.seen(), 6);
        assert!(!capture.starved());
    }

    #[test]
    fn keeps_the_last_bytes_where_asked() {
        let (budget, mut paid) = reservation(1000);
        let mut capture = Capture::new(200, Part::End);
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
    fn a_spent_budget_leaves_no_hole_in_the_last_bytes() {
        let (budget, mut paid) = reservation(100);
        let mut capture = Capture::new(1000, Part::End);
        for size in [80, 80, 1] {
            push(&mut capture, &[b'x'; 80][..size], &mut paid);
        }
        assert!(capture.starved());
        assert_eq!((&*capture.kept(), capture.seen()), (&b""[..], 161));
        assert_eq!(budget.in_use(), 0);
    }

    #[test]
    fn a_promise_is_believed_when_an_eighth_is_there() {
        for (promised, first, held) in [
            (1000, 125, 1000),
            (1000, 124, 124),
            (9000, 625, 5000),
            (9000, 624, 624),
            (100, 5000, 5000),
        ] {
            let (budget, mut paid) = reservation(100_000);
            let mut capture = Capture::new(5000, Part::Beginning);
            capture.expect(promised);
            push(&mut capture, &vec![b'x'; first], &mut paid);
            assert_eq!((capture.held(), budget.in_use()), (held, held));
        }
    }

    #[test]
    fn what_it_holds_is_what_was_paid_for() {
        let (budget, mut paid) = reservation(100_000);
        let mut capture = Capture::new(10_000, Part::Beginning);
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
    fn a_spent_budget_stops_the_copy_without_leaving_a_hole() {
        let (_, mut paid) = reservation(100);
        let mut capture = Capture::new(1000, Part::Beginning);
        push(&mut capture, &[b'1'; 80], &mut paid);
        push(&mut capture, b"what fits no more", &mut paid);
        push(&mut capture, &[b'2'; 80], &mut paid);
        assert!(capture.starved());
        push(&mut capture, b"3", &mut paid);
        assert_eq!(&*capture.kept(), [b'1'; 80]);
        assert_eq!(capture.seen(), 178);
    }

    #[test]
    fn a_short_body_costs_nothing_but_is_not_kept_of_a_spent_budget() {
        let (budget, mut paid) = reservation(10);
        let mut capture = Capture::new(1000, Part::Beginning);
        push(&mut capture, b"short", &mut paid);
        assert_eq!((&*capture.kept(), budget.in_use()), (&b"short"[..], 0));
        paid.charge(11);
        push(&mut capture, b"er", &mut paid);
        assert!(capture.starved());
        assert_eq!((&*capture.kept(), capture.seen()), (&b"short"[..], 7));
    }

    #[test]
    fn forgetting_gives_back_and_goes_on_counting() {
        let (budget, mut paid) = reservation(100);
        let mut capture = Capture::new(1000, Part::Beginning);
        push(&mut capture, &[b'x'; 80], &mut paid);
        assert_eq!(budget.in_use(), 80);
        capture.forget(&mut paid);
        assert_eq!(budget.in_use(), 0);
        push(&mut capture, b"more", &mut paid);
        assert_eq!((capture.seen(), &*capture.kept()), (84, &b""[..]));
        assert_eq!(budget.in_use(), 0);
    }

    #[test]
    fn a_large_chunk_that_begins_a_body_is_not_copied() {
        let (budget, mut paid) = reservation(1_000_000);
        let chunk = Bytes::from(vec![b'1'; 30_000]);
        let mut capture = Capture::new(40_000, Part::Beginning);
        capture.expect(100_000);
        capture.push(&chunk, &mut paid);
        assert_eq!(capture.kept().as_ptr(), chunk.as_ptr());
        assert_eq!((capture.held(), budget.in_use()), (0, 30_000));
        // What follows it is copied, and so are both when they are looked at.
        push(&mut capture, &[b'2'; 20_000], &mut paid);
        assert_eq!((capture.kept_len(), capture.seen()), (40_000, 50_000));
        assert_eq!(
            *capture.kept(),
            [[b'1'; 30_000].as_slice(), &[b'2'; 10_000]].concat()
        );
        assert_eq!(budget.in_use(), 40_000);
        capture.forget(&mut paid);
        assert_eq!((budget.in_use(), capture.kept_len()), (0, 0));
        assert!(chunk.is_unique());
    }

    #[test]
    fn a_chunk_is_copied_if_it_is_small_or_if_little_of_it_is_kept_or_if_it_comes_later() {
        let (budget, mut paid) = reservation(1_000_000);
        for (limit, size) in [(40_000, LARGE_CHUNK - 1), (20_000, 40_002), (100, 100_000)] {
            let chunk = Bytes::from(vec![b'x'; size]);
            let mut capture = Capture::new(limit, Part::Beginning);
            capture.push(&chunk, &mut paid);
            assert!(chunk.is_unique(), "{limit} of {size}");
            assert_eq!(capture.kept_len(), limit.min(size));
            capture.forget(&mut paid);
        }
        for part in [Part::Beginning, Part::End] {
            let chunk = Bytes::from(vec![b'x'; 20_000]);
            let mut capture = Capture::new(40_000, part);
            push(&mut capture, b"first", &mut paid);
            capture.push(&chunk, &mut paid);
            assert!(chunk.is_unique(), "{part:?}");
            assert_eq!(capture.kept_len(), 20_005);
            capture.forget(&mut paid);
        }
        assert_eq!(budget.in_use(), 0);
    }

    #[test]
    fn few_chunks_are_kept_by_reference_at_once() {
        let (budget, _) = reservation(10_000_000);
        let chunk = Bytes::from(vec![b'x'; LARGE_CHUNK]);
        let kept: Vec<_> = (0..MAX_REFERENCES + 10)
            .map(|_| {
                let mut paid = Reservation::empty(budget.clone());
                let mut capture = Capture::new(40_000, Part::Beginning);
                capture.push(&chunk, &mut paid);
                assert_eq!(*capture.kept(), *chunk);
                (capture, paid)
            })
            .collect();
        let refers = |(capture, _): &&(Capture, _)| capture.kept().as_ptr() == chunk.as_ptr();
        assert_eq!(kept.iter().filter(refers).count(), MAX_REFERENCES);
        drop(kept);
        assert_eq!(budget.in_use(), 0);
        assert_eq!(budget.references(), 0);
    }

    #[test]
    fn of_a_spent_budget_a_large_chunk_is_not_kept() {
        let (budget, mut paid) = reservation(LARGE_CHUNK - 1);
        let chunk = Bytes::from(vec![b'x'; LARGE_CHUNK]);
        let mut capture = Capture::new(40_000, Part::Beginning);
        capture.push(&chunk, &mut paid);
        assert!(capture.starved() && chunk.is_unique());
        assert_eq!((capture.kept_len(), budget.in_use()), (0, 0));
        assert_eq!(budget.references(), 0);
    }

    #[test]
    fn copies_what_was_kept_by_reference_when_the_body_is_over() {
        let (budget, mut paid) = reservation(1 << 20);
        let all = Bytes::from(vec![b'x'; 4 * LARGE_CHUNK]);
        let mut capture = Capture::new(2 * LARGE_CHUNK, Part::Beginning);
        capture.push(&all.slice(..LARGE_CHUNK), &mut paid);
        push(&mut capture, b"yy", &mut paid);
        assert_eq!(budget.references(), 1);
        let kept = capture.kept().into_owned();
        capture.trim(&mut paid);
        assert_eq!((budget.references(), &*capture.kept()), (0, &*kept));
        assert_eq!(budget.in_use(), capture.held());
        // Nobody else holds the buffer that the chunk was a slice of.
        assert!(all.is_unique());
    }
}
