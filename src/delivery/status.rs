//! The status of a sink: its name, its counters, and the entries it has lost.

use std::sync::PoisonError;

use body_logger_core::record::SeqRanges;

use super::{
    counters::{records, AtomicCounters},
    flush::UnflushedSink,
    gap::{GapReason, Losses, PendingGap},
    state::Pushed,
    sync::{
        atomic::{AtomicBool, Ordering},
        Mutex,
    },
};

/// The name, counters and losses of a sink, shared with other threads.
#[derive(Debug)]
pub(crate) struct SinkStatus {
    pub(crate) name: String,
    pub(crate) counters: AtomicCounters,
    /// Entries that the sink has lost and no gap record in it names yet.
    pending_gap: Mutex<PendingGap>,
    /// Whether there are any. Readable without the lock, for which workers would contend.
    has_pending_gap: AtomicBool,
}

impl SinkStatus {
    /// Creates the status of a sink behind a queue of at most `records` entries.
    pub(super) fn new(name: String, records: usize) -> Self {
        Self {
            name,
            counters: AtomicCounters::default(),
            pending_gap: Mutex::new(PendingGap::of_queue(records)),
            has_pending_gap: AtomicBool::new(false),
        }
    }

    pub(super) fn change<R>(&self, change: impl FnOnce(&mut PendingGap) -> R) -> R {
        // Nothing panics while the lock is held.
        let guard = self.pending_gap.lock();
        let mut pending_gap = guard.unwrap_or_else(PoisonError::into_inner);
        let result = change(&mut pending_gap);
        let has_pending_gap = !pending_gap.is_empty();
        self.has_pending_gap
            .store(has_pending_gap, Ordering::Release);
        result
    }

    /// Returns the numbers that the sink has lost and no gap record in it names yet.
    pub(crate) fn pending_numbers(&self) -> SeqRanges {
        self.change(|pending_gap| pending_gap.numbers())
    }

    pub(crate) fn has_pending_gap(&self) -> bool {
        self.has_pending_gap.load(Ordering::Acquire)
    }

    /// Counts entries that this sink loses, and adds them to its pending gap.
    pub(crate) fn lose(&self, reason: GapReason, numbers: impl IntoIterator<Item = u64>) -> usize {
        let mut lost = 0;
        let numbers = numbers.into_iter().inspect(|_| lost += 1);
        self.change(|pending_gap| pending_gap.add(reason, numbers));
        self.counters.lost(reason, lost);
        lost
    }

    /// Adds losses that the queue before this sink has already counted.
    pub(crate) fn merge(&self, losses: Losses) {
        self.change(|pending_gap| pending_gap.merge(losses));
    }

    /// Returns what a flush reports of a sink that has not answered.
    pub(crate) fn unflushed(&self) -> UnflushedSink {
        UnflushedSink {
            name: self.name.clone(),
            queued: 0,
            unreported: self.pending_numbers().to_vec(),
            error: None,
        }
    }
}

/// Counts what a queue has dropped, for each sink behind it.
pub(super) fn account<'a, T>(pushed: &Pushed<T>, sinks: impl IntoIterator<Item = &'a SinkStatus>) {
    if pushed.is_lossless() {
        return;
    }
    for status in sinks {
        let counters = &status.counters;
        counters.lost(GapReason::DroppedNewest, pushed.dropped_newest);
        counters.lost(GapReason::DroppedOldest, pushed.dropped_oldest);
        counters.bodies_shed(pushed.bodies_shed);
    }
}

/// Reports what a queue has dropped in the application's log.
pub(super) fn report_drops<T>(pushed: &Pushed<T>, counters: &AtomicCounters, name: &str) {
    if pushed.is_lossless() {
        return;
    }
    let dropped = pushed.dropped_newest + pushed.dropped_oldest;
    counters.report(|lost| {
        if dropped > 0 {
            // A shared queue's drops are counted per sink, not in `counters`.
            let lost = lost.max(dropped as u64);
            format!(
                "the queue to {name} is full; {} dropped, going on",
                records(lost)
            )
        } else {
            format!("the queue to {name} is nearly full; leaving bodies out of records")
        }
    });
}
