//! Where records go.

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

/// Somewhere records go: a file, a table, a channel.
///
/// A sink gets redacted records, never anything else. An exchange becomes a record once, for all
/// sinks.
///
/// # Where it runs
///
/// | given to | runs | the record is made | what that costs |
/// |---|---|---|---|
/// | `sink` | behind a queue, on a thread of its own | on the writer thread | workers hand over what they have captured, and wait for nothing; when the queue is full, records are lost and counted |
/// | `sink`, and its [placement](Self::placement) is the worker, as that of `Log` and `Memory` | as above if any sink is behind a queue, else as below | | |
/// | `inline_sink` | on the worker, when an exchange ends | on the worker, for the sinks behind queues, too | the time of redaction and of the sink, in which the worker's other connections wait; a queue counts the record's bytes in place of what was captured |
///
/// A closure `Fn(&Record)` is a sink, which sees [whole records](crate::Record::is_whole) only; and
/// so are `Box<dyn Sink>`, `Arc<S>` and `Option<S>`:
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
/// 1. [`write`](Self::write), with the entries that have gathered, in the order of their numbers. What
///    was lost to the sink before is named first, by a call with nothing but an [`Entry::Gap`].
/// 2. [`flush`](Self::flush), when no further batch is ready.
/// 3. [`flush`](Self::flush) and [`sync`](Self::sync), at any time, for whoever waits for that: a
///    guard, a shutdown or a `sync` of the logger.
/// 4. When the logger is gone, what is queued is written; then come a last gap, `flush` and `sync`,
///    and the sink is dropped.
///
/// On the workers, calls come from several threads at once, and entries in any order. `flush` follows
/// every `write`, and step 4 happens on the thread that drops the last clone of the logger.
///
/// # When a call fails
///
/// Clients notice nothing, nor do other sinks, when a call returns an error or panics. A batch is not
/// offered again (see `Retry`): what of it is lost by the [error](SinkError), or all of it after a
/// panic, counts in [`Counters`], and is named by the next gap record before anything that follows.
/// A gap record that the sink refuses merges with what it loses next, and the batch after it is lost
/// too; it is offered again with the next batch, every second while there is none, at every flush and
/// at the end. So whatever a sink does, once it works again, the numbers that it took and those that
/// its gap records name are 1 to the last, without exception. A failed `flush` or `sync` is counted,
/// and loses nothing by itself: what it cost only the sink knows.
///
/// The feature `conformance` has checks for the tests of a sink.
pub trait Sink: Send + Sync + 'static {
    /// Writes a batch of entries.
    ///
    /// # Errors
    ///
    /// Returns an error if not all of them were written. All of the batch counts as lost, unless the
    /// error says that [a prefix was written](SinkError::after) or
    /// [which entries are lost](SinkError::losing).
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

    /// Returns where the sink runs if the application does not say. Asked once, when the logger is
    /// built. Defaults to [`Placement::Queue`].
    fn placement(&self) -> Placement {
        Placement::Queue
    }

    /// Returns how the sink wants its batches. Asked once, when the logger is built.
    fn batch_options(&self) -> BatchOptions {
        BatchOptions::default()
    }

    /// Returns whether the sink writes into the spans of requests, which then stay open until it
    /// has; such a span is in [`Record::extensions`](crate::Record::extensions). Asked once, when the logger is built. Defaults to `false`.
    fn needs_span(&self) -> bool {
        false
    }

    /// Returns the name of the sink, in log lines and [`SinkCounters`]. Defaults to the name of its
    /// type.
    fn name(&self) -> Cow<'_, str> {
        type_name::<Self>().into()
    }
}

/// The name of a type without the modules it is in, and without its parameters.
fn type_name<T: ?Sized>() -> &'static str {
    let name = std::any::type_name::<T>();
    let name = name.split('<').next().unwrap_or(name);
    let short = name.rsplit("::").next().unwrap_or(name);
    if short.starts_with('{') {
        // Of a closure: the function that it stands in.
        return name;
    }
    short
}
