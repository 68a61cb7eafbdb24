//! Routes that require the delivery of their records: nothing is done unrecorded.

mod cut;
mod disk;
mod exits;
mod full;
mod held;
mod killed;
mod refused;
mod several;
mod shared_syncs;
mod transparency;
mod tunnels;

use std::{
    sync::atomic::{AtomicUsize, Ordering::SeqCst},
    thread,
    time::Instant,
};

use actix_web::{
    rt::System,
    web::{self, Data},
    App,
};
use actix_web_body_logger::{
    policy::{Guarantee, RequiredOptions},
    record::Stage,
    sink::{DurableSink, Memory},
    BodyLogger, BodyLoggerBuilder, CaptureLevel, Entry, Outcome, Record, Rule,
};

use self::disk::Disk;
use crate::{
    app::{TestApp, PATIENCE, TIME_LIMIT},
    client::{Client, Response},
};

/// Options whose time limit passes only where a test says so.
fn options() -> RequiredOptions {
    RequiredOptions::default().timeout(TIME_LIMIT)
}

/// An application with routes below `/required` that require delivery, and others that do not.
struct Required {
    app: TestApp,
    logger: BodyLogger,
    /// Gets all entries, best effort.
    beside: Memory,
    ran: Data<Ran>,
}

/// How many handlers have run.
#[derive(Default)]
struct Ran(AtomicUsize);

impl Ran {
    fn one(&self) {
        self.0.fetch_add(1, SeqCst);
    }
}

impl Required {
    fn new(disk: &Disk, options: RequiredOptions, routes: fn(&mut web::ServiceConfig)) -> Self {
        Self::with(
            |logger| logger.required_sink(durable(disk)),
            options,
            routes,
        )
    }

    fn with(
        settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder,
        options: RequiredOptions,
        routes: fn(&mut web::ServiceConfig),
    ) -> Self {
        let beside = Memory::new(1000);
        let rule = Rule::new(CaptureLevel::RequestResponse)
            .path("/required{tail:.*}")
            .guarantee(Guarantee::Required);
        let builder = BodyLogger::builder().rule(rule).required(options);
        let logger = settings(builder).sink(beside.clone()).build();
        let ran = Data::new(Ran::default());
        let (wrapped, shared) = (logger.clone(), ran.clone());
        let app = TestApp::serve(
            beside.clone(),
            move || {
                App::new()
                    .app_data(shared.clone())
                    .wrap(wrapped.clone())
                    .configure(routes)
            },
            |server| server,
        );
        Self {
            app,
            logger,
            beside,
            ran,
        }
    }

    fn ran(&self) -> usize {
        self.ran.0.load(SeqCst)
    }

    /// Waits until so many entries are queued, those being written included.
    #[track_caller]
    fn wait_queued(&self, entries: usize) {
        wait_until(|| self.logger.counters().queued >= entries as u64);
    }

    /// Waits until the best-effort sink has so many entries.
    #[track_caller]
    fn wait_beside(&self, entries: usize) {
        wait_until(|| self.beside.entries().len() >= entries);
    }

    /// Sends a request that waits for its record, and lets its time limit pass once so many entries have been produced.
    #[track_caller]
    fn out_of_time(&self, client: &mut Client, target: &str, entries: usize) -> Response {
        client.send(format!("GET {target} HTTP/1.1\r\nhost: test\r\n\r\n"));
        self.wait_beside(entries);
        self.app.reach_time_limit();
        client.response()
    }

    /// Stops it, and returns all records, once every exchange has ended and all is written.
    #[track_caller]
    fn stop(self) -> Vec<Record> {
        self.app.stop(false);
        let written = System::new().block_on(self.logger.shutdown(PATIENCE));
        written.expect("sinks that work");
        self.beside
            .entries()
            .into_iter()
            .filter_map(|entry| match entry {
                Entry::Record(record) => Some(record),
                _ => None,
            })
            .collect()
    }
}

#[track_caller]
fn wait_until(holds: impl Fn() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < PATIENCE, "it does not come about");
        thread::yield_now();
    }
}

fn durable(disk: &Disk) -> DurableSink {
    DurableSink::new(disk.clone()).expect("it says so")
}

/// The stage and the outcome of each record.
fn stages(records: &[Record]) -> Vec<(Option<Stage>, Option<Outcome>)> {
    records.iter().map(|it| (it.stage, it.outcome)).collect()
}

const REQUEST: (Option<Stage>, Option<Outcome>) = (Some(Stage::Request), None);

fn response(outcome: Outcome) -> (Option<Stage>, Option<Outcome>) {
    (Some(Stage::Response), Some(outcome))
}

fn end(outcome: Outcome) -> (Option<Stage>, Option<Outcome>) {
    (Some(Stage::End), Some(outcome))
}
