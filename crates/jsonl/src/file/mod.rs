//! A file of JSON lines that rotates, syncs and recovers.

mod age;
mod appended;
mod background;
#[cfg(feature = "compress")]
mod codec;
mod counts;
mod erase;
mod hold;
mod live;
mod maintenance;
mod observer;
mod options;
mod patch;
mod shared;
mod torn;
mod writer;

use std::{
    borrow::Cow,
    fmt, io,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use body_logger_core::{record::SALT_BYTES, Entry, Sink, SinkError};

pub use self::{
    appended::AppendedLines,
    counts::FileCounters,
    erase::LineToErase,
    observer::FileObserver,
    options::{Compression, Fsync, JsonLinesFileBuilder},
};
use self::{
    background::Background, counts::Counts, maintenance::Maintenance, shared::Core, writer::Writer,
};
use crate::{batch::Batch, paths::with_suffix, read::RawFile};

/// Appends one line of JSON per entry to a file, a batch at a time, in one write call.
///
/// ```
/// use std::time::Duration;
///
/// use body_logger_core::{Entry, Record, Sink};
/// use body_logger_jsonl::{Fsync, JsonLinesFile};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("body-logger-at-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("audit.jsonl");
/// let file = JsonLinesFile::at(path)
///     .rotate_at(100 * 1024 * 1024)
///     .rotate_daily()
///     .keep(30)
///     .fsync(Fsync::Every(Duration::from_secs(1)))
///     .open()?;
/// file.write(&[Entry::Record(Record::example())])?;
/// // whenever SIGHUP arrives, where something else rotates the file
/// file.reopen()?;
/// # drop(file);
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok(())
/// # }
/// ```
///
/// Clones are handles to the same open file.
///
/// # Where it runs
///
/// Given to `BodyLoggerBuilder::sink` it runs behind the queue: on the writer thread, or on a thread of its
/// own beside other queued sinks. So a slow or a full disk holds up records, which then wait in the queue and
/// are dropped and counted when it is full, but no response. Given to `inline_sink` it runs on the worker,
/// with a write call for each entry, and [`Fsync::EveryBatch`] with an `fsync` for each: the worker serves
/// nobody else in the meantime. Files are compressed, and deleted, on a thread of their own.
///
/// # Rotation
///
/// A closed file is renamed to the UTC time of its closing:
/// `audit.2026-11-21T09-15-01.123456Z.jsonl` beside `audit.jsonl`, and `.gz` or `.zst` is added when it is
/// [compressed](JsonLinesFileBuilder::compress). These names sort in the order of closing, and
/// are unique. If the file cannot be renamed, it stays the live file.
///
/// # When something fails
///
/// An entry is lost if its line cannot be written, because the disk is full or read-only, or the directory
/// is gone. A logger counts such entries exactly, in [`Counters::sink_error`]. Later batches are written as soon as
/// writing works again; a file that was moved or removed is created again. Files contain whole lines only: the part of a
/// line that did not fit is truncated. A torn line that a crash left is detected when the file is opened, moved to a file
/// with `.torn` added to the name, and counted in [`FileCounters::torn_lines`]. It stays, on a line of its own, only if
/// the file system does not allow truncation (`chattr +a`).
///
/// Several processes may write to one file, and rotate it, where the file system has locks.
///
/// # What survives what
///
/// Written lines survive the end of the process, however it ends. [`Fsync`] and [`Sink::sync`] determine what survives a
/// loss of power.
///
/// [`Counters::sink_error`]: body_logger_core::sink::Counters::sink_error
#[derive(Clone)]
pub struct JsonLinesFile(Arc<Shared>);

/// Dropping the last handle completes the pending work of the threads.
struct Shared {
    core: Arc<Core>,
    syncs: Option<Background>,
    maintenance: Option<Background>,
}

impl JsonLinesFile {
    /// Returns a builder, which [opens](JsonLinesFileBuilder::open) the file. By default it grows without limit, and is not
    /// synced.
    pub fn at(path: impl AsRef<Path>) -> JsonLinesFileBuilder {
        JsonLinesFileBuilder::new(path.as_ref())
    }

    pub(super) fn open_with(mut settings: JsonLinesFileBuilder) -> io::Result<Self> {
        // The process may change its working directory.
        settings.path = std::path::absolute(&settings.path)?;
        if settings.observer.is_some() && settings.fsync == Fsync::Never {
            let error =
                "a file with an observer has to be synced: choose `Fsync::Every` or `EveryBatch`";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, error));
        }
        if settings.observer.is_none() && has_proofs(&settings.path)? {
            let error = "this log has proofs, in the directory with `.tlog` added to its name, and what is written without them \
                         would look like tampering: open it with an observer, or move them away";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, error));
        }
        let settings = Arc::new(settings);
        let counts = Arc::new(Counts::default());
        let mut writer = Writer::new(Arc::clone(&settings), Arc::clone(&counts));
        writer.open()?;
        let core = Arc::new(Core {
            path: settings.path.clone(),
            writer: Mutex::new(writer),
            counts: Arc::clone(&counts),
            observer: settings.observer.clone(),
            syncing: Mutex::new(()),
            maintaining: Mutex::new(()),
        });
        if let Err(error) = core.finish_erasing() {
            let path = &settings.path;
            let next = "retrying when the file is opened again";
            counts.fault("complete what is to be erased in", path, &error, next);
        }

        let syncs = match settings.fsync {
            Fsync::Never | Fsync::EveryBatch => None,
            Fsync::Every(delay) => {
                let core = Arc::clone(&core);
                let work = move || core.sync_apart();
                Some(Background::start("body-logger-sync", delay, None, work)?)
            }
        };
        let maintenance = settings.needs_maintenance().then(|| {
            let every = settings.maintenance_interval();
            let announces = settings.observer.is_some();
            let mut maintenance = Maintenance::new(settings, counts);
            if announces {
                let core = Arc::clone(&core);
                maintenance = maintenance.announcing(move |files| {
                    let announced = core.announce(|it| Ok(vec![it.deleting(files)?]));
                    announced.map(|_| ())
                });
            }
            let core = Arc::clone(&core);
            let work = move || {
                let _maintaining = core.maintaining();
                maintenance.run(SystemTime::now());
            };
            Background::start("body-logger-maintenance", Duration::ZERO, every, work)
        });
        let maintenance = maintenance.transpose()?;
        if let Some(maintenance) = &maintenance {
            // Work that an earlier run has left.
            maintenance.request();
        }
        Ok(Self(Arc::new(Shared {
            core,
            syncs,
            maintenance,
        })))
    }

    /// Closes the file and opens what its path leads to now: for a `SIGHUP` after something else
    /// has moved the file. Waits for a batch that is being written.
    ///
    /// Calling it is optional: before each batch the sink checks whether the path still leads to the file (on Unix;
    /// elsewhere, whether there is a file). It closes the old file even if no batch follows.
    ///
    /// # Errors
    ///
    /// Returns the operating system's error, or an error if the file has an [observer](JsonLinesFileBuilder::observer), as
    /// nobody else may rotate it then. The open file stays open.
    pub fn reopen(&self) -> io::Result<()> {
        let core = &self.0.core;
        if core.observer.is_some() {
            let error = "a file with an observer is rotated by nobody else, and cannot be reopened";
            let error = io::Error::new(io::ErrorKind::Unsupported, error);
            return Err(core.named(&error));
        }
        core.writer().reopen().map_err(|error| core.named(&error))
    }

    /// Returns what happened to the file, and to closed files, since it was opened.
    #[must_use]
    pub fn counters(&self) -> FileCounters {
        self.0.core.counts.snapshot()
    }
}

/// Whether there are proofs beside a log, as `body-logger-tlog` keeps them.
fn has_proofs(path: &Path) -> io::Result<bool> {
    // If the path cannot be resolved, opening the file returns the reason.
    let Ok(live) = RawFile::live_path(path) else {
        return Ok(false);
    };
    with_suffix(&live, ".tlog/checkpoint").try_exists()
}

impl Sink for JsonLinesFile {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let core = &self.0.core;
        let batch = Batch::of(entries, core.salts(entries.len())?);
        let closed = self.counters().closed;
        let written = core.writer().append(batch.lines(), SystemTime::now());
        if let Some(syncs) = &self.0.syncs {
            syncs.request();
        }
        let maintenance = self.0.maintenance.as_ref();
        if let Some(maintenance) = maintenance.filter(|_| self.counters().closed > closed) {
            maintenance.request();
        }
        batch.outcome(written)
    }

    fn flush(&self) -> Result<(), SinkError> {
        let core = &self.0.core;
        Ok(core.writer().take_sync_error()?)
    }

    fn sync(&self) -> Result<(), SinkError> {
        Ok(self.0.core.sync()?)
    }

    /// Returns whether it is a regular file: a pipe or a device cannot be synced.
    fn is_durable(&self) -> bool {
        self.0.core.writer().is_regular()
    }

    /// Returns the length of the `salt` that lines have where the file has an
    /// [observer](JsonLinesFileBuilder::observer).
    fn added_line_bytes(&self) -> usize {
        self.0.core.observer.as_ref().map_or(0, |_| SALT_BYTES)
    }

    /// Returns the file's path.
    fn name(&self) -> Cow<'_, str> {
        self.0.core.path.to_string_lossy()
    }
}

impl fmt::Debug for JsonLinesFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLinesFile")
            .field("counters", &self.counters())
            .finish_non_exhaustive()
    }
}
