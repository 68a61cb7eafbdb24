//! The files of a log and their lines as bytes, for those who do not need the entries.

use std::{
    fs::File,
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    files::{Files, Place},
    lines::{Found, Lines},
    source::{Coding, Source},
};
use crate::{closed::LogFiles, paths::named};

/// A file of a [`JsonLinesFile`](crate::JsonLinesFile): the live one, or one that rotation has closed.
///
/// ```
/// use body_logger_jsonl::RawFile;
/// # use body_logger_core::{Entry, Record, Sink};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("body-logger-raw-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("audit.jsonl");
/// # body_logger_jsonl::JsonLines::open(&path)?.write(&[Entry::Record(Record::example())])?;
/// let mut count = 0;
/// for file in RawFile::list(&path)? {
///     let mut lines = file.lines()?;
///     while let Some(line) = lines.next()? {
///         assert!(line.bytes.starts_with(b"{"));
///         count += 1;
///     }
/// }
/// assert_eq!(count, 1);
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFile {
    path: Arc<Path>,
    closed_at: Option<String>,
    coding: Coding,
}

impl RawFile {
    /// Lists the files of the log whose live file is at `path`, the oldest first. Files that something else has
    /// rotated are not among them, nor are empty closed files.
    ///
    /// # Errors
    ///
    /// Returns an error if the directory cannot be read.
    pub fn list(path: impl AsRef<Path>) -> io::Result<Vec<Self>> {
        let path = path.as_ref();
        let files = Files::of(path).and_then(|files| {
            let log_files = LogFiles::beside(files.live().to_owned());
            let own = files.list()?.into_iter().filter_map(|file| {
                let name = file.path.file_name().unwrap_or_default();
                let closed_at = log_files.parse(name).map(|(stamp, _)| stamp);
                (closed_at.is_some() || file.place == Place::Live).then_some(Self {
                    path: file.path,
                    closed_at,
                    coding: file.coding,
                })
            });
            Ok(own.collect())
        });
        files.map_err(|error| named(path, &error))
    }

    /// Returns the path of the live file of a log with all links resolved; the file need not exist yet.
    ///
    /// # Errors
    ///
    /// Returns an error if the directory cannot be found.
    pub fn live_path(path: impl AsRef<Path>) -> io::Result<PathBuf> {
        let path = path.as_ref();
        let files = Files::of(path).map_err(|error| named(path, &error))?;
        Ok(files.live().to_owned())
    }

    /// Returns the path of the file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the time in the name of a closed file, by which it is known whether or not it is compressed. `None`
    /// for the live file.
    #[must_use]
    pub fn closed_at(&self) -> Option<&str> {
        self.closed_at.as_deref()
    }

    /// Returns whether the file is compressed, by its name.
    #[must_use]
    pub fn is_compressed(&self) -> bool {
        self.coding != Coding::Plain
    }

    /// Opens the file to read its lines.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be opened, or is compressed while the feature `compress` is off.
    pub fn lines(&self) -> io::Result<RawLines> {
        let opened = if self.coding.can_be_read() {
            File::open(&self.path).and_then(|file| Source::new(file, self.coding))
        } else {
            let error = "it is compressed, and this is built without the feature `compress`";
            Err(io::Error::new(io::ErrorKind::Unsupported, error))
        };
        Ok(RawLines {
            lines: Lines::new(opened.map_err(|error| named(&self.path, &error))?),
            path: Arc::clone(&self.path),
        })
    }
}

/// The lines of a [`RawFile`], one after the other.
#[derive(Debug)]
pub struct RawLines {
    lines: Lines,
    path: Arc<Path>,
}

/// A line as it is in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct RawLine<'a> {
    /// The line without its line feed.
    pub bytes: &'a [u8],
    /// Where it begins in the file, in bytes of what that holds uncompressed.
    pub offset: u64,
}

impl RawLines {
    /// Maximum length of a line: 64 MiB. A longer one is an error.
    pub const MAX_LINE_BYTES: usize = 64 * 1024 * 1024;

    /// Returns the next line that has its line feed.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read, or if the line is too long.
    #[allow(
        clippy::should_implement_trait,
        reason = "a line is borrowed from the buffer, so this is no iterator"
    )]
    pub fn next(&mut self) -> io::Result<Option<RawLine<'_>>> {
        let found = self.lines.next(Self::MAX_LINE_BYTES);
        match found.map_err(|error| named(&self.path, &error))? {
            Found::Line(line, offset) => Ok(Some(RawLine {
                bytes: self.lines.bytes(line),
                offset,
            })),
            Found::TooLong(bytes, offset) => {
                let error = format!("the line at byte {offset} is too long: {bytes} bytes");
                let error = io::Error::new(io::ErrorKind::InvalidData, error);
                Err(named(&self.path, &error))
            }
            Found::End => Ok(None),
        }
    }

    /// Returns where the torn line is at the end of the file, once there is no next line.
    #[must_use]
    pub fn torn_line(&self) -> Option<Range<u64>> {
        let start = self.lines.offset();
        let end = start + self.lines.rest();
        (start < end).then_some(start..end)
    }
}
