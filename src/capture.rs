//! Keeping a part of a body, within limits.

use std::{
    fmt,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc, OnceLock,
    },
};

use smallvec::SmallVec;

/// How many bytes of captured exchanges may be alive at once.
///
/// Clones share the same allowance. Every logger draws on one budget of
/// [`DEFAULT_MEMORY_BUDGET`] for the whole process, unless it is given
/// [a budget of its own](crate::BodyLoggerBuilder::memory_budget). When a budget is spent, bodies
/// are counted but not kept, and their records say `memory_budget`.
///
/// ```
/// use actix_web_body_logger::{BodyLogger, Budget};
///
/// let budget = Budget::new(8 * 1024 * 1024);
/// let logger = BodyLogger::builder().memory_budget(budget.clone()).build();
/// assert_eq!(budget.in_use(), 0);
/// # drop(logger);
/// ```
#[derive(Clone)]
pub struct Budget(Arc<Allowance>);

/// The limit of the [`Budget`] that all loggers share by default: 64 MiB.
pub const DEFAULT_MEMORY_BUDGET: usize = 64 * 1024 * 1024;

#[derive(Debug)]
struct Allowance {
    limit: usize,
    in_use: AtomicUsize,
}

impl Budget {
    /// Makes a budget of `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Allowance {
            limit,
            in_use: AtomicUsize::new(0),
        }))
    }

    /// The budget of the whole process.
    pub(crate) fn process() -> Self {
        static PROCESS: OnceLock<Budget> = OnceLock::new();
        PROCESS
            .get_or_init(|| Self::new(DEFAULT_MEMORY_BUDGET))
            .clone()
    }

    /// The most bytes it gives out for bodies. What is known of an exchange beside its bodies is
    /// always kept, and may take it past this.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// How many bytes are given out at this moment.
    #[must_use]
    pub fn in_use(&self) -> usize {
        self.0.in_use.load(Ordering::Relaxed)
    }

    fn take(&self, bytes: usize) -> bool {
        let allowance = &*self.0;
        allowance
            .in_use
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |in_use| {
                in_use
                    .checked_add(bytes)
                    .filter(|&sum| sum <= allowance.limit)
            })
            .is_ok()
    }

    fn give_back(&self, bytes: usize) {
        self.0.in_use.fetch_sub(bytes, Ordering::Relaxed);
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("limit", &self.limit())
            .field("in_use", &self.in_use())
            .finish()
    }
}

/// Bytes taken out of a [`Budget`]; they go back when this is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: Budget,
    bytes: usize,
}

impl Reservation {
    pub(crate) fn empty(budget: Budget) -> Self {
        Self { budget, bytes: 0 }
    }

    /// Asks for `bytes` more; takes none where not all are to be had.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let granted = self.budget.take(bytes);
        if granted {
            self.bytes += bytes;
        }
        granted
    }

    /// Takes `bytes` more whether they are to be had or not: an exchange's metadata is always kept,
    /// and the number of exchanges has limits of its own.
    pub(crate) fn charge(&mut self, bytes: usize) {
        self.budget.0.in_use.fetch_add(bytes, Ordering::Relaxed);
        self.bytes += bytes;
    }

    pub(crate) fn shrink(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.budget.give_back(bytes);
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.give_back(self.bytes);
    }
}

/// What is kept of a body; a short one needs no allocation.
type Kept = SmallVec<[u8; 64]>;

/// Counts all bytes of a body and keeps a copy of the first ones, or of the last.
///
/// A copy, because a chunk is a slice of a read buffer: keeping 20 bytes of it would keep all 8 KiB
/// alive.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    kept: Kept,
    seen: u64,
    limit: usize,
    part: Part,
    /// How many bytes there will be to keep, by what was said of the body.
    expected: usize,
    starved: bool,
}

/// Which part of a body is kept where it is longer than may be kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Part {
    #[default]
    Beginning,
    /// At least the last half of what may be kept: making room for a chunk moves so much at once
    /// that each byte is moved but once.
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
        self.expected = length.min(self.limit);
    }

    /// Takes note of the next chunk. What it keeps is paid for out of `reservation`.
    pub(crate) fn push(&mut self, chunk: &[u8], reservation: &mut Reservation) {
        match self.part {
            Part::Beginning => self.push_first(chunk, reservation),
            Part::End => self.push_last(chunk, reservation),
        }
    }

    fn push_last(&mut self, chunk: &[u8], reservation: &mut Reservation) {
        self.seen += chunk.len() as u64;
        let chunk = &chunk[chunk.len().saturating_sub(self.limit)..];
        if self.kept.len() + chunk.len() > self.limit {
            let stays = (self.limit / 2).min(self.limit - chunk.len());
            let goes = self.kept.len().saturating_sub(stays);
            self.kept.drain(..goes);
        }
        if self.make_room(chunk.len(), reservation) {
            self.kept.extend_from_slice(chunk);
        } else {
            // What comes later would not follow on what was kept.
            self.forget(reservation);
            self.starved = true;
        }
    }

    fn push_first(&mut self, chunk: &[u8], reservation: &mut Reservation) {
        let room = self.limit.saturating_sub(self.kept.len());
        // Bytes are kept only while none has been missed: a copy has no holes.
        let contiguous = self.seen == self.kept.len() as u64;
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
            let promised = Some(self.expected).filter(|expected| expected / 8 <= needed);
            needed.max(promised.unwrap_or(0))
        } else {
            needed.max(held * 2).min(self.limit)
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

    /// Bytes seen so far.
    pub(crate) fn seen(&self) -> u64 {
        self.seen
    }

    /// The most bytes that are kept.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// Whether what was kept begins where the body does.
    pub(crate) fn has_beginning(&self) -> bool {
        self.part == Part::Beginning || self.kept.len() as u64 == self.seen
    }

    /// What was kept.
    pub(crate) fn kept(&self) -> &[u8] {
        &self.kept
    }

    /// Whether bytes were let go because the budget was spent.
    pub(crate) fn starved(&self) -> bool {
        self.starved
    }

    /// Forgets what was kept, and keeps no more; goes on counting.
    pub(crate) fn forget(&mut self, reservation: &mut Reservation) {
        reservation.shrink(self.held());
        self.kept = Kept::new();
        self.limit = 0;
        self.expected = 0;
        self.starved = false;
    }

    /// Gives back what was allocated in advance.
    pub(crate) fn trim(&mut self, reservation: &mut Reservation) {
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

    fn reservation(limit: usize) -> (Budget, Reservation) {
        let budget = Budget::new(limit);
        (budget.clone(), Reservation::empty(budget))
    }

    #[test]
    fn keeps_the_first_bytes_and_counts_all() {
        let (_, mut paid) = reservation(1000);
        let mut capture = Capture::new(4, Part::Beginning);
        for chunk in [&b"ab"[..], b"", b"cde", b"f"] {
            capture.push(chunk, &mut paid);
        }
        assert_eq!(capture.kept(), b"abcd");
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
            capture.push(&chunk, &mut paid);
            all.extend_from_slice(&chunk);
            assert!(all.ends_with(capture.kept()));
            assert!((all.len().min(100)..=200).contains(&capture.kept().len()));
            assert_eq!(capture.has_beginning(), all.len() <= 200);
            assert_eq!(budget.in_use(), capture.held());
        }
        assert_eq!(capture.seen(), 550);
        assert_eq!(
            capture.kept(),
            [[b'e'; 100].as_slice(), &[b'f'; 25]].concat()
        );
    }

    #[test]
    fn a_spent_budget_leaves_no_hole_in_the_last_bytes() {
        let (budget, mut paid) = reservation(100);
        let mut capture = Capture::new(1000, Part::End);
        for size in [80, 80, 1] {
            capture.push(&[b'x'; 80][..size], &mut paid);
        }
        assert!(capture.starved());
        assert_eq!((capture.kept(), capture.seen()), (&b""[..], 161));
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
            capture.push(&vec![b'x'; first], &mut paid);
            assert_eq!((capture.held(), budget.in_use()), (held, held));
        }
    }

    #[test]
    fn what_it_holds_is_what_was_paid_for() {
        let (budget, mut paid) = reservation(100_000);
        let mut capture = Capture::new(10_000, Part::Beginning);
        for _ in 0..777 {
            capture.push(b"seven b", &mut paid);
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
        capture.push(&[b'1'; 80], &mut paid);
        capture.push(b"what fits no more", &mut paid);
        capture.push(&[b'2'; 80], &mut paid);
        assert!(capture.starved());
        capture.push(b"3", &mut paid);
        assert_eq!(capture.kept(), [b'1'; 80]);
        assert_eq!(capture.seen(), 178);
    }

    #[test]
    fn a_short_body_costs_nothing_but_is_not_kept_of_a_spent_budget() {
        let (budget, mut paid) = reservation(10);
        let mut capture = Capture::new(1000, Part::Beginning);
        capture.push(b"short", &mut paid);
        assert_eq!((capture.kept(), budget.in_use()), (&b"short"[..], 0));
        paid.charge(11);
        capture.push(b"er", &mut paid);
        assert!(capture.starved());
        assert_eq!((capture.kept(), capture.seen()), (&b"short"[..], 7));
    }

    #[test]
    fn forgetting_gives_back_and_goes_on_counting() {
        let (budget, mut paid) = reservation(100);
        let mut capture = Capture::new(1000, Part::Beginning);
        capture.push(&[b'x'; 80], &mut paid);
        assert_eq!(budget.in_use(), 80);
        capture.forget(&mut paid);
        assert_eq!(budget.in_use(), 0);
        capture.push(b"more", &mut paid);
        assert_eq!((capture.seen(), capture.kept()), (84, &b""[..]));
        assert_eq!(budget.in_use(), 0);
    }
}
