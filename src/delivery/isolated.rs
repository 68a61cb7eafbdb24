//! Isolation of sinks: contains their failures and panics, and accounts for the entries they lose.

use std::{fmt, sync::Arc};

use body_logger_core::{
    contain,
    record::Entry,
    sink::{Sink, SinkError},
};

use super::{
    counters::{records, warn},
    flush::{Answer, UnflushedSink},
    gap::GapReason,
    gathering::Gathering,
    run::Run,
    status::SinkStatus,
};

/// A sink whose panics are contained, and whose errors are counted and reported.
pub(crate) struct IsolatedSink {
    /// `None` once it is being dropped.
    sink: Option<Box<dyn Sink>>,
    status: Arc<SinkStatus>,
    run: Arc<Run>,
    /// Whether exchanges may wait until it has made their entries durable.
    pub(super) is_required: bool,
    pub(super) gathering: Gathering,
}

/// Why a call of the sink failed.
pub(super) enum Failure {
    Error(SinkError),
    Panic,
}

impl Failure {
    pub(super) fn reason(&self) -> GapReason {
        match self {
            Self::Error(_) => GapReason::SinkError,
            Self::Panic => GapReason::SinkPanic,
        }
    }

    /// Returns the numbers of a batch that are lost.
    pub(super) fn lost(&self, numbers: &[u64]) -> Vec<u64> {
        match self {
            Self::Error(error) => error.lost(numbers.len()).map(|at| numbers[at]).collect(),
            Self::Panic => numbers.to_vec(),
        }
    }

    /// Returns the error's message. Its `Display` and `Drop` may panic, which is contained.
    fn into_text(self) -> String {
        let text = contain(|| match self {
            Self::Error(error) => error.to_string(),
            Self::Panic => "it panicked".to_owned(),
        });
        text.unwrap_or_else(|_| "it failed, and formatting its error panicked".to_owned())
    }
}

impl IsolatedSink {
    pub(crate) fn new(sink: Box<dyn Sink>, name: String, records: usize, run: Arc<Run>) -> Self {
        Self {
            sink: Some(sink),
            status: Arc::new(SinkStatus::new(name, records)),
            run,
            is_required: false,
            gathering: Gathering::default(),
        }
    }

    /// Sets whether exchanges may wait for it.
    pub(crate) fn required(mut self, required: bool) -> Self {
        self.is_required = required;
        self
    }

    pub(crate) fn status(&self) -> &Arc<SinkStatus> {
        &self.status
    }

    /// Writes the pending gap, then the entries. Entries that fail are lost to this sink, and its next gap record
    /// names them. Returns how many are lost.
    pub(crate) fn write(&self, entries: &[Entry], numbers: &[u64]) -> usize {
        let Err(failure) = self.try_write(entries) else {
            self.status.counters.written(numbers.len());
            return 0;
        };
        let reason = failure.reason();
        let lost = self.status.lose(reason, failure.lost(numbers));
        self.status.counters.written(numbers.len() - lost);
        self.report("write", failure, "going on with the next batch");
        lost
    }

    /// Writes the pending gap, then the entries. Counts nothing.
    pub(super) fn try_write(&self, entries: &[Entry]) -> Result<(), Failure> {
        self.offer_gap()?;
        self.call(|sink| sink.write(entries))
    }

    /// Writes the pending gap, if any, and flushes the sink.
    pub(crate) fn retry_gap(&self) {
        match self.offer_gap() {
            Ok(true) => {
                // `flush` counts and reports failures itself.
                let _ = self.flush();
            }
            Ok(false) => {}
            Err(failure) => {
                self.report("write", failure, "trying again");
            }
        }
    }

    /// Writes the pending gap to the sink, as several records if it is too long for one. Returns whether there was any.
    /// What the sink refuses stays pending, and merges with later losses.
    fn offer_gap(&self) -> Result<bool, Failure> {
        let mut offered = false;
        while self.status.has_pending_gap() {
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
            offered = true;
        }
        Ok(offered)
    }

    pub(crate) fn flush(&self) -> Result<(), String> {
        self.try_flush("flush", |sink| sink.flush())
    }

    pub(crate) fn sync(&self) -> Result<(), String> {
        self.try_flush("sync", |sink| sink.sync())
    }

    /// Writes the pending gap, flushes and syncs the sink, and returns the result for a flush request.
    pub(crate) fn answer(&self) -> Answer {
        let gap_written = self
            .offer_gap()
            .map(|_| ())
            .map_err(|failure| self.report("write", failure, "trying again"));
        let flushed = self.flush();
        let synced = self.sync();
        let left = UnflushedSink {
            error: gap_written.and(flushed).and(synced).err(),
            ..self.status.unflushed()
        };
        if left.error.is_none() && left.unreported.is_empty() {
            return Ok(());
        }
        Err(left)
    }

    /// Flushes and syncs the sink for the last time, and reports losses that no gap record names.
    pub(crate) fn end(&self) {
        if let Err(left) = self.answer() {
            if !left.unreported.is_empty() {
                let (name, unreported) = (left.name, self.status.pending_numbers().count());
                warn(|| {
                    format!(
                        "{} lost to {name}, which no gap record names",
                        records(unreported)
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

    /// Reports a failure in the application's log, and returns its message.
    pub(super) fn report(&self, action: &str, failure: Failure, next: &str) -> String {
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
    /// Extends a failure to write a gap record to the entries after it: all of them are lost.
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
