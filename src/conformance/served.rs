//! What is asked of a sink in a logger's hands.

use std::{panic, thread, time::Duration};

use actix_web::{
    http::header::ContentType,
    rt::System,
    test::{self, TestRequest},
    web, App, HttpRequest, HttpResponse,
};

use super::{
    trial::{Trial, Watched},
    Check,
};
use crate::{
    config::{BodyLogger, BodyLoggerBuilder, StartRecords},
    sink::{Memory, Unflushed},
};

const REQUESTS: usize = 300;

/// How long the last records may take to be written.
const DEADLINE: Duration = Duration::from_secs(60);

pub(super) const ALL: [Check; 2] = [
    ("it takes what a logger's queue gives it", |trial| {
        serve(trial, |logger, sink| logger.sink(sink));
    }),
    ("it takes what a logger's workers give it", |trial| {
        serve(trial, |logger, sink| logger.inline_sink(sink));
    }),
];

fn serve(trial: Trial, add: fn(BodyLoggerBuilder, Watched) -> BodyLoggerBuilder) {
    let (mut trial, sink) = trial.give_away();
    let memory = Memory::new(2 * REQUESTS);
    let logger = BodyLogger::builder()
        .start_records(StartRecords::LongLived)
        .inline_sink(memory.clone());
    let logger = add(logger, sink).build();
    let served = logger.clone();
    // This thread may have a runtime already, in which another cannot be started.
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

/// Now and then with events, as those are announced by a record of their own.
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
