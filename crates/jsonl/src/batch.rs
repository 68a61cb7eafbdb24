//! A batch of entries as the bytes to write.

use std::{io, sync::Arc};

use body_logger_core::{record::JsonLineBuffer, Entry, SinkError};

/// What one entry is expected to take, so that a batch is rarely moved as it grows.
const USUAL_LINE: usize = 1024;

/// Lines, each with its line feed.
#[derive(Debug)]
pub(crate) struct Lines {
    pub(crate) bytes: Arc<Vec<u8>>,
    pub(crate) count: usize,
}

impl From<Vec<u8>> for Lines {
    fn from(bytes: Vec<u8>) -> Self {
        Self {
            count: count(&bytes),
            bytes: Arc::new(bytes),
        }
    }
}

/// The last `lost_lines` of a batch's lines were not written, or not made durable as configured.
#[derive(Debug)]
pub(crate) struct AppendError {
    pub(crate) lost_lines: usize,
    pub(crate) error: io::Error,
}

/// One line for each entry that can be written as JSON.
pub(crate) struct Batch {
    lines: Lines,
    entries: usize,
    /// Which entries have no line, and why the last of them has none.
    left_out: Vec<usize>,
    error: Option<serde_json::Error>,
}

impl Batch {
    /// Creates the lines of these entries, each with its salt where there are any.
    pub(crate) fn of(entries: &[Entry], salts: Vec<[u8; 16]>) -> Self {
        let mut salts = salts.into_iter();
        let mut lines = JsonLineBuffer::with_capacity(entries.len() * USUAL_LINE);
        let (mut left_out, mut error) = (Vec::new(), None);
        for (index, entry) in entries.iter().enumerate() {
            let pushed = match salts.next() {
                Some(salt) => lines.push_salted(entry, salt),
                None => lines.push(entry),
            };
            if let Err(failure) = pushed {
                left_out.push(index);
                error = Some(failure);
            }
        }
        Self {
            lines: Lines {
                bytes: Arc::new(lines.into_bytes()),
                count: entries.len() - left_out.len(),
            },
            entries: entries.len(),
            left_out,
            error,
        }
    }

    pub(crate) fn lines(&self) -> &Lines {
        &self.lines
    }

    /// Returns the result for the batch's entries, given that for its lines.
    pub(crate) fn outcome(self, written: Result<(), AppendError>) -> Result<(), SinkError> {
        match (written, self.error) {
            (Err(AppendError { lost_lines, error }), _) => {
                let error = SinkError::from(error);
                if self.left_out.is_empty() {
                    return Err(error.after(self.entries - lost_lines));
                }
                let has_line = |index: &usize| self.left_out.binary_search(index).is_err();
                let lost = (0..self.entries).rev().filter(has_line).take(lost_lines);
                Err(error.losing(lost.chain(self.left_out.iter().copied())))
            }
            (Ok(()), Some(error)) => Err(SinkError::from(error).losing(self.left_out)),
            (Ok(()), None) => Ok(()),
        }
    }
}

/// How many lines these bytes end.
pub(crate) fn count(lines: &[u8]) -> usize {
    memchr::memchr_iter(b'\n', lines).count()
}
