//! A server that answers what it is told to answer, and all that its logger's sinks wrote.

#[cfg(feature = "tracing")]
use std::collections::HashSet;
use std::{
    collections::HashMap,
    io::{self, Write},
    sync::{Arc, Mutex},
};

use actix_web::{
    body::{BodyStream, SizedStream},
    error::{ErrorBadRequest, InternalError},
    http::StatusCode,
    web, App, Error, HttpRequest, HttpResponse,
};
#[cfg(feature = "tracing")]
use actix_web_body_logger::sink::Tracing;
use actix_web_body_logger::{
    policy::StartRecords,
    sink::{FlushGuard, JsonLines, Log, Memory},
    BodyLogger, BodyLoggerBuilder, Entry, Exchange, Record,
};
use bytes::Bytes;
use futures_util::{stream, StreamExt as _};
use serde::Deserialize;
#[cfg(feature = "tracing")]
use serde_json::Value;

use super::search::Output;
#[cfg(feature = "tracing")]
use crate::sinks::captured_tracing::{self, Event};
use crate::{
    app::{TestApp, PATIENCE},
    client::Client,
    sinks::captured_log,
};

/// What the server answers.
#[derive(Debug, Clone, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub attributes: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// The sizes of the body's pieces; all at once where there are none.
    pub pieces: Option<Vec<usize>>,
    /// What the body's stream fails with at its end.
    pub failure: Option<String>,
    /// Whether the handler looks at the request's body.
    pub reads: bool,
}

type Answers = Mutex<HashMap<String, Answer>>;

/// The server.
pub struct Server {
    app: TestApp,
    logger: BodyLogger,
    guard: FlushGuard,
    memory: Memory,
    lines: Lines,
    records: Arc<Mutex<Vec<Record>>>,
    answers: Arc<Answers>,
    /// All of its paths begin with it.
    mark: &'static str,
    exchanges: usize,
}

/// What a `JsonLines` wrote.
#[derive(Clone, Default)]
pub struct Lines(pub Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("a lock").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Server {
    /// Begins to serve under `mark`, with every sink there is.
    pub fn new(
        mark: &'static str,
        settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder,
    ) -> Self {
        captured_log::install();
        #[cfg(feature = "tracing")]
        captured_tracing::global();
        let memory = Memory::new(100_000);
        let lines = Lines::default();
        let records = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&records);
        let logger = settings(BodyLogger::builder())
            .inline_sink(memory.clone())
            .sink(JsonLines::new(lines.clone()))
            .sink(move |record: &Record| taken.lock().expect("a lock").push(record.clone()))
            .sink(Log::default())
            .start_records(StartRecords::LongLived);
        #[cfg(feature = "tracing")]
        let logger = logger.sink(Tracing::default());
        let logger = logger.build();
        let answers = Arc::new(Answers::default());
        let (inner, told) = (logger.clone(), web::Data::from(Arc::clone(&answers)));
        let app = TestApp::serve(
            memory.clone(),
            move || {
                App::new()
                    .wrap(inner.clone())
                    .app_data(told.clone())
                    .configure(routes)
            },
            |server| server,
        );
        Self {
            app,
            guard: logger.flush_guard(),
            logger,
            memory,
            lines,
            records,
            answers,
            mark,
            exchanges: 0,
        }
    }

    /// Opens a connection.
    pub fn connect(&self) -> Client {
        self.app.connect()
    }

    /// A path of this server for the next exchange, which will be answered like this.
    pub fn expect(&mut self, answer: Answer) -> String {
        self.exchanges += 1;
        let path = format!("/{}/{}", self.mark, self.exchanges);
        let mut answers = self.answers.lock().expect("a lock");
        answers.insert(self.exchanges.to_string(), answer);
        path
    }

    /// Waits until the last of the exchanges so far has ended.
    pub fn settle(&self) {
        let records = self.memory.wait_for(self.exchanges, PATIENCE);
        assert_eq!(records.len(), self.exchanges);
    }

    /// Stops it, and returns what its sinks wrote.
    #[track_caller]
    pub fn outputs(self) -> Vec<Output> {
        self.settle();
        self.app.stop(false);
        let counters = self.logger.counters();
        drop(self.logger);
        drop(self.guard);
        let lost = counters.dropped_newest
            + counters.bodies_shed
            + counters.sink_error
            + counters.sink_panic
            + counters.flush_error
            + counters.memory_budget;
        assert_eq!(lost, 0, "{counters:?}");

        let entries = self.memory.entries();
        let lines = self.lines.0.lock().expect("a lock").clone();
        let lines = String::from_utf8(lines).expect("lines of text");
        assert_eq!(lines.lines().count(), entries.len());
        let records = self.records.lock().expect("a lock");
        assert_eq!(records.len(), self.exchanges);
        let taken = records.iter().map(|record| {
            let line = serde_json::to_string(record).expect("JSON");
            format!("{line}\n")
        });
        let mark = format!("/{}/", self.mark);
        // A path that is masked as a whole has no mark.
        let marked = entries.iter().map(path).filter(|path| path.contains(&mark));
        let events = captured_log::events(&mark, marked.count());
        let said = events
            .iter()
            .map(|event| format!("{event:?}\n{}\n", event.text));
        #[cfg(feature = "tracing")]
        let emitted = {
            let ids: HashSet<&str> = entries.iter().map(id).collect();
            let events = captured_tracing::global().events_where(entries.len(), |fields| {
                let id = fields.get("body_logger.id");
                ids.contains(id.and_then(Value::as_str).unwrap_or_default())
            });
            let fields = |event: &Event| serde_json::to_string(&event.fields).expect("JSON");
            events.iter().map(|event| fields(event) + "\n").collect()
        };
        let debugged: String = entries.iter().map(|entry| format!("{entry:?}\n")).collect();
        vec![
            output("JsonLines", lines),
            output("a closure", taken.collect()),
            output("Memory", debugged),
            output("Log", said.collect()),
            #[cfg(feature = "tracing")]
            output("Tracing", emitted),
        ]
    }
}

fn path(entry: &Entry) -> &str {
    match entry {
        Entry::Record(record) => &record.request.path,
        entry => panic!("{entry:?}"),
    }
}

#[cfg(feature = "tracing")]
fn id(entry: &Entry) -> &str {
    match entry {
        Entry::Record(record) => &record.id,
        entry => panic!("{entry:?}"),
    }
}

fn output(sink: &'static str, text: String) -> Output {
    Output { sink, text }
}

/// Each with a secret among its parameters.
const PATTERNS: [&str; 7] = [
    "/{mark}/{exchange}",
    "/{mark}/{exchange}/token/{token}",
    "/{mark}/{exchange}/key/{apiKey}/of/{item}",
    "/{mark}/{exchange}/x-{SESSION_ID}.{kind}",
    "/{mark}/{exchange}/card/{Card_Number:[^/]+}/{item}",
    "/{mark}/{exchange}/tail/{password:.*}",
    "/{mark}/{exchange}/free/{rest:.*}",
];

fn routes(cfg: &mut web::ServiceConfig) {
    let errors = |error: Error| {
        // Without a body that would say it, too.
        InternalError::from_response(error, HttpResponse::BadRequest().finish()).into()
    };
    cfg.app_data(web::JsonConfig::default().error_handler(move |e, _| errors(e.into())))
        .app_data(web::FormConfig::default().error_handler(move |e, _| errors(e.into())))
        .app_data(web::QueryConfig::default().error_handler(move |e, _| errors(e.into())))
        .app_data(web::PathConfig::default().error_handler(move |e, _| errors(e.into())))
        .route("/{mark}/{exchange}/says", web::post().to(says))
        .route("/{mark}/{exchange}/quotes", web::post().to(quotes))
        .route(
            "/{mark}/{exchange}/json",
            web::post().to(|_: web::Json<Strict>| ok()),
        )
        .route(
            "/{mark}/{exchange}/form",
            web::post().to(|_: web::Form<Strict>| ok()),
        )
        .route(
            "/{mark}/{exchange}/query",
            web::get().to(|_: web::Query<Strict>| ok()),
        )
        .route(
            "/{mark}/{exchange}/id/{pin}",
            web::get().to(|_: web::Path<Numbers>| ok()),
        );
    for pattern in PATTERNS {
        cfg.service(
            web::resource(pattern)
                .route(web::get().to(answer))
                .route(web::post().to(answer))
                .route(web::head().to(answer)),
        );
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Strict {
    #[serde(rename = "pin")]
    _pin: u32,
}

#[derive(Deserialize)]
struct Numbers {
    #[serde(rename = "pin")]
    _pin: u32,
}

async fn ok() -> HttpResponse {
    HttpResponse::Ok().finish()
}

/// Fails with the request's body for a message.
async fn says(body: String) -> Result<HttpResponse, Error> {
    let response = HttpResponse::BadRequest().finish();
    Err(InternalError::from_response(body, response).into())
}

/// Fails with a message that quotes the request's body.
async fn quotes(body: String) -> Result<HttpResponse, Error> {
    let message = format!("cannot make sense of {body:?} here");
    let response = HttpResponse::BadRequest().finish();
    Err(InternalError::from_response(message, response).into())
}

async fn answer(
    req: HttpRequest,
    exchange: Exchange,
    mut payload: web::Payload,
    answers: web::Data<Answers>,
) -> Result<HttpResponse, Error> {
    let id = req.match_info().get("exchange").unwrap_or_default();
    let answer = answers.lock().expect("a lock").get(id).cloned();
    let answer = answer.ok_or_else(|| ErrorBadRequest("an exchange that was not announced"))?;
    if answer.reads {
        while let Some(bytes) = payload.next().await {
            bytes?;
        }
    }
    for (name, value) in answer.attributes {
        assert!(exchange.set_attribute(name, value));
    }
    let status = StatusCode::from_u16(answer.status).expect("a status");
    let mut response = HttpResponse::build(status);
    for header in answer.headers {
        response.append_header(header);
    }
    let Some(sizes) = answer.pieces else {
        return Ok(response.body(answer.body));
    };
    let mut rest = Bytes::from(answer.body);
    let length = rest.len() as u64;
    let mut pieces: Vec<Result<Bytes, Error>> = (sizes.into_iter())
        .map(|size| Ok(rest.split_to(size)))
        .collect();
    let sized = pieces.len().is_multiple_of(2) && answer.failure.is_none();
    pieces.extend(answer.failure.map(|message| Err(ErrorBadRequest(message))));
    let pieces = stream::iter(pieces);
    Ok(if sized {
        response.body(SizedStream::new(length, pieces))
    } else {
        response.body(BodyStream::new(pieces))
    })
}
