//! OTLP over HTTP, with a receiver that answers as it is configured to.

use std::{
    collections::{BTreeSet, VecDeque},
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use body_logger_ship::{Destination, Otlp, OtlpError, SendError};
use flate2::read::GzDecoder;
use opentelemetry_proto::tonic::{
    collector::logs::v1::{
        ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
    },
    common::v1::{any_value::Value, KeyValue},
    logs::v1::LogRecord,
};
use prost::Message;
use rustls::{
    crypto::ring,
    pki_types::{pem::PemObject, CertificateDer, PrivateKeyDer},
    ServerConfig, ServerConnection, StreamOwned,
};

use super::{
    certificates::{self, Authority, Certificate},
    kill::{self, ship},
    log::{lines, record_of, Directory, RUN},
    proxy::Proxy,
    servers::free_port,
    stop,
    suite::{self, Place as _},
    until,
};

/// What one request is answered with: a status, a further header, and so many rejected entries.
#[derive(Debug, Clone, Default)]
struct Answer {
    status: u16,
    header: &'static str,
    rejected: i64,
}

#[derive(Debug, Default)]
struct State {
    answers: VecDeque<Answer>,
    /// Requests that were answered with 200.
    accepted: Vec<ExportLogsServiceRequest>,
    heads: Vec<String>,
    times: Vec<Instant>,
    /// Larger requests are answered with 413.
    max_records: Option<usize>,
    tls: Option<Arc<ServerConfig>>,
}

#[derive(Clone)]
struct Receiver {
    address: String,
    state: Arc<Mutex<State>>,
}

impl Receiver {
    fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let state = State {
            answers: answers.into_iter().collect(),
            ..State::default()
        };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, state) = (client.expect("a client"), Arc::clone(&shared));
                thread::spawn(move || serve(client, &state));
            }
        });
        Self { address, state }
    }

    fn destination(&self) -> Otlp {
        destination(&self.url())
    }

    fn records(&self) -> Vec<LogRecord> {
        let state = self.state.lock().expect("no panic");
        let resources = state
            .accepted
            .iter()
            .flat_map(|request| &request.resource_logs);
        let scopes = resources.flat_map(|resource| &resource.scope_logs);
        scopes.flat_map(|scope| scope.log_records.clone()).collect()
    }
}

impl suite::Place for Receiver {
    type Destination = Otlp;

    fn destination_at(&self, url: &str) -> Otlp {
        destination(url)
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    fn url_through(&self, proxy: &Proxy) -> String {
        format!("http://{}", proxy.address)
    }

    fn server(&self) -> String {
        self.address.clone()
    }

    fn name(&self) -> String {
        String::new()
    }

    fn numbers(&self) -> Vec<u64> {
        let records = self.records();
        let numbers =
            records.iter().map(
                |record| match value(&record.attributes, "body_logger.seq") {
                    Some(Value::IntValue(seq)) => seq as u64,
                    other => panic!("{other:?}"),
                },
            );
        numbers.collect()
    }

    /// Each is there at least once.
    fn check(&self, expected: impl IntoIterator<Item = u64>) {
        let stored = BTreeSet::from_iter(self.numbers());
        assert_eq!(stored, BTreeSet::from_iter(expected));
    }
}

fn destination(url: &str) -> Otlp {
    Otlp::new(url).expect("a URL")
}

fn value(attributes: &[KeyValue], key: &str) -> Option<Value> {
    let attribute = attributes.iter().find(|attribute| attribute.key == key)?;
    attribute.value.clone()?.value
}

fn text(attributes: &[KeyValue], key: &str) -> Option<String> {
    match value(attributes, key)? {
        Value::StringValue(text) => Some(text),
        other => panic!("{other:?}"),
    }
}

/// Answers a client until it has gone.
fn serve(client: TcpStream, state: &Mutex<State>) {
    let tls = state.lock().expect("no panic").tls.clone();
    match tls {
        None => {
            let mut client = client;
            while answer(&mut client, state).is_some() {}
        }
        Some(config) => {
            let connection = ServerConnection::new(config).expect("a configuration");
            let mut client = StreamOwned::new(connection, client);
            while answer(&mut client, state).is_some() {}
        }
    }
}

/// Reads and answers one request. None when the client has gone.
fn answer(client: &mut (impl Read + Write), state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(&mut *client);
    let mut head = String::new();
    loop {
        let before = head.len();
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
        if head[before..] == *"\r\n" {
            break;
        }
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .expect("a length");
    let mut body = vec![0; length.parse().expect("a number")];
    reader.read_exact(&mut body).ok()?;
    let mut decoded = Vec::new();
    GzDecoder::new(&body[..])
        .read_to_end(&mut decoded)
        .expect("gzip");
    let request = ExportLogsServiceRequest::decode(&decoded[..]).expect("a request");
    let mut state = state.lock().expect("no panic");
    let records: usize = (request.resource_logs.iter())
        .flat_map(|it| &it.scope_logs)
        .map(|it| it.log_records.len())
        .sum();
    let mut answer = state.answers.pop_front().unwrap_or(Answer {
        status: 200,
        ..Answer::default()
    });
    if state.max_records.is_some_and(|most| records > most) {
        answer.status = 413;
    }
    state.heads.push(head);
    state.times.push(Instant::now());
    if answer.status == 200 {
        state.accepted.push(request);
    }
    let partial = (answer.rejected > 0).then(|| ExportLogsPartialSuccess {
        rejected_log_records: answer.rejected,
        error_message: "too old".to_owned(),
    });
    let body = ExportLogsServiceResponse {
        partial_success: partial,
    }
    .encode_to_vec();
    let Answer { status, header, .. } = answer;
    let head = format!(
        "HTTP/1.1 {status} x\r\n{header}content-length: {}\r\n\r\n",
        body.len()
    );
    client.write_all(&[head.as_bytes(), &body].concat()).ok()
}

fn status(status: u16) -> Answer {
    Answer {
        status,
        ..Answer::default()
    }
}

#[test]
fn entries_are_log_records_with_their_id_and_the_names_of_the_conventions() {
    let receiver = Receiver::start([]);
    let directory = Directory::new();
    directory.append(&lines(1..3));
    let gap = r#"{"v":1,"entry_id":"01a1fd63-3a99-7f10-a2b4-6c0d8e1f3a58","run":"00000000-0000-0000-0000-000000000007","gap":{"from":"2026-11-21T09:15:01.123456Z","to":"2026-11-21T09:15:01.123456Z","dropped":1,"reasons":{"dropped_newest":1},"seq":[[3,3]]}}"#;
    directory.append(&format!("{gap}\n"));
    ship(&directory, receiver.destination());
    let records = receiver.records();
    assert_eq!(records.len(), 3);
    let of = |key| text(&records[0].attributes, key);
    let expected = record_of(RUN, 1);
    assert_eq!(of("log.record.uid"), Some(expected.entry_id.to_string()));
    assert_eq!(of("http.request.method").as_deref(), Some("POST"));
    assert_eq!(of("http.route").as_deref(), Some("/orders/{id}"));
    let status = value(&records[0].attributes, "http.response.status_code");
    assert_eq!(status, Some(Value::IntValue(200)));
    assert_eq!(
        (records[0].trace_id.len(), records[0].span_id.len()),
        (16, 8)
    );
    assert_eq!(records[0].time_unix_nano, 1_000_000);
    let body = records[0].body.clone().and_then(|body| body.value);
    let line = lines(1..2);
    assert_eq!(body, Some(Value::StringValue(line.trim_end().to_owned())));
    assert_eq!(
        text(&records[2].attributes, "body_logger.kind").as_deref(),
        Some("gap")
    );
    let state = receiver.state.lock().expect("no panic");
    let resources: Vec<_> = state
        .accepted
        .iter()
        .flat_map(|it| &it.resource_logs)
        .collect();
    let resource = resources[0].resource.as_ref().expect("a resource");
    assert_eq!(
        text(&resource.attributes, "service.name").as_deref(),
        Some("orders")
    );
    let head = &state.heads[0];
    assert!(head.starts_with("POST /v1/logs HTTP/1.1\r\n"), "{head}");
    assert!(
        head.contains("content-type: application/x-protobuf\r\n"),
        "{head}"
    );
}

#[test]
fn is_retried_after_each_status_that_is_not_about_an_entry() {
    let answers = [429, 502, 503, 504, 500, 401, 404, 301].map(status);
    let receiver = Receiver::start(answers);
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let counters = ship(&directory, receiver.destination());
    assert_eq!(
        (counters.shipped, counters.retries, counters.dead_letters),
        (10, 8, 0)
    );
    assert_eq!(receiver.numbers(), Vec::from_iter(1..11));
}

#[test]
fn waits_as_long_as_the_receiver_asks_for() {
    let header = "retry-after: 1\r\n";
    let receiver = Receiver::start([Answer {
        status: 429,
        header,
        rejected: 0,
    }]);
    let directory = Directory::new();
    directory.append(&lines(1..2));
    ship(&directory, receiver.destination());
    let times = receiver.state.lock().expect("no panic").times.clone();
    // The other delays of this test are of milliseconds.
    assert!(times[1] - times[0] >= Duration::from_secs(1));
}

#[test]
fn nothing_of_a_partial_success_is_sent_again_and_what_was_rejected_is_counted() {
    let partial = Answer {
        status: 200,
        header: "",
        rejected: 3,
    };
    let receiver = Receiver::start([partial]);
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let counters = ship(&directory, receiver.destination());
    assert_eq!(
        (counters.shipped, counters.rejected, counters.retries),
        (7, 3, 0)
    );
    assert_eq!(receiver.numbers(), Vec::from_iter(1..11));
}

#[test]
fn a_batch_that_is_too_large_is_split() {
    let receiver = Receiver::start([]);
    receiver.state.lock().expect("no panic").max_records = Some(10);
    let directory = Directory::new();
    directory.append(&lines(1..101));
    let counters = ship(&directory, receiver.destination());
    assert_eq!((counters.shipped, counters.dead_letters), (100, 0));
    assert_eq!(receiver.numbers(), Vec::from_iter(1..101));
}

#[test]
fn credentials_are_taken_from_a_file_and_shown_nowhere() {
    let error = Otlp::new("http://user:hunter2@localhost").expect_err("credentials");
    assert_eq!(error, OtlpError::CredentialsInUrl);
    assert_eq!(
        Otlp::new("nats://localhost").expect_err("no HTTP"),
        OtlpError::Url
    );
    let directory = Directory::new();
    let path = directory.file("header");
    std::fs::write(&path, "Bearer hunter2\n").expect("a file");
    directory.append(&lines(1..2));
    let receiver = Receiver::start([]);
    let destination = receiver
        .destination()
        .header_file("authorization", &path)
        .expect("a name");
    assert!(!format!("{destination:?}").contains("hunter2"));
    ship(&directory, destination);
    let heads = receiver.state.lock().expect("no panic").heads.clone();
    assert!(
        heads[0].contains("authorization: Bearer hunter2\r\n"),
        "{}",
        heads[0]
    );
    // What cannot be a header is not shown either.
    std::fs::write(&path, "hunter2\u{0}").expect("a file");
    let mut broken = receiver
        .destination()
        .header_file("authorization", &path)
        .expect("a name");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let error: SendError = runtime
        .expect("a runtime")
        .block_on(broken.connect(None))
        .expect_err("no header");
    let text = format!("{error} {error:?}");
    assert!(
        text.contains("header") && !text.contains("hunter2"),
        "{text}"
    );
}

#[test]
fn a_receiver_that_comes_later_gets_all() {
    let directory = Directory::new();
    directory.append(&lines(1..11));
    let destination = destination(&format!("http://127.0.0.1:{}", free_port()));
    let handle = super::shipper(&directory, destination)
        .spawn()
        .expect("a shipper");
    until(|| handle.counters().retries > 2);
    assert_eq!(handle.counters().lag_entries, 10);
    assert_eq!(stop(handle).shipped, 0);
    let receiver = Receiver::start([]);
    ship(&directory, receiver.destination());
    assert_eq!(receiver.numbers(), Vec::from_iter(1..11));
}

fn tls(certificate: &Certificate) -> ServerConfig {
    let chain = CertificateDer::from_pem_file(&certificate.certificate).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(&certificate.key).expect("a key");
    ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .expect("a certificate")
}

#[test]
fn only_a_receiver_with_a_certificate_that_is_trusted_gets_entries() {
    let Some(authority) = Authority::new() else {
        return;
    };
    let receiver = Receiver::start([]);
    let start = |certificate: &Certificate| {
        receiver.state.lock().expect("no panic").tls = Some(Arc::new(tls(certificate)));
    };
    let connect = |roots: Option<&std::path::Path>| {
        let destination = Otlp::new(&format!("https://{}", receiver.address)).expect("a URL");
        match roots {
            Some(roots) => destination.root_certificates(roots),
            None => destination,
        }
    };
    let received = || receiver.numbers();
    certificates::check(start, connect, received, &authority);
}

#[test]
fn a_receiver_that_is_slow_and_away_for_a_while_gets_each_entry_at_least_once() {
    suite::survives_an_outage(&Receiver::start([]), |_| false);
}

#[test]
fn connections_that_close_at_random_lose_nothing() {
    suite::survives_connections_that_close_at_random(&Receiver::start([]), 20_000);
}

#[test]
fn a_shipper_that_is_killed_at_any_moment_loses_nothing() {
    let test = "otlp::a_shipper_that_is_killed_at_any_moment_loses_nothing";
    if let Some(child) = kill::Child::here() {
        return child.ship(destination(&child.url));
    }
    suite::survives_kills_of_shippers(test, &Receiver::start([]), |_| {});
}
