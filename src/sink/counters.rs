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

use uuid::Uuid;

use super::gap::Lost;
use crate::record::{Body, Entry, Reason};

/// How often losses are reported through the `log` crate, at most.
const REPORT_EVERY: Duration = Duration::from_secs(10);

/// What a logger has lost since it was built, and what its limits have cost; see
/// [`BodyLogger::counters`](crate::BodyLogger::counters).
///
/// ```
/// use actix_web_body_logger::BodyLogger;
///
/// let logger = BodyLogger::default();
/// assert_eq!(logger.counters().dropped_newest, 0);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Entries that were meant for the sinks behind the queue. With one sink, all of them are
    /// `written`, `dropped_newest`, `dropped_oldest`, `sink_error`, `sink_panic` or still `queued`.
    pub produced: u64,
    /// Entries that all sinks behind the queue have taken.
    pub written: u64,
    /// Entries dropped because the queue was full when they came.
    pub dropped_newest: u64,
    /// Entries dropped from the queue to make room for others.
    pub dropped_oldest: u64,
    /// Exchanges whose bodies were left out because the queue was nearly full.
    pub bodies_shed: u64,
    /// Entries lost to a sink because it returned an error; an entry that two sinks lose counts
    /// twice.
    pub sink_error: u64,
    /// Entries lost to a sink because it panicked, or because making a record of what was captured
    /// did; likewise.
    pub sink_panic: u64,
    /// Times that a sink failed, or panicked, in handing what it held back to the operating system;
    /// how many entries that cost only the sink knows.
    pub flush_error: u64,
    /// Bodies kept in part or not at all because the [`Budget`](crate::Budget) was spent.
    pub memory_budget: u64,
    /// Bodies withheld, or withheld from some byte on, because they could not be understood.
    pub redaction_withheld: u64,
    /// Values masked by their names.
    pub hidden_by_name: u64,
    /// Values masked by their form: token families, and what
    /// [`redact_high_entropy`](crate::BodyLoggerBuilder::redact_high_entropy) and
    /// [`redact_personal_data`](crate::BodyLoggerBuilder::redact_personal_data) ask for.
    pub hidden_by_family: u64,
    /// Values masked by their place: in a pair of a name and a value, below a secret name, before a host.
    pub hidden_by_structure: u64,
    /// Values masked by what stands beside them in a text.
    pub hidden_by_text: u64,
    /// Exchanges that had to wait for room in the queue before they began.
    pub waits: u64,
    /// Entries that are in the queue at this moment, those being written included; what tells of
    /// gaps aside.
    pub queued: u64,
    /// The bytes they take up.
    pub queued_bytes: u64,
}

/// The running counters behind [`Counters`].
#[derive(Debug, Default)]
pub(crate) struct Loss {
    /// Names the logger that they are of.
    run: Uuid,
    seq: AtomicU64,
    produced: AtomicU64,
    written: AtomicU64,
    dropped_newest: AtomicU64,
    dropped_oldest: AtomicU64,
    bodies_shed: AtomicU64,
    sink_error: AtomicU64,
    sink_panic: AtomicU64,
    flush_error: AtomicU64,
    memory_budget: AtomicU64,
    redaction_withheld: AtomicU64,
    waits: AtomicU64,
    last_report: AtomicU64,
}

impl Loss {
    pub(crate) fn new(run: Uuid) -> Self {
        Self {
            run,
            ..Self::default()
        }
    }

    pub(crate) fn run(&self) -> Uuid {
        self.run
    }

    /// The number of the next entry.
    pub(crate) fn next_seq(&self) -> u64 {
        self.seq.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub(crate) fn snapshot(&self) -> Counters {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Counters {
            produced: of(&self.produced),
            written: of(&self.written),
            dropped_newest: of(&self.dropped_newest),
            dropped_oldest: of(&self.dropped_oldest),
            bodies_shed: of(&self.bodies_shed),
            sink_error: of(&self.sink_error),
            sink_panic: of(&self.sink_panic),
            flush_error: of(&self.flush_error),
            memory_budget: of(&self.memory_budget),
            redaction_withheld: of(&self.redaction_withheld),
            waits: of(&self.waits),
            ..Counters::default()
        }
    }

    pub(crate) fn produced(&self) {
        self.produced.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn written(&self, entries: usize) {
        self.written.fetch_add(entries as u64, Ordering::Relaxed);
    }

    pub(crate) fn lost(&self, lost: Lost, entries: usize, cause: impl fmt::Display) {
        let counter = match lost {
            Lost::DroppedNewest => &self.dropped_newest,
            Lost::DroppedOldest => &self.dropped_oldest,
            Lost::SinkError => &self.sink_error,
            Lost::SinkPanic => &self.sink_panic,
        };
        counter.fetch_add(entries as u64, Ordering::Relaxed);
        self.report(cause);
    }

    pub(crate) fn body_shed(&self) {
        self.bodies_shed.fetch_add(1, Ordering::Relaxed);
        self.report("the queue is nearly full");
    }

    pub(crate) fn body_starved(&self) {
        self.memory_budget.fetch_add(1, Ordering::Relaxed);
        self.report("the memory budget is spent");
    }

    /// No report: what clients send would write the log.
    pub(crate) fn note_withheld(&self, entries: &[Entry]) {
        let bodies = entries.iter().flat_map(|entry| match entry {
            Entry::Record(record) => {
                let response = record.response.as_ref().map(|response| &response.body);
                [Some(&record.request.body), response]
            }
            Entry::Gap(_) | Entry::Maintenance(_) => [None; 2],
        });
        let is_withheld = |body: &&Body| body.reasons.contains(&Reason::Redaction);
        let withheld = bodies.flatten().filter(is_withheld).count();
        self.redaction_withheld
            .fetch_add(withheld as u64, Ordering::Relaxed);
    }

    pub(crate) fn waited(&self) {
        self.waits.fetch_add(1, Ordering::Relaxed);
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
