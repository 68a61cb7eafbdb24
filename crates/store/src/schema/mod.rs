//! The tables, and their versions.
//!
//! Entries have positions in the order of their arrival, and 32,768 positions are a block. Every index begins with the block: so
//! writing touches the pages of the newest block only, and the oldest block is deleted as whole pages. A block also has its
//! earliest and latest time, so a range of times needs no index. Words are split and folded by `body_logger_core::filter`, as
//! SQLite's own rules for letters differ from those of `Filter::matches`.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags, TransactionBehavior};

use crate::error::{StoreError, StoreErrorKind};

/// Marks a file as a store: "blog", as the header's `application_id`.
const APPLICATION_ID: i32 = 0x626c_6f67;

/// What leads from each version to the next; an empty file has version 0.
const MIGRATIONS: [&str; 2] = [include_str!("v1.sql"), include_str!("v2.sql")];

/// The latest version, which this library writes.
const VERSION: i32 = MIGRATIONS.len() as i32;

/// Length of the smallest page that SQLite has.
const MIN_PAGE: u64 = 512;

/// Number of positions in a block, as a power of two.
const BLOCK_BITS: u32 = 15;

pub(crate) fn block_of(position: i64) -> i64 {
    position >> BLOCK_BITS
}

/// Returns the first and the last position of a block.
pub(crate) fn positions_of(block: i64) -> (i64, i64) {
    (block << BLOCK_BITS, ((block + 1) << BLOCK_BITS) - 1)
}

/// SQLite's integers are signed. No number of a record is as large as those that do not fit.
pub(crate) fn integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// What a file holds.
enum Content {
    Nothing,
    Store { version: i32 },
    Other,
}

impl Content {
    fn of(connection: &Connection) -> rusqlite::Result<Self> {
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        let version = number("user_version")?;
        let tables = "SELECT count(*) FROM sqlite_schema";
        let tables: i64 = connection.query_row(tables, [], |row| row.get(0))?;
        Ok(match number("application_id")? {
            APPLICATION_ID => Self::Store { version },
            0 if version == 0 && tables == 0 => Self::Nothing,
            _ => Self::Other,
        })
    }

    /// Returns the version, 0 if there is no table yet.
    fn known_version(&self) -> Result<i32, StoreErrorKind> {
        let supported = VERSION;
        match *self {
            Self::Nothing => Ok(0),
            Self::Store { version } if version <= supported => Ok(version),
            Self::Store { version: found } => Err(StoreErrorKind::NewerSchema { found, supported }),
            Self::Other => Err(StoreErrorKind::NotAStore),
        }
    }
}

/// Checks that there is no file, an empty one, or a store of a known version. Changes nothing, not even a journal.
pub(crate) fn check(path: &Path) -> Result<(), StoreError> {
    let length = std::fs::metadata(path).map_or(0, |file| file.len());
    if length == 0 {
        return Ok(());
    }
    if length < MIN_PAGE {
        // SQLite would take it for an empty one.
        return Err(StoreError::new(path, StoreErrorKind::NotAStore));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    // Without this parameter SQLite would create files for its journal.
    let uri = format!("file:{}?immutable=1", percent_encoded(path));
    let connection = Connection::open_with_flags(uri, flags);
    let content = connection.and_then(|connection| Content::of(&connection));
    let version = match content {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            Err(StoreErrorKind::NotAStore)
        }
        content => content
            .map_err(|error| StoreError::database(path, error))?
            .known_version(),
    };
    version
        .map(drop)
        .map_err(|kind| StoreError::new(path, kind))
}

fn percent_encoded(path: &Path) -> String {
    let mut text = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b':' => {
                text.push(char::from(*byte));
            }
            byte => text.push_str(&format!("%{byte:02X}")),
        }
    }
    text
}

/// Creates the tables, or brings them up to date. Returns what is wrong with the file, which is not changed then.
pub(crate) fn migrate(connection: &mut Connection) -> rusqlite::Result<Result<(), StoreErrorKind>> {
    if let Content::Nothing = Content::of(connection)? {
        // Only before the first table exists.
        connection.pragma_update(None, "auto_vacuum", "incremental")?;
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Not before the transaction began, as another process may migrate, too.
    let version = match Content::of(&transaction)?.known_version() {
        Ok(version) => version,
        Err(kind) => return Ok(Err(kind)),
    };
    let done = usize::try_from(version).unwrap_or_default();
    for migration in MIGRATIONS.iter().skip(done) {
        transaction.execute_batch(migration)?;
    }
    if version < VERSION {
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", VERSION)?;
    }
    transaction.commit()?;
    Ok(Ok(()))
}
