//! Nothing is held back and nothing is read ahead: chunks pass when they are there, and are asked
//! for when somebody wants them.

use std::{
    io::Write as _,
    pin::Pin,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
        Arc, Mutex,
    },
    task::{Context, Poll},
    thread,
    time::Instant,
};

use actix_service::Service as _;
use actix_web::{
    body::MessageBody as _,
    dev::Payload,
    error::PayloadError,
    test::{self, TestRequest},
    web::{self, Bytes, Data},
    App, Error, HttpResponse,
};
use actix_web_body_logger::{record::BodyState, sink::Memory, BodyLogger, Outcome};
use futures_util::{future::poll_fn, stream, Stream, StreamExt as _};
use tokio::sync::{mpsc, oneshot};

use crate::app::{TestApp, PATIENCE};

/// What is sent and read in the tests of back-pressure, in chunks of 64 KiB.
const MUCH: usize = 32 * 1024 * 1024;
const CHUNK: usize = 64 * 1024;
/// Far more than the buffers of both sockets hold together, and far less than [`MUCH`].
const HALF: usize = MUCH / 2;

/// The same application behind a logger and without one, each with a state of its own.
fn with_and_without<T: Send + Sync + 'static>(
    state: impl Fn() -> T,
    routes: fn(&mut web::ServiceConfig),
    test: impl Fn(&TestApp, &T),
) {
    for logged in [true, false] {
        let state = Data::new(state());
        let shared = state.clone();
        let app = if logged {
            TestApp::recording(
                |logger| logger,
                move |logger| {
                    let app = App::new().app_data(shared.clone());
                    app.wrap(logger).configure(routes)
                },
            )
        } else {
            let app = move || App::new().app_data(shared.clone()).configure(routes);
            TestApp::serve(Memory::new(0), app, |server| server)
        };
        test(&app, &state);
    }
}

/// A stream of events that the test sends, for one request.
type Events = Mutex<Option<mpsc::UnboundedReceiver<Bytes>>>;

async fn events(events: Data<(mpsc::UnboundedSender<Bytes>, Events)>) -> HttpResponse {
    let receiver = events.1.lock().expect("a lock").take();
    let receiver = receiver.expect("the only request");
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .streaming(stream::unfold(receiver, |mut receiver| async {
            let event = receiver.recv().await?;
            Some((Ok::<_, Error>(event), receiver))
        }))
}

#[test]
fn an_event_arrives_when_it_is_sent_and_the_head_before_the_first() {
    with_and_without(
        || {
            let (sender, receiver) = mpsc::unbounded_channel();
            (sender, Events::new(Some(receiver)))
        },
        |cfg| {
            cfg.route("/events", web::get().to(events));
        },
        |app, (sender, _)| {
            let mut client = app.connect();
            let head = client
                .send("GET /events HTTP/1.1\r\nhost: test\r\n\r\n")
                .head();
            assert_eq!(head.header("transfer-encoding"), Some("chunked"));
            for n in 0..20 {
                let event = format!("data: {n}\n\n");
                sender.send(event.clone().into()).expect("a stream");
                // The next one is not sent before this one is here.
                assert_eq!(client.chunk(), Some(event.into_bytes()));
            }
        },
    );
}

/// How many bytes a side has moved so far.
#[derive(Default)]
struct Moved(Arc<AtomicUsize>);

impl Moved {
    fn bytes(&self) -> usize {
        self.0.load(SeqCst)
    }

    /// Waits until no more is moved while the server answers a hundred requests.
    fn wait_for_standstill(&self, app: &TestApp) -> usize {
        let mut client = app.connect();
        let began = Instant::now();
        loop {
            assert!(
                began.elapsed() < PATIENCE,
                "nothing moves, or it never stops"
            );
            let before = self.bytes();
            for _ in 0..100 {
                assert_eq!(client.get("/ping").text(), "pong");
            }
            if before > 0 && self.bytes() == before {
                return before;
            }
        }
    }
}

async fn ping() -> &'static str {
    "pong"
}

#[test]
fn a_client_that_stops_reading_stops_the_stream() {
    async fn endless(moved: Data<Moved>) -> HttpResponse {
        let chunk = Bytes::from(vec![b'a'; CHUNK]);
        let moved = Arc::clone(&moved.0);
        HttpResponse::Ok().streaming(stream::iter(0..MUCH / CHUNK).map(move |_| {
            moved.fetch_add(CHUNK, SeqCst);
            Ok::<_, Error>(chunk.clone())
        }))
    }
    with_and_without(
        Moved::default,
        |cfg| {
            cfg.route("/endless", web::get().to(endless))
                .route("/ping", web::get().to(ping));
        },
        |app, moved| {
            let mut client = app.connect();
            client.send("GET /endless HTTP/1.1\r\nhost: test\r\n\r\n");
            let stopped_at = moved.wait_for_standstill(app);
            assert!(stopped_at < HALF, "{stopped_at} bytes are in flight");
            // Reading sets it going again, up to its end.
            let answer = client.response();
            assert_eq!((answer.body.len(), moved.bytes()), (MUCH, MUCH));
        },
    );
}

type Once<T> = Mutex<Option<T>>;
type Gate = (Once<oneshot::Sender<()>>, Once<oneshot::Receiver<()>>);

/// Does not read before it is told to.
async fn waits(gate: Data<Gate>, mut body: web::Payload) -> Result<String, Error> {
    let told = gate.1.lock().expect("a lock").take();
    told.expect("the only request").await.expect("a signal");
    let mut read = 0;
    while let Some(chunk) = body.next().await {
        read += chunk?.len();
    }
    Ok(read.to_string())
}

#[test]
fn a_handler_that_does_not_read_stops_the_upload() {
    with_and_without(
        || {
            let (tell, told) = oneshot::channel();
            (Once::new(Some(tell)), Once::new(Some(told)))
        },
        |cfg| {
            cfg.route("/waits", web::post().to(waits))
                .route("/ping", web::get().to(ping));
        },
        |app, (tell, _)| {
            let moved = Moved::default();
            let sent = Arc::clone(&moved.0);
            let mut client = app.connect();
            let mut upload = client.writer();
            let head =
                format!("POST /waits HTTP/1.1\r\nhost: test\r\ncontent-length: {MUCH}\r\n\r\n");
            client.send(head);
            let uploading = thread::spawn(move || {
                for _ in 0..MUCH / CHUNK {
                    upload.write_all(&[b'a'; CHUNK]).expect("a write");
                    sent.fetch_add(CHUNK, SeqCst);
                }
            });
            let stopped_at = moved.wait_for_standstill(app);
            assert!(stopped_at < HALF, "{stopped_at} bytes are in flight");
            let tell = tell.lock().expect("a lock").take();
            tell.expect("a gate").send(()).expect("a handler");
            assert_eq!(client.response().text(), MUCH.to_string());
            uploading.join().expect("an upload");
        },
    );
}

/// Counts how often it is asked, and tells when it is dropped.
#[derive(Clone, Default)]
struct Watch(Arc<(AtomicUsize, AtomicBool)>);

impl Watch {
    fn polls(&self) -> usize {
        self.0 .0.load(SeqCst)
    }

    fn is_dropped(&self) -> bool {
        self.0 .1.load(SeqCst)
    }
}

struct Watched<S>(S, Watch);

impl<S: Stream + Unpin> Stream for Watched<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.1 .0 .0.fetch_add(1, SeqCst);
        self.0.poll_next_unpin(cx)
    }
}

impl<S> Drop for Watched<S> {
    fn drop(&mut self) {
        self.1 .0 .1.store(true, SeqCst);
    }
}

/// Says "one", is not ready once, says "two".
fn watched<E: 'static>(watch: &Watch) -> impl Stream<Item = Result<Bytes, E>> + 'static {
    let mut polls = 0;
    let stream = stream::poll_fn(move |cx| {
        polls += 1;
        Poll::Ready(match polls {
            1 => Some(Ok(Bytes::from_static(b"one"))),
            2 => {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            3 => Some(Ok(Bytes::from_static(b"two"))),
            _ => None,
        })
    });
    Watched(stream, watch.clone())
}

#[actix_web::test]
async fn a_request_body_is_asked_when_the_handler_asks_and_dropped_when_it_drops_it() {
    let memory = Memory::new(10);
    let watch = Watch::default();
    let (handlers, outer) = (watch.clone(), watch.clone());
    let app = App::new()
        .route(
            "/",
            web::post().to(move |mut body: web::Payload| {
                let watch = handlers.clone();
                async move {
                    assert_eq!(watch.polls(), 0);
                    assert_eq!(
                        body.next().await.expect("a chunk").expect("no error"),
                        "one"
                    );
                    assert_eq!(watch.polls(), 1);
                    let second = poll_fn(|cx| Poll::Ready(body.poll_next_unpin(cx))).await;
                    assert!(second.is_pending());
                    assert_eq!(watch.polls(), 2);
                    assert_eq!(
                        body.next().await.expect("a chunk").expect("no error"),
                        "two"
                    );
                    assert_eq!(watch.polls(), 3);
                    assert!(!watch.is_dropped());
                    drop(body);
                    assert!(watch.is_dropped());
                    HttpResponse::Ok()
                }
            }),
        )
        .wrap(BodyLogger::builder().sink(memory.clone()).build())
        .wrap_fn(move |mut req, app| {
            let payload = Box::pin(watched::<PayloadError>(&outer));
            req.set_payload(Payload::Stream { payload });
            app.call(req)
        });
    let app = test::init_service(app).await;
    let request = TestRequest::post().insert_header(("transfer-encoding", "chunked"));
    let response = test::call_service(&app, request.to_request()).await;
    assert_eq!(response.status(), 200);
    drop(response);
    let body = &memory.records()[0].request.body;
    assert_eq!((body.state, body.bytes), (BodyState::Partial, Some(6)));
}

#[actix_web::test]
async fn a_request_body_that_nobody_asks_is_dropped_with_the_request() {
    let watch = Watch::default();
    let outer = watch.clone();
    let app = App::new()
        .route("/", web::post().to(HttpResponse::Ok))
        .wrap(BodyLogger::builder().sink(Memory::new(10)).build())
        .wrap_fn(move |mut req, app| {
            let payload = Box::pin(watched::<PayloadError>(&outer));
            req.set_payload(Payload::Stream { payload });
            app.call(req)
        });
    let app = test::init_service(app).await;
    let request = TestRequest::post().insert_header(("transfer-encoding", "chunked"));
    let response = test::call_service(&app, request.to_request()).await;
    // The response is still here: actix closes or drains a connection by what is dropped by now.
    assert!(watch.is_dropped());
    assert_eq!((response.status().as_u16(), watch.polls()), (200, 0));
}

#[actix_web::test]
async fn a_response_body_is_asked_when_the_server_asks() {
    let memory = Memory::new(10);
    let watch = Watch::default();
    let handlers = watch.clone();
    let app = App::new()
        .route(
            "/",
            web::get().to(move || {
                let body = watched::<Error>(&handlers);
                async move { HttpResponse::Ok().streaming(body) }
            }),
        )
        .wrap(BodyLogger::builder().sink(memory.clone()).build());
    let app = test::init_service(app).await;
    let response = test::call_service(&app, TestRequest::get().to_request()).await;
    assert_eq!(watch.polls(), 0);
    let mut body = Box::pin(response.into_body());
    let mut next = || {
        let mut cx = Context::from_waker(std::task::Waker::noop());
        let polled = body.as_mut().poll_next(&mut cx);
        polled.map(|item| item.map(|item| item.expect("no error")))
    };
    for (n, expected) in [
        Poll::Ready(Some(Bytes::from_static(b"one"))),
        Poll::Pending,
        Poll::Ready(Some(Bytes::from_static(b"two"))),
        Poll::Ready(None),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(next(), expected);
        assert_eq!(watch.polls(), n + 1);
    }
    drop(body);
    assert!(watch.is_dropped());
    let record = memory.records().remove(0);
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(record.response.expect("a response").body.bytes, Some(6));
}
