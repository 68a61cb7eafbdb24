//! Panics end an exchange too, and never the process.

use std::{
    panic::{catch_unwind, AssertUnwindSafe},
    task::Poll,
};

use actix_web::{
    body::{BodyStream, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error::ErrorInternalServerError,
    middleware::{from_fn, Next},
    web::{self, Bytes},
    App, Error, HttpResponse,
};
use actix_web_body_logger::{record::BodyState, Outcome, Record};
use futures_util::{stream, FutureExt as _, StreamExt as _};

use super::{chunks, request_body, response};
use crate::app::{Gate, TestApp};

fn panic_instead() -> Result<Bytes, Error> {
    panic!("on purpose")
}

async fn panic_after_the_body(body: Bytes) -> HttpResponse {
    panic!("on purpose, after {} bytes", body.len());
}

fn panicking_routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/panics/{id}", web::post().to(panic_after_the_body))
        .route("/works", web::get().to(HttpResponse::Ok));
}

const PANICKING: &str = "POST /panics/1 HTTP/1.1\r\nhost: test\r\ncontent-length: 3\r\n\r\n[1]";

#[test]
fn a_handler_that_panics() {
    let app = TestApp::new(panicking_routes);
    assert!(app.connect().send(PANICKING).is_hung_up());
    assert_eq!(app.connect().get("/works").status, 200);
    let records = app.only_records(2);
    assert_eq!(records[0].outcome, Some(Outcome::Panicked));
    assert_eq!(records[0].request.route.as_deref(), Some("/panics/{id}"));
    assert_eq!(request_body(&records[0]), (BodyState::Complete, Some(3)));
    assert_eq!(records[0].response, None);
    assert_eq!(records[0].error, None);
    assert_eq!(records[1].outcome, Some(Outcome::Completed));
}

#[test]
fn a_handler_that_panics_is_told_by_its_route_in_whatever_way_the_path_is_encoded() {
    let app = TestApp::new(panicking_routes);
    let encoded = PANICKING.replace("/panics/1", "/%70anics/1");
    assert!(app.connect().send(encoded).is_hung_up());
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Panicked));
    assert_eq!(record.request.path, "/%70anics/1");
    assert_eq!(record.request.route.as_deref(), Some("/panics/{id}"));
}

#[test]
fn a_handler_that_panics_where_an_outer_layer_catches_it() {
    async fn catches<B: MessageBody>(
        req: ServiceRequest,
        next: Next<B>,
    ) -> Result<ServiceResponse<B>, Error> {
        let caught = AssertUnwindSafe(next.call(req)).catch_unwind().await;
        caught.unwrap_or_else(|_| Err(ErrorInternalServerError("caught")))
    }
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new()
                .wrap(logger)
                .wrap(from_fn(catches))
                .configure(panicking_routes)
        },
    );
    let mut client = app.connect();
    let answer = client.send(PANICKING).response();
    assert_eq!((answer.status, answer.text()), (500, "caught"));
    assert_eq!(client.get("/works").status, 200);
    let records = app.only_records(2);
    assert_eq!(records[0].outcome, Some(Outcome::Panicked));
    assert_eq!(records[0].response, None);
    assert_eq!(records[1].outcome, Some(Outcome::Completed));
}

#[test]
fn a_handler_that_panics_without_having_read() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/panics/{id}",
            web::post().to(|id: web::Path<u32>| async move {
                assert_ne!(*id, 1, "on purpose");
                HttpResponse::Ok()
            }),
        );
    });
    assert!(app.connect().send(PANICKING).is_hung_up());
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Panicked));
    assert_eq!(request_body(&record), (BodyState::Unread, Some(0)));
}

#[test]
fn a_body_that_panics_midway() {
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route(
            "/",
            web::get().to(|gate: web::Data<Gate>| async {
                let panics = stream::once(async move {
                    gate.pass().await;
                    panic_instead()
                });
                HttpResponse::Ok().streaming(chunks(["seen"]).chain(panics))
            }),
        );
    });
    let mut client = app.connect();
    client.send("GET / HTTP/1.1\r\nhost: test\r\n\r\n");
    assert_eq!(client.head().status, 200);
    assert_eq!(client.chunk().expect("a chunk"), b"seen");
    keeper.wait();
    keeper.open();
    assert!(client.is_hung_up());
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Panicked));
    assert_eq!(response(&record), (200, BodyState::Aborted, 4));
}

#[test]
fn a_body_that_panics_midway_where_an_outer_layer_catches_it() {
    async fn catches(
        req: ServiceRequest,
        next: Next<impl MessageBody + 'static>,
    ) -> Result<ServiceResponse<BoxBody>, Error> {
        let response = next.call(req).await?;
        Ok(response.map_body(|_, body| {
            let mut body = Box::pin(body);
            let caught = stream::poll_fn(move |cx| {
                let polled = catch_unwind(AssertUnwindSafe(|| body.as_mut().poll_next(cx)));
                let polled = polled.unwrap_or(Poll::Ready(None));
                polled.map_err(|error| ErrorInternalServerError(error.into()))
            });
            BodyStream::new(caught).boxed()
        }))
    }
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new().wrap(logger).wrap(from_fn(catches)).route(
                "/",
                web::get().to(|| async {
                    let panics = stream::once(async { panic_instead() });
                    HttpResponse::Ok().streaming(chunks(["seen"]).chain(panics))
                }),
            )
        },
    );
    assert_eq!(app.connect().get("/").text(), "seen");
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Panicked));
    assert_eq!(response(&record), (200, BodyState::Aborted, 4));
}

/// A panic while another one unwinds would abort the process, and this test with it.
#[test]
fn a_sink_that_panics_while_a_handler_does_harms_nobody() {
    let app = TestApp::configured(
        |logger| {
            logger
                .inline_sink(|_: &Record| panic!("on purpose, inline"))
                .sink(|_: &Record| panic!("on purpose, queued"))
        },
        panicking_routes,
    );
    for _ in 0..3 {
        assert!(app.connect().send(PANICKING).is_hung_up());
        assert_eq!(app.connect().get("/works").status, 200);
    }
    let outcomes: Vec<_> = app.only_records(6).iter().map(|r| r.outcome).collect();
    let pair = [Some(Outcome::Panicked), Some(Outcome::Completed)];
    assert_eq!(outcomes, [pair, pair, pair].concat());
}
