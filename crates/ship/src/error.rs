//! Why a shipper does not start, or does not stop.

use std::{error::Error, fmt, io, path::PathBuf};

/// Why a shipper was not started.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// Another shipper uses the position, in this process or another one.
    InUse {
        /// The position file.
        path: PathBuf,
    },
    /// The position cannot be read, or not be locked. Without it, all of the log would be shipped again.
    Position {
        /// The position file.
        path: PathBuf,
        /// What is wrong with it.
        source: io::Error,
    },
    /// The operating system started no thread.
    Thread(io::Error),
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse { path } => {
                write!(f, "another shipper uses the position {}", path.display())
            }
            Self::Position { path, source } => write!(
                f,
                "cannot use the position {}: {source}; without it, all of the log would be shipped again",
                path.display()
            ),
            Self::Thread(error) => write!(f, "cannot start a thread: {error}"),
        }
    }
}

impl Error for StartError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::InUse { .. } => None,
            Self::Position { source, .. } | Self::Thread(source) => Some(source),
        }
    }
}

/// A shipper that did not stop in time; see [`ShipHandle::stop`](crate::ShipHandle::stop).
#[derive(Debug)]
pub struct StillRunning {
    _private: (),
}

impl StillRunning {
    pub(crate) fn new() -> Self {
        Self { _private: () }
    }
}

impl fmt::Display for StillRunning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the shipper did not stop in time")
    }
}

impl Error for StillRunning {}
