//! Where records go.

use std::{mem, sync::Arc};

use super::BodyLoggerBuilder;
use crate::{
    budget::Budget,
    delivery::{Delivering, Delivery, Limits, QueuedSink},
    redact::Redaction,
    sink::{Log, Placement, QueueOptions, Sink, WhenFull},
};
use body_logger_core::record::RecordLimit;

/// # Where records go
impl BodyLoggerBuilder {
    /// Adds a sink, behind a bounded queue with a thread of its own: however slow the sink is, no
    /// response waits for it, and no other sink. When the queue is full, [a choice](Self::when_full)
    /// decides what becomes of new records; by default they are dropped, named to the sink by a gap
    /// record, and [counted](crate::BodyLogger::counters). Keep a
    /// [guard](crate::BodyLogger::flush_guard) so that none is lost when the process ends.
    ///
    /// [`Log`](crate::sink::Log) and [`Memory`](crate::sink::Memory) run on the worker where no other
    /// sink is behind a queue: the worker then makes each record, and waits for them. See
    /// [where sinks run](crate::Sink#where-it-runs).
    ///
    /// Where there are several sinks behind queues, one more queue leads to the writer thread, which
    /// makes each record once for all of them. What that queue drops is lost to each sink.
    ///
    /// Defaults to [`Log`](crate::sink::Log). May be called several times.
    pub fn sink(self, sink: impl Sink) -> Self {
        self.sink_with(QueueOptions::default(), sink)
    }

    /// Adds a [sink](Self::sink) whose queue has limits of its own.
    ///
    /// Defaults to none. May be called several times.
    pub fn sink_with(mut self, queue: QueueOptions, sink: impl Sink) -> Self {
        self.sinks.push((queue, Box::new(sink)));
        self
    }

    /// Adds a sink that runs on the worker, when an exchange ends: **if it blocks, the worker's
    /// connections stall**. Records are then made on the worker, too, once for all sinks, and queues
    /// count their bytes in place of what was captured.
    ///
    /// Defaults to none. May be called several times.
    pub fn inline_sink(mut self, sink: impl Sink) -> Self {
        self.inline.push(Box::new(sink));
        self
    }

    /// Maximum number of entries in each queue, including the batch being written.
    ///
    /// Defaults to [`DEFAULT_QUEUE_RECORDS`](crate::sink::DEFAULT_QUEUE_RECORDS), 8192.
    pub fn queue_records(mut self, records: usize) -> Self {
        self.queue_records = records;
        self
    }

    /// Maximum number of bytes in each queue, including the batch being written. What is queued
    /// counts against [the budget](Self::memory_budget), too, once for all queues.
    ///
    /// Defaults to half of the budget, 32 MiB.
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = Some(bytes);
        self
    }

    /// Maximum length of a record's line in bytes, with its line feed. Log shippers drop, split or stop at longer
    /// ones: look up what yours takes in. Gap records keep to it, too.
    ///
    /// A record that would be longer gives up, in this order and only as much as it has to: the longer of both bodies'
    /// contents (a truncated JSON document becomes `text`), then the other's, parts of multipart bodies, headers,
    /// attributes, the error's message, and the ends of its texts, such as the query. Bodies say
    /// [`RecordLimit`](crate::Reason::RecordLimit) then, headers and parts are counted as dropped, and a truncated
    /// text ends with `…`.
    ///
    /// Defaults to [`DEFAULT_MAX_RECORD_BYTES`](crate::DEFAULT_MAX_RECORD_BYTES), 256 KiB. Less than
    /// [`MIN_MAX_RECORD_BYTES`](crate::MIN_MAX_RECORD_BYTES), 4 KiB, counts as that.
    pub fn max_record_bytes(mut self, bytes: usize) -> Self {
        self.redaction.record_limit = RecordLimit::new(bytes);
        self
    }

    /// What each queue does when it is full.
    ///
    /// Defaults to [`WhenFull::DropNewest`].
    pub fn when_full(mut self, choice: WhenFull) -> Self {
        self.when_full = choice;
        self
    }

    /// Starts what takes entries to the sinks.
    pub(super) fn delivery(&mut self, redaction: &Arc<Redaction>, budget: &Budget) -> Delivery {
        let limits = Limits {
            records: self.queue_records,
            bytes: self.queue_bytes.unwrap_or(budget.limit() / 2),
            when_full: self.when_full,
        };
        let mut inline = mem::take(&mut self.inline);
        let mut sinks = mem::take(&mut self.sinks);
        if inline.is_empty() && sinks.is_empty() {
            inline.push(Box::new(Log::default()));
        }
        let is_queued = |sink: &dyn Sink| sink.placement() == Placement::Queue;
        if !sinks.iter().any(|(_, sink)| is_queued(&**sink)) {
            inline.extend(sinks.drain(..).map(|(_, sink)| sink));
        }
        let named = |sink: Box<dyn Sink>| {
            let name = sink.name().into_owned();
            (sink, name)
        };
        let queued = sinks.into_iter().map(|(options, sink)| QueuedSink {
            name: options.name.unwrap_or_else(|| sink.name().into_owned()),
            limits: Limits {
                records: options.records.unwrap_or(limits.records),
                bytes: options.bytes.unwrap_or(limits.bytes),
                when_full: options.when_full.unwrap_or(limits.when_full),
            },
            sink,
        });
        let delivering = Delivering {
            inline: inline.into_iter().map(named).collect(),
            queued: queued.collect(),
            limits,
            redaction: Arc::clone(redaction),
            budget: budget.clone(),
            max_record_bytes: redaction.record_limit.bytes(),
        };
        delivering.start()
    }
}
