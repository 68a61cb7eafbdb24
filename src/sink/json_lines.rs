//! Records as lines of JSON.

use std::{
    fmt,
    fs::{File, OpenOptions},
    io::{self, Write},
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
pub struct JsonLines<W>(Mutex<W>);

impl JsonLines<File> {
    /// Appends to the file at `path`, and makes it if there is none.
    ///
    /// # Errors
    ///
    /// What the operating system says, with the path before it.
    pub fn open(path: impl AsRef<Path>) -> io::Result<Self> {
        let path = path.as_ref();
        OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
            .map(Self::new)
            .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    }
}

impl<W: Write + Send + 'static> JsonLines<W> {
    /// Writes to `writer`.
    #[must_use]
    pub fn new(writer: W) -> Self {
        Self(Mutex::new(writer))
    }

    fn writer(&self) -> MutexGuard<'_, W> {
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
        self.writer().write_all(&lines)?;
        Ok(())
    }

    fn flush(&self) -> Result<(), SinkError> {
        self.writer().flush()?;
        Ok(())
    }
}

impl<W> fmt::Debug for JsonLines<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines").finish_non_exhaustive()
    }
}
