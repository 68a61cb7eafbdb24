//! Bodies that are read before the handler is called, and put back.

use std::{
    sync::{
        atomic::{AtomicUsize, Ordering::SeqCst},
        mpsc, Mutex,
    },
    time::{Duration, Instant},
};

use actix_web::{
    web::{self, Bytes, Data},
    App, HttpRequest, HttpResponse,
};
use actix_web_body_logger::{
    policy::{BodyMode, BufferOptions, OverLimit},
    record::{BodyState, ErrorKind, Reason},
    BodyLoggerBuilder, CaptureLevel, Outcome, Record,
};

use crate::{
    app::{TestApp, PATIENCE},
    conversation::{Case, Conversation},
    routes::{self, routes},
    uploads::uploads,
};

const LIMIT: usize = 1000;
const JSON: &str = "application/json";

fn buffering(logger: BodyLoggerBuilder) -> BodyLoggerBuilder {
    logger.request_mode(BodyMode::Buffer)
}

/// An application that counts the calls of its handlers.
struct Counting {
    app: TestApp,
    calls: Data<AtomicUsize>,
}

impl Counting {
    fn new(limits: impl FnOnce(BufferOptions) -> BufferOptions) -> Self {
        Self::with(limits, |logger| logger)
    }

    fn with(
        limits: impl FnOnce(BufferOptions) -> BufferOptions,
        settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder,
    ) -> Self {
        let limits = limits(BufferOptions::default().max_bytes(LIMIT));
        let calls = Data::new(AtomicUsize::new(0));
        let shared = calls.clone();
        let app = TestApp::recording(
            |logger| settings(buffering(logger).buffer(limits)),
            move |logger| {
                App::new()
                    .app_data(shared.clone())
                    .wrap(logger)
                    .route("/echo", web::to(echo))
                    .route("/ignore", web::to(ignore))
            },
        );
        Self { app, calls }
    }

    fn calls(&self) -> usize {
        self.calls.load(SeqCst)
    }
}

async fn echo(calls: Data<AtomicUsize>, body: Bytes) -> HttpResponse {
    calls.fetch_add(1, SeqCst);
    HttpResponse::Ok().body(body)
}

async fn ignore(calls: Data<AtomicUsize>) -> HttpResponse {
    calls.fetch_add(1, SeqCst);
    HttpResponse::NoContent().finish()
}

/// A JSON document of this many bytes: `0` or `"aaa"`.
fn document(len: usize) -> String {
    match len {
        0 => String::new(),
        1 => "7".to_owned(),
        _ => format!("\"{}\"", "a".repeat(len - 2)),
    }
}

/// The body as it is posted with its length, in one chunk, and in many.
fn framed(target: &str, body: &str) -> [Case; 3] {
    [
        Case::post(target, JSON, body),
        Case::chunked(target, JSON, body, LIMIT * 10),
        Case::chunked(target, JSON, body, 7),
    ]
}

#[track_caller]
fn assert_request_body(record: &Record, body: &str) {
    let recorded = &record.request.body;
    let state = match body {
        "" => BodyState::Empty,
        _ => BodyState::Complete,
    };
    let len = body.len() as u64;
    assert_eq!((recorded.state, recorded.bytes), (state, Some(len)));
    assert_eq!((recorded.captured, &*recorded.reasons), (len, &[][..]));
    let json = recorded.json.as_ref().map_or("", |json| json.get());
    assert_eq!(json, body);
}

#[test]
fn a_body_of_any_size_is_handed_on_whole_also_past_the_limit() {
    for len in [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 3 * LIMIT] {
        let body = document(len);
        let counting = Counting::new(|logger| logger);
        for case in framed("/echo", &body) {
            let got = Conversation::of(&case, &counting.app);
            assert_eq!(got.status(), 200, "{}", case.name);
            assert_eq!(got.answers[0].body.0, body.as_bytes(), "{}", case.name);
            assert!(got.next.is_some());
        }
        assert_eq!(counting.calls(), 3);
        // Each was followed by one more request on the same connection.
        let records = counting.app.records(6);
        let uploads = records
            .iter()
            .filter(|record| record.request.path == "/echo");
        uploads.for_each(|record| assert_request_body(record, &body));
    }
}

#[test]
fn a_body_over_the_limit_is_refused_before_the_handler_is_called() {
    for len in [0, 1, LIMIT - 1, LIMIT, LIMIT + 1, 3 * LIMIT] {
        let body = document(len);
        for case in framed("/echo", &body) {
            let counting = Counting::new(|limits| limits.over_limit(OverLimit::Reject));
            let got = Conversation::of(&case, &counting.app);
            let record = counting.app.memory().wait_for(1, PATIENCE).remove(0);
            assert_eq!(record.outcome, Some(Outcome::Completed));
            if len <= LIMIT {
                assert_eq!((got.status(), counting.calls()), (200, 1));
                assert_request_body(&record, &body);
                continue;
            }
            assert_eq!((got.status(), counting.calls()), (413, 0), "{}", case.name);
            assert_eq!(got.answers.len(), 1);
            assert_eq!(record.status(), Some(413));
            let error = record.error.expect("an error");
            assert_eq!((error.kind, error.status), (ErrorKind::Service, Some(413)));
            let uploads = counting.app.stop(true);
            let uploads = uploads.iter().filter(|r| r.request.path == "/echo");
            assert_eq!(uploads.count(), 1);
        }
    }
}

#[test]
fn a_body_over_the_limit_is_refused_before_it_is_all_there() {
    let begun = "a".repeat(LIMIT + 1);
    let declared = ("content-length: 1000000", begun.clone(), BodyState::Unread);
    let chunk = format!("{:x}\r\n{begun}\r\n", begun.len());
    let chunked = ("transfer-encoding: chunked", chunk, BodyState::Partial);
    for (framing, sent, state) in [declared, chunked] {
        let counting = Counting::new(|limits| limits.over_limit(OverLimit::Reject));
        let stalled = Case::new("POST", "/echo").header(framing).and(sent);
        let got = Conversation::of(&stalled, &counting.app);
        // Nobody will read the rest, so the connection is of no more use.
        assert_eq!((got.status(), got.next, counting.calls()), (413, None, 0));
        let record = counting.app.record();
        assert_eq!(record.status(), Some(413));
        assert_eq!(record.request.body.state, state);
    }
}

#[test]
fn a_body_over_the_limit_that_stalls_is_the_handlers_to_wait_for() {
    let counting = Counting::new(|limits| limits.timeout(Duration::from_millis(200)));
    let mut client = counting.app.connect();
    let (first, rest) = ("a".repeat(LIMIT + 1), "b".repeat(LIMIT));
    client.send(format!(
        "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: {}\r\n\r\n{first}",
        first.len() + rest.len()
    ));
    // Another request runs into the deadline, so that of this one has passed as well.
    let late = Case::new("POST", "/echo").header("content-length: 10");
    assert_eq!(Conversation::of(&late, &counting.app).status(), 408);
    assert_eq!(client.send(&rest).response().text(), first + &rest);
}

#[test]
fn a_body_that_stalls_is_answered_408_and_the_handler_is_not_called() {
    let stalled = Case::new("POST", "/echo");
    for case in [
        stalled.clone().header("content-length: 10"),
        stalled.clone().header("content-length: 10").and("hello"),
        stalled.clone().header("transfer-encoding: chunked"),
        stalled
            .header("transfer-encoding: chunked")
            .and("5\r\nhello\r\n"),
    ] {
        let deadline = Duration::from_millis(200);
        let counting = Counting::new(|limits| limits.timeout(deadline));
        let began = Instant::now();
        let got = Conversation::of(&case, &counting.app);
        assert!(began.elapsed() >= deadline);
        assert_eq!((got.status(), counting.calls()), (408, 0));
        assert_eq!(got.answers.len(), 1);
        let record = counting.app.memory().wait_for(1, PATIENCE).remove(0);
        assert_eq!(record.outcome, Some(Outcome::Completed));
        assert_eq!(record.status(), Some(408));
        let uploads = counting.app.stop(true);
        assert_eq!(
            uploads.iter().filter(|r| r.request.path == "/echo").count(),
            1
        );
    }
}

#[test]
fn uploads_are_answered_the_same_with_and_without() {
    let unlogged = TestApp::unlogged(routes);
    let [small, large] = [20, routes::WIDE].map(|limit| {
        let limits = BufferOptions::default().max_bytes(limit);
        TestApp::configured(|logger| buffering(logger).buffer(limits), routes)
    });
    for case in uploads() {
        let expected = Conversation::of(&case, &unlogged);
        for app in [&small, &large] {
            assert_eq!(Conversation::of(&case, app), expected, "{}", case.name);
        }
    }
}

#[test]
fn a_request_without_a_body_is_not_waited_for() {
    let counting = Counting::new(|limits| limits.timeout(Duration::ZERO));
    for method in ["GET", "HEAD", "POST", "DELETE", "OPTIONS"] {
        let got = Conversation::of(&Case::new(method, "/echo"), &counting.app);
        assert_eq!(got.status(), 200);
        assert!(got.next.is_some());
    }
    assert_eq!(counting.calls(), 5);
    let records = counting.app.records(10);
    assert!(records
        .iter()
        .all(|r| r.request.body.state == BodyState::Empty));
}

#[test]
fn a_body_that_the_handler_does_not_read_is_recorded_all_the_same() {
    for case in framed("/ignore", &document(LIMIT)) {
        let counting = Counting::new(|logger| logger);
        let got = Conversation::of(&case, &counting.app);
        assert_eq!((got.status(), counting.calls()), (204, 1));
        // It was read, so the connection can be used again.
        assert!(got.next.is_some());
        assert_request_body(&counting.app.records(2)[0], &document(LIMIT));
    }
}

#[test]
fn a_body_past_the_limit_is_recorded_as_far_as_it_was_read() {
    let counting = Counting::new(|logger| logger);
    let case = Case::new("POST", "/ignore")
        .header("content-length: 1000000")
        .and("a".repeat(LIMIT + 1));
    assert_eq!(Conversation::of(&case, &counting.app).status(), 204);
    let body = counting.app.record().request.body;
    assert_eq!(body.state, BodyState::Partial);
    assert_eq!(body.bytes, Some(LIMIT as u64 + 1));
}

#[test]
fn the_handler_is_called_when_the_body_is_there_and_not_before() {
    let counting = Counting::new(|logger| logger);
    let mut client = counting.app.connect();
    client.send("POST /ignore HTTP/1.1\r\nhost: test\r\ncontent-length: 10\r\n\r\nhello");
    // The server has answered another request since, on the only worker.
    let other = counting.app.connect().get("/echo");
    assert_eq!((other.status, counting.calls()), (200, 1));
    assert_eq!(client.send("world").response().status, 204);
    assert_eq!(counting.calls(), 2);
}

#[test]
fn a_client_that_leaves_while_its_body_is_read_cancels_the_exchange() {
    let (begun, beginning) = mpsc::channel();
    let begun = Mutex::new(begun);
    let counting = Counting::with(
        |limits| limits,
        |logger| {
            logger.exclude_if(move |_| {
                begun.lock().expect("a lock").send(()).expect("a test");
                false
            })
        },
    );
    let mut client = counting.app.connect();
    client.send("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 10\r\n\r\nhello");
    beginning.recv_timeout(PATIENCE).expect("a request");
    client.reset();
    let record = counting.app.record();
    assert_eq!(record.outcome, Some(Outcome::Cancelled));
    assert_eq!((record.response, counting.calls()), (None, 0));
    assert_eq!(record.request.body.state, BodyState::Aborted);
    assert_eq!(record.request.route.as_deref(), Some("/echo"));
}

#[test]
fn a_body_that_its_level_leaves_out_is_not_read_first_nor_refused() {
    for (level, calls) in [
        (CaptureLevel::Metadata, 1),
        (CaptureLevel::Response, 1),
        (CaptureLevel::Request, 0),
        (CaptureLevel::RequestResponse, 0),
    ] {
        let counting = Counting::with(
            |limits| limits.over_limit(OverLimit::Reject),
            |logger| logger.level(level),
        );
        let body = document(LIMIT + 1);
        let answer = counting.app.connect().post("/echo", JSON, &body);
        assert_eq!(counting.calls(), calls, "{level:?}");
        let record = counting.app.record();
        assert_eq!(record.status(), Some(answer.status));
        if calls == 0 {
            assert_eq!(answer.status, 413, "{level:?}");
            continue;
        }
        assert_eq!((answer.status, answer.text()), (200, &*body), "{level:?}");
        let recorded = record.request.body;
        assert_eq!(recorded.bytes, Some(body.len() as u64));
        assert_eq!(recorded.reasons, [Reason::Level]);
    }
}

#[test]
fn over_http_2_it_is_all_the_same() {
    async fn versions(req: HttpRequest, body: String) -> String {
        format!("{:?} {body}", req.version())
    }
    let app = TestApp::configured(buffering, |cfg| {
        cfg.route("/versions", web::post().to(versions));
    });
    let body = document(100_000);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let answer = runtime.block_on(async {
        let socket = tokio::net::TcpStream::connect(app.addr()).await;
        let socket = socket.expect("a server that listens");
        let (mut client, connection) = h2::client::handshake(socket).await.expect("HTTP/2");
        let running = tokio::spawn(connection);
        let request = http::Request::post("http://test/versions")
            .header("content-type", JSON)
            .body(())
            .expect("a request");
        let (response, mut upload) = client.send_request(request, false).expect("a stream");
        for half in [&body[..50_000], &body[50_000..]] {
            let last = half.ends_with('"');
            let half = Bytes::copy_from_slice(half.as_bytes());
            upload.send_data(half, last).expect("an upload");
        }
        let response = response.await.expect("a response");
        assert_eq!(response.status(), 200);
        let mut body = response.into_body();
        let mut answer = Vec::new();
        while let Some(chunk) = body.data().await {
            let chunk = chunk.expect("a chunk");
            let _ = body.flow_control().release_capacity(chunk.len());
            answer.extend(chunk);
        }
        drop((client, upload, body));
        running.await.expect("a task").expect("a connection");
        answer
    });
    assert_eq!(answer, format!("HTTP/2.0 {body}").into_bytes());
    let record = app.record();
    assert_eq!(record.request.version, "HTTP/2.0");
    assert_eq!(record.outcome, Some(Outcome::Completed));
    let recorded = record.request.body;
    assert_eq!(recorded.state, BodyState::Complete);
    assert_eq!(recorded.bytes, Some(body.len() as u64));
}
