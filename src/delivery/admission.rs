//! Backpressure: new exchanges wait while a queue is full.
//!
//! They reserve nothing, because exchanges in flight may be streams that never end, and because a second logger around the
//! same application would wait for the reservations of the first. The end of an exchange never waits, so what ends while the
//! queue is full forms an excess, which has limits of its own. As many exchanges are woken as there is free capacity for;
//! when the queue is empty, all are, as no later release would wake them.

use tokio::sync::Notify;

use super::sync::atomic::{AtomicUsize, Ordering};

/// Where new exchanges wait. They reserve nothing: each checks the queue again when it is woken, so none depends on
/// another exchange.
#[derive(Debug, Default)]
pub(crate) struct Admission {
    changed: Notify,
    waiting: AtomicUsize,
}

impl Admission {
    /// Whether any exchange is waiting.
    pub(crate) fn has_waiting(&self) -> bool {
        self.waiting.load(Ordering::Relaxed) > 0
    }

    /// Wakes up to `capacity` exchanges, the longest waiting first.
    pub(crate) fn admit(&self, capacity: usize) {
        for _ in 0..capacity.min(self.waiting.load(Ordering::Relaxed)) {
            self.changed.notify_one();
        }
    }

    /// Wakes all.
    pub(crate) fn admit_all(&self) {
        self.changed.notify_waiters();
    }

    /// Waits until `has_capacity` returns true. It is called again after each wake-up.
    pub(crate) async fn wait(&self, has_capacity: impl Fn() -> bool) {
        let _waiting = Waiting::begin(&self.waiting);
        loop {
            // Registered before the check, so that no change in between is missed.
            let changed = self.changed.notified();
            if has_capacity() {
                return;
            }
            changed.await;
        }
    }
}

/// Counts one waiting exchange until dropped, also if its future is cancelled.
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
