//! What captured exchanges may cost together.

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
/// What is kept is a copy. Only a large chunk, of 16 KiB or more, that a body begins with is kept by
/// reference: all of it is paid for, but not what it may be a slice of, for which reason at most 256
/// are kept at once.
///
/// ```
/// use actix_web_body_logger::{policy::MemoryBudget, BodyLogger};
///
/// let budget = MemoryBudget::new(8 * 1024 * 1024);
/// let logger = BodyLogger::builder().memory_budget(budget.clone()).build();
/// assert_eq!(budget.in_use(), 0);
/// # drop(logger);
/// ```
#[derive(Clone)]
pub struct MemoryBudget(Arc<Allowance>);

/// The most chunks that are kept by reference at once, of one budget: of what they are slices nobody
/// can tell.
pub(crate) const MAX_REFERENCES: usize = 256;

/// The limit of the [`MemoryBudget`] that all loggers share by default: 64 MiB.
pub const DEFAULT_MEMORY_BUDGET: usize = 64 * 1024 * 1024;

#[derive(Debug)]
struct Allowance {
    limit: usize,
    in_use: AtomicUsize,
    references: AtomicUsize,
}

impl MemoryBudget {
    /// Makes a budget of `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Allowance {
            limit,
            in_use: AtomicUsize::new(0),
            references: AtomicUsize::new(0),
        }))
    }

    /// The budget of the whole process.
    pub(crate) fn process() -> Self {
        static PROCESS: OnceLock<MemoryBudget> = OnceLock::new();
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
        add_within(&self.0.in_use, bytes, self.0.limit)
    }

    fn take_reference(&self) -> bool {
        add_within(&self.0.references, 1, MAX_REFERENCES)
    }

    /// How many chunks are kept by reference at this moment.
    #[cfg(test)]
    pub(crate) fn references(&self) -> usize {
        self.0.references.load(Ordering::Relaxed)
    }

    fn give_back(&self, bytes: usize) {
        self.0.in_use.fetch_sub(bytes, Ordering::Relaxed);
    }
}

/// Adds, if the sum is not over the limit.
fn add_within(sum: &AtomicUsize, more: usize, limit: usize) -> bool {
    let added = |sum: usize| sum.checked_add(more).filter(|&sum| sum <= limit);
    sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, added)
        .is_ok()
}

impl fmt::Debug for MemoryBudget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBudget")
            .field("limit", &self.limit())
            .field("in_use", &self.in_use())
            .finish()
    }
}

/// Bytes taken out of a [`MemoryBudget`]; they go back when this is dropped.
#[derive(Debug)]
pub(crate) struct Reservation {
    budget: MemoryBudget,
    bytes: usize,
    references: usize,
}

impl Reservation {
    pub(crate) fn empty(budget: MemoryBudget) -> Self {
        Self {
            budget,
            bytes: 0,
            references: 0,
        }
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

    /// Asks to keep a chunk of so many bytes by reference.
    pub(crate) fn refer(&mut self, bytes: usize) -> bool {
        if !self.budget.take_reference() {
            return false;
        }
        self.references += 1;
        let granted = self.grow(bytes);
        if !granted {
            self.drop_references(1);
        }
        granted
    }

    pub(crate) fn drop_references(&mut self, references: usize) {
        self.references -= references;
        let all = &self.budget.0.references;
        all.fetch_sub(references, Ordering::Relaxed);
    }

    pub(crate) fn shrink(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.budget.give_back(bytes);
    }

    /// Takes as much again for a copy, out of the same budget.
    pub(crate) fn another(&self, bytes: usize) -> Self {
        let mut another = Self::empty(self.budget.clone());
        another.charge(bytes);
        another
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// What it is taken out of.
    pub(crate) fn budget(&self) -> MemoryBudget {
        self.budget.clone()
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.give_back(self.bytes);
        if self.references > 0 {
            self.drop_references(self.references);
        }
    }
}
