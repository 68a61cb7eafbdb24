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

use std::{
    alloc::System,
    mem,
    sync::{mpsc, Mutex, MutexGuard, PoisonError},
};

use actix_web::{web, App, HttpResponse};
use actix_web_body_logger::{sink::Memory, BodyLogger, BodyState, Budget, Record};
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
    let (entered, writing) = mpsc::channel();
    let (open, gate) = mpsc::channel::<()>();
    let (entered, gate) = (Mutex::new(entered), Mutex::new(gate));
    let budget = Budget::new(256 * 1024 * 1024);
    let nothing = Memory::new(0);
    let logger = BodyLogger::builder()
        .memory_budget(budget.clone())
        .queue_records(2 * WAITING)
        .queue_bytes(256 * 1024 * 1024)
        .sink(move |_: &Record| {
            let _ = entered.lock().expect("a lock").send(());
            let _ = gate.lock().expect("a lock").recv();
        })
        .build();
    let guard = logger.flush_guard();

    let app = serve(&logger, &nothing);
    exchange(&app, 1, 0);
    writing
        .recv_timeout(PATIENCE)
        .expect("the sink has a record");
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
    assert_eq!(logger.counters().queue_full, 0);
    assert!(claimed / WAITING > 2 * BODY.len(), "{report}");
    assert!(grown <= claimed + SLACK * WAITING, "{report}");

    drop(open);
    drop(guard);
    assert_eq!(budget.in_use(), 0);
    assert_eq!(logger.counters().queue_full, 0);
}
