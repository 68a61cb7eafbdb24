//! Records as lines of JSON.

mod background;
mod batch;
mod closed;
#[cfg(feature = "compress")]
mod codec;
mod counts;
mod file;
mod live;
mod options;
mod tidy;
mod torn;
mod writer;

use std::{
    fmt,
    fs::File,
    io::{self, Write},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use self::batch::Batch;
pub use self::{
    counts::FileCounters,
    file::JsonLinesFile,
    options::{Compression, Fsync, JsonLinesFileBuilder},
};
use super::{Sink, SinkError};
use body_logger_core::record::Entry;

/// Writes one line of JSON per entry, a batch at a time, in one write call where the writer takes
/// it.
///
/// The lines are described by the JSON Schema in `docs/record.schema.json`. An entry that cannot be
/// written as JSON is lost alone.
///
/// Given to [`sink`](crate::BodyLoggerBuilder::sink) it runs behind a queue, on a thread of its own, and
/// no worker waits for the disk. [`inline_sink`](crate::BodyLoggerBuilder::inline_sink) has the worker
/// wait.
///
/// This is for any writer, see [`JsonLines::new`]; [`JsonLines::open`] appends to a file.
///
/// ```
/// use actix_web_body_logger::{sink::JsonLines, BodyLogger};
///
/// # fn main() -> std::io::Result<()> {
/// # let directory = std::env::temp_dir().join(format!("body-logger-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("audit.jsonl");
/// let logger = BodyLogger::builder().sink(JsonLines::open(path)?).build();
/// # drop(logger);
/// # std::fs::remove_dir_all(&directory)
/// # }
/// ```
pub struct JsonLines<W>(Mutex<Lines<W>>);

struct Lines<W> {
    writer: W,
    /// What was written last may end within a line.
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
    /// As for [`JsonLinesFileBuilder::open`].
    pub fn open(path: impl AsRef<Path>) -> io::Result<JsonLinesFile> {
        JsonLinesFile::at(path).open()
    }
}

impl<W: Write + Send + 'static> JsonLines<W> {
    /// Writes to `writer`. After a write that failed the next one begins with a new line, as half a
    /// line may have been written.
    ///
    /// ```
    /// use actix_web_body_logger::{sink::JsonLines, BodyLogger};
    ///
    /// let logger = BodyLogger::builder().sink(JsonLines::new(std::io::stdout())).build();
    /// # drop(logger);
    /// ```
    #[must_use]
    pub fn new(writer: W) -> Self {
        Self(Mutex::new(Lines {
            writer,
            torn: false,
        }))
    }

    fn lines(&self) -> MutexGuard<'_, Lines<W>> {
        // A writer that panicked is no worse to write to than one that failed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<W: Write + Send + 'static> Sink for JsonLines<W> {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let batch = Batch::of(entries);
        let written = self.lines().write(batch.lines());
        let lost = batch::count(batch.lines());
        batch.outcome(written.map_err(|error| (lost, error)))
    }

    fn flush(&self) -> Result<(), SinkError> {
        self.lines().writer.flush()?;
        Ok(())
    }
}

/// An entry's line.
#[cfg(feature = "internals")]
pub(crate) fn line_of(entry: &Entry) -> Result<Vec<u8>, serde_json::Error> {
    let mut lines = body_logger_core::record::JsonLineBuffer::default();
    lines.push(entry)?;
    Ok(lines.as_bytes().to_vec())
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
