//! The loop that sends batches, and moves the position behind those that were acknowledged.
//!
//! The log is the queue, so only a few batches are in memory: while one is acknowledged, the next is sent, `reading` reads another
//! and `saving` replaces the position. Each destination only connects and sends.

use std::{fmt::Display, ops::Range, sync::Arc, time::Duration};

use tokio::{sync::mpsc, time};

use crate::{
    backoff::Backoff,
    batch::{Batch, Outgoing},
    counters::AtomicCounters,
    dead_letters::DeadLetters,
    destination::{Acknowledged, Destination, SendError},
    position::Progress,
    saving::Saving,
    stop::Stop,
};

#[derive(Debug)]
pub(crate) struct Delivery<D> {
    /// What the shipper is called in the log.
    pub(crate) name: Arc<str>,
    pub(crate) destination: D,
    pub(crate) saving: Saving,
    pub(crate) progress: Progress,
    pub(crate) dead_letters: DeadLetters,
    pub(crate) backoff: Backoff,
    pub(crate) call_timeout: Duration,
    pub(crate) counters: Arc<AtomicCounters>,
    pub(crate) stop: Stop,
    pub(crate) is_connected: bool,
    /// Failed attempts in a row.
    pub(crate) failures: u32,
    /// The batch that was sent last, if it is not acknowledged yet.
    pub(crate) pending: Option<Batch>,
    /// Number of batches that were acknowledged since the position was last given to `saving`.
    pub(crate) unsaved: u32,
}

/// As many batches are acknowledged while a position is being saved, at most: however slow a disk is, a crash costs no more.
/// Saving takes two syncs, which on some disks is longer than sending a batch takes.
const MAX_UNSAVED: u32 = 4;

const NO_ANSWER: &str = "the destination does not answer";

/// The shipper was to stop before a step was done.
struct Stopped;

impl<D: Destination> Delivery<D> {
    pub(crate) async fn run(mut self, mut batches: mpsc::Receiver<Batch>) {
        let mut deadline = self.stop.clone();
        tokio::select! {
            biased;
            // Ended, or stopped between two attempts.
            _ = self.deliver_all(&mut batches) => {}
            () = deadline.deadline() => {}
        }
        // Nobody else gets the position before that.
        let _ = self.save_all().await;
    }

    /// Returns when there are no more batches, or it is to stop, and the position is saved.
    async fn deliver_all(&mut self, batches: &mut mpsc::Receiver<Batch>) -> Result<(), Stopped> {
        while !self.stop.is_requested() {
            let batch = match batches.try_recv() {
                Ok(batch) => Some(batch),
                Err(_) => self.next_batch(batches).await?,
            };
            let Some(batch) = batch else { break };
            self.deliver(batch).await?;
        }
        self.settle().await
    }

    /// Waits for a batch. Until one comes, what was sent is acknowledged, and the position behind it saved. Returns `None` if
    /// there are no more, or if it is to stop.
    async fn next_batch(
        &mut self,
        batches: &mut mpsc::Receiver<Batch>,
    ) -> Result<Option<Batch>, Stopped> {
        if self.pending.is_some() {
            let finished = tokio::select! {
                biased;
                batch = batches.recv() => return Ok(batch),
                finished = self.finished() => finished,
            };
            self.finish_with(finished).await?;
        }
        self.save_all().await?;
        Ok(tokio::select! {
            biased;
            () = self.stop.requested() => None,
            batch = batches.recv() => batch,
        })
    }

    /// Sends a batch while the one before it may still be on its way.
    async fn deliver(&mut self, batch: Batch) -> Result<(), Stopped> {
        if batch.entries.is_empty() {
            self.finish().await?;
            return self.pass(&batch).await;
        }
        match self.attempt(&batch.entries).await {
            Ok(acknowledged) if acknowledged.pending => match self.pending.replace(batch) {
                Some(before) => self.acknowledge(before, &acknowledged).await,
                None => Ok(()),
            },
            Ok(acknowledged) => {
                if let Some(before) = self.pending.take() {
                    self.acknowledge(before, &Acknowledged::default()).await?;
                }
                self.acknowledge(batch, &acknowledged).await
            }
            // No other batch is on its way, so this one is refused.
            Err(SendError::Refused { reason }) if self.pending.is_none() => {
                self.deliver_alone(batch, Some(reason)).await
            }
            Err(error) => {
                self.recover(&error).await?;
                self.deliver_alone(batch, None).await
            }
        }
    }

    /// Waits until the batch is acknowledged that is on its way, if any.
    async fn finish(&mut self) -> Result<(), Stopped> {
        if self.pending.is_none() {
            return Ok(());
        }
        let finished = self.finished().await;
        self.finish_with(finished).await
    }

    async fn finish_with(
        &mut self,
        finished: Result<Acknowledged, SendError>,
    ) -> Result<(), Stopped> {
        match finished {
            Ok(acknowledged) => match self.pending.take() {
                Some(batch) => self.acknowledge(batch, &acknowledged).await,
                None => Ok(()),
            },
            Err(error) => self.recover(&error).await,
        }
    }

    /// Prepares to send again what is not acknowledged, and sends the batch that was on its way.
    async fn recover(&mut self, error: &SendError) -> Result<(), Stopped> {
        if let SendError::Unavailable { .. } = error {
            self.disconnected(error).await?;
        }
        match self.pending.take() {
            Some(batch) => self.deliver_alone(batch, None).await,
            None => Ok(()),
        }
    }

    /// Sends a batch, unless it was just refused, and waits until all of it is acknowledged. What is refused of it goes to the
    /// dead letters.
    async fn deliver_alone(
        &mut self,
        batch: Batch,
        mut refused: Option<String>,
    ) -> Result<(), Stopped> {
        let mut to_send: Vec<Range<usize>> = Vec::new();
        to_send.push(0..batch.entries.len());
        while let Some(range) = to_send.pop() {
            let reason = match refused.take() {
                None => self.send(&batch.entries[range.clone()]).await?,
                reason => reason,
            };
            let Some(reason) = reason else { continue };
            if range.len() == 1 {
                self.bury(&batch.entries[range.start], &reason).await?;
            } else {
                let middle = range.start + range.len() / 2;
                to_send.extend([middle..range.end, range.start..middle]);
            }
        }
        self.pass(&batch).await
    }

    /// Sends entries until they are acknowledged, or returns why they were refused.
    async fn send(&mut self, entries: &[Outgoing]) -> Result<Option<String>, Stopped> {
        loop {
            let sent = match self.attempt(entries).await {
                Ok(acknowledged) if acknowledged.pending => self.finished().await,
                sent => sent,
            };
            match sent {
                Ok(acknowledged) => {
                    self.count(entries, &acknowledged);
                    return Ok(None);
                }
                Err(SendError::Refused { reason }) => {
                    self.failures = 0;
                    return Ok(Some(reason));
                }
                Err(error) => self.disconnected(&error).await?,
            }
        }
    }

    /// Connects where it is not connected, and sends entries once.
    async fn attempt(&mut self, entries: &[Outgoing]) -> Result<Acknowledged, SendError> {
        if !self.is_connected {
            self.connect().await?;
        }
        let sent = time::timeout(self.call_timeout, self.destination.send(entries));
        sent.await.map_err(|_| SendError::unavailable(NO_ANSWER))?
    }

    async fn finished(&mut self) -> Result<Acknowledged, SendError> {
        let finished = time::timeout(self.call_timeout, self.destination.finish());
        finished
            .await
            .map_err(|_| SendError::unavailable(NO_ANSWER))?
    }

    /// Waits before the next attempt to connect.
    async fn disconnected(&mut self, error: &SendError) -> Result<(), Stopped> {
        self.is_connected = false;
        let at_least = match error {
            SendError::Unavailable { retry_after, .. } => *retry_after,
            SendError::Refused { .. } => None,
        };
        self.wait(at_least, &format_args!("cannot ship: {error}"))
            .await
    }

    /// All of a batch is stored.
    async fn acknowledge(
        &mut self,
        batch: Batch,
        acknowledged: &Acknowledged,
    ) -> Result<(), Stopped> {
        self.count(&batch.entries, acknowledged);
        self.pass(&batch).await
    }

    fn count(&mut self, entries: &[Outgoing], acknowledged: &Acknowledged) {
        if self.failures > 0 {
            let (name, failures) = (&self.name, self.failures);
            log::info!("body logger: {name}: ships again after {failures} failures");
            self.failures = 0;
        }
        let shipped = entries.len() as u64 - acknowledged.rejected.min(entries.len() as u64);
        let bytes = entries.iter().map(|entry| entry.json().len() as u64 + 1);
        AtomicCounters::add(&self.counters.shipped, shipped);
        AtomicCounters::add(&self.counters.shipped_bytes, bytes.sum());
        AtomicCounters::add(&self.counters.rejected, acknowledged.rejected);
        self.progress.checkpoint = acknowledged.checkpoint.or(self.progress.checkpoint);
    }

    /// Moves the position behind a batch.
    async fn pass(&mut self, batch: &Batch) -> Result<(), Stopped> {
        self.counters.passed(batch);
        self.progress.position = batch.position.clone();
        self.progress.last = batch.last.clone();
        self.unsaved += 1;
        if self.unsaved < MAX_UNSAVED && self.saving.is_running() {
            return Ok(());
        }
        self.saved().await?;
        self.save();
        Ok(())
    }

    /// Waits until all is acknowledged that was sent, and the position behind it is saved.
    async fn settle(&mut self) -> Result<(), Stopped> {
        self.finish().await?;
        self.save_all().await
    }

    /// Begins to save the position, unless the saved one is the same.
    fn save(&mut self) {
        if self.unsaved > 0 {
            self.unsaved = 0;
            self.saving.start(&self.progress);
        }
    }

    async fn save_all(&mut self) -> Result<(), Stopped> {
        self.saved().await?;
        self.save();
        self.saved().await
    }

    async fn connect(&mut self) -> Result<(), SendError> {
        let known = self.progress.checkpoint;
        let connected = time::timeout(self.call_timeout, self.destination.connect(known));
        let connected = connected
            .await
            .map_err(|_| SendError::unavailable(NO_ANSWER))?;
        let checkpoint = connected.map_err(|error| match error {
            // No entry is to blame.
            SendError::Refused { reason } => SendError::unavailable(reason),
            error => error,
        })?;
        let progress = Progress {
            checkpoint: checkpoint.or(known),
            ..self.progress.clone()
        };
        if known.is_none() && checkpoint.is_some() {
            // What is being saved is replaced by it.
            let _ = self.saving.finish().await;
            self.saving.start(&progress);
            let saved = self.saving.finish().await;
            saved.map_err(SendError::unavailable)?;
        }
        self.progress = progress;
        self.is_connected = true;
        Ok(())
    }

    /// Writes a refused entry to the dead letters.
    async fn bury(&mut self, entry: &Outgoing, reason: &str) -> Result<(), Stopped> {
        let path = self.dead_letters.path().to_owned();
        let path = path.display();
        let (name, id) = (&self.name, entry.entry_id());
        log::error!("body logger: {name}: entry {id} was refused: {reason}; written to {path}");
        while let Err(error) = self.dead_letters.append(entry, reason) {
            self.wait(None, &format_args!("cannot write {path}: {error}"))
                .await?;
        }
        AtomicCounters::add(&self.counters.dead_letters, 1);
        self.failures = 0;
        Ok(())
    }

    /// Waits until the position is saved that is being saved, if any.
    async fn saved(&mut self) -> Result<(), Stopped> {
        while let Err(error) = self.saving.finish().await {
            let path = self.saving.path().to_owned();
            let message = format!("cannot write {}: {error}", path.display());
            self.wait(None, &message).await?;
            self.unsaved = 0;
            self.saving.start(&self.progress);
        }
        Ok(())
    }

    /// Waits after a failure before the next attempt.
    async fn wait(
        &mut self,
        at_least: Option<Duration>,
        what: &dyn Display,
    ) -> Result<(), Stopped> {
        self.failures = self.failures.saturating_add(1);
        AtomicCounters::add(&self.counters.retries, 1);
        let delay = self
            .backoff
            .delay(self.failures)
            .max(at_least.unwrap_or_default());
        let name = &self.name;
        log::warn!("body logger: {name}: {what}; retrying in {delay:.1?}");
        tokio::select! {
            biased;
            () = self.stop.requested() => Err(Stopped),
            () = time::sleep(delay) => Ok(()),
        }
    }
}
