//! The numbers of a logger's entries.

use uuid::Uuid;

use super::{
    gap::{GapReason, Losses},
    sync::atomic::{AtomicU64, Ordering},
};
use body_logger_core::record::{Entry, Gap, GapRecord};

/// The length of a gap record without its ranges, at most.
const GAP_BYTES: usize = 512;

/// The length of one range in it, at most: two numbers of twenty digits.
const RANGE_BYTES: usize = 44;

/// A logger's life, in which entries are numbered 1, 2, 3.
#[derive(Debug)]
pub(crate) struct Run {
    id: Uuid,
    /// How many numbers were taken.
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

    /// Takes the next number. Where there is a queue, under its lock, so that the queue's order is
    /// that of the numbers.
    pub(crate) fn next(&self) -> u64 {
        self.taken.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// How many numbers were taken.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Relaxed)
    }

    /// Most ranges that one gap record may name.
    pub(crate) fn ranges_of_gap(&self) -> usize {
        (self.max_record_bytes.saturating_sub(GAP_BYTES) / RANGE_BYTES).max(1)
    }

    /// Makes a gap record.
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
