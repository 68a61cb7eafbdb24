//! Writes an HTTP archive in parts.

use std::io::{self, Write};

use serde_json::json;

use super::{Creator, Entry, VERSION};
use crate::Record;

/// Writes an HTTP archive in parts, for more records than are to be in memory at once.
///
/// What it writes is what [`har`](super::har()) makes of all the records, if they come oldest first: each part is sorted
/// by itself.
///
/// ```
/// use body_logger_core::{format::HarWriter, Record};
///
/// let mut file = HarWriter::new(Vec::new())?;
/// file.write(&[Record::example()])?;
/// file.write(&[Record::example()])?;
/// let bytes = file.finish()?;
/// let archive: serde_json::Value = serde_json::from_slice(&bytes)?;
/// assert_eq!(archive["log"]["entries"].as_array().map(Vec::len), Some(2));
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct HarWriter<W> {
    inner: W,
    has_entries: bool,
}

impl<W: Write> HarWriter<W> {
    /// Begins an archive.
    ///
    /// # Errors
    ///
    /// Returns the writer's error.
    pub fn new(mut inner: W) -> io::Result<Self> {
        let creator = json!(Creator::default());
        write!(
            inner,
            r#"{{"log":{{"version":"{VERSION}","creator":{creator},"entries":["#
        )?;
        Ok(Self {
            inner,
            has_entries: false,
        })
    }

    /// Writes the [whole](Record::is_whole) records among these.
    ///
    /// # Errors
    ///
    /// Returns the writer's error.
    pub fn write<'r>(&mut self, records: impl IntoIterator<Item = &'r Record>) -> io::Result<()> {
        for entry in Entry::sorted(records) {
            if self.has_entries {
                self.inner.write_all(b",")?;
            }
            self.has_entries = true;
            serde_json::to_writer(&mut self.inner, &entry)?;
        }
        Ok(())
    }

    /// Returns the writer, such as a buffer to take what is there.
    pub fn get_mut(&mut self) -> &mut W {
        &mut self.inner
    }

    /// Ends the archive, and returns the writer.
    ///
    /// # Errors
    ///
    /// Returns the writer's error.
    pub fn finish(mut self) -> io::Result<W> {
        self.inner.write_all(b"]}}")?;
        Ok(self.inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{format::har, record::Stage};

    #[test]
    fn parts_are_the_archive_of_all_records() {
        let mut records = vec![Record::example(); 5];
        records[2].stage = Some(Stage::Request);
        for count in 0..=records.len() {
            let mut file = HarWriter::new(Vec::new()).expect("a file");
            for part in records[..count].chunks(2) {
                file.write(part).expect("written");
            }
            let written = file.finish().expect("an end");
            let expected = serde_json::to_vec(&har(&records[..count])).expect("JSON");
            assert_eq!(
                String::from_utf8_lossy(&written),
                String::from_utf8_lossy(&expected)
            );
        }
    }
}
