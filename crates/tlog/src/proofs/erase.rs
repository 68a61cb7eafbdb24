//! Erasing lines of a log whose checkpoints are being signed.

use std::{collections::BTreeMap, ops::ControlFlow, time::SystemTime};

use body_logger_core::record::{Maintenance, MaintenanceRecord};
use body_logger_jsonl::{LineToErase, RawFile};
use tlog_tiles::{record_hash, Hash};

use super::log::Log;
use crate::{
    lines::{each_leaf, maintenance},
    tiles::TileLeaves,
    Error,
};

impl Log {
    /// The leaf that a file begins with.
    pub(super) fn first_line(&self, closed_at: Option<&str>) -> Result<u64, Error> {
        self.index.first_of(closed_at).ok_or_else(|| {
            Error::Log(format!(
                "{}: it is not known which lines are in the file that was closed at {}",
                self.beside.directory.display(),
                closed_at.unwrap_or_default()
            ))
        })
    }

    /// Announces that lines are erased, after those that are announced already. `uncovered` are the leaves that no
    /// checkpoint covers yet.
    pub(super) fn erasing(
        &mut self,
        lines: &[LineToErase],
        uncovered: impl Fn(u64) -> Option<Hash>,
    ) -> Result<Vec<MaintenanceRecord>, Error> {
        let mut leaves = TileLeaves::new(&self.beside.tiles, self.size());
        for LineToErase { number, line, .. } in lines {
            let leaf = leaves
                .get(*number)
                .map_err(Error::at(&self.beside.directory))?
                .or_else(|| uncovered(*number));
            // What is announced has to be true, or the log is accused for ever.
            if leaf != Some(record_hash(line)) {
                return Err(Error::Log(format!(
                    "line {number} is not as it was written; verify the log"
                )));
            }
        }
        let mut unfinished = self.beside.read_unfinished()?;
        unfinished.extend(lines.iter().map(|it| it.number));
        // First, so that the rest is done also if the process ends now.
        self.beside.write_unfinished(&unfinished)?;
        let announce = |line: &LineToErase| {
            let bytes = line.line.len() as u64;
            let note = Maintenance::erased(SystemTime::now(), line.number, line.stub, bytes);
            let (run, seq) = self.next_entry();
            MaintenanceRecord::new(run, seq, note)
        };
        Ok(lines.iter().map(announce).collect())
    }

    pub(super) fn erased(&self, numbers: &[u64]) -> Result<(), Error> {
        let mut unfinished = self.beside.read_unfinished()?;
        unfinished.retain(|it| !numbers.contains(it));
        self.beside.write_unfinished(&unfinished)
    }

    /// What is announced and was begun. Nothing but an announcement that the checkpoint covers makes a line be erased.
    pub(super) fn unfinished_erasures(&self) -> Result<Vec<MaintenanceRecord>, Error> {
        let unfinished = self.beside.read_unfinished()?;
        if unfinished.is_empty() {
            return Ok(Vec::new());
        }
        let files = RawFile::list(self.beside.live()).map_err(Error::Files)?;
        let mut leaves = TileLeaves::new(&self.beside.tiles, self.size());
        let mut announced = BTreeMap::new();
        each_leaf(&self.beside, self.size(), &files, |leaf, line| {
            let note = maintenance(line);
            let erased = note.as_ref().and_then(|it| it.maintenance.erased_line());
            if let (Some((erased, ..)), Some(note)) = (erased, note) {
                let covered = leaves
                    .get(leaf)
                    .map_err(Error::at(&self.beside.directory))?;
                if unfinished.contains(&erased) && covered == Some(record_hash(line)) {
                    announced.insert(erased, note);
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        if announced.is_empty() {
            self.beside.write_unfinished(&[])?;
        }
        Ok(announced.into_values().collect())
    }
}
