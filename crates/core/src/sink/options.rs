//! How a sink wants to be given its entries.

use std::time::Duration;

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
    /// Maximum memory in bytes that the entries of a batch were captured in.
    pub bytes: usize,
    /// How long entries may gather for a batch that is not full.
    pub linger: Duration,
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
