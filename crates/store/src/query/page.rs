//! Pages of records, and the neighbours of one.

use std::time::{Duration, Instant};

use body_logger_core::Filter;
use rusqlite::Connection;

use super::{
    conditions::Conditions,
    gaps::{gaps_in, StoredGap},
    read::{records_at, StoredRecord},
    scan::{blocks, find, TIME_LIMIT},
    window::Order,
};
use crate::position::Position;

/// Number of gaps on a page at most.
const MAX_GAPS: i64 = 1000;

/// Some of the records that a filter matches.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Page {
    /// The records, in the order that was asked for.
    pub records: Vec<StoredRecord>,
    /// The gaps between the positions that were searched, newest first, within the filter's range of times; a thousand
    /// at most.
    pub gaps: Vec<StoredGap>,
    /// Where the next page begins; none if there are no further records.
    pub next: Option<Position>,
    /// Whether the page has as many records as were asked for, or all that there are. If not, the time was up: the next
    /// page may have more.
    pub complete: bool,
}

/// The records before and after a position that match a filter.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Neighbours {
    /// The next older one. None also if it was not found in time.
    pub older: Option<StoredRecord>,
    /// The next newer one. None also if it was not found in time.
    pub newer: Option<StoredRecord>,
}

/// How many records match a filter on either side of a position.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rank {
    /// Number of those that arrived later.
    pub newer: u64,
    /// Number of those that arrived earlier.
    pub older: u64,
}

/// Reads the page that begins after `start` in the given order.
pub(crate) fn page(
    connection: &Connection,
    filter: &Filter,
    start: Option<Position>,
    (order, limit): (Order, usize),
) -> rusqlite::Result<Page> {
    page_within(connection, filter, start, (order, limit), TIME_LIMIT)
}

fn page_within(
    connection: &Connection,
    filter: &Filter,
    start: Option<Position>,
    (order, limit): (Order, usize),
    time: Duration,
) -> rusqlite::Result<Page> {
    let conditions = Conditions::new(filter);
    let (first, last) = match (order, start) {
        (Order::NewestFirst, Some(start)) => (0, start.0 - 1),
        (Order::OldestFirst, Some(start)) => (start.0.saturating_add(1), i64::MAX),
        (_, None) => (0, i64::MAX),
    };
    let found = find(
        connection,
        &conditions,
        (first, last),
        (order, limit.max(1)),
        time,
    )?;
    let (first, last) = match (order, found.reached) {
        (Order::NewestFirst, Some(reached)) => (reached, last),
        (Order::OldestFirst, Some(reached)) => (first, reached),
        (_, None) => (first, last),
    };
    Ok(Page {
        records: records_at(connection, &found.positions)?,
        gaps: gaps_in(
            connection,
            (conditions.from, conditions.to),
            (first, last),
            MAX_GAPS,
        )?,
        next: found.reached.map(Position),
        complete: found.reached.is_none() || found.positions.len() >= limit.max(1),
    })
}

pub(crate) fn neighbours(
    connection: &Connection,
    position: Position,
    filter: &Filter,
) -> rusqlite::Result<Neighbours> {
    neighbours_within(connection, position, filter, TIME_LIMIT)
}

/// Searches one block on either side at least, and begins no further one after `time`.
fn neighbours_within(
    connection: &Connection,
    position: Position,
    filter: &Filter,
    time: Duration,
) -> rusqlite::Result<Neighbours> {
    let nearest = |order| {
        let page = page_within(connection, filter, Some(position), (order, 1), time);
        page.map(|page| page.records.into_iter().next())
    };
    Ok(Neighbours {
        older: nearest(Order::NewestFirst)?,
        newer: nearest(Order::OldestFirst)?,
    })
}

/// Counts what matches on either side of a position. Returns `None` if the time was up before.
pub(crate) fn rank(
    connection: &Connection,
    position: Position,
    filter: &Filter,
) -> rusqlite::Result<Option<Rank>> {
    rank_within(connection, position, filter, TIME_LIMIT)
}

/// Counts one block on either side at least, and begins no further one after `time`.
fn rank_within(
    connection: &Connection,
    position: Position,
    filter: &Filter,
    time: Duration,
) -> rusqlite::Result<Option<Rank>> {
    let start = Instant::now();
    let conditions = Conditions::new(filter);
    let count = |bounds| -> rusqlite::Result<Option<u64>> {
        let mut count = 0;
        let windows = blocks(connection, &conditions, bounds, Order::NewestFirst)?;
        for (at, window) in windows.iter().enumerate() {
            if at > 0 && start.elapsed() >= time {
                return Ok(None);
            }
            count += conditions.count(connection, window)?;
        }
        Ok(Some(count))
    };
    let newer = count((position.0.saturating_add(1), i64::MAX))?;
    let older = count((0, position.0 - 1))?;
    Ok(newer.zip(older).map(|(newer, older)| Rank { newer, older }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::query::scan::tests::with_records;

    #[test]
    fn the_first_block_on_either_side_is_counted_however_long_it_takes() {
        let filter = Filter::default().id("id");
        let rank = |positions: &[i64], of| {
            let connection = with_records(positions);
            let rank = rank_within(&connection, Position(of), &filter, Duration::ZERO);
            rank.expect("a store").map(|rank| (rank.newer, rank.older))
        };
        assert_eq!(rank(&[1, 2, 3, 4], 2), Some((2, 1)));
        assert_eq!(rank(&[1, 40_000, 100_000], 40_000), None);
    }

    #[test]
    fn neighbours_are_found_in_further_blocks_while_there_is_time() {
        let filter = Filter::default().id("id");
        let connection = with_records(&[1, 40_000, 100_000]);
        let neighbours = |time| {
            let found = neighbours_within(&connection, Position(40_000), &filter, time);
            let found = found.expect("a store");
            [found.older, found.newer].map(|it| it.map(|it| it.position.0))
        };
        assert_eq!(neighbours(Duration::MAX), [Some(1), Some(100_000)]);
        assert_eq!(neighbours(Duration::ZERO), [None, None]);
    }
}
