//! Servers that stop while exchanges are in flight.

use std::{
    net::TcpStream,
    sync::{Arc, Mutex},
    thread,
    time::Instant,
};

use actix_web::{
    web::{self, Bytes},
    App, HttpResponse,
};
use actix_web_body_logger::{record::BodyState, sink::Memory, BodyLogger, Outcome, Record};
use futures_util::{stream, StreamExt as _};

use super::{chunks, endless, request_body, response};
use crate::app::{Gate, TestApp, PATIENCE};

#[test]
fn a_graceful_stop_lets_an_exchange_end() {
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, |cfg| {
        cfg.route(
            "/",
            web::get().to(|gate: web::Data<Gate>| async move {
                gate.pass().await;
                "at last"
            }),
        );
    });
    let addr = app.addr();
    let mut client = app.connect();
    client.send("GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n");
    keeper.wait();
    let stopping = thread::spawn(move || app.stop(true));
    // It has begun to stop when it no longer listens.
    let began = Instant::now();
    while TcpStream::connect(addr).is_ok() {
        assert!(began.elapsed() < PATIENCE, "it goes on");
        thread::yield_now();
    }
    keeper.open();
    assert_eq!(client.response().text(), "at last");
    drop(client);

    let records = stopping.join().expect("a stop");
    assert_eq!(records.len(), 1, "{records:#?}");
    assert_eq!(records[0].outcome, Some(Outcome::Completed));
    assert_eq!(response(&records[0]), (200, BodyState::Complete, 7));
}

/// Every kind of exchange that can be in flight, each several times.
fn in_flight(cfg: &mut web::ServiceConfig) {
    cfg.route(
        "/working",
        web::to(|gate: web::Data<Gate>| async move {
            gate.pass().await;
            "never"
        }),
    )
    .route(
        "/receiving",
        web::to(
            |gate: web::Data<Gate>, mut payload: web::Payload| async move {
                payload.next().await.expect("a chunk").expect("a chunk");
                gate.arrive();
                payload.next().await;
                "never"
            },
        ),
    )
    .route(
        "/idle",
        web::to(|gate: web::Data<Gate>| async {
            let never = stream::once(async move {
                gate.pass().await;
                Ok(Bytes::new())
            });
            HttpResponse::Ok().streaming(chunks(["event"]).chain(never))
        }),
    )
    .route(
        "/stuck",
        web::to(|gate: web::Data<Gate>| async move {
            gate.arrive();
            HttpResponse::Ok().streaming(endless())
        }),
    );
}

const PATHS: [&str; 4] = ["/working", "/receiving", "/idle", "/stuck"];

fn assert_all_cut(records: &[Record], each: usize) {
    assert_eq!(records.len(), PATHS.len() * each, "{records:#?}");
    for path in PATHS {
        let of_path = records.iter().filter(|record| record.request.path == path);
        assert_eq!(of_path.count(), each, "{path}");
    }
    for record in records {
        let (outcome, state) = match &*record.request.path {
            "/working" => (Outcome::Cancelled, BodyState::Unread),
            "/receiving" => (Outcome::Cancelled, BodyState::Aborted),
            _ => (Outcome::ResponseAborted, BodyState::Unread),
        };
        assert_eq!(
            (record.outcome, request_body(record).0),
            (Some(outcome), state)
        );
        if outcome == Outcome::ResponseAborted {
            assert_eq!(response(record).1, BodyState::Aborted);
        } else {
            assert_eq!(record.response, None);
        }
    }
}

fn begin_all(
    app: &TestApp,
    keeper: &crate::app::Keeper,
    each: usize,
) -> Vec<crate::client::Client> {
    let mut clients = Vec::new();
    for path in PATHS.repeat(each) {
        let mut client = app.connect();
        client.send(format!(
            "POST {path} HTTP/1.1\r\nhost: test\r\ncontent-length: 9\r\n\r\n1"
        ));
        keeper.wait();
        if matches!(path, "/idle" | "/stuck") {
            client.wait_readable();
        }
        clients.push(client);
    }
    clients
}

#[test]
fn a_forced_stop_ends_every_exchange() {
    let (gate, keeper) = Gate::new();
    let app = TestApp::sharing(gate, in_flight);
    let clients = begin_all(&app, &keeper, 2);
    assert_eq!(app.memory().entries(), [], "nothing has ended");
    let records = app.stop(false);
    assert_all_cut(&records, 2);
    drop(clients);
}

/// The sink is behind the queue, and nothing but the guard waits for it.
#[test]
fn a_forced_stop_loses_no_record_behind_a_flush_guard() {
    let written = Arc::new(Mutex::new(Vec::new()));
    let sink = {
        let written = Arc::clone(&written);
        move |record: &Record| written.lock().expect("a lock").push(record.clone())
    };
    let logger = BodyLogger::builder().sink(sink).build();
    let guard = logger.flush_guard();
    let (gate, keeper) = Gate::new();
    let gate = web::Data::new(gate);
    let app = TestApp::serve(
        Memory::new(0),
        move || {
            App::new()
                .wrap(logger.clone())
                .app_data(gate.clone())
                .configure(in_flight)
        },
        |server| server,
    );
    let clients = begin_all(&app, &keeper, 4);
    app.stop(false);
    drop(guard);
    let records = written.lock().expect("a lock").clone();
    assert_all_cut(&records, 4);
    drop(clients);
}
