//! New exchanges that wait until a full queue has room.

use tokio::sync::Notify;

use super::sync::atomic::{AtomicUsize, Ordering};

/// Where new exchanges wait. They hold nothing meanwhile, and look for themselves when they are
/// woken: whoever waits does so for the queue's state, never for another exchange.
#[derive(Debug, Default)]
pub(crate) struct Admission {
    changed: Notify,
    waiting: AtomicUsize,
}

impl Admission {
    /// Whether any exchange waits.
    pub(crate) fn has_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Wakes as many as there is room for, those who have waited the longest.
    pub(crate) fn admit(&self, room: usize) {
        for _ in 0..room.min(self.waiting.load(Ordering::Relaxed)) {
            self.changed.notify_one();
        }
    }

    /// Wakes all.
    pub(crate) fn admit_all(&self) {
        self.changed.notify_waiters();
    }

    /// Waits until `has_room`, which is asked again whenever there may be some.
    pub(crate) async fn wait(&self, has_room: impl Fn() -> bool) {
        let _waiting = Waiting::begin(&self.waiting);
        loop {
            // Made before the queue is asked: what changes in between is not missed.
            let changed = self.changed.notified();
            if has_room() {
                return;
            }
            changed.await;
        }
    }
}

/// Counts one that waits, also if it is dropped while it does.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn begin(waiting: &'a AtomicUsize) -> Self {
        waiting.fetch_add(1, Ordering::Relaxed);
        Self(waiting)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
