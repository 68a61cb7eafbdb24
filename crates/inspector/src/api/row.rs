//! A row of the list: what of an entry is seen at a glance.

use body_logger_core::record::{Body, Outcome, Record, Stage};
use serde::Serialize;
use serde_json::{json, Value};
use uuid::Uuid;

use body_logger_core::{filter::client_host, rfc3339};

use crate::body::{kept, Kept};

#[derive(Debug, Serialize)]
struct RecordRow<'a> {
    id: Uuid,
    kind: &'static str,
    #[serde(with = "rfc3339")]
    time: std::time::SystemTime,
    status: Option<u16>,
    method: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    route: Option<&'a str>,
    outcome: Option<Outcome>,
    stage: Option<Stage>,
    ttfb_us: Option<u64>,
    duration_us: Option<u64>,
    client: Option<&'a str>,
    request: BodyRow,
    response: Option<BodyRow>,
}

#[derive(Debug, Serialize)]
struct BodyRow {
    bytes: Option<u64>,
    kept: Option<Kept>,
}

impl BodyRow {
    fn of(body: &Body) -> Self {
        Self {
            bytes: body.bytes,
            kept: kept(body),
        }
    }
}

pub(super) fn of_record(record: &Record) -> Value {
    let request = &record.request;
    let row = RecordRow {
        id: record.entry_id,
        kind: "record",
        time: record.time,
        status: record.status(),
        method: &request.method,
        path: &request.path,
        query: request.query.as_deref(),
        route: request.route.as_deref(),
        outcome: record.outcome,
        stage: record.stage,
        ttfb_us: record.ttfb_us,
        duration_us: record.duration_us,
        client: record.client.addr.as_deref().map(client_host),
        request: BodyRow::of(&request.body),
        response: record
            .response
            .as_ref()
            .map(|response| BodyRow::of(&response.body)),
    };
    json!(row)
}
