//! Options of a sink's queue.

use super::{state::Limits, WhenFull};

/// Default number of entries that a queue holds: 8,192.
pub const DEFAULT_QUEUE_RECORDS: usize = 8192;

/// Options of the queue before a sink: the defaults of all queues with
/// [`queue`](crate::BodyLoggerBuilder::queue), or those of one sink with
/// [`sink_with`](crate::BodyLoggerBuilder::sink_with). An option not set for one sink is that of all queues.
///
/// ```
/// use actix_web_body_logger::{sink::{JsonLines, QueueOptions, WhenFull}, BodyLogger, Record};
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
    pub(crate) render_threads: Option<usize>,
}

impl QueueOptions {
    /// Name of the sink in log lines and [`SinkCounters`](super::SinkCounters).
    ///
    /// Defaults to the sink's [`name`](crate::Sink::name).
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Maximum number of entries queued, including the batch being written.
    ///
    /// Defaults to [`DEFAULT_QUEUE_RECORDS`], 8192.
    pub fn records(mut self, records: usize) -> Self {
        self.records = Some(records);
        self
    }

    /// Maximum number of bytes queued, including the batch being written.
    ///
    /// Defaults to half of the memory budget, 32 MiB.
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = Some(bytes);
        self
    }

    /// What the queue does when it is full.
    ///
    /// Defaults to [`WhenFull::DropNewest`].
    pub fn when_full(mut self, choice: WhenFull) -> Self {
        self.when_full = Some(choice);
        self
    }

    /// Number of threads that render records, the writer thread included: for traffic of which one thread drops records.
    /// The order of the records stays, and one thread writes. A logger renders once for all its sinks, so the highest
    /// number given for any of them counts.
    ///
    /// Defaults to 1. 0 is the same.
    pub fn render_threads(mut self, threads: usize) -> Self {
        self.render_threads = Some(threads);
        self
    }

    /// Returns these options, with those that are not set taken from `others`.
    pub(crate) fn or(self, others: Self) -> Self {
        Self {
            name: self.name.or(others.name),
            records: self.records.or(others.records),
            bytes: self.bytes.or(others.bytes),
            when_full: self.when_full.or(others.when_full),
            render_threads: self.render_threads.or(others.render_threads),
        }
    }

    /// Returns the limits, with those that are not set taken from `others`.
    pub(crate) fn limits(&self, others: Limits) -> Limits {
        Limits {
            records: self.records.unwrap_or(others.records),
            bytes: self.bytes.unwrap_or(others.bytes),
            when_full: self.when_full.unwrap_or(others.when_full),
        }
    }
}
