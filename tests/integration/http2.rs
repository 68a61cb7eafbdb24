//! The life of exchanges over HTTP/2, in clear text with prior knowledge.

use std::{future::Future, net::SocketAddr, thread};

use actix_web::{
    http::StatusCode,
    rt,
    web::{self, Bytes},
    Error, HttpResponse,
};
use actix_web_body_logger::{
    record::{BodyState, ErrorKind},
    Outcome,
};
use futures_util::StreamExt as _;
use h2::{
    client::{self, ResponseFuture, SendRequest},
    Reason, SendStream,
};
use http::{HeaderMap, Method, Request};
use tokio::{
    net::TcpStream,
    runtime::{Builder, Runtime},
    select,
    sync::oneshot,
    time::timeout,
};

use crate::{
    app::{Gate, TestApp, PATIENCE},
    lifecycle::{chunks, endless, error, request_body, response, response_json},
};

/// One connection, driven by a thread of its own: the test may block.
pub struct Client {
    runtime: Runtime,
    requests: SendRequest<Bytes>,
    lose: oneshot::Sender<()>,
    driver: thread::JoinHandle<()>,
}

fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}

impl Client {
    fn connect(addr: SocketAddr) -> Self {
        let (ready, requests) = oneshot::channel();
        let (lose, lost) = oneshot::channel();
        let driver = thread::spawn(move || {
            runtime().block_on(async move {
                let stream = TcpStream::connect(addr).await.expect("a server");
                let (requests, connection) = client::handshake(stream).await.expect("HTTP/2");
                assert!(ready.send(requests).is_ok(), "a test waits");
                select! {
                    // It may end in any way: what the test sees is the streams.
                    _ = connection => {}
                    Ok(()) = lost => {}
                }
            });
        });
        Self {
            runtime: runtime(),
            requests: requests.blocking_recv().expect("a connection"),
            lose,
            driver,
        }
    }

    /// Breaks the connection.
    fn lose(self) {
        self.lose.send(()).expect("a connection");
        self.driver.join().expect("a driver");
    }

    #[track_caller]
    pub fn wait<F: Future>(&self, what: F) -> F::Output {
        let what = async { timeout(PATIENCE, what).await };
        self.runtime.block_on(what).expect("no end in sight")
    }

    /// Sends a request's head, and with it the end of the request unless a body follows.
    #[track_caller]
    pub fn open(
        &self,
        method: Method,
        path: &str,
        body_follows: bool,
    ) -> (ResponseFuture, SendStream<Bytes>) {
        let request = Request::builder()
            .method(method)
            .uri(format!("http://test{path}"))
            .body(())
            .expect("a request");
        let mut requests = self.wait(self.requests.clone().ready()).expect("a stream");
        requests
            .send_request(request, !body_follows)
            .expect("a request")
    }

    /// The status and the whole body.
    #[track_caller]
    pub fn answer(&self, response: ResponseFuture) -> (u16, Vec<u8>) {
        self.wait(async {
            let (head, mut body) = response.await.expect("a response").into_parts();
            let mut bytes = Vec::new();
            while let Some(chunk) = body.data().await {
                let chunk = chunk.expect("a chunk");
                let flow = body.flow_control();
                flow.release_capacity(chunk.len()).expect("capacity");
                bytes.extend_from_slice(&chunk);
            }
            (head.status.as_u16(), bytes)
        })
    }

    /// Sends a request whose body ends with it, and reads the answer.
    #[track_caller]
    pub fn exchange(&self, request: Request<()>, body: &'static str) -> (u16, Vec<u8>) {
        let mut requests = self.wait(self.requests.clone().ready()).expect("a stream");
        let sent = requests.send_request(request, false);
        let (response, mut upload) = sent.expect("a request");
        upload.send_data(body.into(), true).expect("a body");
        self.answer(response)
    }

    #[track_caller]
    fn get(&self, path: &str) -> (u16, Vec<u8>) {
        let (response, _) = self.open(Method::GET, path, false);
        self.answer(response)
    }

    #[track_caller]
    fn post(&self, path: &str, body: &'static str) -> (u16, Vec<u8>) {
        let (response, mut upload) = self.open(Method::POST, path, true);
        upload.send_data(body.into(), true).expect("a body");
        self.answer(response)
    }
}

impl TestApp {
    pub fn connect_h2(&self) -> Client {
        Client::connect(self.addr())
    }
}

const JSON: &str = "application/json";

fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/hello/{name}", web::get().to(|| async { "hello" }))
        .route(
            "/echo",
            web::to(|body: Bytes| async { HttpResponse::Ok().content_type(JSON).body(body) }),
        )
        .route("/unread", web::to(HttpResponse::Accepted))
        .route(
            "/204",
            web::to(|| async { HttpResponse::NoContent().body("five!") }),
        )
        .route(
            "/interim/{code}",
            web::to(|code: web::Path<u16>| async move {
                HttpResponse::build(StatusCode::from_u16(*code).expect("a status")).body("five!")
            }),
        )
        .route(
            "/304",
            web::to(|| async { HttpResponse::NotModified().body("five!") }),
        )
        .route(
            "/stream",
            web::to(|| async { HttpResponse::Ok().streaming(chunks(["one", "two"])) }),
        )
        .route(
            "/endless",
            web::to(|| async { HttpResponse::Ok().streaming(endless()) }),
        )
        .route("/panic", web::to(panics));
}

async fn panics(body: Bytes) -> HttpResponse {
    panic!("on purpose, after {} bytes", body.len());
}

#[test]
fn a_get_is_completed() {
    let app = TestApp::new(routes);
    let client = app.connect_h2();
    assert_eq!(client.get("/hello/you"), (200, b"hello".to_vec()));
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(record.error, None);
    assert_eq!(record.request.version, "HTTP/2.0");
    assert_eq!(record.request.host.as_deref(), Some("test"));
    assert_eq!(record.request.path, "/hello/you");
    assert_eq!(record.request.route.as_deref(), Some("/hello/{name}"));
    assert_eq!(request_body(&record), (BodyState::Empty, Some(0)));
    assert_eq!(response(&record), (200, BodyState::Complete, 5));
}

#[test]
fn a_post_is_recorded_both_ways() {
    let app = TestApp::new(routes);
    let client = app.connect_h2();
    assert_eq!(client.post("/echo", "[1,2]"), (200, b"[1,2]".to_vec()));
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Complete, Some(5)));
    assert_eq!(response(&record), (200, BodyState::Complete, 5));
    assert_eq!(response_json(&record), Some("[1,2]"));
}

#[test]
fn a_post_whose_payload_nobody_asks_for_is_unread() {
    let app = TestApp::new(routes);
    let client = app.connect_h2();
    assert_eq!(client.post("/unread", "[1,2]").0, 202);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Unread, Some(0)));
}

/// Whether there is a body cannot be known without asking for it.
#[test]
fn a_post_without_a_body_is_empty_only_if_somebody_looked() {
    let app = TestApp::new(routes);
    let client = app.connect_h2();
    for path in ["/echo", "/unread"] {
        let (answer, _) = client.open(Method::POST, path, false);
        assert!(client.answer(answer).1.is_empty());
    }
    let records = app.only_records(2);
    assert_eq!(request_body(&records[0]), (BodyState::Empty, Some(0)));
    assert_eq!(request_body(&records[1]), (BodyState::Unread, Some(0)));
}

#[test]
fn a_get_whose_payload_nobody_asks_for_is_empty() {
    let app = TestApp::new(routes);
    let client = app.connect_h2();
    assert_eq!(client.get("/unread").0, 202);
    let (answer, _) = client.open(Method::HEAD, "/unread", false);
    assert_eq!(client.answer(answer).0, 202);
    for record in app.only_records(2) {
        assert_eq!(request_body(&record), (BodyState::Empty, Some(0)));
    }
}

#[test]
fn an_upload_that_ends_with_trailers_is_complete() {
    let app = TestApp::new(routes);
    let client = app.connect_h2();
    let (answer, mut upload) = client.open(Method::POST, "/echo", true);
    upload.send_data("[1]".into(), false).expect("a chunk");
    upload.send_trailers(HeaderMap::new()).expect("trailers");
    assert_eq!(client.answer(answer), (200, b"[1]".to_vec()));
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Complete, Some(3)));
}

#[test]
fn a_streamed_body_is_complete_at_its_end() {
    let app = TestApp::new(routes);
    let client = app.connect_h2();
    assert_eq!(client.get("/stream"), (200, b"onetwo".to_vec()));
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(response(&record), (200, BodyState::Complete, 6));
}

/// HTTP/2 drops the body of a 204 and does not ask it for anything; it sends that of a 304.
#[test]
fn a_body_under_a_status_that_has_none_is_no_abort() {
    let app = TestApp::new(routes);
    let client = app.connect_h2();
    assert_eq!(client.get("/204"), (204, vec![]));
    assert_eq!(client.get("/304"), (304, b"five!".to_vec()));
    let records = app.only_records(2);
    for record in &records {
        assert_eq!(record.outcome, Some(Outcome::Completed));
        assert_eq!(record.error, None);
    }
    assert_eq!(response(&records[0]), (204, BodyState::Empty, 0));
    assert_eq!(response(&records[1]), (304, BodyState::Complete, 5));
}

/// HTTP/2 drops their bodies likewise. The client goes on waiting, as it takes them for no answer.
#[test]
fn a_body_under_an_interim_status_is_no_abort() {
    let app = TestApp::new(routes);
    let client = app.connect_h2();
    let _answers =
        [100, 102].map(|code| client.open(Method::GET, &format!("/interim/{code}"), false));
    let records = app.only_records(2);
    let mut statuses = [response(&records[0]), response(&records[1])];
    statuses.sort_by_key(|(status, ..)| *status);
    assert_eq!(
        statuses,
        [(100, BodyState::Empty, 0), (102, BodyState::Empty, 0)]
    );
    for record in &records {
        assert_eq!(record.outcome, Some(Outcome::Completed));
    }
}

#[test]
fn an_answer_to_head_is_complete_and_has_no_bytes() {
    let app = TestApp::new(routes);
    let client = app.connect_h2();
    for path in ["/204", "/stream", "/endless"] {
        let (answer, _) = client.open(Method::HEAD, path, false);
        assert!(client.answer(answer).1.is_empty());
    }
    for record in app.only_records(3) {
        assert_eq!(record.outcome, Some(Outcome::Completed));
        let status = record.status().expect("a status");
        assert_eq!(response(&record), (status, BodyState::Empty, 0));
    }
}

#[test]
fn streams_at_once_leave_a_record_each() {
    const COUNT: usize = 30;
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route(
            "/{n}",
            web::post().to(
                |gate: web::Data<Gate>, n: web::Path<String>, body: Bytes| async move {
                    gate.pass().await;
                    HttpResponse::Ok().body([n.as_bytes(), &body].concat())
                },
            ),
        );
    });
    let client = app.connect_h2();
    let answers: Vec<_> = (0..COUNT)
        .map(|n| {
            let (answer, mut upload) = client.open(Method::POST, &format!("/{n}"), true);
            upload.send_data("!".into(), true).expect("a body");
            answer
        })
        .collect();
    (0..COUNT).for_each(|_| keeper.wait());
    assert_eq!(app.memory().entries(), [], "nothing has ended");
    for (n, answer) in answers.into_iter().enumerate() {
        keeper.open();
        assert_eq!(client.answer(answer).1, format!("{n}!").into_bytes());
    }
    let records = app.only_records(COUNT);
    for n in 0..COUNT {
        let path = format!("/{n}");
        let mut of_path = records.iter().filter(|record| record.request.path == path);
        let record = of_path.next().expect("a record");
        assert_eq!(record.outcome, Some(Outcome::Completed));
        assert_eq!(request_body(record), (BodyState::Complete, Some(1)));
        assert_eq!(
            response(record),
            (200, BodyState::Complete, path.len() as u64)
        );
        assert_eq!(of_path.next(), None);
    }
}

/// Reads all of the payload and arrives at the gate at each chunk.
async fn receive(gate: web::Data<Gate>, mut payload: web::Payload) -> Result<HttpResponse, Error> {
    while let Some(chunk) = payload.next().await {
        chunk?;
        gate.arrive();
    }
    Ok(HttpResponse::Ok().json("all"))
}

#[test]
fn an_upload_that_is_reset_aborts_the_request() {
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route("/", web::post().to(receive));
    });
    let client = app.connect_h2();
    let (answer, mut upload) = client.open(Method::POST, "/", true);
    upload
        .send_data("0123456789".into(), false)
        .expect("a chunk");
    keeper.wait();
    upload.send_reset(Reason::CANCEL);
    let record = app.only_record();
    drop(answer);
    // The handler is told, and answers; nobody is there to take it.
    assert_eq!(record.outcome, Some(Outcome::ResponseAborted));
    assert_eq!(error(&record), Some((ErrorKind::Handler, Some(400))));
    assert_eq!(request_body(&record), (BodyState::Aborted, Some(10)));
    let (status, state, bytes) = response(&record);
    assert_eq!((status, state, bytes), (400, BodyState::Unread, 0));
}

#[test]
fn a_connection_lost_in_the_upload_aborts_the_request() {
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route("/", web::post().to(receive));
    });
    let client = app.connect_h2();
    let (_answer, mut upload) = client.open(Method::POST, "/", true);
    upload
        .send_data("0123456789".into(), false)
        .expect("a chunk");
    keeper.wait();
    client.lose();
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::ResponseAborted));
    assert_eq!(error(&record), Some((ErrorKind::Handler, Some(400))));
    assert_eq!(request_body(&record), (BodyState::Aborted, Some(10)));
}

/// Begins a download that never ends and reads what comes of it first.
#[track_caller]
fn begin_download(client: &Client) -> (h2::RecvStream, SendStream<Bytes>, u64) {
    let (answer, upload) = client.open(Method::GET, "/endless", false);
    let (mut body, first) = client.wait(async {
        let mut body = answer.await.expect("a response").into_body();
        let first = body.data().await.expect("a chunk").expect("a chunk");
        (body, first)
    });
    let released = body.flow_control().release_capacity(first.len());
    released.expect("capacity");
    (body, upload, first.len() as u64)
}

#[test]
fn a_download_that_is_reset_is_aborted() {
    let app = TestApp::new(routes);
    let client = app.connect_h2();
    let (body, mut upload, read) = begin_download(&client);
    upload.send_reset(Reason::CANCEL);
    let record = app.only_record();
    drop(body);
    assert_eq!(record.outcome, Some(Outcome::ResponseAborted));
    assert_eq!(record.error, None);
    let (status, state, bytes) = response(&record);
    assert_eq!((status, state), (200, BodyState::Aborted));
    assert!(bytes >= read, "{bytes} of which the client has read {read}");
}

#[test]
fn a_connection_lost_in_the_download_aborts_it() {
    let app = TestApp::new(routes);
    let client = app.connect_h2();
    let (_body, _upload, read) = begin_download(&client);
    client.lose();
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::ResponseAborted));
    let (status, state, bytes) = response(&record);
    assert_eq!((status, state), (200, BodyState::Aborted));
    assert!(bytes >= read, "{bytes} of which the client has read {read}");
}

/// The handler is not cancelled, as it would be over HTTP/1.
#[test]
fn a_connection_lost_while_the_handler_works_aborts_its_response() {
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route(
            "/",
            web::get().to(|gate: web::Data<Gate>| async move {
                gate.pass().await;
                HttpResponse::Ok().streaming(endless())
            }),
        );
    });
    let client = app.connect_h2();
    let (_answer, _upload) = client.open(Method::GET, "/", false);
    keeper.wait();
    client.lose();
    assert_eq!(app.memory().entries(), [], "the handler still works");
    keeper.open();
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::ResponseAborted));
    assert_eq!(record.status(), Some(200));
}

#[test]
fn a_handler_that_panics_ends_its_own_stream_only() {
    let app = TestApp::new(routes);
    let client = app.connect_h2();
    let (answer, mut upload) = client.open(Method::POST, "/panic", true);
    upload.send_data("[1]".into(), true).expect("a body");
    let failed = client.wait(answer).expect_err("no response");
    assert!(failed.is_reset(), "{failed}");
    assert_eq!(client.get("/hello/you").0, 200);
    let records = app.only_records(2);
    assert_eq!(records[0].outcome, Some(Outcome::Panicked));
    assert_eq!(request_body(&records[0]), (BodyState::Complete, Some(3)));
    assert_eq!(records[0].response, None);
    assert_eq!(records[0].request.route.as_deref(), Some("/panic"));
    assert_eq!(records[1].outcome, Some(Outcome::Completed));
}

/// HTTP/2 lets it read on after the answer: those bytes come after the record.
#[test]
fn a_task_left_behind_that_goes_on_reading_does_not_keep_the_record() {
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route(
            "/",
            web::post().to(|gate: web::Data<Gate>, mut payload: web::Payload| async {
                rt::spawn(async move {
                    gate.pass().await;
                    let chunk = payload.next().await.expect("a chunk");
                    assert_eq!(chunk.expect("a chunk"), "late");
                    gate.arrive();
                });
                HttpResponse::Accepted()
            }),
        );
    });
    let client = app.connect_h2();
    let (answer, mut upload) = client.open(Method::POST, "/", true);
    assert_eq!(client.answer(answer).0, 202);
    keeper.wait();
    let record = app.record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Unread, Some(0)));
    upload.send_data("late".into(), false).expect("a chunk");
    keeper.open();
    keeper.wait();
    assert_eq!(app.only_record(), record);
}

#[test]
fn a_forced_stop_ends_every_stream() {
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route("/receive", web::post().to(receive)).route(
            "/work",
            web::post().to(|gate: web::Data<Gate>| async move {
                gate.pass().await;
                HttpResponse::Ok()
            }),
        );
    });
    let client = app.connect_h2();
    let (_answer, mut upload) = client.open(Method::POST, "/receive", true);
    upload.send_data("[".into(), false).expect("a chunk");
    keeper.wait();
    let _working = client.open(Method::POST, "/work", true);
    keeper.wait();
    let mut records = app.stop(false);
    records.sort_by_key(|record| record.request.path.clone());
    let [receive, work] = &records[..] else {
        panic!("{records:#?}");
    };
    assert_eq!(receive.outcome, Some(Outcome::Cancelled));
    assert_eq!(request_body(receive), (BodyState::Aborted, Some(1)));
    assert_eq!(work.outcome, Some(Outcome::Cancelled));
    assert_eq!(request_body(work), (BodyState::Unread, Some(0)));
}
