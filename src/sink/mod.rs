//! Where records go.

mod counters;
mod json_lines;
mod log;
mod memory;
mod queue;

use std::{
    error::Error,
    fmt, io,
    panic::{self, AssertUnwindSafe},
    sync::Arc,
};

use self::internal::Internal;
pub use self::{
    counters::Counters,
    json_lines::{
        Compression, FileCounters, Fsync, JsonLines, JsonLinesFile, JsonLinesFileBuilder,
    },
    log::{Log, LOG_TARGET},
    memory::Memory,
    queue::{FlushGuard, DEFAULT_QUEUE_BYTES, DEFAULT_QUEUE_RECORDS, FLUSH_TIMEOUT},
};
pub(crate) use self::{
    counters::Loss,
    queue::{Item, Limits, Producer, Producers, Queue},
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
/// A closure `Fn(&Record)` is a sink:
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
}

mod internal {
    /// What only this crate can name: only its own sinks can say that they run on the worker.
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
            if let Entry::Exchange(record) = entry {
                self(record);
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
    sinks: Vec<Box<dyn Sink>>,
    loss: Arc<Loss>,
}

impl Sinks {
    pub(crate) fn new(sinks: Vec<Box<dyn Sink>>, loss: Arc<Loss>) -> Self {
        Self { sinks, loss }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sinks.is_empty()
    }

    /// The entry to write for an item.
    pub(crate) fn entry(&self, item: &Item, redaction: &Redaction) -> Option<Entry> {
        let entry = panic::catch_unwind(AssertUnwindSafe(|| item.entry(redaction)));
        if entry.is_err() {
            self.loss.sink_panicked(1);
        }
        entry.ok()
    }

    /// The entries are lost to a sink that fails.
    pub(crate) fn write(&self, entries: &[Entry]) {
        for sink in &self.sinks {
            match panic::catch_unwind(AssertUnwindSafe(|| sink.write(entries))) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => self.loss.sink_failed(error.lost_of(entries.len()), &error),
                Err(_) => self.loss.sink_panicked(entries.len()),
            }
        }
    }

    pub(crate) fn flush(&self) {
        for sink in &self.sinks {
            match panic::catch_unwind(AssertUnwindSafe(|| sink.flush())) {
                Ok(Ok(())) => {}
                Ok(Err(error)) => self.loss.flush_failed(&error),
                Err(_) => self.loss.flush_failed(&"it panicked"),
            }
        }
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
