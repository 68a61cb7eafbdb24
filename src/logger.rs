//! The logger: the middleware that an application is wrapped with.

use std::{sync::Arc, time::Duration};

use body_logger_core::sink::{Counters, SinkCounters};

use crate::{
    exchange::Parts,
    policy::CaptureLevel,
    sink::{FlushGuard, Unflushed},
};

/// Middleware that records each exchange of an application, including bodies, without changing it.
///
/// It is built once, and cloned into every worker; clones share limits, counters and sinks. By
/// [default](BodyLogger::default) it writes one line per exchange through the `log` crate, on the worker.
///
/// ```
/// use actix_web::App;
/// use actix_web_body_logger::BodyLogger;
///
/// let app = App::new().wrap(BodyLogger::default());
/// # drop(app);
/// ```
///
/// # Security
///
/// Records are redacted before a sink sees them, and content that cannot be redacted is withheld. Only methods whose
/// names begin with `show_` or `capture_` show more. No record shows more by
/// [`BodyMode::spool_raw`](crate::policy::BodyMode::spool_raw), but it keeps raw bodies in files.
#[derive(Debug, Clone)]
#[must_use = "a logger does nothing until an application is wrapped with it"]
pub struct BodyLogger {
    pub(crate) parts: Arc<Parts>,
}

impl BodyLogger {
    /// Returns the counters of all sinks together: entries lost so far, and effects of limits.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let mut counters = self.parts.delivery.sum();
        self.parts.renderer.hidden.count(&mut counters);
        counters
    }

    /// Returns the counters of each sink: queued sinks first, then inline sinks.
    ///
    /// ```
    /// use actix_web_body_logger::{BodyLogger, Record};
    ///
    /// let logger = BodyLogger::builder().sink(|_: &Record| {}).build();
    /// for sink in logger.sink_counters() {
    ///     println!("{}: {} records lost", sink.name, sink.counters.lost());
    /// }
    /// ```
    #[must_use]
    pub fn sink_counters(&self) -> Vec<SinkCounters> {
        self.parts.delivery.of_sinks()
    }

    /// Returns how much is recorded of exchanges that no rule matches.
    #[must_use]
    pub fn level(&self) -> CaptureLevel {
        self.parts.policy.level()
    }

    /// Changes how much is recorded of new exchanges that no rule matches, for all clones of this logger.
    ///
    /// ```
    /// use actix_web_body_logger::{BodyLogger, CaptureLevel};
    ///
    /// let logger = BodyLogger::default();
    /// let handle = logger.clone();
    /// handle.set_level(CaptureLevel::Metadata);
    /// assert_eq!(logger.level(), CaptureLevel::Metadata);
    /// ```
    pub fn set_level(&self, level: CaptureLevel) {
        self.parts.policy.set_level(level);
    }

    /// Waits until every worker has dropped this logger's middleware, and every sink has written, flushed and synced
    /// all records, but no longer than `timeout`. This is what a [guard](Self::flush_guard) does, to be awaited after
    /// the server has stopped. A worker counts once it has built its services.
    ///
    /// ```no_run
    /// # async fn shutdown(logger: actix_web_body_logger::BodyLogger) {
    /// if let Err(unflushed) = logger.shutdown(std::time::Duration::from_secs(10)).await {
    ///     eprintln!("{unflushed}");
    /// }
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`Unflushed`] with what is left if the time limit is exceeded or a sink fails.
    ///
    /// # Panics
    ///
    /// Panics if called outside of an actix or tokio runtime.
    pub async fn shutdown(&self, timeout: Duration) -> Result<(), Unflushed> {
        let flush_waiter = self.parts.delivery.flush_waiter();
        self.wait(move || flush_waiter.wait(timeout)).await
    }

    /// Waits until every sink has written, flushed and synced everything queued now, but no longer than `timeout`. The
    /// server may keep running and add more records.
    ///
    /// ```no_run
    /// # async fn checkpoint(logger: actix_web_body_logger::BodyLogger) {
    /// logger.sync(std::time::Duration::from_secs(5)).await.expect("a disk that works");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`Unflushed`] with what is left if the time limit is exceeded or a sink fails.
    ///
    /// # Panics
    ///
    /// Panics if called outside of an actix or tokio runtime.
    pub async fn sync(&self, timeout: Duration) -> Result<(), Unflushed> {
        let flush_waiter = self.parts.delivery.flush_waiter();
        self.wait(move || flush_waiter.sync_within(timeout)).await
    }

    async fn wait(
        &self,
        work: impl FnOnce() -> Result<(), Unflushed> + Send + 'static,
    ) -> Result<(), Unflushed> {
        let waiting = actix_web::rt::task::spawn_blocking(work);
        // A runtime that is shutting down cancels blocking tasks.
        waiting
            .await
            .unwrap_or_else(|_| self.parts.delivery.flush_waiter().wait(Duration::ZERO))
    }

    /// Returns a guard whose `Drop` waits until all records are written. See [`FlushGuard`].
    pub fn flush_guard(&self) -> FlushGuard {
        FlushGuard(self.parts.delivery.flush_waiter())
    }
}
