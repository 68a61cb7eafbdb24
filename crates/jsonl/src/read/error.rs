//! Errors of reading a log.

use std::{error::Error, fmt, io, path::Path, sync::Arc};

use uuid::Uuid;

/// Error: a part of a log could not be read. Reading continues after it.
///
/// Its text shows nothing of what the file holds.
#[derive(Debug)]
pub struct ReadError {
    pub(super) file: Arc<Path>,
    pub(super) offset: u64,
    pub(super) kind: ReadErrorKind,
    pub(super) line: Vec<u8>,
}

/// What could not be read; see [`ReadError`].
#[derive(Debug)]
#[non_exhaustive]
pub enum ReadErrorKind {
    /// The last line of a file has no line feed: a crash has torn it. Not reported of a live file that is
    /// [followed](super::Reader::follow), as the rest may still be written.
    Torn,
    /// A line is no JSON.
    NotJson,
    /// A line is JSON, but not an entry of a log.
    NotAnEntry,
    /// A line is longer than the [limit](super::Reader::max_line_bytes).
    TooLong {
        /// Its length.
        bytes: u64,
    },
    /// A file was deleted, so its end, or files after it, may not have been read. Reading continues with the oldest
    /// unread file.
    Gone {
        /// The first entry in that file.
        entry_id: Option<Uuid>,
    },
    /// A file is shorter than what was read of it, or no line begins any more where reading was to
    /// go on. It is read from its beginning, unless a copy of what it held is among the rotated files.
    Truncated,
    /// A file is compressed, and the feature `compress` is off. It is passed over.
    Compressed,
    /// The operating system or a decompressor failed. The rest of the file is passed over.
    Io(io::Error),
}

impl ReadError {
    /// Returns the file, by the path that it had when it was found. For [`ReadErrorKind::Gone`] the
    /// path that the live file has.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Returns where in the file, in bytes of what it holds uncompressed.
    #[must_use]
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// Returns what is wrong.
    #[must_use]
    pub fn kind(&self) -> &ReadErrorKind {
        &self.kind
    }

    /// Returns the line as it is in the file, without its line feed; empty unless the kind is
    /// [`Torn`](ReadErrorKind::Torn), [`NotJson`](ReadErrorKind::NotJson) or
    /// [`NotAnEntry`](ReadErrorKind::NotAnEntry).
    #[must_use]
    pub fn line(&self) -> &[u8] {
        &self.line
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, at byte {}: ", self.file.display(), self.offset)?;
        match &self.kind {
            ReadErrorKind::Torn => write!(f, "the line is torn"),
            ReadErrorKind::NotJson => write!(f, "the line is no JSON"),
            ReadErrorKind::NotAnEntry => write!(f, "the line is no entry"),
            ReadErrorKind::TooLong { bytes } => {
                write!(f, "the line is too long, {bytes} bytes")
            }
            ReadErrorKind::Gone { entry_id: Some(id) } => {
                write!(f, "the file that begins with entry {id} is gone")
            }
            ReadErrorKind::Gone { entry_id: None } => write!(f, "the file is gone"),
            ReadErrorKind::Truncated => write!(f, "the file was truncated"),
            ReadErrorKind::Compressed => write!(
                f,
                "the file is compressed, and the feature `compress` is off"
            ),
            ReadErrorKind::Io(error) => error.fmt(f),
        }
    }
}

impl Error for ReadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.kind {
            ReadErrorKind::Io(error) => Some(error),
            _ => None,
        }
    }
}
