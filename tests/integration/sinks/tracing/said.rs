//! What events say, and under which names.

use actix_web::http::Method;
use actix_web_body_logger::{
    policy::StartRecords,
    sink::{Memory, QueueOptions, Tracing, TRACING_TARGET},
    BodyLogger, BodyLoggerBuilder, Entry, Sink, SinkError,
};
use serde_json::{json, Value};
use tracing::Level;

use super::{
    super::{
        captured_tracing::{self, Event, Fields},
        Blocking,
    },
    finish, serve,
};

/// What is said of what is sent.
#[track_caller]
fn said(settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder, sent: &str) -> Event {
    let capture = captured_tracing::global();
    let logger = settings(BodyLogger::builder()).build();
    let app = serve(&logger, None);
    let mut client = app.connect();
    client.send(sent);
    let (method, rest) = sent.split_once(' ').expect("a request line");
    client.response_to(method);
    finish(app, &logger);
    let end = rest.find([' ', '?']).expect("a request line");
    capture.events(&rest[..end], 1).remove(0)
}

fn tracing(logger: BodyLoggerBuilder) -> BodyLoggerBuilder {
    logger.sink(Tracing::default())
}

#[test]
fn an_event_tells_what_its_record_does_by_the_names_of_the_conventions() {
    let memory = Memory::new(10);
    let kept = memory.clone();
    let body = r#"{"item":"server","password":"hunter2-body"}"#;
    let head = format!(
        "POST /names/echo?page=2&token=hunter2-query HTTP/1.1\r\nhost: localhost:8080\r\n\
         user-agent: Test/1\r\nauthorization: Bearer hunter2\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    let settings = |logger: BodyLoggerBuilder| tracing(logger).sink(kept);
    let event = said(settings, &(head + body));
    let record = memory.records().remove(0);

    assert_eq!(event.name, "body_logger.exchange");
    assert_eq!(event.target, TRACING_TARGET);
    assert_eq!(event.level, Level::INFO);
    let (client, port) = (record.client.addr.as_deref())
        .and_then(|addr| addr.split_once(':'))
        .expect("an address");
    let line: Value = serde_json::to_value(&record).expect("JSON");
    let response = record.response.expect("a response");
    let expected = json!({
        "message": "POST /{mark}/echo{tail:.*}",
        "http.request.method": "POST",
        "url.scheme": "http",
        "url.path": "/names/echo",
        "url.query": "page=2&token=***",
        "http.route": "/{mark}/echo{tail:.*}",
        "network.protocol.version": "1.1",
        "server.address": "localhost",
        "server.port": 8080,
        "client.address": client,
        "client.port": port.parse::<u16>().expect("a port"),
        "user_agent.original": "Test/1",
        "http.response.status_code": 200,
        "http.request.body.size": 43,
        "http.request.body.content": r#"{"item":"server","password":"***"}"#,
        "http.response.body.size": 43,
        "http.response.body.content": response.body.text.expect("a text"),
        "body_logger.id": record.id,
        "body_logger.time": line["time"],
        "body_logger.outcome": "completed",
        "body_logger.duration_us": record.duration_us,
        "body_logger.ttfb_us": record.ttfb_us.expect("an answer"),
        "body_logger.attributes": line["attributes"].to_string(),
        "body_logger.request.headers": line["request"]["headers"].to_string(),
        "body_logger.request.body.state": "complete",
        "body_logger.request.body.captured": 43,
        "body_logger.request.body.media_type": "application/json",
        "body_logger.response.headers": line["response"]["headers"].to_string(),
        "body_logger.response.body.state": "complete",
        "body_logger.response.body.captured": 43,
        "body_logger.response.body.media_type": "application/x-ndjson",
    });
    assert_eq!(serde_json::to_value(&event.fields).expect("JSON"), expected);
    // Of the event, that is: what tracing-actix-web puts into its span is not redacted.
    assert!(!format!("{:?}", event.fields).contains("hunter2"));
}

#[test]
fn what_an_exchange_does_not_have_is_left_out() {
    let event = said(tracing, "GET /bare/status/204 HTTP/1.0\r\n\r\n");
    let names: Vec<&str> = event.fields.keys().copied().collect();
    let expected = [
        "body_logger.duration_us",
        "body_logger.id",
        "body_logger.outcome",
        "body_logger.request.body.captured",
        "body_logger.request.body.state",
        "body_logger.response.body.captured",
        "body_logger.response.body.state",
        "body_logger.time",
        "body_logger.ttfb_us",
        "client.address",
        "client.port",
        "http.request.body.size",
        "http.request.method",
        "http.response.body.size",
        "http.response.status_code",
        "http.route",
        "message",
        "network.protocol.version",
        "url.path",
        "url.scheme",
    ];
    assert_eq!(names, expected);
    assert_eq!(event.fields["network.protocol.version"], "1.0");
}

#[test]
fn an_event_has_the_level_and_the_type_of_how_its_exchange_ended() {
    let capture = captured_tracing::global();
    let logger = tracing(BodyLogger::builder()).build();
    let app = serve(&logger, None);
    for (path, level, status, error) in [
        ("/ends/status/200", Level::INFO, json!(200), Value::Null),
        ("/ends/status/304", Level::INFO, json!(304), Value::Null),
        ("/ends/status/404", Level::WARN, json!(404), Value::Null),
        ("/ends/status/500", Level::ERROR, json!(500), json!("500")),
        ("/ends/panics", Level::ERROR, Value::Null, json!("panicked")),
        (
            "/ends/breaks",
            Level::ERROR,
            json!(200),
            json!("body_error"),
        ),
    ] {
        let mut client = app.connect();
        client.send(format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n"));
        let event = capture.events(path, 1).remove(0);
        assert_eq!(event.level, level, "{event:?}");
        let field = |name| event.fields.get(name).cloned().unwrap_or_default();
        assert_eq!(field("http.response.status_code"), status, "{event:?}");
        assert_eq!(field("error.type"), error, "{event:?}");
    }
    finish(app, &logger);
    capture.events("/ends/", 6);
}

#[test]
fn an_error_tells_its_kind_and_where_asked_for_its_words() {
    let settings = |logger| tracing(logger).show_error_messages();
    let event = said(settings, "GET /words/fails HTTP/1.1\r\nhost: test\r\n\r\n");
    assert_eq!(event.fields["exception.message"], "on purpose");
    assert_eq!(event.fields["body_logger.error.kind"], "handler");
    assert_eq!(event.fields["body_logger.error.status"], 400);
    let event = said(tracing, "GET /silent/fails HTTP/1.1\r\nhost: test\r\n\r\n");
    assert!(!event.fields.contains_key("exception.message"), "{event:?}");
}

#[test]
fn bytes_are_bytes() {
    let settings =
        |logger| tracing(logger).show_as_base64(["image/png".parse().expect("a media type")]);
    let event = said(
        settings,
        "POST /bytes/echo HTTP/1.1\r\nhost: test\r\ncontent-type: image/png\r\n\
         content-length: 3\r\n\r\n\x01\x02\x7f",
    );
    assert_eq!(
        event.fields["http.request.body.content"],
        json!({ "base64": "AQJ/" })
    );
}

#[test]
fn what_was_not_kept_has_its_reasons() {
    let settings = |logger| tracing(logger).max_body_bytes(5);
    let event = said(
        settings,
        "POST /cut/echo HTTP/1.1\r\nhost: test\r\ncontent-type: text/html\r\n\
         content-length: 9\r\n\r\n<p>hi</p>",
    );
    let reasons = &event.fields["body_logger.request.body.reasons"];
    assert_eq!(reasons, "media_type", "{event:?}");
    assert!(!event.fields.contains_key("http.request.body.content"));
}

#[test]
fn a_method_is_named_if_it_is_known() {
    let request = |mark| format!("PROPFIND /{mark}/x HTTP/1.1\r\nhost: test\r\n\r\n");
    let event = said(tracing, &request("unknown"));
    assert_eq!(event.fields["http.request.method"], "_OTHER");
    assert_eq!(event.fields["http.request.method_original"], "PROPFIND");
    assert_eq!(event.fields["message"], "HTTP");

    let known: Method = "PROPFIND".parse().expect("a method");
    let sink = Tracing::default().known_methods([known]);
    let event = said(|logger| logger.sink(sink), &request("known"));
    assert_eq!(event.fields["http.request.method"], "PROPFIND");
    assert!(!event.fields.contains_key("http.request.method_original"));
}

#[test]
fn a_long_lived_exchange_is_announced() {
    let capture = captured_tracing::global();
    let logger = tracing(BodyLogger::builder())
        .start_records(StartRecords::LongLived)
        .build();
    let app = serve(&logger, None);
    let answer = app.connect().get("/lives/events");
    assert_eq!(answer.text(), "data: 1\n\n");
    finish(app, &logger);

    let [start, end] = &capture.events("/lives/", 2)[..] else {
        unreachable!("there are two");
    };
    assert_eq!(start.name, "body_logger.start");
    assert_eq!(start.level, Level::INFO);
    assert_eq!(start.span, end.span);
    assert!(start.span.is_some());
    let expected = json!({
        "message": "GET /{mark}/events started",
        "http.request.method": "GET",
        "url.path": "/lives/events",
        "http.route": "/{mark}/events",
        "client.address": end.fields["client.address"],
        "client.port": end.fields["client.port"],
        "http.response.status_code": 200,
        "body_logger.id": end.fields["body_logger.id"],
        "body_logger.time": end.fields["body_logger.time"],
    });
    assert_eq!(serde_json::to_value(&start.fields).expect("JSON"), expected);
    assert_eq!(end.fields["body_logger.response.body.events"], 1);
}

/// Emits events when a sink lets it that blocks.
struct Gated(Blocking, Tracing);

impl Sink for Gated {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        self.0.write(entries)?;
        self.1.write(entries)
    }
}

#[test]
fn entries_that_were_lost_are_told_of() {
    const LOST: usize = 37;
    let capture = captured_tracing::global();
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder()
        .sink(Gated(sink, Tracing::default()))
        .queue(QueueOptions::default().records(2))
        .build();
    let app = serve(&logger, None);
    let mut client = app.connect();
    client.get("/lost/status/200");
    gate.next();
    // One is being written, one waits.
    for _ in 0..1 + LOST {
        client.get("/lost/status/200");
    }
    app.stop(true);
    drop(gate.open);
    drop(logger.flush_guard());

    capture.events("/lost/", 2);
    // Other tests may have lost others.
    let is_told = |fields: &Fields| {
        let lost = fields.get("body_logger.gap.dropped");
        lost.is_some_and(|lost| *lost == LOST)
    };
    let gap = capture.events_where(1, is_told).remove(0);
    assert_eq!((gap.name, gap.level), ("body_logger.gap", Level::WARN));
    assert_eq!(gap.span, None);
    assert_eq!(gap.fields["message"], "37 entries lost");
    let reasons = json!({"dropped_newest": LOST}).to_string();
    assert_eq!(gap.fields["body_logger.gap.reasons"], reasons);
    let (from, to) = (
        &gap.fields["body_logger.gap.from"],
        &gap.fields["body_logger.gap.to"],
    );
    assert!(from.as_str() <= to.as_str() && from.is_string());
    assert_eq!(gap.fields.len(), 5, "{gap:?}");
}
