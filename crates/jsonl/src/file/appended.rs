//! What observers get of the lines that were appended.

use std::{
    ops::{Deref, Range},
    sync::Arc,
};

use crate::batch::{self, Lines};

/// Whole lines that were appended to a file, each with its line feed, as one piece of bytes. Clones share them, so that an
/// observer can keep them without copying them.
///
/// ```
/// use body_logger_jsonl::AppendedLines;
///
/// let lines = AppendedLines::from(b"{}\n[]\n".to_vec());
/// assert_eq!((lines.count(), &lines[..3]), (2, &b"{}\n"[..]));
/// ```
#[derive(Debug, Clone)]
pub struct AppendedLines {
    batch: Arc<Vec<u8>>,
    range: Range<usize>,
    count: usize,
}

impl AppendedLines {
    pub(super) fn part_of(lines: &Lines, range: Range<usize>) -> Self {
        let is_all = range.len() == lines.bytes.len();
        let count = match is_all {
            true => lines.count,
            false => batch::count(&lines.bytes[range.clone()]),
        };
        Self {
            batch: Arc::clone(&lines.bytes),
            range,
            count,
        }
    }

    /// Returns how many lines there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// Returns how many bytes of memory are held at most by keeping this: those of all lines that were written with these.
    #[must_use]
    pub fn held_bytes(&self) -> usize {
        self.batch.capacity()
    }
}

impl Deref for AppendedLines {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.batch[self.range.clone()]
    }
}

impl From<Vec<u8>> for AppendedLines {
    fn from(bytes: Vec<u8>) -> Self {
        let lines = Lines::from(bytes);
        Self::part_of(&lines, 0..lines.bytes.len())
    }
}
