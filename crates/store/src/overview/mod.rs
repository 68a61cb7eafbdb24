//! Sums over all exchanges that a filter matches.

mod bodies;
mod durations;
mod top;
mod totals;

use std::{
    collections::{BTreeSet, HashMap},
    time::{Duration, SystemTime},
};

use body_logger_core::Filter;
use rusqlite::Connection;

pub(crate) use self::bodies::missing;
pub use self::{bodies::BodyTotals, durations::Durations, totals::Totals};
use self::{
    top::Top,
    totals::{is_error, Sample},
};
use crate::query::{self, records_at, Conditions, Order, StoredRecord};

/// Sums over all exchanges that a filter matches: together, by route and over time.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Overview {
    /// The beginning: of the filter's range of times, or of the store.
    pub from: SystemTime,
    /// The end: of the filter's range of times, or of the store.
    pub to: SystemTime,
    /// The sums over all exchanges.
    pub totals: Totals,
    /// The sums over time, in parts of equal length.
    pub over_time: Vec<Bucket>,
    /// The sums by route, those with the most exchanges first.
    pub routes: Vec<RouteTotals>,
    /// The slowest exchanges, the slowest first; ten at most.
    pub slowest: Vec<StoredRecord>,
    /// The exchanges with the most bytes in both bodies, the largest first; ten at most.
    pub largest: Vec<StoredRecord>,
    /// The newest [errors](Totals::errors), the newest first; ten at most.
    pub failing: Vec<StoredRecord>,
}

/// A part of an [`Overview`]'s time.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Bucket {
    /// Its beginning. It ends where the next one begins.
    pub from: SystemTime,
    /// The sums over the exchanges that began in it.
    pub totals: Totals,
}

/// The sums of one route.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RouteTotals {
    /// The pattern of the route; none for exchanges that no route matched.
    pub route: Option<String>,
    /// Its sums.
    pub totals: Totals,
    /// The methods of its exchanges, sorted.
    pub methods: Vec<String>,
    /// The number of its exchanges in each part of the [`Overview`]'s time.
    pub over_time: Vec<u64>,
}

const COLUMNS: &str =
    "position, time, route, status, outcome, duration_us, request_bytes, response_bytes, whole, \
     method, bodies";

pub(crate) fn overview(
    connection: &Connection,
    filter: &Filter,
    buckets: usize,
) -> rusqlite::Result<Overview> {
    let conditions = Conditions::new(filter);
    let (from, to) = query::times(connection, &conditions)?;
    let mut sums = Sums::new((from, to), buckets.max(1));
    for window in query::blocks(connection, &conditions, (0, i64::MAX), Order::OldestFirst)? {
        conditions.for_each(connection, &window, COLUMNS, |row| {
            if row.get(8)? {
                sums.add(row)?;
            }
            Ok(())
        })?;
    }
    sums.finish(connection)
}

/// An [`Overview`] in the making.
struct Sums {
    from: i64,
    to: i64,
    /// Of a bucket, in microseconds.
    length: i64,
    totals: Totals,
    over_time: Vec<Totals>,
    routes: HashMap<Option<String>, RouteSums>,
    slowest: Top,
    largest: Top,
    failing: Top,
}

/// A [`RouteTotals`] in the making.
struct RouteSums {
    totals: Totals,
    methods: BTreeSet<String>,
    over_time: Vec<u64>,
}

impl RouteSums {
    fn new(buckets: usize) -> Self {
        Self {
            totals: Totals::default(),
            methods: BTreeSet::new(),
            over_time: vec![0; buckets],
        }
    }

    fn add(&mut self, sample: Sample, method: &str, bucket: Option<usize>) {
        self.totals.add_sample(sample);
        if !self.methods.contains(method) {
            self.methods.insert(method.to_owned());
        }
        if let Some(count) = bucket.and_then(|at| self.over_time.get_mut(at)) {
            *count += 1;
        }
    }
}

impl Sums {
    fn new((from, to): (i64, i64), buckets: usize) -> Self {
        let count = i64::try_from(buckets).unwrap_or(i64::MAX);
        // Rounded up, so that the end is in the last bucket.
        let length = to.saturating_sub(from) / count + 1;
        Self {
            from,
            to,
            length,
            totals: Totals::default(),
            over_time: vec![Totals::default(); buckets],
            routes: HashMap::new(),
            slowest: Top::default(),
            largest: Top::default(),
            failing: Top::default(),
        }
    }

    fn add(&mut self, row: &rusqlite::Row<'_>) -> rusqlite::Result<()> {
        let position: i64 = row.get(0)?;
        let time: i64 = row.get(1)?;
        let route = row.get_ref(2)?.as_str_or_null()?;
        let outcome = row.get_ref(4)?.as_str_or_null()?;
        let number = |at| {
            row.get::<_, Option<i64>>(at)
                .map(|it| it.map(i64::unsigned_abs))
        };
        let sample = Sample {
            is_error: is_error(row.get(3)?, outcome),
            duration_us: number(5)?,
            request_bytes: number(6)?.unwrap_or_default(),
            response_bytes: number(7)?.unwrap_or_default(),
            missing: row.get(10)?,
        };
        self.totals.add_sample(sample);
        let bucket = usize::try_from(time.saturating_sub(self.from) / self.length).ok();
        if let Some(bucket) = bucket.and_then(|at| self.over_time.get_mut(at)) {
            bucket.add_sample(sample);
        }
        let buckets = self.over_time.len();
        let of_route = self.routes.entry(route.map(str::to_owned));
        let of_route = of_route.or_insert_with(|| RouteSums::new(buckets));
        of_route.add(sample, row.get_ref(9)?.as_str()?, bucket);
        if let Some(micros) = sample.duration_us {
            self.slowest.add(micros, position);
        }
        let bytes = sample.request_bytes.saturating_add(sample.response_bytes);
        if bytes > 0 {
            self.largest.add(bytes, position);
        }
        if sample.is_error {
            self.failing.add(0, position);
        }
        Ok(())
    }

    fn finish(self, connection: &Connection) -> rusqlite::Result<Overview> {
        let bucket = |(at, totals): (usize, Totals)| Bucket {
            from: time(
                self.from
                    .saturating_add(self.length.saturating_mul(at as i64)),
            ),
            totals,
        };
        let route = |(route, sums): (_, RouteSums)| RouteTotals {
            route,
            totals: sums.totals,
            methods: sums.methods.into_iter().collect(),
            over_time: sums.over_time,
        };
        let mut routes: Vec<RouteTotals> = self.routes.into_iter().map(route).collect();
        routes.sort_by(|one, other| {
            let by_count = other.totals.exchanges.cmp(&one.totals.exchanges);
            by_count.then_with(|| one.route.cmp(&other.route))
        });
        Ok(Overview {
            from: time(self.from),
            to: time(self.to),
            totals: self.totals,
            over_time: self.over_time.into_iter().enumerate().map(bucket).collect(),
            routes,
            slowest: records_at(connection, &self.slowest.positions())?,
            largest: records_at(connection, &self.largest.positions())?,
            failing: records_at(connection, &self.failing.positions())?,
        })
    }
}

fn time(micros: i64) -> SystemTime {
    let distance = Duration::from_micros(micros.unsigned_abs());
    let time = if micros < 0 {
        SystemTime::UNIX_EPOCH.checked_sub(distance)
    } else {
        SystemTime::UNIX_EPOCH.checked_add(distance)
    };
    time.unwrap_or(SystemTime::UNIX_EPOCH)
}
