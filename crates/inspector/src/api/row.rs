//! A row of the list: the few members of an entry that it shows.

use std::borrow::Cow;

use body_logger_core::record::{Body, Outcome, Record, Stage};
use serde::Serialize;
use serde_json::{json, Value};
use uuid::Uuid;

use body_logger_core::{filter::client_host, rfc3339};

use crate::body::{kept, Kept};

/// Bytes of a text that a row has at most. Nobody sees that many, and a page of the list is many rows.
const MOST: usize = 1_000;

#[derive(Debug, Serialize)]
struct RecordRow<'a> {
    id: Uuid,
    kind: &'static str,
    #[serde(with = "rfc3339")]
    time: std::time::SystemTime,
    status: Option<u16>,
    method: Cow<'a, str>,
    path: Cow<'a, str>,
    query: Option<Cow<'a, str>>,
    route: Option<Cow<'a, str>>,
    outcome: Option<Outcome>,
    stage: Option<Stage>,
    ttfb_us: Option<u64>,
    duration_us: Option<u64>,
    client: Option<Cow<'a, str>>,
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
        method: beginning(&request.method),
        path: beginning(&request.path),
        query: request.query.as_deref().map(beginning),
        route: request.route.as_deref().map(beginning),
        outcome: record.outcome,
        stage: record.stage,
        ttfb_us: record.ttfb_us,
        duration_us: record.duration_us,
        client: record
            .client
            .addr
            .as_deref()
            .map(client_host)
            .map(beginning),
        request: BodyRow::of(&request.body),
        response: record
            .response
            .as_ref()
            .map(|response| BodyRow::of(&response.body)),
    };
    json!(row)
}

fn beginning(text: &str) -> Cow<'_, str> {
    if text.len() <= MOST {
        return Cow::Borrowed(text);
    }
    let end = (0..=MOST).rev().find(|at| text.is_char_boundary(*at));
    Cow::Owned(format!("{}…", &text[..end.unwrap_or_default()]))
}
