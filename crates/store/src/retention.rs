//! Deletes old entries, in steps that are short enough for a writer to wait.

use std::time::Duration;

use rusqlite::{params, Connection};

use crate::schema::{block_of, integer, positions_of};

/// Number of entries that one step may delete in any case.
const STEP: usize = 1000;

/// Number of free pages that one step returns to the file system.
const VACUUMED_PAGES: i64 = 2000;

/// Which entries are deleted; see the setters of [`StoreBuilder`](crate::StoreBuilder).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Retention {
    pub(crate) keep_for: Option<Duration>,
    pub(crate) keep_bytes: Option<u64>,
}

/// One step towards an age: deletes entries before `cutoff`, in microseconds since 1970, of the oldest block that has any.
/// Returns whether there may be more.
pub(crate) fn delete_older(connection: &Connection, cutoff: i64) -> rusqlite::Result<bool> {
    let sql = "SELECT block FROM blocks WHERE min_time < ?1 ORDER BY block LIMIT 1";
    let block = connection
        .prepare_cached(sql)?
        .query_map([cutoff], |row| row.get::<_, i64>(0))?
        .next();
    let Some(block) = block.transpose()? else {
        return Ok(false);
    };
    let (first, last) = positions_of(block);
    let sql = "SELECT position FROM entries
        WHERE position BETWEEN ?1 AND ?2 AND time < ?3 AND position < (SELECT max(position) FROM entries)
        ORDER BY position LIMIT ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([first, last, cutoff, integer(STEP as u64)], |row| {
        row.get(0)
    })?;
    let positions = rows.collect::<rusqlite::Result<Vec<i64>>>()?;
    delete(connection, &positions)?;
    update_block(connection, block)?;
    Ok(!positions.is_empty())
}

/// One step towards a size: deletes the oldest entries. Returns whether there is more to delete.
///
/// The step is in proportion to what is too much, and a little more, so that not every batch needs one; but limited to twice
/// what a batch has written, which gets ahead of the writer, and does not keep it waiting.
pub(crate) fn shrink(
    connection: &Connection,
    limit: u64,
    written: usize,
) -> rusqlite::Result<bool> {
    let used = used_bytes(connection)?;
    if used <= limit {
        return Ok(false);
    }
    let entries = "SELECT coalesce(sum(records + gaps), 0) FROM blocks";
    let entries: i64 = connection.query_row(entries, [], |row| row.get(0))?;
    let excess = used - limit + limit / 64;
    let share = u128::from(entries.unsigned_abs()) * u128::from(excess) / u128::from(used);
    let step = usize::try_from(share)
        .unwrap_or(usize::MAX)
        .saturating_add(1);
    delete_oldest(connection, step.min(written.saturating_mul(2).max(STEP)))
}

/// Deletes this many entries. Returns false if there are none but the newest, which is always kept: its position must not be
/// used again.
fn delete_oldest(connection: &Connection, count: usize) -> rusqlite::Result<bool> {
    let sql = "SELECT position, block FROM entries
        WHERE position < (SELECT max(position) FROM entries) ORDER BY position LIMIT ?1";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([integer(count as u64)], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })?;
    let rows = rows.collect::<rusqlite::Result<Vec<(i64, i64)>>>()?;
    let (positions, mut blocks): (Vec<i64>, Vec<i64>) = rows.into_iter().unzip();
    delete(connection, &positions)?;
    blocks.dedup();
    for block in blocks {
        update_block(connection, block)?;
    }
    Ok(!positions.is_empty())
}

/// Returns how many bytes the entries take, without the pages that are free.
pub(crate) fn used_bytes(connection: &Connection) -> rusqlite::Result<u64> {
    let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let pages = number("page_count")? - number("freelist_count")?;
    Ok(pages.unsigned_abs() * number("page_size")?.unsigned_abs())
}

/// Returns free pages to the file system.
pub(crate) fn vacuum(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare(&format!("PRAGMA incremental_vacuum({VACUUMED_PAGES})"))?;
    let mut rows = statement.query([])?;
    // Each row is a page.
    while rows.next()?.is_some() {}
    Ok(())
}

fn delete(connection: &Connection, positions: &[i64]) -> rusqlite::Result<()> {
    for position in positions {
        connection
            .prepare_cached("DELETE FROM search WHERE rowid = ?1")?
            .execute([position])?;
        connection
            .prepare_cached("DELETE FROM lines WHERE position = ?1")?
            .execute([position])?;
        connection
            .prepare_cached("DELETE FROM entries WHERE position = ?1")?
            .execute([position])?;
    }
    let (Some(first), Some(last)) = (positions.first(), positions.last()) else {
        return Ok(());
    };
    // Their order is by name, so those of a block are looked through.
    let sql = "DELETE FROM attributes WHERE block BETWEEN ?1 AND ?2 AND position BETWEEN ?3 AND ?4
        AND NOT EXISTS (SELECT 1 FROM entries WHERE entries.position = attributes.position)";
    let bounds = [block_of(*first), block_of(*last), *first, *last];
    connection.prepare_cached(sql)?.execute(bounds)?;
    Ok(())
}

fn update_block(connection: &Connection, block: i64) -> rusqlite::Result<()> {
    let (first, last) = positions_of(block);
    let sql = "UPDATE blocks SET (min_time, max_time, records, gaps, bytes) = (
            SELECT min(time), max(time), count(*) FILTER (WHERE kind = 0), count(*) FILTER (WHERE kind = 1), sum(bytes)
            FROM entries NOT INDEXED WHERE position BETWEEN ?2 AND ?3
        ) WHERE block = ?1";
    let any = "SELECT EXISTS (SELECT 1 FROM entries WHERE position BETWEEN ?1 AND ?2)";
    if connection
        .prepare_cached(any)?
        .query_row([first, last], |row| row.get(0))?
    {
        connection
            .prepare_cached(sql)?
            .execute(params![block, first, last])?;
    } else {
        connection
            .prepare_cached("DELETE FROM blocks WHERE block = ?1")?
            .execute([block])?;
    }
    Ok(())
}

/// Makes all commits durable: with `synchronous` at `full`, a commit syncs the journal, and with it all earlier ones.
pub(crate) fn sync(connection: &Connection) -> rusqlite::Result<()> {
    connection.pragma_update(None, "synchronous", "full")?;
    let touched = connection.execute(
        "UPDATE blocks SET gaps = gaps WHERE block = (SELECT max(block) FROM blocks)",
        [],
    );
    connection.pragma_update(None, "synchronous", "normal")?;
    touched.map(drop)
}
