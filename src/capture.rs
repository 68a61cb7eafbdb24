//! Keeping a part of a body, within limits.

use std::{
    fmt,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc, OnceLock,
    },
};

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

    /// All that was taken, leaving nothing taken behind.
    pub(crate) fn take(&mut self) -> Self {
        let empty = Self::empty(self.budget.clone());
        std::mem::replace(self, empty)
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

/// Counts all bytes of a body and keeps a copy of the first ones, or of the last.
///
/// A copy, because a chunk is a slice of a read buffer: keeping 20 bytes of it would keep all 8 KiB
/// alive.
#[derive(Debug, Default)]
pub(crate) struct Capture {
    kept: Vec<u8>,
    seen: u64,
    limit: usize,
    part: Part,
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
            self.kept.drain(..self.kept.len().saturating_sub(stays));
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
        let held = self.kept.capacity();
        if needed <= held {
            return true;
        }
        // The first chunk is often the only one, so it gets just its size.
        let capacity = if held == 0 {
            needed
        } else {
            needed.max(held * 2).min(self.limit)
        };
        let granted = reservation.grow(capacity - held);
        if granted {
            self.kept.reserve_exact(capacity - self.kept.len());
        }
        granted
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
        reservation.shrink(self.kept.capacity());
        self.kept = Vec::new();
        self.limit = 0;
        self.starved = false;
    }

    /// Gives back what was allocated in advance.
    pub(crate) fn trim(&mut self, reservation: &mut Reservation) {
        let held = self.kept.capacity();
        if held - self.kept.len() > self.kept.len() / 8 {
            self.kept.shrink_to_fit();
            reservation.shrink(held - self.kept.capacity());
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
        let mut capture = Capture::new(8, Part::End);
        let mut all = Vec::new();
        for chunk in [&b"abc"[..], b"", b"defgh", b"i", b"jklmnopqrstu", b"v"] {
            capture.push(chunk, &mut paid);
            all.extend_from_slice(chunk);
            assert!(all.ends_with(capture.kept()));
            assert!((all.len().min(4)..=8).contains(&capture.kept().len()));
            assert_eq!(capture.has_beginning(), all.len() <= 8);
            assert_eq!(budget.in_use(), capture.kept.capacity());
        }
        assert_eq!(capture.seen(), 22);
        assert_eq!(capture.kept(), b"rstuv");
    }

    #[test]
    fn a_spent_budget_leaves_no_hole_in_the_last_bytes() {
        let (budget, mut paid) = reservation(10);
        let mut capture = Capture::new(100, Part::End);
        for chunk in [&b"12345678"[..], b"too much", b"9"] {
            capture.push(chunk, &mut paid);
        }
        assert!(capture.starved());
        assert_eq!((capture.kept(), capture.seen()), (&b""[..], 17));
        assert_eq!(budget.in_use(), 0);
    }

    #[test]
    fn what_it_holds_is_what_was_paid_for() {
        let (budget, mut paid) = reservation(100_000);
        let mut capture = Capture::new(10_000, Part::Beginning);
        for _ in 0..777 {
            capture.push(b"seven b", &mut paid);
            assert_eq!(budget.in_use(), capture.kept.capacity());
        }
        capture.trim(&mut paid);
        assert_eq!(budget.in_use(), capture.kept.capacity());
        assert!(capture.kept.capacity() <= 777 * 7 * 9 / 8);
        drop(paid);
        assert_eq!(budget.in_use(), 0);
    }

    #[test]
    fn a_spent_budget_stops_the_copy_without_leaving_a_hole() {
        let (budget, mut paid) = reservation(10);
        let mut capture = Capture::new(100, Part::Beginning);
        capture.push(b"12345678", &mut paid);
        capture.push(b"too much", &mut paid);
        assert!(capture.starved());
        drop(Reservation::empty(budget));
        capture.push(b"9", &mut paid);
        assert_eq!(capture.kept(), b"12345678");
        assert_eq!(capture.seen(), 17);
    }

    #[test]
    fn forgetting_gives_back_and_goes_on_counting() {
        let (budget, mut paid) = reservation(10);
        let mut capture = Capture::new(100, Part::Beginning);
        capture.push(b"12345678", &mut paid);
        capture.forget(&mut paid);
        assert_eq!(budget.in_use(), 0);
        capture.push(b"more", &mut paid);
        assert_eq!((capture.seen(), capture.kept()), (12, &b""[..]));
        assert_eq!(budget.in_use(), 0);
    }
}
