//! Limits the length of records' lines.
//!
//! Log shippers drop or split long lines, or stop at them, and two captured bodies can grow to several times their size
//! when they are escaped. The least important content is shortened first, and the record says what was.

mod length;
mod steps;

use self::{
    length::{encoded, most_bytes},
    steps::{
        drop_attributes, drop_headers, drop_parts, shorten_attributes, shorten_larger_content,
        shorten_message, shorten_request_line, shorten_texts,
    },
};
use super::Record;

/// Default maximum length of a record's line, with its line feed: 256 KiB.
pub const DEFAULT_MAX_RECORD_BYTES: usize = 256 * 1024;

/// The smallest [`RecordLimit`]: 4 KiB. Everything in a record that cannot be shortened fits into it.
pub const MIN_MAX_RECORD_BYTES: usize = 4 * 1024;

/// Digits of the largest `seq`: a record rendered on the worker gets its number only afterwards.
const SEQ_DIGITS: usize = 20;

/// Maximum length of a record's line in bytes, with its line feed.
///
/// ```
/// use body_logger_core::record::{Record, RecordLimit, MIN_MAX_RECORD_BYTES};
///
/// let mut record = Record::example();
/// record.request.path = "/orders".repeat(1000).into();
/// RecordLimit::new(MIN_MAX_RECORD_BYTES).apply(&mut record);
/// assert!(serde_json::to_string(&record)?.len() < MIN_MAX_RECORD_BYTES);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RecordLimit(usize);

impl Default for RecordLimit {
    fn default() -> Self {
        Self(DEFAULT_MAX_RECORD_BYTES)
    }
}

impl RecordLimit {
    /// Creates a limit of `bytes`, but at least [`MIN_MAX_RECORD_BYTES`].
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self(bytes.max(MIN_MAX_RECORD_BYTES))
    }

    /// Returns a limit that leaves this many bytes of a line to a sink, which
    /// [adds](crate::Sink::added_line_bytes) them. It may be less than the minimum.
    #[must_use]
    pub fn reserving(self, bytes: usize) -> Self {
        Self(self.0.saturating_sub(bytes))
    }

    /// Returns the limit in bytes.
    #[must_use]
    pub fn bytes(self) -> usize {
        self.0
    }

    /// Shortens a record whose line would be too long, and marks it accordingly. First the content of the larger body
    /// is shortened, then that of the other, parts, headers, attributes, and finally all other external texts.
    pub fn apply(self, record: &mut Record) {
        if most_bytes(record) > self.0 {
            shorten(record, self.0);
        }
    }
}

fn shorten(record: &mut Record, max_bytes: usize) {
    let steps: [fn(&mut Record, usize); 9] = [
        shorten_larger_content,
        // This time the other body: either the first has no content left, or the record fits.
        shorten_larger_content,
        drop_parts,
        drop_headers,
        shorten_attributes,
        shorten_message,
        shorten_request_line,
        shorten_texts,
        drop_attributes,
    ];
    for step in steps {
        let excess = (encoded(record) + SEQ_DIGITS + 1).saturating_sub(max_bytes);
        if excess == 0 {
            return;
        }
        step(record, excess);
    }
}

#[cfg(test)]
mod tests;
