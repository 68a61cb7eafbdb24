//! An entry as a destination has it.

use std::time::SystemTime;

use body_logger_core::Entry;
use bytes::Bytes;

use super::StoredError;
use crate::batch::Identity;

/// An entry as a destination has stored it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StoredEntry {
    /// The entry.
    pub entry: Entry,
    /// Its JSON, on one line, without a line feed. PostgreSQL gives `jsonb` back with other white space, and members in
    /// another order, than the log has.
    pub json: Bytes,
    /// Its place in the order of arrival: the column `arrival`, or the sequence of the stream. Numbers may be missing.
    pub position: u64,
}

impl StoredEntry {
    pub(super) fn parse(position: u64, json: Bytes) -> Result<Self, StoredError> {
        match serde_json::from_slice(&json) {
            Ok(entry) => Ok(Self {
                entry,
                json,
                position,
            }),
            Err(error) => Err(StoredError::not_an_entry(position, &error)),
        }
    }

    pub(super) fn time(&self) -> Option<SystemTime> {
        Identity::of(&self.entry).map(|identity| identity.time)
    }
}
