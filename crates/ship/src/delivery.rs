//! The loop that sends batches, and moves the position behind those that were acknowledged.
//!
//! The log is the queue, so only a few batches are in memory: while one is sent, `reading` reads the next and `saving` replaces the
//! position. One position is being saved at a time, so a crash costs no more than that. Each destination only connects and sends.

use std::{fmt::Display, ops::Range, sync::Arc, time::Duration};

use tokio::{sync::mpsc, time};

use crate::{
    batch::Batch, counters::AtomicCounters, dead_letters::DeadLetters, position::Progress,
    saving::Saving, stop::Stop, Backoff, Destination, Outgoing, SendError,
};

#[derive(Debug)]
pub(crate) struct Delivery<D> {
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
}

const NO_ANSWER: &str = "the destination does not answer";

/// It was to stop before a step was done.
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
        let _ = self.saved().await;
    }

    /// Returns when there are no more batches, or it is to stop, and the position is saved.
    async fn deliver_all(&mut self, batches: &mut mpsc::Receiver<Batch>) -> Result<(), Stopped> {
        let mut stop = self.stop.clone();
        while !stop.is_requested() {
            let batch = match batches.try_recv() {
                Ok(batch) => batch,
                Err(_) => {
                    // Nothing more is sent for now that would save it.
                    self.saved().await?;
                    let batch = tokio::select! {
                        biased;
                        () = stop.requested() => None,
                        batch = batches.recv() => batch,
                    };
                    let Some(batch) = batch else { break };
                    batch
                }
            };
            self.deliver(batch).await?;
        }
        self.saved().await
    }

    async fn deliver(&mut self, batch: Batch) -> Result<(), Stopped> {
        let mut to_send: Vec<Range<usize>> = Vec::new();
        if !batch.entries.is_empty() {
            to_send.push(0..batch.entries.len());
        }
        while let Some(range) = to_send.pop() {
            let Some(reason) = self.send(&batch.entries[range.clone()]).await? else {
                continue;
            };
            if range.len() == 1 {
                self.bury(&batch.entries[range.start], &reason).await?;
            } else {
                let middle = range.start + range.len() / 2;
                to_send.extend([middle..range.end, range.start..middle]);
            }
        }
        self.counters.passed(&batch);
        self.progress.position = batch.position;
        self.progress.last = batch.last;
        // One at a time: however slow a disk is, a crash costs what was sent meanwhile, and no more.
        self.saved().await?;
        self.saving.start(&self.progress);
        Ok(())
    }

    /// Sends entries until they are acknowledged, or returns why they were refused.
    async fn send(&mut self, entries: &[Outgoing]) -> Result<Option<String>, Stopped> {
        loop {
            let error = match self.attempt(entries).await {
                Ok(()) => return Ok(None),
                Err(SendError::Refused { reason }) => {
                    self.failures = 0;
                    return Ok(Some(reason));
                }
                Err(error) => error,
            };
            self.is_connected = false;
            let at_least = match &error {
                SendError::Unavailable { retry_after, .. } => *retry_after,
                SendError::Refused { .. } => None,
            };
            self.wait(at_least, &format_args!("cannot ship: {error}"))
                .await?;
        }
    }

    async fn attempt(&mut self, entries: &[Outgoing]) -> Result<(), SendError> {
        if !self.is_connected {
            self.connect().await?;
        }
        let sent = time::timeout(self.call_timeout, self.destination.send(entries));
        let acknowledged = sent
            .await
            .map_err(|_| SendError::unavailable(NO_ANSWER))??;
        if self.failures > 0 {
            log::info!("body logger: ships again after {} failures", self.failures);
            self.failures = 0;
        }
        let shipped = entries.len() as u64 - acknowledged.rejected.min(entries.len() as u64);
        let bytes = entries.iter().map(|entry| entry.json().len() as u64 + 1);
        AtomicCounters::add(&self.counters.shipped, shipped);
        AtomicCounters::add(&self.counters.shipped_bytes, bytes.sum());
        AtomicCounters::add(&self.counters.rejected, acknowledged.rejected);
        self.progress.checkpoint = acknowledged.checkpoint.or(self.progress.checkpoint);
        Ok(())
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
        log::error!(
            "body logger: entry {} was refused: {reason}; written to {path}",
            entry.entry_id()
        );
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
        log::warn!("body logger: {what}; retrying in {delay:.1?}");
        tokio::select! {
            biased;
            () = self.stop.requested() => Err(Stopped),
            () = time::sleep(delay) => Ok(()),
        }
    }
}
