//! Writes batches of entries.

mod row;

use std::ops::Range;

use body_logger_core::{filter::record_words, record::JsonLineBuffer, Entry, Record};
use rusqlite::{
    params,
    types::{ToSqlOutput, ValueRef},
    Connection,
};

use self::row::Row;
use crate::schema::block_of;

/// Where two fields of a record meet, so that no phrase matches across them. It is no letter and no digit, so no word is equal
/// to it, and not ASCII, so the tokenizer takes it for a word.
const BETWEEN_FIELDS: &str = "\u{b6}";

/// A batch with its lines.
pub(crate) struct Batch<'e> {
    entries: Vec<(&'e Entry, Range<usize>)>,
    lines: JsonLineBuffer,
    /// Indices of the entries that have no JSON, with the last error.
    pub(crate) refused: Vec<usize>,
    pub(crate) refusal: Option<serde_json::Error>,
}

impl<'e> Batch<'e> {
    pub(crate) fn new(entries: &'e [Entry]) -> Self {
        let mut batch = Self {
            entries: Vec::with_capacity(entries.len()),
            lines: JsonLineBuffer::default(),
            refused: Vec::new(),
            refusal: None,
        };
        for (index, entry) in entries.iter().enumerate() {
            let start = batch.lines.as_bytes().len();
            match batch.lines.push(entry) {
                Ok(()) => {
                    // Without the line feed.
                    let end = batch.lines.as_bytes().len() - 1;
                    batch.entries.push((entry, start..end));
                }
                Err(error) => {
                    batch.refused.push(index);
                    batch.refusal = Some(error);
                }
            }
        }
        batch
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Inserts all entries. Returns the position of the last.
    pub(crate) fn insert(&self, connection: &Connection) -> rusqlite::Result<i64> {
        let newest = "SELECT coalesce(max(position), 0) FROM entries";
        let newest = connection
            .prepare_cached(newest)?
            .query_row([], |row| row.get(0))?;
        self.insert_after(connection, newest)
    }

    /// Inserts all entries, the first at the position after this one. Returns the position of the last.
    pub(crate) fn insert_after(
        &self,
        connection: &Connection,
        mut position: i64,
    ) -> rusqlite::Result<i64> {
        let mut sums: Option<BlockSums> = None;
        let mut words = String::new();
        for (entry, line) in &self.entries {
            position += 1;
            let json = &self.lines.as_bytes()[line.clone()];
            let row = Row::of(entry, json.len());
            connection
                .prepare_cached("INSERT INTO lines (position, json) VALUES (?1, ?2)")?
                .execute(params![position, TextBytes(json)])?;
            row.insert(connection, position)?;
            if let Entry::Record(record) = entry {
                insert_attributes(connection, position, record)?;
                insert_words(connection, position, record, &mut words)?;
            }
            let block = block_of(position);
            if sums.as_ref().is_some_and(|sums| sums.block != block) {
                sums.take().map_or(Ok(()), |sums| sums.add(connection))?;
            }
            sums.get_or_insert_with(|| BlockSums::new(block))
                .count(&row);
        }
        sums.map_or(Ok(()), |sums| sums.add(connection))?;
        Ok(position)
    }
}

/// JSON as SQLite's text, without checking again that it is UTF-8.
struct TextBytes<'b>(&'b [u8]);

impl rusqlite::ToSql for TextBytes<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Text(self.0)))
    }
}

fn insert_attributes(
    connection: &Connection,
    position: i64,
    record: &Record,
) -> rusqlite::Result<()> {
    for (name, value) in &record.attributes {
        connection
            .prepare_cached(
                "INSERT INTO attributes (block, name, value, position) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![block_of(position), name, value, position])?;
    }
    Ok(())
}

fn insert_words(
    connection: &Connection,
    position: i64,
    record: &Record,
    words: &mut String,
) -> rusqlite::Result<()> {
    words.clear();
    record_words(record, |word| {
        words.push_str(word.unwrap_or(BETWEEN_FIELDS));
        words.push(' ');
    });
    connection
        .prepare_cached("INSERT INTO search (rowid, words) VALUES (?1, ?2)")?
        .execute(params![position, words.as_str()])?;
    Ok(())
}

/// What a batch adds to a row of `blocks`.
struct BlockSums {
    block: i64,
    min_time: i64,
    max_time: i64,
    records: i64,
    gaps: i64,
    bytes: i64,
}

impl BlockSums {
    fn new(block: i64) -> Self {
        Self {
            block,
            min_time: i64::MAX,
            max_time: i64::MIN,
            records: 0,
            gaps: 0,
            bytes: 0,
        }
    }

    fn count(&mut self, row: &Row<'_>) {
        self.min_time = self.min_time.min(row.time);
        self.max_time = self.max_time.max(row.time);
        self.records += i64::from(row.is_record());
        self.gaps += i64::from(row.is_gap());
        self.bytes += row.bytes;
    }

    fn add(&self, connection: &Connection) -> rusqlite::Result<()> {
        let sql = "INSERT INTO blocks (block, min_time, max_time, records, gaps, bytes)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (block) DO UPDATE SET
                min_time = min(min_time, excluded.min_time),
                max_time = max(max_time, excluded.max_time),
                records = records + excluded.records,
                gaps = gaps + excluded.gaps,
                bytes = bytes + excluded.bytes";
        connection.prepare_cached(sql)?.execute(params![
            self.block,
            self.min_time,
            self.max_time,
            self.records,
            self.gaps,
            self.bytes
        ])?;
        Ok(())
    }
}
