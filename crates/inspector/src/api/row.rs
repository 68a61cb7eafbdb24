//! A row of the list: what of an entry is seen at a glance.

use body_logger_core::record::{Body, BodyState, GapRecord, Outcome, Reason, Record, Stage};
use serde::Serialize;
use serde_json::{json, Value};
use uuid::Uuid;

use body_logger_core::{filter::client_host, rfc3339};

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
    request: BodyRow<'a>,
    response: Option<BodyRow<'a>>,
}

#[derive(Debug, Serialize)]
struct BodyRow<'a> {
    state: BodyState,
    bytes: Option<u64>,
    captured: u64,
    reasons: &'a [Reason],
}

impl<'a> BodyRow<'a> {
    fn of(body: &'a Body) -> Self {
        Self {
            state: body.state,
            bytes: body.bytes,
            captured: body.captured,
            reasons: &body.reasons,
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

pub(super) fn of_gap(gap: &GapRecord) -> Value {
    let mut row = json!(gap.gap);
    row["id"] = json!(gap.entry_id);
    row["kind"] = json!("gap");
    row
}
