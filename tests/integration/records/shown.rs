//! What a record shows, and what it does not without being told to.

use actix_web::{
    http::header::{HeaderName, HeaderValue, AUTHORIZATION, COOKIE, SET_COOKIE},
    web, HttpResponse,
};
use actix_web_body_logger::{
    record::{BodyState, Reason, RecordText},
    redact::HiddenHeaders,
    Exchange, MAX_ATTRIBUTES,
};

use super::{get, routes, values};
use crate::app::TestApp;

const SENT: [(&str, &str); 9] = [
    ("accept", "text/html"),
    ("authorization", "Bearer hunter2"),
    ("cookie", "s=hunter2"),
    ("proxy-authorization", "Basic hunter2"),
    ("referer", "https://u:hunter2@a/b?page=1&token=hunter2"),
    ("user-agent", "test/1"),
    ("x-api-key", "hunter2"),
    ("x-forwarded-for", "198.51.100.1"),
    ("x-tenant", "acme"),
];

fn answers(cfg: &mut web::ServiceConfig) {
    cfg.route(
        "/",
        web::get().to(|| async {
            let mut marked = HeaderValue::from_static("hunter2");
            marked.set_sensitive(true);
            HttpResponse::Ok()
                .insert_header(("cache-control", "no-store"))
                .insert_header(("content-language", marked.clone()))
                .insert_header(("location", "/next?token=hunter2&page=2"))
                .insert_header(("set-cookie", "s=hunter2"))
                .insert_header(("x-marked", marked))
                .insert_header(("x-plain", "plain"))
                .finish()
        }),
    );
}

fn pairs(headers: &[(RecordText, RecordText)]) -> Vec<(&str, &str)> {
    headers.iter().map(|(n, v)| (&**n, &**v)).collect()
}

#[test]
fn headers_pass_by_name_and_all_others_are_masked() {
    let app = TestApp::new(answers);
    let (response, record) = get(&app, "/", &SENT);
    assert_eq!(response.header("set-cookie"), Some("s=hunter2"));
    assert_eq!(
        pairs(&record.request.headers),
        [
            ("accept", "text/html"),
            ("authorization", "***"),
            ("cookie", "s=***"),
            ("host", "test"),
            ("proxy-authorization", "***"),
            ("referer", "https://***@a/b?page=1&token=***"),
            ("user-agent", "test/1"),
            ("x-api-key", "***"),
            ("x-forwarded-for", "***"),
            ("x-tenant", "***"),
        ]
    );
    assert_eq!(
        pairs(&record.response.expect("a response").headers),
        [
            ("cache-control", "no-store"),
            ("content-language", "***"),
            ("location", "/next?token=***&page=2"),
            ("set-cookie", "s=***"),
            ("x-marked", "***"),
            ("x-plain", "***"),
        ]
    );
}

#[test]
fn hidden_headers_are_left_out_where_that_was_asked_for() {
    let app = TestApp::configured(|logger| logger.hidden_headers(HiddenHeaders::Omit), answers);
    let (_, record) = get(&app, "/", &SENT);
    let names = |headers: &[(RecordText, RecordText)]| -> Vec<String> {
        headers.iter().map(|(name, _)| name.to_string()).collect()
    };
    let shown = ["accept", "host", "referer", "user-agent"];
    assert_eq!(names(&record.request.headers), shown);
    let shown = ["cache-control", "location"];
    assert_eq!(names(&record.response.expect("a response").headers), shown);
}

#[test]
fn showing_headers_shows_no_secret_ones_and_those_need_a_call_of_their_own() {
    let marked = HeaderName::from_static("x-marked");
    let names = || [AUTHORIZATION, COOKIE, SET_COOKIE, marked.clone()];
    let app = TestApp::configured(
        |logger| {
            let tenant = HeaderName::from_static("x-tenant");
            logger.show_headers(names()).show_headers([tenant])
        },
        answers,
    );
    let (_, record) = get(&app, "/", &SENT);
    let line = serde_json::to_string(&record).expect("JSON");
    assert!(!line.contains("hunter2"), "{line}");
    assert_eq!(values(&record.request.headers, "x-tenant"), ["acme"]);

    let app = TestApp::configured(|logger| logger.show_secret_headers(names()), answers);
    let (_, record) = get(&app, "/", &SENT);
    let request = &record.request.headers;
    assert_eq!(values(request, "authorization"), ["Bearer hunter2"]);
    assert_eq!(values(request, "cookie"), ["s=hunter2"]);
    assert_eq!(values(request, "proxy-authorization"), ["***"]);
    let response = record.response.expect("a response").headers;
    assert_eq!(values(&response, "set-cookie"), ["s=hunter2"]);
    assert_eq!(values(&response, "x-marked"), ["hunter2"]);
    assert_eq!(values(&response, "content-language"), ["***"]);
}

#[test]
fn headers_that_come_several_times_are_all_there() {
    let app = TestApp::new(routes);
    let sent = [
        ("accept", "a/b"),
        ("accept", "c/d"),
        ("x-api-key", "1"),
        ("x-api-key", "2"),
    ];
    let (_, record) = get(&app, "/", &sent);
    assert_eq!(values(&record.request.headers, "accept"), ["a/b", "c/d"]);
    assert_eq!(values(&record.request.headers, "x-api-key"), ["***", "***"]);
}

#[test]
fn an_error_is_told_by_kind_and_status_and_in_its_own_words_only_on_call() {
    fn numbers(cfg: &mut web::ServiceConfig) {
        cfg.route(
            "/",
            web::post().to(|_: web::Json<u32>| async { HttpResponse::Ok().finish() }),
        );
    }
    for shown in [false, true] {
        let app = TestApp::configured(
            |logger| {
                if shown {
                    logger.show_error_messages()
                } else {
                    logger
                }
            },
            numbers,
        );
        let sent = "\"hunter2\"";
        let response = app.connect().post("/", "application/json", sent);
        assert_eq!(response.status, 400);
        let error = app.record().error.expect("an error");
        assert_eq!(error.status, Some(400));
        let kind = serde_json::to_value(error.kind).expect("JSON");
        assert_eq!(kind, "handler");
        // Serde quotes what it found: that is why.
        let quotes = error.message.as_deref().map(|text| {
            assert!(!text.contains("hunter2"), "{text}");
            text.contains("string \"***\"")
        });
        assert_eq!(quotes, shown.then_some(true), "{error:?}");
    }
}

fn annotated(cfg: &mut web::ServiceConfig) {
    cfg.route(
        "/",
        web::get().to(|exchange: Exchange| async move {
            assert!(exchange.set_attribute("tenant", "first"));
            assert!(exchange.set_attribute("tenant", "acme"));
            assert!(exchange.set_attribute("user", "42"));
            assert!(exchange.set_attribute("API-Key", "hunter2"));
            assert!(exchange.set_attribute("accessToken", "hunter2"));
            assert!(exchange.set_attribute("nick name", "hunter2"));
            let too_long = "x".repeat(MAX_ATTRIBUTES);
            assert!(!exchange.set_attribute("notes", too_long));
            "done"
        }),
    );
}

#[test]
fn attributes_stand_in_the_record_masked_where_their_names_are_secret() {
    let app = TestApp::configured(|logger| logger.redact_fields(["nickname"]), annotated);
    let (response, record) = get(&app, "/", &[]);
    assert_eq!(response.text(), "done");
    let shown: Vec<_> = record.attributes.iter().collect();
    let expected = [
        ("API-Key", "***"),
        ("accessToken", "***"),
        ("nick name", "***"),
        ("tenant", "acme"),
        ("user", "42"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(
        shown,
        expected.iter().map(|(n, v)| (n, v)).collect::<Vec<_>>()
    );
}

#[test]
fn a_handler_can_ask_that_bodies_be_left_out_also_what_was_captured_already() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/",
            web::post().to(|body: String, exchange: Exchange| async move {
                exchange.omit_request_body();
                exchange.omit_response_body();
                HttpResponse::Ok()
                    .content_type("application/json")
                    .body(body)
            }),
        );
    });
    let sent = r#"{"a":1}"#;
    let response = app.connect().post("/", "application/json", sent);
    assert_eq!(response.text(), sent);
    let record = app.record();
    for body in [record.request.body, record.response.expect("one").body] {
        assert_eq!((body.state, body.bytes), (BodyState::Complete, Some(7)));
        assert_eq!(
            (body.captured, &body.reasons[..]),
            (0, &[Reason::Handler][..])
        );
        assert_eq!((body.json, body.text), (None, None));
    }
}
