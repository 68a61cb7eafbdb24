//! Sums over time.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use actix_web::{web, HttpResponse};
use body_logger_core::Filter;
use body_logger_store::{Durations, Overview, Store, StoreError, StoredGap, StoredRecord, Totals};
use serde::Deserialize;
use serde_json::{json, Value};

use super::{
    query::{ask, filter, Problem},
    row,
};
use crate::{inspector::Shared, respond};

/// Parts of time.
const BUCKETS: usize = 120;

/// Gaps that are listed.
const LISTED_GAPS: usize = 100;

/// Gaps that are summed up.
const GAPS: usize = 10_000;

/// Parts of time of a route's rate: this many of the others are one.
const BUCKETS_PER_PART: usize = 6;

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
    /// Minutes until now; all that there is, if it is absent.
    minutes: Option<u32>,
    /// Only what the strip over the list shows.
    #[serde(default)]
    strip: bool,
}

pub(super) async fn overview(
    shared: web::Data<Shared>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let mut filter = filter(&wanted.q)?;
    if let Some(minutes) = wanted.minutes {
        let now = SystemTime::now();
        let from = now.checked_sub(Duration::from_secs(60 * u64::from(minutes)));
        let from = from.unwrap_or(UNIX_EPOCH);
        filter.from = Some(filter.from.map_or(from, |given| given.max(from)));
        filter.to = Some(filter.to.map_or(now, |given| given.min(now)));
    }
    let strip = wanted.strip;
    let answer = ask(&shared.store, move |store| answer(store, &filter, strip));
    Ok(respond::json(&answer.await?))
}

fn answer(store: &Store, filter: &Filter, strip: bool) -> Result<Value, StoreError> {
    let overview = store.overview(filter, BUCKETS)?;
    let gaps = store.gaps(overview.from, overview.to, GAPS)?;
    let (from, to) = (
        millis(overview.from),
        millis(overview.to).max(millis(overview.from) + 1),
    );
    let buckets: Vec<Value> = overview
        .over_time
        .iter()
        .map(|bucket| {
            let mut sums = sums(&bucket.totals);
            sums["at"] = json!(millis(bucket.from));
            sums
        })
        .collect();
    let step = match &*overview.over_time {
        [first, second, ..] => millis(second.from) - millis(first.from),
        _ => to - from,
    };
    let mut answer = json!({
        "from": from,
        "to": to,
        "step": step.max(1),
        "buckets": buckets,
        "gaps": gaps.iter().take(LISTED_GAPS).map(|gap| row::of_gap(&gap.gap)).collect::<Vec<_>>(),
        "total": overview.totals.exchanges,
        "routes": overview.routes.iter().map(|route| json!({ "route": route.route, "count": route.totals.exchanges })).collect::<Vec<_>>(),
    });
    if !strip {
        add_details(&mut answer, &overview, &gaps);
    }
    Ok(answer)
}

fn add_details(answer: &mut Value, overview: &Overview, gaps: &[StoredGap]) {
    let routes: Vec<Value> = overview
        .routes
        .iter()
        .map(|route| {
            let mut sums = sums(&route.totals);
            sums["route"] = json!(route.route);
            sums["bytes_out"] = json!(route.totals.response_bytes);
            sums["methods"] = json!(route.methods);
            let parts = route.over_time.chunks(BUCKETS_PER_PART);
            let parts = parts.map(|part| part.iter().sum::<u64>());
            sums["rate"] = json!(parts.collect::<Vec<_>>());
            sums
        })
        .collect();
    let rows = |records: &[StoredRecord]| -> Vec<Value> {
        records
            .iter()
            .map(|it| row::of_record(&it.record))
            .collect()
    };
    let (mut dropped, mut lost) = (0, 0);
    for (reason, entries) in gaps.iter().flat_map(|gap| &gap.gap.gap.reasons) {
        *if reason.starts_with("dropped") {
            &mut dropped
        } else {
            &mut lost
        } += entries;
    }
    answer["routes"] = json!(routes);
    answer["durations"] = percentiles(&overview.totals.durations);
    let bodies = overview.totals.bodies;
    answer["counters"] = json!({
        "dropped": dropped, "lost": lost, "gaps": gaps.len(), "truncated": bodies.truncated, "withheld": bodies.withheld,
        "unread": bodies.unread, "aborted": bodies.aborted, "sampled_out": bodies.sampled_out,
    });
    answer["failing"] = json!(rows(&overview.failing));
    answer["slowest"] = json!(rows(&overview.slowest));
    answer["largest"] = json!(rows(&overview.largest));
}

fn sums(totals: &Totals) -> Value {
    let mut sums = percentiles(&totals.durations);
    sums["count"] = json!(totals.exchanges);
    sums["errors"] = json!(totals.errors);
    sums
}

/// In microseconds; null where nothing has ended.
pub(super) fn percentiles(durations: &Durations) -> Value {
    let micros = |percentage| {
        durations
            .percentile(percentage)
            .map(|it| it.as_micros() as u64)
    };
    json!({ "p50": micros(50.0), "p95": micros(95.0), "p99": micros(99.0) })
}

/// Since 1970.
pub(super) fn millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
