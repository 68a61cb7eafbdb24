//! How a sink wants to be given its entries.

use std::time::Duration;

use super::WhenFull;

/// Default number of entries that a queue holds: 8,192.
pub const DEFAULT_QUEUE_RECORDS: usize = 8192;

/// Where a sink runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placement {
    /// Behind a bounded queue: however slow the sink is, no response waits for it.
    #[default]
    Queue,
    /// On the worker, when an exchange ends, as long as no sink of the logger is behind a queue; then
    /// this one is, too. For sinks that are quick and cannot block.
    Worker,
}

/// How a sink wants its batches, see [`Sink::batch_options`](super::Sink::batch_options). They apply
/// behind a queue.
///
/// ```
/// use std::time::Duration;
///
/// use actix_web_body_logger::sink::BatchOptions;
///
/// // for a service that takes 500 entries in a request
/// let options = BatchOptions::default().records(500).linger(Duration::from_secs(1));
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct BatchOptions {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
    pub(crate) linger: Duration,
}

impl Default for BatchOptions {
    fn default() -> Self {
        Self {
            records: 256,
            // This and what a sink makes of it should stay in a CPU's cache, and not be so much that
            // the allocator gives it back to the operating system after each batch.
            bytes: 128 * 1024,
            linger: Duration::ZERO,
        }
    }
}

impl BatchOptions {
    /// Maximum number of entries in a batch; at least one.
    ///
    /// Defaults to 256.
    pub fn records(mut self, records: usize) -> Self {
        self.records = records;
        self
    }

    /// Maximum memory in bytes that the entries of a batch were captured in; a batch of one entry may
    /// be larger.
    ///
    /// Defaults to 128 KiB.
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// How long entries may gather for a batch that is not full. A flush does not wait, nor does a
    /// queue that is half full.
    ///
    /// Defaults to no longer than a wake-up of the thread is worth, some milliseconds.
    pub fn linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }
}

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
