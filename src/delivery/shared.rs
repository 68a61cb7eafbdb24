//! What a delivery, its flush guards and its threads share.

use std::sync::Arc;

use body_logger_core::record::SeqRanges;

use super::{
    admission::Admission,
    batch::Batch,
    counters::AtomicCounters,
    flush::{Producers, UnflushedSink},
    queue::Queue,
    raw_entry::RawEntry,
    run::Run,
    status::SinkStatus,
    waiting::WaitingExchanges,
};

/// The state of a delivery. Flush guards keep it alive, too, so it owns no sink.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) run: Arc<Run>,
    /// Counters of the logger itself; each sink's are in its [`SinkStatus`].
    pub(super) counters: AtomicCounters,
    pub(super) producers: Producers,
    pub(super) waiting: Arc<WaitingExchanges>,
    /// The queue to the writer thread; `None` if all sinks are inline.
    pub(super) queue: Option<Arc<Queue<RawEntry>>>,
    /// The queue of each sink, if several sinks are behind the writer thread.
    pub(super) lanes: Vec<Arc<Queue<Arc<Batch>>>>,
    /// The sinks behind the writer thread.
    pub(super) queued: Vec<Arc<SinkStatus>>,
    /// The inline sinks, which run on the workers.
    pub(super) inline: Vec<Arc<SinkStatus>>,
    /// Where new exchanges wait while a queue is full, if any sink has [`WhenFull::Wait`](super::WhenFull::Wait): for the
    /// writer thread's queue, and for the lanes that `lanes_admit` marks.
    pub(super) admission: Option<Arc<Admission>>,
    pub(super) lanes_admit: Vec<bool>,
}

impl Shared {
    /// Whether new exchanges are let in, and whether all queues are empty.
    pub(super) fn has_capacity(&self) -> (bool, bool) {
        let writer = self.queue.iter();
        let lanes = self.lanes.iter().zip(&self.lanes_admit);
        let lanes = lanes.filter(|(_, admits)| **admits);
        writer
            .map(|queue| queue.has_capacity())
            .chain(lanes.map(|(lane, _)| lane.has_capacity()))
            .fold((true, true), |all, one| (all.0 && one.0, all.1 && one.1))
    }

    /// Adds to a sink's answer the entries in its queues, and the losses that they have not passed on yet.
    pub(super) fn left(&self, sink: usize, mut left: UnflushedSink) -> UnflushedSink {
        if sink < self.queued.len() {
            left.queued = self.depth(sink).0;
            let writer = self.queue.iter().map(|queue| queue.pending_numbers());
            let lane = self.lanes.get(sink).map(|lane| lane.pending_numbers());
            let mut unreported = SeqRanges::default();
            let ranges = writer.chain(lane).flat_map(|it| it.to_vec());
            for range in ranges.chain(std::mem::take(&mut left.unreported)) {
                unreported.insert_range(range);
            }
            left.unreported = unreported.to_vec();
        }
        left
    }

    /// Returns the entries and bytes queued for a sink behind the writer thread.
    pub(super) fn depth(&self, sink: usize) -> (usize, usize) {
        let (records, bytes) = self.queue.as_ref().map_or((0, 0), |it| it.depth());
        let lane = self.lanes.get(sink).map_or((0, 0), |lane| lane.depth());
        (records + lane.0, bytes + lane.1)
    }
}
