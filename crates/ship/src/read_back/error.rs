//! What cannot be read back.

use std::{error::Error, fmt};

use crate::destination::SendError;

/// Something at a destination that cannot be read. Reading goes on behind it.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoredError {
    /// The destination cannot be reached, or does not answer. Its text has no credentials.
    Unavailable(SendError),
    /// What is stored at this position is no entry.
    NotAnEntry {
        /// The position.
        position: u64,
        /// What is wrong with it. It quotes nothing that is stored.
        reason: String,
    },
}

impl StoredError {
    pub(super) fn not_an_entry(position: u64, error: &serde_json::Error) -> Self {
        // Its message may quote a value.
        let what = match error.classify() {
            serde_json::error::Category::Data => "JSON, but no entry",
            _ => "no JSON",
        };
        Self::NotAnEntry {
            position,
            reason: what.to_owned(),
        }
    }
}

impl fmt::Display for StoredError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(cause) => write!(f, "cannot read entries back: {cause}"),
            Self::NotAnEntry { position, reason } => {
                write!(f, "what is stored at {position} is not an entry: {reason}")
            }
        }
    }
}

impl Error for StoredError {}
