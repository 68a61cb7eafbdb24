//! Erases single lines.
//!
//! An entry that announces the erasure is made durable first. It fixes every byte that stays, so that a verifier accepts
//! nothing else, and so that an interrupted erasure can be completed from the log alone. An erased line is as long as before:
//! the lines after it stay where saved positions and other readers expect them. Only the one process that writes the log may
//! overwrite its files.

mod find;
mod numbered;
mod overwrite;

use std::{io, sync::Arc};

use body_logger_core::record::MaintenanceRecord;

use self::numbered::NumberedFile;
use super::{Core, FileObserver, JsonLinesFile};
use crate::{closed::LogFiles, read::RawFile};

/// A line that is about to be erased, for [`FileObserver::erasing`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LineToErase {
    /// Its number in the log, from 0 on.
    pub number: u64,
    /// The line as it is, without its line feed.
    pub line: Vec<u8>,
    /// What stays of it.
    pub stub: body_logger_core::record::ErasedEntry,
}

impl JsonLinesFile {
    /// Erases what the log holds of one entry, by its `entry_id`, or of one exchange, by its `id`: all of its stages.
    /// Returns the numbers of the lines that are erased now. Only a file with an
    /// [observer](super::JsonLinesFileBuilder::observer) that keeps proofs can do that, such as `Proofs` of
    /// `body-logger-tlog`.
    ///
    /// First an entry `maintenance` announces it, which is durable and published before anything is erased. Then the lines
    /// are overwritten, durably: what stays is which entry it was ([`ErasedEntry`]), padded to the old length.
    /// In a compressed file that takes another file, which then replaces it. If the process ends in between, the rest is
    /// done when the file is opened the next time, or by calling this again.
    ///
    /// It reads the whole log, and is not for a thread that serves requests. Others may write meanwhile. What others hold of
    /// the log, such as a store, a destination of shipping, a backup or the `.torn` file, is not erased.
    ///
    /// # Errors
    ///
    /// Returns an error of the kind `NotFound` if no line has this id, of `InvalidInput` if it is that of a gap or of a
    /// maintenance entry, or of several exchanges (the message names the lines, for [`erase_line`](Self::erase_line)), of
    /// `Unsupported` if the log has no proofs; and what the operating system and the observer say. What was announced by then
    /// will be erased.
    ///
    /// [`ErasedEntry`]: body_logger_core::record::ErasedEntry
    pub fn erase(&self, id: &str) -> io::Result<Vec<u64>> {
        let core = &self.0.core;
        let erased = core.erase(|files| find::of_id(files, id));
        erased.map_err(|error| core.named(&error))
    }

    /// Erases the line with this number in the log, from 0 on, as [`erase`](Self::erase) does.
    ///
    /// # Errors
    ///
    /// As for [`erase`](Self::erase).
    pub fn erase_line(&self, number: u64) -> io::Result<()> {
        let core = &self.0.core;
        let erased = core.erase(|_| Ok(vec![number]));
        erased.map_err(|error| core.named(&error))?;
        Ok(())
    }
}

impl Core {
    fn erase(
        &self,
        choose: impl FnOnce(Vec<NumberedFile>) -> io::Result<Vec<u64>>,
    ) -> io::Result<Vec<u64>> {
        let observer = self.observer.as_ref().ok_or_else(|| {
            let error = "lines are erased in logs with proofs only, as nothing else shows that they were erased on purpose";
            io::Error::new(io::ErrorKind::Unsupported, error)
        })?;
        let _maintaining = self.maintaining();
        // After this, the observer knows all lines, by their numbers and contents.
        self.sync()?;
        let numbers = choose(self.numbered_files(observer)?)?;
        let lines = find::lines(self.numbered_files(observer)?, &numbers)?;
        if !lines.is_empty() {
            let announced = self.announce(|observer| observer.erasing(&lines))?;
            self.overwrite(observer, &announced).map_err(|error| {
                let text = format!("{error}; it is announced that this is erased, and will be when the log is opened");
                io::Error::new(error.kind(), text)
            })?;
        }
        Ok(numbers)
    }

    /// Completes erasures announced before the process ended.
    pub(super) fn finish_erasing(&self) -> io::Result<()> {
        let Some(observer) = &self.observer else {
            return Ok(());
        };
        let announced = observer.unfinished_erasures()?;
        match announced.is_empty() {
            true => Ok(()),
            false => self.overwrite(observer, &announced),
        }
    }

    fn overwrite(
        &self,
        observer: &Arc<dyn FileObserver>,
        announced: &[MaintenanceRecord],
    ) -> io::Result<()> {
        let log_files = LogFiles::of(&self.path)?;
        overwrite::remove_twins(&log_files)?;
        let erased: Vec<_> = announced
            .iter()
            .filter_map(|note| note.maintenance.erased_line())
            .collect();
        for file in self.numbered_files(observer)? {
            overwrite::in_file(file, &erased)?;
        }
        log_files.sync()?;
        let numbers: Vec<_> = erased.iter().map(|(number, ..)| *number).collect();
        observer.erased(&numbers)
    }

    /// Returns all files with the numbers of their lines. The live one is held open, as it may be rotated at any time.
    fn numbered_files(&self, observer: &Arc<dyn FileObserver>) -> io::Result<Vec<NumberedFile>> {
        let _writer = self.writer();
        let files = RawFile::list(&self.path)?;
        let mut numbered = Vec::new();
        let mut end = observer.known_lines();
        for file in files.into_iter().rev() {
            let first = observer.first_line(file.closed_at())?;
            numbered.push(NumberedFile::new(file, first..end)?);
            end = first;
        }
        numbered.reverse();
        Ok(numbered)
    }
}
