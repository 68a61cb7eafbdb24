//! Kept bytes cost what they claim: a counting allocator looks at what exchanges hold on to.
//!
//! Real sockets matter here: what actix hands out are slices of its read buffers of 8 KiB, and
//! whoever keeps 20 bytes of one keeps it whole.

#[path = "integration/app.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the harness is shared with the other test binary"
)]
mod app;
#[path = "integration/client.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the harness is shared with the other test binary"
)]
mod client;
#[path = "memory/spool.rs"]
mod spool;

use std::{
    alloc::System,
    mem,
    sync::{
        mpsc::{self, Receiver, Sender},
        Mutex, MutexGuard, PoisonError,
    },
    time::Duration,
};

use actix_web::{rt::System as Runtime, web, App, HttpResponse};
use actix_web_body_logger::{
    policy::{MemoryBudget, StartRecords, MAX_HEAD_VALUE},
    record::BodyState,
    sink::{Memory, QueueOptions},
    BodyLogger, BodyLoggerBuilder, Entry, Exchange, Record, Sink, SinkError,
};
use stats_alloc::{StatsAlloc, INSTRUMENTED_SYSTEM};

use crate::app::{TestApp, PATIENCE};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

const BODY: &str = r#"{"twenty":"bytes 1"}"#;
const EXCHANGES: usize = 10_000;
/// Of them, so many come on a connection of their own, and the others on one.
const LONE: usize = 1_000;

/// Only one test at a time may allocate.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The bytes that are allocated at this moment.
fn heap() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated - stats.bytes_deallocated
}

fn serve(logger: &BodyLogger, memory: &Memory) -> TestApp {
    let logger = logger.clone();
    let echo = |body: web::Bytes| async move {
        HttpResponse::Ok()
            .content_type("application/json")
            .body(body)
    };
    TestApp::serve(
        memory.clone(),
        move || {
            App::new()
                .wrap(logger.clone())
                .route("/echo", web::post().to(echo))
        },
        |server| server,
    )
}

/// Sends the body there and back so many times, in part on connections of their own.
#[track_caller]
fn exchange(app: &TestApp, lone: usize, together: usize) {
    let post = |client: &mut client::Client| {
        let response = client.post("/echo", "application/json", BODY);
        assert_eq!((response.status, response.text()), (200, BODY));
    };
    for _ in 0..lone {
        post(&mut app.connect());
    }
    let mut client = app.connect();
    for _ in 0..together {
        post(&mut client);
    }
}

/// A sink that hangs in the first batch it gets.
struct Blocking {
    entered: Mutex<Sender<()>>,
    gate: Mutex<Receiver<()>>,
}

/// The other ends of a [`Blocking`]. Dropping it lets the sink go for good.
struct Gate {
    entered: Receiver<()>,
    _open: Sender<()>,
}

impl Blocking {
    fn new() -> (Self, Gate) {
        let (tell, entered) = mpsc::channel();
        let (open, gate) = mpsc::channel();
        let sink = Self {
            entered: Mutex::new(tell),
            gate: Mutex::new(gate),
        };
        let open = Gate {
            entered,
            _open: open,
        };
        (sink, open)
    }
}

impl Sink for Blocking {
    fn write(&self, _: &[Entry]) -> Result<(), SinkError> {
        // The test may be over already.
        let _ = self.entered.lock().expect("a lock").send(());
        let _ = self.gate.lock().expect("a lock").recv();
        Ok(())
    }
}

impl Gate {
    /// Waits until the sink hangs.
    #[track_caller]
    fn wait(&self) {
        let hangs = self.entered.recv_timeout(PATIENCE);
        hangs.expect("a sink that has an entry");
    }
}

/// Lets the sink go on, and waits until it has all entries, however long it takes to render them.
fn finish(logger: &BodyLogger, gate: Gate) {
    drop(gate);
    let written = Runtime::new().block_on(logger.shutdown(Duration::MAX));
    written.expect("a sink that works");
}

/// How much the heap grows, and how much the budget says it does, by requests whose entries wait
/// behind a sink that hangs.
#[track_caller]
fn grown_and_claimed(
    settings: fn(BodyLoggerBuilder) -> BodyLoggerBuilder,
    routes: fn(&mut web::ServiceConfig),
    requests: usize,
    send: impl Fn(&mut client::Client),
) -> (usize, usize) {
    let (sink, gate) = Blocking::new();
    let budget = MemoryBudget::new(256 * 1024 * 1024);
    let logger = settings(
        BodyLogger::builder()
            .memory_budget(budget.clone())
            .sink(sink),
    )
    .build();
    let run = |requests| {
        let logger = logger.clone();
        let app = TestApp::serve(
            Memory::new(0),
            move || App::new().wrap(logger.clone()).configure(routes),
            |server| server,
        );
        let mut client = app.connect();
        (0..requests).for_each(|_| send(&mut client));
        drop(client);
        app.stop(true);
    };
    run(1);
    gate.wait();
    let (heap_before, budget_before) = (heap(), budget.in_use());
    run(requests);
    let measured = (
        heap().saturating_sub(heap_before),
        budget.in_use() - budget_before,
    );
    finish(&logger, gate);
    assert_eq!(budget.in_use(), 0);
    measured
}

/// What a copy of a record costs: what it cannot do with less than.
fn cost_of_a_copy(record: &Record) -> usize {
    let before = heap();
    let copy = record.clone();
    let cost = heap() - before + mem::size_of::<Record>();
    drop(copy);
    cost
}

#[test]
fn ten_thousand_kept_exchanges_cost_less_than_a_kibibyte_each_beyond_their_records() {
    let _alone = alone();
    assert_eq!(BODY.len(), 20);
    // What the first requests leave behind, in actix and in the runtime, is not ours.
    let warm = Memory::new(0);
    let logger = BodyLogger::builder().sink(warm.clone()).build();
    let app = serve(&logger, &warm);
    exchange(&app, 10, 100);
    app.stop(true);

    let memory = Memory::new(EXCHANGES);
    let logger = BodyLogger::builder().sink(memory.clone()).build();
    let before = heap();
    let app = serve(&logger, &memory);
    exchange(&app, LONE, EXCHANGES - LONE);
    app.stop(true);
    let grown = heap() - before;

    let records = memory.records();
    assert_eq!(records.len(), EXCHANGES);
    let mut copies = 0;
    for record in &records {
        let body = &record.request.body;
        assert_eq!((body.state, body.captured), (BodyState::Complete, 20));
        copies += cost_of_a_copy(record);
    }
    let beyond = grown.saturating_sub(copies) / EXCHANGES;
    let report = format!(
        "{} bytes each, of which a copy needs {}",
        grown / EXCHANGES,
        copies / EXCHANGES
    );
    assert!(grown >= copies, "{report}");
    assert!(beyond < 1024, "{report}");
}

#[test]
fn what_waits_behind_a_blocked_sink_costs_no_more_than_the_budget_says() {
    /// The queue's ring doubles when it grows: with so many in it, hardly a slot is free.
    const WAITING: usize = 16_000;
    /// For what the server leaves behind, and the bookkeeping of an allocation or two.
    const SLACK: usize = 64;

    let _alone = alone();
    let (sink, gate) = Blocking::new();
    let budget = MemoryBudget::new(256 * 1024 * 1024);
    let nothing = Memory::new(0);
    let logger = BodyLogger::builder()
        .memory_budget(budget.clone())
        .queue(
            QueueOptions::default()
                .records(2 * WAITING)
                .bytes(256 * 1024 * 1024),
        )
        .sink(sink)
        .build();

    let app = serve(&logger, &nothing);
    exchange(&app, 1, 0);
    gate.wait();
    app.stop(true);

    // The sink hangs in the first record. All others wait.
    let (heap_before, budget_before) = (heap(), budget.in_use());
    let app = serve(&logger, &nothing);
    exchange(&app, LONE, WAITING - LONE);
    app.stop(true);
    let (grown, claimed) = (heap() - heap_before, budget.in_use() - budget_before);

    let report = format!(
        "{} bytes each, {} of them claimed",
        grown / WAITING,
        claimed / WAITING
    );
    assert_eq!(logger.counters().dropped_newest, 0);
    assert!(claimed / WAITING > 2 * BODY.len(), "{report}");
    assert!(grown <= claimed + SLACK * WAITING, "{report}");

    finish(&logger, gate);
    assert_eq!(budget.in_use(), 0);
    assert_eq!(logger.counters().dropped_newest, 0);
}

#[test]
fn an_error_message_that_waits_costs_what_is_kept_of_it() {
    const REQUESTS: usize = 1_000;
    /// Less than a message, and more than what the server leaves behind for a request.
    const SLACK: usize = MAX_HEAD_VALUE / 4;

    let _alone = alone();
    let (grown, claimed) = grown_and_claimed(
        |logger| logger.show_error_messages().max_body_bytes(0),
        |cfg| {
            cfg.route(
                "/",
                web::post().to(|_: web::Json<u32>| async { "a number" }),
            );
        },
        REQUESTS,
        |client| {
            // What is wrong with it is said in as many words.
            let sent = format!("\"{}\"", "x".repeat(50_000));
            assert_eq!(client.post("/", "application/json", sent).status, 400);
        },
    );
    let report = format!(
        "{} bytes each, {} claimed",
        grown / REQUESTS,
        claimed / REQUESTS
    );
    assert!(claimed >= REQUESTS * MAX_HEAD_VALUE, "{report}");
    assert!(claimed <= REQUESTS * 2 * MAX_HEAD_VALUE, "{report}");
    assert!(grown <= claimed + REQUESTS * SLACK, "{report}");
}

#[test]
fn a_method_that_waits_costs_what_is_kept_of_it() {
    const REQUESTS: usize = 1_000;
    /// Less than a method, and more than what the server leaves behind for a request.
    const SLACK: usize = MAX_HEAD_VALUE / 4;

    let _alone = alone();
    let (grown, claimed) = grown_and_claimed(
        |logger| logger,
        |cfg| {
            cfg.default_service(web::to(HttpResponse::Ok));
        },
        REQUESTS,
        |client| {
            let method = "A".repeat(50_000);
            client.send(format!("{method} / HTTP/1.1\r\nhost: test\r\n\r\n"));
            assert_eq!(client.response().status, 200);
        },
    );
    let report = format!(
        "{} bytes each, {} claimed",
        grown / REQUESTS,
        claimed / REQUESTS
    );
    assert!(claimed >= REQUESTS * MAX_HEAD_VALUE, "{report}");
    assert!(claimed <= REQUESTS * 2 * MAX_HEAD_VALUE, "{report}");
    assert!(grown <= claimed + REQUESTS * SLACK, "{report}");
}

#[test]
fn start_records_that_wait_take_up_no_more_than_the_queue_may_hold() {
    const QUEUE: usize = 1_000_000;

    let _alone = alone();
    let (grown, _) = grown_and_claimed(
        |logger| {
            logger
                .start_records(StartRecords::LongLived)
                .queue(QueueOptions::default().bytes(QUEUE))
        },
        |cfg| {
            cfg.default_service(web::to(|| async {
                HttpResponse::Ok()
                    .content_type("text/event-stream")
                    .body("data: 1\n\n")
            }));
        },
        1000,
        |client| {
            let target = format!("/{}", "p/".repeat(2000));
            assert_eq!(client.get(&target).status, 200);
        },
    );
    assert!(grown >= QUEUE / 2, "{grown}: it was not filled");
    assert!(grown <= QUEUE + QUEUE / 4, "{grown}");
}

#[test]
fn attributes_cost_what_they_claim() {
    async fn fill(exchange: Exchange, budget: web::Data<MemoryBudget>) -> HttpResponse {
        let before = (heap(), budget.in_use());
        // Names of four bytes, and no values: of none fit more.
        let mut names = ('\u{10000}'..).map(String::from);
        while names
            .by_ref()
            .next()
            .is_some_and(|name| exchange.set_attribute(name, ""))
        {}
        let measured = (heap() - before.0, budget.in_use() - before.1);
        HttpResponse::Ok().json(measured)
    }

    let _alone = alone();
    let budget = MemoryBudget::new(1 << 20);
    let logger = BodyLogger::builder()
        .memory_budget(budget.clone())
        .inline_sink(Memory::new(0))
        .build();
    let budget = web::Data::new(budget);
    let app = TestApp::serve(
        Memory::new(0),
        move || {
            App::new()
                .wrap(logger.clone())
                .app_data(budget.clone())
                .route("/", web::get().to(fill))
        },
        |server| server,
    );
    let answer = app.connect().get("/");
    let (grown, claimed): (usize, usize) = serde_json::from_str(answer.text()).expect("numbers");
    assert!(grown <= claimed, "{grown} bytes, {claimed} claimed");
    assert!(claimed <= 2 * grown, "{grown} bytes, {claimed} claimed");
}
