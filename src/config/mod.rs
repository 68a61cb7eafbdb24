//! What a logger is told to do, settled when it is built.

mod builder;
mod settings;

use std::{sync::Arc, time::Duration};

pub use self::builder::BodyLoggerBuilder;
pub(crate) use self::settings::{BufferLimits, Config};
use crate::{
    policy::Level,
    sink::{Counters, FlushGuard, SinkCounters, Unflushed},
};

/// The most bytes of a body that are kept by default: 32 KiB, for each direction.
pub const DEFAULT_MAX_BODY_BYTES: usize = 32 * 1024;

/// The longest body that [`BodyMode::Buffer`] reads before the handler is called, by default: 2 MiB.
pub const DEFAULT_BUFFER_LIMIT: usize = 2 * 1024 * 1024;

/// How long [`BodyMode::Buffer`] waits for a body by default: 30 seconds.
pub const DEFAULT_BUFFER_DEADLINE: Duration = Duration::from_secs(30);

/// Middleware that records each exchange of an application, bodies included, without changing any.
///
/// Built once, then cloned into every worker; clones share their limits, counters and sinks. By
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
/// Records are redacted before a sink sees them, and what cannot be redacted is withheld. Showing
/// more takes a call whose name begins with `show_` or `capture_`.
#[derive(Debug, Clone)]
#[must_use = "a logger does nothing until an application is wrapped with it"]
pub struct BodyLogger {
    pub(crate) config: Arc<Config>,
}

impl BodyLogger {
    /// Begins to build a logger.
    pub fn builder() -> BodyLoggerBuilder {
        BodyLoggerBuilder::default()
    }

    /// Returns what was lost so far, and what limits have cost, of all sinks together.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let mut counters = self.config.delivery.sum();
        [
            counters.hidden_by_name,
            counters.hidden_by_family,
            counters.hidden_by_structure,
            counters.hidden_by_text,
        ] = self.config.redaction.hidden.counts();
        counters
    }

    /// Returns the counters of each sink: first of those behind queues, then of those on the workers.
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
        self.config.delivery.of_sinks()
    }

    /// How much is recorded of exchanges that no rule matches.
    #[must_use]
    pub fn level(&self) -> Level {
        self.config.policy.level()
    }

    /// Changes how much is recorded of exchanges that begin from now on and that no rule matches,
    /// for all clones of this logger.
    ///
    /// ```
    /// use actix_web_body_logger::{BodyLogger, Level};
    ///
    /// let logger = BodyLogger::default();
    /// let handle = logger.clone();
    /// handle.set_level(Level::Metadata);
    /// assert_eq!(logger.level(), Level::Metadata);
    /// ```
    pub fn set_level(&self, level: Level) {
        self.config.policy.set_level(level);
    }

    /// Waits until every worker has let go of this logger and all records are written, flushed and
    /// synced by every sink, but no longer than `timeout`. What a [guard](Self::flush_guard) does,
    /// for those who would rather await it, after the server has stopped. A worker counts from when
    /// it has built its services.
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
    /// Returns [`Unflushed`], which says what is left.
    ///
    /// # Panics
    ///
    /// Panics outside of a runtime of actix's or tokio's.
    pub async fn shutdown(&self, timeout: Duration) -> Result<(), Unflushed> {
        let unfinished = self.config.delivery.unfinished();
        self.wait(move || unfinished.wait(timeout)).await
    }

    /// Waits until everything that is queued now is written, flushed and synced by every sink, but no
    /// longer than `timeout`: also while the server runs, and more records come.
    ///
    /// ```no_run
    /// # async fn checkpoint(logger: actix_web_body_logger::BodyLogger) {
    /// logger.sync(std::time::Duration::from_secs(5)).await.expect("a disk that works");
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns [`Unflushed`], which says what is left.
    ///
    /// # Panics
    ///
    /// Panics outside of a runtime of actix's or tokio's.
    pub async fn sync(&self, timeout: Duration) -> Result<(), Unflushed> {
        let unfinished = self.config.delivery.unfinished();
        self.wait(move || unfinished.sync_within(timeout)).await
    }

    async fn wait(
        &self,
        work: impl FnOnce() -> Result<(), Unflushed> + Send + 'static,
    ) -> Result<(), Unflushed> {
        let waiting = actix_web::rt::task::spawn_blocking(work);
        // A runtime that is shut down does not wait.
        waiting
            .await
            .unwrap_or_else(|_| self.config.delivery.unfinished().wait(Duration::ZERO))
    }

    /// Returns a guard that, when it is dropped, waits until all records are written. See
    /// [`FlushGuard`].
    pub fn flush_guard(&self) -> FlushGuard {
        FlushGuard(self.config.delivery.unfinished())
    }
}

impl Default for BodyLogger {
    /// The logger of a builder that was told nothing: it writes to [`Log`](crate::sink::Log).
    ///
    /// There is no queue then, and no thread. An exchange is rendered and its line is written on the worker
    /// when it ends, as actix-web's own `Logger` does: that is as quick as the application's logger,
    /// and with bodies of 32 KiB a fraction of a millisecond, or a few of them where a client sends bodies
    /// that are made to be slow to redact. A sink behind the queue, as
    /// [`JsonLines`](crate::sink::JsonLines), takes both off the worker.
    fn default() -> Self {
        Self::builder().build()
    }
}

/// Whether a request's body is recorded as it passes, or read before the handler is called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyMode {
    /// The handler reads the body, and what it reads is recorded on the way. Nothing is read ahead.
    #[default]
    Tee,
    /// The body is read first, up to [a limit](BodyLoggerBuilder::buffer_limit), and put back for
    /// the handler, so that it is recorded even if the handler does not ask for it.
    ///
    /// This changes what clients can see. An answer that needs no body, such as an early 401 or
    /// 413, waits for the upload. A client that wants answers while it is still sending cannot be
    /// served and may hang until [the deadline](BodyLoggerBuilder::buffer_deadline). The body takes
    /// up memory for each request in flight: up to the limit, beside what the record keeps.
    ///
    /// Bytes are read as they come over the wire: nothing is decompressed and no header is changed.
    /// Extractors' own limits still apply.
    Buffer,
}

/// What becomes of a body that is longer than the [limit](BodyLoggerBuilder::buffer_limit) of
/// [`BodyMode::Buffer`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OverLimit {
    /// The handler gets what was read and then the rest, as it comes.
    #[default]
    PassOn,
    /// The request is answered 413 (Content Too Large); the handler is not called.
    Reject,
}

/// Whether long-lived exchanges are announced by a [start stage](crate::Stage::Start).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StartRecords {
    /// There are none.
    #[default]
    Off,
    /// There is one when a response begins that is made to last: server-sent events, a WebSocket or
    /// another tunnel.
    LongLived,
}
