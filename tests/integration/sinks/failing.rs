//! Sinks that fail, panic or block: clients notice nothing, and every loss is counted.

use std::{
    error::Error,
    fmt,
    io::{self, BufWriter, Write},
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
};

use actix_web::{web, App, HttpResponse, Responder};
use actix_web_body_logger::{
    sink::{JsonLines, Memory, QueueOptions},
    BodyLogger, Entry, Outcome, Record, Sink, SinkError,
};

use super::{captured_log, get, paths, paths_of, serve, Blocking};
use crate::app::TestApp;

/// Fails in the way that its text says.
struct Failing(&'static str);

impl Sink for Failing {
    fn write(&self, _: &[Entry]) -> Result<(), SinkError> {
        Err(SinkError::new(self.0))
    }
}

/// Takes everything, and fails to hand it on.
struct FailingFlush;

impl Sink for FailingFlush {
    fn write(&self, _: &[Entry]) -> Result<(), SinkError> {
        Ok(())
    }

    fn flush(&self) -> Result<(), SinkError> {
        Err(SinkError::new("no"))
    }
}

/// A disk that is full.
struct Full;

impl Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// An error that cannot be shown.
#[derive(Debug)]
struct Unspeakable;

impl fmt::Display for Unspeakable {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        panic!("an error, on purpose")
    }
}

impl Error for Unspeakable {}

/// Fails with an error that cannot be shown.
struct FailingUnspeakably;

impl Sink for FailingUnspeakably {
    fn write(&self, _: &[Entry]) -> Result<(), SinkError> {
        Err(SinkError::new(Unspeakable))
    }
}

/// Takes everything, and panics when it should hand it on.
struct PanickingFlush;

impl Sink for PanickingFlush {
    fn write(&self, _: &[Entry]) -> Result<(), SinkError> {
        Ok(())
    }

    fn flush(&self) -> Result<(), SinkError> {
        panic!("a flush, on purpose")
    }
}

fn panics(_: &Record) {
    panic!("a sink, on purpose");
}

#[test]
fn sinks_that_fail_behind_the_queue_lose_their_own_records_only() {
    let (behind, inline) = (Memory::new(1000), Memory::new(1000));
    let logger = {
        let behind = behind.clone();
        BodyLogger::builder()
            .sink(Failing("on purpose"))
            .sink(panics)
            .sink(FailingFlush)
            .sink(JsonLines::new(Full))
            // As a closure it is behind the queue, and last.
            .sink(move |record: &Record| {
                let entry = Entry::Record(record.clone());
                behind.write(&[entry]).expect("memory takes all");
            })
            .inline_sink(inline.clone())
            .build()
    };
    let guard = logger.flush_guard();
    let app = serve(&logger, &inline);
    get(&app, 0..40);
    app.stop(true);
    drop(guard);

    assert_eq!(paths_of(&inline.entries()), paths(0..40));
    assert_eq!(behind.entries(), inline.entries());
    let counters = logger.counters();
    // Those of the one that fails, and those of the full disk.
    assert_eq!((counters.sink_error, counters.sink_panic), (80, 40));
    assert_eq!(counters.dropped_newest, 0);
}

#[test]
fn sinks_that_fail_on_the_worker_harm_neither_it_nor_each_other() {
    let inline = Memory::new(1000);
    let logger = BodyLogger::builder()
        .inline_sink(Failing("on purpose"))
        .inline_sink(panics)
        .inline_sink(inline.clone())
        .build();
    let app = serve(&logger, &inline);
    get(&app, 0..40);
    app.stop(true);
    assert_eq!(paths_of(&inline.entries()), paths(0..40));
    let counters = logger.counters();
    assert_eq!((counters.sink_error, counters.sink_panic), (40, 40));
}

#[test]
fn an_error_that_panics_when_it_is_shown_harms_nobody() {
    // It is shown only where somebody listens.
    captured_log::install();
    let (behind, inline) = (Memory::new(1000), Memory::new(1000));
    let on_the_worker = BodyLogger::builder()
        .inline_sink(FailingUnspeakably)
        .inline_sink(inline.clone())
        .build();
    let app = serve(&on_the_worker, &inline);
    get(&app, 0..40);
    app.stop(true);
    assert_eq!(paths_of(&inline.entries()), paths(0..40));
    assert_eq!(on_the_worker.counters().sink_error, 40);

    let queued = {
        let behind = behind.clone();
        BodyLogger::builder()
            .sink(FailingUnspeakably)
            .sink(move |record: &Record| {
                let entry = Entry::Record(record.clone());
                behind.write(&[entry]).expect("memory takes all");
            })
            .build()
    };
    let guard = queued.flush_guard();
    let app = serve(&queued, &behind);
    get(&app, 0..40);
    app.stop(true);
    drop(guard);
    assert_eq!(paths_of(&behind.entries()), paths(0..40));
    assert_eq!(queued.counters().sink_error, 40);
}

#[test]
fn each_flush_that_fails_is_counted() {
    let memory = Memory::new(1000);
    let logger = BodyLogger::builder()
        .inline_sink(FailingFlush)
        .inline_sink(PanickingFlush)
        .inline_sink(memory.clone())
        .build();
    let app = serve(&logger, &memory);
    get(&app, 0..40);
    assert_eq!(app.stop(true).len(), 40);
    let counters = logger.counters();
    assert_eq!(counters.flush_error, 80);
    assert_eq!((counters.sink_error, counters.sink_panic), (0, 0));
}

/// Counts what fails when it is flushed or synced.
struct Observed<S>(S, Arc<AtomicU64>);

impl<S> Observed<S> {
    fn observe(&self, result: Result<(), SinkError>) -> Result<(), SinkError> {
        self.1
            .fetch_add(u64::from(result.is_err()), Ordering::SeqCst);
        result
    }
}

impl<S: Sink> Sink for Observed<S> {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        self.0.write(entries)
    }

    fn flush(&self) -> Result<(), SinkError> {
        self.observe(self.0.flush())
    }

    fn sync(&self) -> Result<(), SinkError> {
        self.observe(self.0.sync())
    }
}

#[test]
fn what_a_full_disk_does_not_take_from_a_buffer_is_counted() {
    let memory = Memory::new(1000);
    let failed = Arc::<AtomicU64>::default();
    let lines = JsonLines::new(BufWriter::with_capacity(1 << 20, Full));
    let logger = BodyLogger::builder()
        .sink(Observed(lines, Arc::clone(&failed)))
        .inline_sink(memory.clone())
        .build();
    let guard = logger.flush_guard();
    let app = serve(&logger, &memory);
    get(&app, 0..5);
    app.stop(true);
    drop(guard);
    let counters = logger.counters();
    assert_eq!(counters.sink_error, 0, "the buffer takes all");
    // Behind each batch, of which there may be one to five, and where the guard asks for it.
    let failed = failed.load(Ordering::SeqCst);
    assert!(failed > 0);
    assert_eq!(counters.flush_error, failed);
}

#[test]
fn a_sink_may_panic_while_a_handlers_panic_unwinds() {
    async fn panicking_handler() -> impl Responder {
        if true {
            panic!("a handler, on purpose");
        }
        HttpResponse::Ok()
    }
    let memory = Memory::new(10);
    let logger = BodyLogger::builder()
        .inline_sink(panics)
        .inline_sink(memory.clone())
        .build();
    let app = {
        let logger = logger.clone();
        TestApp::serve(
            memory,
            move || {
                App::new()
                    .wrap(logger.clone())
                    .route("/", web::get().to(panicking_handler))
            },
            |server| server,
        )
    };
    let mut client = app.connect();
    client.send("GET / HTTP/1.1\r\nhost: test\r\n\r\n");
    assert!(client.is_hung_up());
    assert_eq!(app.record().outcome, Some(Outcome::Panicked));
    assert_eq!(app.connect().get("/lost").status, 404);
    app.stop(true);
    assert_eq!(logger.counters().sink_panic, 2);
}

#[test]
fn losses_are_reported_through_the_log_once_in_a_while_and_not_each_time() {
    captured_log::install();
    let mark = "the-disk-of-this-test-is-full";
    let memory = Memory::new(1000);
    let logger = BodyLogger::builder()
        .inline_sink(Failing(mark))
        .inline_sink(memory.clone())
        .build();
    let app = serve(&logger, &memory);
    get(&app, 0..20);
    app.stop(true);
    assert_eq!(logger.counters().sink_error, 20);
    let reports = captured_log::events(mark, 1);
    assert_eq!(reports[0].level, log::Level::Warn);
    let expected = format!(
        "body logger: cannot write Failing: {mark}; 1 record lost, going on with the next batch"
    );
    assert_eq!(reports[0].text, expected);
}

#[test]
fn while_a_sink_blocks_clients_are_served_and_what_finds_no_room_is_dropped_and_counted() {
    let memory = Memory::new(1000);
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder()
        .inline_sink(memory.clone())
        .sink(sink)
        .queue(QueueOptions::default().records(10))
        .build();
    let app = serve(&logger, &memory);
    get(&app, 0..1);
    let mut written = gate.next();
    // From here on the queue's thread hangs in the sink, with one record that is not written yet.
    get(&app, 1..30);
    assert_eq!(app.connect().get("/30").status, 200);
    let records = app.stop(true);
    assert_eq!(records.len(), 31);
    assert_eq!(logger.counters().dropped_newest, 21);

    drop(logger);
    written.extend(gate.open().concat());
    // The oldest are kept: those that were accepted before it was full. What was lost meanwhile is
    // named where it was.
    let gap = vec!["21 lost".to_owned()];
    assert_eq!(written, [paths(0..1), paths(1..10), gap].concat());
}
