//! Delivers ended exchanges to the sinks: the queue to the writer thread, a queue and a thread for each of several
//! sinks, and the accounting of entries dropped or lost.
//!
//! One type of queue is used twice: between the workers and the writer thread it holds raw entries; between the writer
//! thread and each of several sinks, batches. A single sink needs no second queue: the writer thread writes to it directly,
//! as there is no other sink to isolate from it.
//!
//! The writer thread waits briefly for more entries, as a wake-up for each record would cost more than all other work; a
//! producer wakes it only if it sleeps, or when the queue gets half full. A batch is also limited in bytes: what a sink makes
//! from it, such as lines of JSON, is not charged to the budget, and should fit into a CPU's cache.
//!
//! A thread repeats a step that never waits, so that tests run the steps themselves, in any order. The code between the
//! steps, locks and wake-ups, is tested with Shuttle, see `sync`.

mod admission;
mod batch;
mod counters;
mod counting_renderer;
mod durable;
mod flush;
mod gap;
mod guard;
mod inline;
mod isolated;
mod lane;
mod memory;
mod options;
mod queue;
mod raw_entry;
mod render_threads;
mod run;
mod start;
mod state;
mod sync;
mod waiting;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

use std::{future::Future, sync::Arc, time::Duration};

use self::{
    admission::Admission,
    batch::Batch,
    counting_renderer::CountingRenderer,
    gap::GapReason,
    guard::FlushWaiter,
    inline::Inline,
    isolated::SinkStatus,
    queue::Queue,
    raw_entry::{Raw, RawEntry, Rendered},
    run::Run,
    waiting::WaitingExchanges,
};
pub(crate) use self::{
    counters::AtomicCounters,
    durable::{Receipt, Ticket},
    flush::{Producer, Producers},
    start::{DeliveryParts, QueuedSink},
    state::Limits,
    waiting::Waiting,
};
pub use self::{
    counters::LOG_TARGET,
    flush::{Unflushed, UnflushedSink},
    guard::{FlushGuard, FLUSH_TIMEOUT},
    options::{QueueOptions, DEFAULT_QUEUE_RECORDS},
    state::WhenFull,
};
use crate::{
    capture::{Captured, MemoryBudget, RequestSpan, Reservation},
    policy::Quorum,
};
use body_logger_core::{
    contain,
    record::{entry_id, Entry, SeqRanges},
    sink::{Counters, SinkCounters},
};

/// The queues, threads and sinks of a logger. Dropping it closes the queues; the threads end once the entries queued
/// are written.
#[derive(Debug)]
pub(crate) struct Delivery {
    shared: Arc<Shared>,
    inline: Arc<Inline>,
    renderer: CountingRenderer,
    budget: MemoryBudget,
    /// How many sinks are required, and how many of them must have an entry that somebody waits for.
    required: usize,
    quorum: Quorum,
    /// Whether an inline sink, or one behind a queue, writes into the spans of requests.
    inline_needs_span: bool,
    queued_needs_span: bool,
}

/// The state that flush guards keep alive too: it owns no sink.
#[derive(Debug)]
struct Shared {
    run: Arc<Run>,
    /// Counters of the logger itself; each sink's are in its [`SinkStatus`].
    counters: Arc<AtomicCounters>,
    producers: Producers,
    waiting: Arc<WaitingExchanges>,
    /// The queue to the writer thread; `None` if all sinks are inline.
    queue: Option<Arc<Queue<RawEntry>>>,
    /// The queue of each sink, if several sinks are behind the writer thread.
    lanes: Vec<Arc<Queue<Arc<Batch>>>>,
    /// The sinks behind the writer thread.
    queued: Vec<Arc<SinkStatus>>,
    /// The inline sinks, which run on the workers.
    inline: Vec<Arc<SinkStatus>>,
    /// Where new exchanges wait while a queue is full, if any sink has [`WhenFull::Wait`]: for the writer thread's
    /// queue, and for the lanes that `lanes_admit` marks.
    admission: Option<Arc<Admission>>,
    lanes_admit: Vec<bool>,
}

impl Delivery {
    pub(crate) fn counters(&self) -> &AtomicCounters {
        &self.shared.counters
    }

    pub(crate) fn producer(&self) -> Producer {
        self.shared.producers.begin()
    }

    /// Notes an exchange that has ended and waits for the files of its bodies. A flush waits for it.
    pub(crate) fn waiting(&self) -> Waiting {
        self.shared.waiting.begin()
    }

    /// Whether any sink writes into the spans of requests.
    pub(crate) fn needs_span(&self) -> bool {
        self.inline_needs_span || self.queued_needs_span
    }

    /// Numbers an entry and delivers it to all sinks. Returns its sequence number.
    ///
    /// Never panics: this may run while a handler's panic unwinds, where a second panic would abort the process.
    pub(crate) fn deliver(&self, captured: Box<Captured>) -> u64 {
        self.deliver_with(captured, None)
    }

    /// Returns the ticket of an entry that the required sinks are to make durable, and whether they have.
    pub(crate) fn ticket(&self) -> (Ticket, Receipt) {
        Ticket::new(self.required, self.quorum)
    }

    /// Delivers an entry, likewise, with its ticket if somebody waits for it to be durable.
    pub(crate) fn deliver_with(&self, mut captured: Box<Captured>, ticket: Option<Ticket>) -> u64 {
        if !self.inline.is_empty() {
            return self.deliver_rendered(captured, ticket);
        }
        // A span cannot close while it is referenced.
        if !self.queued_needs_span {
            captured.span = RequestSpan::default();
        }
        let mut seq = 0;
        if let Some(queue) = &self.shared.queue {
            let pushed = queue.push(|| {
                seq = self.shared.run.next();
                captured.seq = seq;
                RawEntry {
                    seq,
                    raw: Raw::Exchange(captured),
                    ticket,
                }
            });
            self.account(&pushed);
        }
        seq
    }

    /// Renders an entry on the worker, once for all sinks, and delivers it.
    fn deliver_rendered(&self, captured: Box<Captured>, ticket: Option<Ticket>) -> u64 {
        let run = &self.shared.run;
        let Ok(mut entry) = contain(|| Entry::Record(self.renderer.record(&captured))) else {
            return self.lose();
        };
        let Some(queue) = &self.shared.queue else {
            let seq = run.next();
            number(&mut entry, seq);
            self.inline.write(&entry, seq);
            return seq;
        };
        drop(captured);
        let mut reservation = Reservation::empty(self.budget.clone());
        reservation.charge(memory::bytes(&entry));
        // A queued entry keeps its span open until it is written, which only a span-writing sink needs. A clone
        // holds no span.
        let apart = (self.inline_needs_span && !self.queued_needs_span).then(|| entry.clone());
        let mut entry = Arc::new(entry);
        let mut seq = 0;
        let pushed = queue.push(|| {
            seq = run.next();
            if let Some(entry) = Arc::get_mut(&mut entry) {
                number(entry, seq);
            }
            let queued = match apart {
                Some(mut apart) => {
                    number(&mut apart, seq);
                    Arc::new(apart)
                }
                None => Arc::clone(&entry),
            };
            let rendered = Rendered {
                entry: queued,
                reservation,
            };
            RawEntry {
                seq,
                raw: Raw::Rendered(Box::new(rendered)),
                ticket,
            }
        });
        self.account(&pushed);
        self.inline.write(&entry, seq);
        seq
    }

    /// Numbers an entry that could not be rendered, and adds it to every sink's pending gap.
    fn lose(&self) -> u64 {
        let (run, mut seq) = (&self.shared.run, 0);
        match &self.shared.queue {
            Some(queue) => queue.change(|state| {
                seq = run.next();
                state.pending_gap().add(GapReason::SinkPanic, [seq]);
            }),
            None => seq = run.next(),
        }
        for status in &self.shared.queued {
            status.counters.lost(GapReason::SinkPanic, 1);
        }
        self.inline.lose(GapReason::SinkPanic, seq);
        seq
    }

    /// Counts and reports what the writer thread's queue has dropped.
    fn account(&self, pushed: &state::Pushed<RawEntry>) {
        if pushed.is_lossless() {
            return;
        }
        let sinks = || self.shared.queued.iter().map(|status| &**status);
        writer::account(pushed, sinks());
        match self.shared.queued.as_slice() {
            [status] => writer::report_drops(pushed, &status.counters, &status.name),
            _ => writer::report_drops(pushed, &self.shared.counters, "the writer thread"),
        }
    }

    /// Returns the future that a new exchange awaits before it begins, or `None` if it need not wait.
    pub(crate) fn admission(&self) -> Option<impl Future<Output = ()> + 'static> {
        let shared = &self.shared;
        let admission = shared.admission.as_ref()?;
        let (has_capacity, is_empty) = shared.has_capacity();
        // First come, first served; but with all queues empty nothing would wake anyone, so all are let in.
        if has_capacity && (is_empty || !admission.has_waiting()) {
            return None;
        }
        shared.counters.waited();
        let (shared, admission) = (Arc::clone(shared), Arc::clone(admission));
        Some(async move { admission.wait(|| shared.has_capacity().0).await })
    }

    pub(crate) fn flush_waiter(&self) -> FlushWaiter {
        FlushWaiter::new(Arc::clone(&self.shared), &self.inline)
    }

    /// Returns the counters of all sinks together.
    pub(crate) fn sum(&self) -> Counters {
        let shared = &self.shared;
        let mut sum = shared.counters.snapshot();
        sum.produced = shared.run.taken();
        let mut written = None;
        for status in &shared.inline {
            sum.add_losses(&status.counters.snapshot());
        }
        for (index, status) in shared.queued.iter().enumerate() {
            let counters = status.counters.snapshot();
            sum.add_losses(&counters);
            let least = written.unwrap_or(u64::MAX).min(counters.written);
            written = Some(least);
            let (records, bytes) = shared.depth(index);
            sum.queued = sum.queued.max(records as u64);
            sum.queued_bytes = sum.queued_bytes.max(bytes as u64);
        }
        sum.written = written.unwrap_or(0);
        sum
    }

    /// Returns the counters of each sink: those behind queues first, each group in the order of configuration.
    pub(crate) fn of_sinks(&self) -> Vec<SinkCounters> {
        let shared = &self.shared;
        let produced = shared.run.taken();
        let of = |status: &Arc<SinkStatus>, (records, bytes): (usize, usize)| {
            let mut counters = status.counters.snapshot();
            counters.produced = produced;
            counters.queued = records as u64;
            counters.queued_bytes = bytes as u64;
            SinkCounters::new(status.name.clone(), counters)
        };
        let queued = shared.queued.iter().enumerate();
        let queued = queued.map(|(index, status)| of(status, shared.depth(index)));
        let inline = shared.inline.iter().map(|status| of(status, (0, 0)));
        queued.chain(inline).collect()
    }
}

/// Sets the sequence number of a rendered entry, and the id that is derived from it.
fn number(entry: &mut Entry, seq: u64) {
    if let Entry::Record(record) = entry {
        record.seq = seq;
        // The id contains the number, which was unknown when the record was rendered.
        let took = Duration::from_micros(record.duration_us.unwrap_or(0));
        record.entry_id = entry_id(record.run, seq, record.time + took);
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if let Some(queue) = &self.shared.queue {
            queue.close();
        }
        // Final flush and sync; the flush reports failures itself.
        self.inline.answers();
    }
}

impl Shared {
    /// Whether new exchanges are let in, and whether all queues are empty.
    fn has_capacity(&self) -> (bool, bool) {
        let writer = self.queue.iter();
        let lanes = self.lanes.iter().zip(&self.lanes_admit);
        let lanes = lanes.filter(|(_, admits)| **admits);
        writer
            .map(|queue| queue.has_capacity())
            .chain(lanes.map(|(lane, _)| lane.has_capacity()))
            .fold((true, true), |all, one| (all.0 && one.0, all.1 && one.1))
    }

    /// Adds to a sink's answer the entries in its queues, and the losses that they have not passed on yet.
    fn left(&self, sink: usize, mut left: UnflushedSink) -> UnflushedSink {
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
    fn depth(&self, sink: usize) -> (usize, usize) {
        let (records, bytes) = self.queue.as_ref().map_or((0, 0), |it| it.depth());
        let lane = self.lanes.get(sink).map_or((0, 0), |lane| lane.depth());
        (records + lane.0, bytes + lane.1)
    }
}
