//! Response bodies: those that fail, those that are not as long as they say, and those that nobody
//! asks for.

use std::{
    convert::Infallible,
    future::ready,
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    body::{BodySize, BodyStream, BoxBody, MessageBody, None as NoBody, SizedStream},
    dev::{ServiceRequest, ServiceResponse},
    error::ErrorInternalServerError,
    http::StatusCode,
    middleware::{from_fn, Next},
    web::{self, Bytes},
    App, Error, HttpResponse,
};
use actix_web_body_logger::{
    record::{BodyState, ErrorKind, Reason},
    Outcome,
};
use futures_util::{stream, StreamExt as _};

use super::{chunks, endless, error, response};
use crate::app::{Gate, TestApp};

#[test]
fn a_streamed_body_is_complete_at_its_end() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/",
            web::get().to(|| async { HttpResponse::Ok().streaming(chunks(["one", "two", "3"])) }),
        );
    });
    let answer = app.connect().get("/");
    assert_eq!(answer.chunks, Some(vec![3, 3, 1]));
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(response(&record), (200, BodyState::Complete, 7));
}

#[test]
fn a_body_that_fails_midway_is_a_body_error() {
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route(
            "/",
            web::get().to(|gate: web::Data<Gate>| async {
                let failure = stream::once(async move {
                    gate.pass().await;
                    Err(ErrorInternalServerError("midway"))
                });
                HttpResponse::Ok().streaming(chunks(["seen"]).chain(failure))
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
    assert_eq!(record.outcome, Some(Outcome::BodyError));
    assert_eq!(error(&record), Some((ErrorKind::ResponseBody, Some(200))));
    assert_eq!(response(&record), (200, BodyState::Aborted, 4));
}

/// The client gets nothing at all: actix drops what it has not flushed.
#[test]
fn a_body_that_fails_at_once_is_a_body_error() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/",
            web::get().to(|| async {
                let failure = stream::once(async { Err(ErrorInternalServerError("at once")) });
                HttpResponse::Ok().streaming(chunks([]).chain(failure))
            }),
        );
    });
    let mut client = app.connect();
    client.send("GET / HTTP/1.1\r\nhost: test\r\n\r\n");
    assert!(client.is_hung_up());
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::BodyError));
    assert_eq!(error(&record), Some((ErrorKind::ResponseBody, Some(200))));
    assert_eq!(response(&record), (200, BodyState::Aborted, 0));
}

#[test]
fn a_body_that_failed_stays_failed_though_an_outer_layer_ends_it_quietly() {
    async fn hides_failures(
        req: ServiceRequest,
        next: Next<impl MessageBody + 'static>,
    ) -> Result<ServiceResponse<BoxBody>, Error> {
        let response = next.call(req).await?;
        Ok(response.map_body(|_, body| {
            let mut body = Box::pin(body);
            let all = stream::poll_fn(move |cx| body.as_mut().poll_next(cx));
            let good = all.filter_map(|chunk| ready(chunk.ok().map(Ok::<_, Error>)));
            BodyStream::new(good).boxed()
        }))
    }
    let app = TestApp::recording(
        |logger| logger,
        |logger| {
            App::new().wrap(logger).wrap(from_fn(hides_failures)).route(
                "/",
                web::get().to(|| async {
                    let failure = stream::once(async { Err(ErrorInternalServerError("midway")) });
                    HttpResponse::Ok().streaming(chunks(["seen"]).chain(failure))
                }),
            )
        },
    );
    assert_eq!(app.connect().get("/").text(), "seen");
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::BodyError));
    assert_eq!(error(&record), Some((ErrorKind::ResponseBody, Some(200))));
    assert_eq!(response(&record), (200, BodyState::Aborted, 4));
}

#[test]
fn a_body_shorter_than_its_size_is_a_body_error() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/",
            web::get()
                .to(|| async { HttpResponse::Ok().body(SizedStream::new(10, chunks(["12345"]))) }),
        );
    });
    let mut client = app.connect();
    client.send("GET / HTTP/1.1\r\nhost: test\r\n\r\n");
    assert!(client.is_hung_up());
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::BodyError));
    assert_eq!(error(&record), Some((ErrorKind::ResponseSize, Some(200))));
    assert_eq!(response(&record), (200, BodyState::Partial, 5));
}

/// The server cuts off the surplus.
#[test]
fn a_body_longer_than_its_size_is_a_body_error() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/at-once",
            web::get().to(|| async {
                HttpResponse::Ok().body(SizedStream::new(5, chunks(["12345678"])))
            }),
        )
        .route(
            "/in-two",
            web::get().to(|| async {
                HttpResponse::Ok().body(SizedStream::new(5, chunks(["12345", "678"])))
            }),
        );
    });
    for target in ["/at-once", "/in-two"] {
        assert_eq!(app.connect().get(target).text(), "12345");
    }
    for record in app.only_records(2) {
        assert_eq!(record.outcome, Some(Outcome::BodyError));
        assert_eq!(error(&record), Some((ErrorKind::ResponseSize, Some(200))));
        assert_eq!(response(&record), (200, BodyState::Partial, 8));
    }
}

/// A body of these chunks, empty ones included, as one that is not actix's own may have.
struct Raw(std::vec::IntoIter<&'static str>);

impl MessageBody for Raw {
    type Error = Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Infallible>>> {
        Poll::Ready(self.0.next().map(|chunk| Ok(chunk.into())))
    }
}

fn raw(cfg: &mut web::ServiceConfig) {
    cfg.route(
        "/declared/{length}",
        web::get().to(|length: web::Path<u64>| async move {
            let body = Raw(vec!["one", "two"].into_iter());
            HttpResponse::Ok().no_chunking(*length).body(body)
        }),
    )
    .route(
        "/empty-chunk",
        web::get()
            .to(|| async { HttpResponse::Ok().body(Raw(vec!["one", "", "two"].into_iter())) }),
    );
}

#[track_caller]
fn check_raw(target: &str, sent: &str, outcome: Outcome, state: BodyState) {
    let app = TestApp::new(raw);
    let request = format!("GET {target} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    let mut client = app.connect();
    client.send(request).head();
    assert_eq!(client.rest().expect("an end"), sent.as_bytes());
    let record = app.only_record();
    assert_eq!(record.outcome, Some(outcome), "{target}");
    assert_eq!(response(&record), (200, state, 6), "{target}");
}

/// actix sends all of it, whatever the head says.
#[test]
fn a_stream_that_is_not_as_long_as_its_head_declares_is_a_body_error() {
    check_raw(
        "/declared/6",
        "onetwo",
        Outcome::Completed,
        BodyState::Complete,
    );
    check_raw(
        "/declared/5",
        "onetwo",
        Outcome::BodyError,
        BodyState::Partial,
    );
    check_raw(
        "/declared/7",
        "onetwo",
        Outcome::BodyError,
        BodyState::Partial,
    );
}

/// actix makes the last chunk of it, and leaves out what follows.
#[test]
fn a_chunked_body_that_goes_on_after_an_empty_chunk_is_a_body_error() {
    let sent = "3\r\none\r\n0\r\n\r\n";
    check_raw("/empty-chunk", sent, Outcome::BodyError, BodyState::Partial);
}

#[test]
fn an_answer_to_head_is_complete_and_has_no_bytes() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/json",
            web::head().to(|| async { HttpResponse::Ok().json("x") }),
        )
        .route(
            "/stream",
            web::head().to(|| async { HttpResponse::Ok().streaming(chunks(["one", "two"])) }),
        )
        .route(
            "/sized",
            web::head().to(|| async {
                HttpResponse::Ok().body(SizedStream::new(6, chunks(["one", "two"])))
            }),
        );
    });
    let mut client = app.connect();
    for (target, length) in [
        ("/json", Some("3")),
        ("/stream", None),
        ("/sized", Some("6")),
    ] {
        client.send(format!("HEAD {target} HTTP/1.1\r\nhost: test\r\n\r\n"));
        let answer = client.response_to("HEAD");
        assert_eq!(
            (answer.status, answer.header("content-length")),
            (200, length)
        );
    }
    for record in app.only_records(3) {
        assert_eq!(record.outcome, Some(Outcome::Completed));
        assert_eq!(record.error, None);
        assert_eq!(response(&record), (200, BodyState::Empty, 0));
        let body = record.response.expect("a response").body;
        assert_eq!((body.captured, body.reasons), (0, vec![Reason::Head]));
        assert_eq!(body.json, None);
    }
}

#[test]
fn an_answer_to_head_without_a_body_gives_no_reason() {
    let app = TestApp::new(|cfg| {
        cfg.route("/", web::head().to(HttpResponse::Ok));
    });
    let mut client = app.connect();
    client.send("HEAD / HTTP/1.1\r\nhost: test\r\n\r\n");
    assert_eq!(client.response_to("HEAD").status, 200);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(response(&record), (200, BodyState::Empty, 0));
    let body = record.response.expect("a response").body;
    assert!(!body.reasons.contains(&Reason::Head), "{body:?}");
}

#[test]
fn answers_that_have_no_body_are_complete() {
    let app = TestApp::new(|cfg| {
        cfg.route("/204", web::get().to(HttpResponse::NoContent))
            .route("/304", web::get().to(HttpResponse::NotModified))
            .route(
                "/empty",
                web::get().to(|| async { HttpResponse::Ok().body("") }),
            )
            .route(
                "/none",
                web::get().to(|| async { HttpResponse::Ok().body(NoBody::new()) }),
            )
            .route(
                "/sized-0",
                web::get().to(|| async { HttpResponse::Ok().body(NeverPolled) }),
            );
    });
    let mut client = app.connect();
    let expected = [
        ("/204", 204),
        ("/304", 304),
        ("/empty", 200),
        ("/sized-0", 200),
        // Without a length it ends the connection, or says nothing of its length at all.
        ("/none", 200),
    ];
    for (target, status) in expected {
        client.send(format!("GET {target} HTTP/1.1\r\nhost: test\r\n\r\n"));
        assert_eq!(client.head().status, status, "{target}");
    }
    let records = app.only_records(expected.len());
    for (record, (target, status)) in records.iter().zip(expected) {
        assert_eq!(record.request.path, target);
        assert_eq!(record.outcome, Some(Outcome::Completed));
        assert_eq!(response(record), (status, BodyState::Empty, 0));
        let reasons = &record.response.as_ref().expect("a response").body.reasons;
        assert!(!reasons.contains(&Reason::Head), "{target}: {reasons:?}");
    }
}

struct NeverPolled;

impl MessageBody for NeverPolled {
    type Error = actix_web::Error;

    fn size(&self) -> BodySize {
        BodySize::Sized(0)
    }

    fn poll_next(
        self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Bytes, Self::Error>>> {
        panic!("a body without bytes is not polled")
    }
}

/// HTTP/1 sends them, against the protocol; they were handed over all the same.
#[test]
fn bytes_under_a_status_that_has_none_are_counted_as_handed_over() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/{status}",
            web::get().to(|status: web::Path<u16>| async move {
                let status = StatusCode::from_u16(*status).expect("a status");
                HttpResponse::build(status).body("five!")
            }),
        );
    });
    for status in [204, 304] {
        let target = format!("/{status}");
        assert_eq!(app.connect().get(&target).status, status);
    }
    for record in app.only_records(2) {
        assert_eq!(record.outcome, Some(Outcome::Completed));
        let status = record.status().expect("a status");
        assert_eq!(response(&record), (status, BodyState::Complete, 5));
    }
}

/// Of 64 MiB in one chunk the server is given all bytes, and can send few of them.
#[test]
fn a_download_in_one_chunk_is_aborted_when_the_client_goes_without_reading() {
    const SIZE: u64 = 64 * 1024 * 1024;
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route(
            "/",
            web::get().to(|gate: web::Data<Gate>| async {
                let chunk = stream::once(async move {
                    gate.arrive();
                    Ok::<_, actix_web::Error>(Bytes::from(vec![0; SIZE as usize]))
                });
                HttpResponse::Ok().body(SizedStream::new(SIZE, chunk))
            }),
        );
    });
    let mut client = app.connect();
    client.send("GET / HTTP/1.1\r\nhost: test\r\n\r\n");
    keeper.wait();
    client.wait_readable();
    assert_eq!(app.memory().entries(), [], "nothing has ended");
    client.reset();

    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::ResponseAborted));
    assert_eq!(response(&record), (200, BodyState::Aborted, SIZE));
}

#[test]
fn a_download_in_many_chunks_is_aborted_when_the_client_goes() {
    let app = TestApp::new(|cfg| {
        cfg.route(
            "/",
            web::get().to(|| async { HttpResponse::Ok().streaming(endless()) }),
        );
    });
    let mut client = app.connect();
    client.send("GET / HTTP/1.1\r\nhost: test\r\n\r\n");
    assert_eq!(client.head().status, 200);
    for _ in 0..10 {
        assert_eq!(client.chunk().map(|chunk| chunk.len()), Some(64 * 1024));
    }
    client.reset();

    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::ResponseAborted));
    assert_eq!(record.error, None);
    let (status, state, bytes) = response(&record);
    assert_eq!((status, state), (200, BodyState::Aborted));
    assert!(bytes >= 10 * 64 * 1024, "{bytes}: what the client has read");
}
