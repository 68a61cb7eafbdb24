//! No line is longer than `max_record_bytes`, whatever a client sends and an application answers.

use actix_web::{
    error,
    http::header::CONTENT_TYPE,
    web::{self, Bytes},
    Error, HttpRequest, HttpResponse,
};
use actix_web_body_logger::{
    record::{Reason, Resource, DEFAULT_MAX_RECORD_BYTES, MIN_MAX_RECORD_BYTES},
    Entry, Exchange, Record,
};
use proptest::{
    collection::vec,
    prelude::*,
    sample::select,
    test_runner::{Config, TestRunner},
};

use super::schema::{check, strict_schema};
use crate::app::TestApp;

/// Answers with the body and the headers that it got, or fails in their words.
async fn echo(exchange: Exchange, req: HttpRequest, body: Bytes) -> Result<HttpResponse, Error> {
    let text = String::from_utf8_lossy(&body);
    exchange.set_attribute("body", text.chars().take(500).collect::<String>());
    if req.headers().contains_key("x-fail") {
        return Err(error::ErrorImATeapot(text.into_owned()));
    }
    let mut response = HttpResponse::Ok();
    for (name, value) in req.headers() {
        if name == CONTENT_TYPE || name.as_str().starts_with("x-") {
            response.append_header((name, value));
        }
    }
    Ok(response.body(body))
}

fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/{tail:.*}", web::to(echo));
}

fn app(max_bytes: usize) -> TestApp {
    let settings = |logger: actix_web_body_logger::BodyLoggerBuilder| {
        let names: Vec<_> = (0..40).map(|n| format!("x-{n}")).collect();
        logger
            .max_record_bytes(max_bytes)
            .max_body_bytes(256 * 1024)
            .capture_media_types([mime::TEXT_PLAIN])
            .show_as_base64(["image/*".parse().expect("a media range")])
            .show_headers(names.iter().map(|name| name.parse().expect("a name")))
            .show_error_messages()
            .resource(Resource::new("s".repeat(500)).instance("\u{1}".repeat(500)))
    };
    TestApp::configured(settings, routes)
}

#[derive(Debug)]
struct Request {
    method: String,
    target: String,
    headers: Vec<String>,
    media_type: String,
    body: Vec<u8>,
    fails: bool,
}

impl Request {
    fn bytes(&self) -> Vec<u8> {
        let Self { method, target, .. } = self;
        let mut head = format!("{method} /{target} HTTP/1.1\r\nhost: test\r\n");
        for (n, value) in self.headers.iter().enumerate() {
            head += &format!("x-{n}: {value}\r\n");
        }
        head += if self.fails { "x-fail: yes\r\n" } else { "" };
        head += &format!("content-type: {}\r\n", self.media_type);
        head += &format!("content-length: {}\r\n\r\n", self.body.len());
        [head.as_bytes(), &self.body].concat()
    }
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "{\"a\":\"b\"}",
        "\"",
        "\\",
        "\n",
        "\u{1}",
        "é",
        "𝄞",
        "&a=b",
        "--x\r\n\r\n",
    ];
    let piece = (select(pieces.to_vec()), 0usize..3000);
    prop_oneof![
        vec(piece, 0..6).prop_map(|pieces| {
            let pieces = pieces.iter().map(|(piece, times)| piece.repeat(*times));
            pieces.collect::<String>().into_bytes()
        }),
        vec("[ -~]{0,300}", 0..200).prop_map(|texts| serde_json::to_vec(&texts).expect("JSON")),
        vec(any::<u8>(), 0..2000),
    ]
}

prop_compose! {
    fn requests()(
        method in select(vec!["POST".to_owned(), "PUT".to_owned(), "M".repeat(3000)]),
        (path, times, query) in ("[a-z/%]{0,30}", 0usize..200, "[a-z=&]{0,3000}"),
        headers in vec("[!-~]{0,400}", 0..40),
        media_type in select(vec![
            "application/json".to_owned(),
            "text/plain".to_owned(),
            "application/x-www-form-urlencoded".to_owned(),
            "multipart/form-data; boundary=x".to_owned(),
            "image/png".to_owned(),
            format!("application/{}+json", "x".repeat(3000)),
        ]),
        body in body(),
        fails in any::<bool>(),
    ) -> Request {
        let target = format!("{}?{query}", path.repeat(times));
        Request { method, target, headers, media_type, body, fails }
    }
}

#[test]
fn no_line_is_longer_than_the_limit_and_each_is_a_record() {
    let schema = strict_schema();
    for max_bytes in [
        MIN_MAX_RECORD_BYTES,
        5000,
        10_000,
        50_000,
        DEFAULT_MAX_RECORD_BYTES,
    ] {
        let app = app(max_bytes);
        let mut runner = TestRunner::new(Config::with_cases(40));
        let ran = runner.run(&requests(), |request| {
            app.memory().clear();
            app.connect().send(request.bytes()).response();
            let record = app.record();
            let line = serde_json::to_string(&record).expect("JSON");
            prop_assert!(line.len() < max_bytes, "{} of {max_bytes}", line.len());
            check(&schema, &line);
            let read: Entry = serde_json::from_str(&line).expect("an entry");
            prop_assert_eq!(read, Entry::Record(record));
            Ok(())
        });
        if let Err(error) = ran {
            panic!("{max_bytes}: {error}");
        }
    }
}

#[test]
fn the_larger_of_two_bodies_is_shortened_and_says_so() {
    let app = app(20_000);
    let body = serde_json::to_vec(&vec!["\"quoted\""; 1000]).expect("JSON");
    app.connect().post("/", "application/json", &body);
    let record = app.only_record();
    let Record {
        request, response, ..
    } = &record;
    let response = response.as_ref().expect("a response");
    assert_eq!(
        request
            .body
            .json
            .as_ref()
            .expect("a document")
            .get()
            .as_bytes(),
        body
    );
    assert_eq!(request.body.reasons, []);
    assert_eq!(response.body.reasons, [Reason::RecordLimit]);
    let text = response.body.text.as_deref().expect("a prefix");
    assert!(body.starts_with(text.as_bytes()));
    assert_eq!(response.body.captured, text.len() as u64);
    assert_eq!(response.body.bytes, Some(body.len() as u64));
    let line = serde_json::to_string(&record).expect("JSON") + "\n";
    assert!((19_900..=20_000).contains(&line.len()), "{}", line.len());
}
