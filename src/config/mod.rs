//! What a logger is told to do, settled when it is built.

mod builder;
mod settings;

use std::{sync::Arc, time::Duration};

pub use self::builder::BodyLoggerBuilder;
pub(crate) use self::settings::{BufferLimits, Config};
use crate::{
    policy::Level,
    sink::{Counters, FlushGuard, Queue, Unfinished, Unflushed},
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
/// [default](BodyLogger::default) it writes one line per exchange through the `log` crate.
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

    /// What was lost so far, and what limits have cost.
    #[must_use]
    pub fn counters(&self) -> Counters {
        let (queued, bytes) = self.config.queue.as_ref().map_or((0, 0), Queue::depth);
        let [by_name, by_family, by_structure, by_text] = self.config.redaction.hidden.counts();
        Counters {
            hidden_by_name: by_name,
            hidden_by_family: by_family,
            hidden_by_structure: by_structure,
            hidden_by_text: by_text,
            queued: queued as u64,
            queued_bytes: bytes as u64,
            ..self.config.loss.snapshot()
        }
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

    /// Waits until every worker has let go of this logger and all records are written and synced,
    /// but not past `deadline`. What a [guard](Self::flush_guard) does, for those who would rather
    /// await it, after the server has stopped. A worker counts from when it has built its services.
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
    /// [`Unflushed`] tells what is left.
    ///
    /// # Panics
    ///
    /// Outside of a runtime of actix's or tokio's.
    pub async fn shutdown(&self, deadline: Duration) -> Result<(), Unflushed> {
        let unfinished = self.unfinished();
        let waiting = actix_web::rt::task::spawn_blocking(move || unfinished.wait(deadline));
        // A runtime that is shut down does not wait.
        waiting
            .await
            .unwrap_or_else(|_| self.unfinished().wait(Duration::ZERO))
    }

    /// A guard that, when it is dropped, waits until all records are written. See [`FlushGuard`].
    pub fn flush_guard(&self) -> FlushGuard {
        FlushGuard(self.unfinished())
    }

    fn unfinished(&self) -> Unfinished {
        Unfinished::new(&self.config.producers, self.config.queue.as_ref())
    }
}

impl Default for BodyLogger {
    /// The logger of a builder that was told nothing.
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
