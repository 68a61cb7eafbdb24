//! An exchange becomes a record once, whatever number of sinks there are, and where the docs say.

use std::{collections::BTreeSet, sync::mpsc, thread};

use actix_web::{web, App};
use actix_web_body_logger::{
    policy::MemoryBudget,
    sink::{JsonLines, Log, Memory, QueueOptions, Retry},
    BodyLogger, BodyLoggerBuilder, Entry, Record, Sink, SinkError,
};

use super::{counted::echo, get, paths, serve, Blocking};
use crate::app::TestApp;

/// What a redaction of the application's own adds to each record.
const ADDED: usize = 10_000;

/// Where records were made: the names of the threads that ran a redaction of the application's own.
fn rendered_on(sinks: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder) -> Vec<String> {
    let (made, threads) = mpsc::channel();
    let logger = BodyLogger::builder().redact_with(move |_: &mut Record| {
        let thread = thread::current();
        let name = thread.name().unwrap_or_default().to_owned();
        made.send(name).expect("a test waits");
    });
    let logger = sinks(logger).build();
    let app = serve(&logger, &Memory::new(0));
    get(&app, 0..5);
    app.stop(true);
    drop(logger.flush_guard());
    // The redaction goes with the last thread that has it.
    drop(logger);
    threads.iter().collect()
}

#[test]
fn the_sinks_of_the_audit_example_share_a_record_of_the_writer_thread() {
    for count in 1..4 {
        let threads = rendered_on(|logger| {
            let files = |logger: BodyLoggerBuilder, _| logger.sink(JsonLines::new(std::io::sink()));
            (0..count).fold(logger.sink(Log::default()), files)
        });
        assert_eq!(threads, ["body-logger"; 5]);
    }
}

#[test]
fn a_queued_sink_takes_log_and_memory_off_the_worker() {
    let memory = Memory::new(10);
    let threads = rendered_on(|logger| {
        logger
            .sink(memory.clone())
            .sink(|_: &Record| {})
            .sink(Log::default())
    });
    assert_eq!(threads, ["body-logger"; 5]);
    assert_eq!(memory.records().len(), 5);
}

#[test]
fn an_inline_sink_has_the_worker_make_the_record_of_all_sinks() {
    type Sinks = fn(BodyLoggerBuilder) -> BodyLoggerBuilder;
    let alone: [Sinks; 5] = [
        |logger| logger,
        |logger| logger.sink(Log::default()),
        |logger| logger.sink(Memory::new(1)).sink(Log::default()),
        |logger| logger.inline_sink(JsonLines::new(std::io::sink())),
        |logger| {
            logger
                .inline_sink(Log::default())
                .sink(JsonLines::new(std::io::sink()))
                .sink(Memory::new(1))
        },
    ];
    for sinks in alone {
        let threads = rendered_on(sinks);
        assert_eq!(threads.len(), 5);
        assert!(
            threads.iter().all(|name| name.starts_with("actix-rt")),
            "{threads:?}"
        );
    }
}

#[test]
fn several_threads_render_and_the_order_stays() {
    let (made, threads) = mpsc::channel();
    let (sink, gate) = Blocking::new();
    let logger = BodyLogger::builder()
        .redact_with(move |_: &mut Record| {
            let name = thread::current().name().unwrap_or_default().to_owned();
            made.send(name).expect("a test waits");
        })
        .queue(QueueOptions::default().render_threads(3))
        .sink(sink)
        .build();
    let app = serve(&logger, &Memory::new(0));
    get(&app, 0..1);
    let mut written = gate.next();
    // They wait together, so each thread gets some of them.
    get(&app, 1..41);
    app.stop(true);
    drop(logger);
    written.extend(gate.open().concat());
    assert_eq!(written, paths(0..41));
    let threads: BTreeSet<String> = threads.iter().collect();
    let threads: Vec<&str> = threads.iter().map(String::as_str).collect();
    assert_eq!(threads, ["body-logger", "body-logger-render"]);
}

#[test]
fn a_body_that_is_withheld_is_counted_once_wherever_its_record_is_made() {
    let queued = |logger: BodyLoggerBuilder| logger.sink(JsonLines::new(std::io::sink()));
    let inline = |logger: BodyLoggerBuilder| logger.inline_sink(JsonLines::new(std::io::sink()));
    let both = |logger| inline(queued(logger));
    let threads = QueueOptions::default().render_threads(2);
    for logger in [
        queued(BodyLogger::builder()),
        queued(BodyLogger::builder().queue(threads)),
        inline(BodyLogger::builder()),
        both(BodyLogger::builder()),
    ] {
        let logger = logger.build();
        let app = echo(&logger);
        let sent = app.connect().post("/", "application/json", "{\"a\": \"b");
        assert_eq!(sent.status, 200);
        app.stop(true);
        drop(logger.flush_guard());
        assert_eq!(logger.counters().redaction_withheld, 1);
    }
}

/// What waits is charged as what it is: raw, or the record that the worker has made.
#[test]
fn the_queue_charges_the_size_of_records_that_the_worker_has_made() {
    let in_use = |inline: bool| {
        let (budget, (sink, gate)) = (MemoryBudget::new(1 << 20), Blocking::new());
        let logger = BodyLogger::builder()
            .memory_budget(budget.clone())
            .redact_with(|record: &mut Record| {
                let attributes = &mut record.attributes;
                attributes.insert("added".to_owned(), "x".repeat(ADDED));
            })
            .sink(sink);
        let logger = match inline {
            true => logger.inline_sink(Log::default()),
            // Several sinks behind queues share rendered records, which wait for each of them.
            false => logger,
        };
        let logger = logger.build();
        let app = serve(&logger, &Memory::new(0));
        get(&app, 0..1);
        let mut written = gate.next();
        get(&app, 1..11);
        app.stop(true);
        let in_use = budget.in_use();
        drop(logger);
        written.extend(gate.open().concat());
        assert_eq!(written, paths(0..11));
        assert_eq!(budget.in_use(), 0);
        in_use
    };
    // Raw entries wait without what is added when they are rendered, but for the one being written.
    assert!(in_use(false) < 10 * ADDED);
    assert!(in_use(true) >= 11 * ADDED);
}

/// A sink that needs no headers.
#[derive(Clone)]
struct Headless(Memory);

impl Sink for Headless {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        self.0.write(entries)
    }

    fn needs_headers(&self) -> bool {
        false
    }
}

#[test]
fn records_have_headers_if_a_sink_or_the_redaction_of_the_application_reads_them() {
    type Readers = fn(BodyLoggerBuilder) -> BodyLoggerBuilder;
    let nobody: [Readers; 3] = [
        |logger| logger,
        |logger| logger.sink(Log::default()).sink(None::<Memory>),
        |logger| logger.inline_sink(Retry::new(Headless(Memory::new(1)))),
    ];
    let somebody: [Readers; 4] = [
        |logger| logger.sink(Memory::new(1)),
        |logger| logger.inline_sink(|_: &Record| {}),
        |logger| logger.redact_with(|_: &mut Record| {}),
        |logger| logger.sink(Box::new(Log::formatted(|_| String::new())) as Box<dyn Sink>),
    ];
    let cases = nobody.map(|it| (it, false)).into_iter();
    for (readers, expected) in cases.chain(somebody.map(|it| (it, true))) {
        let memory = Memory::new(1);
        let logger = readers(BodyLogger::builder().sink(Headless(memory.clone()))).build();
        let echo = |body: web::Json<serde_json::Value>| async { body };
        let served = logger.clone();
        let app = TestApp::serve(
            Memory::new(0),
            move || {
                App::new()
                    .wrap(served.clone())
                    .service(web::resource("/").to(echo))
            },
            |server| server,
        );
        let sent = app.connect().post("/", "application/json", "{\"a\":1}");
        assert_eq!(sent.status, 200);
        app.stop(true);
        drop(logger.flush_guard());
        let record = memory.records().remove(0);
        let response = record.response.expect("it was answered");
        for headers in [&record.request.headers, &response.headers] {
            assert_eq!(!headers.is_empty(), expected);
        }
        // What is read from headers is there in any case.
        assert!(record.request.host.is_some());
        for body in [&record.request.body, &response.body] {
            assert_eq!(body.media_type.as_deref(), Some("application/json"));
            assert!(body.json.is_some());
        }
    }
}
