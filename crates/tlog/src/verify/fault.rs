//! Faults: signs of tampering.

use std::{fmt, ops::RangeInclusive, path::PathBuf};

use crate::lines::LinePlace;

/// A sign that a log, or its proofs, were tampered with.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The first line that differs from the line that a checkpoint covers.
    Line {
        /// Its number in the log, from 0 on.
        leaf: u64,
        /// Where it is, or should be.
        place: LinePlace,
        /// What was done.
        change: LineChange,
    },
    /// The log has fewer lines than a checkpoint covers.
    EndsBefore {
        /// How many lines the checkpoint covers.
        checkpoint: u64,
        /// Number of lines, including deleted ones.
        lines: u64,
    },
    /// Lines are missing at the beginning, and no entry announces their deletion.
    Missing {
        /// Their numbers in the log, from 0 on.
        leaves: RangeInclusive<u64>,
    },
    /// A checkpoint covers other lines than the log has: it is not of a prefix of this log.
    NotAPrefix {
        /// How many lines the checkpoint covers.
        checkpoint: u64,
        /// How many lines the newest checkpoint covers that does hold, or 0. One of the lines between these was
        /// changed, and the tiles with it.
        holds: u64,
    },
    /// The stored checkpoint is missing, malformed, not signed by any of the keys, or older than one given.
    Checkpoint(String),
    /// A tile is missing, or its hashes are not those of the lines.
    Tile {
        /// The file that is missing or was changed.
        path: PathBuf,
    },
}

/// What was done to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LineChange {
    /// Its content was changed.
    Changed,
    /// It was removed, with the lines after it; this many in all.
    Removed(u64),
    /// It was inserted.
    Inserted,
    /// It was swapped with another line.
    Reordered,
    /// It was truncated.
    Truncated,
    /// It looks erased, and no entry announces that, or one announces another line.
    Erased,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line {
                leaf,
                place,
                change,
            } => write!(f, "line {leaf} of the log, counted from 0, was {change}: {place}"),
            Self::EndsBefore { checkpoint, lines } => write!(
                f,
                "the log ends before checkpoint {checkpoint}: it has {lines} lines"
            ),
            Self::Missing { leaves } => write!(
                f,
                "lines {} to {} of the log, counted from 0, are missing, and no entry says that they were deleted",
                leaves.start(),
                leaves.end()
            ),
            Self::NotAPrefix { checkpoint, holds } => write!(
                f,
                "checkpoint {checkpoint} is not of this log: a line from {holds} on was changed"
            ),
            Self::Checkpoint(text) => write!(f, "the stored checkpoint does not hold: {text}"),
            Self::Tile { path } => write!(
                f,
                "{}: the tile is missing, or does not have the hashes of the lines",
                path.display()
            ),
        }
    }
}

impl fmt::Display for LineChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Changed => f.write_str("changed"),
            Self::Removed(1) => f.write_str("removed"),
            Self::Removed(lines) => write!(f, "removed, with {} after it", lines - 1),
            Self::Inserted => f.write_str("inserted"),
            Self::Reordered => f.write_str("reordered"),
            Self::Truncated => f.write_str("truncated"),
            Self::Erased => f.write_str("erased, which no entry announces"),
        }
    }
}
