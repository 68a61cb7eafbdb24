//! A bounded queue in front of sinks, with a thread that redacts, encodes and writes.

use std::{
    collections::VecDeque,
    fmt, mem, panic,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use super::{Loss, Sinks};
use crate::{
    captured::Captured,
    record::{Entry, StartRecord},
    redact::Redaction,
};

/// The most entries the queue holds by default.
pub const DEFAULT_QUEUE_RECORDS: usize = 8192;

/// The most bytes the queue holds by default: 32 MiB.
pub const DEFAULT_QUEUE_BYTES: usize = 32 * 1024 * 1024;

/// How long a [`FlushGuard`] waits at most: 5 seconds.
pub const FLUSH_TIMEOUT: Duration = Duration::from_secs(5);

/// How long the writer lets entries gather before it takes them: a wake-up for each would cost more
/// than all the rest.
const GATHER: Duration = Duration::from_millis(5);

/// The most entries that are made into records at once.
const BATCH: usize = 256;

/// What waits to be written.
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are exchanges, and boxing those would cost an allocation each"
)]
#[derive(Debug)]
pub(crate) enum Item {
    Exchange(Captured),
    Start(StartRecord),
}

impl Item {
    fn cost(&self) -> usize {
        match self {
            Self::Exchange(captured) => captured.cost(),
            Self::Start(StartRecord { start, .. }) => {
                let texts = [
                    Some(&start.id),
                    Some(&start.method),
                    Some(&start.path),
                    start.route.as_ref(),
                    start.client.addr.as_ref(),
                ];
                let texts: usize = texts.into_iter().flatten().map(String::capacity).sum();
                mem::size_of::<Self>() + texts
            }
        }
    }

    pub(crate) fn entry(&self, redaction: &Redaction) -> Entry {
        match self {
            Self::Exchange(captured) => Entry::Exchange(redaction.record(captured)),
            Self::Start(start) => Entry::Start(start.clone()),
        }
    }
}

/// How much may wait at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            records: DEFAULT_QUEUE_RECORDS,
            bytes: DEFAULT_QUEUE_BYTES,
        }
    }
}

/// The way into the queue. When it is dropped the writer ends, once it has written what waits.
pub(crate) struct Queue {
    shared: Arc<Shared>,
    loss: Arc<Loss>,
}

struct Shared {
    limits: Limits,
    state: Mutex<State>,
    /// The writer waits on it.
    work: Condvar,
    /// Guards wait on it.
    progress: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Item>,
    /// Of all that was accepted and is not yet written.
    records: usize,
    bytes: usize,
    /// The writer sleeps until something arrives.
    idle: bool,
    /// Nothing more will arrive.
    closed: bool,
    /// How many guards want it to be empty.
    flushing: usize,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_urgent(&self, limits: Limits) -> bool {
        self.closed
            || self.flushing > 0
            || self.records >= limits.records / 2
            || self.bytes >= limits.bytes / 2
    }
}

impl Queue {
    /// Starts the writer.
    pub(crate) fn start(
        sinks: Sinks,
        redaction: Arc<Redaction>,
        limits: Limits,
        loss: Arc<Loss>,
    ) -> Self {
        let shared = Arc::new(Shared {
            limits,
            state: Mutex::default(),
            work: Condvar::new(),
            progress: Condvar::new(),
        });
        let writer = Writer {
            shared: Arc::clone(&shared),
            sinks,
            redaction,
        };
        let started = thread::Builder::new()
            .name("body-logger".to_owned())
            .spawn(move || writer.run());
        if let Err(error) = started {
            log::error!(
                target: super::LOG_TARGET,
                "body logger: its thread could not be started, all records will be lost: {error}"
            );
            shared.lock().closed = true;
        }
        Self { shared, loss }
    }

    /// Hands an item over, or drops it and counts that, where there is no room. Never waits for the
    /// writer.
    pub(crate) fn send(&self, item: Item) {
        let cost = item.cost();
        let Shared { limits, work, .. } = &*self.shared;
        let mut state = self.shared.lock();
        if state.closed
            || state.records >= limits.records
            || state.bytes.saturating_add(cost) > limits.bytes
        {
            drop(state);
            self.loss.queue_full();
            return;
        }
        let was_urgent = state.is_urgent(*limits);
        state.waiting.push_back(item);
        state.records += 1;
        state.bytes += cost;
        let wake = mem::take(&mut state.idle) || (!was_urgent && state.is_urgent(*limits));
        drop(state);
        if wake {
            work.notify_one();
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.work.notify_one();
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("limits", &self.shared.limits)
            .finish_non_exhaustive()
    }
}

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
pub struct FlushGuard {
    producers: Producers,
    queue: Option<Arc<Shared>>,
}

impl FlushGuard {
    pub(crate) fn new(producers: &Producers, queue: Option<&Queue>) -> Self {
        Self {
            producers: producers.clone(),
            queue: queue.map(|queue| Arc::clone(&queue.shared)),
        }
    }
}

impl Drop for FlushGuard {
    fn drop(&mut self) {
        let deadline = Instant::now() + FLUSH_TIMEOUT;
        if let Some(shared) = &self.queue {
            shared.lock().flushing += 1;
            shared.work.notify_one();
        }
        let gone = self.producers.wait_until_gone(FLUSH_TIMEOUT);
        let unwritten = self.queue.as_ref().map_or(0, |shared| {
            let left = deadline.saturating_duration_since(Instant::now());
            let (mut state, _) = shared
                .progress
                .wait_timeout_while(shared.lock(), left, |state| state.records > 0)
                .unwrap_or_else(PoisonError::into_inner);
            state.flushing -= 1;
            state.records
        });
        if gone && unwritten == 0 {
            return;
        }
        // No lock is held, and a logger that panics stays in here.
        let _ = panic::catch_unwind(|| {
            log::warn!(
                target: super::LOG_TARGET,
                "body logger: gave up waiting: {unwritten} records are not written, and workers {}",
                if gone { "are gone" } else { "may add more" }
            );
        });
    }
}

impl fmt::Debug for FlushGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FlushGuard").finish_non_exhaustive()
    }
}

/// The thread behind the queue.
struct Writer {
    shared: Arc<Shared>,
    sinks: Sinks,
    redaction: Arc<Redaction>,
}

impl Writer {
    fn run(self) {
        let mut taken = VecDeque::new();
        let mut entries = Vec::new();
        while self.take(&mut taken) {
            while !taken.is_empty() {
                self.write_batch(&mut taken, &mut entries);
            }
        }
    }

    /// Waits for items and takes all that wait. False when there will be none any more.
    fn take(&self, taken: &mut VecDeque<Item>) -> bool {
        let Shared { limits, work, .. } = &*self.shared;
        let mut state = self.shared.lock();
        while state.waiting.is_empty() {
            if state.closed {
                return false;
            }
            state.idle = true;
            state = work.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.idle = false;
        let (mut state, _) = work
            .wait_timeout_while(state, GATHER, |state| !state.is_urgent(*limits))
            .unwrap_or_else(PoisonError::into_inner);
        mem::swap(&mut state.waiting, taken);
        true
    }

    fn write_batch(&self, taken: &mut VecDeque<Item>, entries: &mut Vec<Entry>) {
        let records = taken.len().min(BATCH);
        let mut bytes = 0;
        for item in taken.drain(..records) {
            bytes += item.cost();
            entries.extend(self.sinks.entry(&item, &self.redaction));
        }
        self.sinks.write(entries);
        if taken.is_empty() {
            self.sinks.flush();
        }
        entries.clear();

        let mut state = self.shared.lock();
        state.records -= records;
        state.bytes -= bytes;
        drop(state);
        self.shared.progress.notify_all();
    }
}
