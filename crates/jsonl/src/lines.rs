//! Records as lines of JSON.

use std::{
    fmt,
    fs::File,
    io::{self, Write},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use body_logger_core::{Entry, Sink, SinkError};

use crate::{
    batch::{AppendError, Batch},
    file::JsonLinesFile,
};

/// Writes one line of JSON per entry, a batch at a time, in one write call where the writer takes
/// it.
///
/// The lines are described by the JSON Schema in `docs/record.schema.json`. An entry that cannot be
/// written as JSON is lost alone.
///
/// Given to `BodyLoggerBuilder::sink` it runs behind a queue, on a thread of its own, and no worker waits
/// for the disk. `inline_sink` has the worker wait.
///
/// This is for any writer, see [`JsonLines::new`]; [`JsonLines::open`] appends to a file.
///
/// ```
/// use body_logger_core::{Entry, Record, Sink};
/// use body_logger_jsonl::JsonLines;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("body-logger-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("audit.jsonl");
/// let sink = JsonLines::open(path)?;
/// sink.write(&[Entry::Record(Record::example())])?;
/// # drop(sink);
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok(())
/// # }
/// ```
pub struct JsonLines<W>(Mutex<Lines<W>>);

struct Lines<W> {
    writer: W,
    /// The last write may have ended within a line.
    torn: bool,
}

impl<W: Write> Lines<W> {
    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        if std::mem::replace(&mut self.torn, true) {
            self.writer.write_all(b"\n")?;
        }
        self.writer.write_all(lines)?;
        self.torn = false;
        Ok(())
    }
}

impl JsonLines<File> {
    /// Appends to the file at `path`: short for [`JsonLinesFile::at(path).open()`][at], which also
    /// rotates, limits, compresses and syncs.
    ///
    /// [at]: JsonLinesFile::at
    ///
    /// # Errors
    ///
    /// As for [`JsonLinesFileBuilder::open`](crate::JsonLinesFileBuilder::open).
    pub fn open(path: impl AsRef<Path>) -> io::Result<JsonLinesFile> {
        JsonLinesFile::at(path).open()
    }
}

impl<W: Write + Send + 'static> JsonLines<W> {
    /// Writes to `writer`. After a failed write, the next one begins with a line feed, as the failed one may have left a
    /// torn line.
    ///
    /// ```
    /// use body_logger_core::{Entry, Record, Sink, SinkError};
    /// use body_logger_jsonl::JsonLines;
    ///
    /// let sink = JsonLines::new(std::io::stdout());
    /// sink.write(&[Entry::Record(Record::example())])?;
    /// # Ok::<(), SinkError>(())
    /// ```
    #[must_use]
    pub fn new(writer: W) -> Self {
        Self(Mutex::new(Lines {
            writer,
            torn: false,
        }))
    }

    fn lines(&self) -> MutexGuard<'_, Lines<W>> {
        // A writer that panicked is treated as one that failed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Write + Send + 'static> Sink for JsonLines<W> {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let batch = Batch::of(entries, Vec::new());
        let written = self.lines().write(&batch.lines().bytes);
        let lost_lines = batch.lines().count;
        batch.outcome(written.map_err(|error| AppendError { lost_lines, error }))
    }

    fn flush(&self) -> Result<(), SinkError> {
        self.lines().writer.flush()?;
        Ok(())
    }
}

impl<W> fmt::Debug for JsonLines<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes as many bytes as it has room for, then fails until it is given more.
    struct Disk {
        written: Vec<u8>,
        room: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let taken = bytes.len().min(self.room);
            if taken == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.room -= taken;
            self.written.extend_from_slice(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_that_was_torn_does_not_tear_the_next_one() {
        let mut lines = Lines {
            writer: Disk {
                written: Vec::new(),
                room: 4,
            },
            torn: false,
        };
        assert!(lines.write(b"first\n").is_err());
        assert!(lines.write(b"second\n").is_err());
        lines.writer.room = 100;
        assert!(lines.write(b"third\n").is_ok());
        assert!(lines.write(b"fourth\n").is_ok());
        assert_eq!(lines.writer.written, b"firs\nthird\nfourth\n");
    }
}
