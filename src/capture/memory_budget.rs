//! The memory budget of captured exchanges.

use std::{
    fmt,
    sync::{
        atomic::{AtomicUsize, Ordering},
        Arc, OnceLock,
    },
};

/// Limits the memory that captured exchanges occupy together.
///
/// Clones share one limit. All loggers share one budget of [`DEFAULT_MEMORY_BUDGET`] per process, unless they are
/// given [a budget of their own](crate::BodyLoggerBuilder::memory_budget). While a budget is exhausted, bodies are
/// counted but not kept, and their records have the reason `memory_budget`.
///
/// Bodies are kept as copies. Only a body's first chunk, if it is 16 KiB or larger, is kept by reference. Its whole
/// length is reserved, but it may be a slice of an even larger buffer, so at most 256 chunks are kept by reference.
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
pub struct MemoryBudget(Arc<Shared>);

/// Maximum number of chunks of one budget that are kept by reference at once, as they may be slices of buffers of
/// unknown size.
pub(crate) const MAX_REFERENCES: usize = 256;

/// The limit of the [`MemoryBudget`] that all loggers share by default: 64 MiB.
pub const DEFAULT_MEMORY_BUDGET: usize = 64 * 1024 * 1024;

#[derive(Debug)]
struct Shared {
    limit: usize,
    in_use: AtomicUsize,
    references: AtomicUsize,
}

impl MemoryBudget {
    /// Creates a budget of `limit` bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self(Arc::new(Shared {
            limit,
            in_use: AtomicUsize::new(0),
            references: AtomicUsize::new(0),
        }))
    }

    /// Returns the budget that the whole process shares.
    pub(crate) fn process() -> Self {
        static PROCESS: OnceLock<MemoryBudget> = OnceLock::new();
        PROCESS
            .get_or_init(|| Self::new(DEFAULT_MEMORY_BUDGET))
            .clone()
    }

    /// Returns the maximum number of bytes reserved for bodies. Metadata of exchanges is always kept, and may exceed it.
    #[must_use]
    pub fn limit(&self) -> usize {
        self.0.limit
    }

    /// Returns the number of bytes reserved at this moment.
    #[must_use]
    pub fn in_use(&self) -> usize {
        self.0.in_use.load(Ordering::Relaxed)
    }

    /// Reserves `bytes`. Returns false, and reserves nothing, if fewer are left.
    pub(super) fn reserve(&self, bytes: usize) -> bool {
        add_within(&self.0.in_use, bytes, self.0.limit)
    }

    /// Reserves one of the references, and the bytes of its chunk.
    pub(super) fn reserve_chunk(&self, bytes: usize) -> bool {
        if !add_within(&self.0.references, 1, MAX_REFERENCES) {
            return false;
        }
        let granted = self.reserve(bytes);
        if !granted {
            self.release_references(1);
        }
        granted
    }

    /// Reserves `bytes` even beyond the limit.
    pub(super) fn charge(&self, bytes: usize) {
        self.0.in_use.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Returns how many chunks are kept by reference at this moment.
    #[cfg(test)]
    pub(crate) fn references(&self) -> usize {
        self.0.references.load(Ordering::Relaxed)
    }

    pub(super) fn release(&self, bytes: usize) {
        self.0.in_use.fetch_sub(bytes, Ordering::Relaxed);
    }

    pub(super) fn release_references(&self, references: usize) {
        self.0.references.fetch_sub(references, Ordering::Relaxed);
    }
}

/// Adds `more` unless the sum would exceed the limit. Returns whether it did.
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

/// Bytes reserved of a [`MemoryBudget`], and released on drop.
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

    /// Reserves `bytes` more. Returns false, and reserves nothing, if the budget has fewer left.
    pub(crate) fn grow(&mut self, bytes: usize) -> bool {
        let granted = self.budget.reserve(bytes);
        if granted {
            self.bytes += bytes;
        }
        granted
    }

    /// Reserves `bytes` more even beyond the limit: the metadata of an exchange is always kept, and the number of
    /// exchanges has limits of its own.
    pub(crate) fn charge(&mut self, bytes: usize) {
        self.budget.charge(bytes);
        self.bytes += bytes;
    }

    /// Reserves one of the references, and the bytes of its chunk.
    pub(crate) fn reserve_chunk(&mut self, bytes: usize) -> bool {
        let granted = self.budget.reserve_chunk(bytes);
        if granted {
            self.references += 1;
            self.bytes += bytes;
        }
        granted
    }

    /// Takes over bytes that others have reserved of the same budget.
    pub(super) fn take_over(&mut self, bytes: usize) {
        self.bytes += bytes;
    }

    pub(crate) fn shrink(&mut self, bytes: usize) {
        self.bytes -= bytes;
        self.budget.release(bytes);
    }

    /// Reserves bytes for a copy, of the same budget.
    pub(crate) fn another(&self, bytes: usize) -> Self {
        let mut another = Self::empty(self.budget.clone());
        another.charge(bytes);
        another
    }

    pub(crate) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Returns the budget that it belongs to.
    pub(crate) fn budget(&self) -> MemoryBudget {
        self.budget.clone()
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        self.budget.release(self.bytes);
        if self.references > 0 {
            self.budget.release_references(self.references);
        }
    }
}
