//! The sink trait, and its options, errors and counters.

mod counters;
mod error;
mod options;
mod provided;

use std::borrow::Cow;

pub use self::{
    counters::{Counters, SinkCounters},
    error::SinkError,
    options::{BatchOptions, Placement},
};
use crate::record::Entry;

/// A destination of records: a file, a table, a channel.
///
/// A sink gets redacted records only. Each exchange is rendered once, for all sinks.
///
/// # Where it runs
///
/// | added by | runs | the record is rendered | cost |
/// |---|---|---|---|
/// | `sink` | behind a queue, on a thread of its own | on the writer thread | workers queue what they have captured, and do not wait; when the queue is full, records are dropped and counted |
/// | `sink`, if its [placement](Self::placement) is the worker, as for `Log` and `Memory` | as above if any sink is behind a queue, else as below | | |
/// | `inline_sink` | on the worker, when an exchange ends | on the worker, also for the sinks behind queues | the time of redaction and of the sink, for which the worker's other connections wait; queues count the bytes of the rendered record instead of the captured exchange |
///
/// Closures `Fn(&Record)` are sinks, which see [whole records](crate::Record::is_whole) only, and so are
/// `Box<dyn Sink>`, `Arc<S>` and `Option<S>`:
///
/// ```
/// use body_logger_core::{Entry, Record, Sink, SinkError};
///
/// let sink = |record: &Record| println!("{}: {:?}", record.id, record.outcome);
/// sink.write(&[Entry::Record(Record::example())])?;
/// # Ok::<(), SinkError>(())
/// ```
///
/// # The sequence of calls
///
/// Behind a queue, all calls come from one thread, one after the other:
///
/// 1. [`write`](Self::write), with the queued entries in the order of their numbers. If the sink has lost entries
///    before them, a call with only an [`Entry::Gap`] comes first.
/// 2. [`flush`](Self::flush), when no further batch is ready.
/// 3. [`flush`](Self::flush) and [`sync`](Self::sync), at any time, when a guard, a shutdown or a `sync` of the logger
///    waits for them.
/// 4. When the logger is dropped, the queued entries are written; then follow a last gap, `flush` and `sync`, and the
///    sink is dropped.
///
/// On the workers, several threads call at once, and entries come in any order. `flush` follows every `write`, and step
/// 4 happens on the thread that drops the last clone of the logger.
///
/// # When a call fails
///
/// If a call returns an error or panics, neither clients nor other sinks notice. A batch is not retried (see `Retry`).
/// The entries of it that are lost, by the [error](SinkError) or all of them after a panic, are counted in
/// [`Counters`], and named by the next gap record before any later entry. If the sink refuses a gap record, the batch
/// after it is lost too, and the gap merges with later losses; it is offered again with the next batch, every second
/// while there is none, at every flush and at the end. So whatever a sink does, once it works again, the numbers that
/// it has written and those that its gap records name are together all numbers from 1 to the last. A failed `flush` or
/// `sync` is counted, and loses nothing by itself: only the sink knows what it cost.
///
/// The feature `conformance` provides checks for the tests of a sink.
pub trait Sink: Send + Sync + 'static {
    /// Writes a batch of entries.
    ///
    /// # Errors
    ///
    /// Returns an error if not all of them were written. The whole batch counts as lost, unless the error declares that
    /// [a prefix was written](SinkError::after) or [which entries are lost](SinkError::losing).
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError>;

    /// Hands buffered entries to the operating system. The default implementation does nothing.
    ///
    /// # Errors
    ///
    /// Returns an error if buffered entries could not be handed over.
    fn flush(&self) -> Result<(), SinkError> {
        Ok(())
    }

    /// Makes everything written so far durable (`fsync`). The default implementation does nothing.
    ///
    /// # Errors
    ///
    /// Returns an error if it may not be durable.
    fn sync(&self) -> Result<(), SinkError> {
        Ok(())
    }

    /// Returns where the sink runs unless the application chooses. Called once, when the logger is built. Defaults to
    /// [`Placement::Queue`].
    fn placement(&self) -> Placement {
        Placement::Queue
    }

    /// Returns the preferred size of batches. Called once, when the logger is built.
    fn batch_options(&self) -> BatchOptions {
        BatchOptions::default()
    }

    /// Returns whether the sink writes into the spans of requests, which then stay open until it has. A record's span
    /// is in its [extensions](crate::Record::extensions). Called once, when the logger is built. Defaults to `false`.
    fn needs_span(&self) -> bool {
        false
    }

    /// Returns whether the sink reads the headers of records. If no sink of a logger does, and the application has no
    /// redaction of its own, records have no headers, which saves the time to redact them, and [`Counters`] do not count what
    /// would be masked there. Called once, when the logger is built. Defaults to `true`.
    fn needs_headers(&self) -> bool {
        true
    }

    /// Returns whether entries survive a crash and a loss of power once [`write`](Self::write) and
    /// [`sync`](Self::sync) have returned `Ok`. Only such sinks can be required to have a record before its request
    /// or response goes on. Called once, when the logger is configured. Defaults to `false`.
    ///
    /// A batch that fails is offered again entry by entry there, so an entry may be written twice; both have the same
    /// [`entry_id`](crate::Record::entry_id). An error of `sync` must mean that anything written since the last
    /// successful one may not be durable.
    fn is_durable(&self) -> bool {
        false
    }

    /// Returns how many bytes the sink adds to each line of JSON, as a log with proofs does. Records leave room for them
    /// within their maximum length, for all sinks of a logger. Called once, when the logger is built. Defaults to 0.
    fn added_line_bytes(&self) -> usize {
        0
    }

    /// Returns the name of the sink in log lines and [`SinkCounters`]. Defaults to the name of its type.
    fn name(&self) -> Cow<'_, str> {
        type_name::<Self>().into()
    }
}

/// Returns the name of a type without its path and its parameters.
fn type_name<T: ?Sized>() -> &'static str {
    let name = std::any::type_name::<T>();
    let name = name.split('<').next().unwrap_or(name);
    let short = name.rsplit("::").next().unwrap_or(name);
    if short.starts_with('{') {
        // A closure: its path names the enclosing function.
        return name;
    }
    short
}
