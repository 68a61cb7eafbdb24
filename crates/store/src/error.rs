//! Errors of a store.

use std::{error::Error, fmt, path::Path};

use rusqlite::ErrorCode;

/// Error: a store could not be opened, read or written.
#[derive(Debug)]
pub struct StoreError {
    store: String,
    kind: StoreErrorKind,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// What is wrong with a store; see [`StoreError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// The file is something else: not SQLite's, or another application's. It was not changed.
    NotAStore,
    /// The file is damaged. If opening it failed, it was not changed.
    Damaged,
    /// A later version of this library has written the file. It was not changed.
    NewerSchema {
        /// The file's version.
        found: i32,
        /// The latest version that this library reads.
        supported: i32,
    },
    /// The operating system or SQLite failed, as with a full disk.
    Failed,
}

impl StoreError {
    pub(crate) fn new(store: &Path, kind: StoreErrorKind) -> Self {
        Self {
            store: store.display().to_string(),
            kind,
            cause: None,
        }
    }

    pub(crate) fn failed(store: &Path, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            cause: Some(cause.into()),
            ..Self::new(store, StoreErrorKind::Failed)
        }
    }

    pub(crate) fn database(store: &Path, error: rusqlite::Error) -> Self {
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => StoreErrorKind::Damaged,
            _ => StoreErrorKind::Failed,
        };
        Self {
            kind,
            ..Self::failed(store, error)
        }
    }

    /// Returns what is wrong.
    #[must_use]
    pub fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.store)?;
        match self.kind {
            StoreErrorKind::NotAStore => f.write_str("the file is not a store of records")?,
            StoreErrorKind::Damaged => f.write_str("the store is damaged")?,
            StoreErrorKind::NewerSchema { found, supported } => write!(
                f,
                "the store has version {found}, and this program reads versions up to {supported}"
            )?,
            StoreErrorKind::Failed => {}
        }
        match (&self.cause, self.kind) {
            (Some(cause), StoreErrorKind::Failed) => cause.fmt(f),
            (Some(cause), _) => write!(f, ": {cause}"),
            (None, _) => Ok(()),
        }
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match &self.cause {
            Some(cause) => Some(&**cause),
            None => None,
        }
    }
}
