//! Where records go.

mod counters;
mod gap;
mod json_lines;
mod level;
mod log;
mod memory;
mod queue;
#[cfg(feature = "tracing")]
mod tracing;

use std::{
    error::Error,
    fmt, io,
    panic::{self, AssertUnwindSafe},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

#[cfg(feature = "internals")]
pub(crate) use self::json_lines::line_of;
#[cfg(feature = "tracing")]
#[cfg_attr(docsrs, doc(cfg(feature = "tracing")))]
pub use self::tracing::{Tracing, TRACING_TARGET};
pub use self::{
    counters::Counters,
    json_lines::{
        Compression, FileCounters, Fsync, JsonLines, JsonLinesFile, JsonLinesFileBuilder,
    },
    log::{Log, LOG_TARGET},
    memory::Memory,
    queue::{FlushGuard, Unflushed, WhenFull, DEFAULT_QUEUE_RECORDS, FLUSH_TIMEOUT},
};
pub(crate) use self::{
    counters::Loss,
    queue::{Item, Limits, Place, Places, Producer, Producers, Queue, Unfinished},
};
use self::{
    gap::{Lost, Missing},
    internal::Internal,
};
use crate::{
    record::{Entry, Record},
    redact::Redaction,
};

/// Somewhere records go: a file, a table, a channel.
///
/// A sink gets what has been redacted, never anything else. It runs
/// [behind a queue](crate::BodyLoggerBuilder::sink) on a thread of its own, unless the application
/// [asks for the worker](crate::BodyLoggerBuilder::inline_sink). When it fails or panics, its batch
/// is lost to it, counted in [`Counters`], and reported through the `log` crate now and then;
/// clients notice nothing.
///
/// A closure `Fn(&Record)` is a sink, for [whole records](Record::is_whole) only:
///
/// ```
/// use actix_web_body_logger::{BodyLogger, Record};
///
/// let logger = BodyLogger::builder()
///     .sink(|record: &Record| {
///         let _ = (&record.id, record.outcome);
///     })
///     .build();
/// # drop(logger);
/// ```
///
/// The feature `conformance` has checks for the tests of a sink.
pub trait Sink: Send + Sync + 'static {
    /// Takes a batch of entries, in the order in which they came to be.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from taking all of them. The batch is not offered again; all of it counts
    /// as lost, unless the error says [how many entries are](SinkError::losing).
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError>;

    /// Hands what it holds back to the operating system. Called after the last batch that was
    /// ready; on the worker that is each. Does nothing by default.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from doing so.
    fn flush(&self) -> Result<(), SinkError> {
        Ok(())
    }

    /// Sees to it that what it was given survives a loss of power. Does nothing by default.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from doing so.
    fn sync(&self) -> Result<(), SinkError> {
        Ok(())
    }

    /// Whether it is cheap enough to run on the worker without being asked to.
    #[doc(hidden)]
    fn is_inline(&self, _: Internal) -> bool {
        false
    }

    /// Whether it writes into the spans of requests, which do not end before it has.
    #[doc(hidden)]
    fn wants_spans(&self, _: Internal) -> bool {
        false
    }
}

mod internal {
    /// What only this crate can name: only its own sinks can say how they run.
    #[derive(Debug)]
    #[allow(
        unreachable_pub,
        reason = "it stands in the signature of a public trait's method"
    )]
    pub struct Internal(pub(super) ());
}

impl<F: Fn(&Record) + Send + Sync + 'static> Sink for F {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        for entry in entries {
            match entry {
                Entry::Record(record) if record.is_whole() => self(record),
                Entry::Record(_) | Entry::Gap(_) | Entry::Maintenance(_) => {}
            }
        }
        Ok(())
    }
}

/// Why a sink could not do its work.
///
/// ```
/// use actix_web_body_logger::SinkError;
///
/// let error = SinkError::new("the table is locked");
/// assert_eq!(error.to_string(), "the table is locked");
/// ```
#[derive(Debug)]
pub struct SinkError {
    cause: Box<dyn Error + Send + Sync>,
    /// How many entries of the batch it cost; all of them where that is not known.
    lost: Option<usize>,
}

impl SinkError {
    /// Wraps any error, or a text. It stands for the loss of a whole batch.
    #[must_use]
    pub fn new(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            cause: error.into(),
            lost: None,
        }
    }

    /// Says that only so many entries of the batch are lost. Defaults to all of them.
    ///
    /// ```
    /// use actix_web_body_logger::SinkError;
    ///
    /// let error = SinkError::new("the third of four rows was refused").losing(1);
    /// # drop(error);
    /// ```
    #[must_use]
    pub fn losing(mut self, entries: usize) -> Self {
        self.lost = Some(entries);
        self
    }

    /// How many entries of a batch of `entries` are lost.
    fn lost_of(&self, entries: usize) -> usize {
        self.lost.map_or(entries, |lost| lost.min(entries))
    }
}

impl fmt::Display for SinkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.cause.fmt(f)
    }
}

impl Error for SinkError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.source()
    }
}

impl From<io::Error> for SinkError {
    fn from(error: io::Error) -> Self {
        Self::new(error)
    }
}

impl From<serde_json::Error> for SinkError {
    fn from(error: serde_json::Error) -> Self {
        Self::new(error)
    }
}

/// Several sinks that are written to together; whatever they do stays in here.
pub(crate) struct Sinks {
    sinks: Vec<Guarded>,
    loss: Arc<Loss>,
}

/// A sink, and what it has lost and not been told of.
struct Guarded {
    sink: Box<dyn Sink>,
    missing: Mutex<Missing>,
}

impl Sinks {
    pub(crate) fn new(sinks: Vec<Box<dyn Sink>>, loss: Arc<Loss>) -> Self {
        let guarded = |sink| Guarded {
            sink,
            missing: Mutex::default(),
        };
        Self {
            sinks: sinks.into_iter().map(guarded).collect(),
            loss,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sinks.is_empty()
    }

    pub(crate) fn want_spans(&self) -> bool {
        let mut sinks = self.sinks.iter();
        sinks.any(|guarded| guarded.sink.wants_spans(Internal(())))
    }

    /// Gives the entry to write for an item to `take`. It is large, and would be moved more often if it were returned.
    pub(crate) fn entry(&self, item: &Item, redaction: &Redaction, take: impl FnOnce(Entry)) {
        let made = AssertUnwindSafe(|| take(item.entry(redaction)));
        if panic::catch_unwind(made).is_err() {
            let cause = "making a record panicked";
            self.loss.lost(Lost::SinkPanic, 1, cause);
        }
    }

    /// Writes a batch to all sinks. It is lost to those that fail. How many entries all have taken,
    /// gaps aside.
    pub(crate) fn write(&self, entries: &[Entry]) -> usize {
        let is_gap = |entry: &&Entry| matches!(entry, Entry::Gap(_));
        let count = entries.len() - entries.iter().filter(is_gap).count();
        let mut most_lost = 0;
        for sink in &self.sinks {
            most_lost = most_lost.max(sink.write(entries, count, &self.loss));
        }
        count - most_lost
    }

    pub(crate) fn flush(&self) {
        self.each(Sink::flush);
    }

    pub(crate) fn sync(&self) {
        self.each(Sink::sync);
    }

    fn each(&self, work: fn(&dyn Sink) -> Result<(), SinkError>) {
        for Guarded { sink, .. } in &self.sinks {
            match panic::catch_unwind(AssertUnwindSafe(|| work(&**sink))) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => self.loss.flush_failed(&error),
                Err(_) => self.loss.flush_failed(&"it panicked"),
            }
        }
    }
}

impl Guarded {
    /// Tells the sink first what it has missed. How many of `count` entries are lost to it.
    fn write(&self, entries: &[Entry], count: usize, loss: &Loss) -> usize {
        let gap = self.missing().take(loss.run()).map(Entry::Gap);
        let told = gap
            .as_ref()
            .map_or(Ok(()), |gap| self.try_write(std::slice::from_ref(gap)));
        let (missed, (lost, cause)) = match told {
            Err(failed) => {
                if let Some(Entry::Gap(gap)) = &gap {
                    self.missing().put_back(gap);
                }
                (count, failed)
            }
            Ok(()) => match self.try_write(entries) {
                Ok(()) => return 0,
                Err((lost, Some(error))) => (error.lost_of(count), (lost, Some(error))),
                Err(panicked) => (count, panicked),
            },
        };
        if missed > 0 {
            self.missing().add(lost, missed);
        }
        match cause {
            Some(error) => loss.lost(lost, missed, format_args!("a sink failed: {error}")),
            None => loss.lost(lost, missed, "a sink panicked"),
        }
        missed
    }

    fn try_write(&self, entries: &[Entry]) -> Result<(), (Lost, Option<SinkError>)> {
        match panic::catch_unwind(AssertUnwindSafe(|| self.sink.write(entries))) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err((Lost::SinkError, Some(error))),
            Err(_) => Err((Lost::SinkPanic, None)),
        }
    }

    fn missing(&self) -> MutexGuard<'_, Missing> {
        // Nothing panics while it is held.
        self.missing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Sinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Sinks").field(&self.sinks.len()).finish()
    }
}

/// Whether a sink wants to run on the worker.
pub(crate) fn is_inline(sink: &dyn Sink) -> bool {
    sink.is_inline(Internal(()))
}
