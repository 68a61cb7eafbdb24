//! One record, with what the page shows beside it.

use actix_web::{web, HttpResponse};
use body_logger_core::{
    filter::client_host,
    format,
    record::{Body, Outcome, RecordText},
    Filter, Record,
};
use body_logger_store::{Store, StoreError, StoredRecord};
use serde_json::{json, Value};
use uuid::Uuid;

use super::{
    overview::percentiles,
    query::{ask, Problem},
};
use crate::{
    body::{content, kept, masked, statements, views, Side},
    respond,
    shared::Shared,
};

/// Attributes whose neighbours are shown.
const MOST_ATTRIBUTES: usize = 3;

pub(super) async fn record(
    shared: web::Data<Shared>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    about(&shared.store, *id, answer).await
}

/// Answers with what a function finds out about a record.
async fn about(
    store: &Store,
    id: Uuid,
    answer: fn(&Store, &StoredRecord) -> Result<Value, StoreError>,
) -> Result<HttpResponse, Problem> {
    let answer = ask(store, move |store| {
        let found = store.record(id)?;
        found.map(|found| answer(store, &found)).transpose()
    });
    let answer = answer.await?.ok_or(Problem::NotFound)?;
    Ok(respond::json(&answer))
}

fn answer(store: &Store, stored: &StoredRecord) -> Result<Value, StoreError> {
    let record = &stored.record;
    let same: Result<Vec<Value>, StoreError> = kinships(record)
        .into_iter()
        .map(|kin| {
            let next_to = store.neighbours(stored.position, &kin.filter)?;
            let id = |it: Option<StoredRecord>| it.map(|it| it.record.entry_id);
            let (newer, older) = (id(next_to.newer), id(next_to.older));
            Ok(json!({ "by": kin.by, "attribute": kin.is_attribute, "value": kin.value, "newer": newer, "older": older }))
        })
        .collect();
    let stages = store.exchange(record)?;
    let stages: Vec<Value> = stages
        .iter()
        .map(|it| &it.record)
        .map(|it| json!({ "id": it.entry_id, "stage": it.stage, "seq": it.seq, "current": it.entry_id == record.entry_id }))
        .collect();
    let (request, response) = (&record.request, record.response.as_ref());
    let outcome = record.outcome;
    Ok(json!({
        "record": without_contents(record),
        "request": side(&request.body, &request.headers, Side::Request, outcome),
        "response": response.map(|it| side(&it.body, &it.headers, Side::Response, outcome)),
        "curl": format::curl(record),
        "same": same?,
        "stages": stages,
    }))
}

/// What is shown of a body.
fn side(
    body: &Body,
    headers: &[(RecordText, RecordText)],
    side: Side,
    outcome: Option<Outcome>,
) -> Value {
    json!({
        "views": views(body),
        "content": content(body),
        "kept": kept(body),
        "statements": statements(body, headers, side, outcome),
        "masked": masked(body, headers),
    })
}

/// The record, without what its [`side`]s show.
fn without_contents(record: &Record) -> Record {
    let mut record = record.clone();
    let response = record.response.as_mut().map(|response| &mut response.body);
    for body in [Some(&mut record.request.body), response]
        .into_iter()
        .flatten()
    {
        (body.json, body.text, body.base64) = (None, None, None);
        body.parts.clear();
    }
    record
}

/// What other records may have in common with this one.
struct Kinship {
    /// What it is called: a key of the filter's language, or the name of an attribute.
    by: String,
    is_attribute: bool,
    value: String,
    filter: Filter,
}

impl Kinship {
    fn new(by: &str, value: &str, filter: Filter) -> Self {
        Self {
            by: by.to_owned(),
            is_attribute: false,
            value: value.to_owned(),
            filter,
        }
    }
}

fn kinships(record: &Record) -> Vec<Kinship> {
    let filter = Filter::default;
    let route = record.request.route.iter();
    let route = route.map(|it| Kinship::new("route", it, filter().route(it.as_str())));
    let client = record.client.addr.iter().map(|it| client_host(it));
    let client = client.map(|it| Kinship::new("client", it, filter().client(it)));
    let trace = record.trace.iter().map(|it| it.trace_id.as_str());
    let trace = trace.map(|it| Kinship::new("trace", it, filter().trace(it)));
    let attributes = record.attributes.iter().take(MOST_ATTRIBUTES);
    let attributes = attributes.map(|(name, value)| Kinship {
        is_attribute: true,
        ..Kinship::new(name, value, filter().attribute(name, value))
    });
    route.chain(client).chain(attributes).chain(trace).collect()
}

/// What takes longer than the record: the percentiles of its route, and its place among those that have something in common
/// with it, as the number of newer and of all such records, or null where they are too many to count.
pub(super) async fn around(
    shared: web::Data<Shared>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    about(&shared.store, *id, surroundings).await
}

fn surroundings(store: &Store, stored: &StoredRecord) -> Result<Value, StoreError> {
    let ranks: Result<Vec<Value>, StoreError> = kinships(&stored.record)
        .iter()
        .map(|kin| {
            let rank = store.rank(stored.position, &kin.filter)?;
            Ok(json!(
                rank.map(|rank| [rank.newer + 1, rank.newer + 1 + rank.older])
            ))
        })
        .collect();
    let route = stored.record.request.route.as_deref();
    let filter = route.map(|route| Filter::default().route(route));
    let overview = filter
        .map(|filter| store.overview(&filter, 1))
        .transpose()?;
    let route = overview.map(|overview| percentiles(&overview.totals.durations));
    Ok(json!({ "ranks": ranks?, "route": route }))
}
