//! Closed files that registered readers still need.
//!
//! A reader, such as a shipper, may be another process. So what it needs is found in files: its registration beside the log
//! names the file of its position.

use std::{collections::HashMap, io};

use uuid::Uuid;

use crate::{
    closed::{Closed, LogFiles},
    read::first_entry,
    registration,
};

/// The first entries of closed files, by the times in their names. Positions identify files by them.
#[derive(Debug, Default)]
pub(super) struct Holds(HashMap<String, Option<Uuid>>);

impl Holds {
    /// Returns how many of the closed files, from the oldest on, all registered readers have read.
    pub(super) fn read_by_all(
        &mut self,
        log_files: &LogFiles,
        closed: &[Closed],
    ) -> io::Result<usize> {
        let positions = registration::positions(&log_files.live)?;
        if positions.is_empty() {
            return Ok(closed.len());
        }
        (self.0).retain(|stamp, _| closed.iter().any(|file| file.stamp == *stamp));
        // If the file is rotated meanwhile, it is in no listing, and nothing counts as read.
        let live = first_entry(&log_files.live);
        let read = positions
            .iter()
            .map(|position| match position.first_in_file() {
                None => 0,
                Some(first) if live == Some(first) => closed.len(),
                Some(first) => self.before(first, closed),
            });
        Ok(read.min().unwrap_or(closed.len()))
    }

    /// Returns how many files are older than the one with this first entry. That one is still needed after it was read
    /// to its end: a reader that does not find it cannot know that nothing is missing.
    fn before(&mut self, first: Uuid, closed: &[Closed]) -> usize {
        let newest = closed
            .iter()
            .rposition(|file| self.first(file) == Some(first));
        // A reader whose file was deleted continues with the oldest one.
        newest.unwrap_or(0)
    }

    fn first(&mut self, file: &Closed) -> Option<Uuid> {
        if let Some(known) = self.0.get(&file.stamp) {
            return *known;
        }
        let first = first_entry(&file.path);
        // An empty file may be a name that was just claimed.
        if file.bytes > 0 {
            self.0.insert(file.stamp.clone(), first);
        }
        first
    }
}
