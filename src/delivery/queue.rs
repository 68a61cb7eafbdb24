//! A bounded queue between threads: any number of producers, one consumer.

use std::{
    fmt,
    sync::{Arc, PoisonError},
    time::Duration,
};

use super::{
    admission::Admission,
    flush::FlushRequest,
    gap::Losses,
    state::{Limits, Most, Pushed, Queued, State, Taken},
    sync::{Condvar, Mutex, MutexGuard},
};

/// How a consumer takes from its queue.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) most: Most,
    /// How long entries may gather before they are taken, unless the queue gets half full: a wake-up
    /// for each would cost more than all the rest.
    pub(crate) gather: Duration,
    /// How long the sink would have entries gather, unless there are as many as it takes at once.
    pub(crate) linger: Duration,
    /// After how long a gap that the sink has refused is offered again while nothing else comes.
    pub(crate) retry: Duration,
}

pub(crate) struct Queue<T> {
    pace: Pace,
    locked: Mutex<Locked<T>>,
    /// The consumer waits on it.
    work: Condvar,
    /// New exchanges wait on it, where they do.
    admission: Option<Arc<Admission>>,
}

struct Locked<T> {
    state: State<T>,
    /// The consumer sleeps until something is queued.
    idle: bool,
    /// There is no consumer, or none any more.
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
        // Nothing panics while it holds the lock.
        self.locked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues what `make` makes, which is called under the lock. Never waits for the consumer.
    pub(crate) fn push(&self, make: impl FnOnce() -> T) -> Pushed<T> {
        self.change(|state| state.push(make()))
    }

    /// Adds losses that happened before the queue.
    pub(crate) fn lose(&self, losses: Losses) {
        self.change(|state| state.pending_gap().merge(losses));
    }

    /// Changes the state, and wakes the consumer if that is a reason to.
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

    /// Asks the consumer for a flush of all that is queued now. False if it has ended, when all is
    /// flushed.
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

    /// Ends the consumer, unless somebody has asked it for a flush since it took last.
    pub(crate) fn finish(&self) -> bool {
        let mut locked = self.lock();
        locked.ended = !locked.state.is_flushing();
        locked.ended
    }

    /// Says that there will be no consumer.
    pub(crate) fn abandon(&self) {
        self.lock().ended = true;
        self.close();
    }

    /// Says that nothing more will be queued.
    pub(crate) fn close(&self) {
        self.lock().state.closed = true;
        self.work.notify_one();
        if let Some(admission) = &self.admission {
            admission.admit_all();
        }
    }

    /// Waits until there is something to be done, and takes it; nothing, where `untold` losses are
    /// to be offered again. `None` when the queue is closed and empty.
    pub(crate) fn take(&self, untold: bool) -> Option<Taken<T>> {
        let mut locked = self.lock();
        while !locked.state.has_work() {
            if locked.state.closed {
                return None;
            }
            locked.idle = true;
            if untold {
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
        if locked.state.has_work() && !pause.is_zero() && !locked.state.fills(self.pace.most) {
            let (again, _) = self
                .work
                .wait_timeout_while(locked, pause, |locked| !self.is_urgent(&locked.state))
                .unwrap_or_else(PoisonError::into_inner);
            locked = again;
        }
        Some(locked.state.take(self.pace.most))
    }

    /// Takes what there is to be done without waiting.
    #[cfg(test)]
    pub(crate) fn try_take(&self) -> Taken<T> {
        self.lock().state.take(self.pace.most)
    }

    /// Releases what was taken, which is written or lost.
    pub(crate) fn release(&self, records: usize, bytes: usize) {
        let mut locked = self.lock();
        locked.state.release(records, bytes);
        let (left, _) = locked.state.depth();
        let room = locked.state.room();
        drop(locked);
        if let Some(admission) = &self.admission {
            if left == 0 {
                // Nothing else will be released that would let them in.
                admission.admit_all();
            } else {
                admission.admit(room);
            }
        }
    }

    /// Entries and bytes queued, those being written included.
    pub(crate) fn depth(&self) -> (usize, usize) {
        self.lock().state.depth()
    }

    /// Whether new exchanges are let in, and whether that is because the queue is empty.
    pub(crate) fn has_room(&self) -> (bool, bool) {
        let locked = self.lock();
        (locked.state.has_room(), locked.state.depth().0 == 0)
    }

    /// The numbers of what was lost and not been told of.
    pub(crate) fn untold(&self) -> body_logger_core::record::SeqRanges {
        self.lock().state.pending_gap().numbers()
    }

    /// Whether the consumer has no time to let entries gather.
    fn is_urgent(&self, state: &State<T>) -> bool {
        let lingers = self.pace.linger > self.pace.gather;
        state.closed
            || state.is_flushing()
            || state.is_half_full()
            || (lingers && state.fills(self.pace.most))
    }
}

impl<T> fmt::Debug for Queue<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}
