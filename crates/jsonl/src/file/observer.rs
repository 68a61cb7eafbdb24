//! Observers of a file and its lines.

use std::{fmt, io, path::Path};

use body_logger_core::record::MaintenanceRecord;

use super::{AppendedLines, LineToErase};

/// Is notified of each line of a [`JsonLinesFile`](crate::JsonLinesFile), in order, and of each sync, rotation and deletion; see
/// [`JsonLinesFileBuilder::observer`](crate::JsonLinesFileBuilder::observer). The proofs of `body-logger-tlog` are one.
///
/// All but [`synced`](Self::synced) are called while the file is locked for writing, and should be quick.
pub trait FileObserver: fmt::Debug + Send + Sync + 'static {
    /// Called when the file is opened, and whenever it is not as the sink left it: moved, truncated or written to by others,
    /// or repaired. The observer determines which lines it does not know; it may read the files meanwhile.
    ///
    /// # Errors
    ///
    /// On an error nothing is written, and this is called again before the next batch.
    fn resume(&self, live: &Path) -> io::Result<()>;

    /// Returns a random salt for each of so many lines, which gets it as its last member, `salt`.
    ///
    /// # Errors
    ///
    /// On an error the batch is not written.
    fn salts(&self, lines: usize) -> io::Result<Vec<[u8; 16]>>;

    /// Called after lines were appended to the live file.
    fn appended(&self, lines: &AppendedLines);

    /// Returns how many lines the observer knows, from the beginning of the log.
    fn known_lines(&self) -> u64;

    /// Called when the first so many lines of the log are durable. Lines may be appended at the same time.
    ///
    /// # Errors
    ///
    /// An error counts as one of the sync.
    fn synced(&self, lines: u64) -> io::Result<()>;

    /// Called when the live file was closed, with the time in its new name. The next line is the first of a new file.
    ///
    /// # Errors
    ///
    /// An error is logged and counted in [`FileCounters::faults`](crate::FileCounters::faults).
    fn rotated(&self, closed_at: &str) -> io::Result<()>;

    /// Called before closed files are deleted, the oldest of all, known by the times in their names. What it returns
    /// is appended and synced first.
    ///
    /// # Errors
    ///
    /// On an error nothing is deleted.
    fn deleting(&self, closed_at: &[&str]) -> io::Result<MaintenanceRecord>;

    /// Returns whether files may be deleted now: what was synced must have reached everyone who has to have it first.
    ///
    /// # Errors
    ///
    /// Returns an error that names what is missing.
    fn may_delete(&self) -> io::Result<()>;

    /// Returns the number of the first line in a file, known by the time in its name, or in the live one. It is called
    /// only to erase lines. Returns an error of the kind `Unsupported` by default.
    ///
    /// # Errors
    ///
    /// On an error nothing is erased.
    fn first_line(&self, closed_at: Option<&str>) -> io::Result<u64> {
        let _ = closed_at;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Called before lines are erased. What it returns, for each one that is to be, is appended and synced first, and
    /// must be [allowed](Self::may_delete). Returns an error of the kind `Unsupported` by default.
    ///
    /// # Errors
    ///
    /// On an error nothing is erased.
    fn erasing(&self, lines: &[LineToErase]) -> io::Result<Vec<MaintenanceRecord>> {
        let _ = lines;
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Called when the lines with these numbers are erased, durably. Does nothing by default.
    ///
    /// # Errors
    ///
    /// An error counts as one of the erasure.
    fn erased(&self, numbers: &[u64]) -> io::Result<()> {
        let _ = numbers;
        Ok(())
    }

    /// Called when the file was opened. Returns which lines are announced as erased but may not be, as the process ended
    /// before. Returns none by default.
    ///
    /// # Errors
    ///
    /// An error is logged and counted in [`FileCounters::faults`](crate::FileCounters::faults).
    fn unfinished_erasures(&self) -> io::Result<Vec<MaintenanceRecord>> {
        Ok(Vec::new())
    }
}
