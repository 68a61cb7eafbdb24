//! Exchanges that are answered, whatever became of the request's body.

use actix_web::{
    dev::{Payload, Service as _, ServiceResponse},
    error::PayloadError,
    http::StatusCode,
    middleware::{ErrorHandlerResponse, ErrorHandlers},
    test::{init_service, TestRequest},
    web::{self, Bytes},
    App, HttpRequest, HttpResponse,
};
use actix_web_body_logger::{
    record::{BodyState, ErrorKind},
    sink::Memory,
    BodyLogger, Outcome,
};
use futures_util::{stream, StreamExt as _};

use super::{chunks, error, request_body, response, response_json};
use crate::app::TestApp;

const JSON: &str = "application/json";

#[test]
fn a_completed_exchange_is_recorded_whole() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/orders/{id}",
            web::post().to(|body: web::Json<serde_json::Value>| async move {
                HttpResponse::Ok().json(body.into_inner())
            }),
        );
    });
    let sent = r#"{"item":"server","password":"hunter2"}"#;
    let target = "/orders/7?page=2&token=abc";
    let answer = app.connect().post(target, JSON, sent);
    assert_eq!((answer.status, answer.text()), (200, sent));

    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(record.error, None);
    assert_eq!(record.request.method, "POST");
    assert_eq!(record.request.path, "/orders/7");
    assert_eq!(record.request.route.as_deref(), Some("/orders/{id}"));
    assert_eq!(record.request.query.as_deref(), Some("page=2&token=***"));
    assert_eq!(record.request.version, "HTTP/1.1");
    assert_eq!(request_body(&record), (BodyState::Complete, Some(38)));
    assert_eq!(record.request.body.captured, 38);
    let masked = r#"{"item":"server","password":"***"}"#;
    let body = record.request.body.json.as_ref().map(|json| json.get());
    assert_eq!(body, Some(masked));
    assert_eq!(response(&record), (200, BodyState::Complete, 38));
    assert_eq!(response_json(&record), Some(masked));
    let ttfb = record.ttfb_us.expect("a time to the first byte");
    assert!(Some(ttfb) <= record.duration_us, "{record:#?}");
}

#[test]
fn a_payload_that_the_handler_never_asks_for_is_unread() {
    let app = TestApp::new(|cfg| {
        cfg.route("/", web::post().to(HttpResponse::Ok));
    });
    assert_eq!(app.connect().post("/", JSON, "[1,2]").status, 200);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Unread, Some(0)));
    assert_eq!(response(&record), (200, BodyState::Empty, 0));
}

#[test]
fn a_payload_that_the_handler_leaves_after_its_first_bytes_is_partial() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/",
            web::post().to(|mut payload: web::Payload| async move {
                let mut read = 0;
                while read < 10 {
                    let chunk = payload.next().await.expect("a chunk");
                    read += chunk.expect("a chunk").len();
                }
                HttpResponse::Ok()
            }),
        );
    });
    let mut client = app.connect();
    client.send("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 100\r\n\r\n0123456789");
    assert_eq!(client.response().status, 200);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Partial, Some(10)));
}

#[test]
fn a_payload_of_known_length_is_complete_when_all_of_it_was_read_though_not_its_end() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/",
            web::post().to(|mut payload: web::Payload| async move {
                let chunk = payload.next().await.expect("a chunk");
                assert_eq!(chunk.expect("a chunk"), "all");
                HttpResponse::Ok()
            }),
        );
    });
    assert_eq!(app.connect().post("/", JSON, "all").status, 200);
    let record = app.only_record();
    assert_eq!(request_body(&record), (BodyState::Complete, Some(3)));
}

#[test]
fn a_get_has_an_empty_body() {
    let app = TestApp::new(|cfg| {
        cfg.route("/", web::get().to(|| async { "hello" }));
    });
    assert_eq!(app.connect().get("/").text(), "hello");
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Empty, Some(0)));
    assert_eq!(response(&record), (200, BodyState::Complete, 5));
}

#[test]
fn an_extractor_error_is_a_completed_exchange_with_the_error_of_a_handler() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/orders/{id}",
            web::post().to(|_: web::Json<u32>| async { "never" }),
        );
    });
    let answer = app.connect().post("/orders/7", JSON, r#"{"card":"4111 11"#);
    assert_eq!(answer.status, 400);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(error(&record), Some((ErrorKind::Handler, Some(400))));
    assert_eq!(record.request.route.as_deref(), Some("/orders/{id}"));
    assert_eq!(request_body(&record), (BodyState::Complete, Some(16)));
    assert_eq!(record.request.body.json, None);
    assert!(!serde_json::to_string(&record)
        .expect("a record")
        .contains("4111 11"));
    let length = answer.body.len() as u64;
    assert_eq!(response(&record), (400, BodyState::Complete, length));
}

#[test]
fn an_error_message_is_recorded_only_where_it_was_asked_for() {
    let app = TestApp::configured(
        |logger| logger.show_error_messages(),
        |cfg| {
            cfg.route("/", web::post().to(|_: web::Json<u32>| async { "never" }));
        },
    );
    assert_eq!(app.connect().post("/", JSON, "x").status, 400);
    let error = app.only_record().error.expect("an error");
    assert!(error.message.expect("a message").contains("expected value"));
}

#[test]
fn a_body_that_its_extractor_refuses_by_its_length_is_unread() {
    let app = TestApp::new(|cfg| {
        cfg.app_data(web::JsonConfig::default().limit(10)).route(
            "/",
            web::post().to(|_: web::Json<String>| async { "never" }),
        );
    });
    let long = format!("{:?}", "x".repeat(100));
    assert_eq!(app.connect().post("/", JSON, long).status, 413);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(error(&record), Some((ErrorKind::Handler, Some(413))));
    assert_eq!(request_body(&record), (BodyState::Unread, Some(0)));
}

#[test]
fn a_path_without_a_route_is_recorded_as_404() {
    let app = TestApp::new(|cfg| {
        cfg.route("/known", web::get().to(HttpResponse::Ok));
    });
    assert_eq!(app.connect().get("/unknown").status, 404);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(record.request.route, None);
    assert_eq!(record.error, None);
    assert_eq!(response(&record), (404, BodyState::Empty, 0));
}

#[test]
fn an_excluded_path_leaves_no_record() {
    let app = TestApp::configured(
        |logger| logger.exclude_path("/health"),
        |cfg| {
            cfg.route("/health", web::get().to(HttpResponse::Ok))
                .route("/", web::get().to(HttpResponse::Ok));
        },
    );
    let mut client = app.connect();
    assert_eq!(client.get("/health").status, 200);
    assert_eq!(client.get("/").status, 200);
    assert_eq!(client.get("/health").status, 200);
    assert_eq!(app.only_record().request.path, "/");
}

#[test]
fn an_error_page_put_in_inside_the_logger_is_what_it_records() {
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .wrap(ErrorHandlers::new().handler(StatusCode::INTERNAL_SERVER_ERROR, page))
                .wrap(logger)
                .route("/", web::get().to(HttpResponse::InternalServerError))
        },
    );
    assert_eq!(app.connect().get("/").text(), PAGE);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    let length = PAGE.len() as u64;
    assert_eq!(response(&record), (500, BodyState::Complete, length));
    assert_eq!(response_json(&record), Some(PAGE));
}

#[test]
fn an_error_page_put_in_outside_the_logger_drops_the_response_it_records() {
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .wrap(logger)
                .wrap(ErrorHandlers::new().handler(StatusCode::INTERNAL_SERVER_ERROR, page))
                .route(
                    "/",
                    web::get().to(|| async { HttpResponse::InternalServerError().body("plain") }),
                )
        },
    );
    assert_eq!(app.connect().get("/").text(), PAGE);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::ResponseAborted));
    assert_eq!(response(&record), (500, BodyState::Unread, 0));
}

const PAGE: &str = r#"{"page":"sorry"}"#;

fn page<B>(res: ServiceResponse<B>) -> actix_web::Result<ErrorHandlerResponse<B>> {
    let (req, _) = res.into_parts();
    let page = HttpResponse::InternalServerError()
        .content_type(JSON)
        .body(PAGE);
    let res = ServiceResponse::new(req, page).map_into_right_body();
    Ok(ErrorHandlerResponse::Response(res))
}

/// No server polls what `call_service` returns.
#[actix_web::test]
async fn a_response_that_is_dropped_unread_is_aborted() {
    let memory = Memory::new(9);
    let logger = BodyLogger::builder().sink(memory.clone()).build();
    let app = init_service(App::new().wrap(logger).route(
        "/",
        web::get().to(|| async { HttpResponse::Ok().streaming(chunks(["one", "two"])) }),
    ))
    .await;
    let res = app.call(TestRequest::get().to_request()).await;
    assert_eq!(memory.records(), []);
    drop(res);
    let records = memory.records();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].outcome, Some(Outcome::ResponseAborted));
    assert_eq!(records[0].client.addr, None);
    assert_eq!(response(&records[0]), (200, BodyState::Unread, 0));
}

/// As layers do that box or compress bodies.
#[actix_web::test]
async fn a_body_that_an_outer_layer_takes_at_once_is_complete() {
    let memory = Memory::new(9);
    let logger = BodyLogger::builder().sink(memory.clone()).build();
    let app = init_service(App::new().wrap(logger).route(
        "/",
        web::get().to(|_: HttpRequest| async { HttpResponse::Ok().json("whole") }),
    ))
    .await;
    let res = app.call(TestRequest::get().to_request()).await;
    let res = res.expect("a response").map_into_boxed_body();
    let records = memory.records();
    assert_eq!(records.len(), 1, "as soon as the body has been taken");
    assert_eq!(records[0].outcome, Some(Outcome::Completed));
    assert_eq!(response(&records[0]), (200, BodyState::Complete, 7));
    assert_eq!(response_json(&records[0]), Some("\"whole\""));
    drop(res);
    assert_eq!(memory.records().len(), 1);
}

/// The end comes behind the failure, for those who go on asking.
#[actix_web::test]
async fn a_payload_that_failed_stays_aborted_though_the_handler_reads_on() {
    let memory = Memory::new(9);
    let logger = BodyLogger::builder().sink(memory.clone()).build();
    let app = init_service(App::new().wrap(logger).route(
        "/",
        web::post().to(|mut payload: web::Payload| async move {
            let mut failures = 0;
            while let Some(chunk) = payload.next().await {
                failures += u32::from(chunk.is_err());
            }
            HttpResponse::Ok().json(failures)
        }),
    ))
    .await;
    let req = TestRequest::post().insert_header(("transfer-encoding", "chunked"));
    let payload = stream::iter([
        Ok(Bytes::from_static(b"[1,")),
        Err(PayloadError::Incomplete(None)),
    ]);
    let mut req = req.to_request();
    *req.payload() = Payload::Stream {
        payload: Box::pin(payload),
    };
    let res = app.call(req).await.expect("a response");
    drop(res.map_into_boxed_body());
    let records = memory.records();
    assert_eq!(records.len(), 1);
    assert_eq!(response_json(&records[0]), Some("1"));
    assert_eq!(request_body(&records[0]), (BodyState::Aborted, Some(3)));
}
