//! How long a required sink waits for further entries that can share a sync.

use std::time::Duration;

use super::sync::atomic::{AtomicU64, Ordering};

/// Maximum time that awaited entries wait for others to share their sync.
const MAX_GATHER: Duration = Duration::from_millis(5);

/// How long a required sink lets awaited entries gather before it writes them, so that they share a sync: a quarter of
/// the time that the last one took. Not at all if only one entry was waiting then, as nobody else may come.
#[derive(Debug, Default)]
pub(super) struct Gathering(AtomicU64);

impl Gathering {
    pub(super) fn pause(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }

    pub(super) fn adapt(&self, sync: Duration, waiters: usize) {
        let pause = if waiters > 1 {
            (sync / 4).min(MAX_GATHER)
        } else {
            Duration::ZERO
        };
        // At most 5 ms.
        self.0.store(pause.as_micros() as u64, Ordering::Relaxed);
    }
}
