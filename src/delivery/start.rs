//! Builds a [`Delivery`]: its threads, and the queues between them.

use std::{sync::Arc, time::Duration};

use body_logger_core::sink::{BatchOptions, Sink};

use super::{
    admission::Admission,
    batch::Batch,
    counters::AtomicCounters,
    flush::Producers,
    inline::Inline,
    isolated::IsolatedSink,
    lane::Lane,
    queue::{Pace, Queue},
    render_threads::RenderThreads,
    run::Run,
    shared::Shared,
    state::{BatchLimits, Limits, WhenFull},
    sync::spawn,
    writer::{Outlet, Writer},
    Delivery,
};
use crate::{capture::MemoryBudget, policy::Quorum, render::Renderer};

/// How long the writer thread lets entries accumulate.
const GATHER: Duration = Duration::from_millis(5);

/// Interval after which a refused gap record is offered again while nothing else is queued.
const RETRY: Duration = Duration::from_secs(1);

/// With several sinks, a batch is at most this fraction of the smallest queue.
const LANE_PARTS: usize = 8;

/// A sink and the limits of its queue.
pub(crate) struct QueuedSink {
    pub(crate) sink: Box<dyn Sink>,
    pub(crate) name: String,
    pub(crate) limits: Limits,
    /// Whether exchanges may wait for it.
    pub(crate) required: bool,
}

/// The configuration of a [`Delivery`].
pub(crate) struct DeliveryParts {
    pub(crate) inline: Vec<(Box<dyn Sink>, String)>,
    pub(crate) queued: Vec<QueuedSink>,
    /// How many of the required sinks must have an entry that an exchange waits for.
    pub(crate) quorum: Quorum,
    /// Limits of the writer thread's queue, if several sinks are behind it.
    pub(crate) limits: Limits,
    pub(crate) renderer: Arc<Renderer>,
    /// How many threads render, the writer thread included.
    pub(crate) render_threads: usize,
    pub(crate) budget: MemoryBudget,
}

/// A [`Delivery`], and the consumers that its threads will run.
pub(super) struct Assembly {
    pub(super) delivery: Delivery,
    pub(super) writer: Option<Writer>,
    pub(super) lanes: Vec<Lane>,
}

impl DeliveryParts {
    /// Assembles the delivery and starts its threads.
    pub(crate) fn start(self) -> Delivery {
        let others = self.render_threads.saturating_sub(1);
        let Assembly {
            delivery,
            writer,
            lanes,
        } = self.assemble();
        if let Some(mut writer) = writer {
            writer.render_threads = RenderThreads::start(others, &writer.renderer);
            let queue = Arc::clone(&writer.queue);
            if !spawn("body-logger", move || writer.run()) {
                queue.abandon();
            }
        }
        for lane in lanes {
            let queue = Arc::clone(&lane.queue);
            if !spawn("body-logger-sink", move || lane.run()) {
                queue.abandon();
            }
        }
        delivery
    }

    pub(super) fn assemble(self) -> Assembly {
        let renderer = self.renderer;
        let run = Arc::new(Run::new(renderer.run, renderer.record_limit.bytes()));
        let inline_needs_span = self.inline.iter().any(|(sink, _)| sink.needs_span());
        let queued_needs_span = self.queued.iter().any(|it| it.sink.needs_span());
        let inline = self.inline.into_iter();
        let inline: Vec<_> = inline
            .map(|(sink, name)| IsolatedSink::new(sink, name, 0, Arc::clone(&run)))
            .collect();
        let required = self.queued.iter().filter(|it| it.required).count();
        let waits = |it: &QueuedSink| it.limits.when_full == WhenFull::Wait;
        let lanes_admit: Vec<bool> = self.queued.iter().map(waits).collect();
        let admission = lanes_admit.contains(&true).then(Arc::<Admission>::default);

        let mut limits = self.limits;
        let mut writer_pace = pace(BatchOptions::default(), GATHER, required > 0);
        let mut lanes = Vec::new();
        let mut outlet = None;
        let mut queued = self.queued;
        if queued.len() > 1 {
            if admission.is_some() {
                limits.when_full = WhenFull::Wait;
            }
            let batch = &mut writer_pace.batch;
            for (index, it) in queued.into_iter().enumerate() {
                batch.records = batch.records.min(it.limits.records / LANE_PARTS).max(1);
                batch.bytes = batch.bytes.min(it.limits.bytes / LANE_PARTS).max(1);
                lanes.push(lane(index, it, &run, admission.as_ref()));
            }
            outlet = Some(Outlet::Lanes(lanes.iter().map(Lane::inlet).collect()));
        } else if let Some(it) = queued.pop() {
            limits = it.limits;
            writer_pace = pace(it.sink.batch_options(), GATHER, it.required);
            let sink = IsolatedSink::new(it.sink, it.name, limits.records, Arc::clone(&run));
            outlet = Some(Outlet::Sink(sink.required(it.required)));
        }
        let writer = outlet.map(|outlet| Writer {
            queue: Arc::new(Queue::new(limits, writer_pace, admission.clone())),
            outlet,
            renderer: Arc::clone(&renderer),
            render_threads: RenderThreads::default(),
            budget: self.budget.clone(),
            batch_limits: writer_pace.batch,
            batch: Batch::default(),
        });
        let shared = Shared {
            run,
            counters: AtomicCounters::default(),
            producers: Producers::default(),
            waiting: Arc::default(),
            queue: writer.as_ref().map(|writer| Arc::clone(&writer.queue)),
            queued: writer
                .as_ref()
                .map_or_else(Vec::new, |it| it.outlet.statuses()),
            lanes: lanes.iter().map(|lane| Arc::clone(&lane.queue)).collect(),
            inline: inline.iter().map(|it| Arc::clone(it.status())).collect(),
            admission,
            lanes_admit,
        };
        Assembly {
            delivery: Delivery {
                shared: Arc::new(shared),
                inline: Inline::new(inline, RETRY),
                renderer,
                budget: self.budget,
                required,
                quorum: self.quorum,
                inline_needs_span,
                queued_needs_span,
            },
            writer,
            lanes,
        }
    }
}

fn lane(
    index: usize,
    queued: QueuedSink,
    run: &Arc<Run>,
    admission: Option<&Arc<Admission>>,
) -> Lane {
    let QueuedSink {
        sink,
        name,
        limits,
        required,
    } = queued;
    let options = sink.batch_options();
    let mut pace = pace(options, Duration::ZERO, required);
    if options.linger.is_zero() && !required {
        // Joining batches that other sinks share means copying them. Those of a required sink are not joined, but share
        // a sync.
        pace.batch.items = 1;
    }
    let admission = admission.filter(|_| limits.when_full == WhenFull::Wait);
    Lane {
        queue: Arc::new(Queue::new(limits, pace, admission.cloned())),
        sink: IsolatedSink::new(sink, name, limits.records, Arc::clone(run)).required(required),
        index,
        batch_limits: batch_limits(options),
    }
}

fn pace(options: BatchOptions, gather: Duration, hurries: bool) -> Pace {
    Pace {
        batch: batch_limits(options),
        gather,
        linger: options.linger,
        hurries,
        retry: RETRY,
    }
}

fn batch_limits(options: BatchOptions) -> BatchLimits {
    BatchLimits {
        items: usize::MAX,
        records: options.records.max(1),
        bytes: options.bytes.max(1),
    }
}
