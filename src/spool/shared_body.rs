//! What a worker and the spool's thread share of one body.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use super::{
    names::FileId,
    options::{Limits, WhenSlow},
};
use crate::capture::MemoryBudget;
#[cfg(feature = "hash")]
use crate::content::BodyDigest;

/// A body on its way to the disk.
#[derive(Debug)]
pub(super) struct SpooledBody {
    pub(super) file: FileId,
    #[cfg(feature = "hash")]
    pub(super) digest: Option<BodyDigest>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Bytes handed over and not written yet.
    waiting: usize,
    /// The task to wake when some of them are written.
    waker: Option<Waker>,
    /// Whether nothing more of it is written, as it was given up or the disk failed.
    is_over: bool,
}

impl SpooledBody {
    pub(super) fn new(file: FileId, #[cfg(feature = "hash")] digest: Option<BodyDigest>) -> Self {
        Self {
            file,
            #[cfg(feature = "hash")]
            digest,
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while the lock is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds bytes that are handed over. Returns false, and adds nothing, if they are too many, as the disk is slow and a
    /// body is then to be given up.
    pub(super) fn enter(&self, bytes: usize, limits: Limits) -> bool {
        let mut state = self.lock();
        // One block may always wait, however small the limit is.
        let accepts = state.waiting == 0
            || state.waiting < limits.waiting
            || limits.when_slow == WhenSlow::SlowDown;
        if accepts {
            state.waiting += bytes;
        }
        accepts
    }

    /// Adds bytes in any case: the last ones of a body, which are less than a block.
    pub(super) fn enter_last(&self, bytes: usize) {
        self.lock().waiting += bytes;
    }

    /// Removes bytes that are written or discarded.
    pub(super) fn leave(&self, bytes: usize) {
        let mut state = self.lock();
        state.waiting -= bytes;
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// Waits until more bytes may be handed over. While the budget is exhausted, one block at a time may be: so a stream
    /// goes on by its own blocks, and never depends on others.
    pub(super) fn poll_capacity(
        &self,
        limits: Limits,
        budget: &MemoryBudget,
        cx: &mut Context<'_>,
    ) -> Poll<()> {
        let mut state = self.lock();
        let is_within = || state.waiting < limits.waiting && budget.in_use() < budget.limit();
        if state.waiting == 0 || state.is_over || is_within() {
            return Poll::Ready(());
        }
        state.waker = Some(cx.waker().clone());
        Poll::Pending
    }

    pub(super) fn end(&self) {
        self.lock().is_over = true;
    }

    pub(super) fn is_over(&self) -> bool {
        self.lock().is_over
    }
}
