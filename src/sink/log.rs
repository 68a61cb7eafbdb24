//! One line per exchange through the `log` crate.

use super::{level, Placement, Sink, SinkError};
use body_logger_core::{
    format,
    record::{Entry, Record},
};

/// The target of what this crate says through the `log` crate.
pub const LOG_TARGET: &str = "actix_web_body_logger";

/// Writes one line per exchange through the `log` crate, under the target [`LOG_TARGET`].
///
/// It is the sink of a logger that was given none. It runs on the worker where no sink is behind a
/// queue, and where it is given to [`inline_sink`](crate::BodyLoggerBuilder::inline_sink): the worker
/// then makes the record, and waits for the application's own logger. Beside a sink that is behind a
/// queue it is behind one as well.
///
/// | level | when |
/// |---|---|
/// | `error` | a status of 500 or more, `panicked`, `body_error` |
/// | `warn` | a status of 400 or more, `cancelled`, `response_aborted`, `service_error` |
/// | `info` | all others |
///
/// Whatever the bodies hold, an event stays on one line: control characters, line breaks, ANSI
/// escapes and characters that change the direction of text are written as escapes. Of a body at
/// most [1 KiB](crate::format::LINE_BODY_LIMIT) is shown.
///
/// With the cargo feature `kv` an event has key-values, too: `id`, `outcome`, `method`, `path`,
/// `route`, `status`, `duration_us`, `request_bytes` and `response_bytes`.
///
/// ```
/// use actix_web_body_logger::{sink::Log, BodyLogger};
///
/// let logger = BodyLogger::builder().sink(Log::default()).build();
/// # drop(logger);
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Log {}

impl Sink for Log {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        for entry in entries {
            match entry {
                Entry::Record(record) => log_record(record),
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
}

fn log_record(record: &Record) {
    let level = level::of(record);
    if !log::log_enabled!(target: LOG_TARGET, level) {
        return;
    }
    let line = format::line(record);
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
