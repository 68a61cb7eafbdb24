//! Guards held while the application's code runs: they notice a panic, and the drop of a marked request.

use std::thread;

use super::LiveExchange;
use crate::policy::Unrecorded;

/// Marks the exchange as panicked if dropped while a panic unwinds.
pub(crate) struct PanicGuard<'a>(&'a LiveExchange);

impl Drop for PanicGuard<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.panicked.set(true);
        }
    }
}

/// Notes that the inner service panicked, or that it dropped a request which was marked as [`Unrecorded`].
pub(crate) struct ServiceGuard<'a> {
    exchange: &'a LiveExchange,
    markers_dropped: u64,
    _panic: PanicGuard<'a>,
}

impl Drop for ServiceGuard<'_> {
    fn drop(&mut self) {
        if Unrecorded::dropped() != self.markers_dropped {
            self.exchange.unrecorded.set(true);
        }
    }
}

impl LiveExchange {
    /// Returns a guard to hold while the application's code runs.
    pub(crate) fn panic_guard(&self) -> PanicGuard<'_> {
        PanicGuard(self)
    }

    /// Returns a guard to hold while the inner service runs, and while its future is dropped.
    pub(crate) fn service_guard(&self) -> ServiceGuard<'_> {
        ServiceGuard {
            exchange: self,
            markers_dropped: Unrecorded::dropped(),
            _panic: self.panic_guard(),
        }
    }
}
