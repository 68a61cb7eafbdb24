//! Panics end an exchange too, and never the process.

use actix_web::{
    web::{self, Bytes},
    Error, HttpResponse,
};
use actix_web_body_logger::{BodyState, Outcome, Record};
use futures_util::{stream, StreamExt as _};

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
    assert_eq!(records[0].outcome, Outcome::Panicked);
    assert_eq!(records[0].request.route.as_deref(), Some("/panics/{id}"));
    assert_eq!(request_body(&records[0]), (BodyState::Complete, Some(3)));
    assert_eq!(records[0].response, None);
    assert_eq!(records[0].error, None);
    assert_eq!(records[1].outcome, Outcome::Completed);
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
    assert_eq!(record.outcome, Outcome::Panicked);
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
    assert_eq!(record.outcome, Outcome::Panicked);
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
    let pair = [Outcome::Panicked, Outcome::Completed];
    assert_eq!(outcomes, [pair, pair, pair].concat());
}
