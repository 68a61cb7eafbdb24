//! Nothing that a client can say of a request hides a body that the handler read.

mod media_types;
mod parts;

use actix_web::{
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::Method,
    middleware::{from_fn, Next},
    web::{self, Bytes},
    App, Error, HttpResponse,
};
use actix_web_body_logger::{
    record::{Body, BodyState, Reason},
    Outcome,
};
use futures_util::StreamExt as _;
use http::Request;

use crate::{app::TestApp, capture::content};

const SENT: &str = r#"{"item":"server","password":"hunter2"}"#;
const SHOWN: &str = r#"{"item":"server","password":"***"}"#;

/// Reads as much as was sent, without waiting for an end that a raw connection does not have.
async fn read(mut payload: web::Payload) -> HttpResponse {
    let mut read = Vec::new();
    while read.len() < SENT.len() {
        match payload.next().await {
            Some(Ok(chunk)) => read.extend_from_slice(&chunk),
            _ => break,
        }
    }
    // As the answer to a question of method HEAD has no body, the handler says what it read here.
    HttpResponse::Ok()
        .insert_header(("x-read", read.len()))
        .finish()
}

/// Reads by an extractor that undoes the content coding, as it knows it.
async fn extract(body: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("x-read", body.len()))
        .finish()
}

fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/extract", web::to(extract))
        .route(
            "/json",
            web::to(|_: web::Json<serde_json::Value>| async { "" }),
        )
        .default_service(web::to(read));
}

#[track_caller]
fn check(case: &str, body: &Body) {
    assert_eq!(content(body), Some(SHOWN), "{case}: {body:?}");
    assert_eq!(body.bytes, Some(SENT.len() as u64), "{case}");
    assert_eq!(body.captured, SENT.len() as u64, "{case}");
    assert_eq!(body.reasons, [], "{case}");
    // The handler does not ask whether there is more, which only a length tells.
    let read = matches!(body.state, BodyState::Complete | BodyState::Partial);
    assert!(read, "{case}: {:?}", body.state);
}

/// Sends the body under each of these heads, and checks that it is recorded.
#[track_caller]
fn check_all<'c>(app: &TestApp, cases: impl IntoIterator<Item = (&'c str, &'c str)>) {
    let before = app.memory().records().len();
    for (n, (line, headers)) in cases.into_iter().enumerate() {
        let method = line.split(' ').next().expect("a method");
        let mut head = format!("{line}\r\nhost: test\r\n{headers}");
        if !headers.to_ascii_lowercase().contains("content-type:") {
            head += "content-type: application/json\r\n";
        }
        let chunked = headers.contains("transfer-encoding");
        let body = if chunked {
            format!("{:x}\r\n{SENT}\r\n0\r\n\r\n", SENT.len())
        } else {
            head += &format!("content-length: {}\r\n", SENT.len());
            SENT.to_owned()
        };
        let mut client = app.connect();
        client.send(format!("{head}\r\n{body}"));
        let mut response = client.response_to(method);
        if response.status == 100 {
            response = client.response_to(method);
        }
        let case = format!("{line}, {headers}");
        assert_eq!(response.status, 200, "{case}");
        if let Some(read) = response.header("x-read") {
            assert_eq!(read, SENT.len().to_string(), "{case}");
        }
        let record = app.records(before + n + 1).pop().expect("a record");
        assert_eq!(record.outcome, Some(Outcome::Completed), "{case}");
        check(&case, &record.request.body);
    }
}

const POST: &str = "POST / HTTP/1.1";

#[test]
fn no_header_hides_a_body() {
    let app = TestApp::new(routes);
    check_all(
        &app,
        [
            "upgrade: websocket",
            "Upgrade: WebSocket",
            "upgrade: h2c",
            "upgrade: h2c\r\nupgrade: websocket",
            "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
             sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==",
            "upgrade: tls/1.0",
            "upgrade: websocket\r\ntransfer-encoding: chunked",
            "expect: 100-continue",
            "expect: 200-ok",
            "expect: 100-continue\r\nupgrade: websocket",
            "connection: close",
            "connection: upgrade",
            "connection: content-type, content-length",
            "proxy-connection: upgrade",
            "http2-settings: AAMAAABkAAQAAP__",
            "te: trailers",
            "te: chunked;q=1.0",
            "trailer: content-type",
            "transfer-encoding: chunked",
            "accept-encoding: gzip",
            "x-http-method-override: GET",
            "x-http-method-override: HEAD",
            "x-http-method-override: CONNECT",
            "x-http-method: OPTIONS",
            "x-method-override: TRACE",
            "range: bytes=0-0",
            "content-range: bytes 0-0/1",
            "if-none-match: *",
            "content-disposition: attachment; filename=a.bin",
            "content-language: x",
            "content-location: /other",
            "content-md5: AAAA",
            "x-content-type-options: nosniff",
            "prefer: respond-async",
            "x-forwarded-proto: wss",
            "x-original-url: /health",
            "x-request-id: a\r\nx-request-id: b",
        ]
        .map(|header| (POST, format!("{header}\r\n")))
        .iter()
        .map(|(line, headers)| (*line, &**headers)),
    );
}

#[test]
fn no_content_coding_that_is_not_true_hides_a_body() {
    let app = TestApp::new(routes);
    let codings = [
        "identity",
        "",
        "gzip",
        "GZIP",
        "x-gzip",
        "deflate",
        "br",
        "zstd",
        "compress",
        "exi",
        "*",
        "aes128gcm",
        "gzip, gzip",
        "gzip, nope",
        "nope\r\ncontent-encoding: gzip",
        "gzip\r\ncontent-encoding: nope",
        "gzip;q=0",
        "\u{e9}",
        "gzip,gzip,gzip,gzip,gzip,gzip,gzip",
    ]
    .map(|coding| format!("content-encoding: {coding}\r\n"));
    check_all(&app, codings.iter().map(|headers| (POST, &**headers)));
    // Those that actix does not know its extractors pass over.
    let unknown = ["nope", "compress", "x-gzip", "gzip, gzip", "", "identity"]
        .map(|coding| format!("content-encoding: {coding}\r\n"));
    let json = "POST /json HTTP/1.1";
    check_all(&app, unknown.iter().map(|headers| (json, &**headers)));
}

#[test]
fn no_parameter_of_the_media_type_hides_a_body() {
    let app = TestApp::new(routes);
    let types = [
        "application/json; charset=utf-16",
        "application/json; charset=utf-16be",
        "application/json; charset=utf-7",
        "application/json; charset=klingon",
        "application/json; charset=shift_jis",
        "application/json; charset=latin1",
        "application/json; charset=utf-8; charset=utf-16le",
        "application/json; charset=\"",
        "application/json; charset",
        "application/json;",
        "application/json ; a=b",
        "APPLICATION/JSON",
        "application/problem+json; profile=x",
        "application/json; x=\u{e9}",
        "application/json\r\ncontent-type: text/plain",
    ]
    .map(|media_type| format!("content-type: {media_type}\r\n"));
    check_all(&app, types.iter().map(|headers| (POST, &**headers)));
    let accepted = ["utf-16", "utf-7", "klingon", "shift_jis"]
        .map(|charset| format!("content-type: application/json; charset={charset}\r\n"));
    let json = "POST /json HTTP/1.1";
    check_all(&app, accepted.iter().map(|headers| (json, &**headers)));
}

#[test]
fn a_charset_that_is_not_true_hides_no_form_and_shows_none_of_its_secrets() {
    let app = TestApp::new(routes);
    let sent = "item=server&password=hunter2";
    for (n, charset) in ["utf-16le", "utf-7", "klingon", "\"", "utf-8"]
        .into_iter()
        .enumerate()
    {
        let media_type = format!("application/x-www-form-urlencoded; charset={charset}");
        let response = app.connect().post("/", &media_type, sent);
        assert_eq!(response.header("x-read"), Some("28"));
        let body = app.records(n + 1).pop().expect("a record").request.body;
        assert_eq!(
            content(&body),
            Some("item=server&password=***"),
            "{charset}"
        );
    }
}

#[test]
fn no_number_of_headers_hides_a_body() {
    let app = TestApp::new(routes);
    let many: String = (0..90)
        .map(|n| format!("x-{n}: {}\r\n", "x".repeat(300)))
        .collect();
    let few: String = (0..9)
        .map(|n| format!("x-{n}: {}\r\n", "x".repeat(4000)))
        .collect();
    check_all(&app, [(POST, &*many), (POST, &*few)]);
}

#[test]
fn a_media_type_that_the_policy_leaves_out_is_named_as_the_reason() {
    let app = TestApp::new(routes);
    for (n, headers) in ["", "upgrade: websocket\r\n", "content-encoding: gzip\r\n"]
        .into_iter()
        .enumerate()
    {
        let length = SENT.len();
        let response = app
            .connect()
            .send(format!(
                "{POST}\r\nhost: test\r\ncontent-type: text/plain\r\n{headers}\
                 content-length: {length}\r\n\r\n{SENT}"
            ))
            .response();
        assert_eq!(response.header("x-read"), Some(&*length.to_string()));
        let body = app.records(n + 1).pop().expect("a record").request.body;
        assert_eq!(content(&body), None);
        assert_eq!(body.bytes, Some(length as u64));
        assert_eq!(body.reasons, [Reason::MediaType]);
    }
}

#[test]
fn no_method_version_or_target_hides_a_body() {
    let app = TestApp::new(routes);
    check_all(
        &app,
        [
            ("PUT / HTTP/1.1", ""),
            ("PATCH / HTTP/1.1", ""),
            ("DELETE / HTTP/1.1", ""),
            ("GET / HTTP/1.1", ""),
            ("HEAD / HTTP/1.1", ""),
            ("OPTIONS * HTTP/1.1", ""),
            ("TRACE / HTTP/1.1", ""),
            ("QUERY / HTTP/1.1", ""),
            ("PRI / HTTP/1.1", ""),
            ("post / HTTP/1.1", ""),
            // A body that has a length of its own is no tunnel.
            ("CONNECT / HTTP/1.1", ""),
            ("CONNECT afar:443 HTTP/1.1", ""),
            ("CONNECT / HTTP/1.1", "upgrade: websocket\r\n"),
            ("CONNECT / HTTP/1.1", "transfer-encoding: chunked\r\n"),
            ("POST / HTTP/1.0", ""),
            ("POST / HTTP/1.0", "upgrade: websocket\r\n"),
            ("GET / HTTP/1.0", ""),
            (
                "POST / HTTP/1.0",
                "connection: keep-alive\r\nexpect: 100-continue\r\n",
            ),
            ("POST http://test/ HTTP/1.1", ""),
            ("POST http://elsewhere:81/?_method=GET HTTP/1.1", ""),
            ("POST ws://test/ HTTP/1.1", "upgrade: websocket\r\n"),
            ("POST //health HTTP/1.1", ""),
        ],
    );
}

/// A middleware that puts another method into a request may stand on either side of the logger.
#[test]
fn no_method_that_a_middleware_takes_from_the_client_hides_a_body() {
    let inside = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .wrap(from_fn(overrides))
                .wrap(logger)
                .configure(routes)
        },
    );
    let outside = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .wrap(logger)
                .wrap(from_fn(overrides))
                .configure(routes)
        },
    );
    let methods = ["GET", "HEAD", "CONNECT", "OPTIONS", "DELETE"];
    for app in [inside, outside] {
        for method in methods {
            let plain = format!("x-http-method-override: {method}\r\n");
            let upgrade = format!("{plain}upgrade: websocket\r\n");
            check_all(&app, [(POST, &*plain), (POST, &*upgrade)]);
        }
    }
}

async fn overrides(
    mut req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let method = req.headers().get("x-http-method-override");
    let method = method.and_then(|method| Method::from_bytes(method.as_bytes()).ok());
    if let Some(method) = method {
        req.head_mut().method = method;
    }
    next.call(req).await
}

#[test]
fn nothing_hides_a_body_over_http_2() {
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .wrap(logger)
                .wrap(from_fn(overrides))
                .configure(routes)
        },
    );
    let client = app.connect_h2();
    let mut count = 0;
    for method in ["POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "QUERY"] {
        for (name, value) in [
            ("te", "trailers"),
            ("expect", "100-continue"),
            ("content-encoding", "gzip"),
            ("content-encoding", "nope"),
            ("content-length", "38"),
            ("x-http-method-override", "GET"),
            ("x-http-method-override", "HEAD"),
            ("x-http-method-override", "CONNECT"),
        ] {
            let request = Request::builder()
                .method(method)
                .uri("http://test/")
                .header("content-type", "application/json")
                .header(name, value)
                .body(())
                .expect("a request");
            assert_eq!(client.exchange(request, SENT).0, 200);
            count += 1;
            let record = app.records(count).pop().expect("a record");
            check(&format!("{method} {name}: {value}"), &record.request.body);
        }
    }
}

/// A GET over HTTP/2 is taken to have no body, until somebody reads one.
#[test]
fn a_body_of_a_get_over_http_2_is_not_complete_before_its_end() {
    let app = TestApp::new(|cfg| {
        cfg.default_service(web::to(|mut payload: web::Payload| async move {
            let first = payload.next().await.expect("a chunk").expect("a chunk");
            assert_eq!(first, "[1");
            HttpResponse::Ok().finish()
        }));
    });
    let client = app.connect_h2();
    let (response, mut upload) = client.open(http::Method::GET, "/", true);
    upload.send_data("[1".into(), false).expect("a chunk");
    let head = client.wait(response).expect("a response");
    assert_eq!(head.status(), 200);
    let body = app.record().request.body;
    assert_eq!((body.state, body.bytes), (BodyState::Partial, Some(2)));
}
