//! Records as lines of JSON.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::{Sink, SinkError};
use crate::record::Entry;

/// Writes one line of JSON per entry, a batch at a time, in one write call where the writer takes
/// it.
///
/// The lines are described by the JSON Schema in `docs/record.schema.json`.
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
        if std::mem::replace(&mut self.torn, true) {
            self.writer.write_all(b"\n")?;
        }
        self.writer.write_all(lines)?;
        self.torn = false;
        Ok(())
    }
}

impl JsonLines<File> {
    /// Appends to the file at `path`, and makes it if there is none. Where the file ends within a
    /// line, a new one is begun.
    ///
    /// # Errors
    ///
    /// What the operating system says, with the path before it.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        let named =
            |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", path.display()));
        let mut file = OpenOptions::new()
            .create(true)
            .append(true)
            .read(true)
            .open(path)
            .map_err(named)?;
        let torn = ends_within_a_line(&mut file).map_err(named)?;
        Ok(Self(Mutex::new(Lines { writer: file, torn })))
    }
}

/// False for what cannot be read back from, such as a pipe or a device.
fn ends_within_a_line(file: &mut File) -> io::Result<bool> {
    if !file.metadata()?.is_file() || file.seek(SeekFrom::End(0))? == 0 {
        return Ok(false);
    }
    let mut last = [0];
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last != *b"\n")
}

impl<W: Write + Send + 'static> JsonLines<W> {
    /// Writes to `writer`.
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
        let mut lines = Vec::with_capacity(entries.len() * 1024);
        for entry in entries {
            serde_json::to_writer(&mut lines, entry)?;
            lines.push(b'\n');
        }
        self.lines().write(&lines)?;
        Ok(())
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
