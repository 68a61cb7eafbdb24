//! Options that a sink chooses: its placement and its batches.

use std::time::Duration;

/// Where a sink runs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Placement {
    /// Behind a bounded queue: however slow the sink is, no response waits for it.
    #[default]
    Queue,
    /// On the worker, when an exchange ends, unless another sink of the logger is behind a queue: then this one is,
    /// too. For sinks that are quick and cannot block.
    Worker,
}

/// The preferred size of a sink's batches, see [`Sink::batch_options`](super::Sink::batch_options). They apply behind a
/// queue.
///
/// ```
/// use std::time::Duration;
///
/// use body_logger_core::sink::BatchOptions;
///
/// // for a service that takes 500 entries in a request
/// let options = BatchOptions::default().records(500).linger(Duration::from_secs(1));
/// # let _ = options;
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
pub struct BatchOptions {
    /// Maximum number of entries in a batch.
    pub records: usize,
    /// Maximum memory in bytes that the entries of a batch occupied when captured.
    pub bytes: usize,
    /// Maximum time to wait until a batch is full.
    pub linger: Duration,
}

impl Default for BatchOptions {
    fn default() -> Self {
        Self {
            records: 256,
            // The batch and a sink's own buffer should stay in a CPU's cache, and be small enough that the allocator
            // does not return them to the operating system after each batch.
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

    /// Maximum memory in bytes that the entries of a batch occupied when captured; a batch of one entry may be larger.
    ///
    /// Defaults to 128 KiB.
    pub fn bytes(mut self, bytes: usize) -> Self {
        self.bytes = bytes;
        self
    }

    /// Maximum time to wait until a batch is full. A flush does not wait, nor does a queue that is half full.
    ///
    /// Defaults to zero: entries are written within some milliseconds, the time that saves wake-ups of the thread.
    pub fn linger(mut self, linger: Duration) -> Self {
        self.linger = linger;
        self
    }
}
