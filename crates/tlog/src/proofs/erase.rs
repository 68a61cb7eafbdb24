//! Erases lines of a log, after an entry has announced it.

use std::{collections::BTreeMap, ops::ControlFlow, time::SystemTime};

use body_logger_core::record::{Maintenance, MaintenanceRecord};
use body_logger_jsonl::{LineToErase, RawFile};
use tlog_tiles::{record_hash, Hash};

use super::log::Log;
use crate::{error::Error, lines::maintenance, tiles::TileLeaves};

impl Log {
    /// Returns the first leaf of a file.
    pub(super) fn first_line(&self, closed_at: Option<&str>) -> Result<u64, Error> {
        self.index.first_of(closed_at).ok_or_else(|| {
            Error::Log(format!(
                "{}: it is not known which lines are in the file that was closed at {}",
                self.directory.path.display(),
                closed_at.unwrap_or_default()
            ))
        })
    }

    /// Returns the announcements that lines are erased, after those already announced. `uncovered` returns a leaf that no
    /// checkpoint covers yet.
    pub(super) fn erasing(
        &mut self,
        lines: &[LineToErase],
        uncovered: impl Fn(u64) -> Option<Hash>,
    ) -> Result<Vec<MaintenanceRecord>, Error> {
        let mut leaves = TileLeaves::new(&self.directory.tiles, self.size());
        for LineToErase { number, line, .. } in lines {
            let leaf = leaves
                .get(*number)
                .map_err(Error::at(&self.directory.path))?
                .or_else(|| uncovered(*number));
            // An announcement must be true: a false one would be reported as tampering for ever.
            if leaf != Some(record_hash(line)) {
                return Err(Error::Log(format!(
                    "line {number} is not as it was written; verify the log"
                )));
            }
        }
        let mut unfinished = self.directory.read_unfinished()?;
        unfinished.extend(lines.iter().map(|it| it.number));
        // Stored first, so that erasing is completed even if the process ends now.
        self.directory.write_unfinished(&unfinished)?;
        let announce = |line: &LineToErase| {
            let bytes = line.line.len() as u64;
            let note = Maintenance::erased(SystemTime::now(), line.number, line.stub, bytes);
            let (run, seq) = self.next_entry();
            MaintenanceRecord::new(run, seq, note)
        };
        Ok(lines.iter().map(announce).collect())
    }

    pub(super) fn erased(&self, numbers: &[u64]) -> Result<(), Error> {
        let mut unfinished = self.directory.read_unfinished()?;
        unfinished.retain(|it| !numbers.contains(it));
        self.directory.write_unfinished(&unfinished)
    }

    /// Returns the announced erasures that were begun and not completed. Only announcements that the checkpoint covers count.
    pub(super) fn unfinished_erasures(&self) -> Result<Vec<MaintenanceRecord>, Error> {
        let unfinished = self.directory.read_unfinished()?;
        if unfinished.is_empty() {
            return Ok(Vec::new());
        }
        let files = RawFile::list(self.directory.live()).map_err(Error::Files)?;
        let mut leaves = TileLeaves::new(&self.directory.tiles, self.size());
        let mut announced = BTreeMap::new();
        self.directory
            .each_leaf(self.size(), &files, |leaf, line| {
                let note = maintenance(line);
                let erased = note.as_ref().and_then(|it| it.maintenance.erased_line());
                if let (Some((erased, ..)), Some(note)) = (erased, note) {
                    let covered = leaves.get(leaf).map_err(Error::at(&self.directory.path))?;
                    if unfinished.contains(&erased) && covered == Some(record_hash(line)) {
                        announced.insert(erased, note);
                    }
                }
                Ok(ControlFlow::Continue(()))
            })?;
        if announced.is_empty() {
            self.directory.write_unfinished(&[])?;
        }
        Ok(announced.into_values().collect())
    }
}
