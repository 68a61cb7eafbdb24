//! One record, with what the page shows beside it.

use actix_web::{web, HttpResponse};
use body_logger_core::{
    filter::client_host,
    format,
    record::{Body, Json, Part},
    Filter, Record,
};
use body_logger_store::{Store, StoreError, StoredRecord};
use serde_json::{json, Value};
use uuid::Uuid;

use super::{
    overview::percentiles,
    query::{ask, Problem},
    said::{statements, Side},
};
use crate::{inspector::Shared, respond};

/// Attributes of which the neighbours are looked for.
const MOST_ATTRIBUTES: usize = 3;

pub(super) async fn record(
    shared: web::Data<Shared>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let answer = ask(&shared.store, move |store| {
        let found = store.record(*id)?;
        found.map(|found| answer(store, &found)).transpose()
    });
    match answer.await? {
        Some(answer) => Ok(respond::json(&answer)),
        None => Err(Problem::NotFound),
    }
}

fn answer(store: &Store, stored: &StoredRecord) -> Result<Value, StoreError> {
    let record = &stored.record;
    let (request, response) = (&record.request, record.response.as_ref());
    let said = json!({
        "request": statements(&request.body, &request.headers, Side::Request, record.outcome),
        "response": response.map(|it| statements(&it.body, &it.headers, Side::Response, record.outcome)),
    });
    let same: Result<Vec<Value>, StoreError> = kinships(record)
        .into_iter()
        .map(|(by, key, value, filter)| {
            let next_to = store.neighbours(stored.position, &filter)?;
            let id = |it: Option<StoredRecord>| it.map(|it| it.record.entry_id);
            let (newer, older) = (id(next_to.newer), id(next_to.older));
            Ok(json!({ "by": by, "key": key, "value": value, "newer": newer, "older": older }))
        })
        .collect();
    let stages = store.exchange(record)?;
    let stages: Vec<Value> = stages
        .iter()
        .map(|it| &it.record)
        .map(|it| json!({ "id": it.entry_id, "stage": it.stage, "current": it.entry_id == record.entry_id }))
        .collect();
    Ok(json!({
        "record": with_texts(record),
        "said": said,
        "curl": format::curl(record),
        "same": same?,
        "stages": stages,
    }))
}

/// What other records may have in common with this one: what it is called, the key and the value of the filter, and the
/// filter.
fn kinships(record: &Record) -> Vec<(String, String, String, Filter)> {
    let mut all = Vec::new();
    if let Some(route) = &record.request.route {
        let filter = Filter::default()
            .route(route.as_str())
            .method(record.request.method.as_str());
        all.push((
            "route".to_owned(),
            "route:".to_owned(),
            route.to_string(),
            filter,
        ));
    }
    if let Some(address) = &record.client.addr {
        let host = client_host(address);
        let filter = Filter::default().client(host);
        all.push((
            "client".to_owned(),
            "client:".to_owned(),
            host.to_owned(),
            filter,
        ));
    }
    for (name, value) in record.attributes.iter().take(MOST_ATTRIBUTES) {
        let filter = Filter::default().attribute(name, value);
        all.push((name.clone(), format!("@{name}:"), value.clone(), filter));
    }
    if let Some(trace) = &record.trace {
        let filter = Filter::default().trace(trace.trace_id.as_str());
        all.push((
            "trace".to_owned(),
            "trace:".to_owned(),
            trace.trace_id.to_string(),
            filter,
        ));
    }
    all
}

/// The percentiles of a record's route, which take longer than the record.
pub(super) async fn route(
    shared: web::Data<Shared>,
    id: web::Path<Uuid>,
) -> Result<HttpResponse, Problem> {
    let durations = ask(&shared.store, move |store| {
        let found = store.record(*id)?;
        let route = found.and_then(|found| found.record.request.route);
        let filter = route.map(|route| Filter::default().route(route.as_str()));
        let overview = filter.map(|filter| store.overview(&filter, 1));
        Ok(overview.transpose()?.map(|it| it.totals.durations))
    });
    Ok(respond::json(
        &durations.await?.map(|all| percentiles(&all)),
    ))
}

/// The record, with JSON bodies as the texts that they are: a parser would round numbers, and reorder keys.
fn with_texts(record: &Record) -> Value {
    let mut record = record.clone();
    let request = Texts::taken_from(&mut record.request.body);
    let response = record
        .response
        .as_mut()
        .map(|response| Texts::taken_from(&mut response.body));
    let mut value = json!(record);
    request.put_into(&mut value["request"]["body"]);
    if let Some(response) = response {
        response.put_into(&mut value["response"]["body"]);
    }
    value
}

struct Texts {
    body: Option<Json>,
    parts: Vec<Option<Json>>,
}

impl Texts {
    fn taken_from(body: &mut Body) -> Self {
        let take = |part: &mut Part| part.json.take();
        Self {
            body: body.json.take(),
            parts: body.parts.iter_mut().map(take).collect(),
        }
    }

    fn put_into(self, body: &mut Value) {
        body["json"] = json!(self.body.as_ref().map(Json::get));
        for (place, json) in self.parts.into_iter().enumerate() {
            body["parts"][place]["json"] = json!(json.as_ref().map(Json::get));
        }
    }
}
