//! Requests that are marked as `Unrecorded` leave no trace in the log, however they end.

use std::{
    future::{pending, ready, Ready},
    ops::RangeInclusive,
};

use actix_web::{
    body::{BodyStream, BoxBody, MessageBody},
    dev::{Service, ServiceRequest, ServiceResponse},
    error::ErrorBadGateway,
    guard::fn_guard,
    http::header::{ContentType, HeaderName},
    middleware::{from_fn, Next},
    web::{self, Bytes},
    App, Error, HttpMessage as _, HttpRequest, HttpResponse,
};
use actix_web_body_logger::{
    policy::{MemoryBudget, StartRecords, Unrecorded},
    sink::Counters,
    BodyLogger, BodyLoggerBuilder, Exchange, Outcome,
};
use futures_util::{future::Either, stream, StreamExt as _};

use crate::{
    app::{Gate, Keeper, TestApp},
    client::Client,
};

/// Inserts the marker where the request's header `x-mark` says so, and fails if `x-fail` does.
async fn middleware(
    place: &str,
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let header = |name: &str| Some(req.headers().get(name)?.to_str().expect("text").to_owned());
    if header("x-mark").as_deref() == Some(place) {
        req.extensions_mut().insert(Unrecorded);
    }
    let fail = header("x-fail");
    match fail.as_deref() {
        Some("before") if place == "inner" => return Err(ErrorBadGateway("before")),
        Some("after") if place == "inner" => {
            // The request is dropped with the response, which is not returned.
            drop(next.call(req).await);
            tokio::task::yield_now().await;
            return Err(ErrorBadGateway("after"));
        }
        _ => {}
    }
    Ok(next.call(req).await?.map_into_boxed_body())
}

/// Marks the request and fails, both while it is called, where the header `x-fail` says so.
fn fail_at_once<S: Service<ServiceRequest, Error = Error>>(
    req: ServiceRequest,
    next: &S,
) -> Either<Ready<Result<S::Response, Error>>, S::Future> {
    let fail = req
        .headers()
        .get("x-fail")
        .is_some_and(|at| at == "at once");
    if !fail {
        return Either::Right(next.call(req));
    }
    req.extensions_mut().insert(Unrecorded);
    Either::Left(ready(Err(ErrorBadGateway("at once"))))
}

/// Answers with the exchange's id.
async fn plain(exchange: Exchange) -> HttpResponse {
    HttpResponse::Ok().body(exchange.id().map(|id| id.to_string()).unwrap_or_default())
}

async fn marks(req: HttpRequest, _body: Bytes) -> HttpResponse {
    req.extensions_mut().insert(Unrecorded);
    HttpResponse::Ok().finish()
}

async fn marks_and_unmarks(req: HttpRequest) -> HttpResponse {
    req.extensions_mut().insert(Unrecorded);
    req.extensions_mut().remove::<Unrecorded>();
    HttpResponse::Ok().finish()
}

async fn marks_and_panics(req: HttpRequest) -> HttpResponse {
    req.extensions_mut().insert(Unrecorded);
    panic!("on purpose")
}

async fn marks_and_hangs(req: HttpRequest, gate: web::Data<Gate>) -> HttpResponse {
    req.extensions_mut().insert(Unrecorded);
    gate.arrive();
    pending().await
}

async fn hangs(gate: web::Data<Gate>) -> HttpResponse {
    gate.arrive();
    pending().await
}

/// Marks its request, and begins a stream of events that never ends.
async fn marks_and_streams(req: HttpRequest, _body: Bytes) -> HttpResponse {
    req.extensions_mut().insert(Unrecorded);
    let first = stream::once(async { Ok::<_, Error>(Bytes::from_static(b"data: 1\n\n")) });
    HttpResponse::Ok()
        .insert_header(ContentType(mime::TEXT_EVENT_STREAM))
        .body(BodyStream::new(first.chain(stream::pending())))
}

fn routes(cfg: &mut web::ServiceConfig) {
    let marking_guard = fn_guard(|ctx| {
        ctx.req_data_mut().insert(Unrecorded);
        true
    });
    cfg.route("/plain", web::to(plain))
        .route("/marks", web::to(marks))
        .route("/guard", web::to(HttpResponse::Ok).guard(marking_guard))
        .route("/unmarks", web::to(marks_and_unmarks))
        .route("/panics", web::to(marks_and_panics))
        .route("/marks_and_hangs", web::to(marks_and_hangs))
        .route("/hangs", web::to(hangs))
        .route("/streams", web::to(marks_and_streams));
}

/// Serves [`routes`] behind a logger, with a [`middleware`] on either side of it.
fn app() -> (TestApp, Keeper) {
    let (gate, keeper) = Gate::new();
    let gate = web::Data::new(gate);
    let settings =
        |logger: BodyLoggerBuilder| logger.request_id_header(HeaderName::from_static("x-id"));
    let app = TestApp::recording(settings, move |logger| {
        App::new()
            .app_data(gate.clone())
            .configure(routes)
            .wrap(from_fn(|req, next| middleware("inner", req, next)))
            .wrap_fn(fail_at_once)
            .wrap(logger)
            .wrap(from_fn(|req, next| middleware("outer", req, next)))
    });
    (app, keeper)
}

fn request(app: &TestApp, target: &str, headers: &str) -> Client {
    let mut client = app.connect();
    client.send(format!(
        "GET {target} HTTP/1.1\r\nhost: test\r\n{headers}\r\n"
    ));
    client
}

/// All records are of these paths, and their numbers leave none out.
#[track_caller]
fn check(app: TestApp, paths: &[&str]) {
    let records = app.stop(false);
    let recorded: Vec<_> = records.iter().map(|record| &*record.request.path).collect();
    assert_eq!(recorded, paths);
    let numbers: Vec<_> = records.iter().map(|record| record.seq).collect();
    let all: RangeInclusive<u64> = 1..=paths.len() as u64;
    assert_eq!(numbers, all.collect::<Vec<_>>());
}

#[test]
fn leaves_no_record_wherever_the_marker_is_inserted() {
    let (app, _keeper) = app();
    for (target, headers, recorded) in [
        ("/plain", "", true),
        ("/marks", "", false),
        ("/guard", "", false),
        ("/plain", "x-mark: inner\r\n", false),
        ("/nowhere", "x-mark: inner\r\n", false),
        ("/plain", "x-mark: outer\r\n", false),
        ("/plain?last", "", true),
    ] {
        let response = request(&app, target, headers).response();
        assert_eq!(response.header("x-id").is_some(), recorded, "{target}");
    }
    check(app, &["/plain", "/plain"]);
}

#[test]
fn begins_no_exchange_if_the_request_was_marked_before_the_logger() {
    let (app, _keeper) = app();
    let response = request(&app, "/plain", "").response();
    assert_eq!(response.header("x-id"), Some(response.text()));
    let response = request(&app, "/plain", "x-mark: outer\r\n").response();
    assert_eq!((response.header("x-id"), response.text()), (None, ""));
}

#[test]
fn records_an_exchange_whose_marker_was_removed_before_the_response() {
    let (app, _keeper) = app();
    assert_eq!(app.connect().get("/unmarks").status, 200);
    check(app, &["/unmarks"]);
}

#[test]
fn leaves_no_record_if_the_service_fails() {
    let (app, _keeper) = app();
    for (target, headers, recorded) in [
        ("/plain", "x-fail: before\r\n", true),
        ("/plain", "x-mark: inner\r\nx-fail: before\r\n", false),
        ("/plain", "x-mark: outer\r\nx-fail: before\r\n", false),
        ("/plain", "x-fail: at once\r\n", false),
        ("/marks", "x-fail: after\r\n", false),
        ("/guard", "x-fail: after\r\n", false),
        ("/plain?last", "x-fail: after\r\n", true),
    ] {
        let response = request(&app, target, headers).response();
        assert_eq!(response.status, 502);
        assert_eq!(response.header("x-id").is_some(), recorded, "{target}");
    }
    check(app, &["/plain", "/plain"]);
}

#[test]
fn leaves_no_record_if_the_handler_panics() {
    let (app, _keeper) = app();
    assert!(request(&app, "/panics", "").is_hung_up());
    check(app, &[]);
}

#[test]
fn leaves_no_record_if_the_handler_is_dropped() {
    let (app, keeper) = app();
    let client = request(&app, "/marks_and_hangs", "");
    keeper.wait();
    client.reset();
    check(app, &[]);
}

#[test]
fn records_a_dropped_handler_that_others_with_markers_ran_beside() {
    let (app, keeper) = app();
    let client = request(&app, "/hangs", "");
    keeper.wait();
    assert_eq!(app.connect().get("/marks").status, 200);
    client.reset();
    let record = app.record();
    assert_eq!(record.outcome, Some(Outcome::Cancelled));
    check(app, &["/hangs"]);
}

#[test]
fn a_stream_leaves_no_stage_and_keeps_no_memory() {
    let budget = MemoryBudget::new(1 << 20);
    let shared = budget.clone();
    let app = TestApp::recording(
        |logger| {
            logger
                .memory_budget(shared)
                .start_records(StartRecords::LongLived)
        },
        |logger| App::new().wrap(logger).configure(routes),
    );
    let mut client = app.connect();
    client.send(format!(
        "POST /streams HTTP/1.1\r\nhost: test\r\ncontent-type: text/plain\r\ncontent-length: 5000\r\n\r\n{}",
        "x".repeat(5000)
    ));
    assert_eq!(client.head().status, 200);
    client.chunk().expect("an event");
    assert_eq!(budget.in_use(), 0);
    check(app, &[]);
}

#[test]
fn loggers_around_loggers_honour_it_and_count_nothing() {
    let silent = || BodyLogger::builder().sink(|_: &_| {}).build();
    let (outer, inner) = (silent(), silent());
    let loggers = (outer.clone(), inner.clone());
    let app = TestApp::serve(
        actix_web_body_logger::sink::Memory::new(0),
        move || {
            App::new()
                .configure(routes)
                .wrap(loggers.1.clone())
                .wrap(from_fn(|req, next| middleware("inner", req, next)))
                .wrap(loggers.0.clone())
        },
        |server| server,
    );
    assert_eq!(request(&app, "/marks", "").response().status, 200);
    let marked = request(&app, "/plain", "x-mark: inner\r\n").response();
    assert_eq!(marked.status, 200);
    app.stop(true);
    for logger in [outer, inner] {
        assert_eq!(logger.counters(), Counters::default());
    }
}
