//! Reads entries back from their lines.

use body_logger_core::Record;
use rusqlite::{types::Type, Connection, OptionalExtension};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{position::Position, schema::integer};

/// A record with its place in the store.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StoredRecord {
    /// Its place.
    pub position: Position,
    /// The record, as it was written.
    pub record: Record,
}

/// Parses the line at a position.
pub(super) fn line<T: DeserializeOwned>(
    connection: &Connection,
    position: i64,
) -> rusqlite::Result<T> {
    let mut statement = connection.prepare_cached("SELECT json FROM lines WHERE position = ?1")?;
    statement.query_row([position], |row| {
        let json = row.get_ref(0)?.as_str()?;
        serde_json::from_str(json)
            .map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Text, error.into()))
    })
}

pub(crate) fn records_at(
    connection: &Connection,
    positions: &[i64],
) -> rusqlite::Result<Vec<StoredRecord>> {
    let read = |position: &i64| {
        Ok(StoredRecord {
            position: Position(*position),
            record: line(connection, *position)?,
        })
    };
    positions.iter().map(read).collect()
}

/// Returns the record of an entry, the newest if there are several.
pub(crate) fn entry(connection: &Connection, id: Uuid) -> rusqlite::Result<Option<StoredRecord>> {
    let sql = "SELECT position FROM blocks CROSS JOIN entries INDEXED BY by_entry_id USING (block)
        WHERE entry_id = ?1 AND kind = 0 ORDER BY position DESC LIMIT 1";
    let position = connection
        .prepare_cached(sql)?
        .query_row([id.as_bytes()], |row| row.get(0));
    let position: Option<i64> = position.optional()?;
    let records = records_at(connection, position.as_slice())?;
    Ok(records.into_iter().next())
}

/// Returns the records of an exchange in the order of their stages; only the given one if it is not in stages.
pub(crate) fn exchange(
    connection: &Connection,
    record: &Record,
) -> rusqlite::Result<Vec<StoredRecord>> {
    if record.stage.is_none() && record.first_seq.is_none() {
        return Ok(entry(connection, record.entry_id)?.into_iter().collect());
    }
    let first = integer(record.first_seq.unwrap_or(record.seq));
    let sql = "SELECT position FROM entries INDEXED BY by_exchange
        WHERE run = ?1 AND exchange_seq = ?2 ORDER BY position";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map((record.run.as_bytes(), first), |row| row.get(0))?;
    let positions = rows.collect::<rusqlite::Result<Vec<i64>>>()?;
    records_at(connection, &positions)
}

/// Returns the position of the newest entry.
pub(crate) fn newest(connection: &Connection) -> rusqlite::Result<Option<Position>> {
    let mut statement = connection.prepare_cached("SELECT max(position) FROM entries")?;
    statement.query_row([], |row| {
        row.get::<_, Option<i64>>(0).map(|it| it.map(Position))
    })
}
