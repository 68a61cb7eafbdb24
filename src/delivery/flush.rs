//! Flush requests: waiting until everything is written, flushed and synced.

use std::{
    fmt,
    ops::RangeInclusive,
    sync::{Arc, PoisonError},
    time::{Duration, Instant},
};

use body_logger_core::record::SeqRanges;

use super::sync::{Condvar, Mutex, MutexGuard};

/// A request to flush and sync all sinks, which a caller waits for. Each sink answers once.
#[derive(Debug)]
pub(crate) struct FlushRequest {
    answers: Mutex<Vec<Option<Answer>>>,
    changed: Condvar,
}

/// The result for one sink: `Err` with what is left unwritten or unsynced.
pub(crate) type Answer = Result<(), UnflushedSink>;

impl FlushRequest {
    pub(crate) fn to(sinks: usize) -> Arc<Self> {
        Arc::new(Self {
            answers: Mutex::new((0..sinks).map(|_| None).collect()),
            changed: Condvar::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Option<Answer>>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn answer(&self, sink: usize, answer: Answer) {
        if let Some(place) = self.lock().get_mut(sink) {
            *place = Some(answer);
        }
        self.changed.notify_all();
    }

    /// Waits for all answers until `deadline`; `None` stands for an answer that has not come.
    pub(crate) fn wait(&self, deadline: Deadline) -> Vec<Option<Answer>> {
        let is_open = |answers: &Vec<Option<Answer>>| answers.iter().any(Option::is_none);
        let mut answers = wait_until(&self.changed, self.lock(), deadline, is_open);
        std::mem::take(&mut *answers)
    }
}

/// When to stop waiting; `None` if that is beyond what `Instant` can represent.
pub(crate) type Deadline = Option<Instant>;

pub(crate) fn deadline(timeout: Duration) -> Deadline {
    Instant::now().checked_add(timeout)
}

/// Waits while a condition holds, but not past the deadline.
pub(super) fn wait_until<'a, T>(
    changed: &Condvar,
    guard: MutexGuard<'a, T>,
    deadline: Deadline,
    holds: impl Fn(&T) -> bool,
) -> MutexGuard<'a, T> {
    let Some(deadline) = deadline else {
        let guard = changed.wait_while(guard, |it| holds(it));
        return guard.unwrap_or_else(PoisonError::into_inner);
    };
    let left = deadline.saturating_duration_since(Instant::now());
    let waited = changed.wait_timeout_while(guard, left, |it| holds(it));
    waited.unwrap_or_else(PoisonError::into_inner).0
}

/// Counts the services that may still deliver entries, so that a guard knows when no more will come.
#[derive(Debug, Clone, Default)]
pub(crate) struct Producers(Arc<(Mutex<usize>, Condvar)>);

impl Producers {
    pub(crate) fn begin(&self) -> Producer {
        *self.count() += 1;
        Producer(self.clone())
    }

    fn count(&self) -> MutexGuard<'_, usize> {
        self.0 .0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn are_left(&self) -> bool {
        *self.count() > 0
    }

    /// Returns false if some are left at the deadline.
    pub(crate) fn wait_until_gone(&self, deadline: Deadline) -> bool {
        *wait_until(&self.0 .1, self.count(), deadline, |count| *count > 0) == 0
    }
}

/// Held by each service that may still deliver entries.
#[derive(Debug)]
pub(crate) struct Producer(Producers);

impl Drop for Producer {
    fn drop(&mut self) {
        *self.0.count() -= 1;
        self.0 .0 .1.notify_all();
    }
}

/// Error: not everything was written, flushed and synced within the time limit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unflushed {
    /// Entries still queued; with several sinks, for the one that is furthest behind.
    pub records: usize,
    /// Whether workers are left that may add more.
    pub workers_left: bool,
    /// Exchanges that have ended and wait for the files of their bodies, see
    /// [`BodyMode::spool_raw`](crate::policy::BodyMode::spool_raw).
    pub waiting_for_files: usize,
    /// The sinks that have something left.
    pub sinks: Vec<UnflushedSink>,
}

/// What one sink has left to write or sync, see [`Unflushed`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnflushedSink {
    /// The sink's name.
    pub name: String,
    /// Entries still queued for it.
    pub queued: usize,
    /// Sequence numbers of entries that it has lost and that no gap record in it names yet.
    pub unreported: Vec<RangeInclusive<u64>>,
    /// Why it could not be flushed or synced; `None` if it did not answer in time.
    pub error: Option<String>,
}

impl fmt::Display for Unflushed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let workers = if self.workers_left {
            "may add more"
        } else {
            "are gone"
        };
        let records = self.records;
        write!(
            f,
            "{records} records are not written, and workers {workers}"
        )?;
        if self.waiting_for_files > 0 {
            let waiting = self.waiting_for_files;
            write!(
                f,
                "; {waiting} exchanges wait for the files of their bodies"
            )?;
        }
        for sink in &self.sinks {
            write!(f, "; {}: {} queued", sink.name, sink.queued)?;
            if !sink.unreported.is_empty() {
                let unreported: SeqRanges = sink.unreported.iter().cloned().collect();
                let count = unreported.count();
                write!(f, ", {count} lost and not named by a gap record")?;
                if let Some((first, last)) = unreported.bounds() {
                    write!(f, " (numbers {first} to {last})")?;
                }
            }
            match &sink.error {
                Some(error) => write!(f, ", {error}")?,
                None => write!(f, ", no answer in time")?,
            }
        }
        Ok(())
    }
}

impl std::error::Error for Unflushed {}
