//! Entries on their way to a destination.

use std::time::SystemTime;

use body_logger_core::Entry;
use body_logger_jsonl::Position;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// An entry on its way: parsed, and as its line.
#[derive(Debug, Clone, PartialEq)]
pub struct Outgoing {
    entry: Entry,
    json: Bytes,
    identity: Identity,
}

impl Outgoing {
    /// None for kinds of entries that this version does not know.
    pub(crate) fn new(entry: Entry, json: impl Into<Bytes>) -> Option<Self> {
        Some(Self {
            identity: Identity::of(&entry)?,
            json: json.into(),
            entry,
        })
    }

    /// Returns the entry.
    #[must_use]
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// Returns the entry as one line of JSON, without its line feed: as it is in the file.
    #[must_use]
    pub fn json(&self) -> &Bytes {
        &self.json
    }

    /// Returns the id of this entry alone, by which a destination removes duplicates.
    #[must_use]
    pub fn entry_id(&self) -> Uuid {
        self.identity.entry_id
    }

    /// Returns the id of the run that the entry belongs to.
    #[must_use]
    pub fn run(&self) -> Uuid {
        self.identity.run
    }

    /// Returns when the exchange began, when the last entry of a gap was lost, or when maintenance was done.
    #[must_use]
    pub fn time(&self) -> SystemTime {
        self.identity.time
    }

    pub(crate) fn identity(&self) -> &Identity {
        &self.identity
    }
}

/// The identity of an entry, and its place in its run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Identity {
    pub(crate) entry_id: Uuid,
    pub(crate) run: Uuid,
    /// Its number; of a gap, the first and the last number that it names.
    pub(crate) first: Option<u64>,
    pub(crate) last: Option<u64>,
    #[serde(with = "body_logger_core::rfc3339")]
    pub(crate) time: SystemTime,
}

impl Identity {
    pub(crate) fn of(entry: &Entry) -> Option<Self> {
        let identity = match entry {
            Entry::Record(record) => Self {
                entry_id: record.entry_id,
                run: record.run,
                first: Some(record.seq),
                last: Some(record.seq),
                time: record.time,
            },
            Entry::Gap(gap) => Self {
                entry_id: gap.entry_id,
                run: gap.run,
                first: gap.gap.seq.first().map(|range| *range.start()),
                last: gap.gap.seq.last().map(|range| *range.end()),
                time: gap.gap.to,
            },
            Entry::Maintenance(done) => Self {
                entry_id: done.entry_id,
                run: done.run,
                first: Some(done.seq),
                last: Some(done.seq),
                time: done.maintenance.time,
            },
            _ => return None,
        };
        Some(identity)
    }
}

/// What was read at once.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Those that the filter matches.
    pub(crate) entries: Vec<Outgoing>,
    /// Behind all that was read.
    pub(crate) position: Position,
    /// The last entry that was read, matched or not.
    pub(crate) last: Option<Identity>,
    /// Number of entries read, and of their bytes.
    pub(crate) read: u64,
    pub(crate) bytes: u64,
}
