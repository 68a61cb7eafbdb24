//! Counters of written, dropped and lost entries, and their reports in the application's log.

use std::{
    fmt,
    sync::{
        atomic::{AtomicU64, Ordering},
        OnceLock,
    },
    time::{Duration, Instant},
};

use body_logger_core::{contain, record::NoFile, sink::Counters};

use super::gap::GapReason;

/// The target of everything that this crate writes through the `log` crate.
pub const LOG_TARGET: &str = "actix_web_body_logger";

/// Minimum interval between two reports of losses through the `log` crate, per sink.
const REPORT_EVERY: Duration = Duration::from_secs(10);

/// The live [`Counters`] of a sink, or those that all sinks share.
#[derive(Debug, Default)]
pub(crate) struct AtomicCounters {
    written: AtomicU64,
    lost: [AtomicU64; GapReason::ALL.len()],
    bodies_shed: AtomicU64,
    flush_error: AtomicU64,
    memory_budget: AtomicU64,
    waits: AtomicU64,
    no_file: [AtomicU64; NoFile::ALL.len()],
    required_refused: AtomicU64,
    required_cut: AtomicU64,
    required_released: AtomicU64,
    unreported: AtomicU64,
    last_report: AtomicU64,
}

impl AtomicCounters {
    pub(crate) fn snapshot(&self) -> Counters {
        let of = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let lost = |reason: GapReason| of(&self.lost[reason as usize]);
        let mut counters = Counters::default();
        counters.written = of(&self.written);
        counters.dropped_newest = lost(GapReason::DroppedNewest);
        counters.dropped_oldest = lost(GapReason::DroppedOldest);
        counters.sink_error = lost(GapReason::SinkError);
        counters.sink_panic = lost(GapReason::SinkPanic);
        counters.bodies_shed = of(&self.bodies_shed);
        counters.flush_error = of(&self.flush_error);
        counters.memory_budget = of(&self.memory_budget);
        counters.waits = of(&self.waits);
        let no_file = |reason: NoFile| of(&self.no_file[reason as usize]);
        counters.file_too_long = no_file(NoFile::TooLong);
        counters.file_too_slow = no_file(NoFile::TooSlow);
        counters.file_memory_budget = no_file(NoFile::MemoryBudget);
        counters.file_failed = no_file(NoFile::Failed);
        counters.required_refused = of(&self.required_refused);
        counters.required_cut = of(&self.required_cut);
        counters.required_released = of(&self.required_released);
        counters
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

    pub(crate) fn refused(&self) {
        self.not_durable(&self.required_refused, "refusing the request");
    }

    pub(crate) fn cut(&self) {
        self.not_durable(&self.required_cut, "cutting off the response");
    }

    pub(crate) fn released(&self) {
        self.not_durable(&self.required_released, "passing the response on");
    }

    fn not_durable(&self, counter: &AtomicU64, next: &str) {
        counter.fetch_add(1, Ordering::Relaxed);
        self.report(|_| format!("cannot make a required record durable in time; {next}"));
    }

    pub(crate) fn body_starved(&self) {
        self.memory_budget.fetch_add(1, Ordering::Relaxed);
        self.report(|_| {
            "the memory budget is exhausted; bodies are not captured until some of it is free"
                .into()
        });
    }

    /// Counts a body without a file.
    pub(crate) fn without_file(&self, reason: NoFile) {
        self.no_file[reason as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn file_failed(&self, error: &str) {
        self.report(|_| format!("{error}; its record is written without a file"));
    }

    /// Writes a line to the application's log, at most one per [`REPORT_EVERY`]. `line` receives the number of entries
    /// lost since the last report.
    pub(crate) fn report(&self, line: impl FnOnce(u64) -> String) {
        static START: OnceLock<Instant> = OnceLock::new();
        // Plus 1, as 0 means "never reported".
        let age = START.get_or_init(Instant::now).elapsed().as_millis();
        let now = u64::try_from(age).unwrap_or(u64::MAX).saturating_add(1);
        let last = self.last_report.load(Ordering::Relaxed);
        let due = last == 0 || now.saturating_sub(last) >= REPORT_EVERY.as_millis() as u64;
        let is_reporter = due
            && self
                .last_report
                .compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if is_reporter {
            let lost = self.unreported.swap(0, Ordering::Relaxed);
            warn(|| line(lost));
        }
    }
}

/// Writes a line to the application's log. Contains panics of the logger and of an error's `Display`, as this may run
/// while a handler's panic unwinds.
pub(crate) fn warn<T: fmt::Display>(line: impl FnOnce() -> T) {
    let _ = contain(|| {
        log::warn!(target: LOG_TARGET, "body logger: {}", line());
    });
}

/// Returns "1 record" or "`count` records".
pub(crate) fn records(count: u64) -> String {
    match count {
        1 => "1 record".to_owned(),
        count => format!("{count} records"),
    }
}
