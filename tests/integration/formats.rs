//! Records as text for people, for a shell and for other programs.

mod curl;
mod har;
#[cfg(unix)]
mod repeat;
mod text;

use actix_web_body_logger::Record;
use serde_json::{json, Value};

/// A record of a request with an empty body, and of no response.
fn record() -> Record {
    record_of(|_| {})
}

/// The same, changed before it is read.
fn record_of(change: impl FnOnce(&mut Value)) -> Record {
    let mut record = json!({
        "v": 1, "id": "an-id", "entry_id": "01a1fd63-3a99-7f10-a2b4-6c0d8e1f3a57",
        "run": "01a1fd21-0c4e-7b1d-8f35-2e9a7c6b5d40", "seq": 1, "time": "2026-11-21T09:15:01.123456Z",
        "outcome": "completed", "error": null, "duration_us": 1234, "ttfb_us": 456,
        "client": { "addr": "192.0.2.7:53124" }, "attributes": {},
        "request": {
            "method": "GET", "scheme": "http", "host": "localhost:8080",
            "path": "/orders/7", "route": "/orders/{id}", "query": null, "version": "HTTP/1.1",
            "headers": [],
            "body": { "state": "empty", "bytes": 0, "captured": 0 },
        },
        "response": null,
    });
    change(&mut record);
    // Through text: a record's JSON cannot be read from a `Value`.
    serde_json::from_str(&record.to_string()).expect("a record")
}

/// The record of a request with a body that was recorded as a whole.
fn posted(media_type: &str, kind: &str, content: Value) -> Record {
    record_of(|record| {
        record["request"]["method"] = json!("POST");
        record["request"]["headers"] = json!([["content-type", media_type]]);
        record["request"]["body"] = json!({
            "state": "complete", "bytes": 10, "captured": 10, "media_type": media_type,
            kind: content,
        });
    })
}

/// The example of the documentation.
fn example() -> Record {
    let example = include_str!("../../docs/record.example.json");
    serde_json::from_str(example).expect("a record")
}
