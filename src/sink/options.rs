//! The queue before a sink.

use super::WhenFull;

/// Default number of entries that a queue holds: 8,192.
pub const DEFAULT_QUEUE_RECORDS: usize = 8192;

/// The queue before one sink, for [`sink_with`](crate::BodyLoggerBuilder::sink_with). What is not set
/// is as the builder says for all sinks.
///
/// ```
/// use actix_web_body_logger::{
///     sink::{JsonLines, QueueOptions, WhenFull},
///     BodyLogger, Record,
/// };
///
/// let queue = QueueOptions::default().name("alerts").records(100).when_full(WhenFull::DropOldest);
/// let logger = BodyLogger::builder().sink_with(queue, |record: &Record| { /* ... */ }).build();
/// # drop(logger);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct QueueOptions {
    pub(crate) name: Option<String>,
    pub(crate) records: Option<usize>,
    pub(crate) bytes: Option<usize>,
    pub(crate) when_full: Option<WhenFull>,
}

impl QueueOptions {
    /// Name of the sink in log lines and [`SinkCounters`](super::SinkCounters).
    ///
    /// Defaults to what [the sink](super::Sink::name) says.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Maximum number of entries queued, including the batch being written.
    ///
    /// Defaults to [`BodyLoggerBuilder::queue_records`](crate::BodyLoggerBuilder::queue_records).
    pub fn records(mut self, records: usize) -> Self {
        self.records = Some(records);
        self
    }

    /// Maximum number of bytes queued, including the batch being written.
    ///
    /// Defaults to [`BodyLoggerBuilder::queue_bytes`](crate::BodyLoggerBuilder::queue_bytes).
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = Some(bytes);
        self
    }

    /// What the queue does when it is full.
    ///
    /// Defaults to [`BodyLoggerBuilder::when_full`](crate::BodyLoggerBuilder::when_full).
    pub fn when_full(mut self, choice: WhenFull) -> Self {
        self.when_full = Some(choice);
        self
    }
}
