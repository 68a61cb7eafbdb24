//! From the end of an exchange to the sinks: the queue to the writer thread, a queue and a thread
//! for each of several sinks, and the account of what is lost on the way.

mod admission;
mod batch;
mod counters;
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
mod run;
mod start;
mod state;
mod sync;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

use std::{future::Future, sync::Arc, time::Duration};

use self::{
    admission::Admission,
    batch::Batch,
    gap::GapReason,
    guard::Unfinished,
    inline::Inline,
    isolated::SinkStatus,
    queue::Queue,
    raw_entry::{Raw, RawEntry, Rendered},
    run::Run,
};
pub(crate) use self::{
    counters::AtomicCounters,
    flush::{Producer, Producers},
    start::{Delivering, QueuedSink},
    state::Limits,
};
pub use self::{
    flush::{Unflushed, UnflushedSink},
    guard::{FlushGuard, FLUSH_TIMEOUT},
    options::{QueueOptions, DEFAULT_QUEUE_RECORDS},
    state::WhenFull,
};
use crate::{
    capture::{Captured, MemoryBudget, RequestSpan, Reservation},
    render::Renderer,
};
use body_logger_core::{
    contain,
    record::{entry_id, Entry, SeqRanges},
    sink::{Counters, SinkCounters},
};

/// Where the entries of a logger go. When it is dropped, what is queued is written, and the threads
/// end.
#[derive(Debug)]
pub(crate) struct Delivery {
    shared: Arc<Shared>,
    inline: Arc<Inline>,
    renderer: Arc<Renderer>,
    budget: MemoryBudget,
    /// Whether a sink on the workers, or one behind a queue, writes into the spans of requests.
    inline_needs_span: bool,
    queued_needs_span: bool,
}

/// What those who wait for the threads may hold on to.
#[derive(Debug)]
struct Shared {
    run: Arc<Run>,
    /// Of the logger; those of its sinks are with the sinks.
    counters: Arc<AtomicCounters>,
    producers: Producers,
    /// The queue to the writer thread; none where all sinks run on the workers.
    queue: Option<Arc<Queue<RawEntry>>>,
    /// The queues to sinks with a thread of their own, where there are several.
    lanes: Vec<Arc<Queue<Arc<Batch>>>>,
    /// The sinks behind the queue.
    queued: Vec<Arc<SinkStatus>>,
    /// The sinks on the workers.
    inline: Vec<Arc<SinkStatus>>,
    /// Where new exchanges wait for a queue that is full, if they do: for that to the writer thread,
    /// and for some of the others.
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

    /// Whether any sink writes into the spans of requests.
    pub(crate) fn needs_span(&self) -> bool {
        self.inline_needs_span || self.queued_needs_span
    }

    /// Numbers an entry, and hands it to all sinks. Returns its number.
    ///
    /// This may run while a handler's panic unwinds, where a second panic would end the process: none
    /// gets out.
    pub(crate) fn deliver(&self, mut captured: Box<Captured>) -> u64 {
        if !self.inline.is_empty() {
            return self.deliver_rendered(captured);
        }
        // A span does not close while it is held.
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
                }
            });
            self.account(&pushed);
        }
        seq
    }

    /// Renders an entry on the worker, once for all sinks.
    fn deliver_rendered(&self, captured: Box<Captured>) -> u64 {
        let run = &self.shared.run;
        let Ok(mut entry) = contain(|| Entry::Record(self.renderer.record(&captured))) else {
            return self.lose();
        };
        self.shared.counters.note_withheld(&entry);
        let Some(queue) = &self.shared.queue else {
            let seq = run.next();
            number(&mut entry, seq);
            self.inline.write(&entry, seq);
            return seq;
        };
        drop(captured);
        let mut reservation = Reservation::empty(self.budget.clone());
        reservation.charge(memory::bytes(&entry));
        // Behind the queue a span is held until the entry is written, which only a sink needs that
        // writes into it. A clone holds none.
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
            }
        });
        self.account(&pushed);
        self.inline.write(&entry, seq);
        seq
    }

    /// Takes a number for an entry that could not be rendered.
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

    /// Counts and reports what the queue to the writer thread has dropped.
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

    /// Returns what a new exchange has to wait for before it begins; `None` where it is let in.
    pub(crate) fn admission(&self) -> Option<impl Future<Output = ()> + 'static> {
        let shared = &self.shared;
        let admission = shared.admission.as_ref()?;
        let (has_room, is_empty) = shared.has_room();
        // Who comes now does not overtake those who wait; unless all is empty, when they are let in.
        if has_room && (is_empty || !admission.has_waiting()) {
            return None;
        }
        shared.counters.waited();
        let (shared, admission) = (Arc::clone(shared), Arc::clone(admission));
        Some(async move { admission.wait(|| shared.has_room().0).await })
    }

    pub(crate) fn unfinished(&self) -> Unfinished {
        Unfinished::new(Arc::clone(&self.shared), &self.inline)
    }

    /// The counters of all sinks together.
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

    /// The counters of each sink, in the order in which they were added: first those behind queues.
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

/// Puts its number into a rendered entry.
fn number(entry: &mut Entry, seq: u64) {
    if let Entry::Record(record) = entry {
        record.seq = seq;
        // Made of the number, which it did not have yet when it was rendered.
        let took = Duration::from_micros(record.duration_us.unwrap_or(0));
        record.entry_id = entry_id(record.run, seq, record.time + took);
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        if let Some(queue) = &self.shared.queue {
            queue.close();
        }
        // The last that is asked of them.
        self.inline.answers();
    }
}

impl Shared {
    /// Whether new exchanges are let in, and whether that is because all queues are empty.
    fn has_room(&self) -> (bool, bool) {
        let writer = self.queue.iter();
        let lanes = self.lanes.iter().zip(&self.lanes_admit);
        let lanes = lanes.filter(|(_, admits)| **admits);
        writer
            .map(|queue| queue.has_room())
            .chain(lanes.map(|(lane, _)| lane.has_room()))
            .fold((true, true), |all, one| (all.0 && one.0, all.1 && one.1))
    }

    /// Adds what waits for a sink, and what its queues have not told.
    fn left(&self, sink: usize, mut left: UnflushedSink) -> UnflushedSink {
        if sink < self.queued.len() {
            left.queued = self.depth(sink).0;
            let writer = self.queue.iter().map(|queue| queue.untold());
            let lane = self.lanes.get(sink).map(|lane| lane.untold());
            let mut untold = SeqRanges::default();
            let ranges = writer.chain(lane).flat_map(|it| it.to_vec());
            for range in ranges.chain(std::mem::take(&mut left.untold)) {
                untold.insert_range(range);
            }
            left.untold = untold.to_vec();
        }
        left
    }

    /// Entries and bytes that wait for a sink behind the queue.
    fn depth(&self, sink: usize) -> (usize, usize) {
        let (records, bytes) = self.queue.as_ref().map_or((0, 0), |it| it.depth());
        let lane = self.lanes.get(sink).map_or((0, 0), |lane| lane.depth());
        (records + lane.0, bytes + lane.1)
    }
}
