//! A sink that is offered again what it has refused.

use std::{
    borrow::Cow,
    collections::hash_map::RandomState,
    fmt,
    hash::{BuildHasher, Hasher},
    thread,
    time::Duration,
};

use super::{BatchOptions, Placement, Sink, SinkError};
use body_logger_core::record::Entry;

/// Offers a batch that a sink has refused again, some time later: for services that are away for a
/// moment.
///
/// Only the entries that an error [says are lost](SinkError::lost) are offered again; where it does
/// not say, that is all of them, and some may be written twice. Between attempts the sink's thread
/// sleeps, each time up to twice as long as the time before, by chance between half of that and all
/// of it, so that many processes do not come back at once. Meanwhile its queue fills; and a flush,
/// also that at the end of the process, waits for as long.
///
/// Not for [sinks on the worker](crate::BodyLoggerBuilder::inline_sink): the worker would sleep.
///
/// ```
/// use std::time::Duration;
///
/// use actix_web_body_logger::{sink::Retry, BodyLogger, Record};
///
/// # let to_a_service = |record: &Record| { let _ = record; };
/// let sink = Retry::new(to_a_service)
///     .attempts(5)
///     .backoff(Duration::from_millis(200), Duration::from_secs(2));
/// let logger = BodyLogger::builder().sink(sink).build();
/// # drop(logger);
/// ```
#[must_use]
pub struct Retry<S> {
    sink: S,
    attempts: u32,
    first: Duration,
    longest: Duration,
    sleep: Box<dyn Fn(Duration) + Send + Sync>,
}

impl<S: Sink> Retry<S> {
    /// Wraps a sink.
    pub fn new(sink: S) -> Self {
        Self {
            sink,
            attempts: 3,
            first: Duration::from_millis(100),
            longest: Duration::from_secs(1),
            sleep: Box::new(thread::sleep),
        }
    }

    /// How often a batch is offered, the first time included; at least once.
    ///
    /// Defaults to 3.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// The longest pause after the first attempt, and after any. All pauses of a batch together are
    /// bounded by `longest` times the number of attempts.
    ///
    /// Defaults to 100 ms and one second.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        (self.first, self.longest) = (first, longest);
        self
    }

    /// What lies between two attempts.
    fn pause(&self, attempt: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt - 1);
        let pause = self.first.saturating_mul(doubled).min(self.longest);
        let random = RandomState::new().build_hasher().finish();
        // From half of it to all of it.
        let part = 0.5 + (random >> 11) as f64 / (1_u64 << 54) as f64;
        pause.mul_f64(part)
    }
}

impl<S: Sink> Sink for Retry<S> {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let Err(mut error) = self.sink.write(entries) else {
            return Ok(());
        };
        let mut left: Vec<usize> = error.lost(entries.len()).collect();
        for attempt in 1..self.attempts {
            if left.is_empty() {
                break;
            }
            (self.sleep)(self.pause(attempt));
            match self.write_runs(entries, &left) {
                Ok(()) => return Ok(()),
                Err(again) => (left, error) = again,
            }
        }
        Err(error.losing(left))
    }

    fn flush(&self) -> Result<(), SinkError> {
        self.sink.flush()
    }

    fn sync(&self) -> Result<(), SinkError> {
        self.sink.sync()
    }

    fn placement(&self) -> Placement {
        self.sink.placement()
    }

    fn batch_options(&self) -> BatchOptions {
        self.sink.batch_options()
    }

    fn needs_span(&self) -> bool {
        self.sink.needs_span()
    }

    fn name(&self) -> Cow<'_, str> {
        self.sink.name()
    }
}

impl<S: Sink> Retry<S> {
    /// Writes the entries at these indices, in as few batches of neighbors as there are, until one
    /// fails: then it returns the indices of those that are lost.
    fn write_runs(
        &self,
        entries: &[Entry],
        indices: &[usize],
    ) -> Result<(), (Vec<usize>, SinkError)> {
        let mut rest = indices;
        while let Some(&first) = rest.first() {
            let neighbors = rest.iter().enumerate();
            let count = neighbors
                .take_while(|(nth, at)| first + nth == **at)
                .count();
            if let Err(error) = self.sink.write(&entries[first..first + count]) {
                let lost = error.lost(count).map(|at| first + at);
                let lost = lost.chain(rest[count..].iter().copied()).collect();
                return Err((lost, error));
            }
            rest = &rest[count..];
        }
        Ok(())
    }
}

impl<S: fmt::Debug> fmt::Debug for Retry<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Retry")
            .field("sink", &self.sink)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::sink::Memory;

    /// Takes as many entries of each batch as it is told, and says so.
    struct Partly {
        taken: Mutex<Vec<usize>>,
        kept: Memory,
    }

    impl Sink for Partly {
        fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
            let taken = self.taken.lock().expect("a lock").pop();
            let taken = taken.unwrap_or(entries.len()).min(entries.len());
            self.kept.write(&entries[..taken])?;
            if taken < entries.len() {
                return Err(SinkError::new("partly").after(taken));
            }
            Ok(())
        }
    }

    fn entries(count: usize) -> Vec<Entry> {
        let run = crate::delivery::tests::entries(count);
        assert_eq!(run.len(), count);
        run
    }

    fn retry(taken: &[usize]) -> (Retry<Partly>, Memory, Arc<Mutex<Vec<Duration>>>) {
        let kept = Memory::new(100);
        let pauses = Arc::new(Mutex::new(Vec::new()));
        let slept = Arc::clone(&pauses);
        let mut retry = Retry::new(Partly {
            taken: Mutex::new(taken.iter().rev().copied().collect()),
            kept: kept.clone(),
        });
        retry.sleep = Box::new(move |pause| slept.lock().expect("a lock").push(pause));
        (retry, kept, pauses)
    }

    #[test]
    fn offers_again_what_was_lost_and_nothing_else() {
        let (retry, kept, pauses) = retry(&[2, 1]);
        let entries = entries(5);
        retry.write(&entries).expect("the third attempt works");
        assert_eq!(kept.entries(), entries);
        assert_eq!(pauses.lock().expect("a lock").len(), 2);
    }

    #[test]
    fn gives_up_and_names_what_is_lost() {
        let (retry, kept, pauses) = retry(&[1, 1, 0, 5]);
        let entries = entries(5);
        let error = retry.write(&entries).expect_err("three attempts do not do");
        assert_eq!(error.lost(5).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(error.to_string(), "partly");
        assert_eq!(kept.entries(), entries[..2]);
        assert_eq!(pauses.lock().expect("a lock").len(), 2);
    }

    #[test]
    fn offers_again_entries_that_are_no_neighbors() {
        let (retry, kept, _) = retry(&[]);
        let entries = entries(6);
        retry.write_runs(&entries, &[0, 1, 3, 5]).expect("it works");
        let expected: Vec<_> = [0, 1, 3, 5].map(|at: usize| entries[at].clone()).into();
        assert_eq!(kept.entries(), expected);
    }

    #[test]
    fn pauses_grow_up_to_the_longest_and_never_exceed_it() {
        let (retry, ..) = retry(&[]);
        let retry = retry.backoff(Duration::from_millis(100), Duration::from_millis(300));
        for (attempt, most) in [(1, 100), (2, 200), (3, 300), (4, 300), (u32::MAX, 300)] {
            let pause = retry.pause(attempt);
            let most = Duration::from_millis(most);
            assert!(most / 2 <= pause && pause <= most, "{attempt}: {pause:?}");
        }
    }
}
