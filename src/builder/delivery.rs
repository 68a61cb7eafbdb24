//! Options of the sinks and their queues.

use std::{mem, sync::Arc};

use body_logger_core::record::RecordLimit;

use super::BodyLoggerBuilder;
use crate::{
    delivery::{
        Delivery, DeliveryParts, Limits, QueueOptions, QueuedSink, WhenFull, DEFAULT_QUEUE_RECORDS,
    },
    render::Renderer,
    sink::{DurableSink, Log, Placement, Sink, LOG_TARGET},
};

/// # Where records go
impl BodyLoggerBuilder {
    /// Adds a sink, behind a bounded queue and on a thread of its own: however slow the sink is, no response and no
    /// other sink waits for it. [`WhenFull`](crate::sink::WhenFull) chooses what happens to new records when the queue
    /// is full; by default they are dropped, named by a gap record in the sink, and
    /// [counted](crate::BodyLogger::counters). Keep a [guard](crate::BodyLogger::flush_guard), so that none is lost
    /// when the process ends.
    ///
    /// [`Log`](crate::sink::Log) and [`Memory`](crate::sink::Memory) run on the worker, unless another sink is behind a
    /// queue: the worker then renders each record, and waits for them. See
    /// [where sinks run](crate::Sink#where-it-runs).
    ///
    /// With several sinks behind queues, one more queue leads to the writer thread, which renders each record once for
    /// all of them. An entry that this queue drops is lost to every sink.
    ///
    /// Defaults to [`Log`](crate::sink::Log). May be called several times.
    pub fn sink(self, sink: impl Sink) -> Self {
        self.sink_with(QueueOptions::default(), sink)
    }

    /// Adds a [sink](Self::sink) whose queue has options of its own.
    ///
    /// Defaults to none. May be called several times.
    pub fn sink_with(mut self, queue: QueueOptions, sink: impl Sink) -> Self {
        self.sinks.push((queue, Box::new(sink)));
        self
    }

    /// Adds a sink that runs on the worker when an exchange ends: **if it blocks, the worker's connections stall**. The
    /// worker then also renders the records, once for all sinks, and queues count the bytes of the rendered record
    /// instead of those of the captured exchange.
    ///
    /// Defaults to none. May be called several times.
    pub fn inline_sink(mut self, sink: impl Sink) -> Self {
        self.inline.push(Box::new(sink));
        self
    }

    /// Adds a sink that has the records of the routes that [require](crate::policy::Guarantee::Required) it before
    /// their handlers run, and before their responses end. Like any other [sink](Self::sink) it is behind a queue, and
    /// gets the records of all routes. Those that an exchange waits for are written at once, and share a sync with all
    /// others that wait then.
    ///
    /// With several of them, [`quorum`](crate::policy::RequiredOptions::quorum) says whether each must have a record.
    /// Without any, all requests to routes that require delivery are refused, and the logger says so when it is built.
    ///
    /// ```
    /// use actix_web_body_logger::{
    ///     policy::Guarantee, sink::{DurableSink, JsonLines}, BodyLogger, CaptureLevel, Rule,
    /// };
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let directory = std::env::temp_dir().join(format!("body-logger-durable-{}", std::process::id()));
    /// # std::fs::create_dir_all(&directory)?;
    /// # let path = directory.join("audit.jsonl");
    /// let orders = Rule::new(CaptureLevel::RequestResponse).path("/orders").guarantee(Guarantee::Required);
    /// let logger = BodyLogger::builder()
    ///     .rule(orders)
    ///     .required_sink(DurableSink::new(JsonLines::open(path)?)?)
    ///     .build();
    /// # drop(logger);
    /// # std::fs::remove_dir_all(&directory)?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Defaults to none. May be called several times.
    pub fn required_sink(mut self, sink: DurableSink) -> Self {
        self.required_sinks.push(sink);
        self
    }

    /// Options of the queue before each sink, unless [`sink_with`](Self::sink_with) sets them. Options not set here
    /// keep their earlier values. Queued entries also count against [the budget](Self::memory_budget), once for all
    /// queues.
    ///
    /// ```
    /// use actix_web_body_logger::{sink::{QueueOptions, WhenFull}, BodyLogger};
    ///
    /// let queue = QueueOptions::default().records(1000).when_full(WhenFull::ShedBodies);
    /// let logger = BodyLogger::builder().queue(queue).build();
    /// # drop(logger);
    /// ```
    ///
    /// Defaults to 8192 entries, half of the budget (32 MiB), and [`WhenFull::DropNewest`](crate::sink::WhenFull).
    pub fn queue(mut self, options: QueueOptions) -> Self {
        self.queue = options.or(self.queue);
        self
    }

    /// Maximum length of a record's line in bytes, with its line feed. Log shippers drop or split longer lines, or stop
    /// at them: look up the limit of yours. It also applies to gap records. What a sink [adds](Sink::added_line_bytes) to its
    /// lines, such as the `salt` of a log with proofs, is within it.
    ///
    /// A record that would be longer loses, in this order and only as much as necessary: the content of the longer body
    /// (a truncated JSON document becomes `text`), that of the other body, parts of multipart bodies, headers,
    /// attributes, the error's message, and the ends of texts such as the query. Bodies then have the reason
    /// [`RecordLimit`](crate::record::Reason::RecordLimit), headers and parts are counted as dropped, and a truncated
    /// text ends with `…`.
    ///
    /// Defaults to [`DEFAULT_MAX_RECORD_BYTES`](crate::record::DEFAULT_MAX_RECORD_BYTES), 256 KiB. The minimum is
    /// [`MIN_MAX_RECORD_BYTES`](crate::record::MIN_MAX_RECORD_BYTES), 4 KiB; smaller values are raised to it.
    pub fn max_record_bytes(mut self, bytes: usize) -> Self {
        self.renderer.record_limit = RecordLimit::new(bytes);
        self
    }

    /// Adds the default sink if there is no other.
    pub(super) fn ensure_sink(&mut self) {
        if self.all_sinks().next().is_none() {
            self.inline.push(Box::new(Log::default()));
        }
    }

    fn all_sinks(&self) -> impl Iterator<Item = &Box<dyn Sink>> {
        let queued = self.sinks.iter().map(|(_, sink)| sink);
        let required = self.required_sinks.iter().map(|it| &it.sink);
        queued.chain(required).chain(&self.inline)
    }

    /// Returns how many bytes a line gets longer in a sink.
    pub(super) fn added_line_bytes(&self) -> usize {
        let added = self.all_sinks().map(|sink| sink.added_line_bytes());
        added.max().unwrap_or(0)
    }

    /// Whether a sink or the application's own redaction reads the headers of records.
    pub(super) fn needs_headers(&self) -> bool {
        !self.renderer.own.is_empty() || self.all_sinks().any(|sink| sink.needs_headers())
    }

    /// Starts the delivery to the configured sinks.
    pub(super) fn delivery(&mut self, renderer: &Arc<Renderer>) -> Delivery {
        let budget = self.policy.memory_budget.clone();
        let limits = self.queue.limits(Limits {
            records: DEFAULT_QUEUE_RECORDS,
            bytes: budget.limit() / 2,
            when_full: WhenFull::default(),
        });
        let mut inline = mem::take(&mut self.inline);
        let mut sinks = mem::take(&mut self.sinks);
        let required = mem::take(&mut self.required_sinks);
        if required.is_empty() && self.policy.requires_delivery() {
            log::error!(
                target: LOG_TARGET,
                "body logger: a rule requires delivery, but there is no required sink; refusing its requests"
            );
        }
        let is_queued = |sink: &dyn Sink| sink.placement() == Placement::Queue;
        if required.is_empty() && !sinks.iter().any(|(_, sink)| is_queued(&**sink)) {
            inline.extend(sinks.drain(..).map(|(_, sink)| sink));
        }
        let named = |sink: Box<dyn Sink>| {
            let name = sink.name().into_owned();
            (sink, name)
        };
        let sinks = sinks.into_iter().map(|(queue, sink)| (queue, sink, false));
        let required = required.into_iter().map(|it| (it.queue, it.sink, true));
        let sinks: Vec<_> = sinks.chain(required).collect();
        let options = sinks
            .iter()
            .map(|(options, ..)| options)
            .chain([&self.queue]);
        let render_threads = options.filter_map(|it| it.render_threads).max();
        let queued = sinks
            .into_iter()
            .map(|(options, sink, required)| QueuedSink {
                limits: options.limits(limits),
                name: options.name.unwrap_or_else(|| sink.name().into_owned()),
                sink,
                required,
            });
        let parts = DeliveryParts {
            inline: inline.into_iter().map(named).collect(),
            queued: queued.collect(),
            quorum: self.policy.required.quorum,
            limits,
            renderer: Arc::clone(renderer),
            render_threads: render_threads.unwrap_or(1),
            budget,
        };
        parts.start()
    }
}
