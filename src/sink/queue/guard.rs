//! Waiting until all records are written.

use std::{
    fmt, panic,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{super::LOG_TARGET, Queue, Shared, State};

/// How long a [`FlushGuard`] waits at most: 5 seconds.
pub const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// How many services may still send, so that a guard knows when nothing more will come.
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

    /// False if there are some left after so long.
    fn wait_until_gone(&self, timeout: Duration) -> bool {
        let (count, _) = self
            .0
             .1
            .wait_timeout_while(self.count(), timeout, |count| *count > 0)
            .unwrap_or_else(PoisonError::into_inner);
        *count == 0
    }
}

/// Held by whatever may still send.
pub(crate) struct Producer(Producers);

impl Drop for Producer {
    fn drop(&mut self) {
        *self.0.count() -= 1;
        self.0 .0 .1.notify_all();
    }
}

impl fmt::Debug for Producer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Producer").finish_non_exhaustive()
    }
}

/// Keeps a process from ending before its records are written.
///
/// Bind it to a variable of `main` that outlives the server. When it is dropped it waits until every
/// worker has let go of the logger, so that no exchange can end any more, and until all records are
/// written and flushed; but no longer than [`FLUSH_TIMEOUT`]. It does so after a forced stop of the
/// server, too.
///
/// A worker counts from when it has built its services: a guard that is dropped while a server is still
/// starting does not wait for it.
///
/// ```no_run
/// use actix_web::{App, HttpServer};
/// use actix_web_body_logger::{sink::JsonLines, BodyLogger};
///
/// #[actix_web::main]
/// async fn main() -> std::io::Result<()> {
///     let logger = BodyLogger::builder().sink(JsonLines::open("audit.jsonl")?).build();
///     let _flush_at_the_end = logger.flush_guard();
///     HttpServer::new(move || App::new().wrap(logger.clone()))
///         .bind(("127.0.0.1", 8080))?
///         .run()
///         .await
/// }
/// ```
#[must_use = "records are flushed when the guard is dropped: bind it to a variable of `main`"]
pub struct FlushGuard(pub(crate) Unfinished);

/// What may still produce records, and where they wait.
pub(crate) struct Unfinished {
    producers: Producers,
    queue: Option<Arc<Shared>>,
}

impl Unfinished {
    pub(crate) fn new(producers: &Producers, queue: Option<&Queue>) -> Self {
        Self {
            producers: producers.clone(),
            queue: queue.map(|queue| Arc::clone(&queue.shared)),
        }
    }

    /// Waits as long as that takes, but not past `timeout`.
    pub(crate) fn wait(&self, timeout: Duration) -> Result<(), Unflushed> {
        let deadline = Instant::now() + timeout;
        if let Some(shared) = &self.queue {
            shared.lock().flushing += 1;
            shared.work.notify_one();
        }
        let workers_left = !self.producers.wait_until_gone(timeout);
        let records = self.queue.as_ref().map_or(0, |shared| {
            let left = deadline.saturating_duration_since(Instant::now());
            let unwritten = |state: &mut State| state.records > 0 || state.missing.is_some();
            let (mut state, _) = shared
                .progress
                .wait_timeout_while(shared.lock(), left, unwritten)
                .unwrap_or_else(PoisonError::into_inner);
            state.flushing -= 1;
            state.records
        });
        if workers_left || records > 0 {
            return Err(Unflushed {
                records,
                workers_left,
            });
        }
        Ok(())
    }
}

/// Not all records were written in the time there was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unflushed {
    /// How many wait to be written.
    pub records: usize,
    /// Whether there are workers that may add more.
    pub workers_left: bool,
}

impl fmt::Display for Unflushed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            records,
            workers_left,
        } = self;
        let workers = if *workers_left {
            "may add more"
        } else {
            "are gone"
        };
        write!(
            f,
            "{records} records are not written, and workers {workers}"
        )
    }
}

impl std::error::Error for Unflushed {}

impl Drop for FlushGuard {
    fn drop(&mut self) {
        if let Err(unflushed) = self.0.wait(FLUSH_TIMEOUT) {
            // No lock is held, and a logger that panics stays in here.
            let _ = panic::catch_unwind(|| {
                log::warn!(target: LOG_TARGET, "body logger: gave up waiting: {unflushed}");
            });
        }
    }
}

impl fmt::Debug for FlushGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlushGuard").finish_non_exhaustive()
    }
}
