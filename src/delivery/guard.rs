//! The flush guard, which keeps a process from ending before its records are written.
//!
//! It waits for producers, not for loggers: after a forced stop of a server, workers drop their exchanges while the process
//! is already ending, so each service that may still deliver entries is counted. A clone of the logger that remains in `main`
//! does not delay it.

use std::{
    fmt,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use super::{
    counters::warn,
    flush::{deadline, Answer, Deadline, FlushRequest, Unflushed, UnflushedSink},
    inline::Inline,
    shared::Shared,
    status::SinkStatus,
    sync::{mpsc, thread},
};

/// Maximum time that a [`FlushGuard`] waits: 5 seconds.
pub const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// Keeps a process from ending before its records are written.
///
/// Bind it to a variable of `main` that outlives the server. Its `Drop` waits until every worker has dropped the
/// logger's middleware, so that no more exchanges can end, and until every sink has written, flushed and synced all
/// records; but no longer than [`FLUSH_TIMEOUT`]. This includes a forced stop of the server. It reports whatever is
/// left then in the application's log.
///
/// A worker counts once it has built its services: a guard dropped while a server is still starting does not wait for
/// it.
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
pub struct FlushGuard(pub(crate) FlushWaiter);

/// Access to the producers, queues and sinks that a flush waits for.
pub(crate) struct FlushWaiter {
    shared: Arc<Shared>,
    /// Weak, so that a guard keeps no sink alive.
    inline: Weak<Inline>,
}

impl FlushWaiter {
    pub(super) fn new(shared: Arc<Shared>, inline: &Arc<Inline>) -> Self {
        let inline = Arc::downgrade(inline);
        Self { shared, inline }
    }

    /// Waits until no producer is left and everything is written and synced, at most `timeout`.
    pub(crate) fn wait(&self, timeout: Duration) -> Result<(), Unflushed> {
        self.flush(timeout, true)
    }

    /// Waits until everything queued now is written and synced, at most `timeout`.
    pub(crate) fn sync_within(&self, timeout: Duration) -> Result<(), Unflushed> {
        self.flush(timeout, false)
    }

    fn flush(&self, timeout: Duration, is_last: bool) -> Result<(), Unflushed> {
        let end = deadline(timeout);
        // A tenth of the time is reserved for the sinks, in case some workers or files never end.
        let exchanges_end = deadline(timeout.saturating_sub(timeout / 10));
        let producers = &self.shared.producers;
        let workers_left = if is_last {
            !producers.wait_until_gone(exchanges_end)
        } else {
            producers.are_left()
        };
        let waiting_for_files = self.shared.waiting.wait(exchanges_end);
        let sinks = self.sync(end);
        if sinks.is_empty() && waiting_for_files == 0 && !(is_last && workers_left) {
            return Ok(());
        }
        Err(Unflushed {
            records: sinks.iter().map(|left| left.queued).max().unwrap_or(0),
            workers_left,
            waiting_for_files,
            sinks,
        })
    }

    /// Flushes and syncs all sinks, until the deadline. Returns those that have something left.
    fn sync(&self, deadline: Deadline) -> Vec<UnflushedSink> {
        let shared = &self.shared;
        let request = FlushRequest::to(shared.queued.len());
        match (&shared.queue, shared.lanes.as_slice()) {
            (None, _) => {}
            (Some(queue), []) => {
                for (index, status) in shared.queued.iter().enumerate() {
                    queue.ask(&request, index, status);
                }
            }
            (Some(queue), lanes) => {
                if !queue.request(&request) {
                    // The writer thread has ended, with everything in the lanes.
                    for (index, (lane, status)) in lanes.iter().zip(&shared.queued).enumerate() {
                        lane.ask(&request, index, status);
                    }
                }
            }
        }
        let inline = self.sync_inline(deadline);
        let answers = request.wait(deadline).into_iter().chain(inline);
        let sinks = shared.queued.iter().chain(&shared.inline);
        let left = |(index, (status, answer)): (usize, (&Arc<SinkStatus>, Option<Answer>))| {
            let answer = answer.unwrap_or_else(|| Err(status.unflushed()));
            Some(shared.left(index, answer.err()?))
        };
        sinks.zip(answers).enumerate().filter_map(left).collect()
    }

    /// Syncs the inline sinks on a thread of its own, as a sink may block past the deadline.
    fn sync_inline(&self, deadline: Deadline) -> Vec<Option<Answer>> {
        let silent = || self.shared.inline.iter().map(|_| None).collect();
        let Some(inline) = self.inline.upgrade().filter(|it| !it.is_empty()) else {
            // The logger synced them when it was dropped.
            return self.shared.inline.iter().map(|_| Some(Ok(()))).collect();
        };
        let (done, answers) = mpsc::channel();
        let started = thread::Builder::new()
            .name("body-logger-flush".to_owned())
            .spawn(move || {
                // The receiver is gone if the deadline has passed.
                let _ = done.send(inline.answers());
            });
        if started.is_err() {
            return silent();
        }
        let received = match deadline {
            Some(deadline) => answers
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
                .ok(),
            None => answers.recv().ok(),
        };
        received.map_or_else(silent, |all| all.into_iter().map(Some).collect())
    }
}

impl Drop for FlushGuard {
    fn drop(&mut self) {
        if let Err(unflushed) = self.0.wait(FLUSH_TIMEOUT) {
            warn(|| format!("cannot flush all records: {unflushed}; giving up"));
        }
    }
}

impl fmt::Debug for FlushGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlushGuard").finish_non_exhaustive()
    }
}
