//! The writer thread: renders queued entries, once for all sinks, and passes them to the sinks.

use std::{mem, sync::Arc, time::Duration};

use body_logger_core::contain;

use super::{
    batch::Batch,
    flush::FlushRequest,
    gap::{GapReason, Losses, PendingGap},
    isolated::IsolatedSink,
    lane::LaneInlet,
    memory,
    queue::Queue,
    raw_entry::RawEntry,
    render_threads::RenderThreads,
    state::{BatchLimits, Queued as _, Taken},
    status::SinkStatus,
};
use crate::{
    capture::{MemoryBudget, Reservation},
    render::Renderer,
};

pub(crate) struct Writer {
    pub(super) queue: Arc<Queue<RawEntry>>,
    pub(super) outlet: Outlet,
    pub(super) renderer: Arc<Renderer>,
    pub(super) render_threads: RenderThreads,
    pub(super) budget: MemoryBudget,
    /// Maximum batch that is passed on at once.
    pub(super) batch_limits: BatchLimits,
    /// The batch being rendered; with a single sink its allocation is reused.
    pub(super) batch: Batch,
}

/// Where the writer thread passes its batches.
pub(crate) enum Outlet {
    /// The only sink, called on the writer thread: its queue is that of the writer.
    Sink(IsolatedSink),
    /// The queues of several sinks, each with a thread of its own.
    Lanes(Vec<LaneInlet>),
}

impl Writer {
    pub(crate) fn run(mut self) {
        loop {
            while let Some(taken) = self.take() {
                self.step(taken);
            }
            self.outlet.end();
            if self.queue.finish() {
                return;
            }
        }
    }

    fn take(&self) -> Option<Taken<RawEntry>> {
        let gathering = match &self.outlet {
            Outlet::Sink(sink) => sink.gathering.pause(),
            Outlet::Lanes(_) => Duration::ZERO,
        };
        self.queue.take(self.outlet.has_pending_gap(), gathering)
    }

    /// Renders and passes on what was taken from the queue, releases it, and answers flush requests.
    pub(super) fn step(&mut self, mut taken: Taken<RawEntry>) {
        if let Some(losses) = taken.gap.take() {
            self.outlet.merge(losses);
        }
        let records = taken.items.len();
        let bytes = taken.items.iter().map(|item| item.bytes()).sum();
        let threads = mem::take(&mut self.render_threads);
        let others = threads.hand_out(&mut taken.items);
        for item in taken.items.into_iter().map(Ok).chain(others) {
            match item {
                Ok(item) => self.render(item),
                Err(seq) => self.lose(seq),
            }
            if self.batch.bytes >= self.batch_limits.bytes {
                self.hand_over();
            }
        }
        self.render_threads = threads;
        self.hand_over();
        match &self.outlet {
            Outlet::Sink(sink) if records == 0 => sink.retry_gap(),
            Outlet::Sink(sink) if taken.is_last => {
                // `flush` counts and reports failures itself.
                let _ = sink.flush();
            }
            Outlet::Sink(_) | Outlet::Lanes(_) => {}
        }
        self.queue.release(records, bytes);
        for request in taken.requests {
            self.outlet.answer(&request);
        }
    }

    fn render(&mut self, item: RawEntry) {
        let seq = item.seq;
        if contain(|| self.batch.render(item, &self.renderer)).is_err() {
            self.batch.discard_spare();
            return self.lose(seq);
        }
        if matches!(self.outlet, Outlet::Lanes(_)) {
            self.batch.bytes += self.batch.entries().last().map_or(0, memory::bytes);
        }
    }

    /// Adds an entry whose rendering panicked to the losses.
    fn lose(&mut self, seq: u64) {
        // Entries before the lost one are written before its gap.
        self.hand_over();
        self.outlet.lose(GapReason::SinkPanic, seq);
    }

    /// Passes the batch to the sink, or to all lanes.
    fn hand_over(&mut self) {
        if self.batch.entries().is_empty() {
            return;
        }
        match &self.outlet {
            Outlet::Sink(sink) => {
                sink.accept(&self.batch);
                self.batch.clear();
            }
            Outlet::Lanes(lanes) => {
                let mut batch = mem::take(&mut self.batch);
                let mut reservation = Reservation::empty(self.budget.clone());
                reservation.charge(batch.bytes);
                batch.reservations = vec![reservation];
                let batch = Arc::new(batch);
                for lane in lanes {
                    lane.push(&batch);
                }
            }
        }
    }
}

impl Outlet {
    pub(super) fn statuses(&self) -> Vec<Arc<SinkStatus>> {
        match self {
            Self::Sink(sink) => vec![Arc::clone(sink.status())],
            Self::Lanes(lanes) => lanes.iter().map(|lane| Arc::clone(&lane.status)).collect(),
        }
    }

    /// Whether a refused gap record is to be offered again from this thread. Lanes do so themselves.
    fn has_pending_gap(&self) -> bool {
        match self {
            Self::Sink(sink) => sink.status().has_pending_gap(),
            Self::Lanes(_) => false,
        }
    }

    /// Adds losses that the queue has already counted to the pending gap of every sink.
    fn merge(&self, losses: Losses) {
        match self {
            Self::Sink(sink) => sink.status().merge(losses),
            Self::Lanes(lanes) => lanes
                .iter()
                .for_each(|lane| lane.queue.lose(losses.clone())),
        }
    }

    fn lose(&self, reason: GapReason, seq: u64) {
        match self {
            Self::Sink(sink) => {
                sink.status().lose(reason, [seq]);
            }
            Self::Lanes(lanes) => {
                for lane in lanes {
                    let mut gap = PendingGap::default();
                    gap.add(reason, [seq]);
                    gap.take().into_iter().for_each(|it| lane.queue.lose(it));
                    lane.status.counters.lost(reason, 1);
                }
            }
        }
    }

    fn answer(&self, request: &Arc<FlushRequest>) {
        match self {
            Self::Sink(sink) => request.answer(0, sink.answer()),
            Self::Lanes(lanes) => {
                for (index, lane) in lanes.iter().enumerate() {
                    lane.queue.ask(request, index, &lane.status);
                }
            }
        }
    }

    fn end(&self) {
        match self {
            Self::Sink(sink) => sink.end(),
            Self::Lanes(lanes) => lanes.iter().for_each(|lane| lane.queue.close()),
        }
    }
}
