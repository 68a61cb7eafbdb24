//! Maintenance notes: changes to the log itself.

use std::{ops::RangeInclusive, time::SystemTime};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{new_id, range, whole_micros, ErasedEntry, RECORD_VERSION};
use crate::rfc3339;

/// The line for a deletion or erasure in the log, see [`Entry::Maintenance`](super::Entry::Maintenance).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MaintenanceRecord {
    /// The version of this JSON, [`RECORD_VERSION`](super::RECORD_VERSION).
    pub v: u32,
    /// A UUID v7 of this entry alone.
    pub entry_id: Uuid,
    /// A UUID v7 of the logger, created when it is built.
    pub run: Uuid,
    /// The number of this entry in its run.
    pub seq: u64,
    /// What was done. Its key distinguishes this line from a [`Record`](super::Record).
    pub maintenance: Maintenance,
}

impl MaintenanceRecord {
    /// Creates the line of a maintenance note, with this number in its run.
    #[must_use]
    pub fn new(run: Uuid, seq: u64, maintenance: Maintenance) -> Self {
        Self {
            v: RECORD_VERSION,
            entry_id: new_id(),
            run,
            seq,
            maintenance,
        }
    }
}

/// What was deleted from or erased in the log, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Maintenance {
    /// What was done.
    pub kind: MaintenanceKind,
    /// When it was done.
    #[serde(with = "rfc3339")]
    pub time: SystemTime,
    /// Why it was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// The first and the last line affected, counted from the beginning of the log.
    #[serde(
        default,
        with = "range::optional",
        skip_serializing_if = "Option::is_none"
    )]
    pub leaves: Option<RangeInclusive<u64>>,
    /// The files affected.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// The `entry_id` of the erased entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_id: Option<Uuid>,
    /// The `run` of the erased entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<Uuid>,
    /// The `seq` of the erased entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// The size of the erased line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

impl Maintenance {
    /// Creates the note that whole files were deleted, and all lines up to the last of these leaves are gone.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use body_logger_core::record::Maintenance;
    ///
    /// let note = Maintenance::deleted(SystemTime::now(), 0..=41, vec!["audit.1.jsonl".to_owned()]);
    /// assert_eq!(note.leaves, Some(0..=41));
    /// ```
    #[must_use]
    pub fn deleted(at: SystemTime, leaves: RangeInclusive<u64>, files: Vec<String>) -> Self {
        Self {
            leaves: Some(leaves),
            files,
            ..Self::of(MaintenanceKind::Deleted, at)
        }
    }

    /// Creates the note that a line is erased: its number in the log, what remains of it, and its length in bytes without
    /// its line feed.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use body_logger_core::record::{ErasedEntry, Maintenance};
    /// use uuid::Uuid;
    ///
    /// let entry = ErasedEntry::new(Uuid::from_u128(7), Uuid::from_u128(8), 42);
    /// let note = Maintenance::erased(SystemTime::now(), 41, entry, 700);
    /// assert_eq!((note.leaves.clone(), note.seq, note.bytes), (Some(41..=41), Some(42), Some(700)));
    /// assert_eq!(note.erased_line(), Some((41, entry, 700)));
    /// ```
    #[must_use]
    pub fn erased(at: SystemTime, leaf: u64, entry: ErasedEntry, bytes: u64) -> Self {
        Self {
            leaves: Some(leaf..=leaf),
            entry_id: Some(entry.entry_id),
            run: Some(entry.run),
            seq: Some(entry.seq),
            bytes: Some(bytes),
            ..Self::of(MaintenanceKind::Erased, at)
        }
    }

    /// Returns the number of the erased line, what remains of it, and its length; `None` if this note does not have all of
    /// these, or is about something else.
    #[must_use]
    pub fn erased_line(&self) -> Option<(u64, ErasedEntry, u64)> {
        let leaves = self.leaves.as_ref()?;
        let (leaf, last) = (*leaves.start(), *leaves.end());
        let entry = ErasedEntry::new(self.entry_id?, self.run?, self.seq?);
        let is_one = self.kind == MaintenanceKind::Erased && leaf == last;
        is_one.then_some((leaf, entry, self.bytes?))
    }

    fn of(kind: MaintenanceKind, at: SystemTime) -> Self {
        Self {
            kind,
            time: whole_micros(at),
            cause: None,
            leaves: None,
            files: Vec::new(),
            entry_id: None,
            run: None,
            seq: None,
            bytes: None,
        }
    }
}

/// What was done to the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MaintenanceKind {
    /// Whole files were deleted.
    Deleted,
    /// The content of a single line was erased.
    Erased,
}

impl MaintenanceKind {
    /// Returns the kind as written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Erased => "erased",
        }
    }
}
