//! Removes everything from a record that might have to be redacted.

use uuid::Uuid;

use super::{
    Body, Client, ErrorRecord, Reason, Record, RecordText, RequestRecord, ResponseRecord, MASK,
};

/// Removes every free-form field from a record, whether a client, the handler or the application chose it. Numbers,
/// times, words of this crate and ids that it created remain.
// Destructured without `..`, so that a new field cannot be forgotten.
pub(super) fn all(record: &mut Record) {
    let Record {
        v: _,
        id,
        entry_id,
        run: _,
        seq: _,
        stage: _,
        first_seq: _,
        time: _,
        outcome: _,
        error,
        duration_us: _,
        ttfb_us: _,
        // A client chooses its digits, which may be a card number.
        trace,
        resource,
        client: Client { addr },
        attributes,
        request,
        response,
        extensions: _,
    } = record;
    // An id other than a UUID v7 probably comes from the client, and is replaced by the `entry_id`. That id is still
    // unique if the record is numbered later and gets a new `entry_id`.
    if Uuid::try_parse(id).map_or(true, |id| id.get_version_num() != 7) {
        *id = entry_id.to_string().into();
    }
    *trace = None;
    *resource = None;
    *addr = None;
    attributes.clear();
    if let Some(ErrorRecord {
        kind: _,
        status: _,
        message,
    }) = error
    {
        *message = None;
    }
    let RequestRecord {
        method,
        scheme: _,
        host,
        path,
        route,
        query,
        version: _,
        headers,
        headers_dropped,
        body,
    } = request;
    if !STANDARD_METHODS.contains(&method.as_str()) {
        *method = RecordText::constant(MASK);
    }
    *host = None;
    *path = RecordText::constant(MASK);
    *route = None;
    *query = None;
    withhold_headers(headers, headers_dropped);
    withhold(body);
    if let Some(ResponseRecord {
        status: _,
        headers,
        headers_dropped,
        body,
    }) = response
    {
        withhold_headers(headers, headers_dropped);
        withhold(body);
    }
}

/// Other methods may be any text that a client chose.
const STANDARD_METHODS: [&str; 9] = [
    "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
];

fn withhold_headers(headers: &mut Vec<(RecordText, RecordText)>, dropped: &mut u32) {
    let withheld = u32::try_from(headers.len()).unwrap_or(u32::MAX);
    *dropped = dropped.saturating_add(withheld);
    headers.clear();
}

fn withhold(body: &mut Body) {
    let Body {
        state: _,
        bytes,
        captured,
        reasons: _,
        media_type,
        encoding,
        decoded,
        events: _,
        digest,
        json,
        text,
        base64,
        file,
        no_file: _,
        parts,
        parts_dropped,
    } = body;
    *captured = 0;
    // The digest of a short body can be reversed by guessing, unless it is keyed.
    *digest = None;
    (*media_type, *encoding, *decoded) = (None, None, None);
    (*json, *text, *base64, *file) = (None, None, None, None);
    parts.clear();
    *parts_dropped = 0;
    if *bytes != Some(0) {
        body.add_reason(Reason::Redaction);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A record with a canary in each text that a client, a handler or the application may have chosen.
    fn planted() -> Record {
        let body = |content: &str, value: serde_json::Value| {
            let mut body = json!({
                "state": "complete", "bytes": 20, "captured": 20, "media_type": "canary/a",
                "encoding": "canary", "decoded": 30, "digest": "sha-256:canary",
                "file": { "name": "canary", "bytes": 20, "digest": "sha-256:canary" },
                "parts": [{ "name": "canary", "bytes": 6, "text": "canary" }], "parts_dropped": 3,
            });
            body[content] = value;
            body
        };
        let record = json!({
            "v": 1, "id": "canary", "entry_id": "01a1fd63-3a83-7c2e-9f64-3d1c5b7a9e21",
            "run": "01a1fd63-3a83-7c2e-9f64-3d1c5b7a9e22", "seq": 42, "first_seq": 41,
            "time": "2026-11-21T09:15:01.123456Z", "outcome": "completed",
            "error": { "kind": "handler", "status": 500, "message": "canary" },
            "duration_us": 1234, "ttfb_us": 456,
            "trace": { "trace_id": "ca9a4ca9a4ca9a4ca9a4ca9a4ca9a4ca", "span_id": "ca9a4ca9a4ca9a4c" },
            "resource": { "service": "canary", "version": "canary", "instance": "canary", "host": "canary" },
            "client": { "addr": "canary" }, "attributes": { "canary": "canary" },
            "request": {
                "method": "CANARY", "scheme": "http", "host": "canary", "path": "/canary",
                "route": "/{canary}", "query": "canary", "version": "HTTP/1.1",
                "headers": [["canary", "canary"]], "headers_dropped": 2,
                "body": body("json", json!({ "canary": "canary" })),
            },
            "response": {
                "status": 200, "headers": [["canary", "canary"], ["b", "canary"]],
                "body": body("base64", json!("Y2FuYXJ5")),
            },
        });
        serde_json::from_value(record).expect("a record")
    }

    #[test]
    fn nothing_that_was_chosen_elsewhere_is_left() {
        let mut record = planted();
        assert!(serde_json::to_string(&record)
            .expect("JSON")
            .contains("canary"));

        record.withhold_all();

        let json = serde_json::to_string(&record).expect("JSON");
        for canary in ["canary", "CANARY", "ca9a4c", "Y2FuYXJ5"] {
            assert!(!json.contains(canary), "{json}");
        }
        assert_eq!(record.id, record.entry_id.to_string());
    }

    #[test]
    fn numbers_times_and_words_of_this_crate_are_left() {
        let (before, mut record) = (planted(), planted());

        record.withhold_all();

        assert_eq!(record.seq, before.seq);
        assert_eq!(record.first_seq, before.first_seq);
        assert_eq!(record.time, before.time);
        assert_eq!(record.outcome, before.outcome);
        assert_eq!(record.duration_us, before.duration_us);
        assert_eq!(record.ttfb_us, before.ttfb_us);
        assert_eq!(record.status(), Some(200));
        let error = record.error.expect("an error");
        assert_eq!(error.status, Some(500));
        assert_eq!(record.request.scheme, "http");
        assert_eq!(record.request.version, "HTTP/1.1");
        assert_eq!(record.request.headers_dropped, 3);
        let response = record.response.expect("a response");
        assert_eq!(response.headers_dropped, 2);
        for body in [&record.request.body, &response.body] {
            assert_eq!((body.bytes, body.captured), (Some(20), 0));
            assert_eq!((body.decoded, body.parts_dropped), (None, 0));
            assert_eq!(body.reasons, [Reason::Redaction]);
        }
    }

    #[test]
    fn an_empty_body_has_nothing_to_withhold() {
        let mut record = Record::example();
        record.request.body.bytes = Some(0);
        record.withhold_all();
        assert_eq!(record.request.body.reasons, []);
    }
}
