//! Options of a file of JSON lines.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{FileObserver, JsonLinesFile};
use crate::paths::named;

/// When a [`JsonLinesFile`] makes written lines durable, so that they survive a loss of power.
///
/// Written lines survive the end of the process in any case, `kill -9` included. A file is also synced when rotation
/// closes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fsync {
    /// When the operating system decides to: usually within half a minute.
    #[default]
    Never,
    /// After each batch, before it counts as written. A batch whose sync fails counts as lost, although it may be in the
    /// file.
    EveryBatch,
    /// At most this long after a batch was written, on a thread of its own: one sync for everything written since the last
    /// one. The next flush returns the error of one that failed.
    Every(Duration),
}

/// How a [`JsonLinesFile`] keeps the files that rotation has closed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// As they are.
    #[default]
    None,
    /// As gzip, with `.gz` added to the name.
    #[cfg(feature = "compress")]
    #[cfg_attr(docsrs, doc(cfg(feature = "compress")))]
    Gzip,
    /// As zstd, with `.zst` added to the name.
    #[cfg(feature = "compress")]
    #[cfg_attr(docsrs, doc(cfg(feature = "compress")))]
    Zstd,
}

/// Builds a [`JsonLinesFile`]; see [`JsonLinesFile::at`].
#[derive(Debug, Clone)]
#[must_use = "nothing is opened before `open` is called"]
pub struct JsonLinesFileBuilder {
    pub(super) path: PathBuf,
    pub(super) rotate_at: Option<u64>,
    pub(super) rotate_daily: bool,
    pub(super) keep: Option<usize>,
    pub(super) keep_total: Option<u64>,
    pub(super) keep_for: Option<Duration>,
    pub(super) hold_for_readers: u64,
    pub(super) compression: Compression,
    pub(super) fsync: Fsync,
    pub(super) observer: Option<Arc<dyn FileObserver>>,
}

impl JsonLinesFileBuilder {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            rotate_at: None,
            rotate_daily: false,
            keep: None,
            keep_total: None,
            keep_for: None,
            hold_for_readers: 1024 * 1024 * 1024,
            compression: Compression::None,
            fsync: Fsync::Never,
            observer: None,
        }
    }

    /// Maximum size of a file in bytes: the next line begins a new file. A batch may be split between files, a line never
    /// is: a longer one gets a file of its own. Defaults to no limit.
    pub fn rotate_at(mut self, bytes: u64) -> Self {
        self.rotate_at = Some(bytes);
        self
    }

    /// Begins a new file with the first batch of each day, in UTC. Defaults to not doing so.
    pub fn rotate_daily(mut self) -> Self {
        self.rotate_daily = true;
        self
    }

    /// Maximum number of closed files; older ones are deleted. Defaults to keeping all.
    pub fn keep(mut self, files: usize) -> Self {
        self.keep = Some(files);
        self
    }

    /// Maximum total size of closed files on the disk, in bytes; older ones are deleted. The live file is not included.
    /// Defaults to keeping all.
    pub fn keep_total(mut self, bytes: u64) -> Self {
        self.keep_total = Some(bytes);
        self
    }

    /// Deletes closed files whose last line is older than this, by the times of the entries; those of
    /// earlier runs included. Defaults to keeping all.
    ///
    /// That is done when the file is opened and when it is rotated, and at least every hour, or every
    /// tenth of this duration if that is less. The live file is not deleted, however old its lines are:
    /// [`rotate_daily`](Self::rotate_daily) closes it with the first batch of another day. Nor are torn
    /// lines that were put aside.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use body_logger_jsonl::JsonLinesFile;
    ///
    /// let file = JsonLinesFile::at("audit.jsonl")
    ///     .rotate_daily()
    ///     .keep_for(Duration::from_secs(90 * 24 * 60 * 60))
    ///     .open()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn keep_for(mut self, age: Duration) -> Self {
        self.keep_for = Some(age);
        self
    }

    /// Maximum total size of closed files that are kept beyond the other limits because
    /// [registered readers](crate::Registration), such as shippers, have not read them. Beyond it the oldest are deleted, and
    /// counted in [`FileCounters::removed_unread`](super::FileCounters::removed_unread). Defaults to 1 GiB.
    ///
    /// Such a file is deleted with the first rotation after the reader has gone on to the next one. A reader that never
    /// comes back keeps files until its registration is removed. Choose 0 if files must be deleted after some time by law.
    pub fn hold_for_readers(mut self, bytes: u64) -> Self {
        self.hold_for_readers = bytes;
        self
    }

    /// Compresses closed files, those of earlier runs included. Defaults to [`Compression::None`].
    ///
    /// A thread of its own does that. If the process ends before it has finished, it is done when the file is opened again.
    pub fn compress(mut self, compression: Compression) -> Self {
        self.compression = compression;
        self
    }

    /// When written lines are made durable. Defaults to [`Fsync::Never`].
    pub fn fsync(mut self, fsync: Fsync) -> Self {
        self.fsync = fsync;
        self
    }

    /// Notifies an observer of each line, and of what happens to the files, such as `Proofs` of `body-logger-tlog`. Defaults
    /// to none.
    ///
    /// Such a log has this one writer, which alone rotates it. It must be synced, so opening it with [`Fsync::Never`] is an
    /// error. Each line gets a member `salt`, of 43 bytes.
    pub fn observer(mut self, observer: impl FileObserver) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// Opens the file to append to it. Creates it if there is none, on Unix readable and writable by its owner only, but
    /// no directories.
    ///
    /// A torn line, left by a crash or by a full disk, is moved to a file with `.torn` added to the name.
    ///
    /// # Errors
    ///
    /// Returns an error that names the path if the file cannot be opened, or a thread cannot be started; if the
    /// [`observer`](Self::observer) returns one; and, without an observer, if the log has proofs.
    pub fn open(self) -> io::Result<JsonLinesFile> {
        let path = self.path.clone();
        JsonLinesFile::open_with(self).map_err(|error| named(&path, &error))
    }

    /// Whether anything is to be done with closed files.
    pub(super) fn needs_maintenance(&self) -> bool {
        self.keep.is_some()
            || self.keep_total.is_some()
            || self.keep_for.is_some()
            || self.compression != Compression::None
    }

    /// How often to check for files that have become too old.
    pub(super) fn maintenance_interval(&self) -> Option<Duration> {
        const HOUR: Duration = Duration::from_secs(60 * 60);
        // Not continuously if nothing is to be kept.
        const LEAST: Duration = Duration::from_secs(1);
        self.keep_for.map(|age| (age / 10).clamp(LEAST, HOUR))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_for_old_files_each_hour_or_tenth_of_their_age() {
        let file = JsonLinesFileBuilder::new("audit".as_ref());
        assert_eq!(file.maintenance_interval(), None);
        for (age, every) in [(0, 1), (60, 6), (36_000, 3600), (u64::MAX, 3600)] {
            let file = file.clone().keep_for(Duration::from_secs(age));
            assert!(file.needs_maintenance());
            assert_eq!(
                file.maintenance_interval(),
                Some(Duration::from_secs(every))
            );
        }
    }
}
