//! Clients that go before the end.

use std::time::Duration;

use actix_web::{
    web::{self, Bytes},
    Error, HttpResponse,
};
use actix_web_body_logger::{
    record::{BodyState, ErrorKind},
    Outcome,
};
use futures_util::{stream, StreamExt as _};

use super::{error, request_body, response};
use crate::app::{Gate, Keeper, TestApp, PATIENCE};

/// Reads all of the payload and arrives at the gate at its first chunk.
async fn receive(gate: web::Data<Gate>, mut payload: web::Payload) -> Result<HttpResponse, Error> {
    let mut read = 0;
    while let Some(chunk) = payload.next().await {
        read += chunk?.len();
        gate.arrive();
    }
    Ok(HttpResponse::Ok().json(read))
}

fn receiving() -> (TestApp, Keeper) {
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route("/uploads/{id}", web::put().to(receive));
    });
    (app, keeper)
}

const UPLOAD: &str =
    "PUT /uploads/1 HTTP/1.1\r\nhost: test\r\ncontent-length: 100\r\n\r\n0123456789";

#[test]
fn a_client_that_resets_its_upload_cancels_the_exchange() {
    let (app, keeper) = receiving();
    let mut client = app.connect();
    client.send(UPLOAD);
    keeper.wait();
    client.reset();
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Cancelled));
    assert_eq!(record.request.route.as_deref(), Some("/uploads/{id}"));
    assert_eq!(request_body(&record), (BodyState::Aborted, Some(10)));
    assert_eq!(record.response, None);
}

#[test]
fn a_client_that_finishes_before_the_end_of_its_upload_aborts_the_request() {
    let (app, keeper) = receiving();
    let mut client = app.connect();
    client.send(UPLOAD);
    keeper.wait();
    client.finish();
    assert_eq!(client.response().status, 400);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(error(&record), Some((ErrorKind::Handler, Some(400))));
    assert_eq!(request_body(&record), (BodyState::Aborted, Some(10)));
}

#[test]
fn a_client_that_finishes_before_the_end_of_a_chunked_upload_aborts_the_request() {
    let (app, keeper) = receiving();
    let mut client = app.connect();
    client.send(
        "PUT /uploads/1 HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n5\r\n01234\r\n",
    );
    keeper.wait();
    client.finish();
    assert_eq!(client.response().status, 400);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Aborted, Some(5)));
}

fn waiting() -> (TestApp, Keeper) {
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route(
            "/",
            web::post().to(|gate: web::Data<Gate>, body: String| async move {
                gate.pass().await;
                body
            }),
        );
    });
    (app, keeper)
}

const REQUEST: &str = "POST / HTTP/1.1\r\nhost: test\r\ncontent-length: 5\r\n\r\nhello";

#[test]
fn a_client_that_resets_while_the_handler_works_cancels_the_exchange() {
    let (app, keeper) = waiting();
    let mut client = app.connect();
    client.send(REQUEST);
    keeper.wait();
    client.reset();
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Cancelled));
    assert_eq!(request_body(&record), (BodyState::Complete, Some(5)));
    assert_eq!(record.response, None);
}

/// It may be half-closed only, and want its answer.
#[test]
fn a_client_that_finishes_while_the_handler_works_is_answered() {
    let (app, keeper) = waiting();
    let mut client = app.connect();
    client.send(REQUEST).finish();
    keeper.wait();
    keeper.open();
    assert_eq!(client.response().text(), "hello");
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(response(&record), (200, BodyState::Complete, 5));
}

/// Handed over is not delivered: the record cannot know.
#[test]
fn an_answer_to_a_client_that_has_closed_was_handed_over_all_the_same() {
    let (app, keeper) = waiting();
    let mut client = app.connect();
    client.send(REQUEST);
    keeper.wait();
    drop(client);
    keeper.open();
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(response(&record), (200, BodyState::Complete, 5));
}

/// The server finds out only when it writes.
#[test]
fn a_client_that_leaves_an_idle_stream_is_noticed_at_the_next_event() {
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route(
            "/",
            web::get().to(|gate: web::Data<Gate>| async {
                HttpResponse::Ok()
                    .content_type("text/event-stream")
                    .streaming(stream::unfold(gate, |gate| async {
                        gate.pass().await;
                        let event = Bytes::from_static(b"data: x\n\n");
                        Some((Ok::<_, Error>(event), gate))
                    }))
            }),
        );
    });
    let mut client = app.connect();
    client.send("GET / HTTP/1.1\r\nhost: test\r\n\r\n");
    keeper.wait();
    keeper.open();
    assert_eq!(client.head().status, 200);
    assert_eq!(client.chunk().expect("an event"), b"data: x\n\n");
    assert_eq!(app.memory().entries(), [], "nothing has ended");
    drop(client);

    let noticed = std::iter::repeat_with(|| {
        keeper.open();
        app.memory().wait_for(1, Duration::from_millis(10)).len()
    });
    let deadline = std::time::Instant::now() + PATIENCE;
    for records in noticed {
        assert!(std::time::Instant::now() < deadline, "nobody noticed");
        if records > 0 {
            break;
        }
    }
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::ResponseAborted));
    let (status, state, bytes) = response(&record);
    assert_eq!((status, state), (200, BodyState::Aborted));
    assert!(bytes >= 9, "{bytes}: what the client has read");
}
