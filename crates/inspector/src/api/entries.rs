//! Pages of the list.

use std::time::{Duration, UNIX_EPOCH};

use actix_web::{web, HttpResponse};
use body_logger_core::Filter;
use body_logger_store::{Page, Position, Store, StoreError};
use serde::Deserialize;
use serde_json::{json, Value};

use super::{
    query::{ask, filter, position, Problem},
    row,
};
use crate::{gap::GapWords, respond, shared::Shared};

/// Rows in an answer at most.
const MOST: usize = 500;

/// Later than any time of a gap, also where a clock was wrong.
const CENTURIES: Duration = Duration::from_secs(10_000_000_000);

/// Gaps that are considered when records are skipped.
const GAPS: usize = 10_000;

#[derive(Debug, Deserialize)]
pub(super) struct Wanted {
    #[serde(default)]
    q: String,
    minutes: Option<u32>,
    cursor: Option<String>,
    #[serde(default)]
    skip: usize,
    limit: usize,
}

/// What of the page's address concerns the list.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Address {
    q: String,
    range: String,
}

/// Rows of the first page, as many as the page asks for at once.
const FIRST: usize = 100;

/// What the page asks for first, if its address has a filter that can be parsed.
pub(crate) async fn first_entries(shared: &Shared, query: &str) -> Option<Value> {
    let address = web::Query::<Address>::from_query(query).ok()?;
    let minutes = match address.range.as_str() {
        "" => None,
        range => Some(range.parse().ok()?),
    };
    let filter = filter(&address.q, minutes).ok()?;
    let first = ask(&shared.store, move |store| {
        answer(store, &filter, None, 0, FIRST)
    });
    first.await.ok()
}

pub(super) async fn entries(
    shared: web::Data<Shared>,
    wanted: web::Query<Wanted>,
) -> Result<HttpResponse, Problem> {
    let filter = filter(&wanted.q, wanted.minutes)?;
    let cursor = wanted.cursor.as_deref().map(position).transpose()?;
    let (skip, limit) = (wanted.skip, wanted.limit.clamp(1, MOST));
    let answer = ask(&shared.store, move |store| {
        answer(store, &filter, cursor, skip, limit)
    });
    Ok(respond::json(&answer.await?))
}

fn answer(
    store: &Store,
    filter: &Filter,
    cursor: Option<Position>,
    skip: usize,
    limit: usize,
) -> Result<Value, StoreError> {
    let is_all = *filter == Filter::default();
    let start = match (skip, cursor) {
        (0, start) => start,
        (skip, Some(cursor)) if is_all => Some(skip_all(store, cursor, skip)?),
        (skip, start) => match skip_matching(store, filter, start, skip)? {
            Some(start) => Some(start),
            None => return Ok(json!({ "rows": [], "next": null })),
        },
    };
    // Before the page is read, so that nothing arrives unseen in between.
    let counters = match cursor {
        None => Some(store.counters()?),
        Some(_) => None,
    };
    let page = store.page(filter, start, limit)?;
    let next = page.next.map(|next| next.to_string());
    let mut answer = json!({ "rows": rows(&page, filter), "next": next });
    if let Some(counters) = counters {
        let seen = page.records.first().map(|newest| newest.position);
        let newest = counters.newest.max(seen);
        answer["newest"] = json!(newest.map(|newest| newest.to_string()));
        answer["total"] = json!(counters.records);
        answer["matching"] = json!(is_all.then_some(counters.records));
    }
    Ok(answer)
}

/// The place that many records further. Positions follow each other, so that it can be computed; gaps have one, too.
fn skip_all(store: &Store, cursor: Position, skip: usize) -> Result<Position, StoreError> {
    let number = |position: Position| position.to_string().parse::<u64>().unwrap_or_default();
    let first = number(cursor);
    let mut place = first.saturating_sub(skip as u64);
    let gaps = store.gaps(UNIX_EPOCH, UNIX_EPOCH + CENTURIES, GAPS)?;
    for gap in gaps.iter().map(|gap| number(gap.position)) {
        if gap < first && gap >= place {
            place = place.saturating_sub(1);
        }
    }
    Ok(place.to_string().parse().unwrap_or(cursor))
}

fn skip_matching(
    store: &Store,
    filter: &Filter,
    mut start: Option<Position>,
    mut skip: usize,
) -> Result<Option<Position>, StoreError> {
    while skip > 0 {
        let passed = store.page(filter, start, skip.min(MOST))?;
        skip -= passed.records.len().min(skip);
        start = passed.next;
        if start.is_none() {
            break;
        }
    }
    Ok(start)
}

/// Records and gaps in their order, newest first. A gap says nothing of whether what is missing would match, so it is
/// left out where more is asked for than a time.
pub(super) fn rows(page: &Page, filter: &Filter) -> Vec<Value> {
    let mut others = filter.clone();
    (others.from, others.to) = (None, None);
    let has_gaps = others == Filter::default();
    let records = page.records.iter();
    let records = records.map(|it| (it.position, row::of_record(&it.record)));
    let gaps = page.gaps.iter().filter(|_| has_gaps);
    let gaps = gaps.map(|it| (it.position, json!(GapWords::of(&it.gap))));
    let mut rows: Vec<_> = records.chain(gaps).collect();
    rows.sort_by_key(|(position, _)| std::cmp::Reverse(*position));
    rows.into_iter().map(|(_, row)| row).collect()
}
