//! A line before it is parsed.

use std::{path::Path, sync::Arc};

use body_logger_core::Entry;
use memchr::memmem;

use super::{ReadError, ReadErrorKind};

/// A line of a log that was not parsed yet; see [`LineBatch`](super::LineBatch).
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct UnparsedLine<'a> {
    /// The line as it is in the file, without its line feed.
    pub bytes: &'a [u8],
    /// Where it begins in the file, in bytes of what that holds uncompressed.
    pub offset: u64,
    pub(super) file: &'a Arc<Path>,
}

impl<'a> UnparsedLine<'a> {
    pub(super) fn new(bytes: &'a [u8], file: &'a Arc<Path>, offset: u64) -> Self {
        Self {
            bytes,
            offset,
            file,
        }
    }

    /// Returns the file, by the path that it had when it was found.
    #[must_use]
    pub fn file(&self) -> &'a Path {
        self.file
    }

    /// Parses the line.
    ///
    /// # Errors
    ///
    /// Returns an error of the kind [`NotJson`](ReadErrorKind::NotJson) or [`NotAnEntry`](ReadErrorKind::NotAnEntry), as a
    /// [`Reader`](super::Reader) does.
    pub fn parse(&self) -> Result<Entry, ReadError> {
        parse(self.bytes).map_err(|error| ReadError {
            file: Arc::clone(self.file),
            offset: self.offset,
            kind: match error.is_data() {
                true => ReadErrorKind::NotAnEntry,
                false => ReadErrorKind::NotJson,
            },
            line: self.bytes.to_vec(),
        })
    }
}

fn parse(line: &[u8]) -> serde_json::Result<Entry> {
    // Fast path: what has no member of these names is a record, unless a name is escaped. Finding out which kind of entry
    // a line is takes two more passes over it. They are also made for a line that is no record, to say what is wrong.
    let has = |needle: &[u8]| memmem::find(line, needle).is_some();
    if !has(b"\"gap\"") && !has(b"\"maintenance\"") && !has(b"\\u") {
        // serde_json does not validate the UTF-8 of strings that it skips.
        let text = std::str::from_utf8(line).ok();
        let record = text.and_then(|text| serde_json::from_str(text).ok());
        if let Some(record) = record {
            return Ok(Entry::Record(record));
        }
    }
    serde_json::from_slice(line)
}
