//! The queue: its bounds, its batches, and its end.

use std::{
    sync::{mpsc, Mutex},
    thread,
    time::Instant,
};

use actix_web::{web, App, HttpResponse, Responder};
use actix_web_body_logger::{
    policy::MemoryBudget,
    sink::{Memory, QueueOptions, FLUSH_TIMEOUT},
    BodyLogger, Outcome, Record,
};

use super::{captured_log, get, paths, serve, Blocking};
use crate::app::{TestApp, PATIENCE};

#[test]
fn the_queue_holds_no_more_bytes_than_it_was_told_and_counts_what_it_drops() {
    const LIMIT: usize = 20_000;
    let (memory, budget) = (Memory::new(1000), MemoryBudget::new(1 << 20));
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder()
        .inline_sink(memory.clone())
        .memory_budget(budget.clone())
        .sink(sink)
        .queue(QueueOptions::default().bytes(LIMIT))
        .build();
    let app = serve(&logger, &memory);
    get(&app, 0..1);
    let mut written = gate.next();
    get(&app, 1..100);
    assert_eq!(app.stop(true).len(), 100);

    // What is captured is in the queue now, or nowhere.
    let waiting = budget.in_use();
    let dropped = usize::try_from(logger.counters().dropped_newest).expect("a small number");
    assert!(dropped > 0 && waiting <= LIMIT, "{dropped} {waiting}");
    let kept = 100 - dropped;
    // There was no room for another one, beside the one that is being written.
    let largest = waiting / (kept - 1) + 16;
    assert!(waiting + 2 * largest > LIMIT, "{kept} {waiting}");

    drop(logger);
    written.extend(gate.open().concat());
    let gap = vec![format!("{dropped} lost")];
    assert_eq!(written, [paths(0..1), paths(1..kept), gap].concat());
    assert_eq!(budget.in_use(), 0);
}

#[test]
fn a_queue_without_room_drops_all_and_counts_all() {
    for (records, bytes) in [(0, usize::MAX), (usize::MAX, 0)] {
        let memory = Memory::new(1000);
        let (sink, gate) = Blocking::new();
        let logger = BodyLogger::builder()
            .inline_sink(memory.clone())
            .sink(sink)
            .queue(QueueOptions::default().records(records).bytes(bytes))
            .build();
        let app = serve(&logger, &memory);
        get(&app, 0..5);
        app.stop(true);
        assert_eq!(logger.counters().dropped_newest, 5);
        drop(logger);
        let told: Vec<String> = gate.open().concat();
        let lost = told
            .iter()
            .map(|it| it.strip_suffix(" lost")?.parse::<u64>().ok());
        assert_eq!(lost.sum::<Option<u64>>(), Some(5), "{told:?}");
    }
}

#[test]
fn what_has_gathered_is_written_in_batches_in_the_order_of_the_exchanges() {
    let memory = Memory::new(10_000);
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder().sink(sink).build();
    let app = serve(&logger, &memory);
    get(&app, 0..1);
    let mut written = gate.next();
    get(&app, 1..1001);
    app.stop(true);
    assert_eq!(logger.counters().dropped_newest, 0);
    drop(logger);
    let batches = gate.open();
    assert!(batches.len() <= 20, "{} writes", batches.len());
    written.extend(batches.concat());
    assert_eq!(written, paths(0..1001));
}

#[test]
fn a_batch_holds_no_more_than_some_bytes() {
    const RECORDS: usize = 120;
    let memory = Memory::new(0);
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder().sink(sink).build();
    let served = logger.clone();
    let app = TestApp::serve(
        memory,
        move || {
            let read = |_: web::Bytes| async { HttpResponse::Ok() };
            App::new()
                .wrap(served.clone())
                .route("/", web::post().to(read))
        },
        |server| server,
    );
    let body = format!("\"{}\"", "x".repeat(30_000));
    let mut client = app.connect();
    for number in 0..RECORDS {
        assert_eq!(client.post("/", "application/json", &body).status, 200);
        if number == 0 {
            gate.next();
        }
    }
    drop(client);
    app.stop(true);
    assert_eq!(logger.counters().dropped_newest, 0);
    drop(logger);
    let batches: Vec<usize> = gate.open().iter().map(Vec::len).collect();
    assert_eq!(batches.iter().sum::<usize>(), RECORDS - 1);
    // Of 30 kB each, five are more than 128 KiB.
    assert!(
        batches.iter().all(|batch| (1..=5).contains(batch)),
        "{batches:?}"
    );
}

#[test]
fn dropping_the_guard_waits_until_the_sinks_have_all_records() {
    let memory = Memory::new(1000);
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder()
        .inline_sink(memory.clone())
        .sink(sink)
        .build();
    let guard = logger.flush_guard();
    let app = serve(&logger, &memory);
    get(&app, 0..1);
    let mut written = gate.next();
    get(&app, 1..20);
    let (tell, flushed) = mpsc::channel();
    // It is dropped while the server still runs, and while the sink blocks.
    let waiting = thread::spawn(move || {
        drop(guard);
        tell.send(()).expect("a test");
    });
    assert!(flushed.try_recv().is_err(), "the server runs");
    // A graceful stop takes a second of the time that the guard waits at most.
    app.stop(false);
    assert!(flushed.try_recv().is_err(), "the sink blocks");
    gate.open.send(()).expect("a sink");
    while written.len() < 20 {
        assert!(flushed.try_recv().is_err(), "{} written", written.len());
        written.extend(gate.next());
        gate.open.send(()).expect("a sink");
    }
    flushed.recv_timeout(PATIENCE).expect("a guard that ends");
    waiting.join().expect("a thread that does not panic");
    assert_eq!(written, paths(0..20));
}

#[test]
fn the_guard_gives_up_on_a_sink_that_never_ends() {
    let memory = Memory::new(1000);
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder()
        .inline_sink(memory.clone())
        .sink(sink)
        .build();
    let guard = logger.flush_guard();
    let app = serve(&logger, &memory);
    get(&app, 0..1);
    assert_eq!(gate.next(), paths(0..1));
    app.stop(true);
    let began = Instant::now();
    drop(guard);
    let waited = began.elapsed();
    assert!(FLUSH_TIMEOUT <= waited && waited < PATIENCE, "{waited:?}");
}

#[test]
fn the_guard_gives_up_on_workers_that_go_on_and_no_logger_that_panics_gets_out_of_it() {
    captured_log::install();
    let memory = Memory::new(1000);
    let logger = BodyLogger::builder().inline_sink(memory.clone()).build();
    let guard = logger.flush_guard();
    let app = serve(&logger, &memory);
    get(&app, 0..1);
    captured_log::panic_next();
    drop(guard);
    captured_log::events(
        "cannot flush all records: 0 records are not written, and workers may add more; giving up",
        1,
    );
    get(&app, 1..2);
    assert_eq!(app.stop(true).len(), 2);
}

#[test]
fn the_guard_waits_for_the_workers_also_where_there_is_no_queue() {
    let memory = Memory::new(1000);
    let logger = BodyLogger::builder().inline_sink(memory.clone()).build();
    let guard = logger.flush_guard();
    let app = serve(&logger, &memory);
    // It knows of workers once they run.
    get(&app, 0..1);
    let (tell, told) = mpsc::channel();
    let waiting = thread::spawn(move || {
        tell.send("waits").expect("a test");
        drop(guard);
        tell.send("is gone").expect("a test");
    });
    assert_eq!(told.recv_timeout(PATIENCE), Ok("waits"));
    // Meanwhile a guard that does not wait would be gone.
    get(&app, 1..50);
    assert_eq!(
        told.try_recv(),
        Err(mpsc::TryRecvError::Empty),
        "the server runs"
    );
    // A graceful stop takes a second of the time that the guard waits at most.
    app.stop(false);
    assert_eq!(told.recv_timeout(PATIENCE), Ok("is gone"));
    waiting.join().expect("a thread that does not panic");
    assert_eq!(memory.records().len(), 50);
}

#[test]
fn after_a_forced_stop_all_exchanges_in_flight_are_written_before_the_guard_is_gone() {
    type Started = web::Data<Mutex<mpsc::Sender<()>>>;
    async fn hangs(started: Started) -> impl Responder {
        let told = started.lock().expect("a lock").send(());
        told.expect("a test");
        std::future::pending::<HttpResponse>().await
    }
    let (tell, started) = mpsc::channel();
    let tell: Started = web::Data::new(Mutex::new(tell));
    let (sink, written) = mpsc::channel();
    let sink = Mutex::new(sink);
    let logger = BodyLogger::builder()
        .sink(move |record: &Record| {
            let sink = sink.lock().expect("a lock");
            sink.send(record.outcome.expect("an end")).expect("a test");
        })
        .build();
    let guard = logger.flush_guard();
    let app = TestApp::serve(
        Memory::new(0),
        move || {
            App::new()
                .app_data(tell.clone())
                .wrap(logger.clone())
                .route("/", web::get().to(hangs))
        },
        |server| server,
    );
    let clients: Vec<_> = (0..8)
        .map(|_| {
            let mut client = app.connect();
            client.send("GET / HTTP/1.1\r\nhost: test\r\n\r\n");
            client
        })
        .collect();
    for _ in &clients {
        started.recv_timeout(PATIENCE).expect("a handler");
    }
    app.stop(false);
    drop(guard);
    let outcomes: Vec<Outcome> = written.try_iter().collect();
    assert_eq!(outcomes, [Outcome::Cancelled; 8]);
}
