//! The `Retry` sink, which retries failed batches.

use std::{
    borrow::Cow,
    collections::hash_map::RandomState,
    fmt,
    hash::{BuildHasher, Hasher},
    thread,
    time::Duration,
};

use body_logger_core::record::Entry;

use super::{BatchOptions, Placement, Sink, SinkError};

/// Retries failed batches of a sink with growing pauses: for services that are briefly unavailable.
///
/// Only the entries that an error [reports as lost](SinkError::lost) are retried; by default those are all of the
/// batch, so that some may be written twice. Between attempts the sink's thread sleeps. The maximum pause doubles each
/// time, and the pause is random between half of it and all of it, so that many processes do not retry at once.
/// Meanwhile the sink's queue fills, and a flush, including that at the end of the process, waits as long.
///
/// Do not use it for [inline sinks](crate::BodyLoggerBuilder::inline_sink): the worker would sleep.
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

    /// Maximum number of attempts for a batch, including the first; at least one.
    ///
    /// Defaults to 3.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    /// Maximum pause after the first attempt, and after any attempt. All pauses of a batch together take at most
    /// `longest` times the number of attempts.
    ///
    /// Defaults to 100 ms and one second.
    pub fn backoff(mut self, first: Duration, longest: Duration) -> Self {
        (self.first, self.longest) = (first, longest);
        self
    }

    /// Returns the pause after an attempt, counted from one.
    fn pause(&self, attempt: u32) -> Duration {
        let doubled = 2_u32.saturating_pow(attempt - 1);
        let pause = self.first.saturating_mul(doubled).min(self.longest);
        let random = RandomState::new().build_hasher().finish();
        // Between one half and one.
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

    fn needs_headers(&self) -> bool {
        self.sink.needs_headers()
    }

    fn is_durable(&self) -> bool {
        self.sink.is_durable()
    }

    fn added_line_bytes(&self) -> usize {
        self.sink.added_line_bytes()
    }

    fn name(&self) -> Cow<'_, str> {
        self.sink.name()
    }
}

impl<S: Sink> Retry<S> {
    /// Writes the entries at these indices, adjacent ones as one batch. Stops at the first failure, and returns the
    /// indices of the entries that are lost.
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

    /// Writes the given number of entries of each batch, and reports the others as lost.
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
    fn retries_lost_entries_only() {
        let (retry, kept, pauses) = retry(&[2, 1]);
        let entries = entries(5);
        retry.write(&entries).expect("the third attempt works");
        assert_eq!(kept.entries(), entries);
        assert_eq!(pauses.lock().expect("a lock").len(), 2);
    }

    #[test]
    fn gives_up_and_reports_the_lost_entries() {
        let (retry, kept, pauses) = retry(&[1, 1, 0, 5]);
        let entries = entries(5);
        let error = retry
            .write(&entries)
            .expect_err("three attempts are not enough");
        assert_eq!(error.lost(5).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(error.to_string(), "partly");
        assert_eq!(kept.entries(), entries[..2]);
        assert_eq!(pauses.lock().expect("a lock").len(), 2);
    }

    #[test]
    fn retries_entries_that_are_not_adjacent() {
        let (retry, kept, _) = retry(&[]);
        let entries = entries(6);
        retry.write_runs(&entries, &[0, 1, 3, 5]).expect("it works");
        let expected: Vec<_> = [0, 1, 3, 5].map(|at: usize| entries[at].clone()).into();
        assert_eq!(kept.entries(), expected);
    }

    #[test]
    fn pauses_grow_up_to_the_maximum() {
        let (retry, ..) = retry(&[]);
        let retry = retry.backoff(Duration::from_millis(100), Duration::from_millis(300));
        for (attempt, most) in [(1, 100), (2, 200), (3, 300), (4, 300), (u32::MAX, 300)] {
            let pause = retry.pause(attempt);
            let most = Duration::from_millis(most);
            assert!(most / 2 <= pause && pause <= most, "{attempt}: {pause:?}");
        }
    }
}
