//! The marker of requests that leave no record.
//!
//! It counts its drops: a service that fails or is cancelled drops its request, whose extensions nobody can read any more. A
//! handle in each request would work as well, but would cost every exchange an allocation.

use std::cell::Cell;

thread_local! {
    static DROPPED: Cell<u64> = const { Cell::new(0) };
}

/// Marks a request whose exchange leaves no record, as if its path were excluded: no stage, no number and no gap.
///
/// A service inserts it into the extensions of its own requests, such as health checks, or a page that shows the log:
///
/// ```
/// # struct Extensions;
/// # impl Extensions { fn insert<T>(&mut self, _: T) {} }
/// # struct HttpRequest;
/// # impl HttpRequest { fn extensions_mut(&self) -> Extensions { Extensions } }
/// use body_logger_core::Unrecorded;
///
/// async fn health(req: HttpRequest) -> &'static str {
///     req.extensions_mut().insert(Unrecorded);
///     "ok"
/// }
/// ```
///
/// The marker counts if it is there when the response's head is ready. If the service returns an error, panics or is
/// dropped instead, it counts if it was dropped with the request. Where a service drops another request that is marked, such
/// as one that it made for a service of its own, and then ends in one of these ways, its own exchange leaves no record either.
///
/// # For middleware that honours it
///
/// Look for the marker when a request arrives, and in the request of its response. A service that does not respond
/// drops its request, so that nobody can read its extensions; [`dropped`](Self::dropped) detects the marker then.
#[derive(Debug, Default)]
pub struct Unrecorded;

impl Unrecorded {
    /// Returns the number of markers that this thread has dropped.
    ///
    /// If it grows while an inner service is called, polled or dropped, and the service does not respond, its request
    /// was marked, or another one that it dropped.
    ///
    /// ```
    /// use body_logger_core::Unrecorded;
    ///
    /// let before = Unrecorded::dropped();
    /// drop(Unrecorded);
    /// assert_eq!(Unrecorded::dropped(), before + 1);
    /// ```
    #[must_use]
    pub fn dropped() -> u64 {
        DROPPED.get()
    }
}

impl Drop for Unrecorded {
    fn drop(&mut self) {
        DROPPED.set(DROPPED.get() + 1);
    }
}
