//! A sink whose failures and panics stay its own, and the account of what it has lost.

use std::{
    fmt,
    sync::{Arc, PoisonError},
};

use super::{
    counters::{records, warn, AtomicCounters},
    flush::{Answer, UnflushedSink},
    gap::{GapReason, Losses, PendingGap},
    run::Run,
    sync::{
        atomic::{AtomicBool, Ordering},
        Mutex,
    },
};
use crate::sink::{Sink, SinkError};
use body_logger_core::contain;
use body_logger_core::record::{Entry, SeqRanges};

/// What others may know of a sink.
#[derive(Debug)]
pub(crate) struct SinkStatus {
    pub(crate) name: String,
    pub(crate) counters: AtomicCounters,
    /// What was lost to the sink, and what it has not been told of.
    pending_gap: Mutex<PendingGap>,
    /// Whether there is such a gap: seen without the lock, which workers would contend for.
    has_untold: AtomicBool,
}

impl SinkStatus {
    fn change<R>(&self, change: impl FnOnce(&mut PendingGap) -> R) -> R {
        // Nothing panics while it is held.
        let guard = self.pending_gap.lock();
        let mut pending_gap = guard.unwrap_or_else(PoisonError::into_inner);
        let result = change(&mut pending_gap);
        let has_untold = !pending_gap.is_empty();
        self.has_untold.store(has_untold, Ordering::Release);
        result
    }

    /// The numbers that are lost to the sink, and that it has not been told of.
    pub(crate) fn untold(&self) -> SeqRanges {
        self.change(|pending_gap| pending_gap.numbers())
    }

    pub(crate) fn has_untold(&self) -> bool {
        self.has_untold.load(Ordering::Acquire)
    }

    /// Counts entries that are lost to this sink, and remembers their numbers.
    pub(crate) fn lose(&self, reason: GapReason, numbers: impl IntoIterator<Item = u64>) -> usize {
        let mut lost = 0;
        let numbers = numbers.into_iter().inspect(|_| lost += 1);
        self.change(|pending_gap| pending_gap.add(reason, numbers));
        self.counters.lost(reason, lost);
        lost
    }

    /// Remembers what the queue before this sink has counted.
    pub(crate) fn merge(&self, losses: Losses) {
        self.change(|pending_gap| pending_gap.merge(losses));
    }
}

/// A sink that no failure and no panic gets out of.
pub(crate) struct IsolatedSink {
    /// None once it is being dropped.
    sink: Option<Box<dyn Sink>>,
    status: Arc<SinkStatus>,
    run: Arc<Run>,
}

/// Why a call of the sink did not do what it should.
enum Failure {
    Error(SinkError),
    Panic,
}

impl Failure {
    fn reason(&self) -> GapReason {
        match self {
            Self::Error(_) => GapReason::SinkError,
            Self::Panic => GapReason::SinkPanic,
        }
    }

    /// Which of the numbers of a batch are lost.
    fn lost(&self, numbers: &[u64]) -> Vec<u64> {
        match self {
            Self::Error(error) => error.lost(numbers.len()).map(|at| numbers[at]).collect(),
            Self::Panic => numbers.to_vec(),
        }
    }

    /// What an error says of itself; both that and its end may panic.
    fn into_text(self) -> String {
        let text = contain(|| match self {
            Self::Error(error) => error.to_string(),
            Self::Panic => "it panicked".to_owned(),
        });
        text.unwrap_or_else(|_| "it failed, and its error panicked".to_owned())
    }
}

impl IsolatedSink {
    pub(crate) fn new(sink: Box<dyn Sink>, name: String, records: usize, run: Arc<Run>) -> Self {
        Self {
            sink: Some(sink),
            status: Arc::new(SinkStatus {
                name,
                counters: AtomicCounters::default(),
                pending_gap: Mutex::new(PendingGap::of_queue(records)),
                has_untold: AtomicBool::new(false),
            }),
            run,
        }
    }

    pub(crate) fn status(&self) -> &Arc<SinkStatus> {
        &self.status
    }

    /// Writes entries after the gap before them. What fails is lost to this sink, and named by its
    /// next gap record.
    pub(crate) fn write(&self, entries: &[Entry], numbers: &[u64]) {
        let written = self
            .offer_gap()
            .and_then(|_| self.call(|sink| sink.write(entries)));
        match written {
            Ok(()) => self.status.counters.written(numbers.len()),
            Err(failure) => {
                let reason = failure.reason();
                let lost = self.status.lose(reason, failure.lost(numbers));
                self.status.counters.written(numbers.len() - lost);
                self.report("write", failure, "going on with the next batch");
            }
        }
    }

    /// Offers what was lost to the sink, if anything, and flushes it.
    pub(crate) fn retry_gap(&self) {
        match self.offer_gap() {
            Ok(true) => {
                // A failure is counted and reported there.
                let _ = self.flush();
            }
            Ok(false) => {}
            Err(failure) => {
                self.report("write", failure, "trying again");
            }
        }
    }

    /// Tells the sink what was lost to it, in as many records as that takes. Returns whether there
    /// was anything to tell. What it refuses stays pending, and merges with what is lost next.
    fn offer_gap(&self) -> Result<bool, Failure> {
        let mut told = false;
        while self.status.has_untold() {
            let ranges = self.run.ranges_of_gap();
            let Some(losses) = self.status.change(|gap| gap.take_part(ranges)) else {
                break;
            };
            let gap = self.run.gap(&losses);
            match self.call(|sink| sink.write(std::slice::from_ref(&gap))) {
                Ok(()) => {}
                Err(failure) if failure.lost(&[0]).is_empty() => {
                    self.report("write", failure, "going on");
                }
                Err(failure) => {
                    self.status.merge(losses);
                    return Err(failure.of_gap());
                }
            }
            told = true;
        }
        Ok(told)
    }

    pub(crate) fn flush(&self) -> Result<(), String> {
        self.try_flush("flush", |sink| sink.flush())
    }

    pub(crate) fn sync(&self) -> Result<(), String> {
        self.try_flush("sync", |sink| sink.sync())
    }

    /// Flushes and syncs the sink for somebody who waits for it.
    pub(crate) fn answer(&self) -> Answer {
        let told = self
            .offer_gap()
            .map(|_| ())
            .map_err(|failure| self.report("write", failure, "trying again"));
        let flushed = self.flush();
        let synced = self.sync();
        let error = told.and(flushed).and(synced).err();
        let untold = self.status.untold().to_vec();
        if error.is_none() && untold.is_empty() {
            return Ok(());
        }
        Err(UnflushedSink {
            name: self.status.name.clone(),
            queued: 0,
            untold,
            error,
        })
    }

    /// The last that is asked of the sink, before it is dropped.
    pub(crate) fn end(&self) {
        if let Err(left) = self.answer() {
            if !left.untold.is_empty() {
                let (name, untold) = (left.name, self.status.untold().count());
                warn(|| {
                    format!(
                        "{} lost to {name}, which no gap record names",
                        records(untold)
                    )
                });
            }
        }
    }

    fn try_flush(
        &self,
        action: &str,
        work: impl FnOnce(&dyn Sink) -> Result<(), SinkError>,
    ) -> Result<(), String> {
        self.call(work).map_err(|failure| {
            self.status.counters.flush_failed();
            self.report(action, failure, "going on")
        })
    }

    fn call(&self, work: impl FnOnce(&dyn Sink) -> Result<(), SinkError>) -> Result<(), Failure> {
        let Some(sink) = self.sink.as_deref() else {
            return Ok(());
        };
        match contain(|| work(sink)) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Failure::Error(error)),
            Err(_) => Err(Failure::Panic),
        }
    }

    /// Reports a failure in the application's log, and returns its cause.
    fn report(&self, action: &str, failure: Failure, next: &str) -> String {
        let cause = failure.into_text();
        self.status.counters.report(|lost| {
            let name = &self.status.name;
            format!(
                "cannot {action} {name}: {cause}; {} lost, {next}",
                records(lost)
            )
        });
        cause
    }
}

impl Failure {
    /// A failure to write a gap record says nothing of the entries after it: all of them are lost.
    fn of_gap(self) -> Self {
        match self {
            Self::Error(error) => Self::Error(SinkError::new(error)),
            Self::Panic => Self::Panic,
        }
    }
}

impl Drop for IsolatedSink {
    fn drop(&mut self) {
        let sink = self.sink.take();
        if contain(|| drop(sink)).is_err() {
            let name = &self.status.name;
            warn(|| format!("{name} panicked when it was dropped"));
        }
    }
}

impl fmt::Debug for IsolatedSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IsolatedSink")
            .field(&self.status.name)
            .finish()
    }
}
