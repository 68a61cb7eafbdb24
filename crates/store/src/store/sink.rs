//! The writing half of a store: the sink, and what is deleted.

use std::{
    borrow::Cow,
    time::{Duration, SystemTime},
};

use body_logger_core::{rfc3339::unix_micros, sink::BatchOptions, Entry, Sink, SinkError};
use rusqlite::Transaction;

use super::{Inner, Store};
use crate::{error::StoreError, position::Position, retention, write::Batch};

impl Inner {
    fn insert(&self, batch: &Batch<'_>) -> Result<Position, StoreError> {
        let newest = self
            .connections
            .write(|transaction| batch.insert(transaction))?;
        Ok(Position(newest))
    }

    /// One step of deleting what is too old or too much, after a batch.
    fn retain(&self, written: usize) -> Result<(), StoreError> {
        if let Some(age) = self.retention.keep_for {
            self.delete_older(age)?;
        }
        let Some(limit) = self.retention.keep_bytes else {
            return Ok(());
        };
        let shrink = |transaction: &Transaction<'_>| retention::shrink(transaction, limit, written);
        while self.connections.write(shrink)? {
            self.connections.maintain(retention::vacuum)?;
            // A file shrinks over several batches, memory at once.
            if !self.connections.is_in_memory() {
                break;
            }
        }
        Ok(())
    }

    /// One step. Returns whether there may be more to delete.
    pub(super) fn delete_older(&self, age: Duration) -> Result<bool, StoreError> {
        let Some(cutoff) = SystemTime::now().checked_sub(age) else {
            return Ok(false);
        };
        let cutoff = unix_micros(cutoff);
        let deleted = self
            .connections
            .write(|transaction| retention::delete_older(transaction, cutoff))?;
        if deleted {
            self.connections.maintain(retention::vacuum)?;
        }
        Ok(deleted)
    }
}

impl Sink for Store {
    /// Writes a batch in one transaction: all of it, but for entries that have no JSON, or nothing.
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let batch = Batch::new(entries);
        if !batch.is_empty() {
            let newest = self.inner.insert(&batch).map_err(SinkError::new)?;
            self.inner.subscribers.notify(newest);
            // The batch is written, so an error here loses nothing; it is met again with the next.
            let _ = self.inner.retain(entries.len());
        }
        match batch.refusal {
            Some(error) => Err(SinkError::new(error).losing(batch.refused)),
            None => Ok(()),
        }
    }

    fn sync(&self) -> Result<(), SinkError> {
        self.inner
            .connections
            .maintain(retention::sync)
            .map_err(SinkError::new)
    }

    fn batch_options(&self) -> BatchOptions {
        // A transaction costs as much as some ten entries.
        BatchOptions::default().records(2000).bytes(1024 * 1024)
    }

    /// Returns whether it is in a file.
    fn is_durable(&self) -> bool {
        !self.inner.connections.is_in_memory()
    }

    fn name(&self) -> Cow<'_, str> {
        "Store".into()
    }
}
