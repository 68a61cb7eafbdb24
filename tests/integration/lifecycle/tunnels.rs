//! Upgrades: the payload is the raw connection, and the record waits until it closes.

use std::{cell::RefCell, fmt};

use actix_web::{
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::{from_fn, Next},
    web, App, Error, HttpRequest, HttpResponse, ResponseError,
};
use actix_web_body_logger::{
    policy::{MemoryBudget, StartRecords, Unsampled},
    record::{BodyState, Reason, Stage},
    Entry, Exchange, Outcome, Sink, SinkError, TailSampling,
};
use actix_ws::Message;
use futures_util::StreamExt as _;

use super::{chunks, request_body, response};
use crate::{
    app::{Gate, TestApp},
    client::Client,
};

async fn echo(req: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Error> {
    let (response, mut session, mut messages) = actix_ws::handle(&req, payload)?;
    actix_web::rt::spawn(async move {
        while let Some(Ok(message)) = messages.next().await {
            match message {
                Message::Text(text) => session.text(text).await.expect("an open session"),
                _ => break,
            }
        }
        // The client may be gone.
        let _ = session.close(None).await;
    });
    Ok(response)
}

fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/ws/{room}", web::get().to(echo))
        .route("/refused", web::get().to(HttpResponse::Forbidden))
        .route(
            "/events",
            web::get().to(|| async {
                HttpResponse::Ok()
                    .content_type("text/event-stream; charset=utf-8")
                    .streaming(chunks(["data: 1\n\n", "data: 2\n\n"]))
            }),
        )
        .route("/plain", web::get().to(|| async { "plain" }));
}

fn upgrade(client: &mut Client, target: &str) -> u16 {
    client.send(format!(
        "GET {target} HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    ));
    client.head().status
}

/// A text of up to 125 bytes, under a mask of zeros.
fn text(text: &str) -> Vec<u8> {
    let head = [0x81, 0x80 | text.len() as u8, 0, 0, 0, 0];
    [&head, text.as_bytes()].concat()
}

const CLOSE: [u8; 6] = [0x88, 0x80, 0, 0, 0, 0];

#[test]
fn a_websocket_is_recorded_when_it_closes() {
    let app = TestApp::new(routes);
    let mut client = app.connect();
    assert_eq!(upgrade(&mut client, "/ws/1"), 101);
    let mut received = 0;
    for word in ["hello", "is", "anybody there?"] {
        let echoed = client.send(text(word)).exactly(2 + word.len());
        assert_eq!(&echoed[2..], word.as_bytes());
        received += echoed.len();
    }
    assert_eq!(app.memory().entries(), [], "it is still open");
    client.send(CLOSE);
    received += client.rest().expect("the rest").len();

    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Upgraded));
    assert_eq!(record.error, None);
    assert_eq!(record.request.route.as_deref(), Some("/ws/{room}"));
    assert_eq!(record.request.body.bytes, None);
    assert_eq!(record.request.body.reasons, [Reason::Upgrade]);
    assert_eq!(
        response(&record),
        (101, BodyState::Complete, received as u64)
    );
    let body = record.response.expect("a response").body;
    assert_eq!((body.captured, body.reasons), (0, vec![Reason::Upgrade]));
}

#[test]
fn a_websocket_whose_client_goes_without_a_word_is_recorded() {
    let app = TestApp::new(routes);
    let mut client = app.connect();
    assert_eq!(upgrade(&mut client, "/ws/1"), 101);
    assert_eq!(client.send(text("hello")).exactly(7)[2..], *b"hello");
    client.reset();
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Upgraded));
    assert_eq!(record.request.body.bytes, None);
    let (status, _, bytes) = response(&record);
    assert_eq!(status, 101);
    assert!(bytes >= 7, "{bytes}");
}

#[test]
fn a_websocket_that_a_forced_stop_cuts_is_recorded() {
    let app = TestApp::new(routes);
    let mut client = app.connect();
    assert_eq!(upgrade(&mut client, "/ws/1"), 101);
    assert_eq!(client.send(text("hello")).exactly(7)[2..], *b"hello");
    let records = app.stop(false);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].outcome, Some(Outcome::Upgraded));
    assert_eq!(response(&records[0]), (101, BodyState::Aborted, 7));
}

#[test]
fn an_upgrade_that_is_refused_is_an_answer_like_others() {
    let app = TestApp::new(routes);
    let mut client = app.connect();
    assert_eq!(upgrade(&mut client, "/refused"), 403);
    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Completed));
    assert_eq!(request_body(&record), (BodyState::Unread, Some(0)));
    assert_eq!(response(&record), (403, BodyState::Empty, 0));
    let reasons = record.response.expect("a response").body.reasons;
    assert!(!reasons.contains(&Reason::Upgrade), "{reasons:?}");
}

/// `Connection` is not what actix looks at: the payload is the raw connection, which nobody read.
#[test]
fn an_upgrade_that_nobody_agrees_to_leaves_a_body_unread() {
    let app = TestApp::new(routes);
    for upgrade in ["WebSocket", "h2c\r\nupgrade: websocket"] {
        let mut client = app.connect();
        client.send(format!(
            "GET /plain HTTP/1.1\r\nhost: test\r\nupgrade: {upgrade}\r\n\r\n"
        ));
        assert_eq!(client.response().text(), "plain");
    }
    for record in app.only_records(2) {
        assert_eq!(record.outcome, Some(Outcome::Completed));
        assert_eq!(request_body(&record), (BodyState::Unread, Some(0)));
        assert_eq!(record.request.body.reasons, []);
        assert_eq!(response(&record), (200, BodyState::Complete, 5));
    }
}

/// Clients that would rather use HTTP/2 ask for it with any request. A body of a known length is whole once it was read.
#[test]
fn an_upgrade_to_another_protocol_than_websocket_is_a_request_like_others() {
    async fn reads_a_chunk(mut payload: web::Payload) -> HttpResponse {
        let chunk = payload.next().await.expect("a chunk").expect("a body");
        HttpResponse::Ok().body(chunk)
    }

    let app = TestApp::new(|cfg: &mut web::ServiceConfig| {
        cfg.route("/", web::post().to(reads_a_chunk));
    });
    let mut client = app.connect();
    client.send(
        "POST / HTTP/1.1\r\nhost: test\r\nconnection: upgrade, http2-settings\r\nupgrade: h2c\r\n\
         http2-settings: AAMAAABkAAQAAP__\r\ncontent-length: 5\r\n\r\nhello",
    );
    assert_eq!(client.response().text(), "hello");
    let record = app.only_record();
    assert_eq!(request_body(&record), (BodyState::Complete, Some(5)));
    assert_eq!(response(&record), (200, BodyState::Complete, 5));
}

/// What was read before the handler agreed was captured within the limits; no more than its count
/// stays of it, and that says nothing of a tunnel.
#[test]
fn what_was_captured_of_a_tunnel_is_dropped_when_it_is_agreed_on() {
    const LIMIT: usize = 10_000;
    const SENT: usize = 1_000_000;

    async fn agrees(gate: web::Data<Gate>, mut payload: web::Payload) -> HttpResponse {
        let mut read = 0;
        while read < SENT {
            read += payload
                .next()
                .await
                .expect("a chunk")
                .expect("a chunk")
                .len();
        }
        gate.pass().await;
        let rest = payload.inspect(move |_| gate.arrive()).map(Ok::<_, Error>);
        HttpResponse::SwitchingProtocols()
            .upgrade("websocket")
            .streaming(rest.map(|chunk| chunk.and_then(|chunk| Ok(chunk?))))
    }

    let (gate, keeper) = Gate::new();
    let gate = web::Data::new(gate);
    let budget = MemoryBudget::new(1 << 20);
    let settings = budget.clone();
    let app = TestApp::recording(
        move |logger| logger.max_body_bytes(LIMIT).memory_budget(settings),
        move |logger| {
            App::new()
                .wrap(logger)
                .app_data(gate.clone())
                .route("/", web::get().to(agrees))
        },
    );
    let mut client = app.connect();
    client.send(
        "GET / HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         content-type: application/json\r\n\r\n",
    );
    client.send(vec![b'1'; SENT]);
    keeper.wait();
    let before = budget.in_use();
    assert!((LIMIT..2 * LIMIT).contains(&before), "{before}");
    keeper.open();
    assert_eq!(client.head().status, 101);
    client.send("pong");
    keeper.wait();
    let after = budget.in_use();
    assert!(after < before - LIMIT + 1000, "{before} {after}");
    client.finish();
    drop(client.rest());

    let record = app.only_record();
    assert_eq!(record.outcome, Some(Outcome::Upgraded));
    assert_eq!(request_body(&record), (BodyState::Complete, None));
    let body = record.request.body;
    assert_eq!((body.captured, body.reasons), (0, vec![Reason::Upgrade]));
    assert_eq!((body.text, body.json), (None, None));
}

#[test]
fn a_connect_that_is_granted_is_a_tunnel() {
    let app = TestApp::new(|cfg| {
        cfg.default_service(web::to(|mut payload: web::Payload| async move {
            let first = payload.next().await.expect("a chunk").expect("a chunk");
            HttpResponse::Ok().streaming(
                chunks(["from afar: "]).chain(futures_util::stream::iter([Ok::<_, Error>(first)])),
            )
        }));
    });
    for (asks, count) in [
        ("", 1),
        ("upgrade: websocket\r\nconnection: upgrade\r\n", 2),
    ] {
        let mut client = app.connect();
        client.send(format!(
            "CONNECT afar:443 HTTP/1.1\r\nhost: afar:443\r\n{asks}\r\nraw"
        ));
        assert_eq!(client.head().status, 200);
        let record = app.records(count).remove(count - 1);
        assert_eq!(record.outcome, Some(Outcome::Upgraded), "{asks}");
        assert_eq!(record.request.method, "CONNECT");
        assert_eq!(record.request.body.bytes, None);
        assert_eq!(response(&record), (200, BodyState::Complete, 14));
    }
}

#[test]
fn start_records_announce_what_is_made_to_last() {
    let app = TestApp::configured(
        |logger| logger.start_records(StartRecords::LongLived),
        routes,
    );
    let mut client = app.connect();
    assert_eq!(client.get("/plain").text(), "plain");
    assert_eq!(client.get("/events").body.len(), 18);
    let mut client = app.connect();
    assert_eq!(upgrade(&mut client, "/ws/1"), 101);
    assert_eq!(client.send(text("hello")).exactly(7)[2..], *b"hello");
    let announced = app.memory().entries();
    assert_eq!(
        announced.len(),
        4,
        "the WebSocket is still open: {announced:#?}"
    );
    client.send(CLOSE);
    assert!(client.rest().is_ok());

    app.records(3);
    let memory = app.memory().clone();
    assert_eq!(app.stop(false).len(), 3);
    let entries = memory.entries();
    let [Entry::Record(plain), Entry::Record(events_begin), Entry::Record(events), Entry::Record(ws_begin), Entry::Record(ws)] =
        &entries[..]
    else {
        panic!("{entries:#?}");
    };
    assert_eq!(plain.request.path, "/plain");
    for (begin, end, status) in [(events_begin, events, 200), (ws_begin, ws, 101)] {
        assert_eq!(
            (begin.stage, begin.first_seq, begin.outcome),
            (Some(Stage::Start), None, None)
        );
        assert_eq!((end.stage, end.first_seq), (None, Some(begin.seq)));
        assert_eq!(begin.id, end.id);
        assert_eq!(begin.time, end.time);
        assert_eq!(begin.client, end.client);
        assert_eq!(begin.request.method, "GET");
        assert_eq!(begin.request.path, end.request.path);
        assert_eq!(begin.request.route, end.request.route);
        assert_eq!(begin.status(), Some(status));
        assert_eq!(end.status(), Some(status));
    }
    assert_eq!(ws.outcome, Some(Outcome::Upgraded));
    assert_eq!(events.outcome, Some(Outcome::Completed));
}

#[test]
fn there_are_no_start_records_unless_asked_for() {
    let app = TestApp::new(routes);
    assert_eq!(app.connect().get("/events").body.len(), 18);
    assert_eq!(app.records(1).len(), 1);
    assert_eq!(app.memory().entries().len(), 1);
}

/// Which entries there are, in their order.
fn kinds(entries: &[Entry]) -> Vec<&str> {
    let kind = |entry: &Entry| match entry {
        Entry::Record(record) => record.stage.map_or("exchange", Stage::as_str),
        entry => panic!("{entry:?}"),
    };
    entries.iter().map(kind).collect()
}

#[test]
fn an_answer_to_head_is_not_announced_as_the_stream_it_does_not_send() {
    let app = TestApp::configured(
        |logger| logger.start_records(StartRecords::LongLived),
        |cfg| {
            cfg.route(
                "/events",
                web::head().to(|| async {
                    HttpResponse::Ok()
                        .content_type("text/event-stream")
                        .streaming(chunks(["data: 1\n\n"]))
                }),
            );
        },
    );
    let mut client = app.connect();
    client.send("HEAD /events HTTP/1.1\r\nhost: test\r\n\r\n");
    assert_eq!(client.response_to("HEAD").status, 200);
    assert_eq!(app.record().outcome, Some(Outcome::Completed));
    assert_eq!(kinds(&app.memory().entries()), ["exchange"]);
}

#[test]
fn what_was_announced_gets_its_record_though_nothing_was_to_be_kept_of_it() {
    let app = TestApp::configured(
        |logger| {
            let keep = TailSampling::if_any().otherwise(Unsampled::Nothing);
            let keep = keep.when(|summary| summary.route == Some("/plain"));
            logger
                .start_records(StartRecords::LongLived)
                .last_events(1)
                .tail_sampling(keep)
        },
        routes,
    );
    let mut client = app.connect();
    for target in ["/events", "/refused", "/plain"] {
        client.get(target);
    }
    let memory = app.memory().clone();
    let records = app.only_records(2);
    assert_eq!(
        kinds(&memory.entries()),
        ["start", "exchange", "exchange"],
        "nothing of the one that was refused"
    );
    let body = &records[0].response.as_ref().expect("a response").body;
    assert_eq!(
        (body.captured, &*body.reasons),
        (0, &[Reason::SampledOut][..])
    );
    assert_eq!(records[1].request.path, "/plain");
}

#[test]
fn an_error_of_which_several_responses_are_made_is_announced_once() {
    #[derive(Debug)]
    struct Streamed;

    impl fmt::Display for Streamed {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("streamed")
        }
    }

    impl ResponseError for Streamed {
        fn error_response(&self) -> HttpResponse {
            HttpResponse::InternalServerError()
                .content_type("text/event-stream")
                .streaming(chunks(["event: error\n\n"]))
        }
    }

    async fn fails<B: MessageBody>(
        _: ServiceRequest,
        _: Next<B>,
    ) -> Result<ServiceResponse<B>, Error> {
        Err(Streamed.into())
    }

    async fn peeks<B: MessageBody>(
        req: ServiceRequest,
        next: Next<B>,
    ) -> Result<ServiceResponse<B>, Error> {
        let result = next.call(req).await;
        if let Err(error) = &result {
            assert_eq!(error.error_response().status(), 500);
        }
        result
    }

    let app = TestApp::recording(
        |logger| logger.start_records(StartRecords::LongLived),
        |logger| {
            App::new()
                .wrap(from_fn(fails))
                .wrap(logger)
                .wrap(from_fn(peeks))
        },
    );
    assert_eq!(app.connect().get("/").text(), "event: error\n\n");
    app.record();
    assert_eq!(kinds(&app.memory().entries()), ["start", "exchange"]);
}

thread_local! {
    /// The exchange that the handler of this worker has to do with.
    static CURRENT: RefCell<Option<Exchange>> = const { RefCell::new(None) };
}

#[test]
fn a_sink_on_the_worker_may_use_the_exchange_that_is_announced_to_it() {
    struct Touching;

    impl Sink for Touching {
        fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
            let exchange = CURRENT
                .take()
                .filter(|_| matches!(entries, [Entry::Record(record)] if record.stage == Some(Stage::Start)));
            if let Some(exchange) = exchange {
                assert!(exchange.set_attribute("announced", "yes"));
            }
            Ok(())
        }
    }

    let app = TestApp::configured(
        |logger| {
            logger
                .start_records(StartRecords::LongLived)
                .inline_sink(Touching)
        },
        |cfg| {
            cfg.route(
                "/",
                web::get().to(|exchange: Exchange| async {
                    CURRENT.set(Some(exchange));
                    HttpResponse::Ok()
                        .content_type("text/event-stream")
                        .streaming(chunks(["data: 1\n\n"]))
                }),
            );
        },
    );
    assert_eq!(app.connect().get("/").text(), "data: 1\n\n");
    let attributes = app.only_record().attributes;
    assert_eq!(attributes.get("announced").map(String::as_str), Some("yes"));
}
