//! A delivery whose threads are run step by step, and sinks that follow a script.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    panic,
    sync::{Arc, Mutex},
    time::{Duration, Instant, SystemTime},
};

use body_logger_core::record::{Entry, RecordLimit};

use super::super::{
    flush::FlushRequest, lane::Lane, start::Assembly, writer::Writer, Delivery, DeliveryParts,
    Limits, QueuedSink, Receipt,
};
use crate::{
    capture::{Captured, CapturedBody, MemoryBudget},
    policy::Quorum,
    render::Renderer,
    sink::{BatchOptions, Sink, SinkError},
};

/// What a sink does with a batch.
#[derive(Debug, Clone)]
pub(super) enum Reply {
    Take,
    Refuse,
    /// Accepts a prefix, and reports that.
    TakePrefix(usize),
    /// Accepts every other entry, and reports that.
    TakeEverySecond,
    /// Accepts half of the batch, and fails without reporting which.
    TakeHalfSilently,
    Panic,
    /// Panics with a payload that panics when it is dropped.
    Explode,
}

/// What a sink has accepted, in order.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) script: VecDeque<Reply>,
    pub(super) held: Vec<u64>,
    pub(super) named: Vec<u64>,
    /// Each accepted entry by its number, each gap by the numbers it names.
    pub(super) events: Vec<String>,
    pub(super) reasons: BTreeMap<String, u64>,
    /// The most entries that came at once.
    pub(super) largest_batch: usize,
    pub(super) flushes: usize,
    pub(super) syncs: usize,
    /// The budget to read with every batch, and the highest use seen.
    pub(super) budget: Option<MemoryBudget>,
    pub(super) most_in_use: usize,
    /// Length of the longest gap line in bytes.
    pub(super) longest_gap: usize,
    /// Numbers that were missing when a higher one was written or named.
    pub(super) holes: Vec<String>,
}

#[derive(Debug, Clone, Default)]
pub(super) struct Scripted {
    pub(super) log: Arc<Mutex<Log>>,
    pub(super) options: Option<BatchOptions>,
}

impl Sink for Scripted {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let mut log = self.log.lock().unwrap_or_else(|it| it.into_inner());
        log.note_hole_before(entries);
        log.largest_batch = log.largest_batch.max(entries.len());
        let in_use = log.budget.as_ref().map_or(0, MemoryBudget::in_use);
        log.most_in_use = log.most_in_use.max(in_use);
        let reply = log.script.pop_front().unwrap_or(Reply::Take);
        let last = entries.len();
        let (takes, error): (Box<dyn Fn(usize) -> bool>, _) = match reply {
            Reply::Take => (Box::new(|_| true), None),
            Reply::Refuse => (Box::new(|_| false), Some(SinkError::new("refused"))),
            Reply::TakePrefix(written) => {
                let written = written.min(last);
                let error = SinkError::new("a prefix").after(written);
                (Box::new(move |at| at < written), Some(error))
            }
            Reply::TakeEverySecond => {
                let error = SinkError::new("every second").losing((0..last).step_by(2));
                (Box::new(|at| at % 2 == 1), Some(error))
            }
            Reply::TakeHalfSilently => (
                Box::new(move |at| at < last / 2),
                Some(SinkError::new("silent")),
            ),
            Reply::Panic | Reply::Explode => (Box::new(|_| false), None),
        };
        for (at, entry) in entries.iter().enumerate() {
            if takes(at) {
                log.take(entry);
            }
        }
        drop(log);
        match reply {
            Reply::Panic => panic!("a sink, on purpose"),
            Reply::Explode => panic::panic_any(Bomb(3)),
            _ => error.map_or(Ok(()), Err),
        }
    }

    fn flush(&self) -> Result<(), SinkError> {
        self.log.lock().expect("a lock").flushes += 1;
        Ok(())
    }

    fn sync(&self) -> Result<(), SinkError> {
        self.log.lock().expect("a lock").syncs += 1;
        Ok(())
    }

    fn batch_options(&self) -> BatchOptions {
        self.options.unwrap_or_default()
    }
}

impl Scripted {
    /// Scripts the replies to the next batches; afterwards it accepts everything.
    pub(super) fn script(&self, replies: impl IntoIterator<Item = Reply>) {
        let mut log = self.log.lock().unwrap_or_else(|it| it.into_inner());
        log.script = replies.into_iter().collect();
    }
}

impl Log {
    /// Records numbers that were skipped: wherever the process ends, only numbers at the end may be missing, so nothing
    /// is written or named before everything with a lower number.
    fn note_hole_before(&mut self, entries: &[Entry]) {
        let known: BTreeSet<u64> = self.held.iter().chain(&self.named).copied().collect();
        let (last, named): (u64, Vec<_>) = match entries.first() {
            Some(Entry::Record(first)) => (first.seq, Vec::new()),
            Some(Entry::Gap(gap)) => {
                let named: Vec<u64> = gap.gap.seq.iter().cloned().flatten().collect();
                (named.last().copied().unwrap_or(0), named)
            }
            _ => return,
        };
        let missing = (1..last).find(|number| !known.contains(number) && !named.contains(number));
        if let Some(missing) = missing {
            // Recorded instead of asserted, as delivery contains panics of sinks.
            self.holes.push(format!("{last} comes before {missing}"));
        }
    }

    fn take(&mut self, entry: &Entry) {
        match entry {
            Entry::Record(record) => {
                self.held.push(record.seq);
                self.events.push(record.seq.to_string());
            }
            Entry::Gap(gap) => {
                let line = serde_json::to_string(gap).expect("JSON") + "\n";
                self.longest_gap = self.longest_gap.max(line.len());
                let gap = &gap.gap;
                let numbers: Vec<u64> = gap.seq.iter().cloned().flatten().collect();
                assert_eq!(gap.dropped, numbers.len() as u64);
                assert_eq!(gap.dropped, gap.reasons.values().sum::<u64>());
                for (reason, count) in &gap.reasons {
                    *self.reasons.entry(reason.clone()).or_default() += count;
                }
                self.events.push(format!("{:?}", gap.seq));
                self.named.extend(numbers);
            }
            _ => panic!("{entry:?}"),
        }
    }
}

/// Panics when it is dropped, with another one of itself as the payload, this many times.
struct Bomb(u32);

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.0 > 0 {
            panic::panic_any(Bomb(self.0 - 1));
        }
    }
}

/// Ends an exchange with a body of `bytes` bytes. Returns its number.
pub(super) fn end(delivery: &Delivery, budget: &MemoryBudget, body: usize) -> u64 {
    let mut captured = Captured::begin(Instant::now(), SystemTime::now(), budget.clone());
    if body > 0 {
        let bytes = vec![b'x'; body].into();
        let request = &mut captured.request;
        request.body = CapturedBody::new(body, Default::default(), None, budget);
        request.body.push(&bytes);
    }
    delivery.deliver(captured, None)
}

/// Ends an exchange whose rendering panics: its end is past the last time that there is. Returns its number.
pub(super) fn end_unrenderable(delivery: &Delivery, budget: &MemoryBudget) -> u64 {
    let last = SystemTime::UNIX_EPOCH + Duration::from_secs(i64::MAX as u64);
    let mut captured = Captured::begin(Instant::now(), last, budget.clone());
    captured.ended = captured.began + Duration::from_secs(1);
    delivery.deliver(captured, None)
}

/// Ends an exchange that an exchange waits for.
pub(super) fn end_awaited(delivery: &Delivery) -> Receipt {
    let budget = MemoryBudget::new(usize::MAX);
    let captured = Captured::begin(Instant::now(), SystemTime::now(), budget);
    let (ticket, receipt) = delivery.ticket();
    delivery.deliver(captured, Some(ticket));
    receipt
}

/// A delivery, and the consumers that its threads would run.
pub(super) struct Stepped {
    pub(super) delivery: Delivery,
    pub(super) writer: Writer,
    pub(super) lanes: Vec<Lane>,
    pub(super) sinks: Vec<Scripted>,
    pub(super) budget: MemoryBudget,
}

impl Stepped {
    /// Creates one with a queue of these limits for each sink.
    pub(super) fn new(limits: &[Limits], max_record_bytes: usize) -> Self {
        let sinks = limits.iter().map(|_| Scripted::default()).collect();
        Self::with_sinks(sinks, limits, max_record_bytes)
    }

    pub(super) fn with_sinks(
        sinks: Vec<Scripted>,
        limits: &[Limits],
        max_record_bytes: usize,
    ) -> Self {
        Self::assembled(sinks, limits, max_record_bytes, (0, Quorum::default()))
    }

    /// Creates one of which the first sinks are required.
    pub(super) fn requiring(
        sinks: Vec<Scripted>,
        limits: &[Limits],
        required: usize,
        quorum: Quorum,
    ) -> Self {
        Self::assembled(sinks, limits, 1 << 20, (required, quorum))
    }

    fn assembled(
        sinks: Vec<Scripted>,
        limits: &[Limits],
        max_record_bytes: usize,
        (required, quorum): (usize, Quorum),
    ) -> Self {
        let budget = MemoryBudget::new(usize::MAX / 2);
        let queued = sinks.iter().zip(limits).enumerate();
        let queued = queued.map(|(index, (sink, limits))| QueuedSink {
            sink: Box::new(sink.clone()),
            name: index.to_string(),
            limits: *limits,
            required: index < required,
        });
        let parts = DeliveryParts {
            inline: Vec::new(),
            queued: queued.collect(),
            quorum,
            limits: limits[0],
            renderer: Arc::new(Renderer {
                // Also less than what an application can set.
                record_limit: RecordLimit::new(usize::MAX).reserving(usize::MAX - max_record_bytes),
                ..Renderer::default()
            }),
            render_threads: 1,
            budget: budget.clone(),
        };
        let Assembly {
            delivery,
            writer,
            lanes,
        } = parts.assemble();
        Self {
            delivery,
            writer: writer.expect("there is a queue"),
            lanes,
            sinks,
            budget,
        }
    }

    /// Ends an exchange with bodies of `bytes` bytes. Returns its number.
    pub(super) fn end(&self, body: usize) -> u64 {
        end(&self.delivery, &self.budget, body)
    }

    /// Runs one step of the writer thread.
    pub(super) fn write(&mut self) {
        let taken = self.writer.queue.try_take();
        self.writer.step(taken);
    }

    /// Runs one step of a sink's thread, if it has one.
    pub(super) fn sink(&self, index: usize) {
        if let Some(lane) = self.lanes.get(index) {
            lane.step(lane.queue.try_take());
        }
    }

    /// Runs steps until there is no work left.
    pub(super) fn finish(&mut self) {
        while self.writer.queue.depth().0 > 0 {
            self.write();
        }
        self.write();
        for (index, lane) in self.lanes.iter().enumerate() {
            while lane.queue.depth().0 > 0 {
                self.sink(index);
            }
            self.sink(index);
        }
    }

    /// Requests a flush, which the next steps answer.
    pub(super) fn request(&self) -> Arc<FlushRequest> {
        let request = FlushRequest::to(self.sinks.len());
        assert!(self.writer.queue.request(&request));
        request
    }

    pub(super) fn log(&self, sink: usize) -> std::sync::MutexGuard<'_, Log> {
        let log = self.sinks[sink].log.lock();
        log.unwrap_or_else(|it| it.into_inner())
    }
}
