//! A line of a log.

use std::{path::Path, sync::Arc};

use body_logger_core::Entry;

/// An entry of a log, as it stands in a file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Line {
    /// The entry.
    pub entry: Entry,
    /// The line as it is in the file, without its line feed.
    pub bytes: Vec<u8>,
    /// The file, by the path that it had when it was found.
    pub file: Arc<Path>,
    /// Where the line begins in the file, in bytes of what that holds uncompressed.
    pub offset: u64,
}
