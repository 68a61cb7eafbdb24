//! One pass through a log: builds the tree from its lines, and compares it with the tiles and the checkpoints.

use std::ops::ControlFlow;

use body_logger_core::record::{Maintenance, MaintenanceKind};
use body_logger_jsonl::RawFile;
use tlog_tiles::{check_record, record_hash, Hash, Tile};

use super::{
    change::{Announced, Announcement},
    erased::{Erasures, Suspect},
    Fault, LineChange, Verification,
};
use crate::{
    checkpoint::Checkpoint,
    directory::ProofDirectory,
    error::Error,
    lines::{each_line, maintenance, Found, LinePlace},
    tiles::TileLeaves,
    tree::{TileData, Tree, HEIGHT, WIDTH},
};

pub(super) struct Pass<'a> {
    directory: &'a ProofDirectory,
    stored: Option<Checkpoint>,
    /// All checkpoints, the smallest first, and which of them comes next.
    checkpoints: Vec<Checkpoint>,
    next: usize,
    /// How many lines the newest covers.
    size: u64,
    /// How many lines the newest checkpoint covers that holds.
    holds: u64,
    tree: Tree,
    leaves: TileLeaves<'a>,
    /// Whether a tile was reported: only one is, as the tiles above it differ, too.
    tile_reported: bool,
    /// Whether the lines from here on cannot be verified.
    has_stopped: bool,
    /// The leaf of the first line that is still there.
    first: u64,
    /// The first leaf that no entry announces as deleted.
    announced: u64,
    erasures: Erasures,
    bytes: u64,
    found: Verification,
}

impl<'a> Pass<'a> {
    pub(super) fn new(
        directory: &'a ProofDirectory,
        stored: Option<Checkpoint>,
        given: &[Checkpoint],
        begun_erasures: Vec<u64>,
        faults: Vec<Fault>,
    ) -> Self {
        let mut checkpoints: Vec<_> = given.iter().chain(&stored).cloned().collect();
        checkpoints.sort_by_key(Checkpoint::size);
        let size = checkpoints.last().map_or(0, Checkpoint::size);
        let stored_size = stored.as_ref().map_or(0, Checkpoint::size);
        Self {
            directory,
            stored,
            checkpoints,
            next: 0,
            size,
            holds: 0,
            tree: Tree::default(),
            leaves: TileLeaves::new(&directory.tiles, stored_size),
            tile_reported: false,
            has_stopped: false,
            first: 0,
            announced: 0,
            erasures: Erasures::new(begun_erasures),
            bytes: 0,
            found: Verification {
                faults,
                size,
                ..Verification::default()
            },
        }
    }

    pub(super) fn run(
        &mut self,
        files: &[RawFile],
        progress: &mut impl FnMut(u64),
    ) -> Result<(), Error> {
        self.compare_roots()?;
        self.first = self.directory.first_leaf(files, self.stored_size())?;
        while self.tree.size() < self.first {
            match self.tile_leaf()? {
                Some(leaf) => self.push(leaf)?,
                // Without it, no line can be verified.
                None => {
                    self.report_tile(0, self.tree.size() / WIDTH);
                    self.has_stopped = true;
                    return Ok(());
                }
            }
        }
        let mut suspect = None;
        each_line(files, |found| match found {
            Found::Line(line, place) => {
                self.bytes += line.len() as u64 + 1;
                progress(self.bytes);
                suspect = self.line(line, place)?;
                Ok(match suspect {
                    Some(_) => ControlFlow::Break(()),
                    None => ControlFlow::Continue(()),
                })
            }
            Found::Torn { is_live: true, .. } => {
                self.found.torn = true;
                Ok(ControlFlow::Continue(()))
            }
            Found::Torn { place, .. } => {
                // Only tampering leaves a closed file without a line feed at its end.
                self.report_line(self.tree.size(), place, LineChange::Truncated);
                Ok(ControlFlow::Break(()))
            }
        })?;
        self.inspect(suspect, files)?;
        let lines = self.tree.size();
        if lines < self.size && !self.has_stopped {
            let checkpoint = self.size;
            // The entry that announces the deletion may be among the missing lines.
            self.has_stopped = true;
            self.report(Fault::EndsBefore { checkpoint, lines });
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Verification {
        if self.first > self.announced && !self.has_stopped {
            let leaves = self.announced..=self.first - 1;
            self.report(Fault::Missing { leaves });
        }
        self.found.deleted = (self.first > 0).then(|| 0..=self.first - 1);
        self.found.erased = self.erasures.erased();
        self.found.unfinished = self.erasures.unfinished();
        let lines = self.tree.size().saturating_sub(self.first);
        self.found.lines = lines.saturating_sub(self.found.erased.len() as u64);
        self.found
    }

    /// Compares a line with its leaf. Returns it if it differs and cannot be an erased one.
    fn line(&mut self, line: &[u8], place: LinePlace) -> Result<Option<Suspect>, Error> {
        if self.tree.size() >= self.size {
            self.found.uncovered += 1;
            return Ok(None);
        }
        let mut hash = record_hash(line);
        let leaf = self.tree.size();
        let expected = self.tile_leaf()?;
        if expected != Some(hash) && leaf < self.stored_size() {
            match expected.filter(|expected| self.is_authentic(leaf, *expected)) {
                Some(expected) => {
                    let suspect = Suspect {
                        leaf,
                        place,
                        line: hash,
                    };
                    if let Err(suspect) = self.erasures.keep(line, suspect) {
                        return Ok(Some(suspect));
                    }
                    hash = expected;
                }
                None => self.report_tile(0, leaf / WIDTH),
            }
        }
        if let Some(note) = maintenance(line) {
            self.maintenance(&note.maintenance);
        }
        self.push(hash)?;
        Ok(None)
    }

    fn maintenance(&mut self, note: &Maintenance) {
        let Some(leaves) = &note.leaves else {
            return;
        };
        // An announcement comes after the lines that it names.
        let is_before = *leaves.end() < self.tree.size();
        match note.kind {
            // It names all deleted lines, from the first on.
            MaintenanceKind::Deleted if is_before && *leaves.start() == 0 => {
                self.announced = self.announced.max(leaves.end() + 1);
            }
            // Others are deleted, and named by such an entry.
            MaintenanceKind::Erased if is_before && *leaves.start() >= self.first => {
                self.erasures.announced(note);
            }
            _ => {}
        }
    }

    /// Reports what was done to a line that differs, or to an earlier one that looked erased.
    fn inspect(&mut self, suspect: Option<Suspect>, files: &[RawFile]) -> Result<(), Error> {
        // If lines are missing at the end, the announcements of erased ones may be among them.
        let is_whole = self.tree.size() >= self.size && !self.has_stopped;
        if suspect.is_none() && !(is_whole && self.erasures.has_pending()) {
            return Ok(());
        }
        let announced = Announced::read(files)?;
        let pending = |state| {
            let mut pending = self.erasures.pending();
            pending.find(|stub| announced.state(stub) == state)
        };
        let erased = pending(Announcement::Missing).map(|stub| stub.suspect.clone());
        let moved = pending(Announcement::OfAnotherLine).map(|stub| stub.suspect.clone());
        let suspect = moved.or(suspect);
        // It is announced by a line only that no checkpoint covers.
        let uncovered = || pending(Announcement::OfThisLine).map(|stub| stub.suspect.clone());
        let erased = match &suspect {
            None => erased.or_else(uncovered),
            Some(_) => erased,
        };
        if let Some(Suspect { leaf, place, .. }) = erased {
            self.report_line(leaf, place, LineChange::Erased);
        }
        if let Some(suspect) = suspect {
            let change = announced.change(&suspect, self.first, files, &mut self.leaves)?;
            self.report_line(suspect.leaf, suspect.place, change);
        }
        Ok(())
    }

    /// Returns the hash of the next leaf, from the tiles.
    fn tile_leaf(&mut self) -> Result<Option<Hash>, Error> {
        let leaf = self.leaves.get(self.tree.size());
        leaf.map_err(Error::at(&self.directory.path))
    }

    /// Whether the stored checkpoint signs a leaf of the tiles.
    fn is_authentic(&self, leaf: u64, hash: Hash) -> bool {
        let Some(stored) = &self.stored else {
            return false;
        };
        let proof = self
            .directory
            .tiles
            .prove_leaf(leaf, stored.size(), stored.root);
        proof.is_ok_and(|it| check_record(&it, stored.size(), stored.root, leaf, hash).is_ok())
    }

    fn push(&mut self, hash: Hash) -> Result<(), Error> {
        let mut full = Vec::new();
        self.tree.push(hash, |tile| full.push(tile));
        for tile in full {
            let end = (tile.tile.level_index() + 1) << (HEIGHT * (tile.tile.level() + 1));
            if end <= self.stored_size() {
                self.compare_tile(&tile)?;
            }
        }
        self.compare_roots()
    }

    /// Compares the tree with the checkpoints of its size.
    fn compare_roots(&mut self) -> Result<(), Error> {
        let size = self.tree.size();
        while let Some(checkpoint) = self.checkpoints.get(self.next) {
            if checkpoint.size() != size {
                break;
            }
            if checkpoint.root == self.tree.root() {
                self.holds = size;
            } else {
                let holds = self.holds;
                let checkpoint = size;
                self.report(Fault::NotAPrefix { checkpoint, holds });
            }
            self.next += 1;
        }
        if self.stored.as_ref().map(Checkpoint::size) == Some(size) {
            for tile in self.tree.partial() {
                self.compare_tile(&tile)?;
            }
        }
        Ok(())
    }

    fn compare_tile(&mut self, TileData { tile, bytes }: &TileData) -> Result<(), Error> {
        let path = self.directory.tiles.path(tile);
        let there = self.directory.tiles.read(tile).map_err(Error::at(&path))?;
        if there.as_ref() != Some(bytes) && !self.tile_reported {
            self.tile_reported = true;
            self.report(Fault::Tile { path });
        }
        Ok(())
    }

    fn report_tile(&mut self, level: u8, index: u64) {
        if !std::mem::replace(&mut self.tile_reported, true) {
            let left = self.stored_size().saturating_sub(index * WIDTH);
            // At least 1, as one of its leaves was requested.
            let width = left.clamp(1, WIDTH) as u32;
            let tile = Tile::new(HEIGHT, level, index, width, false);
            let path = self.directory.tiles.path(&tile);
            self.report(Fault::Tile { path });
        }
    }

    /// Stops verifying lines: those after the first one that differs cannot be verified.
    fn report_line(&mut self, leaf: u64, place: LinePlace, change: LineChange) {
        self.has_stopped = true;
        self.report(Fault::Line {
            leaf,
            place,
            change,
        });
    }

    fn report(&mut self, fault: Fault) {
        self.found.faults.push(fault);
    }

    fn stored_size(&self) -> u64 {
        self.stored.as_ref().map_or(0, Checkpoint::size)
    }
}
