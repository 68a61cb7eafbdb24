//! Where the entries come from that a command reads: files, or what was shipped.

use std::{path::Path, time::Duration};

use body_logger_core::Entry;

#[cfg(feature = "ship")]
use super::stored::Stored;
use super::{Completeness, Logs};
use crate::failure::{Done, Failure};

/// The entries of a log.
#[derive(Debug)]
pub(crate) enum Source {
    Files(Logs),
    #[cfg(feature = "ship")]
    Stored(Box<Stored>),
}

/// An entry that was read.
#[derive(Debug)]
pub(crate) struct ReadEntry {
    pub(crate) entry: Entry,
    /// The length of its JSON.
    pub(crate) bytes: usize,
}

impl Source {
    /// Opens the log at a path, all logs in a directory, or what was shipped to a URL.
    pub(crate) fn open(log: &Path) -> Result<Self, Failure> {
        match log.to_str().filter(|text| is_url(text)) {
            Some(url) => Self::open_url(url),
            None => Logs::open(log).map(Self::Files),
        }
    }

    #[cfg(feature = "ship")]
    fn open_url(url: &str) -> Result<Self, Failure> {
        Stored::open(url).map(Box::new).map(Self::Stored)
    }

    #[cfg(not(feature = "ship"))]
    fn open_url(_: &str) -> Result<Self, Failure> {
        let message =
            "what was shipped to a URL can be read by a program with the feature `ship` only: \
                       cargo install body-logger-cli --features ship";
        Err(Failure::Usage(message.into()))
    }

    /// How many bytes there are. `None` if that is not known.
    pub(crate) fn total_bytes(&self) -> Option<u64> {
        match self {
            Self::Files(logs) => logs.total_bytes(),
            #[cfg(feature = "ship")]
            Self::Stored(_) => None,
        }
    }

    /// Goes on with what is added.
    pub(crate) fn follow(self) -> Self {
        match self {
            Self::Files(logs) => Self::Files(logs.follow()),
            #[cfg(feature = "ship")]
            Self::Stored(stored) => Self::Stored(Box::new(stored.follow())),
        }
    }

    /// How often it is looked for more.
    pub(crate) fn poll(&self) -> Duration {
        match self {
            Self::Files(_) => Logs::POLL,
            #[cfg(feature = "ship")]
            Self::Stored(_) => Stored::POLL,
        }
    }

    pub(crate) fn completeness(&self) -> Completeness {
        match self {
            Self::Files(logs) => logs.completeness(),
            #[cfg(feature = "ship")]
            Self::Stored(stored) => stored.completeness(),
        }
    }

    /// How reading has ended.
    pub(crate) fn done(self) -> Result<Done, Failure> {
        match self {
            Self::Files(logs) => Ok(logs.completeness().done()),
            #[cfg(feature = "ship")]
            Self::Stored(stored) => stored.done(),
        }
    }
}

/// Called again after `None`, it goes on if it follows.
impl Iterator for Source {
    type Item = ReadEntry;

    fn next(&mut self) -> Option<ReadEntry> {
        match self {
            Self::Files(logs) => logs.next().map(|line| ReadEntry {
                entry: line.entry,
                bytes: line.bytes.len() + 1,
            }),
            #[cfg(feature = "ship")]
            Self::Stored(stored) => stored.next().map(|stored| ReadEntry {
                bytes: stored.json.len() + 1,
                entry: stored.entry,
            }),
        }
    }
}

/// Whether it is a URL rather than a path: a scheme, and two slashes.
fn is_url(text: &str) -> bool {
    text.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
