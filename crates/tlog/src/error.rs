//! Errors.

use std::{
    error, fmt, io,
    path::{Path, PathBuf},
};

/// An error of this crate. A log that was tampered with is not an error but a [`Fault`](crate::Fault).
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// A file could not be read or written.
    Io {
        /// Which one.
        path: PathBuf,
        /// The operating system's error.
        error: io::Error,
    },
    /// The log's files could not be read. The error names the file.
    Files(io::Error),
    /// A key that is malformed, or that others may read.
    Key(String),
    /// A checkpoint that is malformed, or that none of the keys given has signed.
    Checkpoint(String),
    /// A proof that is malformed or does not hold, or one that cannot be made.
    Proof(String),
    /// A log that cannot be continued, as it differs from its stored checkpoint.
    Log(String),
}

impl Error {
    /// Names the file that an error of the operating system is about.
    pub(crate) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        |error| Self::Io {
            path: path.to_owned(),
            error,
        }
    }

    /// Names the file that is malformed.
    pub(crate) fn in_file(self, path: &Path) -> Self {
        let name = |text: String| format!("{}: {text}", path.display());
        match self {
            Self::Key(text) => Self::Key(name(text)),
            Self::Checkpoint(text) => Self::Checkpoint(name(text)),
            Self::Proof(text) => Self::Proof(name(text)),
            other => other,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io { path, error } => write!(f, "{}: {error}", path.display()),
            Self::Files(error) => error.fmt(f),
            Self::Key(text) | Self::Checkpoint(text) | Self::Proof(text) | Self::Log(text) => {
                f.write_str(text)
            }
        }
    }
}

impl error::Error for Error {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::Io { error, .. } | Self::Files(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Error> for io::Error {
    fn from(error: Error) -> Self {
        let kind = match &error {
            Error::Io { error, .. } | Error::Files(error) => error.kind(),
            _ => io::ErrorKind::InvalidData,
        };
        Self::new(kind, error)
    }
}
