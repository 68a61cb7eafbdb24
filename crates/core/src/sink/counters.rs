//! What a logger tells of its sinks in numbers.

/// What has been lost since a logger was built, and what its limits have cost; of all of its sinks
/// together, or of one of them.
///
/// ```
/// use body_logger_core::sink::Counters;
///
/// assert_eq!(Counters::default().lost(), 0);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counters {
    /// Entries that took a number. For each sink behind a queue, all of them are `written`,
    /// [`lost`](Self::lost) or still `queued`.
    pub produced: u64,
    /// Entries that the sink has taken. In sum, those of the sink behind a queue that has taken the
    /// fewest.
    pub written: u64,
    /// Entries dropped because the queue was full when they came. In the sums of this and of the
    /// other losses, an entry that two sinks lose counts twice.
    pub dropped_newest: u64,
    /// Entries dropped from the queue to make room for others.
    pub dropped_oldest: u64,
    /// Entries lost because the sink returned an error.
    pub sink_error: u64,
    /// Entries lost because the sink panicked, or because making a record of what was captured did.
    pub sink_panic: u64,
    /// Entries whose bodies were left out because the queue was nearly full, or because they would
    /// not have fitted into an empty one.
    pub bodies_shed: u64,
    /// Times that the sink failed, or panicked, when it was to be flushed or synced; how many entries
    /// that cost only the sink knows.
    pub flush_error: u64,
    /// Entries queued, including the batch being written. In sum, those of the sink that is furthest
    /// behind.
    pub queued: u64,
    /// The bytes they occupy.
    pub queued_bytes: u64,
    /// Bodies kept in part or not at all because the memory budget was spent. Counted of
    /// the logger, not of a sink.
    pub memory_budget: u64,
    /// Bodies withheld, or withheld from some byte on, because they could not be understood. Counted
    /// of the logger, not of a sink.
    pub redaction_withheld: u64,
    /// Values masked by their names. Counted of the logger, as are all that were masked.
    pub hidden_by_name: u64,
    /// Values masked by their form: token families, and what
    /// `redact_high_entropy` and `redact_personal_data` ask for.
    pub hidden_by_family: u64,
    /// Values masked by their place: in a pair of a name and a value, below a secret name, before a host.
    pub hidden_by_structure: u64,
    /// Values masked by what stands beside them in a text.
    pub hidden_by_text: u64,
    /// Exchanges that had to wait before they began because a queue was full. Counted of the logger,
    /// not of a sink.
    pub waits: u64,
}

impl Counters {
    /// Entries that were lost, for whatever reason.
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.dropped_newest + self.dropped_oldest + self.sink_error + self.sink_panic
    }

    /// Adds another sink's losses.
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
    /// What it has taken, and what was lost to it.
    pub counters: Counters,
}

impl SinkCounters {
    /// The counters of the sink of this name.
    #[must_use]
    pub fn new(name: impl Into<String>, counters: Counters) -> Self {
        Self {
            name: name.into(),
            counters,
        }
    }
}
