//! What was lost on the way to the sinks, by reason.

use std::{
    fmt,
    sync::{
        atomic::{AtomicU64, Ordering},
        OnceLock,
    },
    time::{Duration, Instant},
};

use super::{contain::contain, gap::GapReason};
use crate::{
    record::{Body, Entry, Reason},
    sink::LOG_TARGET,
};

/// How often losses are reported through the `log` crate, at most; for each sink.
const REPORT_EVERY: Duration = Duration::from_secs(10);

/// What has been lost since a logger was built, and what its limits have cost; of all of its sinks
/// together, see [`BodyLogger::counters`](crate::BodyLogger::counters), or of one of them, see
/// [`BodyLogger::sink_counters`](crate::BodyLogger::sink_counters).
///
/// ```
/// use actix_web_body_logger::BodyLogger;
///
/// let logger = BodyLogger::default();
/// assert_eq!(logger.counters().lost(), 0);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Entries that took a number. For each sink behind a queue, all of them are `written`,
    /// [`lost`](Self::lost) or still `queued`.
    pub produced: u64,
    /// Entries that the sink has taken. In sum, those of the sink behind a queue that has taken the
    /// fewest.
    pub written: u64,
    /// Entries dropped because the queue was full when they came. In the sums of this and of the
    /// other losses, an entry that two sinks lose counts twice.
    pub dropped_newest: u64,
    /// Entries dropped from the queue to make room for others.
    pub dropped_oldest: u64,
    /// Entries lost because the sink returned an error.
    pub sink_error: u64,
    /// Entries lost because the sink panicked, or because making a record of what was captured did.
    pub sink_panic: u64,
    /// Entries whose bodies were left out because the queue was nearly full, or because they would
    /// not have fitted into an empty one.
    pub bodies_shed: u64,
    /// Times that the sink failed, or panicked, when it was to be flushed or synced; how many entries
    /// that cost only the sink knows.
    pub flush_error: u64,
    /// Entries queued, including the batch being written. In sum, those of the sink that is furthest
    /// behind.
    pub queued: u64,
    /// The bytes they occupy.
    pub queued_bytes: u64,
    /// Bodies kept in part or not at all because the [`Budget`](crate::Budget) was spent. Counted of
    /// the logger, not of a sink.
    pub memory_budget: u64,
    /// Bodies withheld, or withheld from some byte on, because they could not be understood. Counted
    /// of the logger, not of a sink.
    pub redaction_withheld: u64,
    /// Values masked by their names. Counted of the logger, as are all that were masked.
    pub hidden_by_name: u64,
    /// Values masked by their form: token families, and what
    /// [`redact_high_entropy`](crate::BodyLoggerBuilder::redact_high_entropy) and
    /// [`redact_personal_data`](crate::BodyLoggerBuilder::redact_personal_data) ask for.
    pub hidden_by_family: u64,
    /// Values masked by their place: in a pair of a name and a value, below a secret name, before a host.
    pub hidden_by_structure: u64,
    /// Values masked by what stands beside them in a text.
    pub hidden_by_text: u64,
    /// Exchanges that had to wait before they began because a queue was full. Counted of the logger,
    /// not of a sink.
    pub waits: u64,
}

impl Counters {
    /// Entries that were lost, for whatever reason.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.dropped_newest + self.dropped_oldest + self.sink_error + self.sink_panic
    }

    /// Adds another sink's losses.
    pub(crate) fn add_losses(&mut self, other: &Self) {
        self.dropped_newest += other.dropped_newest;
        self.dropped_oldest += other.dropped_oldest;
        self.sink_error += other.sink_error;
        self.sink_panic += other.sink_panic;
        self.bodies_shed += other.bodies_shed;
        self.flush_error += other.flush_error;
    }
}

/// The [`Counters`] of one sink.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SinkCounters {
    /// The sink's [name](crate::Sink::name).
    pub name: String,
    /// What it has taken, and what was lost to it.
    pub counters: Counters,
}

/// The running [`Counters`] of a sink, or of what all sinks share.
#[derive(Debug, Default)]
pub(crate) struct AtomicCounters {
    written: AtomicU64,
    lost: [AtomicU64; GapReason::ALL.len()],
    bodies_shed: AtomicU64,
    flush_error: AtomicU64,
    memory_budget: AtomicU64,
    redaction_withheld: AtomicU64,
    waits: AtomicU64,
    unreported: AtomicU64,
    last_report: AtomicU64,
}

impl AtomicCounters {
    pub(crate) fn snapshot(&self) -> Counters {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let lost = |reason: GapReason| of(&self.lost[reason as usize]);
        Counters {
            written: of(&self.written),
            dropped_newest: lost(GapReason::DroppedNewest),
            dropped_oldest: lost(GapReason::DroppedOldest),
            sink_error: lost(GapReason::SinkError),
            sink_panic: lost(GapReason::SinkPanic),
            bodies_shed: of(&self.bodies_shed),
            flush_error: of(&self.flush_error),
            memory_budget: of(&self.memory_budget),
            redaction_withheld: of(&self.redaction_withheld),
            waits: of(&self.waits),
            ..Counters::default()
        }
    }

    pub(crate) fn written(&self, entries: usize) {
        self.written.fetch_add(entries as u64, Ordering::Relaxed);
    }

    pub(crate) fn lost(&self, reason: GapReason, entries: usize) {
        self.lost[reason as usize].fetch_add(entries as u64, Ordering::Relaxed);
        self.unreported.fetch_add(entries as u64, Ordering::Relaxed);
    }

    pub(crate) fn bodies_shed(&self, entries: usize) {
        self.bodies_shed
            .fetch_add(entries as u64, Ordering::Relaxed);
    }

    pub(crate) fn flush_failed(&self) {
        self.flush_error.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn waited(&self) {
        self.waits.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn body_starved(&self) {
        self.memory_budget.fetch_add(1, Ordering::Relaxed);
        self.report(|_| {
            "the memory budget is spent; bodies are not kept until some is free".into()
        });
    }

    /// No report: what clients send would write the log.
    pub(crate) fn note_withheld(&self, entry: &Entry) {
        let Entry::Record(record) = entry else {
            return;
        };
        let response = record.response.as_ref().map(|response| &response.body);
        let is_withheld = |body: &&Body| body.reasons.contains(&Reason::Redaction);
        let bodies = [Some(&record.request.body), response];
        let withheld = bodies.into_iter().flatten().filter(is_withheld).count();
        self.redaction_withheld
            .fetch_add(withheld as u64, Ordering::Relaxed);
    }

    /// Writes a line to the application's log, unless there was one just before. `line` is given how
    /// many entries were lost since.
    pub(crate) fn report(&self, line: impl FnOnce(u64) -> String) {
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
            let lost = self.unreported.swap(0, Ordering::Relaxed);
            warn(|| line(lost));
        }
    }
}

/// Writes a line to the application's log, which may panic, as may what an error of its own says of
/// itself; and this may run while a handler's panic unwinds.
pub(crate) fn warn<T: fmt::Display>(line: impl FnOnce() -> T) {
    let _ = contain(|| {
        log::warn!(target: LOG_TARGET, "body logger: {}", line());
    });
}

/// A number of records, in words.
pub(crate) fn records(count: u64) -> String {
    match count {
        1 => "1 record".to_owned(),
        count => format!("{count} records"),
    }
}
