//! A batch of entries as the bytes to write.

use super::line::LineBuffer;
use crate::{record::Entry, sink::SinkError};

/// What one entry is expected to take, so that a batch is rarely moved as it grows.
const USUAL_LINE: usize = 1024;

/// One line for each entry that can be written as JSON.
pub(super) struct Batch {
    lines: LineBuffer,
    /// How many entries have no line, and why the last of them has none.
    left_out: usize,
    error: Option<serde_json::Error>,
}

impl Batch {
    pub(super) fn of(entries: &[Entry]) -> Self {
        let mut batch = Self {
            lines: LineBuffer::with_capacity(entries.len() * USUAL_LINE),
            left_out: 0,
            error: None,
        };
        for entry in entries {
            batch.push(entry);
        }
        batch
    }

    fn push(&mut self, entry: &Entry) {
        if let Err(error) = self.lines.push(entry) {
            self.left_out += 1;
            self.error = Some(error);
        }
    }

    /// All lines, each with its end.
    pub(super) fn lines(&self) -> &[u8] {
        &self.lines.bytes
    }

    /// How the batch fared, where `lost` of its lines were not written for the reason given.
    pub(super) fn outcome<E: Into<SinkError>>(
        self,
        written: Result<(), (usize, E)>,
    ) -> Result<(), SinkError> {
        match (written, self.error) {
            (Err((lost, error)), _) => Err(error.into().losing(lost + self.left_out)),
            (Ok(()), Some(error)) => Err(SinkError::from(error).losing(self.left_out)),
            (Ok(()), None) => Ok(()),
        }
    }
}

/// How many lines these bytes end.
pub(super) fn count(lines: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', lines).count()
}
