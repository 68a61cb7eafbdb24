//! Which bodies are captured, by what their heads say of them.

use std::io::Write as _;

use actix_web::{
    http::header::{CONTENT_ENCODING, CONTENT_TYPE},
    web, HttpResponse,
};
use actix_web_body_logger::record::{Body, BodyState, Reason};
use flate2::{write::GzEncoder, Compression};

use super::{check, content, routes};
use crate::app::TestApp;

/// Sends a body to a handler that does not look into it, and checks what is recorded of it.
#[track_caller]
fn exchange_as_it_is(
    app: &TestApp,
    seen: usize,
    headers: &str,
    sent: &[u8],
    check: impl Fn(&Body),
) {
    let head = format!(
        "POST /raw HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n{headers}\r\n",
        sent.len()
    );
    let response = app
        .connect()
        .send([head.as_bytes(), sent].concat())
        .response();
    assert_eq!(response.status, 200);
    check(&app.records(seen).pop().expect("a record").request.body);
}

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
fn json_forms_and_multipart_are_captured_and_everything_else_is_counted_only() {
    let app = TestApp::new(routes);
    let json = r#"{"a":1,"password":"***"}"#;
    let lines = "{\"a\":1}\n{\"b\":2}\n";
    for (i, (media_type, sent, shown)) in [
        ("application/json", json, Some(json)),
        ("Application/JSON; charset=utf-8", json, Some(json)),
        ("application/problem+json", json, Some(json)),
        ("application/vnd.api+json", json, Some(json)),
        ("text/json", json, Some(json)),
        ("application/x-ndjson", lines, Some(lines)),
        (
            "application/x-www-form-urlencoded",
            "a=1&password=hunter2",
            Some("a=1&password=***"),
        ),
        ("text/plain", "password: hunter2", None),
        ("text/html", "<p>hunter2</p>", None),
        ("application/xml", "<password>hunter2</password>", None),
        ("text/event-stream", "data: hunter2\n\n", None),
        ("application/octet-stream", "hunter2", None),
        ("image/svg+xml", "<svg/>", None),
        ("application/jsonp", "f({})", None),
        ("not a media type", json, None),
        ("", json, None),
    ]
    .into_iter()
    .enumerate()
    {
        let header = match media_type {
            "" => String::new(),
            _ => format!("content-type: {media_type}\r\n"),
        };
        exchange(&app, i + 1, &header, sent.as_bytes(), |body| {
            let len = sent.len();
            match shown {
                Some(_) => check(body, BodyState::Complete, len, len, &[]),
                None => check(body, BodyState::Complete, len, 0, &[Reason::MediaType]),
            }
            assert_eq!(content(body), shown);
        });
    }
}

#[test]
fn other_media_types_are_captured_by_an_explicit_call_and_withheld_where_they_cannot_be_redacted() {
    let app = TestApp::configured(
        |logger| {
            let ranges = ["text/plain", "image/*", "text/html"];
            logger.capture_media_types(ranges.map(|range| range.parse().expect("a range")))
        },
        routes,
    );
    let sent = "a, pin: 1234, b";
    for (i, (media_type, shown, reasons)) in [
        ("text/plain; charset=utf-8", Some("a, pin: ***, b"), &[][..]),
        ("image/png", None, &[Reason::Redaction]),
        ("text/html", Some("a, pin: ***, b"), &[]),
        ("image/svg+xml", Some("a, pin: ***, b"), &[]),
        ("application/octet-stream", None, &[Reason::MediaType]),
    ]
    .into_iter()
    .enumerate()
    {
        let header = format!("content-type: {media_type}\r\n");
        exchange(&app, i + 1, &header, sent.as_bytes(), |body| {
            let captured = shown.map_or(0, |_| sent.len());
            check(body, BodyState::Complete, sent.len(), captured, reasons);
            assert_eq!(content(body), shown);
        });
    }
}

#[test]
fn binary_bodies_are_shown_as_base64_by_an_explicit_call() {
    let app = TestApp::configured(
        |logger| logger.show_as_base64([mime::IMAGE_STAR, mime::TEXT_HTML]),
        routes,
    );
    exchange(
        &app,
        1,
        "content-type: image/png\r\n",
        b"\xff\0png",
        |body| {
            check(body, BodyState::Complete, 5, 5, &[]);
            assert_eq!(body.base64.as_deref(), Some("/wBwbmc="));
        },
    );
    exchange(&app, 2, "content-type: text/html\r\n", b"<p>", |body| {
        check(body, BodyState::Complete, 3, 3, &[]);
        assert_eq!((&body.base64, content(body)), (&None, Some("<p>")));
    });
}

#[test]
fn only_what_is_known_to_be_neither_text_nor_structured_is_shown_as_base64() {
    let app = TestApp::configured(
        |logger| {
            let exact = ["application/x-foo", "application/sql", "application/cbor"];
            logger
                .show_as_base64([mime::STAR_STAR])
                .show_as_base64(exact.map(|media_type| media_type.parse().expect("a type")))
        },
        routes,
    );
    let shown = [
        "image/png",
        "application/octet-stream",
        "application/pdf",
        "application/zip",
        "application/protobuf",
        "application/x-foo",
        "application/cbor",
    ];
    let hidden = [
        "application/json-seq",
        "application/json5",
        "application/x-json",
        "application/yaml",
        "application/toml",
        "application/graphql",
        "application/sql",
        "application/javascript",
        "message/http",
        "application/vnd.api+yaml",
        "image/svg+xml",
        "text/x-unknown",
        "application/x-bar",
    ];
    let cases = shown.map(|shown| (shown, true)).into_iter();
    let cases = cases.chain(hidden.map(|hidden| (hidden, false)));
    for (i, (media_type, shown)) in cases.enumerate() {
        let header = format!("content-type: {media_type}\r\n");
        exchange(&app, i + 1, &header, b"hunter2", |body| {
            let expected = shown.then_some("aHVudGVyMg==");
            assert_eq!(body.base64.as_deref(), expected, "{media_type}");
        });
    }
}

#[test]
fn as_many_events_are_shown_as_fit() {
    // 100 bytes of the event before them fit, too.
    let event = format!("data: {}\n\n", "x ".repeat(146));
    assert_eq!(event.len(), 300);
    let sent = event.repeat(9);
    let app = TestApp::configured(|logger| logger.max_body_bytes(1000).last_events(3), routes);
    let header = "content-type: text/event-stream\r\n";
    exchange(&app, 1, header, sent.as_bytes(), |body| {
        let shown = content(body).expect("events");
        assert_eq!(shown.matches("data: ").count(), 3, "{shown}");
        assert_eq!(body.events, Some(9));
    });
}

#[test]
fn a_byte_order_mark_leaves_no_event_uncounted() {
    let app = TestApp::configured(|logger| logger.last_events(3), routes);
    let header = "content-type: text/event-stream\r\n";
    let sent = "\u{feff}data: 1\n\ndata: 2\n\n";
    exchange(&app, 1, header, sent.as_bytes(), |body| {
        assert_eq!(content(body), Some("data: 1\n\ndata: 2\n\n"));
        assert_eq!(body.events, Some(2));
    });
}

#[test]
fn the_parts_of_a_multipart_body_are_told_of_one_by_one() {
    let app = TestApp::new(routes);
    let sent = "--x\r\ncontent-disposition: form-data; name=\"note\"\r\n\r\nhello\r\n\
        --x\r\ncontent-disposition: form-data; name=\"pin\"\r\n\r\n1234\r\n\
        --x\r\ncontent-disposition: form-data; name=\"order\"\r\n\
        content-type: application/json\r\n\r\n{\"a\":1, \"token\":\"t\"}\r\n\
        --x\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"a.png\"\r\n\
        content-type: image/png\r\n\r\npng\r\n--x--\r\n";
    let header = "content-type: multipart/form-data; boundary=x\r\n";
    exchange(&app, 1, header, sent.as_bytes(), |body| {
        check(body, BodyState::Complete, sent.len(), sent.len(), &[]);
        assert_eq!(content(body), None);
        assert_eq!(
            serde_json::to_value(&body.parts).expect("JSON"),
            serde_json::json!([
                { "name": "note", "bytes": 5, "text": "hello" },
                { "name": "pin", "bytes": 4, "text": "***" },
                { "name": "order", "media_type": "application/json", "bytes": 20,
                  "json": { "a": 1, "token": "***" } },
                { "name": "photo", "file_name": "a.png", "media_type": "image/png", "bytes": 3,
                  "reasons": ["media_type"] },
            ])
        );
    });
}

#[test]
fn the_last_events_of_a_stream_are_shown_where_asked_and_all_are_counted() {
    let sent = "data: 1\n\ndata: {\"pin\": 1}\n\nevent: x\ndata: pin=1 a\n\ndata: cut";
    let header = "content-type: text/event-stream\r\n";
    let last = "data: {\"pin\":\"***\"}\n\nevent: x\ndata: pin=***\n\n";
    let app = TestApp::configured(|logger| logger.last_events(2), routes);
    exchange(&app, 1, header, sent.as_bytes(), |body| {
        check(body, BodyState::Complete, sent.len(), sent.len(), &[]);
        assert_eq!((body.events, content(body)), (Some(3), Some(last)));
    });
    let app = TestApp::configured(|logger| logger.last_events(10).max_body_bytes(40), routes);
    exchange(&app, 1, header, sent.as_bytes(), |body| {
        assert_eq!(body.events, Some(3));
        assert_eq!(body.reasons, [Reason::BodyLimit]);
        let shown = content(body).expect("events");
        assert!(
            last.ends_with(shown) && shown.starts_with("event"),
            "{shown}"
        );
    });
    exchange(&TestApp::new(routes), 1, header, sent.as_bytes(), |body| {
        check(
            body,
            BodyState::Complete,
            sent.len(),
            0,
            &[Reason::MediaType],
        );
        assert_eq!(body.events, Some(3));
    });
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
fn a_coded_body_is_counted_as_it_came_over_the_wire_and_decoded() {
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
    for (i, (coding, body)) in [("gzip", &zipped[..]), ("identity", sent)]
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
        check_decoded(&record.request.body, coding, body.len(), sent);
        let response = record.response.expect("a response");
        check_decoded(&response.body, "gzip", zipped.len(), sent);
    }
}

#[track_caller]
fn check_decoded(body: &Body, coding: &str, bytes: usize, plain: &[u8]) {
    let coded = cfg!(feature = "decode") && coding != "identity";
    assert_eq!(body.encoding.as_deref(), coded.then_some(coding));
    assert_eq!(body.decoded, coded.then_some(plain.len() as u64));
    if coded || coding == "identity" {
        check(body, BodyState::Complete, bytes, bytes, &[]);
        assert_eq!(content(body).map(str::as_bytes), Some(plain));
    } else {
        check(body, BodyState::Complete, bytes, 0, &[Reason::Decode]);
        assert_eq!(content(body), None);
    }
}

#[test]
fn codings_that_are_not_known_or_not_true_leave_the_content_out() {
    let app = TestApp::new(routes);
    let sent = b"\x1f\x9d\x90{\"a\":\"hunter2\"}";
    for (i, coding) in ["compress", "gzip, nope", "gzip"].into_iter().enumerate() {
        let header = format!("content-type: application/json\r\ncontent-encoding: {coding}\r\n");
        exchange_as_it_is(&app, i + 1, &header, sent, |body| {
            check(body, BodyState::Complete, sent.len(), 0, &[Reason::Decode]);
            assert_eq!(content(body), None);
        });
    }
}
