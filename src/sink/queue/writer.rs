//! The thread behind the queue.

use std::{
    collections::VecDeque,
    mem,
    sync::{Arc, PoisonError},
    time::Duration,
};

use super::{Item, Loss, Place, Shared, Sinks, Waiting, WhenFull};
use crate::{budget::Reservation, record::Entry, redact::Redaction};

/// How long the writer lets entries gather before it takes them: a wake-up for each would cost more
/// than all the rest.
const GATHER: Duration = Duration::from_millis(5);

/// The most entries that are made into records at once.
const BATCH: usize = 256;

/// What is captured of them, past which there are no more. Sinks may need as much again, or twice: all of that
/// should stay in a CPU's cache, and not be so much that the allocator gives it back to the operating system
/// after each batch.
const BATCH_BYTES: usize = 128 * 1024;

pub(super) struct Writer {
    shared: Arc<Shared>,
    sinks: Sinks,
    redaction: Arc<Redaction>,
    loss: Arc<Loss>,
}

/// The entries of a batch, and what they hold until they are written.
#[derive(Default)]
struct Batch {
    entries: Vec<Entry>,
    held: Vec<(Option<Reservation>, Option<Place>)>,
    bytes: usize,
    gaps: usize,
}

impl Writer {
    pub(super) fn new(
        shared: Arc<Shared>,
        sinks: Sinks,
        redaction: Arc<Redaction>,
        loss: Arc<Loss>,
    ) -> Self {
        Self {
            shared,
            sinks,
            redaction,
            loss,
        }
    }

    pub(super) fn run(self) {
        let mut taken = VecDeque::new();
        let mut batch = Batch::default();
        while self.take(&mut taken) {
            while !taken.is_empty() {
                self.write(&mut taken, &mut batch);
            }
            // A burst is no reason to hold on to its room for ever.
            taken.shrink_to(BATCH);
        }
    }

    /// Waits for items and takes all that wait. False when there will be none any more.
    fn take(&self, taken: &mut VecDeque<Waiting>) -> bool {
        let Shared { limits, work, .. } = &*self.shared;
        let mut state = self.shared.lock();
        while state.waiting.is_empty() && !state.missing.is_some() {
            if state.closed {
                return false;
            }
            state.idle = true;
            state = work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.idle = false;
        let (mut state, _) = work
            .wait_timeout_while(state, GATHER, |state| !state.is_urgent(*limits))
            .unwrap_or_else(PoisonError::into_inner);
        // What was dropped at the end is told when something follows, or when there is nothing else.
        if limits.when_full == WhenFull::DropOldest || state.waiting.is_empty() {
            if let Some(gap) = state.missing.take(self.loss.run()) {
                state.push_front((Item::Gap(Box::new(gap)), None));
            }
        }
        mem::swap(&mut state.waiting, taken);
        true
    }

    fn write(&self, taken: &mut VecDeque<Waiting>, batch: &mut Batch) {
        let mut records = 0;
        while records < BATCH && batch.bytes < BATCH_BYTES {
            let Some((item, place)) = taken.pop_front() else {
                break;
            };
            records += 1;
            batch.bytes += item.cost();
            batch.gaps += usize::from(item.is_gap());
            let entries = &mut batch.entries;
            self.sinks
                .entry(&item, &self.redaction, |entry| entries.push(entry));
            // A record takes up about what was captured, until it is written.
            let reservation = match item {
                Item::Exchange(captured) => Some(captured.reservation),
                Item::Gap(_) => None,
            };
            batch.held.push((reservation, place));
        }
        self.loss.note_withheld(&batch.entries);
        self.loss.written(self.sinks.write(&batch.entries));
        if taken.is_empty() {
            self.sinks.flush();
            if self.shared.lock().flushing > 0 {
                self.sinks.sync();
            }
        }
        batch.entries.clear();
        batch.held.clear();

        let mut state = self.shared.lock();
        state.records -= records;
        state.bytes -= mem::take(&mut batch.bytes);
        state.gaps -= mem::take(&mut batch.gaps);
        drop(state);
        self.shared.progress.notify_all();
    }
}
