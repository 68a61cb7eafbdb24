//! Options of a store.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use crate::{error::StoreError, retention::Retention, store::Store};

/// Builds a [`Store`] in a file; see [`Store::at`].
#[derive(Debug, Clone)]
#[must_use = "nothing is opened before `open` is called"]
pub struct StoreBuilder {
    path: PathBuf,
    retention: Retention,
}

impl Store {
    /// Begins to configure a store in a file.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use body_logger_store::Store;
    ///
    /// let store = Store::at("audit.db")
    ///     .keep_for(Duration::from_secs(30 * 24 * 60 * 60))
    ///     .keep_bytes(10 * 1024 * 1024 * 1024)
    ///     .open()?;
    /// # Ok::<(), body_logger_store::StoreError>(())
    /// ```
    pub fn at(path: impl AsRef<Path>) -> StoreBuilder {
        StoreBuilder {
            path: path.as_ref().to_owned(),
            retention: Retention::default(),
        }
    }
}

impl StoreBuilder {
    /// Deletes entries older than this, by their times, also while nothing is written. Defaults to keeping all.
    pub fn keep_for(mut self, age: Duration) -> Self {
        self.retention.keep_for = Some(age);
        self
    }

    /// Deletes the oldest entries when the file takes more bytes than this. Defaults to keeping all.
    ///
    /// The space is returned to the file system in small steps, with the batches that are written. SQLite's journal, the
    /// file with `-wal` added to the name, takes up to some ten MiB on top, and an empty store 100 KiB.
    pub fn keep_bytes(mut self, bytes: u64) -> Self {
        self.retention.keep_bytes = Some(bytes);
        self
    }

    /// Opens the file, and creates it if there is none: on Unix readable and writable by its owner only. Directories are
    /// not created.
    ///
    /// # Errors
    ///
    /// Returns an error if the file is [something else](crate::StoreErrorKind::NotAStore),
    /// [damaged](crate::StoreErrorKind::Damaged), or [too new](crate::StoreErrorKind::NewerSchema), which leaves it
    /// unchanged; or if it cannot be opened or created.
    pub fn open(self) -> Result<Store, StoreError> {
        Store::open_with(&self.path, self.retention)
    }
}
