//! Callbacks for new entries.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use body_logger_core::contain;

use crate::position::Position;

type Callback = Arc<dyn Fn(Position) + Send + Sync>;

/// Callbacks for new entries, by the number of their subscription.
#[derive(Default)]
pub(crate) struct Subscribers {
    callbacks: Mutex<(u64, BTreeMap<u64, Callback>)>,
}

/// Keeps a callback subscribed until it is dropped; see [`Store::subscribe`](crate::Store::subscribe).
#[must_use = "dropping it ends the subscription"]
pub struct Subscription {
    number: u64,
    subscribers: Weak<Subscribers>,
}

impl Subscribers {
    pub(crate) fn add(self: &Arc<Self>, callback: Callback) -> Subscription {
        let mut callbacks = self
            .callbacks
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        callbacks.0 += 1;
        let number = callbacks.0;
        callbacks.1.insert(number, callback);
        Subscription {
            number,
            subscribers: Arc::downgrade(self),
        }
    }

    /// Calls all with the newest entry. A callback that panics harms neither the writer nor the others.
    pub(crate) fn notify(&self, newest: Position) {
        let callbacks: Vec<Callback> = {
            let callbacks = self
                .callbacks
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            callbacks.1.values().cloned().collect()
        };
        for callback in callbacks {
            // The panic's message is already printed, and there is nothing to undo.
            let _ = contain(|| callback(newest));
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        if let Some(subscribers) = self.subscribers.upgrade() {
            let mut callbacks = subscribers
                .callbacks
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            callbacks.1.remove(&self.number);
        }
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}
