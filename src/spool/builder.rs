//! Configures and opens a spool.

use std::{io, path::PathBuf, sync::Arc, time::Duration};

#[cfg(feature = "encrypt")]
use super::AgeRecipient;
use super::{
    content::Sealing,
    disk::{Directory, Disk},
    options::{Limits, SpoolSync, WhenSlow, DEFAULT_SPOOL_WAITING},
    retention::{Retention, RetentionLimits},
    thread, Shared, Spool,
};

/// Options of a directory in which bodies are kept whole, see
/// [`BodyMode::spool_raw`](crate::policy::BodyMode::spool_raw).
///
/// ```no_run
/// use std::time::Duration;
///
/// use actix_web_body_logger::{policy::{BodyMode, WhenSlow}, BodyLogger};
///
/// # fn main() -> std::io::Result<()> {
/// let spool = BodyMode::spool_raw("bodies", 8 * 1024 * 1024 * 1024)
///     .when_slow(WhenSlow::SlowDown)
///     .keep_for(Duration::from_secs(7 * 24 * 60 * 60))
///     .keep_total(100 * 1024 * 1024 * 1024)
///     .open()?;
/// let logger = BodyLogger::builder().request_mode(spool.clone()).response_mode(spool).build();
/// # drop(logger);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "it does nothing until it is opened"]
pub struct SpoolBuilder {
    path: PathBuf,
    limits: Limits,
    sync: SpoolSync,
    retention: RetentionLimits,
    sealing: Sealing,
}

impl SpoolBuilder {
    pub(crate) fn new(path: PathBuf, max_bytes: u64) -> Self {
        Self {
            path,
            limits: Limits {
                max_bytes,
                waiting: DEFAULT_SPOOL_WAITING,
                when_slow: WhenSlow::default(),
            },
            sync: SpoolSync::default(),
            retention: RetentionLimits::default(),
            sealing: Sealing::default(),
        }
    }

    /// What happens to a body while the disk is slower than the network.
    ///
    /// Defaults to [`WhenSlow::GiveUp`].
    pub fn when_slow(mut self, choice: WhenSlow) -> Self {
        self.limits.when_slow = choice;
        self
    }

    /// Maximum number of bytes of one body that wait for the disk. One more chunk may exceed it, of whatever size the
    /// application makes its chunks. The bytes that wait are reserved of the logger's
    /// [memory budget](crate::BodyLoggerBuilder::memory_budget).
    ///
    /// Defaults to [`DEFAULT_SPOOL_WAITING`], 4 MiB.
    pub fn waiting_bytes(mut self, bytes: usize) -> Self {
        self.limits.waiting = bytes;
        self
    }

    /// When files are made durable.
    ///
    /// Defaults to [`SpoolSync::Never`].
    pub fn sync(mut self, choice: SpoolSync) -> Self {
        self.sync = choice;
        self
    }

    /// Deletes files that were finished longer ago than this. Applies to all files that any spool has made in the
    /// directory, and to no others.
    ///
    /// Defaults to keeping them.
    pub fn keep_for(mut self, age: Duration) -> Self {
        self.retention.age = Some(age);
        self
    }

    /// Deletes the oldest files while the finished ones have more bytes than this together. Applies to all files that
    /// any spool has made in the directory, and to no others. A thread of its own deletes, so the total may exceed this
    /// for a moment; files that are still being written do not count.
    ///
    /// Defaults to keeping them.
    pub fn keep_total(mut self, bytes: u64) -> Self {
        self.retention.total = Some(bytes);
        self
    }

    /// Encrypts files in the [age] format, to these recipients: whoever has one of their identities can read them, and
    /// this process cannot. Names then end in `.age`.
    ///
    /// ```
    /// use actix_web_body_logger::policy::{AgeRecipient, BodyMode};
    ///
    /// # fn main() -> Result<(), actix_web_body_logger::policy::ParseAgeRecipientError> {
    /// let auditor: AgeRecipient = "age1t7rxyev2z3rw82stdlrrepyc39nvn86l5078zqkf5uasdy86jp6svpy7pa".parse()?;
    /// let spool = BodyMode::spool_raw("bodies", 1024 * 1024 * 1024).encrypt_to([auditor]);
    /// # drop(spool);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Defaults to none: files are plain. May be called several times.
    ///
    /// [age]: https://age-encryption.org/v1
    #[cfg(feature = "encrypt")]
    #[cfg_attr(docsrs, doc(cfg(feature = "encrypt")))]
    pub fn encrypt_to(mut self, recipients: impl IntoIterator<Item = AgeRecipient>) -> Self {
        self.sealing.recipients.extend(recipients);
        self
    }

    /// Opens the directory, which is created if there is none, removes the incomplete files that crashed processes have
    /// left in it, and starts the spool's thread.
    ///
    /// On Unix the directory is made accessible to its owner only (mode 0700), unless it is not and has files of
    /// others in it. Each file is locked while it is written, so several spools, also of several processes, can share a
    /// directory.
    ///
    /// # Errors
    ///
    /// Returns an error if the directory cannot be created or read, if others have access to it and it has files that
    /// no spool has made, or if a thread cannot be started.
    pub fn open(self) -> io::Result<Spool> {
        let directory = Directory::open(&self.path)?;
        let retention = Retention::start(self.retention, &self.path)?;
        self.open_on(directory, retention)
    }

    pub(super) fn open_on(
        self,
        disk: impl Disk,
        retention: Option<Retention>,
    ) -> io::Result<Spool> {
        let thread = thread::Options {
            path: self.path,
            sync: self.sync,
            sealing: self.sealing,
            retention,
        };
        let commands = thread::start(thread, disk)?;
        Ok(Spool(Arc::new(Shared {
            limits: self.limits,
            commands,
        })))
    }
}
