//! The run of a logger, in which its entries are numbered.

use body_logger_core::record::{Entry, Gap, GapRecord};
use uuid::Uuid;

use super::{
    gap::{GapReason, Losses},
    sync::atomic::{AtomicU64, Ordering},
};

/// Maximum length of a gap record without its ranges.
const GAP_BYTES: usize = 512;

/// Maximum length of one range in it: two numbers of twenty digits.
const RANGE_BYTES: usize = 44;

/// The lifetime of one logger, with entries numbered 1, 2, 3 and so on.
#[derive(Debug)]
pub(crate) struct Run {
    id: Uuid,
    /// The highest number assigned so far.
    taken: AtomicU64,
    max_record_bytes: usize,
}

impl Run {
    pub(crate) fn new(id: Uuid, max_record_bytes: usize) -> Self {
        Self {
            id,
            taken: AtomicU64::new(0),
            max_record_bytes,
        }
    }

    /// Assigns the next number. Called under the queue's lock, if there is a queue, so that entries are queued in the
    /// order of their numbers.
    pub(crate) fn next(&self) -> u64 {
        self.taken.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Returns how many numbers were assigned.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Returns the maximum number of ranges in one gap record.
    pub(crate) fn ranges_of_gap(&self) -> usize {
        (self.max_record_bytes.saturating_sub(GAP_BYTES) / RANGE_BYTES).max(1)
    }

    /// Creates a gap record.
    pub(crate) fn gap(&self, losses: &Losses) -> Entry {
        let reasons = GapReason::ALL.into_iter().zip(losses.reasons);
        let reasons = reasons
            .filter(|(_, entries)| *entries > 0)
            .map(|(reason, entries)| (reason.as_str().to_owned(), entries))
            .collect();
        let gap = Gap::new(losses.from..=losses.to, reasons, &losses.seq);
        Entry::Gap(GapRecord::new(self.id, gap))
    }
}
