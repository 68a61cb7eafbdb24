//! Redaction of the application's own reaches every field of free form, in stages, too.
//!
//! A canary is planted in each. Without such redaction those that are meant to be shown are found in
//! each output, and no others; after one that clears a record, or one that panics, none is in any.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write as _,
    sync::{Arc, Mutex},
};

use actix_web::{
    error::InternalError,
    http::{header::HeaderName, StatusCode},
    web, App, Error, HttpRequest, HttpResponse,
};
#[cfg(feature = "hash")]
use actix_web_body_logger::redact::BodyDigest;
#[cfg(feature = "tracing")]
use actix_web_body_logger::sink::Tracing;
use actix_web_body_logger::{
    format::{self, Color},
    policy::StartRecords,
    record::{Body, Reason, Resource, Stage},
    redact::{ForwardedHeader, Network},
    sink::{JsonLines, JsonLinesFile, Log, Memory},
    BodyLogger, Entry, Exchange, Outcome, Record,
};
use base64::{engine::general_purpose::STANDARD, Engine as _};
use bytes::Bytes;
use flate2::{write::GzEncoder, Compression};
use futures_util::{stream, StreamExt as _};

use super::{search::Output, server::Lines};
#[cfg(feature = "tracing")]
use crate::sinks::captured_tracing;
use crate::{
    app::{TestApp, PATIENCE},
    sinks::{captured_log, file::Directory},
};

/// The canaries of one test, which no other test has.
#[derive(Clone, Copy)]
struct Canaries {
    word: &'static str,
    client: &'static str,
    trace: &'static str,
    span: &'static str,
}

/// The places in which canaries are. Each output that holds records whole shows them all.
const PLACES: &[&str] = &[
    "id",
    "host",
    "path",
    "route",
    "query",
    "method",
    "request-header",
    "request-name",
    "request-json",
    "request-type",
    "response-header",
    "response-name",
    "response-text",
    "part-name",
    "part-content",
    "part-type",
    "part-file",
    "attribute",
    "attribute-name",
    "error-message",
    "event",
    "service",
    "version",
    "instance",
    "server",
    "client",
    "trace",
    "span",
];

/// What other outputs leave out, by what they are for.
const LEFT_OUT: &[(&str, &[&str])] = &[
    (
        "Log",
        &[
            "host",
            "request-header",
            "request-name",
            "request-type",
            "response-header",
            "response-name",
            "part-name",
            "part-content",
            "part-type",
            "part-file",
            "error-message",
            "service",
            "version",
            "instance",
            "server",
            "trace",
            "span",
        ],
    ),
    #[cfg(feature = "tracing")]
    ("Tracing", RESOURCE),
    (
        "curl",
        &[
            "response-header",
            "response-name",
            "response-text",
            "part-type",
            "part-file",
            "attribute",
            "attribute-name",
            "error-message",
            "event",
            "service",
            "version",
            "instance",
            "server",
            "client",
        ],
    ),
    ("har", RESOURCE),
];

/// What is the same in all records.
const RESOURCE: &[&str] = &["service", "version", "instance", "server"];

/// Places that a start stage shows already.
const AT_START: &[&str] = &[
    "id",
    "host",
    "path",
    "route",
    "query",
    "method",
    "request-header",
    "request-name",
    "request-type",
    "response-header",
    "response-name",
    "attribute",
    "attribute-name",
    "service",
    "version",
    "instance",
    "server",
    "client",
    "trace",
    "span",
];

impl Canaries {
    /// What is looked for.
    fn needle(self, place: &str) -> String {
        match place {
            "client" => self.client.to_owned(),
            "trace" => self.trace.to_owned(),
            "span" => self.span.to_owned(),
            "base64" => STANDARD.encode(self.picture()),
            place => format!("{}-{place}-canary", self.word),
        }
    }

    /// The places whose canaries are in a text, whose lines may be broken within one.
    fn found(self, text: &str) -> Vec<&'static str> {
        let text = text.to_ascii_lowercase();
        let is_break = |c: char| c.is_whitespace() || c == '…';
        let unbroken = text.replace(is_break, "");
        let is_in = |needle: String| text.contains(&needle) || unbroken.contains(&needle);
        let places = PLACES.iter().copied();
        places
            .filter(|place| is_in(self.needle(place).to_ascii_lowercase()))
            .collect()
    }

    fn picture(self) -> Vec<u8> {
        [b"\xff\xd8", self.word.as_bytes(), b"\xff"].concat()
    }

    /// A request with canaries in its head, and an id of its own.
    fn request(self, target: &str, headers: &str, body: &[u8]) -> Vec<u8> {
        let of = |place| self.needle(place);
        let head = format!(
            "{method} /{route}/{target}/{path}?a={query} HTTP/1.1\r\nhost: {host}\r\n\
             x-request-id: {id}-{target}\r\nx-forwarded-for: {client}\r\n\
             traceparent: 00-{trace}-{span}-01\r\nx-shown: {header}\r\n{name}: a\r\n\
             {headers}content-length: {length}\r\n\r\n",
            method = of("method").to_ascii_uppercase(),
            route = of("route"),
            path = of("path"),
            query = of("query"),
            host = of("host"),
            id = of("id"),
            client = self.client,
            trace = self.trace,
            span = self.span,
            header = of("request-header"),
            name = of("request-name"),
            length = body.len(),
        );
        [head.as_bytes(), body].concat()
    }

    fn requests(self) -> Vec<(u16, Vec<u8>)> {
        let of = |place| self.needle(place);
        let json = format!(r#"{{"note":"{}"}}"#, of("request-json"));
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(json.as_bytes()).expect("memory");
        let gzip = gzip.finish().expect("memory");
        let json_type = format!("content-type: application/{}+json\r\n", of("request-type"));
        let coded = format!("{json_type}content-encoding: gzip\r\n");
        let form = format!(
            "--b\r\ncontent-disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n--b\r\n\
             content-disposition: form-data; name=\"t\"\r\ncontent-type: text/{}\r\n\r\nt\r\n\
             --b\r\n\
             content-disposition: form-data; name=\"f\"; filename=\"{}\"\r\n\r\nfile\r\n--b--\r\n",
            of("part-name"),
            of("part-content"),
            of("part-type"),
            of("part-file"),
        );
        let form_type = "content-type: multipart/form-data; boundary=b\r\n";
        let upgrade = "connection: upgrade\r\nupgrade: websocket\r\n";
        vec![
            (200, self.request("plain", &json_type, json.as_bytes())),
            (200, self.request("plain", &coded, &gzip)),
            (200, self.request("plain", form_type, form.as_bytes())),
            (
                200,
                self.request("plain", "content-type: image/png\r\n", &self.picture()),
            ),
            (400, self.request("fails", "", b"")),
            (200, self.request("events", &json_type, json.as_bytes())),
            (101, self.request("tunnel", &(json_type + upgrade), b"")),
        ]
    }
}

async fn answer(
    req: HttpRequest,
    exchange: Exchange,
    mut payload: web::Payload,
    canaries: web::Data<Canaries>,
) -> Result<HttpResponse, Error> {
    let of = |place| canaries.needle(place);
    assert!(exchange.set_attribute(of("attribute-name"), of("attribute")));
    let kind = req.match_info().get("kind").unwrap_or_default();
    if kind != "tunnel" {
        while let Some(bytes) = payload.next().await {
            bytes?;
        }
    }
    let status = if kind == "tunnel" { 101 } else { 200 };
    let mut response = HttpResponse::build(StatusCode::from_u16(status).expect("a status"));
    response
        .insert_header(("x-shown", of("response-header")))
        .insert_header((of("response-name"), "a"));
    let stream = |text: String| stream::iter([Ok::<_, Error>(Bytes::from(text))]);
    Ok(match kind {
        "fails" => {
            let response = HttpResponse::BadRequest().finish();
            return Err(InternalError::from_response(of("error-message"), response).into());
        }
        "events" => response
            .content_type("text/event-stream")
            .streaming(stream(format!("data: {}\n\n", of("event")))),
        "tunnel" => response
            .upgrade("websocket")
            .streaming(stream("bytes".to_owned())),
        _ => response
            .content_type("text/plain")
            .body(of("response-text")),
    })
}

/// What a server with a redaction of its own wrote.
struct Written {
    entries: Vec<Entry>,
    outputs: Vec<Output>,
}

impl Written {
    fn records(&self) -> impl Iterator<Item = &Record> {
        self.entries.iter().map(|entry| match entry {
            Entry::Record(record) => record,
            entry => panic!("{entry:?}"),
        })
    }

    fn starts(&self) -> Vec<&Record> {
        let starts = self.records();
        starts
            .filter(|record| record.stage == Some(Stage::Start))
            .collect()
    }
}

/// Serves requests with canaries.
#[track_caller]
fn serve(canaries: Canaries, redact: Option<fn(&mut Record)>) -> Written {
    captured_log::install();
    #[cfg(feature = "tracing")]
    captured_tracing::global();
    let memory = Memory::new(100);
    let directory = Directory::new(canaries.word);
    let lines = Lines::default();
    let taken = Arc::new(Mutex::new(String::new()));
    let of = |place| canaries.needle(place);
    let logger = {
        let taken = Arc::clone(&taken);
        let named = |name: String| HeaderName::try_from(name).expect("a name");
        let loopback: Network = "127.0.0.1".parse().expect("a network");
        let resource = Resource::new(of("service"))
            .version(of("version"))
            .instance(of("instance"))
            .host(of("server"));
        let logger = BodyLogger::builder()
            .inline_sink(memory.clone())
            .sink(JsonLines::new(lines.clone()))
            .sink(JsonLinesFile::at(directory.file()).open().expect("a file"))
            .sink(move |record: &Record| {
                let line = serde_json::to_string(record).expect("JSON");
                taken.lock().expect("a lock").push_str(&line);
            })
            .sink(Log::default())
            .start_records(StartRecords::LongLived)
            .resource(resource)
            .adopt_request_id(HeaderName::from_static("x-request-id"))
            .trusted_proxies(ForwardedHeader::XForwardedFor, [loopback])
            .show_headers([
                HeaderName::from_static("x-shown"),
                named(of("request-name")),
            ])
            .show_error_messages()
            .show_as_base64([mime::IMAGE_PNG])
            .capture_media_types([mime::STAR_STAR]);
        #[cfg(feature = "hash")]
        let logger = logger.digest_bodies(BodyDigest::PlainSha256);
        #[cfg(feature = "tracing")]
        let logger = logger.sink(Tracing::default());
        match redact {
            Some(redact) => logger.redact_with(redact),
            None => logger,
        }
        .build()
    };
    let guard = logger.flush_guard();
    let (inner, route) = (
        logger.clone(),
        format!("/{}/{{kind}}/{{item}}", of("route")),
    );
    let app = TestApp::serve(
        memory.clone(),
        move || {
            App::new()
                .wrap(inner.clone())
                .app_data(web::Data::new(canaries))
                .route(&route, web::route().to(answer))
        },
        |server| server,
    );
    let requests = canaries.requests();
    let count = requests.len();
    for (status, request) in requests {
        let mut client = app.connect();
        let response = client.send(request).response();
        assert_eq!(response.status, status, "{}", response.text());
        client.finish();
    }
    assert_eq!(memory.wait_for(count, PATIENCE).len(), count);
    app.stop(false);
    let counters = logger.counters();
    drop(logger);
    drop(guard);

    let entries = memory.entries();
    assert_eq!(entries.len(), count + 2, "{counters:?}");
    let lines = lines.0.lock().expect("a lock").clone();
    let lines = String::from_utf8(lines).expect("text");
    assert_eq!(lines.lines().count(), entries.len());
    let file = fs::read_to_string(directory.file()).expect("a file");
    assert_eq!(file.lines().count(), entries.len());
    let debugged: String = entries.iter().map(|entry| format!("{entry:?}\n")).collect();
    let mut outputs = vec![
        ("JsonLines", lines),
        ("JsonLinesFile", file),
        ("a-closure", taken.lock().expect("a lock").clone()),
        ("Memory", debugged),
        // All that was said by whatever test: a line without an id is looked at, too.
        ("Log", format!("{:?}", captured_log::all())),
    ];
    #[cfg(feature = "tracing")]
    outputs.push(("Tracing", format!("{:?}", captured_tracing::global().all())));
    let records = || {
        entries.iter().filter_map(|entry| match entry {
            Entry::Record(record) => Some(record),
            _ => None,
        })
    };
    outputs.extend([
        (
            "text",
            records().map(|it| format::text(it, Color::Never)).collect(),
        ),
        ("curl", records().map(format::curl).collect()),
        (
            "json",
            records()
                .map(|it| format::json(it).expect("JSON"))
                .collect(),
        ),
        (
            "har",
            serde_json::to_string(&format::har(records())).expect("JSON"),
        ),
    ]);
    let outputs = outputs
        .into_iter()
        .map(|(sink, text)| Output { sink, text });
    Written {
        outputs: outputs.collect(),
        entries,
    }
}

/// Clears all that a record has for an application to clear.
fn clear(record: &mut Record) {
    record.id = record.entry_id.to_string().as_str().into();
    // Which numbers there are of a run is not for it to change.
    record.run = record.entry_id;
    record.trace = None;
    record.resource = None;
    record.client.addr = None;
    record.attributes = BTreeMap::new();
    if let Some(error) = &mut record.error {
        error.message = None;
    }
    let request = &mut record.request;
    request.method = "***".into();
    request.host = None;
    request.path = "***".into();
    request.route = None;
    request.query = None;
    request.headers.clear();
    request.body = Body::default();
    if let Some(response) = &mut record.response {
        response.headers.clear();
        response.body = Body::default();
    }
}

/// No canary of its own is in any output, and what else came of bodies is in no record.
#[track_caller]
fn assert_silent(canaries: Canaries, written: &Written) {
    for Output { sink, text } in &written.outputs {
        assert_eq!(canaries.found(text), [""; 0], "{sink}");
        assert!(!text.contains(canaries.word), "{sink}");
        assert!(!text.contains(&canaries.needle("base64")), "{sink}");
    }
    assert_eq!(written.starts().len(), 2);
    for record in written.records() {
        let response = record.response.as_ref().map(|response| &response.body);
        for body in response.into_iter().chain([&record.request.body]) {
            assert_eq!((body.encoding.as_deref(), body.decoded), (None, None));
            assert_eq!((body.digest.as_deref(), body.captured), (None, 0));
            assert_eq!(body.media_type, None);
        }
    }
}

#[test]
fn without_redaction_of_its_own_every_canary_is_shown() {
    let canaries = Canaries {
        word: "control",
        client: "203.0.113.71",
        trace: "c0c0a71a5a11eb0b0c0c0a71a5a11eb0",
        span: "c0c0a71a5a11eb0b",
    };
    let written = serve(canaries, None);
    let outputs = written.outputs.iter();
    let missing = outputs.map(|Output { sink, text }| {
        let found = canaries.found(text);
        let missing = PLACES.iter().copied();
        (
            *sink,
            missing.filter(|it| !found.contains(it)).collect::<Vec<_>>(),
        )
    });
    let missing: Vec<_> = missing.filter(|(_, places)| !places.is_empty()).collect();
    let left_out: Vec<_> = LEFT_OUT
        .iter()
        .map(|(sink, places)| (*sink, places.to_vec()))
        .collect();
    assert_eq!(missing, left_out);
    let starts = written.starts();
    assert_eq!(starts.len(), 2);
    for start in starts {
        assert_eq!((start.outcome, start.duration_us), (None, None));
        let line = serde_json::to_string(start).expect("JSON");
        let found = canaries.found(&line);
        assert_eq!(found, AT_START, "{line}");
    }
    let archive = written.outputs.iter().find(|it| it.sink == "har");
    let archive = archive.map(|it| it.text.matches("\"_id\":").count());
    assert_eq!(archive, Some(written.entries.len() - 2), "no stages");
    let any_body = |is: fn(&Body) -> bool| written.records().any(|it| is(&it.request.body));
    let is_decoded = any_body(|body| body.encoding.as_deref() == Some("gzip"));
    assert_eq!(is_decoded, cfg!(feature = "decode"));
    let lines = written.outputs.iter().find(|it| it.sink == "JsonLines");
    assert!(lines.is_some_and(|it| it.text.contains(&canaries.needle("base64"))));
    assert_eq!(
        any_body(|body| body.digest.is_some()),
        cfg!(feature = "hash")
    );
}

#[test]
fn none_is_shown_after_a_redaction_that_clears_all() {
    let canaries = Canaries {
        word: "cleared",
        client: "203.0.113.72",
        trace: "c1ea4edc1ea4ed0b0c0c0a71a5a11eb0",
        span: "c1ea4edc1ea4ed0b",
    };
    let written = serve(canaries, Some(clear));
    assert_silent(canaries, &written);
    let runs: BTreeSet<_> = written.records().map(|record| record.run).collect();
    assert_eq!(runs.len(), 1);
}

#[test]
fn none_is_shown_after_a_redaction_that_panics() {
    let canaries = Canaries {
        word: "panicked",
        client: "203.0.113.73",
        trace: "bad0bad0bad0bad00c0c0a71a5a11eb0",
        span: "bad0bad0bad0bad0",
    };
    // Nothing says what it panics with either, which may well be what it was to hide.
    let redact = |record: &mut Record| panic!("panicked, on {}", record.request.path);
    let written = serve(canaries, Some(redact));
    assert_silent(canaries, &written);
    for record in written.records() {
        let body = &record.request.body;
        if body.bytes.is_some_and(|bytes| bytes > 0) {
            assert!(body.reasons.contains(&Reason::Redaction), "{record:?}");
        }
    }
    let upgraded = Some(Outcome::Upgraded);
    assert!(written.records().any(|it| it.outcome == upgraded));
}
