//! Keeps the proofs of a log while it is written.
//!
//! Whoever appends lines hands them to [`Pending`], and neither hashes nor waits. A thread hashes what has come to 256 KiB, and
//! keeps random salts ready. Past 8 MiB the appending thread hashes, so that the memory is bounded. A sync hashes the rest, in
//! the order of the lines; adds the leaves to the tree; writes its tiles and syncs them; and signs, stores and publishes the
//! checkpoint, all before it returns. So nobody waits for a checkpoint but whoever syncs.

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

pub use self::publish::NewCheckpoint;
use self::{log::Log, pending::Pending, publish::Publish};
use crate::{files::replace, key::SigningKey};

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
/// At every sync. Once the lines are durable, their tiles are written and synced, then the checkpoint, which is then
/// published. Only after that are files deleted. A crash at any point leaves a log that verifies: lines written after the
/// last checkpoint are covered when the log is opened again. Each sync makes about five files durable, so busy logs use
/// [`Fsync::Every`](body_logger_jsonl::Fsync::Every).
///
/// # When something fails
///
/// If a checkpoint cannot be stored, the sync fails; the next one retries. If it cannot be published, that is logged, the next
/// sync retries, and no file is deleted before it is. A log that differs from its stored checkpoint is not written to:
/// opening it fails, or each write if it is open.
pub struct Proofs {
    key: SigningKey,
    previous_key: Option<SigningKey>,
    publish: Mutex<Publish>,
    pending: Pending,
    log: Mutex<Option<Log>>,
}

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

    /// Passes each new checkpoint to `publish`, which should keep it where those who can write to the log cannot. Defaults to
    /// doing nothing.
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

    /// Replaces this file by each new checkpoint, with a proof that it continues the previous one:
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

    /// Publishes the stored checkpoint unless that is done. Of consecutive failures the first is logged.
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
        // A failure is logged, and retried by the next sync.
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
        // The lines are durable in any case. A failure is logged, and retried by the next sync.
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

impl fmt::Debug for Proofs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proofs")
            .field("key", &self.key)
            .finish_non_exhaustive()
    }
}
