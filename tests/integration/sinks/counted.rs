//! Whatever a sink does: memory stays within its bounds, and what was produced was written, is
//! counted as lost, or still waits.

use std::{
    ops::RangeFrom,
    sync::{
        mpsc::{self, Receiver, Sender},
        Mutex,
    },
};

use actix_web::{web, App, HttpResponse};
use actix_web_body_logger::{
    policy::MemoryBudget,
    sink::{Counters, JsonLines, Memory, QueueOptions, WhenFull},
    BodyLogger, Entry, Sink, SinkError,
};

use super::{get, paths, serve, Blocking};
use crate::app::{TestApp, PATIENCE};

const BUDGET: usize = 400_000;
const QUEUE: usize = 150_000;
const REQUESTS: usize = 300;

struct Failing;

impl Sink for Failing {
    fn write(&self, _: &[Entry]) -> Result<(), SinkError> {
        Err(SinkError::new("on purpose"))
    }
}

struct Panicking;

impl Sink for Panicking {
    fn write(&self, _: &[Entry]) -> Result<(), SinkError> {
        panic!("a sink, on purpose")
    }
}

/// Takes an entry whenever it is let, and tells which one it waits to be let to take.
struct Slow(Mutex<(RangeFrom<usize>, Sender<usize>, Receiver<()>)>);

impl Slow {
    fn new() -> (Self, Sender<()>, Receiver<usize>) {
        let (let_one, gate) = mpsc::channel();
        let (tell, waits_for) = mpsc::channel();
        (Self(Mutex::new((1.., tell, gate))), let_one, waits_for)
    }
}

impl Sink for Slow {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let (numbers, tell, gate) = &mut *self.0.lock().expect("a lock");
        for (_, number) in entries.iter().zip(numbers) {
            // Once nobody is left who might let it, it does not wait.
            let _ = tell.send(number);
            let _ = gate.recv();
        }
        Ok(())
    }
}

pub(super) fn echo(logger: &BodyLogger) -> TestApp {
    let logger = logger.clone();
    TestApp::serve(
        Memory::new(0),
        move || {
            let echo = |body: web::Bytes| async { HttpResponse::Ok().body(body) };
            App::new()
                .wrap(logger.clone())
                .route("/", web::post().to(echo))
        },
        |server| server,
    )
}

/// Sends requests with bodies, looks at the bounds after each, and stops the server. `between` is
/// called after each hundredth.
#[track_caller]
fn served(when_full: WhenFull, sink: impl Sink, between: impl Fn()) -> BodyLogger {
    let budget = MemoryBudget::new(BUDGET);
    let logger = BodyLogger::builder()
        .sink(sink)
        .memory_budget(budget.clone())
        .queue(QueueOptions::default().bytes(QUEUE).when_full(when_full))
        .build();
    let app = echo(&logger);
    let body = format!("\"{}\"", "x".repeat(5000));
    let mut clients: Vec<_> = (0..4).map(|_| app.connect()).collect();
    for number in 0..REQUESTS {
        if number % 100 == 99 {
            between();
        }
        let client = &mut clients[number % 4];
        assert_eq!(client.post("/", "application/json", &body).status, 200);
        let queued = logger.counters().queued_bytes;
        assert!(queued <= QUEUE as u64, "{queued}");
        assert!(budget.in_use() <= BUDGET, "{}", budget.in_use());
    }
    drop(clients);
    app.stop(true);
    logger
}

/// What is counted while the queue's thread is not in the middle of counting a batch.
#[track_caller]
fn counted(logger: &BodyLogger) -> Counters {
    let counters = logger.counters();
    let accounted = counters.written + counters.lost() + counters.queued;
    assert_eq!(counters.produced, REQUESTS as u64);
    assert_eq!(accounted, counters.produced, "{counters:?}");
    counters
}

/// What is counted when the queue is empty.
#[track_caller]
fn counted_in_the_end(logger: &BodyLogger) -> Counters {
    drop(logger.flush_guard());
    let counters = counted(logger);
    assert_eq!(counters.queued, 0);
    counters
}

const POLICIES: [WhenFull; 3] = [
    WhenFull::DropNewest,
    WhenFull::DropOldest,
    WhenFull::ShedBodies,
];

#[test]
fn of_a_sink_that_blocks_for_ever() {
    for when_full in POLICIES {
        let (sink, gate) = Blocking::new();
        let counters = counted(&served(when_full, sink, || {}));
        assert_eq!(counters.written, 0);
        let lost = counters.dropped_newest + counters.dropped_oldest;
        assert!(lost > 0 || counters.bodies_shed > 0, "{counters:?}");
        drop(gate);
    }
}

#[test]
fn of_a_sink_that_fails_every_time() {
    for when_full in POLICIES {
        let counters = counted_in_the_end(&served(when_full, Failing, || {}));
        let lost = counters.dropped_newest + counters.dropped_oldest + counters.sink_error;
        assert_eq!((counters.written, lost), (0, REQUESTS as u64));
    }
}

#[test]
fn of_a_sink_that_panics_every_time() {
    for when_full in POLICIES {
        let counters = counted_in_the_end(&served(when_full, Panicking, || {}));
        let lost = counters.dropped_newest + counters.dropped_oldest + counters.sink_panic;
        assert_eq!((counters.written, lost), (0, REQUESTS as u64));
    }
}

#[test]
fn of_a_sink_that_is_a_hundred_times_too_slow() {
    for when_full in POLICIES {
        let (sink, let_one, waits_for) = Slow::new();
        let let_next = || let_one.send(()).expect("a sink");
        let logger = served(when_full, sink, let_next);
        // It was let so often, and cannot have taken more.
        for entry in 1..=REQUESTS / 100 + 1 {
            assert_eq!(waits_for.recv_timeout(PATIENCE), Ok(entry));
        }
        let counters = counted(&logger);
        assert!(counters.queued > 0, "{counters:?}");
        drop(let_one);
        let counters = counted_in_the_end(&logger);
        let lost = counters.dropped_newest + counters.dropped_oldest;
        assert_eq!(counters.written + lost, REQUESTS as u64);
    }
}

#[test]
fn of_sinks_without_a_queue() {
    for (fails, written) in [(false, 3), (true, 0)] {
        let memory = Memory::new(3);
        let logger = BodyLogger::builder().inline_sink(memory.clone());
        let logger = logger.inline_sink(fails.then_some(Failing)).build();
        let app = serve(&logger, &memory);
        get(&app, 0..3);
        app.stop(true);
        let counters = logger.counters();
        assert_eq!((counters.produced, counters.written), (3, written));
        assert_eq!(counters.sink_error, 3 - written);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn of_a_disk_that_is_full() {
    for when_full in POLICIES {
        let full = JsonLines::open("/dev/full").expect("a device");
        let counters = counted_in_the_end(&served(when_full, full, || {}));
        let lost = counters.dropped_newest + counters.dropped_oldest + counters.sink_error;
        assert_eq!((counters.written, lost), (0, REQUESTS as u64));
    }
}

#[test]
fn of_what_tells_of_a_gap_nothing_is_counted() {
    let memory = Memory::new(0);
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder()
        .sink(sink)
        .queue(QueueOptions::default().records(5))
        .build();
    let app = serve(&logger, &memory);
    get(&app, 0..1);
    gate.next();
    // Four find room.
    get(&app, 1..20);
    gate.open.send(()).expect("a sink");
    assert_eq!(gate.next(), paths(1..5));
    gate.open.send(()).expect("a sink");
    assert_eq!(gate.next(), ["15 lost"]);
    get(&app, 20..21);
    let counters = logger.counters();
    assert_eq!((counters.produced, counters.written), (21, 5));
    assert_eq!((counters.dropped_newest, counters.queued), (15, 1));
    app.stop(true);
    drop(logger);
    assert_eq!(gate.open().concat(), ["/20"]);
}

#[test]
fn what_tells_of_a_gap_has_to_find_room_too() {
    for (when_full, more) in POLICIES.into_iter().flat_map(|it| [(it, 0), (it, 4000)]) {
        let limit = QUEUE + more;
        let (sink, gate) = Blocking::new();
        let logger = BodyLogger::builder()
            .sink(sink)
            .queue(QueueOptions::default().bytes(limit).when_full(when_full))
            .build();
        let app = echo(&logger);
        let mut client = app.connect();
        // Each takes a little less than the one before, so that one of them just fits.
        for size in (0..6000).rev().step_by(20) {
            let body = format!("\"{}\"", "x".repeat(size));
            assert_eq!(client.post("/", "application/json", &body).status, 200);
            let queued = logger.counters().queued_bytes;
            assert!(queued <= limit as u64, "{queued}");
        }
        drop(gate);
    }
}
