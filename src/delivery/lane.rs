//! Lanes: with several sinks, each has a queue and a thread of its own.
//!
//! A lane accepts a batch completely or not at all: keeping a part would keep the memory of all of it, beyond the limit. So
//! with lanes, batches are at most an eighth of the smallest queue.

use std::{iter, sync::Arc};

use body_logger_core::record::Entry;

use super::{
    batch::Batch,
    durable::Part,
    isolated::IsolatedSink,
    memory,
    queue::Queue,
    raw_entry::copy,
    state::{BatchLimits, Queued as _, Taken},
    status::{account, report_drops, SinkStatus},
};

/// The consumer that runs on a sink's own thread.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) queue: Arc<Queue<Arc<Batch>>>,
    pub(crate) sink: IsolatedSink,
    /// The sink's index among the answers to a flush request.
    pub(crate) index: usize,
    /// Maximum batch that the sink accepts.
    pub(crate) batch_limits: BatchLimits,
}

/// The writer thread's end of a sink's queue.
pub(crate) struct LaneInlet {
    pub(crate) queue: Arc<Queue<Arc<Batch>>>,
    pub(crate) status: Arc<SinkStatus>,
    /// Whether exchanges may wait for the sink.
    pub(crate) is_required: bool,
}

impl Lane {
    /// Returns the writer thread's end of the queue.
    pub(crate) fn inlet(&self) -> LaneInlet {
        LaneInlet {
            queue: Arc::clone(&self.queue),
            status: Arc::clone(self.sink.status()),
            is_required: self.sink.is_required,
        }
    }

    pub(crate) fn run(self) {
        loop {
            let gap_pending = || self.sink.status().has_pending_gap();
            while let Some(taken) = (self.queue).take(gap_pending(), self.sink.gathering.pause()) {
                self.step(taken);
            }
            self.sink.end();
            if self.queue.finish() {
                return;
            }
        }
    }

    /// Writes what was taken from the queue, releases it, and answers flush requests.
    pub(crate) fn step(&self, mut taken: Taken<Arc<Batch>>) {
        if let Some(losses) = taken.gap.take() {
            self.sink.status().merge(losses);
        }
        let records = taken.items.iter().map(|batch| batch.records()).sum();
        let bytes = taken.items.iter().map(|batch| batch.bytes()).sum();
        match taken.items.as_slice() {
            [] => self.sink.retry_gap(),
            batches if self.is_awaited(batches) => {
                let parts = batches.iter().flat_map(|batch| self.parts(Part::of(batch)));
                self.sink.write_durably(parts);
            }
            [batch] => self.write(batch),
            _ => self.write(&joined(std::mem::take(&mut taken.items))),
        }
        if records > 0 && taken.is_last {
            // `flush` counts and reports failures itself.
            let _ = self.sink.flush();
        }
        drop(taken.items);
        self.queue.release(records, bytes);
        for request in taken.requests {
            request.answer(self.index, self.sink.answer());
        }
    }

    fn write(&self, batch: &Batch) {
        for part in self.parts(Part::of(batch)) {
            self.sink.write(part.entries, part.numbers);
        }
    }

    /// Whether exchanges wait for this sink to make one of the batches durable.
    fn is_awaited(&self, batches: &[Arc<Batch>]) -> bool {
        self.sink.is_required && batches.iter().any(|batch| batch.is_awaited())
    }

    /// Splits a batch into parts that the sink accepts.
    fn parts<'b>(&self, batch: Part<'b>) -> impl Iterator<Item = Part<'b>> + use<'b, '_> {
        let mut rest = batch;
        iter::from_fn(move || {
            if rest.entries.is_empty() {
                return None;
            }
            let size = self.fitting(rest.entries);
            let mut part = rest;
            (part.entries, rest.entries) = rest.entries.split_at(size);
            (part.numbers, rest.numbers) = rest.numbers.split_at(size);
            Some(part)
        })
    }

    /// Returns how many of the entries fit into one batch of the sink, at least one.
    fn fitting(&self, entries: &[Entry]) -> usize {
        let mut bytes = 0_usize;
        let fits = |entry: &&Entry| {
            bytes = bytes.saturating_add(memory::bytes(entry));
            bytes <= self.batch_limits.bytes
        };
        let fitting = entries
            .iter()
            .take(self.batch_limits.records)
            .take_while(fits);
        fitting.count().max(1)
    }
}

impl LaneInlet {
    pub(super) fn push(&self, batch: &Arc<Batch>) {
        let pushed = self.queue.push(|| Arc::clone(batch));
        if self.is_required {
            let dropped = pushed.discarded.iter().flat_map(|batch| &batch.awaited);
            dropped.for_each(|it| it.ticket.answer(false));
        }
        account(&pushed, [&*self.status]);
        report_drops(&pushed, &self.status.counters, &self.status.name);
    }
}

/// Joins several batches. Entries that other sinks still need are copied.
fn joined(batches: Vec<Arc<Batch>>) -> Batch {
    let mut all = Batch::default();
    for batch in batches {
        all.numbers.extend_from_slice(&batch.numbers);
        match Arc::try_unwrap(batch) {
            Ok(batch) => {
                all.entries.extend(batch.entries);
                all.reservations.extend(batch.reservations);
            }
            Err(shared) => {
                let copies = shared.entries.iter().map(copy);
                all.entries.extend(copies);
                let reservation = shared.reservations.first();
                let another = reservation.map(|it| it.another(shared.bytes));
                all.reservations.extend(another);
            }
        }
    }
    all
}
