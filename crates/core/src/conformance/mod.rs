//! Checks for tests of sinks: whether a sink conforms to the [`Sink`] trait.
//!
//! [`run`] runs the same checks that the sinks of the middleware pass. If a test can read back what its sink has
//! written, it says how:
//!
//! ```
//! use std::sync::{Arc, Mutex};
//!
//! use body_logger_core::{conformance::{self, Subject}, Entry, Sink, SinkError};
//!
//! #[derive(Clone, Default)]
//! struct Ids(Arc<Mutex<Vec<String>>>);
//!
//! impl Sink for Ids {
//!     fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
//!         let mut ids = self.0.lock().map_err(|error| SinkError::new(error.to_string()))?;
//!         for entry in entries {
//!             match entry {
//!                 Entry::Record(record) if record.is_whole() => ids.push(record.id.to_string()),
//!                 _ => {}
//!             }
//!         }
//!         Ok(())
//!     }
//! }
//!
//! # fn a_test() {
//! // in a test:
//! conformance::run(|| {
//!     let sink = Ids::default();
//!     let ids = Arc::clone(&sink.0);
//!     Subject::new(sink).reading_ids(move || ids.lock().expect("a lock").clone())
//! });
//! # }
//! # a_test();
//! ```
//!
//! # What is checked
//!
//! That the sink accepts
//!
//! - batches of no, one, many and ten thousand entries: all of them, in order, each once;
//! - exchanges, starts and gaps;
//! - bodies of every kind, with a text of 4 MiB, and records with every optional value missing;
//! - control characters, line breaks and characters from all over Unicode, and the largest numbers
//!   and times;
//! - batches from several threads at once;
//!
//! and that it
//!
//! - flushes and syncs when nothing was written, twice in a row, and between batches;
//! - can be read back when it was flushed, and when it was dropped;
//! - continues after an entry that it could not write;
//! - accounts for every entry of a batch that it wrote in part: each is written, or reported as lost by
//!   [`SinkError::after`](crate::SinkError::after), [`losing`](crate::SinkError::losing), or an error for the whole
//!   batch;
//! - never fails otherwise, and never panics, not even when it is dropped.
//!
//! Failures such as a full disk or a lost database connection are for the sink's own tests.

mod checks;
mod entries;
mod trial;

use std::fmt;

pub use self::trial::{Trial, Watched};
use crate::{record::Entry, sink::Sink};

/// A sink to check, and how to read back what it has written.
///
/// Without a way to read back, only panics and errors are detected.
#[must_use = "it is checked by `conformance::run`"]
pub struct Subject {
    sink: Box<dyn Sink>,
    taken: Taken,
}

/// How to read back what the sink has written.
enum Taken {
    Unknown,
    Ids(Box<dyn Fn() -> Vec<String>>),
    Entries(Box<dyn Fn() -> Vec<Entry>>),
}

impl Subject {
    /// Wraps an empty sink. It must have capacity for some ten thousand entries.
    pub fn new(sink: impl Sink) -> Self {
        Self {
            sink: Box::new(sink),
            taken: Taken::Unknown,
        }
    }

    /// Sets how to read back the ids of the exchanges that the sink has written, in order. Called after a flush, and
    /// again after the sink is dropped.
    ///
    /// Defaults to not reading back.
    pub fn reading_ids(mut self, read: impl Fn() -> Vec<String> + 'static) -> Self {
        self.taken = Taken::Ids(Box::new(read));
        self
    }

    /// Sets how to read back all entries that the sink has written, of every kind. Called like
    /// [`reading_ids`](Self::reading_ids), and instead of it.
    ///
    /// Defaults to not reading back.
    pub fn reading_entries(mut self, read: impl Fn() -> Vec<Entry> + 'static) -> Self {
        self.taken = Taken::Entries(Box::new(read));
        self
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let taken = match self.taken {
            Taken::Unknown => "unknown",
            Taken::Ids(_) => "ids",
            Taken::Entries(_) => "entries",
        };
        f.debug_struct("Subject")
            .field("taken", &taken)
            .finish_non_exhaustive()
    }
}

/// Runs all checks, each with a new, empty sink from `subject`.
///
/// See [the module](self) for an example.
///
/// # Panics
///
/// Panics if the sink fails a check, with the check's name and the reason.
pub fn run(mut subject: impl FnMut() -> Subject) {
    for (name, check) in checks::ALL {
        check(Trial::new(name, subject()));
    }
}

/// A check with its name.
type Check = (&'static str, fn(Trial));
