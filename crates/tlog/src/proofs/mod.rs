//! Keeping the proofs of a log while it is written.

mod erase;
mod log;
mod pending;
mod publish;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use body_logger_core::record::{Maintenance, MaintenanceRecord};
use body_logger_jsonl::{AppendedLines, FileObserver, LineToErase};
use uuid::Uuid;

pub use self::publish::NewCheckpoint;
use self::{log::Log, pending::Pending};
use crate::{files::replace, SigningKey};

/// Keeps the proofs of a log in `LOG.tlog` beside it, as the observer of a
/// [`JsonLinesFile`](body_logger_jsonl::JsonLinesFile).
///
/// ```
/// use std::time::Duration;
///
/// use body_logger_jsonl::{Fsync, JsonLinesFile};
/// use body_logger_tlog::{Proofs, SigningKey, Verifier};
/// # use body_logger_core::{Entry, Record, Sink};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let directory = std::env::temp_dir().join(format!("body-logger-proofs-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("audit.jsonl");
/// # let elsewhere = directory.join("elsewhere");
/// let key = SigningKey::create_file(directory.join("audit.key"), "example.com/audit")?;
/// let verifier_key = key.verifier_key().clone();
/// let file = JsonLinesFile::at(&path)
///     .fsync(Fsync::Every(Duration::from_secs(1)))
///     .observer(Proofs::new(key).publish_to(elsewhere))
///     .open()?;
/// file.write(&[Entry::Record(Record::example())])?;
/// file.sync()?;   // signs a checkpoint
///
/// let verification = Verifier::new([verifier_key]).verify(&path)?;
/// assert!(verification.holds());
/// assert_eq!(verification.size, 1);
/// # drop(file);
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok(())
/// # }
/// ```
///
/// # When checkpoints are signed
///
/// At every sync: once the lines are durable, their tiles are written and synced, then the checkpoint, which then is
/// published. Files that are to be deleted are deleted after that. A crash at any point leaves a log that verifies:
/// what was written after the last checkpoint is covered when the log is opened again. Each sync makes about five files
/// durable, so [`Fsync::Every`](body_logger_jsonl::Fsync::Every) is for logs that are written to much.
///
/// # When something fails
///
/// Where no checkpoint can be stored, the sync fails and is tried again with the next. Where one cannot be published,
/// that is logged and tried again with the next sync, and nothing is deleted before. Where the log is not as its stored
/// checkpoint says, it is not written to: opening it fails, and later each write.
pub struct Proofs {
    key: SigningKey,
    previous_key: Option<SigningKey>,
    publish: Mutex<Publish>,
    pending: Pending,
    log: Mutex<Option<Log>>,
}

type Publish = Box<dyn FnMut(&NewCheckpoint<'_>) -> io::Result<Vec<String>> + Send>;

impl Proofs {
    /// Creates proofs that are signed with this key.
    #[must_use]
    pub fn new(key: SigningKey) -> Self {
        Self {
            key,
            previous_key: None,
            publish: Mutex::new(Box::new(|_| Ok(Vec::new()))),
            pending: Pending::new(),
            log: Mutex::default(),
        }
    }

    /// Also signs with the key that the log had before, so that whoever trusts only that one accepts the checkpoints,
    /// too. Needed to change keys: a log is continued only if one of the two has signed its checkpoint. The name has to
    /// be the same. Defaults to none.
    #[must_use]
    pub fn previous_key(mut self, key: SigningKey) -> Self {
        self.previous_key = Some(key);
        self
    }

    /// Hands each new checkpoint to this, which should keep it where whoever can write to the log cannot. Defaults to
    /// nobody.
    ///
    /// It may return signature lines of others, such as the cosignatures of C2SP witnesses, which are then stored with
    /// the checkpoint. It is called on the thread that syncs, one call at a time; the same checkpoint may come again.
    #[must_use]
    pub fn publish(
        mut self,
        publish: impl FnMut(&NewCheckpoint<'_>) -> io::Result<Vec<String>> + Send + 'static,
    ) -> Self {
        self.publish = Mutex::new(Box::new(publish));
        self
    }

    /// Writes each new checkpoint to this file, in the place of the one before, with a proof that it continues that:
    /// [`NewCheckpoint::add_checkpoint_request`]. It replaces [`publish`](Self::publish).
    #[must_use]
    pub fn publish_to(self, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        self.publish(move |checkpoint| {
            let text = checkpoint.add_checkpoint_request()?;
            replace(&path, text.as_bytes())?;
            Ok(Vec::new())
        })
    }

    fn keys(&self) -> Vec<&SigningKey> {
        [&self.key].into_iter().chain(&self.previous_key).collect()
    }

    fn log(&self) -> MutexGuard<'_, Option<Log>> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Publishes the checkpoint that is stored unless that was done. Where it fails, says so once.
    fn publish_stored(&self, log: &mut Log) -> io::Result<()> {
        if log.is_published() {
            return Ok(());
        }
        let mut publish = self.publish.lock().unwrap_or_else(PoisonError::into_inner);
        log.publish(&mut publish)
    }
}

fn not_open() -> io::Error {
    io::Error::other("the log is not open")
}

impl FileObserver for Proofs {
    fn resume(&self, live: &Path) -> io::Result<()> {
        let mut log = self.log();
        // The lock is kept: nobody else may write meanwhile.
        let lock = log.take().map(Log::into_lock);
        let (resumed, leaves) = Log::resume(live, &self.keys(), lock)?;
        self.pending.reset(resumed.size(), leaves);
        let log = log.insert(resumed);
        // A failure was logged, and is tried again.
        let _ = self.publish_stored(log);
        Ok(())
    }

    fn salts(&self, lines: usize) -> io::Result<Vec<[u8; 16]>> {
        self.pending.salts(lines)
    }

    fn appended(&self, lines: &AppendedLines) {
        self.pending.append(lines);
    }

    fn known_lines(&self) -> u64 {
        self.pending.known()
    }

    fn synced(&self, lines: u64) -> io::Result<()> {
        let mut guard = self.log();
        let log = guard.as_mut().ok_or_else(not_open)?;
        let leaves = self.pending.leaves_before(lines);
        if !leaves.is_empty() {
            log.extend(&leaves, &self.keys())?;
            self.pending.cover(leaves.len());
        }
        // Lines are no less durable where that fails; it is logged, and tried again.
        if self.publish_stored(log).is_ok() {
            log.remove_old_tiles();
        }
        Ok(())
    }

    fn rotated(&self, closed_at: &str) -> io::Result<()> {
        let lines = self.known_lines();
        let mut log = self.log();
        Ok(log
            .as_mut()
            .ok_or_else(not_open)?
            .rotated(closed_at, lines)?)
    }

    fn deleting(&self, closed_at: &[&str]) -> io::Result<MaintenanceRecord> {
        let mut log = self.log();
        let log = log.as_mut().ok_or_else(not_open)?;
        let (last, files) = log.deleting(closed_at)?;
        let note = Maintenance::deleted(SystemTime::now(), 0..=last, files);
        let (run, seq) = log.next_entry();
        Ok(MaintenanceRecord::new(run, seq, note))
    }

    fn may_delete(&self) -> io::Result<()> {
        let mut log = self.log();
        self.publish_stored(log.as_mut().ok_or_else(not_open)?)
    }

    fn first_line(&self, closed_at: Option<&str>) -> io::Result<u64> {
        let log = self.log();
        Ok(log.as_ref().ok_or_else(not_open)?.first_line(closed_at)?)
    }

    fn erasing(&self, lines: &[LineToErase]) -> io::Result<Vec<MaintenanceRecord>> {
        let mut log = self.log();
        let log = log.as_mut().ok_or_else(not_open)?;
        Ok(log.erasing(lines, |leaf| self.pending.leaf(leaf))?)
    }

    fn erased(&self, numbers: &[u64]) -> io::Result<()> {
        let log = self.log();
        Ok(log.as_ref().ok_or_else(not_open)?.erased(numbers)?)
    }

    fn unfinished_erasures(&self) -> io::Result<Vec<MaintenanceRecord>> {
        let log = self.log();
        Ok(log.as_ref().ok_or_else(not_open)?.unfinished_erasures()?)
    }
}

/// Numbers for the entries of this writer, which are a run of their own.
#[derive(Debug)]
struct Run {
    id: Uuid,
    seq: u64,
}

impl fmt::Debug for Proofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proofs")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
