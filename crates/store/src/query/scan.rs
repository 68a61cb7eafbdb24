//! Goes through the blocks of a store.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::{
    conditions::Conditions,
    window::{Order, Window},
};
use crate::schema::{block_of, positions_of};

/// Time after which no further block is begun. A block takes some ten milliseconds at most.
pub(super) const TIME_LIMIT: Duration = Duration::from_millis(100);

/// Returns the blocks with entries at positions from `first` to `last`, and of the times that the conditions ask for.
pub(crate) fn blocks(
    connection: &Connection,
    conditions: &Conditions,
    (first, last): (i64, i64),
    order: Order,
) -> rusqlite::Result<Vec<Window>> {
    let sql =
        "SELECT block, min_time, max_time FROM blocks WHERE block BETWEEN ?1 AND ?2 ORDER BY block";
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([block_of(first), block_of(last)], |row| {
        let block = row.get(0)?;
        let (start, end) = positions_of(block);
        Ok(Window {
            block,
            first: start.max(first),
            last: end.min(last),
            min_time: row.get(1)?,
            max_time: row.get(2)?,
        })
    })?;
    let mut windows = rows.collect::<rusqlite::Result<Vec<Window>>>()?;
    windows.retain(|window| window.overlaps(conditions.from, conditions.to));
    if order == Order::NewestFirst {
        windows.reverse();
    }
    Ok(windows)
}

/// Returns the first and the last time of the entries that the conditions may match.
pub(crate) fn times(
    connection: &Connection,
    conditions: &Conditions,
) -> rusqlite::Result<(i64, i64)> {
    let sql = "SELECT min(min_time), max(max_time) FROM blocks";
    let (first, last): (Option<i64>, Option<i64>) =
        connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let or = |bound: i64, open: i64, of_store: Option<i64>| {
        if bound == open {
            of_store.unwrap_or_default()
        } else {
            bound
        }
    };
    let from = or(conditions.from, i64::MIN, first);
    Ok((from, or(conditions.to, i64::MAX, last).max(from)))
}

/// Positions that were found, and how far was searched.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) positions: Vec<i64>,
    /// The last position that was searched; none if there are no further ones.
    pub(super) reached: Option<i64>,
}

/// Finds the positions of the first records that meet the conditions, at most `limit`. Searches one block at least, and
/// at no further one after `time`.
pub(super) fn find(
    connection: &Connection,
    conditions: &Conditions,
    bounds: (i64, i64),
    (order, limit): (Order, usize),
    time: Duration,
) -> rusqlite::Result<Found> {
    let start = Instant::now();
    let mut found = Found::default();
    let windows = blocks(connection, conditions, bounds, order)?;
    let count = windows.len();
    for (at, window) in windows.into_iter().enumerate() {
        let missing = limit - found.positions.len();
        let query = conditions.select(connection, &window, "position", (order, Some(missing)))?;
        if let Some(query) = query {
            found
                .positions
                .extend(query.query(connection, |row| row.get::<_, i64>(0))?);
        }
        if found.positions.len() == limit {
            found.reached = found.positions.last().copied();
            break;
        }
        if at + 1 < count && start.elapsed() >= time {
            found.reached = Some(match order {
                Order::NewestFirst => window.first,
                Order::OldestFirst => window.last,
            });
            break;
        }
    }
    Ok(found)
}

#[cfg(test)]
pub(super) mod tests {
    use body_logger_core::{record::new_id, Entry, Filter, Record};

    use super::*;
    use crate::{schema::migrate, write::Batch};

    /// Returns a store with the record `id` at each of these positions.
    pub(in crate::query) fn with_records(positions: &[i64]) -> Connection {
        let mut connection = Connection::open_in_memory().expect("a connection");
        migrate(&mut connection)
            .expect("tables")
            .expect("an empty store");
        for position in positions {
            let record = Record::new(
                "id",
                new_id(),
                new_id(),
                1,
                std::time::SystemTime::UNIX_EPOCH,
            );
            let entries = [Entry::Record(record)];
            // As if this many entries had been deleted.
            let batch = Batch::new(&entries);
            assert_eq!(
                batch
                    .insert_after(&connection, position - 1)
                    .expect("inserted"),
                *position
            );
        }
        connection
    }

    #[test]
    fn what_is_found_in_time_is_returned_with_where_to_go_on() {
        let positions = [1, 40_000, 40_001, 100_000];
        let connection = with_records(&positions);
        let conditions = Conditions::new(&Filter::default().id("id"));
        for (order, expected) in [
            (
                Order::NewestFirst,
                [vec![100_000], vec![40_001, 40_000], vec![1]],
            ),
            (
                Order::OldestFirst,
                [vec![1], vec![40_000, 40_001], vec![100_000]],
            ),
        ] {
            let mut bounds = (0, i64::MAX);
            for (at, expected) in expected.into_iter().enumerate() {
                let found = find(
                    &connection,
                    &conditions,
                    bounds,
                    (order, 10),
                    Duration::ZERO,
                );
                let found = found.expect("found");
                assert_eq!(found.positions, expected);
                assert_eq!(found.reached.is_none(), at == 2);
                bounds = match (order, found.reached) {
                    (Order::NewestFirst, Some(reached)) => (0, reached - 1),
                    (Order::OldestFirst, Some(reached)) => (reached + 1, i64::MAX),
                    (_, None) => break,
                };
            }
        }
    }
}
