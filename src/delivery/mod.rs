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
mod durable;
mod flush;
mod gap;
mod gathering;
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
mod shared;
mod start;
mod state;
mod status;
mod sync;
mod ticket;
mod waiting;
mod writer;

#[cfg(test)]
pub(crate) mod tests;

use std::{cell::Cell, future::Future, sync::Arc, time::Duration};

use self::{
    batch::Batch,
    gap::GapReason,
    guard::FlushWaiter,
    inline::Inline,
    queue::Queue,
    raw_entry::{Raw, RawEntry, Rendered},
    shared::Shared,
    status::{account, report_drops, SinkStatus},
};
pub(crate) use self::{
    counters::AtomicCounters,
    flush::Producer,
    start::{DeliveryParts, QueuedSink},
    state::Limits,
    ticket::{Receipt, Ticket},
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
    render::Renderer,
};
use body_logger_core::{
    contain,
    record::{entry_id, Entry, Record},
    sink::{Counters, SinkCounters},
};

/// The queues, threads and sinks of a logger. Dropping it closes the queues; the threads end once the entries queued
/// are written.
#[derive(Debug)]
pub(crate) struct Delivery {
    shared: Arc<Shared>,
    inline: Arc<Inline>,
    renderer: Arc<Renderer>,
    budget: MemoryBudget,
    /// How many sinks are required, and how many of them must have an entry that an exchange waits for.
    required: usize,
    quorum: Quorum,
    /// Whether an inline sink, or one behind a queue, writes into the spans of requests.
    inline_needs_span: bool,
    queued_needs_span: bool,
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

    /// Returns the ticket of an entry that the required sinks are to make durable, and whether they have.
    pub(crate) fn ticket(&self) -> (Ticket, Receipt) {
        Ticket::new(self.required, self.quorum)
    }

    /// Numbers an entry and delivers it to all sinks, with its ticket if an exchange waits for it to be durable. Returns its
    /// sequence number.
    ///
    /// Never panics: this may run while a handler's panic unwinds, where a second panic would abort the process.
    pub(crate) fn deliver(&self, mut captured: Box<Captured>, ticket: Option<Ticket>) -> u64 {
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
        let Some(queue) = &self.shared.queue else {
            return self.deliver_inline(captured, ticket);
        };
        let mut record = Record::empty();
        if contain(|| self.renderer.fill(&mut record, &captured)).is_err() {
            return self.lose(queue);
        }
        let entry = Entry::Record(record);
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

    /// Renders an entry on the worker, and delivers it to inline sinks, as there are no others.
    fn deliver_inline(&self, mut captured: Box<Captured>, ticket: Option<Ticket>) -> u64 {
        thread_local! {
            /// The last batch, whose record is filled again.
            static BATCH: Cell<Batch> = Cell::default();
        }
        let seq = self.shared.run.next();
        captured.seq = seq;
        let item = RawEntry {
            seq,
            raw: Raw::Exchange(captured),
            ticket,
        };
        // It is missing where a sink's own request is recorded meanwhile, or while the thread ends.
        let mut batch = BATCH.try_with(Cell::take).unwrap_or_default();
        match contain(|| batch.render(item, &self.renderer)) {
            Ok(()) => {
                let entries = batch.entries().iter();
                entries.for_each(|entry| self.inline.write(entry, seq));
            }
            Err(_) => {
                batch.discard_spare();
                self.inline.lose(GapReason::SinkPanic, seq);
            }
        }
        batch.clear();
        let _ = BATCH.try_with(|last| last.set(batch));
        seq
    }

    /// Numbers an entry that could not be rendered, and adds it to every sink's pending gap.
    fn lose(&self, queue: &Queue<RawEntry>) -> u64 {
        let mut seq = 0;
        queue.change(|state| {
            seq = self.shared.run.next();
            state.pending_gap().add(GapReason::SinkPanic, [seq]);
        });
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
        account(pushed, sinks());
        match self.shared.queued.as_slice() {
            [status] => report_drops(pushed, &status.counters, &status.name),
            _ => report_drops(pushed, &self.shared.counters, "the writer thread"),
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
        for status in shared.inline.iter().chain(&shared.queued) {
            let counters = status.counters.snapshot();
            sum.add_losses(&counters);
            written = Some(written.unwrap_or(u64::MAX).min(counters.written));
        }
        sum.written = written.unwrap_or(0);
        for index in 0..shared.queued.len() {
            let (records, bytes) = shared.depth(index);
            sum.queued = sum.queued.max(records as u64);
            sum.queued_bytes = sum.queued_bytes.max(bytes as u64);
        }
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
