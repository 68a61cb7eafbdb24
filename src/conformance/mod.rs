//! Checks for tests of sinks: whether a sink conforms to the [`Sink`](crate::Sink) trait, by itself and within a
//! logger.
//!
//! [`run`] runs the same checks that the sinks of this crate pass. If a test can read back what its sink has written,
//! it says how:
//!
//! ```
//! use std::sync::{Arc, Mutex};
//!
//! use actix_web_body_logger::{conformance::{self, Subject}, Entry, Sink, SinkError};
//!
//! #[derive(Clone, Default)]
//! struct Ids(Arc<Mutex<Vec<String>>>);
//!
//! impl Sink for Ids {
//!     fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
//!         let mut ids = self.0.lock().map_err(|error| SinkError::new(error.to_string()))?;
//!         for entry in entries {
//!             match entry {
//!                 Entry::Record(record) if record.is_whole() => ids.push(record.id.to_string()),
//!                 _ => {}
//!             }
//!         }
//!         Ok(())
//!     }
//! }
//!
//! # fn a_test() {
//! // in a test:
//! conformance::run(|| {
//!     let sink = Ids::default();
//!     let ids = Arc::clone(&sink.0);
//!     Subject::new(sink).reading_ids(move || ids.lock().expect("a lock").clone())
//! });
//! # }
//! # a_test();
//! ```
//!
//! # What is checked
//!
//! That the sink accepts
//!
//! - batches of no, one, many and ten thousand entries: all of them, in order, each once;
//! - exchanges, starts and gaps;
//! - bodies of every kind, with a text of 4 MiB, and records with every optional value missing;
//! - control characters, line breaks and characters from all over Unicode, and the largest numbers
//!   and times;
//! - batches from several threads at once;
//! - the entries of a logger, behind its queue and on its workers;
//!
//! and that it
//!
//! - flushes and syncs when nothing was written, twice in a row, and between batches;
//! - can be read back when it was flushed, and when it was dropped;
//! - continues after an entry that it could not write;
//! - accounts for every entry of a batch that it wrote in part: each is written, or reported as lost by
//!   [`SinkError::after`](crate::SinkError::after), [`losing`](crate::SinkError::losing), or an error for the whole
//!   batch;
//! - never fails otherwise, and never panics, not even when it is dropped.
//!
//! Failures such as a full disk or a lost database connection are for the sink's own tests.

use std::{panic, thread, time::Duration};

use actix_web::{
    http::header::ContentType,
    rt::System,
    test::{self, TestRequest},
    web, App, HttpRequest, HttpResponse,
};

pub use body_logger_core::conformance::Subject;
use body_logger_core::conformance::{self as alone, Trial, Watched};

use crate::{
    builder::BodyLoggerBuilder,
    logger::BodyLogger,
    policy::StartRecords,
    sink::{Memory, Unflushed},
};

const REQUESTS: usize = 300;

/// Maximum time until the last records are written.
const DEADLINE: Duration = Duration::from_secs(60);

/// Runs all checks: those of [`body_logger_core::conformance`] with the sink alone, and those within a logger. Each
/// gets a new, empty sink from `subject`.
///
/// See [the module](self) for an example.
///
/// # Panics
///
/// Panics if the sink fails a check, with the check's name and the reason.
pub fn run(mut subject: impl FnMut() -> Subject) {
    alone::run(&mut subject);
    serve(
        Trial::new("it takes what a logger's queue gives it", subject()),
        |logger, sink| logger.sink(sink),
    );
    serve(
        Trial::new("it takes what a logger's workers give it", subject()),
        |logger, sink| logger.inline_sink(sink),
    );
}

fn serve(trial: Trial, add: fn(BodyLoggerBuilder, Watched) -> BodyLoggerBuilder) {
    let (mut trial, sink) = trial.give_away();
    let memory = Memory::new(2 * REQUESTS);
    let logger = BodyLogger::builder()
        .start_records(StartRecords::LongLived)
        .inline_sink(memory.clone());
    let logger = add(logger, sink).build();
    let served = logger.clone();
    // On a thread of its own, as this one may already have a runtime, in which another cannot be started.
    let served = thread::spawn(move || System::new().block_on(exchange(served)));
    match served.join() {
        Ok(Ok(())) => {}
        Ok(Err(unflushed)) => trial.fail(unflushed),
        Err(panic) => panic::resume_unwind(panic),
    }

    let counters = logger.counters();
    let failed = counters.sink_error + counters.sink_panic + counters.flush_error;
    if failed > 0 {
        trial.fail(format_args!("a logger has lost something: {counters:?}"));
    }
    trial.given(&memory.entries());
    trial.expect_all();
    drop(logger);
    trial.expect_dropped();
    trial.expect_all();
}

async fn exchange(logger: BodyLogger) -> Result<(), Unflushed> {
    let app = App::new()
        .wrap(logger.clone())
        .default_service(web::to(answer));
    let app = test::init_service(app).await;
    for number in 0..REQUESTS {
        let request = TestRequest::post()
            .uri(&format!("/{number}?password=secret"))
            .insert_header(ContentType::json())
            .set_payload(format!(r#"{{"number":{number},"password":"secret"}}"#));
        test::call_and_read_body(&app, request.to_request()).await;
    }
    drop(app);
    logger.shutdown(DEADLINE).await
}

/// Responds with an event stream to every tenth request, so that there are start stages.
async fn answer(request: HttpRequest, body: web::Bytes) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    if request.path().ends_with('7') {
        response
            .content_type("text/event-stream")
            .body("data: 1\n\n")
    } else {
        response.content_type(ContentType::json()).body(body)
    }
}
