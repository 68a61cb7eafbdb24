//! Does a sink of one's own do what a sink must? For its tests.
//!
//! [`run`] puts a sink through the same checks that the sinks of the middleware pass. A test of a sink
//! that can be read back says how:
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
//! That the sink takes
//!
//! - batches of no, one, many and ten thousand entries: all of them, in their order, each once;
//! - exchanges, starts and gaps;
//! - bodies of every kind, with a text of 4 MiB, and nothing where there may be nothing;
//! - control characters, line breaks and characters from all over Unicode, and the largest numbers
//!   and times;
//! - batches from several threads at once;
//!
//! and that it
//!
//! - flushes and syncs when there is nothing to, twice, and in between;
//! - can be read back when it was flushed, and when it was dropped;
//! - goes on after an entry that it could not take;
//! - accounts for the numbers of a batch of which it lost a part: each is taken, or said to be lost by
//!   [`SinkError::after`](crate::SinkError::after), [`losing`](crate::SinkError::losing), or the whole
//!   batch is;
//! - fails in none of this, and never panics, also when it is dropped.
//!
//! What a sink does when its disk is full or its database is gone is for its own tests.

mod checks;
mod entries;
mod trial;

use std::fmt;

pub use self::trial::{Trial, Watched};
use crate::{record::Entry, sink::Sink};

/// A sink that is to be checked, and how to look at what it has taken.
///
/// Without a way to do so it is only checked that the sink takes what it must take without failing.
#[must_use = "it is checked by `conformance::run`"]
pub struct Subject {
    sink: Box<dyn Sink>,
    taken: Taken,
}

/// What the sink has taken, as far as it can be read back.
enum Taken {
    Unknown,
    Ids(Box<dyn Fn() -> Vec<String>>),
    Entries(Box<dyn Fn() -> Vec<Entry>>),
}

impl Subject {
    /// Takes a sink that has not been given anything. It needs room for some ten thousand entries.
    pub fn new(sink: impl Sink) -> Self {
        Self {
            sink: Box::new(sink),
            taken: Taken::Unknown,
        }
    }

    /// How to read back the ids of the exchanges that the sink has taken, in the order in which it
    /// has. Called after a flush, and again when the sink is gone.
    ///
    /// Defaults to not looking.
    pub fn reading_ids(mut self, read: impl Fn() -> Vec<String> + 'static) -> Self {
        self.taken = Taken::Ids(Box::new(read));
        self
    }

    /// How to read back all entries that the sink has taken, whole and of every kind, for a sink
    /// that keeps them so. Called as [`reading_ids`](Self::reading_ids) says, and instead of it.
    ///
    /// Defaults to not looking.
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

/// Runs all checks. Each gets a fresh sink from `subject`, which has not taken anything.
///
/// See [the module](self) for an example.
///
/// # Panics
///
/// With the name of the check and what was wrong, when the sink does not pass one.
pub fn run(mut subject: impl FnMut() -> Subject) {
    for (name, check) in checks::ALL {
        check(Trial::new(name, subject()));
    }
}

/// A check by its name.
type Check = (&'static str, fn(Trial));
