//! What was shipped, read back.

use std::time::Duration;

use body_logger_core::Filter;
use body_logger_ship::{DestinationUrl, StoredEntries, StoredEntry, StoredError};

use super::{Completeness, Unreadable};
use crate::failure::{Done, Failure};

/// The entries at a destination. What cannot be read is reported, and reading goes on behind it.
#[derive(Debug)]
pub(crate) struct Stored {
    entries: StoredEntries,
    follows: bool,
    unreadable: Unreadable,
    /// Why reading has ended before the end.
    failure: Option<Failure>,
}

impl Stored {
    /// How often a destination is asked that is followed, over a network.
    pub(crate) const POLL: Duration = Duration::from_millis(200);

    pub(crate) fn open(url: &str) -> Result<Self, Failure> {
        // The URL may have a password in it.
        let usage = |error| Failure::Usage(format!("cannot read from the URL: {error}"));
        let url: DestinationUrl = url.parse().map_err(usage)?;
        Ok(Self {
            entries: url.read().map_err(usage)?,
            follows: false,
            unreadable: Unreadable::default(),
            failure: None,
        })
    }

    /// Goes on as entries arrive.
    pub(crate) fn follow(mut self) -> Self {
        self.entries = self.entries.follow();
        self.follows = true;
        self
    }

    /// Asks for records that match. Gaps and maintenance notes are given as well.
    pub(crate) fn filter(mut self, filter: Filter) -> Self {
        self.entries = self.entries.filter(filter);
        self
    }

    pub(crate) fn completeness(&self) -> Completeness {
        self.unreadable.completeness()
    }

    /// How reading has ended.
    pub(crate) fn done(self) -> Result<Done, Failure> {
        match self.failure {
            Some(failure) => Err(failure),
            None => Ok(self.unreadable.completeness().done()),
        }
    }
}

/// Called again after `None`, it goes on if it follows.
impl Iterator for Stored {
    type Item = StoredEntry;

    fn next(&mut self) -> Option<StoredEntry> {
        loop {
            match self.entries.next() {
                Some(Ok(entry)) => {
                    self.unreadable.end_row();
                    return Some(entry);
                }
                // It connects again.
                Some(Err(StoredError::Unavailable(error))) if self.follows => {
                    self.unreadable
                        .report_outage(&format_args!("{error}; trying again"));
                }
                Some(Err(StoredError::Unavailable(error))) => {
                    self.failure = Some(Failure::cannot("read what was shipped", error));
                }
                Some(Err(error)) => self.unreadable.report(&error),
                None => {
                    self.unreadable.end_row();
                    return None;
                }
            }
        }
    }
}
