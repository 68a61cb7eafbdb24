//! Sums over time.

use std::time::SystemTime;

use actix_web::{web, HttpResponse};
use body_logger_core::Filter;
use body_logger_store::{Durations, Overview, Store, StoreError, StoredGap, StoredRecord, Totals};
use serde::Deserialize;
use serde_json::{json, Value};

use super::{
    query::{ask, filter, Problem},
    row,
};
use crate::{
    charts::{axis, charts, strip, PERCENTILES},
    format::{count, duration, plural},
    gap::{clock, is_dropped, GapWords},
    respond,
    shared::Shared,
    time::millis,
};

/// Parts of time.
const BUCKETS: usize = 120;

/// Gaps that are listed and drawn.
const LISTED_GAPS: usize = 100;

/// Gaps that are summed up.
const GAPS: usize = 10_000;

/// Parts of time of a route's rate: this many of the others are one.
const BUCKETS_PER_PART: usize = 6;

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
    minutes: Option<u32>,
    /// Only what the strip over the list shows.
    #[serde(default)]
    strip: bool,
}

pub(super) async fn overview(
    shared: web::Data<Shared>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let mut filter = filter(&wanted.q, wanted.minutes)?;
    if wanted.minutes.is_some() {
        let now = SystemTime::now();
        filter.to = Some(filter.to.map_or(now, |given| given.min(now)));
    }
    let is_strip = wanted.strip;
    let answer = ask(&shared.store, move |store| answer(store, &filter, is_strip));
    Ok(respond::json(&answer.await?))
}

fn answer(store: &Store, filter: &Filter, is_strip: bool) -> Result<Value, StoreError> {
    let overview = store.overview(filter, BUCKETS)?;
    let gaps = store.gaps(overview.from, overview.to, GAPS)?;
    let from = millis(overview.from);
    let to = millis(overview.to).max(from + 1);
    let listed = &gaps[..gaps.len().min(LISTED_GAPS)];
    let mut answer = json!({ "from": from, "to": to, "total": overview.totals.exchanges });
    if is_strip {
        let routes = overview.routes.iter().filter(|it| it.route.is_some());
        let routes = routes.map(|it| json!({ "text": it.route, "count": it.totals.exchanges }));
        answer["routes"] = routes.collect();
        answer["axis"] = json!(axis(from, to, 8));
        answer["chart"] = json!(strip(&overview, listed));
        return Ok(answer);
    }
    let rows = |records: &[StoredRecord]| -> Value {
        records
            .iter()
            .map(|it| row::of_record(&it.record))
            .collect()
    };
    answer["axis"] = json!(axis(from, to, 4));
    answer["charts"] = json!(charts(&overview, listed));
    answer["numbers"] = numbers(&overview);
    answer["routes"] = routes(&overview);
    answer["counters"] = counters(&overview.totals, &gaps);
    answer["gaps"] = listed
        .iter()
        .map(|gap| json!(GapWords::of(&gap.gap)))
        .collect();
    answer["failing"] = rows(&overview.failing);
    answer["slowest"] = rows(&overview.slowest);
    answer["largest"] = rows(&overview.largest);
    Ok(answer)
}

fn routes(overview: &Overview) -> Value {
    let route = |route: &body_logger_store::RouteTotals| {
        let parts = route.over_time.chunks(BUCKETS_PER_PART);
        let parts = parts.map(|part| part.iter().sum::<u64>());
        let mut sums = percentiles(&route.totals.durations);
        sums["route"] = json!(route.route);
        sums["methods"] = json!(route.methods);
        sums["count"] = json!(route.totals.exchanges);
        sums["errors"] = json!(route.totals.errors);
        sums["bytes_out"] = json!(route.totals.response_bytes);
        sums["rate"] = parts.collect();
        sums
    };
    overview.routes.iter().map(route).collect()
}

/// The numbers of the charts, as a table.
fn numbers(overview: &Overview) -> Value {
    let row = |bucket: &body_logger_store::Bucket| {
        let totals = &bucket.totals;
        let head = [
            clock(bucket.from).chars().take(8).collect(),
            count(totals.exchanges),
            count(totals.errors),
        ];
        let percentiles = PERCENTILES.map(|(_, percentage)| {
            let micros = micros(&totals.durations, percentage);
            micros.map_or_else(|| "–".to_owned(), duration)
        });
        [&head[..], &percentiles[..]].concat()
    };
    overview
        .over_time
        .iter()
        .map(row)
        .map(Value::from)
        .collect()
}

/// What was lost or withheld: the icon, the name, the number, a note, and whether it is an alarm.
fn counters(totals: &Totals, gaps: &[StoredGap]) -> Value {
    let (mut dropped, mut lost) = (0, 0);
    for (reason, entries) in gaps.iter().flat_map(|gap| &gap.gap.gap.reasons) {
        *if is_dropped(reason) {
            &mut dropped
        } else {
            &mut lost
        } += entries;
    }
    let gaps = match gaps.len() {
        GAPS => format!("in the newest {}", plural(GAPS as u64, "gap")),
        gaps => plural(gaps as u64, "gap"),
    };
    let share = |n: u64| match totals.exchanges {
        all if all <= n => "100 %".to_owned(),
        all => format!("{:.1} %", n as f64 * 100.0 / all as f64),
    };
    let bodies = totals.bodies;
    let all = [
        (
            "lost",
            "Records dropped",
            dropped,
            format!("queue full, {gaps}"),
            true,
        ),
        (
            "lost",
            "Records lost",
            lost,
            format!("the sink failed, {gaps}"),
            true,
        ),
        (
            "truncated",
            "Truncated",
            bodies.truncated,
            share(bodies.truncated),
            false,
        ),
        (
            "withheld",
            "Withheld",
            bodies.withheld,
            share(bodies.withheld),
            false,
        ),
        (
            "unread",
            "Unread",
            bodies.unread,
            share(bodies.unread),
            false,
        ),
        (
            "aborted",
            "Aborted",
            bodies.aborted,
            share(bodies.aborted),
            false,
        ),
        (
            "sampled-out",
            "Sampled out",
            bodies.sampled_out,
            share(bodies.sampled_out),
            false,
        ),
    ];
    let counter = |(icon, name, n, note, is_alarm): (&str, &str, u64, String, bool)| {
        let note = (n > 0).then_some(note);
        json!({ "icon": icon, "name": name, "value": count(n), "note": note, "alarm": is_alarm && n > 0 })
    };
    all.into_iter().map(counter).collect()
}

fn micros(durations: &Durations, percentage: f64) -> Option<u64> {
    durations
        .percentile(percentage)
        .map(|it| it.as_micros() as u64)
}

/// In microseconds; null where nothing has ended.
pub(super) fn percentiles(durations: &Durations) -> Value {
    PERCENTILES
        .iter()
        .map(|(kind, percentage)| (*kind, micros(durations, *percentage)))
        .map(|(kind, micros)| (kind.to_owned(), json!(micros)))
        .collect()
}
