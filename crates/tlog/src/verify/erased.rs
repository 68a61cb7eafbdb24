//! Erased lines, and the entries that announce them.

use std::collections::{BTreeMap, BTreeSet};

use body_logger_core::record::{ErasedEntry, Maintenance};
use tlog_tiles::Hash;

use crate::lines::LinePlace;

/// A line whose hash is not that of its leaf.
#[derive(Debug, Clone)]
pub(super) struct Suspect {
    pub(super) leaf: u64,
    pub(super) place: LinePlace,
    pub(super) line: Hash,
}

/// The erasures in the part of a log read so far. Its memory grows with the number of erased lines.
#[derive(Debug, Default)]
pub(super) struct Erasures {
    /// The lines that the writer of the log had begun to overwrite.
    begun: Vec<u64>,
    /// Stubs that no entry has announced yet, by their leaves.
    pending: BTreeMap<u64, Stub>,
    erased: BTreeSet<u64>,
    /// Lines that are announced, and not overwritten yet.
    unfinished: BTreeSet<u64>,
}

/// What is in the place of a line, and may be the stub of an erased one.
#[derive(Debug)]
pub(super) struct Stub {
    /// `None` if the process ended while it was being overwritten.
    pub(super) entry: Option<ErasedEntry>,
    pub(super) bytes: u64,
    pub(super) suspect: Suspect,
}

impl Erasures {
    pub(super) fn new(begun: Vec<u64>) -> Self {
        Self {
            begun,
            ..Self::default()
        }
    }

    /// Keeps a suspect line that may have been erased. Returns any other.
    pub(super) fn keep(&mut self, line: &[u8], suspect: Suspect) -> Result<(), Suspect> {
        let entry = ErasedEntry::from_line(line);
        if entry.is_none() && !self.begun.contains(&suspect.leaf) {
            return Err(suspect);
        }
        let stub = Stub {
            entry,
            bytes: line.len() as u64,
            suspect,
        };
        self.pending.insert(stub.suspect.leaf, stub);
        Ok(())
    }

    /// Compares an announcement, which comes after its line, with that line.
    pub(super) fn announced(&mut self, note: &Maintenance) {
        let Some((leaf, entry, bytes)) = note.erased_line() else {
            return;
        };
        match self.pending.get(&leaf) {
            Some(stub) if !stub.is_of(entry, bytes) => {}
            Some(Stub { entry: Some(_), .. }) => {
                self.pending.remove(&leaf);
                self.erased.insert(leaf);
            }
            Some(Stub { entry: None, .. }) => {
                self.pending.remove(&leaf);
                self.unfinished.insert(leaf);
            }
            // It may be announced twice, if a process ended in between.
            None if self.erased.contains(&leaf) => {}
            None => {
                self.unfinished.insert(leaf);
            }
        }
    }

    /// Returns the stubs that no entry has announced, in the order of the lines.
    pub(super) fn pending(&self) -> impl Iterator<Item = &Stub> {
        self.pending.values()
    }

    pub(super) fn has_pending(&self) -> bool {
        !self.pending.is_empty()
    }

    pub(super) fn erased(&self) -> Vec<u64> {
        self.erased.iter().copied().collect()
    }

    pub(super) fn unfinished(&self) -> Vec<u64> {
        self.unfinished.iter().copied().collect()
    }
}

impl Stub {
    /// Whether this is the announced stub, byte for byte. Of a line that was being overwritten, only the length is compared.
    fn is_of(&self, entry: ErasedEntry, bytes: u64) -> bool {
        self.bytes == bytes && self.entry.is_none_or(|stub| stub == entry)
    }
}
