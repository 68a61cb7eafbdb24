//! Which closed files registered readers still need.

use std::{collections::HashMap, io};

use uuid::Uuid;

use crate::{
    closed::{Closed, Family},
    read::first_entry,
    registration,
};

/// The first entries of closed files, by the times in their names: what positions name files by.
#[derive(Debug, Default)]
pub(super) struct Holds(HashMap<String, Option<Uuid>>);

impl Holds {
    /// How many of the closed files, the oldest first, all registered readers have read.
    pub(super) fn read_by_all(&mut self, family: &Family, closed: &[Closed]) -> io::Result<usize> {
        let positions = registration::positions(&family.live)?;
        if positions.is_empty() {
            return Ok(closed.len());
        }
        (self.0).retain(|stamp, _| closed.iter().any(|file| file.stamp == *stamp));
        // Where it is rotated meanwhile, it is in no list, and nothing counts as read.
        let live = first_entry(&family.live);
        let read = positions
            .iter()
            .map(|position| match position.first_in_file() {
                None => 0,
                Some(first) if live == Some(first) => closed.len(),
                Some(first) => self.before(first, closed),
            });
        Ok(read.min().unwrap_or(closed.len()))
    }

    /// How many files are older than the one with this first entry. That one is needed also if it was read to its end: a
    /// reader that does not find it cannot know that nothing is missing.
    fn before(&mut self, first: Uuid, closed: &[Closed]) -> usize {
        let newest = closed
            .iter()
            .rposition(|file| self.first(file) == Some(first));
        // A reader whose file is gone goes on with the oldest that is there.
        newest.unwrap_or(0)
    }

    fn first(&mut self, file: &Closed) -> Option<Uuid> {
        if let Some(known) = self.0.get(&file.stamp) {
            return *known;
        }
        let first = first_entry(&file.path);
        // A file without content may be a name that is only just claimed.
        if file.bytes > 0 {
            self.0.insert(file.stamp.clone(), first);
        }
        first
    }
}
