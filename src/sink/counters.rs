//! What was lost on the way to the sinks, by reason.

use std::{
    fmt,
    panic::{self, AssertUnwindSafe},
    sync::{
        atomic::{AtomicU64, Ordering},
        OnceLock,
    },
    time::{Duration, Instant},
};

use super::SinkError;

/// How often losses are reported through the `log` crate, at most.
const REPORT_EVERY: Duration = Duration::from_secs(10);

/// What a logger has lost since it was built, and what its limits have cost; see
/// [`BodyLogger::counters`](crate::BodyLogger::counters).
///
/// ```
/// use actix_web_body_logger::BodyLogger;
///
/// let logger = BodyLogger::default();
/// assert_eq!(logger.counters().queue_full, 0);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Entries dropped because the queue was full.
    pub queue_full: u64,
    /// Entries lost to a sink because it returned an error; an entry that two sinks lose counts
    /// twice.
    pub sink_error: u64,
    /// Entries lost to a sink because it panicked; likewise.
    pub sink_panic: u64,
    /// Times that a sink failed, or panicked, in handing what it held back to the operating system;
    /// how many entries that cost only the sink knows.
    pub flush_error: u64,
    /// Bodies kept in part or not at all because the [`Budget`](crate::Budget) was spent.
    pub memory_budget: u64,
}

/// The running counters behind [`Counters`].
#[derive(Debug, Default)]
pub(crate) struct Loss {
    queue_full: AtomicU64,
    sink_error: AtomicU64,
    sink_panic: AtomicU64,
    flush_error: AtomicU64,
    memory_budget: AtomicU64,
    last_report: AtomicU64,
}

impl Loss {
    pub(crate) fn snapshot(&self) -> Counters {
        Counters {
            queue_full: self.queue_full.load(Ordering::Relaxed),
            sink_error: self.sink_error.load(Ordering::Relaxed),
            sink_panic: self.sink_panic.load(Ordering::Relaxed),
            flush_error: self.flush_error.load(Ordering::Relaxed),
            memory_budget: self.memory_budget.load(Ordering::Relaxed),
        }
    }

    pub(crate) fn queue_full(&self) {
        self.queue_full.fetch_add(1, Ordering::Relaxed);
        self.report("the queue is full");
    }

    pub(crate) fn body_starved(&self) {
        self.memory_budget.fetch_add(1, Ordering::Relaxed);
        self.report("the memory budget is spent");
    }

    pub(crate) fn sink_failed(&self, entries: usize, error: &SinkError) {
        self.sink_error.fetch_add(entries as u64, Ordering::Relaxed);
        self.report(format_args!("a sink failed: {error}"));
    }

    pub(crate) fn sink_panicked(&self, entries: usize) {
        self.sink_panic.fetch_add(entries as u64, Ordering::Relaxed);
        self.report("a sink panicked");
    }

    pub(crate) fn flush_failed(&self, error: &dyn fmt::Display) {
        self.flush_error.fetch_add(1, Ordering::Relaxed);
        self.report(format_args!("a sink failed to flush: {error}"));
    }

    /// Says so, unless something was said just before.
    fn report(&self, cause: impl fmt::Display) {
        static START: OnceLock<Instant> = OnceLock::new();
        // One more than the age, as 0 stands for "never".
        let age = START.get_or_init(Instant::now).elapsed().as_millis();
        let now = u64::try_from(age).unwrap_or(u64::MAX).saturating_add(1);
        let last = self.last_report.load(Ordering::Relaxed);
        let due = last == 0 || now.saturating_sub(last) >= REPORT_EVERY.as_millis() as u64;
        let ours = due
            && self
                .last_report
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if ours {
            // The application's logger may panic, as may what an error of its own says of itself,
            // and this may run while a handler's panic unwinds.
            let _ = panic::catch_unwind(AssertUnwindSafe(|| {
                log::warn!(
                    target: super::LOG_TARGET,
                    "body logger: {cause}; lost so far: {:?}",
                    self.snapshot(),
                );
            }));
        }
    }
}
