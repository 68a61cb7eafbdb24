//! Lanes: with several sinks, each has a queue and a thread of its own.

use std::sync::Arc;

use body_logger_core::record::Entry;

use super::{
    batch::Batch,
    isolated::IsolatedSink,
    memory,
    queue::Queue,
    state::{BatchLimits, Queued as _, Taken},
    writer::LaneInlet,
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

impl Lane {
    /// Returns the writer thread's end of the queue.
    pub(crate) fn inlet(&self) -> LaneInlet {
        LaneInlet {
            queue: Arc::clone(&self.queue),
            status: Arc::clone(self.sink.status()),
        }
    }

    pub(crate) fn run(self) {
        loop {
            while let Some(taken) = self.queue.take(self.sink.status().has_pending_gap()) {
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
            [batch] => self.write(&batch.entries, &batch.numbers),
            _ => {
                let batch = joined(std::mem::take(&mut taken.items));
                self.write(&batch.entries, &batch.numbers);
            }
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

    fn write(&self, entries: &[Entry], numbers: &[u64]) {
        let (mut entries, mut numbers) = (entries, numbers);
        while !entries.is_empty() {
            let size = self.fitting(entries);
            let (batch, rest) = entries.split_at(size);
            let (of_batch, of_rest) = numbers.split_at(size);
            self.sink.write(batch, of_batch);
            (entries, numbers) = (rest, of_rest);
        }
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
                let copies = shared.entries.iter().map(super::raw_entry::copy);
                all.entries.extend(copies);
                let reservation = shared.reservations.first();
                let another = reservation.map(|it| it.another(shared.bytes));
                all.reservations.extend(another);
            }
        }
    }
    all
}
