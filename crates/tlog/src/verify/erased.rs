//! Lines that were erased, and the entries that announce it.

use std::collections::{BTreeMap, BTreeSet};

use body_logger_core::record::{ErasedEntry, Maintenance};

use super::change::Suspect;
/// The erasures of a log, as far as it was read. What it holds grows with the number of erased lines.
#[derive(Debug, Default)]
pub(super) struct Erasures {
    /// Which lines the writer of the log was about to overwrite.
    begun: Vec<u64>,
    /// What no entry has announced yet, by its leaf.
    pending: BTreeMap<u64, Stub>,
    erased: BTreeSet<u64>,
    /// Announced, and still there.
    unfinished: BTreeSet<u64>,
}

/// What stands in the place of a line, and may be what is left of one that was erased.
#[derive(Debug)]
pub(super) struct Stub {
    /// `None` if it was being overwritten when the process ended.
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

    /// Keeps a line that is not its leaf, if it may have been erased. Otherwise it is given back.
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

    /// Compares an announcement, which comes after its line, with what stands there.
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
            // It may be announced twice, where a process ended in between.
            None if self.erased.contains(&leaf) => {}
            None => drop(self.unfinished.insert(leaf)),
        }
    }

    /// What no entry has announced, the first one first.
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
    /// Whether this is, byte for byte, what is announced. Of what was being overwritten only the length is.
    fn is_of(&self, entry: ErasedEntry, bytes: u64) -> bool {
        self.bytes == bytes && self.entry.is_none_or(|stub| stub == entry)
    }
}
