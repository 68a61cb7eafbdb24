//! Which bodies are captured, by what their heads say of them.

use std::io::Write as _;

use actix_web::{
    http::header::{CONTENT_ENCODING, CONTENT_TYPE},
    web, HttpResponse,
};
use actix_web_body_logger::{Body, BodyState, Reason};
use flate2::{write::GzEncoder, Compression};

use super::{check, content, routes};
use crate::app::TestApp;

/// Sends a body there and back, and checks what is recorded of it in both directions.
#[track_caller]
fn exchange(app: &TestApp, seen: usize, headers: &str, sent: &[u8], check: impl Fn(&Body)) {
    let head = format!(
        "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n{headers}\r\n",
        sent.len()
    );
    let response = app
        .connect()
        .send([head.as_bytes(), sent].concat())
        .response();
    assert_eq!(response.body, sent, "{headers}");
    let record = app.records(seen).pop().expect("a record");
    check(&record.request.body);
    check(&record.response.expect("a response").body);
}

#[test]
fn json_is_captured_forms_are_withheld_and_everything_else_is_counted_only() {
    let app = TestApp::new(routes);
    let json = r#"{"a":1,"password":"***"}"#;
    let lines = "{\"a\":1}\n{\"b\":2}\n";
    let part = "--x\r\ncontent-disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--\r\n";
    let (withheld, counted) = (Some(Reason::Redaction), Some(Reason::MediaType));
    let cases = [
        ("application/json", json, None),
        ("Application/JSON; charset=utf-8", json, None),
        ("application/problem+json", json, None),
        ("application/vnd.api+json", json, None),
        ("text/json", json, None),
        ("application/x-ndjson", lines, None),
        (
            "application/x-www-form-urlencoded",
            "a=1&password=hunter2",
            withheld,
        ),
        ("multipart/form-data; boundary=x", part, withheld),
        ("text/plain", "password: hunter2", counted),
        ("text/html", "<p>hunter2</p>", counted),
        ("application/xml", "<password>hunter2</password>", counted),
        ("text/event-stream", "data: hunter2\n\n", counted),
        ("application/octet-stream", "hunter2", counted),
        ("image/svg+xml", "<svg/>", counted),
        ("application/jsonp", "f({})", counted),
        ("not a media type", json, counted),
        ("", json, counted),
    ];
    for (i, (media_type, sent, reason)) in cases.into_iter().enumerate() {
        let header = match media_type {
            "" => String::new(),
            _ => format!("content-type: {media_type}\r\n"),
        };
        exchange(&app, i + 1, &header, sent.as_bytes(), |body| {
            let len = sent.len();
            let captured = if reason.is_none() { len } else { 0 };
            let reasons = Vec::from_iter(reason);
            check(body, BodyState::Complete, len, captured, &reasons);
            assert_eq!(content(body), reason.is_none().then_some(sent));
        });
    }
}

#[test]
fn other_media_types_are_captured_by_an_explicit_call_and_still_withheld_where_not_understood() {
    let app = TestApp::configured(
        |logger| {
            let ranges = ["text/plain", "image/*"].map(|range| range.parse().expect("a range"));
            logger.capture_media_types(ranges)
        },
        routes,
    );
    for (i, (media_type, reason)) in [
        ("text/plain; charset=utf-8", Reason::Redaction),
        ("image/png", Reason::Redaction),
        ("text/html", Reason::MediaType),
        ("application/octet-stream", Reason::MediaType),
    ]
    .into_iter()
    .enumerate()
    {
        let header = format!("content-type: {media_type}\r\n");
        exchange(&app, i + 1, &header, b"hunter2", |body| {
            check(body, BodyState::Complete, 7, 0, &[reason]);
            assert_eq!(content(body), None);
        });
    }
}

#[test]
fn a_body_without_bytes_has_no_reason_for_what_is_not_missing() {
    let app = TestApp::new(routes);
    for (i, media_type) in ["text/plain", "application/json", "multipart/mixed"]
        .into_iter()
        .enumerate()
    {
        let header = format!("content-type: {media_type}\r\n");
        exchange(&app, i + 1, &header, b"", |body| {
            check(body, BodyState::Empty, 0, 0, &[]);
        });
    }
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::fast());
    gz.write_all(body).expect("memory takes all");
    gz.finish().expect("memory takes all")
}

#[test]
fn a_coded_body_is_counted_as_it_came_over_the_wire_and_withheld() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/zipped",
            web::post().to(|body: web::Bytes| async move {
                HttpResponse::Ok()
                    .insert_header((CONTENT_TYPE, "application/json"))
                    .insert_header((CONTENT_ENCODING, "gzip"))
                    .body(gzip(&body))
            }),
        );
    });
    let sent = br#"{"a":1}"#;
    let zipped = gzip(sent);
    for (i, (coding, body, expected)) in [
        ("gzip", &zipped[..], &[Reason::Decode][..]),
        ("identity", sent, &[]),
    ]
    .into_iter()
    .enumerate()
    {
        let head = format!(
            "POST /zipped HTTP/1.1\r\nhost: test\r\ncontent-type: application/json\r\n\
             content-encoding: {coding}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let response = app
            .connect()
            .send([head.as_bytes(), body].concat())
            .response();
        // The handler saw the same plain text both times.
        assert_eq!(response.body, zipped, "{coding}");
        let record = app.records(i + 1).remove(i);
        let captured = if expected.is_empty() { body.len() } else { 0 };
        let shown = &record.request.body;
        check(shown, BodyState::Complete, body.len(), captured, expected);
        let shown = &record.response.expect("a response").body;
        check(
            shown,
            BodyState::Complete,
            zipped.len(),
            0,
            &[Reason::Decode],
        );
        assert_eq!(content(shown), None);
    }
}
