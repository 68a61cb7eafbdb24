//! The sink that needs no configuration.

use actix_web::{
    body::BodyStream,
    error,
    http::StatusCode,
    web::{self, Bytes},
    App, HttpRequest, HttpResponse, Responder,
};
use actix_web_body_logger::{
    sink::{Log, Memory},
    BodyLogger, Exchange, Record,
};
use futures_util::stream;
use log::Level;

use super::captured_log::{self, Event};
use crate::app::TestApp;

pub fn routes(cfg: &mut web::ServiceConfig) {
    async fn status(status: web::Path<(String, u16)>) -> impl Responder {
        HttpResponse::new(StatusCode::from_u16(status.1).expect("a status"))
    }
    async fn panics(_: HttpRequest) -> impl Responder {
        if true {
            panic!("on purpose");
        }
        "never"
    }
    async fn breaks() -> impl Responder {
        let items = [
            Ok(Bytes::from_static(b"first")),
            Err(error::ErrorBadGateway("on purpose")),
        ];
        HttpResponse::Ok().body(BodyStream::new(stream::iter(items)))
    }
    async fn echo(exchange: Exchange, body: Bytes) -> impl Responder {
        exchange.set_attribute("user", "4\r\n2\x1b[31m\u{202e}");
        exchange.set_attribute("session_token", "hunter2-attribute");
        HttpResponse::Ok()
            .insert_header(("set-cookie", "s=hunter2-set-cookie"))
            .content_type("application/x-ndjson")
            .body(body)
    }
    cfg.route("/{mark}/status/{status}", web::get().to(status))
        .route("/{mark}/panics", web::get().to(panics))
        .route("/{mark}/breaks", web::get().to(breaks))
        .route("/{mark}/echo{tail:.*}", web::post().to(echo));
}

/// A server with the logger that an application gets that asks for nothing.
fn default_app() -> TestApp {
    captured_log::install();
    TestApp::serve(
        Memory::new(0),
        || App::new().wrap(BodyLogger::default()).configure(routes),
        |server| server,
    )
}

/// The only event of a stopped server.
#[track_caller]
fn only_event(app: TestApp, mark: &str) -> Event {
    app.stop(true);
    captured_log::events(mark, 1).remove(0)
}

#[test]
fn by_default_there_is_one_line_for_each_exchange_on_the_level_of_its_end() {
    let app = default_app();
    for (path, level, said) in [
        ("/levels/status/200", Level::Info, " 200 completed "),
        ("/levels/status/304", Level::Info, " 304 completed "),
        ("/levels/status/400", Level::Warn, " 400 completed "),
        ("/levels/status/404", Level::Warn, " 404 completed "),
        ("/levels/status/500", Level::Error, " 500 completed "),
        ("/levels/status/599", Level::Error, " 599 completed "),
        ("/levels/panics", Level::Error, " - panicked "),
        ("/levels/breaks", Level::Error, " 200 body_error "),
    ] {
        let mut client = app.connect();
        client.send(format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n"));
        let event = captured_log::events(&format!(" GET {path} "), 1).remove(0);
        assert_eq!(event.level, level, "{event:?}");
        assert_eq!(event.target, "actix_web_body_logger");
        assert!(event.text.contains(said), "{event:?}");
    }
    app.stop(true);
    captured_log::events("/levels/", 8);
}

#[test]
fn the_default_sink_runs_on_the_worker() {
    let app = default_app();
    app.connect().get("/worker/status/200");
    let event = only_event(app, "/worker/");
    let thread = event.thread.as_deref().unwrap_or_default();
    assert!(thread.starts_with("actix-"), "{thread}");
}

#[test]
fn no_exchange_gets_out_of_its_line_and_no_secret_into_it() {
    let app = default_app();
    let body = concat!(
        "{\"a\":\r\n\"\u{7f}\u{9b}31m\u{202e}\u{2066}\u{2028}\u{feff}\"}\r\n\n",
        "{\"b\":\"\\u001b[31m\\r\\n\", \"password\": \"hunter2-body\"}\n",
    );
    let head = format!(
        "POST /hostile/echo/%0d%0a%1b[31m?a=%0a&token=hunter2-query HTTP/1.1\r\n\
         host: evil\u{202e}host\r\nuser-agent: \x1b[31m\u{202e}\r\nx-a: \u{85}\u{2029}\r\n\
         authorization: Bearer hunter2-authorization\r\ncookie: s=hunter2-cookie\r\n\
         x-api-key: hunter2-key\r\ncontent-type: application/x-ndjson\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    // Without the escape itself, which actix refuses in a header.
    let head = head.replace('\x1b', "");
    let response = app.connect().send(head + body).response();
    assert_eq!((response.status, response.text()), (200, body));

    let text = only_event(app, "/hostile/").text;
    let harmful = |c: &char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    assert_eq!(text.chars().find(harmful), None, "{text}");
    assert!(!text.contains("hunter2"), "{text}");
    // What was there is there, as escapes.
    for escaped in [
        "\\r\\n",
        "\\u{202e}",
        "\\u{9b}31m",
        "user=4\\r\\n2\\u{1b}[31m",
    ] {
        assert!(text.contains(escaped), "{escaped} in {text}");
    }
    for masked in ["token=***", "session_token=***", "\"password\": \"***\""] {
        assert!(text.contains(masked), "{masked} in {text}");
    }
}

#[test]
fn a_line_tells_of_an_exchange_what_its_record_does() {
    captured_log::install();
    let app = TestApp::recording(
        |logger| logger.sink(Log::default()),
        |logger| App::new().wrap(logger).configure(routes),
    );
    app.connect().get("/together/status/404");
    let record = app.record();
    let event = only_event(app, "/together/");
    assert!(event.text.contains(&format!(" id={}", record.id)));
    assert!(event
        .text
        .contains(record.client.addr.as_deref().expect("an address")));
    assert!(event
        .text
        .contains(&format!(" {}us ", record.duration_us.expect("an end"))));
}

#[cfg(feature = "kv")]
#[test]
fn an_event_has_key_values() {
    captured_log::install();
    let app = TestApp::configured(|logger| logger.sink(Log::default()), routes);
    let sent = r#"{"a":1}"#;
    app.connect().post("/pairs/echo", "application/json", sent);
    let record = app.record();
    let event = only_event(app, "/pairs/");
    let expected = [
        ("id", record.id.as_str()),
        ("outcome", "completed"),
        ("method", "POST"),
        ("path", "/pairs/echo"),
        ("route", "/{mark}/echo{tail:.*}"),
        ("status", "200"),
        (
            "duration_us",
            &record.duration_us.expect("an end").to_string(),
        ),
        ("request_bytes", "7"),
        ("response_bytes", "7"),
    ];
    let expected = expected.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(event.pairs, expected);
}

#[cfg(feature = "kv")]
#[test]
fn a_start_has_key_values() {
    async fn events() -> HttpResponse {
        let event = stream::iter([Ok::<_, actix_web::Error>(Bytes::from_static(
            b"data: 1\n\n",
        ))]);
        HttpResponse::Ok()
            .content_type("text/event-stream")
            .streaming(event)
    }
    captured_log::install();
    let app = TestApp::configured(
        |logger| {
            let starts = actix_web_body_logger::policy::StartRecords::LongLived;
            logger.sink(Log::default()).start_records(starts)
        },
        |cfg| {
            cfg.route("/starts/events", web::get().to(events));
        },
    );
    app.connect().get("/starts/events");
    app.stop(true);
    let [start, end] = [0, 1].map(|at| captured_log::events("/starts/", 2).remove(at));
    let value = |event: &Event, name: &str| {
        let found = event.pairs.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.clone())
    };
    assert!(start.text.contains(" started "), "{start:?}");
    for name in ["id", "method", "path", "route", "status"] {
        let said = value(&start, name);
        assert!(said.is_some(), "{name} {start:?}");
        assert_eq!(said, value(&end, name));
    }
}

#[test]
fn a_line_of_ones_own_stays_one_line() {
    captured_log::install();
    let line = |record: &Record| format!("mine {}\r\n\u{1b}[31m\u{202e}", record.request.path);
    let app = TestApp::serve(
        Memory::new(0),
        move || {
            let logger = BodyLogger::builder().sink(Log::formatted(line)).build();
            App::new().wrap(logger).configure(routes)
        },
        |server| server,
    );
    assert_eq!(app.connect().get("/own-line/status/200").status, 200);
    let event = only_event(app, "own-line");
    assert_eq!(event.level, Level::Info);
    assert_eq!(
        event.text,
        "mine /own-line/status/200\\r\\n\\u{1b}[31m\\u{202e}"
    );
}
