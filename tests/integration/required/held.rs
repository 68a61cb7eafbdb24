//! What is held of a response until its stage is durable, and what is not.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody, SizedStream},
    dev::{ServiceRequest, ServiceResponse},
    middleware::{from_fn, Compress, Next},
    web::{self, Bytes},
    App, Error, HttpResponse,
};
use actix_web_body_logger::{
    policy::Guarantee, record::BodyState, sink::Memory, BodyLogger, CaptureLevel, Outcome, Rule,
};

use http::Method;
use tokio::time::timeout;

use super::{
    disk::{is_response, Condition, Disk},
    durable, end, options, response, stages, Required, REQUEST,
};
use crate::{
    app::{TestApp, PATIENCE},
    client::Client,
    lifecycle::{chunks, response as response_body},
};

/// A body that comes in these chunks, empty ones included, which `BodyStream` would skip.
pub struct Raw(std::vec::IntoIter<&'static str>);

impl Raw {
    pub fn new<const N: usize>(chunks: [&'static str; N]) -> Self {
        Self(Vec::from(chunks).into_iter())
    }
}

impl MessageBody for Raw {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(self.0.next().map(|chunk| Ok(chunk.into())))
    }
}

fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(
        "/required/sized",
        web::to(|| async { HttpResponse::Ok().body(SizedStream::new(6, chunks(["one", "two"]))) }),
    )
    .route(
        "/required/stream",
        web::to(|| async { HttpResponse::Ok().streaming(chunks(["one", "two"])) }),
    )
    .route(
        "/required/declared",
        web::to(|| async {
            HttpResponse::Ok()
                .no_chunking(6)
                .streaming(chunks(["one", "two"]))
        }),
    )
    // actix makes a sized body of a stream whose length is declared, but not of other bodies.
    .route(
        "/required/declared-body",
        web::to(|| async {
            let body = Raw::new(["one", "two"]);
            HttpResponse::Ok().no_chunking(6).body(body)
        }),
    )
    .route(
        "/required/empty-chunk",
        web::to(|| async {
            let body = Raw::new(["one", "", "two"]);
            HttpResponse::Ok().body(body)
        }),
    )
    .route("/required/text", web::to(|| async { "onetwo" }));
}

/// Begins to get a response, up to where its stage is written.
fn begun(disk: &Disk, server: &Required, target: &str) -> Client {
    let mut client = server.app.connect();
    client.send(format!("GET {target} HTTP/1.1\r\nhost: test\r\n\r\n"));
    assert_eq!(client.head().status, 200);
    disk.wait_stalled();
    client
}

fn stalling() -> (Disk, Required) {
    let disk = Disk::new(Condition::Stalls(is_response));
    let server = Required::new(&disk, options(), routes);
    (disk, server)
}

#[track_caller]
fn assert_released(server: Required) {
    assert_eq!(
        stages(&server.stop()),
        [REQUEST, response(Outcome::Released)]
    );
}

#[test]
fn of_a_known_size_the_last_chunk_is_held() {
    for target in [
        "/required/sized",
        "/required/declared",
        "/required/declared-body",
    ] {
        let (disk, server) = stalling();
        let mut client = begun(&disk, &server, target);
        assert_eq!(client.exactly(3), b"one");
        assert!(client.is_silent(), "{target}");
        disk.becomes(Condition::Works);
        assert_eq!(client.exactly(3), b"two");
        assert_eq!(disk.durable().len(), 2);
        assert_released(server);
    }
}

#[test]
fn of_a_declared_length_the_last_chunk_is_held_over_http2() {
    let (disk, server) = stalling();
    let client = server.app.connect_h2();
    let (answer, _) = client.open(Method::GET, "/required/declared-body", false);
    let mut body = client.wait(answer).expect("an answer").into_body();
    disk.wait_stalled();
    let mut next = |patience| {
        let chunk = client.wait(async { timeout(patience, body.data()).await });
        chunk.map(|it| it.expect("a chunk").expect("a stream that goes on"))
    };
    assert_eq!(next(PATIENCE).expect("a chunk"), "one");
    // Too short to prove it, and long enough to see most that comes.
    next(Duration::from_millis(50)).expect_err("it is held");
    disk.becomes(Condition::Works);
    assert_eq!(next(PATIENCE).expect("a chunk"), "two");
    drop((body, client));
    assert_released(server);
}

#[test]
fn of_a_single_chunk_nothing_is_sent_before() {
    let (disk, server) = stalling();
    let mut client = begun(&disk, &server, "/required/text");
    assert!(client.is_silent());
    disk.becomes(Condition::Works);
    assert_eq!(client.exactly(6), b"onetwo");
    // The connection is used further.
    assert_eq!(client.get("/required/text").text(), "onetwo");
    drop(client);
    assert_eq!(server.stop().len(), 4);
}

#[test]
fn of_a_stream_the_end_is_held() {
    let (disk, server) = stalling();
    let mut client = begun(&disk, &server, "/required/stream");
    assert_eq!(client.chunk().as_deref(), Some(&b"one"[..]));
    assert_eq!(client.chunk().as_deref(), Some(&b"two"[..]));
    assert!(client.is_silent());
    disk.becomes(Condition::Works);
    assert_eq!(client.chunk(), None);
    assert_released(server);
}

/// actix makes the last chunk of it, and leaves out what follows.
#[test]
fn an_empty_chunk_of_a_chunked_body_is_held_as_its_end() {
    let (disk, server) = stalling();
    let mut client = begun(&disk, &server, "/required/empty-chunk");
    assert_eq!(client.chunk().as_deref(), Some(&b"one"[..]));
    assert!(client.is_silent());
    disk.becomes(Condition::Works);
    assert_eq!(client.chunk(), None);
    assert_eq!(client.get("/required/text").text(), "onetwo");
    drop(client);
    let records = server.stop();
    let expected = [
        REQUEST,
        response(Outcome::Released),
        end(Outcome::BodyError),
    ];
    assert_eq!(stages(&records)[..3], expected);
    assert_eq!(response_body(&records[1]), (200, BodyState::Complete, 3));
    assert_eq!(response_body(&records[2]), (200, BodyState::Partial, 6));
}

async fn takes_bytes(
    req: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let response = next.call(req).await?;
    Ok(response.map_body(|_, body| match body.try_into_bytes() {
        Ok(bytes) => BoxBody::new(bytes),
        Err(body) => BoxBody::new(body),
    }))
}

fn logger(disk: &Disk) -> BodyLogger {
    let rule = Rule::new(CaptureLevel::RequestResponse).guarantee(Guarantee::Required);
    let logger = BodyLogger::builder().rule(rule).required(options());
    logger.required_sink(durable(disk)).build()
}

/// Gets a text of which nothing may come before its stage is durable.
#[track_caller]
fn check_within(app: TestApp, disk: &Disk) {
    let mut client = app.connect();
    client.send("GET /required/text HTTP/1.1\r\nhost: test\r\naccept-encoding: gzip\r\n\r\n");
    assert_eq!(client.head().status, 200);
    disk.wait_stalled();
    assert!(client.is_silent());
    disk.becomes(Condition::Works);
    client.wait_readable();
    assert_eq!(
        stages(&disk.durable()),
        [REQUEST, response(Outcome::Released)]
    );
    app.stop(true);
}

/// An outer layer that takes all bytes at once would get past the wait.
#[test]
fn an_outer_layer_cannot_take_the_bytes_at_once() {
    let disk = Disk::new(Condition::Stalls(is_response));
    let logger = logger(&disk);
    let app = TestApp::serve(
        Memory::new(0),
        move || {
            let app = App::new().wrap(logger.clone()).wrap(from_fn(takes_bytes));
            app.configure(routes)
        },
        |server| server,
    );
    check_within(app, &disk);
}

#[test]
fn an_outer_layer_that_compresses_waits_too() {
    let disk = Disk::new(Condition::Stalls(is_response));
    let logger = logger(&disk);
    let app = TestApp::serve(
        Memory::new(0),
        move || {
            let app = App::new().wrap(logger.clone()).wrap(Compress::default());
            app.configure(routes)
        },
        |server| server,
    );
    check_within(app, &disk);
}
