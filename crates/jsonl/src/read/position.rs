//! A place in a log.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A place in a log, to be saved and [resumed](super::Reader::from) from; see
/// [`Reader::current_position`](super::Reader::current_position). The default is the beginning.
///
/// It identifies the file by its first entry, so it stays valid when the file is renamed, rotated or compressed, and when
/// lines are erased in place.
///
/// ```
/// use body_logger_jsonl::Position;
///
/// let saved = serde_json::to_string(&Position::default())?;
/// assert_eq!(serde_json::from_str::<Position>(&saved)?, Position::default());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The `entry_id` of the file's first line that is an entry; none before the first entry of all.
    pub(super) file: Option<Uuid>,
    /// In bytes of what the file holds uncompressed.
    pub(super) offset: u64,
}

impl Position {
    pub(crate) fn first_in_file(&self) -> Option<Uuid> {
        self.file
    }
}
