//! The connections to SQLite: one that writes, and those that read while it does.

use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

use crate::{error::StoreError, schema};

/// Time to wait for another process that writes to the same file.
const BUSY: Duration = Duration::from_secs(10);

/// Number of idle connections that are kept for further reads.
const IDLE_READERS: usize = 4;

/// Number of prepared statements kept for each connection.
const STATEMENTS: usize = 64;

#[derive(Debug)]
pub(crate) struct Connections {
    /// For a store in memory, a text that names it in errors.
    path: PathBuf,
    writer: Mutex<Connection>,
    /// None for a store in memory, which has one connection for all.
    readers: Option<Mutex<Vec<Connection>>>,
}

impl Connections {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        schema::check(path)?;
        create_private(path).map_err(|error| StoreError::failed(path, error))?;
        let connection = migrated(path, Connection::open(path))?;
        let configured = configure_writer(&connection);
        configured.map_err(|error| StoreError::database(path, error))?;
        Ok(Self {
            path: path.to_owned(),
            writer: Mutex::new(connection),
            readers: Some(Mutex::default()),
        })
    }

    pub(crate) fn in_memory() -> Result<Self, StoreError> {
        let path = PathBuf::from("store in memory");
        let connection = migrated(&path, Connection::open_in_memory())?;
        Ok(Self {
            path,
            writer: Mutex::new(connection),
            readers: None,
        })
    }

    pub(crate) fn is_in_memory(&self) -> bool {
        self.readers.is_none()
    }

    /// Runs `work` in a transaction that is committed if it succeeds.
    pub(crate) fn write<T>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let mut connection = self.writer();
        let behavior = TransactionBehavior::Immediate;
        let result = connection
            .transaction_with_behavior(behavior)
            .and_then(|transaction| {
                let value = work(&transaction)?;
                transaction.commit()?;
                Ok(value)
            });
        result.map_err(|error| self.named(error))
    }

    /// Runs `work` on one state of the store, whatever is written meanwhile.
    pub(crate) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        let Some(readers) = &self.readers else {
            return work(&self.writer()).map_err(|error| self.named(error));
        };
        let idle = readers.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = idle.map_or_else(|| self.open_reader(), Ok);
        let result = connection.and_then(|connection| {
            let value = {
                let snapshot = connection.unchecked_transaction()?;
                work(&snapshot)?
            };
            let mut readers = readers.lock().unwrap_or_else(PoisonError::into_inner);
            if readers.len() < IDLE_READERS {
                readers.push(connection);
            }
            Ok(value)
        });
        result.map_err(|error| self.named(error))
    }

    /// Runs `work` on the connection that writes, outside of a transaction.
    pub(crate) fn maintain<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        work(&self.writer()).map_err(|error| self.named(error))
    }

    fn open_reader(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(connection)
    }

    fn writer(&self) -> MutexGuard<'_, Connection> {
        // After a panic the transaction was rolled back.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn named(&self, error: rusqlite::Error) -> StoreError {
        StoreError::database(&self.path, error)
    }
}

fn migrated(path: &Path, opened: rusqlite::Result<Connection>) -> Result<Connection, StoreError> {
    let migrated = opened.and_then(|mut connection| {
        connection.busy_timeout(BUSY)?;
        connection.set_prepared_statement_cache_capacity(STATEMENTS);
        Ok(schema::migrate(&mut connection)?.map(|()| connection))
    });
    migrated
        .map_err(|error| StoreError::database(path, error))?
        .map_err(|kind| StoreError::new(path, kind))
}

fn configure_writer(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "journal_mode", "wal")?;
    // Commits survive the end of the process; `sync` makes them survive a loss of power.
    connection.pragma_update(None, "synchronous", "normal")?;
    // In KiB, negative by SQLite's convention.
    connection.pragma_update(None, "cache_size", -16 * 1024)?;
    connection.pragma_update(None, "journal_size_limit", 16 * 1024 * 1024)?;
    // A damaged file is noticed now rather than with the first batch.
    connection.query_row("SELECT max(position) FROM entries", [], |_| Ok(()))
}

/// Creates the file, if there is none, readable by its owner only. SQLite gives its journal the same permissions.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}
