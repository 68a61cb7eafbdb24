//! What was done to the first line that was tampered with.

use std::{
    collections::{HashMap, HashSet},
    ops::ControlFlow,
};

use body_logger_core::record::ErasedEntry;
use body_logger_jsonl::RawFile;
use tlog_tiles::{record_hash, Hash};

use super::{
    erased::{Stub, Suspect},
    LineChange,
};
use crate::{
    error::Error,
    lines::{each_line, maintenance, Found},
    tiles::TileLeaves,
};

/// Maximum distance, in lines, at which a moved line, or the line after removed ones, is searched for.
const REACH: u64 = 10_000;

/// The lines that a log announces as erased. The announcements may be forged.
#[derive(Debug, Default)]
pub(super) struct Announced {
    by_stub: HashMap<(ErasedEntry, u64), u64>,
    lengths: HashSet<(u64, u64)>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Announcement {
    Missing,
    OfThisLine,
    OfAnotherLine,
}

impl Announced {
    pub(super) fn read(files: &[RawFile]) -> Result<Self, Error> {
        let mut announced = Self::default();
        each_line(files, |found| {
            if let Found::Line(line, _) = found {
                let note = maintenance(line);
                let erased = note.and_then(|note| note.maintenance.erased_line());
                if let Some((leaf, entry, bytes)) = erased {
                    announced.by_stub.insert((entry, bytes), leaf);
                    announced.lengths.insert((leaf, bytes));
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(announced)
    }

    /// Returns whether the erasure of a stub is announced, and for this line or another.
    pub(super) fn state(&self, stub: &Stub) -> Announcement {
        let leaf = stub.suspect.leaf;
        let announced = match stub.entry {
            Some(entry) => self.by_stub.get(&(entry, stub.bytes)).copied(),
            None => self.lengths.contains(&(leaf, stub.bytes)).then_some(leaf),
        };
        match announced {
            None => Announcement::Missing,
            Some(announced) if announced == leaf => Announcement::OfThisLine,
            Some(_) => Announcement::OfAnotherLine,
        }
    }

    /// Returns the hash of a line; of an erased one, that of the line before it was erased.
    fn hash(&self, line: &[u8], leaves: &mut TileLeaves<'_>) -> Result<Hash, Error> {
        let stub = ErasedEntry::from_line(line).map(|entry| (entry, line.len() as u64));
        let leaf = stub.and_then(|stub| self.by_stub.get(&stub));
        let hash = leaf.map_or(Ok(None), |leaf| leaves.get(*leaf));
        let hash = hash.map_err(Error::Files)?;
        Ok(hash.unwrap_or_else(|| record_hash(line)))
    }

    /// Returns what was done to a line, and to those after it. `first` is the first leaf of the files.
    pub(super) fn change(
        &self,
        suspect: &Suspect,
        first: u64,
        files: &[RawFile],
        leaves: &mut TileLeaves<'_>,
    ) -> Result<LineChange, Error> {
        let leaf = suspect.leaf;
        let expected = leaves.get(leaf).map_err(Error::Files)?;
        let mut is = suspect.line;
        let mut follows = false;
        let mut number = first;
        each_line(files, |found| {
            if let Found::Line(line, _) = found {
                if number == leaf {
                    is = self.hash(line, leaves)?;
                }
                follows |= number > leaf && Some(self.hash(line, leaves)?) == expected;
                number += 1;
            }
            Ok(match follows || number > leaf + REACH {
                true => ControlFlow::Break(()),
                false => ControlFlow::Continue(()),
            })
        })?;
        let mut skipped = None;
        for step in 1..=REACH {
            let later = leaves.get(leaf + step);
            match later.map_err(Error::Files)? {
                Some(later) if later == is => {
                    skipped = Some(step);
                    break;
                }
                Some(_) => {}
                None => break,
            }
        }
        Ok(match (follows, skipped) {
            (true, Some(_)) => LineChange::Reordered,
            (true, None) => LineChange::Inserted,
            (false, Some(lines)) => LineChange::Removed(lines),
            (false, None) => LineChange::Changed,
        })
    }
}
