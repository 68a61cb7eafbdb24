//! A bounded queue between threads: any number of producers, one consumer.

use std::{
    fmt,
    sync::{Arc, PoisonError},
    time::Duration,
};

use super::{
    admission::Admission,
    flush::{FlushRequest, UnflushedSink},
    gap::Losses,
    state::{BatchLimits, Limits, Pushed, Queued, State, Taken},
    status::SinkStatus,
    sync::{Condvar, Mutex, MutexGuard},
};

/// How much a consumer takes from its queue at once, and how long it waits for more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) batch: BatchLimits,
    /// How long the consumer lets entries accumulate, unless the queue gets half full: a wake-up for each record costs
    /// more than all other work.
    pub(crate) gather: Duration,
    /// How long the sink wants entries to accumulate, unless a full batch is queued.
    pub(crate) linger: Duration,
    /// Whether entries that an exchange waits for are taken at once.
    pub(crate) hurries: bool,
    /// Interval after which a refused gap record is offered again while nothing else is queued.
    pub(crate) retry: Duration,
}

pub(crate) struct Queue<T> {
    pace: Pace,
    locked: Mutex<Locked<T>>,
    /// Signalled when the consumer has work.
    work: Condvar,
    /// Where new exchanges wait, with [`WhenFull::Wait`](super::WhenFull::Wait).
    admission: Option<Arc<Admission>>,
}

struct Locked<T> {
    state: State<T>,
    /// Whether the consumer sleeps until something is queued.
    idle: bool,
    /// Whether the consumer has ended, or never started.
    ended: bool,
}

impl<T: Queued> Queue<T> {
    pub(crate) fn new(limits: Limits, pace: Pace, admission: Option<Arc<Admission>>) -> Self {
        Self {
            pace,
            locked: Mutex::new(Locked {
                state: State::new(limits),
                idle: false,
                ended: false,
            }),
            work: Condvar::new(),
            admission,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Locked<T>> {
        // Nothing panics while the lock is held.
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues the result of `make`, which runs under the lock. Never waits for the consumer.
    pub(crate) fn push(&self, make: impl FnOnce() -> T) -> Pushed<T> {
        self.change(|state| state.push(make()))
    }

    /// Adds losses from before this queue.
    pub(crate) fn lose(&self, losses: Losses) {
        self.change(|state| state.pending_gap().merge(losses));
    }

    /// Changes the state under the lock, and wakes the consumer if needed.
    pub(crate) fn change<R>(&self, change: impl FnOnce(&mut State<T>) -> R) -> R {
        let mut locked = self.lock();
        let was_urgent = self.is_urgent(&locked.state);
        let result = change(&mut locked.state);
        let wakes = locked.idle && locked.state.has_work();
        if wakes {
            locked.idle = false;
        }
        let is_urgent = !was_urgent && self.is_urgent(&locked.state);
        drop(locked);
        if wakes || is_urgent {
            self.work.notify_one();
        }
        result
    }

    /// Asks the consumer to flush everything queued now. Returns false if it has ended, which it does only after a
    /// flush.
    pub(crate) fn request(&self, request: &Arc<FlushRequest>) -> bool {
        let mut locked = self.lock();
        if locked.ended {
            return false;
        }
        locked.state.request(Arc::clone(request));
        drop(locked);
        self.work.notify_one();
        true
    }

    /// Asks the consumer to flush everything queued now and to answer for `sink`, or answers for it if it has ended.
    pub(crate) fn ask(&self, request: &Arc<FlushRequest>, sink: usize, status: &SinkStatus) {
        if !self.request(request) {
            let left = UnflushedSink {
                error: Some("its thread has ended or never started".to_owned()),
                ..status.unflushed()
            };
            let is_left = self.depth().0 > 0 || !left.unreported.is_empty();
            request.answer(sink, if is_left { Err(left) } else { Ok(()) });
        }
    }

    /// Marks the consumer as ended and returns true, unless a flush was requested since it last took entries.
    pub(crate) fn finish(&self) -> bool {
        let mut locked = self.lock();
        locked.ended = !locked.state.is_flushing();
        locked.ended
    }

    /// Closes the queue because its consumer could not be started.
    pub(crate) fn abandon(&self) {
        self.lock().ended = true;
        self.close();
    }

    /// Closes the queue: nothing more will be queued.
    pub(crate) fn close(&self) {
        self.lock().state.closed = true;
        self.work.notify_one();
        if let Some(admission) = &self.admission {
            admission.admit_all();
        }
    }

    /// Waits for work, and takes it. With pending losses (`gap_pending`) the result may be empty, for a retry of the
    /// gap record. `None` when the queue is closed and empty. Where an exchange waits for an entry, others may join it for
    /// as long as `gathering`.
    pub(crate) fn take(&self, gap_pending: bool, gathering: Duration) -> Option<Taken<T>> {
        let mut locked = self.lock();
        while !locked.state.has_work() {
            if locked.state.closed {
                return None;
            }
            locked.idle = true;
            if gap_pending {
                let (again, waited) = self
                    .work
                    .wait_timeout(locked, self.pace.retry)
                    .unwrap_or_else(PoisonError::into_inner);
                locked = again;
                if waited.timed_out() {
                    break;
                }
            } else {
                let again = self.work.wait(locked);
                locked = again.unwrap_or_else(PoisonError::into_inner);
            }
        }
        locked.idle = false;
        let pause = self.pace.gather.max(self.pace.linger);
        if locked.state.has_work() && !pause.is_zero() && !locked.state.fills(self.pace.batch) {
            let (again, _) = self
                .work
                .wait_timeout_while(locked, pause, |locked| !self.is_urgent(&locked.state))
                .unwrap_or_else(PoisonError::into_inner);
            locked = again;
        }
        if locked.state.is_awaited() && !gathering.is_zero() {
            let (again, _) = self
                .work
                .wait_timeout_while(locked, gathering, |locked| !self.is_due(&locked.state))
                .unwrap_or_else(PoisonError::into_inner);
            locked = again;
        }
        Some(locked.state.take(self.pace.batch))
    }

    /// Takes the available work without waiting.
    #[cfg(test)]
    pub(crate) fn try_take(&self) -> Taken<T> {
        self.lock().state.take(self.pace.batch)
    }

    /// Releases the capacity of taken entries, once they are written or lost.
    pub(crate) fn release(&self, records: usize, bytes: usize) {
        let mut locked = self.lock();
        locked.state.release(records, bytes);
        let (left, _) = locked.state.depth();
        let capacity = locked.state.free_capacity();
        drop(locked);
        if let Some(admission) = &self.admission {
            if left == 0 {
                // No later release would wake them.
                admission.admit_all();
            } else {
                admission.admit(capacity);
            }
        }
    }

    /// Returns the entries and bytes queued, including the batch being written.
    pub(crate) fn depth(&self) -> (usize, usize) {
        self.lock().state.depth()
    }

    /// Whether new exchanges are let in, and whether the queue is empty.
    pub(crate) fn has_capacity(&self) -> (bool, bool) {
        let locked = self.lock();
        (locked.state.has_capacity(), locked.state.depth().0 == 0)
    }

    /// Returns the numbers lost at this queue that were not passed on yet.
    pub(crate) fn pending_numbers(&self) -> body_logger_core::record::SeqRanges {
        self.lock().state.pending_gap().numbers()
    }

    /// Whether the consumer should not wait for more entries.
    fn is_urgent(&self, state: &State<T>) -> bool {
        (self.pace.hurries && state.is_awaited()) || self.is_due(state)
    }

    /// Whether it should not, whoever waits for those queued.
    fn is_due(&self, state: &State<T>) -> bool {
        let lingers = self.pace.linger > self.pace.gather;
        state.closed
            || state.is_flushing()
            || state.is_half_full()
            || (lingers && state.fills(self.pace.batch))
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}
