//! Appends lines to the live file, rotates it, and makes it durable.
//!
//! The name of a closed file is claimed by creating an empty file before the live file is moved there, as moving would
//! replace an existing file.

use std::{
    fs::{self, File},
    io, mem,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

use super::{
    appended::AppendedLines,
    counts::Counts,
    live::{LiveFile, Lock, PartialWrite},
    observer::FileObserver,
    options::{Fsync, JsonLinesFileBuilder},
};
use crate::{
    batch::{self, AppendError, Lines},
    closed::LogFiles,
};

/// Maximum number of consecutive attempts to open a file that others keep replacing. On a busy machine with small files,
/// that happens many times in a row.
const REPLACED: usize = 100;

/// Appends lines, and rotates the file when due.
#[derive(Debug)]
pub(super) struct Writer {
    settings: Arc<JsonLinesFileBuilder>,
    counts: Arc<Counts>,
    live: Option<LiveFile>,
    pending: Pending,
    /// The length up to which the observer knows the file; `None` if it has to resume.
    observed: Option<u64>,
    /// A failed sync that no call has returned yet.
    sync_error: Option<io::Error>,
}

/// Files to sync.
#[derive(Debug, Default)]
pub(super) struct Pending {
    file: Option<Arc<File>>,
    directory: Option<LogFiles>,
    /// The observer, and how many lines are durable after the sync.
    observer: Option<(Arc<dyn FileObserver>, u64)>,
}

impl Pending {
    pub(super) fn sync(self) -> io::Result<()> {
        if let Some(file) = self.file {
            file.sync_data()?;
        }
        if let Some(directory) = self.directory {
            directory.sync()?;
        }
        match self.observer {
            Some((observer, lines)) => observer.synced(lines),
            None => Ok(()),
        }
    }
}

impl Writer {
    pub(super) fn new(settings: Arc<JsonLinesFileBuilder>, counts: Arc<Counts>) -> Self {
        Self {
            settings,
            counts,
            live: None,
            pending: Pending::default(),
            observed: None,
            sync_error: None,
        }
    }

    /// Opens the file, and repairs it if possible.
    pub(super) fn open(&mut self) -> io::Result<()> {
        let lock = self.current()?;
        if let Err(error) = self.repair_last_line() {
            let path = &self.settings.path;
            self.counts.fault(
                "repair the last line of",
                path,
                &error,
                "retrying with the next batch",
            );
        }
        if self.settings.observer.is_none() {
            return Ok(());
        }
        let live = self.live.as_ref().filter(|live| live.is_regular);
        let len = match live {
            Some(live) => live.file.metadata()?.len(),
            None => return Err(io::Error::other("only a regular file can be observed")),
        };
        self.observe(len)?;
        drop(lock);
        // Lines left by a crash may not be durable.
        self.sync_open_file()
    }

    /// Whether the open file is a regular one.
    pub(super) fn is_regular(&self) -> bool {
        self.live.as_ref().is_some_and(|live| live.is_regular)
    }

    /// Makes the observer resume unless it knows the file as it is. Returns the length of the file.
    fn observe(&mut self, mut len: u64) -> io::Result<u64> {
        let Some(observer) = &self.settings.observer else {
            return Ok(len);
        };
        if let Some(live) = &mut self.live {
            // From then on it is a line like any other.
            len += live.end_torn_line()?;
        }
        if self.observed != Some(len) {
            self.observed = None;
            observer.resume(&LogFiles::of(&self.settings.path)?.live)?;
            self.observed = Some(len);
        }
        Ok(len)
    }

    /// Opens the file that the path leads to now. If that fails, the old one stays open.
    pub(super) fn reopen(&mut self) -> io::Result<()> {
        let live = LiveFile::open(&self.settings.path)?;
        self.retire();
        self.live = Some(live);
        Ok(())
    }

    /// Appends lines, and makes them durable as configured.
    pub(super) fn append(&mut self, lines: &Lines, now: SystemTime) -> Result<(), AppendError> {
        let mut start = 0;
        let mut may_rotate = true;
        let mut written = Ok(());
        while start < lines.bytes.len() && written.is_ok() {
            match self.append_some(lines, start, now, &mut may_rotate) {
                Ok(done) => start += done,
                Err(PartialWrite {
                    written: done,
                    error,
                }) => {
                    start += done;
                    let lost_lines = batch::count(&lines.bytes[start..]);
                    written = Err(AppendError { lost_lines, error });
                }
            }
        }
        if self.settings.fsync == Fsync::EveryBatch {
            // Also where some of it failed: the others count as written.
            self.sync().map_err(|error| AppendError {
                lost_lines: lines.count,
                error,
            })?;
        }
        written
    }

    /// Writes as many lines as go into one file, from `start` on; none if it has just begun a new one.
    fn append_some(
        &mut self,
        batch: &Lines,
        start: usize,
        now: SystemTime,
        may_rotate: &mut bool,
    ) -> Result<usize, PartialWrite> {
        let lines = &batch.bytes[start..];
        let first = memchr::memchr(b'\n', lines).map_or(lines.len(), |at| at + 1);
        let nothing = PartialWrite::nothing;
        let _lock = self.current().map_err(nothing)?;
        let len = self.repair_last_line().map_err(nothing)?;
        let len = self.observe(len).map_err(nothing)?;
        if *may_rotate && self.is_due(len, first, now) {
            match self.rotate(now) {
                Ok(()) => return Ok(0),
                Err(error) => {
                    // A file that is too long is better than lost records.
                    let path = &self.settings.path;
                    let next = "appending to it, retrying with the next batch";
                    self.counts.fault("rotate", path, &error, next);
                    *may_rotate = false;
                }
            }
        }
        let Some(live) = &mut self.live else {
            return Err(nothing(io::ErrorKind::NotFound.into()));
        };
        let room = match self.settings.rotate_at {
            Some(most) if *may_rotate && live.is_regular => most.saturating_sub(len),
            _ => u64::MAX,
        };
        let part = &lines[..fitting(lines, first, room)];
        if live.is_regular {
            self.pending.file = Some(Arc::clone(&live.file));
            if len == 0 && self.pending.directory.is_none() {
                self.pending.directory = LogFiles::of(&self.settings.path).ok();
            }
        }
        let written = live.write(part, now).map(|()| part.len());
        if let Some(observer) = &self.settings.observer {
            let whole = *written.as_ref().unwrap_or_else(|error| &error.written);
            observer.appended(&AppendedLines::part_of(batch, start..start + whole));
            self.observed = Some(len + whole as u64);
        }
        written
    }

    /// Locks the file that the path leads to, opening it again if it is another one.
    fn current(&mut self) -> io::Result<Lock> {
        for _ in 0..REPLACED {
            let live = match &self.live {
                Some(live) => live,
                None => self.live.insert(LiveFile::open(&self.settings.path)?),
            };
            let lock = live.lock();
            if live.is_at(&self.settings.path) {
                return Ok(lock);
            }
            drop(lock);
            self.retire();
        }
        Err(io::Error::other("the file is replaced again and again"))
    }

    fn repair_last_line(&mut self) -> io::Result<u64> {
        let sync = self.settings.fsync != Fsync::Never;
        match &mut self.live {
            Some(live) => live.repair_last_line(&self.settings.path, sync, &self.counts),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn is_due(&self, len: u64, line: usize, now: SystemTime) -> bool {
        let Some(live) = self.live.as_ref().filter(|live| live.is_regular && len > 0) else {
            return false;
        };
        let is_full = |most| len.saturating_add(line as u64) > most;
        self.settings.rotate_at.is_some_and(is_full)
            // Not if the clock was set back.
            || (self.settings.rotate_daily && day(now) > day(live.written))
    }

    /// Renames the file to its closed name, so that the next one opened is new.
    fn rotate(&mut self, now: SystemTime) -> io::Result<()> {
        self.sync_before_closing()?;
        let log_files = LogFiles::of(&self.settings.path)?;
        let closed = log_files.claim(now)?;
        if let Err(error) = fs::rename(&log_files.live, &closed) {
            let _ = fs::remove_file(&closed);
            return Err(error);
        }
        self.live = None;
        self.counts.closed();
        if let Some(observer) = &self.settings.observer {
            self.observed = Some(0);
            let name = closed.file_name().unwrap_or_default();
            let closed_at = log_files.parse(name).map_or_else(String::new, |(at, _)| at);
            if let Err(error) = observer.rotated(&closed_at) {
                let action = "tell the observer of the rotation to";
                self.counts.fault(action, &closed, &error, "going on");
            }
        }
        self.pending.directory = Some(log_files);
        Ok(())
    }

    /// Closes the open file.
    fn retire(&mut self) {
        if let Err(error) = self.take_pending().sync() {
            self.sync_error = Some(error);
        }
        self.live = None;
        self.observed = None;
    }

    /// Makes everything written so far durable (`fsync`).
    pub(super) fn sync(&mut self) -> io::Result<()> {
        let synced = self.take_pending().sync();
        if synced.is_err() {
            self.sync_again();
        }
        self.take_sync_error()?;
        synced
    }

    /// Syncs the file in any case: a later [`sync`](Self::sync) would no longer reach it.
    fn sync_before_closing(&mut self) -> io::Result<()> {
        self.sync_open_file().inspect_err(|error| {
            let same = io::Error::new(error.kind(), error.to_string());
            self.sync_error = Some(same);
        })
    }

    /// Syncs also what was written before the file was opened here.
    fn sync_open_file(&mut self) -> io::Result<()> {
        if let Some(live) = self.live.as_ref().filter(|live| live.is_regular) {
            self.pending.file = Some(Arc::clone(&live.file));
        }
        self.take_pending()
            .sync()
            .inspect_err(|_| self.sync_again())
    }

    /// Makes the next sync the first that counts for the observer.
    pub(super) fn sync_again(&mut self) {
        if self.settings.observer.is_some() {
            self.pending.file = self.live.as_ref().map(|live| Arc::clone(&live.file));
        }
    }

    /// Returns the error of an earlier sync, unless a call has returned it already.
    pub(super) fn take_sync_error(&mut self) -> io::Result<()> {
        self.sync_error.take().map_or(Ok(()), Err)
    }

    /// Takes the files to sync, for a caller that syncs them without the lock.
    pub(super) fn take_pending(&mut self) -> Pending {
        let mut pending = mem::take(&mut self.pending);
        let observer = self.settings.observer.as_ref();
        pending.observer = observer.map(|it| (Arc::clone(it), it.known_lines()));
        pending
    }

    pub(super) fn sync_failed(&mut self, error: io::Error) {
        self.sync_error = Some(error);
        self.sync_again();
    }
}

/// Returns how many bytes of whole lines fit into `room` bytes: at least those of the first line.
fn fitting(lines: &[u8], first: usize, room: u64) -> usize {
    match usize::try_from(room) {
        Ok(room) if room < lines.len() => {
            memchr::memrchr(b'\n', &lines[..room]).map_or(first, |at| at + 1)
        }
        _ => lines.len(),
    }
}

/// Days since 1970, in UTC.
fn day(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH)
        .map_or(0, |age| age.as_secs() / (24 * 60 * 60))
}

#[cfg(test)]
mod tests;
