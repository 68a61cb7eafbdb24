//! An exchange of each outcome.

use std::sync::{mpsc, Mutex};

use actix_web::{
    body::{BodyStream, BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    error,
    middleware::{from_fn, Next},
    web::{self, Bytes},
    App, Error, HttpRequest, HttpResponse, Responder,
};
use actix_web_body_logger::{
    policy::StartRecords,
    record::{BodyState, Stage},
    BodyLoggerBuilder, Entry, Outcome, Record,
};
use futures_util::{stream, StreamExt as _};

use crate::app::{TestApp, PATIENCE};

type Started = web::Data<Mutex<mpsc::Sender<()>>>;

async fn completes(body: Bytes) -> impl Responder {
    HttpResponse::Ok()
        .content_type("application/json")
        .insert_header(("set-cookie", "s=1"))
        .body(body)
}

async fn fails_midway() -> impl Responder {
    let first = Ok(Bytes::from_static(b"{\"a\":"));
    let items = [first, Err(error::ErrorBadGateway("on purpose"))];
    HttpResponse::Ok()
        .content_type("application/json")
        .body(BodyStream::new(stream::iter(items)))
}

/// Sends something and then nothing more, for ever.
async fn never_ends() -> impl Responder {
    let first = Ok::<_, Error>(Bytes::from_static(b"data: 1\n\n"));
    let items = stream::iter([first]).chain(stream::pending());
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .body(BodyStream::new(items))
}

async fn panics(_: HttpRequest) -> impl Responder {
    if true {
        panic!("on purpose");
    }
    "never"
}

async fn hangs(started: Started) -> impl Responder {
    let told = started.lock().expect("a lock").send(());
    told.expect("a test");
    std::future::pending::<HttpResponse>().await
}

async fn upgrades(req: HttpRequest, payload: web::Payload) -> Result<HttpResponse, Error> {
    let (response, session, _) = actix_ws::handle(&req, payload)?;
    session.close(None).await.expect("a session");
    Ok(response)
}

/// Fails instead of calling what it wraps.
async fn fail(req: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse, Error> {
    if req.path() == "/service_error" {
        return Err(error::ErrorServiceUnavailable("on purpose"));
    }
    next.call(req).await
}

/// Swallows the errors of what it wraps, so that no response is made of them.
async fn swallow<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse, Error> {
    if req.path() == "/service_error" {
        assert!(next.call(req).await.is_err());
        return Err(error::ErrorBadGateway("instead"));
    }
    let response = next.call(req).await?;
    Ok(response.map_into_boxed_body())
}

/// The entries of exchanges that ended in every way there is.
pub fn of_all_outcomes(settings: fn(BodyLoggerBuilder) -> BodyLoggerBuilder) -> Vec<Entry> {
    let (tell, started) = mpsc::channel();
    let tell: Started = web::Data::new(Mutex::new(tell));
    let app = TestApp::recording(
        |logger| settings(logger).start_records(StartRecords::LongLived),
        move |logger| {
            App::new()
                .app_data(tell.clone())
                .wrap(from_fn(fail))
                .wrap(logger)
                .wrap(from_fn(swallow))
                .route("/completed/{id}", web::post().to(completes))
                .route("/body_error", web::get().to(fails_midway))
                .route("/response_aborted", web::get().to(never_ends))
                .route("/panicked", web::get().to(panics))
                .route("/cancelled", web::get().to(hangs))
                .route("/upgraded", web::get().to(upgrades))
        },
    );
    let request = |path: &str, headers: &str| {
        let mut client = app.connect();
        client.send(format!(
            "GET {path} HTTP/1.1\r\nhost: test\r\ncookie: s=1\r\n{headers}\r\n"
        ));
        client
    };

    let sent = r#"{"item":"server","password":"hunter2"}"#;
    app.connect()
        .post("/completed/7?page=2&token=abc", "application/json", sent);
    app.records(1);
    assert!(request("/body_error", "").rest().is_ok());
    app.records(2);
    assert_eq!(request("/service_error", "").response().status, 502);
    app.records(3);
    let mut client = request("/response_aborted", "");
    assert_eq!(client.head().status, 200);
    client.chunk().expect("a chunk");
    client.reset();
    app.records(4);
    assert!(request("/panicked", "").is_hung_up());
    app.records(5);
    let client = request("/cancelled", "");
    started.recv_timeout(PATIENCE).expect("a handler");
    client.reset();
    app.records(6);
    let mut client = request(
        "/upgraded",
        "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
         sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    );
    assert_eq!(client.head().status, 101);
    // The close frame, and the answer to it.
    assert_eq!(client.exactly(2), [0x88, 0]);
    client.send([0x88, 0x80, 0, 0, 0, 0]).finish();
    let _ = client.rest();
    app.records(7);
    let memory = app.memory().clone();
    app.stop(true);
    memory.entries()
}

#[test]
fn every_outcome_is_told_apart() {
    let entries = of_all_outcomes(|logger| logger);
    let mut outcomes = Vec::new();
    let mut starts = Vec::new();
    for entry in &entries {
        match entry {
            Entry::Record(record) if record.stage.is_none() => {
                let named_after = record.request.path.split('/').nth(1).expect("a path");
                let outcome = record.outcome.expect("an outcome");
                assert_eq!(outcome.as_str(), named_after, "{record:#?}");
                outcomes.push(outcome);
            }
            Entry::Record(start) => starts.push((&*start.request.path, start.status())),
            entry => panic!("{entry:?}"),
        }
    }
    assert_eq!(
        outcomes,
        [
            Outcome::Completed,
            Outcome::BodyError,
            Outcome::ServiceError,
            Outcome::ResponseAborted,
            Outcome::Panicked,
            Outcome::Cancelled,
            Outcome::Upgraded,
        ]
    );
    assert_eq!(
        starts,
        [("/response_aborted", Some(200)), ("/upgraded", Some(101))]
    );
}

#[test]
fn a_start_stage_announces_the_record_that_follows() {
    let entries = of_all_outcomes(|logger| logger);
    let records: Vec<&Record> = (entries.iter())
        .filter_map(|entry| match entry {
            Entry::Record(record) => Some(record),
            _ => None,
        })
        .collect();
    let seqs: Vec<u64> = records.iter().map(|record| record.seq).collect();
    assert_eq!(seqs, (1..=9).collect::<Vec<u64>>(), "each has its number");
    let starts = records
        .iter()
        .filter(|record| record.stage == Some(Stage::Start));
    assert_eq!(starts.clone().count(), 2);
    for start in starts {
        let later = records[start.seq as usize..].iter();
        let mut later = later.filter(|record| record.id == start.id);
        let record = later.next().expect("a record");
        assert!(later.next().is_none());
        assert_eq!(
            (record.first_seq, record.stage, record.run),
            (Some(start.seq), None, start.run)
        );
        assert_ne!(record.entry_id, start.entry_id);
        assert_eq!((start.outcome, start.duration_us), (None, None));
        assert_eq!(start.time, record.time);
        assert_eq!(start.ttfb_us, record.ttfb_us);
        assert_eq!(start.client, record.client);
        assert_eq!(start.request.path, record.request.path);
        assert_eq!(start.request.route, record.request.route);
        assert_eq!(start.request.headers, record.request.headers);
        let (begun, ended) = (&start.response, &record.response);
        let (begun, ended) = (begun.as_ref(), ended.as_ref());
        let (begun, ended) = begun.zip(ended).expect("responses");
        assert_eq!(begun.status, ended.status);
        assert_eq!(begun.headers, ended.headers);
        assert_eq!(begun.body.state, BodyState::Pending);
        assert_eq!((begun.body.bytes, begun.body.captured), (Some(0), 0));
    }
}
