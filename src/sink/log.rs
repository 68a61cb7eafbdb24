//! The `Log` sink: one line per exchange through the `log` crate.

use std::{fmt, sync::Arc};

use body_logger_core::{
    format,
    record::{Entry, Outcome, Record},
};
use log::Level;

use super::{Placement, Sink, SinkError, LOG_TARGET};

/// Writes one line per exchange through the `log` crate, under the target [`LOG_TARGET`].
///
/// It is the default sink of a logger. It runs on the worker if no sink is behind a queue, or if it is added as an
/// [`inline_sink`](crate::BodyLoggerBuilder::inline_sink): the worker then renders the record, and waits for the
/// application's own logger. If another sink is behind a queue, this one is, too.
///
/// | level | when |
/// |---|---|
/// | `error` | a status of 500 or more, `panicked`, `body_error` |
/// | `warn` | a status of 400 or more, `cancelled`, `response_aborted`, `service_error` |
/// | `info` | all others |
///
/// Every event stays on one line: control characters, line breaks, ANSI escapes and characters that change the
/// direction of text are escaped, also in bodies. At most [1 KiB](crate::format::LINE_BODY_LIMIT) of a body is shown.
///
/// With the cargo feature `kv` an event also has key-values: `id`, `outcome`, `method`, `path`, `route`, `status`,
/// `duration_us`, `request_bytes` and `response_bytes`.
///
/// ```
/// use actix_web_body_logger::{sink::Log, BodyLogger};
///
/// let logger = BodyLogger::builder().sink(Log::default()).build();
/// # drop(logger);
/// ```
#[derive(Clone, Default)]
pub struct Log {
    /// Formats the line of a record, instead of [`format::line`].
    line: Option<Arc<Line>>,
}

type Line = dyn Fn(&Record) -> String + Send + Sync;

impl Log {
    /// Writes lines in a format of your own. They are escaped like the built-in ones, so that every event stays on one
    /// line and cannot control a terminal. Gaps have their built-in lines.
    ///
    /// ```
    /// use actix_web_body_logger::{sink::Log, BodyLogger, Record};
    ///
    /// let line = |record: &Record| {
    ///     let status = record.status().unwrap_or(0);
    ///     format!("{status} {} {}", record.request.method, record.request.path)
    /// };
    /// let logger = BodyLogger::builder().sink(Log::formatted(line)).build();
    /// # drop(logger);
    /// ```
    pub fn formatted<F>(line: F) -> Self
    where
        F: Fn(&Record) -> String + Send + Sync + 'static,
    {
        Self {
            line: Some(Arc::new(line)),
        }
    }

    fn line(&self, record: &Record) -> String {
        match &self.line {
            Some(line) => format::escaped(&line(record)),
            None => format::line(record),
        }
    }

    fn log(&self, record: &Record) {
        let level = level(record);
        if !log::log_enabled!(target: LOG_TARGET, level) {
            return;
        }
        let line = self.line(record);
        #[cfg(not(feature = "kv"))]
        log::log!(target: LOG_TARGET, level, "{line}");
        #[cfg(feature = "kv")]
        log::log!(
            target: LOG_TARGET,
            level,
            id = record.id.as_str(),
            outcome = record.outcome.map(|outcome| outcome.as_str()),
            method = record.request.method.as_str(),
            path = record.request.path.as_str(),
            route = record.request.route.as_deref(),
            status = record.status(),
            duration_us = record.duration_us,
            request_bytes = record.request.body.bytes,
            response_bytes = record.response.as_ref().and_then(|response| response.body.bytes);
            "{line}"
        );
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Log")
            .field("formatted", &self.line.is_some())
            .finish()
    }
}

impl Sink for Log {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        for entry in entries {
            match entry {
                Entry::Record(record) => self.log(record),
                Entry::Gap(gap) => log::warn!(target: LOG_TARGET, "{}", format::gap_line(gap)),
                Entry::Maintenance(done) => {
                    log::info!(target: LOG_TARGET, "{}", format::maintenance_line(done));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn placement(&self) -> Placement {
        Placement::Worker
    }

    /// Returns whether lines have a format of your own: the built-in one shows no headers.
    fn needs_headers(&self) -> bool {
        self.line.is_some()
    }
}

/// Returns the level of a record's event.
pub(super) fn level(record: &Record) -> Level {
    match (record.outcome, record.status().unwrap_or(0)) {
        (Some(Outcome::Panicked | Outcome::BodyError), _) | (_, 500..) => Level::Error,
        (Some(Outcome::Cancelled | Outcome::ResponseAborted | Outcome::ServiceError), _)
        | (_, 400..) => Level::Warn,
        _ => Level::Info,
    }
}
