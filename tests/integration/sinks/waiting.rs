//! Where new exchanges wait for a full queue: nothing hangs, and nothing is lost that fits.

use std::{
    sync::{mpsc, Mutex},
    thread,
    time::{Duration, Instant},
};

use actix_web::{rt::System, web, App, HttpResponse};
use actix_web_body_logger::{
    policy::MemoryBudget,
    record::missing_entries,
    sink::{Memory, QueueOptions, WhenFull},
    BodyLogger, BodyLoggerBuilder, Entry, Record, Sink, SinkError,
};
use futures_util::stream;

use super::{accounting::get_at_once, get, serve, Blocking};
use crate::app::{TestApp, PATIENCE};

/// A logger whose exchanges wait, and what its sink takes.
fn waiting(settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder) -> (BodyLogger, Memory) {
    let kept = Memory::new(10_000);
    let copies = kept.clone();
    let logger = BodyLogger::builder()
        .queue(QueueOptions::default().when_full(WhenFull::Wait))
        .sink(move |record: &Record| {
            let entry = Entry::Record(record.clone());
            copies.write(&[entry]).expect("memory takes all");
        });
    (settings(logger).build(), kept)
}

#[test]
fn a_logger_that_wraps_twice_answers_every_request_and_records_each_twice() {
    const CLIENTS: usize = 20;
    for records in [1, 8] {
        let (logger, kept) =
            waiting(|logger| logger.queue(QueueOptions::default().records(records)));
        let served = logger.clone();
        let app = TestApp::serve(
            Memory::new(0),
            move || {
                let inner = web::scope("")
                    .wrap(served.clone())
                    .route("/{tail:.*}", web::get().to(HttpResponse::Ok));
                App::new().wrap(served.clone()).service(inner)
            },
            |server| server,
        );
        get_at_once(&app, CLIENTS, 5);
        app.stop(true);
        System::new()
            .block_on(logger.shutdown(PATIENCE))
            .expect("a sink that works");
        assert_eq!(logger.counters().lost(), 0);
        let report = missing_entries(kept.entries()).remove(0);
        assert_eq!(
            (report.held, report.last),
            (10 * CLIENTS as u64, 10 * CLIENTS as u64)
        );
    }
}

#[test]
fn open_streams_keep_nobody_waiting_while_the_sink_is_idle() {
    let (logger, _) = waiting(|logger| logger.queue(QueueOptions::default().records(2)));
    let served = logger.clone();
    let app = TestApp::serve(
        Memory::new(0),
        move || {
            let events = || async {
                let event =
                    stream::iter([Ok::<_, actix_web::Error>(web::Bytes::from("data: 1\n\n"))]);
                let never = stream::pending();
                HttpResponse::Ok()
                    .content_type("text/event-stream")
                    .streaming(stream::StreamExt::chain(event, never))
            };
            App::new()
                .wrap(served.clone())
                .route("/events", web::get().to(events))
                .route("/", web::get().to(HttpResponse::Ok))
        },
        |server| server,
    );
    let open: Vec<_> = (0..20)
        .map(|_| {
            let mut client = app.connect();
            client.send("GET /events HTTP/1.1\r\nhost: test\r\n\r\n");
            client
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(app.connect().get("/").status, 200);
    }
    drop(open);
    app.stop(false);
}

#[test]
fn cancelled_exchanges_do_not_exceed_the_excess_and_what_is_dropped_is_named() {
    const QUEUE: usize = 20_000;
    let budget = MemoryBudget::new(1 << 30);
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder()
        .sink(sink)
        .memory_budget(budget.clone())
        .queue(
            QueueOptions::default()
                .records(4)
                .bytes(QUEUE)
                .when_full(WhenFull::Wait),
        )
        .build();
    let (tell, told) = mpsc::channel::<()>();
    let tell = web::Data::new(Mutex::new(tell));
    let served = logger.clone();
    let app = TestApp::serve(
        Memory::new(0),
        move || {
            let hangs = |started: web::Data<Mutex<mpsc::Sender<()>>>| async move {
                started.lock().expect("a lock").send(()).expect("a test");
                std::future::pending::<HttpResponse>().await
            };
            App::new()
                .app_data(tell.clone())
                .wrap(served.clone())
                .route("/hangs", web::get().to(hangs))
        },
        |server| server,
    );
    let clients: Vec<_> = (0..100)
        .map(|_| {
            let mut client = app.connect();
            client.send("GET /hangs HTTP/1.1\r\nhost: test\r\n\r\n");
            client
        })
        .collect();
    for _ in &clients {
        told.recv_timeout(PATIENCE).expect("a handler");
    }
    // All of them end at once, while the queue has room for four.
    drop(clients);
    app.stop(false);
    // A forced stop does not wait for the workers, which free what the queue refuses after it was numbered.
    let began = Instant::now();
    while logger.counters().produced < 100 || budget.in_use() > 2 * QUEUE {
        let (counters, in_use) = (logger.counters(), budget.in_use());
        assert!(began.elapsed() < PATIENCE, "{in_use} {counters:?}");
        thread::yield_now();
    }
    let counters = logger.counters();
    assert!(counters.queued_bytes <= 2 * QUEUE as u64, "{counters:?}");
    assert!(
        counters.dropped_newest > 0 && counters.queued > 4,
        "{counters:?}"
    );
    assert_eq!(counters.queued + counters.dropped_newest, 100);
    drop(logger);
    let written = gate.open().concat();
    let lost = written
        .iter()
        .filter_map(|it| it.strip_suffix(" lost")?.parse::<u64>().ok());
    assert_eq!(lost.sum::<u64>(), counters.dropped_newest);
}

#[test]
fn an_idle_queue_goes_on_after_an_entry_that_can_never_fit() {
    let kept = Memory::new(100);
    let logger = BodyLogger::builder()
        .sink(super::accounting::Queued(kept.clone()))
        .queue(QueueOptions::default().bytes(4000))
        .build();
    let app = serve(&logger, &Memory::new(0));
    let mut client = app.connect();
    for number in 0..10 {
        if number == 3 {
            // Its head alone is larger than the queue.
            let large = "x".repeat(3500);
            client.send(format!(
                "GET /large HTTP/1.1\r\nhost: test\r\nx-large: {large}\r\n\r\n"
            ));
            assert_eq!(client.response().status, 200);
        } else {
            assert_eq!(client.get("/small").status, 200);
        }
        System::new()
            .block_on(logger.sync(Duration::MAX))
            .expect("a sink that works");
    }
    app.stop(true);
    let report = missing_entries(kept.entries()).remove(0);
    assert_eq!((report.held, report.lost), (9, vec![4..=4]));
}

#[test]
fn an_entry_that_can_never_fit_loses_its_bodies_and_drops_nothing_else() {
    for when_full in [
        WhenFull::DropNewest,
        WhenFull::DropOldest,
        WhenFull::ShedBodies,
        WhenFull::Wait,
    ] {
        let (sink, gate) = Blocking::new();
        let logger = BodyLogger::builder()
            .sink(sink)
            .queue(QueueOptions::default().bytes(15_000).when_full(when_full))
            .build();
        let served = logger.clone();
        let app = TestApp::serve(
            Memory::new(0),
            move || {
                let read = |_: web::Bytes| async { HttpResponse::Ok() };
                App::new()
                    .wrap(served.clone())
                    .default_service(web::to(read))
            },
            |server| server,
        );
        let mut client = app.connect();
        assert_eq!(client.get("/0").status, 200);
        gate.next();
        assert_eq!(client.get("/1").status, 200);
        let body = format!("\"{}\"", "x".repeat(31_000));
        assert_eq!(client.post("/2", "application/json", &body).status, 200);
        drop(client);
        app.stop(true);
        let counters = logger.counters();
        assert_eq!((counters.queued, counters.lost()), (3, 0), "{when_full:?}");
        assert_eq!(counters.bodies_shed, 1, "{when_full:?}");
        drop(logger);
        assert_eq!(gate.open().concat(), ["/1", "/2"]);
    }
}

#[test]
fn an_exchange_that_waits_and_is_cancelled_leaves_its_turn_to_others() {
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder()
        .sink(sink)
        .queue(QueueOptions::default().records(1).when_full(WhenFull::Wait))
        .build();
    let app = serve(&logger, &Memory::new(0));
    get(&app, 0..1);
    gate.next();
    let mut gone = app.connect();
    gone.send("GET /gone HTTP/1.1\r\nhost: test\r\n\r\n");
    wait_for(&logger, 1);
    let mut stays = app.connect();
    stays.send("GET /stays HTTP/1.1\r\nhost: test\r\n\r\n");
    wait_for(&logger, 2);
    drop(gone);
    drop(gate.open);
    assert_eq!(stays.response().status, 200);
    drop(stays);
    app.stop(true);
}

/// Waits until so many exchanges have had to wait.
#[track_caller]
pub fn wait_for(logger: &BodyLogger, waits: u64) {
    let began = Instant::now();
    while logger.counters().waits < waits {
        assert!(began.elapsed() < PATIENCE, "{:?}", logger.counters());
        thread::yield_now();
    }
}

/// Fails to take a gap once, as a full disk would.
#[derive(Default)]
struct RefusesGaps(Mutex<bool>);

impl Sink for RefusesGaps {
    fn write(&self, _: &[Entry]) -> Result<(), SinkError> {
        let mut refused = self.0.lock().expect("a lock");
        if !std::mem::replace(&mut *refused, true) {
            return Err(SinkError::new("once"));
        }
        Ok(())
    }
}

#[test]
fn a_sink_that_fails_keeps_nobody_waiting() {
    let logger = BodyLogger::builder()
        .sink(RefusesGaps::default())
        .queue(QueueOptions::default().records(1).when_full(WhenFull::Wait))
        .build();
    let app = serve(&logger, &Memory::new(0));
    get(&app, 0..20);
    app.stop(true);
}
