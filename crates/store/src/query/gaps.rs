//! Finds gaps.

use body_logger_core::record::GapRecord;
use rusqlite::Connection;

use super::read::line;
use crate::position::Position;

/// A gap with its place in the store: the records that are missing would stand before it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredGap {
    /// Its place.
    pub position: Position,
    /// The gap, as it was written.
    pub gap: GapRecord,
}

/// Returns the newest gaps that overlap a range of times and of positions, newest first.
pub(crate) fn gaps_in(
    connection: &Connection,
    (from, to): (i64, i64),
    (first, last): (i64, i64),
    limit: i64,
) -> rusqlite::Result<Vec<StoredGap>> {
    let sql = "SELECT position FROM entries INDEXED BY gaps
        WHERE kind = 1 AND time >= ?1 AND time_from <= ?2 AND position BETWEEN ?3 AND ?4
        ORDER BY position DESC LIMIT ?5";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([from, to, first, last, limit], |row| row.get(0))?;
    let positions = rows.collect::<rusqlite::Result<Vec<i64>>>()?;
    let read = |position| {
        Ok(StoredGap {
            position: Position(position),
            gap: line(connection, position)?,
        })
    };
    positions.into_iter().map(read).collect()
}
