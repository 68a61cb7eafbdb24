//! Building, starting and stopping a shipper.

use std::{
    path::PathBuf,
    sync::{mpsc as std_mpsc, Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use body_logger_core::{contain, Filter};
use body_logger_jsonl::Registration;
use tokio::sync::{mpsc, watch};

use crate::{
    backoff::Backoff,
    counters::{AtomicCounters, ShipCounters},
    dead_letters::DeadLetters,
    delivery::Delivery,
    destination::Destination,
    error::{StartError, StillRunning},
    position::{beside, PositionFile},
    reading::{Limits, LogReader},
    report::Report,
    saving::Saving,
    stop,
};

const YEAR: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// Ships the entries of a log to a [`Destination`], in the order of the log, and remembers how far it is.
///
/// The position is a small file of its own, which is replaced as batches are acknowledged. Each destination of a log has
/// a shipper and a position: one that is slow delays no other. Whatever happens, shipping goes on at the position; what was
/// sent and not acknowledged is sent again.
///
/// An entry that the destination refuses is appended to the dead letters, beside the position file with `.dead.jsonl`
/// added to its name: one line of JSON with `time`, `reason` and the `entry`. Neither file, nor the log that says why
/// something failed, contains credentials.
///
/// The shipper [registers](Registration) with the log: its retention deletes no file that is still to be shipped, up to a
/// limit, also while no shipper runs. Whoever ends shipping for good removes the registration.
///
/// If a file of the log is gone, truncated or unreadable before all of it was shipped, a gap is shipped before the next
/// entry. It names the numbers that are missing, if both sides of the gap are of the same run.
#[derive(Debug)]
#[must_use]
pub struct Shipper<D> {
    log: PathBuf,
    position: PathBuf,
    destination: D,
    filter: Filter,
    limits: Limits,
    backoff: Backoff,
    call_timeout: Duration,
    name: Option<String>,
    report_every: Duration,
    ends: bool,
}

impl<D: Destination> Shipper<D> {
    /// Creates a shipper of the log whose live file is at `log`, with a position file at `position`.
    pub fn new(log: impl Into<PathBuf>, position: impl Into<PathBuf>, destination: D) -> Self {
        Self {
            log: log.into(),
            position: position.into(),
            destination,
            filter: Filter::default(),
            limits: Limits {
                entries: 1000,
                bytes: 2 * 1024 * 1024,
            },
            backoff: Backoff::default(),
            call_timeout: Duration::from_secs(60),
            name: None,
            report_every: Duration::from_secs(60),
            ends: false,
        }
    }

    /// Which records are shipped. Gaps and maintenance notes always are. Defaults to all.
    pub fn filter(mut self, filter: Filter) -> Self {
        self.filter = filter;
        self
    }

    /// Maximum number of entries in a batch, at least 1. Defaults to 1000.
    pub fn batch_entries(mut self, entries: usize) -> Self {
        self.limits.entries = entries.max(1);
        self
    }

    /// Number of bytes at which a batch is complete. Memory is bounded by about four batches, and what parsing them takes.
    /// Defaults to 2 MiB.
    pub fn batch_bytes(mut self, bytes: u64) -> Self {
        self.limits.bytes = bytes.max(1);
        self
    }

    /// The delays between attempts. Defaults to [`Backoff::default`].
    pub fn backoff(mut self, backoff: Backoff) -> Self {
        self.backoff = backoff;
        self
    }

    /// How long a destination may take to connect, or to store a batch, before the attempt counts as failed. Defaults to a
    /// minute.
    pub fn call_timeout(mut self, timeout: Duration) -> Self {
        self.call_timeout = timeout;
        self
    }

    /// What the shipper is called in its reports, and in the label `shipper` of metrics. Defaults to the name of the position
    /// file.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How often a line of the log, at level `info`, says how much was shipped and how far behind the shipper is; none where
    /// nothing has changed. Defaults to a minute.
    pub fn report_every(mut self, period: Duration) -> Self {
        self.report_every = period;
        self
    }

    /// Ends once everything in the log is acknowledged: then the handle's [`is_running`](ShipHandle::is_running) is false. A log
    /// that does not exist ends at once. Defaults to waiting for more.
    pub fn until_end(mut self) -> Self {
        self.ends = true;
        self
    }

    /// Starts shipping on threads of its own: one reads the log, one runs the destination, and one saves positions.
    ///
    /// # Errors
    ///
    /// Returns an error if another shipper uses the position, if the position file cannot be read, or if a thread cannot be
    /// started. A destination that cannot be reached is none: the shipper retries. Neither is a log that does not exist yet.
    pub fn spawn(self) -> Result<ShipHandle, StartError> {
        let file = PositionFile::lock(&self.position)?;
        let progress = file.load().map_err(|source| StartError::Position {
            path: self.position.clone(),
            source,
        })?;
        let progress = progress.unwrap_or_default();
        self.register();
        let counters = Arc::new(AtomicCounters::default());
        counters.start(&progress);
        let name: Arc<str> = match self.name {
            Some(name) => name.into(),
            None => {
                let name = self.position.file_name().unwrap_or_default();
                name.to_string_lossy().into()
            }
        };
        let (request, stop) = stop::channel();
        let (sender, receiver) = mpsc::channel(1);
        let reader = LogReader {
            name: Arc::clone(&name),
            log: self.log,
            filter: self.filter,
            limits: self.limits,
            progress: progress.clone(),
            counters: Arc::clone(&counters),
            stop: stop.clone(),
            ends: self.ends,
        };
        let delivery = Delivery {
            name: Arc::clone(&name),
            destination: self.destination,
            saving: Saving::to(file),
            progress,
            dead_letters: DeadLetters::at(beside(&self.position, ".dead.jsonl")),
            backoff: self.backoff,
            call_timeout: self.call_timeout,
            counters: Arc::clone(&counters),
            stop,
            is_connected: false,
            failures: 0,
            pending: None,
            unsaved: 0,
        };
        let report = Report {
            name: Arc::clone(&name),
            every: self.report_every.max(Duration::from_millis(1)),
            counters: Arc::clone(&counters),
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .thread_name("ship-save")
            .enable_all()
            .build()
            .map_err(StartError::Thread)?;
        let (done, ended) = std_mpsc::channel();
        let thread = |name: &str| thread::Builder::new().name(name.to_owned());
        thread("ship-read")
            .spawn(move || reader.run(&sender))
            .map_err(StartError::Thread)?;
        thread("ship-send")
            .spawn(move || {
                // A destination is code of others.
                let shipping = async {
                    tokio::select! {
                        () = delivery.run(receiver) => {}
                        () = report.run() => {}
                    }
                };
                if contain(|| runtime.block_on(shipping)).is_err() {
                    log::error!(
                        "body logger: {name}: the destination panicked; shipping has ended"
                    );
                }
                // A lookup of a name may still block.
                runtime.shutdown_background();
                drop(done);
            })
            .map_err(StartError::Thread)?;
        Ok(ShipHandle {
            counters,
            request,
            ended: Mutex::new(ended),
        })
    }
}

impl<D> Shipper<D> {
    /// What cannot be registered is shipped nevertheless: beside the log there may be no place to write.
    fn register(&self) {
        let registered = Registration::of(&self.log, &self.position);
        if let Err(error) = registered.and_then(|registration| registration.add()) {
            let log = self.log.display();
            log::warn!("body logger: cannot register a shipper of {log}: {error}; retention does not wait for it");
        }
    }
}

/// A running shipper. Dropping it stops shipping at once: what is not acknowledged is sent again after the next start.
#[derive(Debug)]
#[must_use = "dropping it stops shipping"]
pub struct ShipHandle {
    counters: Arc<AtomicCounters>,
    request: watch::Sender<Option<Instant>>,
    /// Disconnected when shipping has ended.
    ended: Mutex<std_mpsc::Receiver<()>>,
}

impl ShipHandle {
    /// Returns what was counted so far.
    #[must_use]
    pub fn counters(&self) -> ShipCounters {
        self.counters.snapshot()
    }

    /// Whether shipping goes on: it ends only when it is stopped, [at the end](Shipper::until_end) where that was asked for, or when
    /// the destination panics.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.ended().try_recv() == Err(std_mpsc::TryRecvError::Empty)
    }

    /// Stops after the batch that is being sent, or without it when `timeout` is over, and returns the counters. No
    /// failed attempt is repeated meanwhile.
    ///
    /// # Errors
    ///
    /// Returns an error if the destination, or a disk, blocks the thread for longer than a second after `timeout`.
    pub fn stop(self, timeout: Duration) -> Result<ShipCounters, StillRunning> {
        let now = Instant::now();
        // A deadline beyond what an `Instant` holds is none that matters.
        let by = now.checked_add(timeout).unwrap_or(now + YEAR);
        self.request.send_replace(Some(by));
        let limit = timeout.saturating_add(Duration::from_secs(1));
        let ended = self.ended().recv_timeout(limit);
        match ended {
            Err(std_mpsc::RecvTimeoutError::Timeout) => Err(StillRunning::new()),
            _ => Ok(self.counters()),
        }
    }

    fn ended(&self) -> MutexGuard<'_, std_mpsc::Receiver<()>> {
        self.ended.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for ShipHandle {
    fn drop(&mut self) {
        self.request.send_modify(|by| {
            by.get_or_insert_with(Instant::now);
        });
    }
}
