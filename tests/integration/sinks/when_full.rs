//! What becomes of entries for which the queue has no room, and that nothing is lost in silence.

use std::{
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc, Arc,
    },
    thread,
    time::{Duration, Instant},
};

use actix_web::{web, App, HttpResponse};
use actix_web_body_logger::{
    record::Reason,
    sink::{Counters, Memory, QueueOptions, WhenFull},
    BodyLogger, BodyLoggerBuilder, Entry, Sink, SinkError,
};

use super::{get, paths, serve, waiting::wait_for, Blocking, Gate};
use crate::app::{TestApp, PATIENCE};

/// Sends twenty requests: the first is being written, and the queue has room for four more.
fn overfilled(
    settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder,
) -> (Counters, Vec<String>) {
    let memory = Memory::new(1000);
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder()
        .inline_sink(memory.clone())
        .sink(sink)
        .queue(QueueOptions::default().records(5));
    let logger = settings(logger).build();
    let app = serve(&logger, &memory);
    get(&app, 0..1);
    let mut written = gate.next();
    get(&app, 1..20);
    app.stop(true);
    let counters = logger.counters();
    drop(logger);
    written.extend(gate.open().concat());
    (counters, written)
}

#[test]
fn the_newest_are_dropped_and_the_gap_is_told_where_they_were() {
    let (counters, written) = overfilled(|logger| logger);
    assert_eq!((counters.produced, counters.queued), (20, 5));
    assert_eq!((counters.dropped_newest, counters.dropped_oldest), (15, 0));
    let gap = vec!["15 lost".to_owned()];
    assert_eq!(written, [paths(0..1), paths(1..5), gap].concat());
}

#[test]
fn the_oldest_are_dropped_where_asked_and_the_gap_is_told_where_they_were() {
    let (counters, written) =
        overfilled(|logger| logger.queue(QueueOptions::default().when_full(WhenFull::DropOldest)));
    assert_eq!((counters.produced, counters.queued), (20, 5));
    assert_eq!((counters.dropped_newest, counters.dropped_oldest), (0, 15));
    let gap = vec!["15 lost".to_owned()];
    assert_eq!(written, [paths(0..1), gap, paths(16..20)].concat());
}

/// Keeps what a sink takes that blocks.
struct Beside(Blocking, Memory);

impl Sink for Beside {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        self.0.write(entries)?;
        self.1.write(entries)
    }
}

#[test]
fn bodies_are_shed_where_asked_before_any_record_is_dropped() {
    let (memory, kept) = (Memory::new(0), Memory::new(1000));
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder()
        .sink(Beside(sink, kept.clone()))
        .queue(
            QueueOptions::default()
                .bytes(60_000)
                .when_full(WhenFull::ShedBodies),
        )
        .build();
    let echo = |cfg: &mut web::ServiceConfig| {
        cfg.route(
            "/{tail:.*}",
            web::post().to(|_: web::Bytes| async { HttpResponse::Ok() }),
        );
    };
    let served = logger.clone();
    let app = TestApp::serve(
        memory.clone(),
        move || App::new().wrap(served.clone()).configure(echo),
        |server| server,
    );
    let body = format!("\"{}\"", "a".repeat(10_000));
    let mut client = app.connect();
    assert_eq!(client.post("/", "application/json", &body).status, 200);
    gate.next();
    for _ in 0..11 {
        assert_eq!(client.post("/", "application/json", &body).status, 200);
    }
    drop(client);
    app.stop(true);
    let counters = logger.counters();
    drop(logger);
    gate.open();
    assert_eq!((counters.produced, counters.dropped_newest), (12, 0));
    let bodies: Vec<_> = kept.records().into_iter().map(|r| r.request.body).collect();
    assert_eq!(bodies.len(), 12);
    let (whole, shed): (Vec<_>, Vec<_>) = bodies.iter().partition(|body| body.json.is_some());
    assert_eq!(shed.len() as u64, counters.bodies_shed);
    assert!(
        whole.len() >= 3 && shed.len() >= 6,
        "{} {}",
        whole.len(),
        shed.len()
    );
    for body in shed {
        assert_eq!(
            (body.captured, &*body.reasons),
            (0, &[Reason::MemoryBudget][..])
        );
        assert_eq!(body.bytes, Some(10_002));
    }
}

#[test]
fn new_exchanges_wait_where_asked_and_nothing_is_lost() {
    let memory = Memory::new(1000);
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder()
        .inline_sink(memory.clone())
        .sink(sink)
        .queue(QueueOptions::default().records(2).when_full(WhenFull::Wait))
        .exclude_path("/free")
        .build();
    let app = serve(&logger, &memory);
    get(&app, 0..1);
    let mut written = gate.next();
    get(&app, 1..2);
    // Both places are taken now.
    let mut waits = app.connect();
    waits.send("GET /2 HTTP/1.1\r\nhost: test\r\n\r\n");
    wait_for(&logger, 1);
    // Only exchanges that leave a record wait.
    assert_eq!(app.connect().get("/free").status, 200);
    assert_eq!(memory.records().len(), 2);
    gate.open.send(()).expect("a sink");
    assert_eq!(waits.response().status, 200);
    drop(waits);

    let Gate { given, open } = gate;
    drop(open);
    get(&app, 3..50);
    app.stop(true);
    let counters = logger.counters();
    drop(logger);
    written.extend(Gate::rest(given).concat());
    assert_eq!(written, paths(0..50));
    assert_eq!((counters.dropped_newest, counters.dropped_oldest), (0, 0));
    assert!(counters.waits > 0);
}

/// Fails a number of times, and then tells what it is given.
struct Recovering {
    fails: AtomicUsize,
    given: Memory,
}

impl Sink for Recovering {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let left = self.fails.load(Ordering::SeqCst);
        if left > 0 {
            self.fails.store(left - 1, Ordering::SeqCst);
            return Err(SinkError::new("on purpose"));
        }
        self.given.write(entries)
    }
}

#[test]
fn a_sink_that_recovers_is_told_what_it_missed() {
    let (memory, given) = (Memory::new(1000), Memory::new(1000));
    let logger = BodyLogger::builder()
        .inline_sink(memory.clone())
        .inline_sink(Recovering {
            fails: AtomicUsize::new(3),
            given: given.clone(),
        })
        .build();
    let app = serve(&logger, &memory);
    get(&app, 0..5);
    app.stop(true);
    assert_eq!(logger.counters().sink_error, 3);
    let entries = given.entries();
    let [Entry::Gap(gap), Entry::Record(_), Entry::Record(_)] = &entries[..] else {
        panic!("{entries:?}");
    };
    assert_eq!(gap.gap.dropped, 3);
    assert_eq!(gap.gap.reasons.get("sink_error"), Some(&3));
    let line = serde_json::to_string(&entries[0]).expect("JSON");
    assert_eq!(
        serde_json::from_str::<Entry>(&line).expect("an entry"),
        entries[0]
    );
}

#[test]
fn what_was_produced_was_written_or_is_counted_as_lost() {
    for when_full in [
        WhenFull::DropNewest,
        WhenFull::DropOldest,
        WhenFull::ShedBodies,
    ] {
        let memory = Memory::new(1000);
        let calls = Arc::new(AtomicUsize::new(0));
        let turns = Arc::clone(&calls);
        let logger = BodyLogger::builder()
            .inline_sink(memory.clone())
            .queue(QueueOptions::default().records(8).when_full(when_full))
            .sink(move |_: &actix_web_body_logger::Record| {
                let turn = turns.fetch_add(1, Ordering::SeqCst);
                if turn.is_multiple_of(3) {
                    panic!("a sink, on purpose");
                }
            })
            .build();
        let app = serve(&logger, &memory);
        get(&app, 0..200);
        app.stop(true);
        drop(logger.flush_guard());
        let Counters {
            produced,
            written,
            dropped_newest,
            dropped_oldest,
            sink_error,
            sink_panic,
            queued,
            ..
        } = logger.counters();
        assert_eq!((produced, queued), (200, 0));
        let lost = dropped_newest + dropped_oldest + sink_error + sink_panic;
        assert_eq!(written + lost, produced);
        assert!(sink_panic > 0);
    }
}

#[test]
fn a_shutdown_can_be_awaited_and_says_what_is_left() {
    let memory = Memory::new(1000);
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder()
        .inline_sink(memory.clone())
        .sink(sink)
        .build();
    let app = serve(&logger, &memory);
    get(&app, 0..1);
    gate.next();
    get(&app, 1..3);
    let ended = |logger: &BodyLogger, deadline| {
        actix_web::rt::System::new().block_on(logger.shutdown(deadline))
    };
    let left = ended(&logger, Duration::from_millis(1)).expect_err("the server runs");
    assert!(left.workers_left);
    app.stop(true);
    // The workers let go of the logger a moment after the server has stopped.
    let began = Instant::now();
    let left = loop {
        let left = ended(&logger, Duration::from_millis(1)).expect_err("it blocks");
        if !left.workers_left {
            break left;
        }
        assert!(began.elapsed() < PATIENCE, "{left}");
    };
    assert_eq!(left.records, 3);
    drop(gate.open);
    let (done, told) = mpsc::channel();
    let waiting = logger.clone();
    thread::spawn(move || done.send(ended(&waiting, PATIENCE)));
    assert_eq!(told.recv_timeout(PATIENCE).expect("an end"), Ok(()));
    assert_eq!(logger.counters().written, 3);
}
