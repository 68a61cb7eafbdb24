//! Batches of lines that are parsed later, or on other threads.

use std::{ops::Range, path::Path, sync::Arc};

use super::{unparsed::UnparsedLine, ReadError};

/// Lines of a log that are not parsed yet, to be parsed on other threads, or only in part; see
/// [`Reader::read_batch`](super::Reader::read_batch).
#[derive(Debug, Default)]
pub struct LineBatch {
    bytes: Vec<u8>,
    files: Vec<Arc<Path>>,
    items: Vec<Result<Item, ReadError>>,
}

/// The place of a line in the batch and in its file.
#[derive(Debug)]
struct Item {
    range: Range<usize>,
    file: usize,
    offset: u64,
}

impl LineBatch {
    /// Whether there is neither a line nor an error.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// Removes everything, and keeps the memory for the next lines.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.files.clear();
        self.items.clear();
    }

    /// Iterates over the lines, and what could not be read, in the order of the log.
    pub fn iter(&self) -> impl Iterator<Item = Result<UnparsedLine<'_>, &ReadError>> {
        self.items.iter().map(|item| {
            let item = item.as_ref()?;
            let line = &self.bytes[item.range.clone()];
            Ok(UnparsedLine::new(line, &self.files[item.file], item.offset))
        })
    }

    pub(super) fn push(&mut self, line: UnparsedLine<'_>) {
        let is_known = self
            .files
            .last()
            .is_some_and(|last| Arc::ptr_eq(last, line.file));
        if !is_known {
            self.files.push(Arc::clone(line.file));
        }
        let start = self.bytes.len();
        self.bytes.extend_from_slice(line.bytes);
        self.items.push(Ok(Item {
            range: start..self.bytes.len(),
            file: self.files.len() - 1,
            offset: line.offset,
        }));
    }

    pub(super) fn push_error(&mut self, error: ReadError) {
        self.items.push(Err(error));
    }
}
