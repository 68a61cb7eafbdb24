//! What HTTP/1 does to a connection: pipelining, expectations, chunks, and answers that do not wait.

use actix_web::{
    rt,
    web::{self, Bytes},
    HttpResponse,
};
use actix_web_body_logger::{
    record::{BodyState, ErrorKind},
    Outcome,
};
use futures_util::StreamExt as _;

use super::{error, request_body, response};
use crate::app::{Gate, TestApp};

fn echo(cfg: &mut web::ServiceConfig) {
    cfg.route(
        "/echo/{n}",
        web::to(|body: Bytes| async { HttpResponse::Ok().body(body) }),
    )
    .route("/unauthorized", web::to(HttpResponse::Unauthorized));
}

#[test]
fn pipelined_requests_leave_their_records_in_order() {
    const COUNT: u64 = 25;
    let app = TestApp::new(echo);
    let requests: String = (0..COUNT)
        .map(|n| {
            let body = "x".repeat(n as usize);
            format!("POST /echo/{n} HTTP/1.1\r\nhost: test\r\ncontent-length: {n}\r\n\r\n{body}")
        })
        .collect();
    let mut client = app.connect();
    client.send(requests);
    for n in 0..COUNT {
        let answer = client.response();
        assert_eq!((answer.status, answer.body.len() as u64), (200, n));
    }
    let records = app.only_records(COUNT as usize);
    for (record, n) in records.iter().zip(0..) {
        assert_eq!(record.outcome, Some(Outcome::Completed));
        assert_eq!(record.request.path, format!("/echo/{n}"));
        let state = match n {
            0 => BodyState::Empty,
            _ => BodyState::Complete,
        };
        assert_eq!(request_body(record), (state, Some(n)));
        assert_eq!(response(record), (200, state, n));
    }
    let ids: std::collections::BTreeSet<_> = records.iter().map(|record| &record.id).collect();
    assert_eq!(ids.len(), COUNT as usize);
}

#[test]
fn an_expectation_that_is_met() {
    let app = TestApp::new(echo);
    let mut client = app.connect();
    client.send(
        "POST /echo/1 HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n",
    );
    assert_eq!(client.head().status, 100);
    assert_eq!(client.send("hello").response().text(), "hello");
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Complete, Some(5)));
    assert_eq!(response(&record), (200, BodyState::Complete, 5));
}

/// actix says 100 before the application is called.
#[test]
fn an_expectation_that_the_handler_disappoints() {
    let app = TestApp::new(echo);
    let mut client = app.connect();
    client.send(
        "POST /unauthorized HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\n\
         content-length: 5\r\n\r\n",
    );
    assert_eq!(client.head().status, 100);
    assert_eq!(client.response().status, 401);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Unread, Some(0)));
    assert_eq!(response(&record), (401, BodyState::Empty, 0));
}

const CHUNKED: &str = "POST /echo/1 HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n";

#[test]
fn chunked_uploads_are_counted_without_their_framing() {
    let app = TestApp::new(echo);
    let mut client = app.connect();
    client
        .send(CHUNKED)
        .send("5\r\nhello\r\n")
        .send("1\r\n!\r\n");
    assert_eq!(client.send("0\r\n\r\n").response().text(), "hello!");
    client.send(CHUNKED);
    assert_eq!(
        client.send("0\r\nx-trailer: 1\r\n\r\n").response().text(),
        ""
    );
    let records = app.only_records(2);
    assert_eq!(request_body(&records[0]), (BodyState::Complete, Some(6)));
    assert_eq!(response(&records[0]), (200, BodyState::Complete, 6));
    assert_eq!(request_body(&records[1]), (BodyState::Empty, Some(0)));
    assert_eq!(response(&records[1]), (200, BodyState::Empty, 0));
}

#[test]
fn a_bad_chunk_aborts_the_request() {
    let app = TestApp::new(echo);
    let mut client = app.connect();
    client.send(CHUNKED).send("5\r\nhello\r\nzz\r\n");
    assert_eq!(client.response().status, 400);
    assert!(client.is_hung_up());
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(error(&record), Some((ErrorKind::Handler, Some(400))));
    assert_eq!(record.request.body.state, BodyState::Aborted);
    assert_eq!(record.status(), Some(400));
}

/// Such requests never reach the application.
#[test]
fn a_request_that_the_server_itself_refuses_leaves_no_record() {
    let app = TestApp::new(echo);
    let smuggling = "POST /echo/1 HTTP/1.1\r\nhost: test\r\ncontent-length: 5\r\n\
                     transfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    assert_eq!(app.connect().send(smuggling).response().status, 400);
    assert_eq!(app.connect().get("/echo/2").status, 200);
    assert_eq!(app.only_record().request.path, "/echo/2");
}

#[test]
fn an_early_answer_does_not_wait_for_a_stalled_upload() {
    let app = TestApp::new(echo);
    let mut client = app.connect();
    client.send("POST /unauthorized HTTP/1.1\r\nhost: test\r\ncontent-length: 9999999\r\n\r\n1");
    assert_eq!(client.response().status, 401);
    let record = app.record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Unread, Some(0)));
    assert_eq!(response(&record), (401, BodyState::Empty, 0));
    drop(client);
    assert_eq!(app.only_record(), record);
}

#[test]
fn a_task_left_behind_that_keeps_the_payload_for_ever_does_not_keep_the_record() {
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route(
            "/",
            web::post().to(|gate: web::Data<Gate>, payload: web::Payload| async {
                rt::spawn(async move {
                    gate.pass().await;
                    drop(payload);
                });
                HttpResponse::Accepted()
            }),
        );
    });
    let answer = app.connect().post("/", "text/plain", "hello");
    assert_eq!(answer.status, 202);
    keeper.wait();
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Unread, Some(0)));
}

/// After the answer HTTP/1 leaves such a reader waiting for ever.
#[test]
fn a_task_left_behind_that_goes_on_reading_does_not_keep_the_record() {
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route(
            "/",
            web::post().to(
                |gate: web::Data<Gate>, mut payload: web::Payload| async move {
                    let reader = gate.clone();
                    let first = payload.next().await.expect("a chunk");
                    assert_eq!(first.expect("a chunk"), "0123456789");
                    rt::spawn(async move {
                        loop {
                            reader.arrive();
                            payload.next().await;
                        }
                    });
                    HttpResponse::Accepted()
                },
            ),
        );
    });
    let mut client = app.connect();
    client.send("POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 100\r\n\r\n0123456789");
    assert_eq!(client.response().status, 202);
    keeper.wait();
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Partial, Some(10)));
}

#[test]
fn a_full_duplex_stream_is_counted_both_ways() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/echo/{n}",
            web::post().to(|payload: web::Payload| async { HttpResponse::Ok().streaming(payload) }),
        );
    });
    let mut client = app.connect();
    client.send(CHUNKED);
    assert_eq!(client.head().status, 200);
    for chunk in ["one", "three", "seventeen"] {
        client.send(format!("{:x}\r\n{chunk}\r\n", chunk.len()));
        assert_eq!(client.chunk().expect("a chunk"), chunk.as_bytes());
    }
    assert_eq!(app.memory().entries(), [], "nothing has ended");
    client.send("0\r\n\r\n");
    assert_eq!(client.chunk(), None);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Complete, Some(17)));
    assert_eq!(response(&record), (200, BodyState::Complete, 17));
}
