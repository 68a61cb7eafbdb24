//! Counters of entries written, dropped and lost.

/// Counts entries written, dropped and lost since a logger was built, and the effects of its limits; for all of its
/// sinks together, or for one of them.
///
/// ```
/// use body_logger_core::sink::Counters;
///
/// assert_eq!(Counters::default().lost(), 0);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Entries that were numbered. For each sink behind a queue, all of them are `written`, [`lost`](Self::lost) or
    /// still `queued`.
    pub produced: u64,
    /// Entries that the sink has written. In the sum of several sinks, the lowest count of any of them.
    pub written: u64,
    /// Entries dropped on arrival because the queue was full. In the sums of this and of the other losses, an entry
    /// that two sinks lose counts twice.
    pub dropped_newest: u64,
    /// Entries dropped from a full queue in favour of newer ones.
    pub dropped_oldest: u64,
    /// Entries lost because the sink returned an error.
    pub sink_error: u64,
    /// Entries lost because the sink panicked, or because rendering them did.
    pub sink_panic: u64,
    /// Entries that lost their bodies because the queue was nearly full, or because they were larger than the whole
    /// queue.
    pub bodies_shed: u64,
    /// Failures and panics of the sink in `flush` and `sync`. Only the sink knows how many entries they cost.
    pub flush_error: u64,
    /// Entries queued, including the batch being written. In the sum of several sinks, the highest count of any of
    /// them.
    pub queued: u64,
    /// Bytes that the queued entries occupy.
    pub queued_bytes: u64,
    /// Bodies kept in part or not at all because the memory budget was exhausted. Counted per logger, not per sink.
    pub memory_budget: u64,
    /// Bodies withheld completely, or from some byte on, because they could not be parsed. Counted per logger, not per
    /// sink.
    pub redaction_withheld: u64,
    /// Values masked because of their names. This and the other counts of masked values are per logger.
    pub hidden_by_name: u64,
    /// Values masked because of their form: token families, and forms enabled by `redact_high_entropy` and
    /// `redact_personal_data`.
    pub hidden_by_family: u64,
    /// Values masked because of their place: in a name-value pair, below a secret name, or before a host.
    pub hidden_by_structure: u64,
    /// Values masked because of the text around them.
    pub hidden_by_text: u64,
    /// Exchanges that had to wait before they began because a queue was full. Counted per logger, not per sink.
    pub waits: u64,
    /// Bodies without a file, although they were to be kept whole, because they are longer than a file may be. This and
    /// the other counts of missing files are per logger.
    pub file_too_long: u64,
    /// Bodies without a file because the disk was slower than the network.
    pub file_too_slow: u64,
    /// Bodies without a file because the memory budget was exhausted.
    pub file_memory_budget: u64,
    /// Bodies without a file because the disk was full, read-only or gone.
    pub file_failed: u64,
    /// Requests answered 503 because their record was not durable in time, on routes that require it. This and the
    /// next two are counted per logger, not per sink.
    pub required_refused: u64,
    /// Responses cut off because their record was not durable in time, on routes that require it.
    pub required_cut: u64,
    /// Responses passed on although their record was not durable in time, on routes that require it: because the
    /// application chose so, or because there was no body to cut.
    pub required_released: u64,
}

impl Counters {
    /// Returns the number of entries dropped or lost for any reason.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.dropped_newest + self.dropped_oldest + self.sink_error + self.sink_panic
    }

    /// Adds the losses of another sink.
    pub fn add_losses(&mut self, other: &Self) {
        self.dropped_newest += other.dropped_newest;
        self.dropped_oldest += other.dropped_oldest;
        self.sink_error += other.sink_error;
        self.sink_panic += other.sink_panic;
        self.bodies_shed += other.bodies_shed;
        self.flush_error += other.flush_error;
    }
}

/// The [`Counters`] of one sink.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SinkCounters {
    /// The sink's [name](crate::Sink::name).
    pub name: String,
    /// Its counters.
    pub counters: Counters,
}

impl SinkCounters {
    /// Creates the counters of the sink with this name.
    #[must_use]
    pub fn new(name: impl Into<String>, counters: Counters) -> Self {
        Self {
            name: name.into(),
            counters,
        }
    }
}
