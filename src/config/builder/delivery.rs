//! Where records go.

use super::BodyLoggerBuilder;
use crate::sink::{self, Sink, WhenFull};

/// # Where records go
impl BodyLoggerBuilder {
    /// Adds a sink, behind a bounded queue with a thread of its own: however slow the sink is, no
    /// response waits for it. When the queue is full, [a choice](Self::when_full) decides what becomes
    /// of new records; by default they are dropped and [counted](crate::BodyLogger::counters). Keep a
    /// [guard](crate::BodyLogger::flush_guard) so that none is lost when the process ends.
    ///
    /// [`Log`](crate::sink::Log) and [`Memory`](crate::sink::Memory) run on the worker all the same.
    ///
    /// Defaults to [`Log`](crate::sink::Log). May be called several times: all sinks behind the queue
    /// share it and get the same batches, one after the other.
    pub fn sink(mut self, sink: impl Sink) -> Self {
        let sinks = if sink::is_inline(&sink) {
            &mut self.inline
        } else {
            &mut self.queued
        };
        sinks.push(Box::new(sink));
        self
    }

    /// Adds a sink that runs on the worker, when an exchange ends: **if it blocks, the worker's
    /// connections stall**.
    ///
    /// Defaults to none. May be called several times.
    pub fn inline_sink(mut self, sink: impl Sink) -> Self {
        self.inline.push(Box::new(sink));
        self
    }

    /// The most records that wait in the queue.
    ///
    /// Defaults to [`DEFAULT_QUEUE_RECORDS`](crate::sink::DEFAULT_QUEUE_RECORDS), 8192.
    pub fn queue_records(mut self, records: usize) -> Self {
        self.queue_records = records;
        self
    }

    /// The most bytes that wait in the queue.
    ///
    /// Defaults to half of [the budget](Self::memory_budget), 32 MiB.
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = Some(bytes);
        self
    }

    /// What the queue does when it is full.
    ///
    /// Defaults to [`WhenFull::DropNewest`].
    pub fn when_full(mut self, choice: WhenFull) -> Self {
        self.when_full = choice;
        self
    }
}
