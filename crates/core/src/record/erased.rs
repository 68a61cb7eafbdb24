//! What stays of an entry whose line was erased.

use serde::Deserialize;
use uuid::Uuid;

use super::RECORD_VERSION;

/// What stays of an entry whose line was erased from a log: which one it was. Its line is as long as before, so that
/// those behind it stay where they are; the blanks are at its end.
///
/// It is not an [`Entry`](super::Entry). A [maintenance note](super::Maintenance) says when it was erased.
///
/// ```
/// use body_logger_core::record::ErasedEntry;
///
/// let erased = ErasedEntry::new("0199fd2c-5a3f-7b02-8a11-5d2e9c7f6041".parse()?, "0199fd10-11c4-7d5e-b3a8-90c1d2e3f405".parse()?, 42);
/// let line = erased.line(200).expect("a line that is long enough");
/// assert!(line.starts_with(br#"{"v":1,"entry_id":"0199fd2c-5a3f-7b02-8a11-5d2e9c7f6041","run":"#));
/// assert_eq!(ErasedEntry::from_line(&line), Some(erased));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ErasedEntry {
    /// The `entry_id` that it had.
    pub entry_id: Uuid,
    /// The `run` that it had.
    pub run: Uuid,
    /// The `seq` that it had.
    pub seq: u64,
}

impl ErasedEntry {
    /// Creates what stays of the entry with these ids and this number.
    #[must_use]
    pub fn new(entry_id: Uuid, run: Uuid, seq: u64) -> Self {
        Self { entry_id, run, seq }
    }

    /// Parses the line of an erased entry, without a line feed. Returns `None` for any other, and for one that is not
    /// byte for byte as [`line`](Self::line) writes it.
    #[must_use]
    pub fn from_line(line: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Stub {
            entry_id: Uuid,
            run: Uuid,
            seq: u64,
            #[serde(rename = "erased")]
            _erased: bool,
        }

        // Fast path: a record begins with its `id`.
        if !line.starts_with(br#"{"v":1,"entry_id":"#) {
            return None;
        }
        let Stub {
            entry_id, run, seq, ..
        } = serde_json::from_slice(line).ok()?;
        let erased = Self { entry_id, run, seq };
        (erased.line(line.len())? == line).then_some(erased)
    }

    /// Returns the line without its line feed, padded to this many bytes. `None` if these are too few, as they never are for
    /// the line of a record.
    #[must_use]
    pub fn line(&self, bytes: usize) -> Option<Vec<u8>> {
        let Self { entry_id, run, seq } = self;
        let mut line = format!(
            r#"{{"v":{RECORD_VERSION},"entry_id":"{entry_id}","run":"{run}","seq":{seq},"erased":true}}"#
        )
        .into_bytes();
        let padding = bytes.checked_sub(line.len())?;
        line.resize(line.len() + padding, b' ');
        Some(line)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_written_is_parsed() {
        let erased = ErasedEntry::new(Uuid::from_u128(7), Uuid::from_u128(8), 9);
        let line = erased.line(180).expect("long enough");
        assert_eq!(line.len(), 180);
        assert_eq!(ErasedEntry::from_line(&line), Some(erased));
        let shortest = line.trim_ascii_end();
        assert_eq!(ErasedEntry::from_line(shortest), Some(erased));
        assert_eq!(erased.line(shortest.len() - 1), None);
        // Also no blank that is not at the end, and no other value or member.
        for at in 0..line.len() {
            for byte in *b" x1\t" {
                let mut changed = line.clone();
                if std::mem::replace(&mut changed[at], byte) != byte {
                    let parsed = ErasedEntry::from_line(&changed);
                    assert_ne!(parsed, Some(erased), "{}", changed.escape_ascii());
                }
            }
        }
        let record = serde_json::to_vec(&crate::Record::example()).expect("JSON");
        assert_eq!(ErasedEntry::from_line(&record), None);
    }
}
