//! The program in `examples/audit`, run as a user would.

#![cfg(unix)]

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
    fs::{self, File},
    io::{BufRead, BufReader, Read},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Instant, SystemTime},
};

use actix_web_body_logger::{
    record::{Body, Stage},
    Entry, Outcome, Record,
};
use body_logger_core::rfc3339;
use body_logger_tlog::{SigningKey, Verifier};

use crate::{app::PATIENCE, client::Client};

const JSON: &str = "application/json";

/// A directory that is gone when the test is over.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let name = format!("body-logger-audit-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a directory for temporary files");
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("audit.jsonl")
    }

    fn records(&self) -> Vec<Record> {
        let text = fs::read_to_string(self.file()).expect("a file");
        let records = text.lines().map(|line| match serde_json::from_str(line) {
            Ok(Entry::Record(record)) => record,
            other => panic!("{line}: {other:?}"),
        });
        records.collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The program, while it runs.
struct Audit {
    process: Child,
    output: BufReader<ChildStdout>,
    addr: SocketAddr,
    log: PathBuf,
}

/// What it has said, and how it ended.
struct Said {
    /// On the standard output, the greeting aside.
    output: String,
    /// On the standard error, where the log goes.
    log: String,
}

impl Said {
    fn last_line(&self) -> &str {
        self.output.lines().last().unwrap_or_default()
    }
}

impl Audit {
    #[track_caller]
    fn start(directory: &Directory, records: &Path, format: &str) -> Self {
        Self::start_with(directory, records, &["--format", format])
    }

    #[track_caller]
    fn start_with(directory: &Directory, records: &Path, args: &[&str]) -> Self {
        // Not a pipe: a program waits where nobody reads what it says.
        let log = directory.0.join("log");
        let errors = File::create(&log).expect("a file");
        let mut process = Command::new(program())
            .args(["--listen", "127.0.0.1:0", "--records"])
            .arg(records)
            .args(args)
            .env("RUST_LOG", "info")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(errors)
            .spawn()
            .expect("a program");
        let mut output = BufReader::new(process.stdout.take().expect("a pipe"));
        let mut greeting = String::new();
        while !greeting.contains("/events") {
            let read = output.read_line(&mut greeting).expect("text");
            assert!(read > 0, "it ended after {greeting:?}");
        }
        let addr = greeting.strip_prefix("listening on http://");
        let addr = addr
            .and_then(|rest| rest.split(',').next())
            .expect(&greeting);
        Self {
            addr: addr.parse().expect("an address"),
            process,
            output,
            log,
        }
    }

    fn connect(&self) -> Client {
        Client::connect(self.addr)
    }

    /// Presses Ctrl-C, and waits until it does not listen any more.
    #[track_caller]
    fn interrupt(&self) {
        let kill = format!("kill -INT {}", self.process.id());
        let killed = Command::new("sh").args(["-c", &kill]).status();
        assert!(killed.expect("a shell").success());
        let began = Instant::now();
        while TcpStream::connect(self.addr).is_ok() {
            assert!(began.elapsed() < PATIENCE, "it goes on");
            thread::yield_now();
        }
    }

    /// Presses Ctrl-C, and waits for the end.
    #[track_caller]
    fn stop(self) -> Said {
        self.interrupt();
        self.end()
    }

    #[track_caller]
    fn end(mut self) -> Said {
        let mut output = String::new();
        self.output.read_to_string(&mut output).expect("text");
        let log = fs::read_to_string(&self.log).expect("text");
        let status = self.process.wait().expect("a process");
        assert!(status.success(), "{status}: {output} {log}");
        Said { output, log }
    }
}

impl Drop for Audit {
    fn drop(&mut self) {
        // Already gone, unless the test failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Built by `cargo test` beside the tests, where all targets are.
fn program() -> PathBuf {
    let tests = std::env::current_exe().expect("a program");
    let profile = tests.parent().and_then(Path::parent);
    let program = profile.expect("a directory").join("examples/audit");
    assert!(
        program.exists(),
        "the example is not built, as it is by `cargo test` and `cargo build --examples`"
    );
    program
}

#[test]
fn ctrl_c_writes_all_records_and_says_how_many() {
    let directory = Directory::new("ctrl-c");
    let audit = Audit::start(&directory, &directory.file(), "line");
    let mut client = audit.connect();
    let login = r#"{"user":"ada","password":"open sesame"}"#;
    assert_eq!(client.post("/login", JSON, login).status, 200);
    let order = r#"{"item":"server","card_number":"4111 1111 1111 1111"}"#;
    assert_eq!(client.post("/orders", JSON, order).status, 201);
    for _ in 0..50 {
        assert_eq!(client.get("/orders/1").status, 200);
    }
    assert_eq!(client.get("/health").status, 200);
    // It would not end by itself.
    let mut endless = audit.connect();
    endless.send("GET /events HTTP/1.1\r\nhost: test\r\n\r\n");
    assert_eq!(endless.head().status, 200);

    let said = audit.stop();
    let path = directory.file();
    let expected = format!("53 records written to {}, 0 lost", path.display());
    assert_eq!(said.last_line(), expected);
    let records = directory.records();
    assert_eq!(records.len(), 53);
    let last = records.last().expect("the endless one");
    assert_eq!(
        (&*last.request.path, last.outcome),
        ("/events", Some(Outcome::ResponseAborted))
    );
    let text = fs::read_to_string(path).expect("a file");
    assert!(text.contains(r#""item":"server""#));
    for everywhere in [&text, &said.log, &said.output] {
        assert!(!everywhere.contains("sesame") && !everywhere.contains("4111 1111"));
    }
}

/// Whether it has come to wait for its records, or has ended. The waiting is done on a thread of the
/// runtime's that there is for nothing else.
#[cfg(target_os = "linux")]
fn has_done_what_it_can(audit: &mut Audit) -> bool {
    let threads = fs::read_dir(format!("/proc/{}/task", audit.process.id())).expect("a process");
    // Any of them may end just now.
    let comm = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("comm")).ok();
    let mut names = threads.filter_map(|thread| comm(thread.ok()?));
    names.any(|name| name.starts_with("tokio-"))
        || audit.process.try_wait().expect("a process").is_some()
}

#[cfg(target_os = "linux")]
#[test]
fn records_that_still_wait_at_ctrl_c_are_written_before_they_are_counted() {
    let directory = Directory::new("waiting");
    let made = Command::new("mkfifo").arg(directory.file()).status();
    assert!(made.expect("a command").success());
    let mut audit = Audit::start(&directory, &directory.file(), "line");
    let mut pipe = File::open(directory.file()).expect("a pipe");
    // More than goes into a pipe that nobody reads: that holds everything up.
    let order = format!(r#"{{"item":"{}"}}"#, "server ".repeat(2000));
    let mut client = audit.connect();
    for _ in 0..20 {
        assert_eq!(client.post("/orders", JSON, &order).status, 201);
    }
    audit.interrupt();
    let began = Instant::now();
    while !has_done_what_it_can(&mut audit) {
        assert!(began.elapsed() < PATIENCE, "it does something else");
        thread::yield_now();
    }
    let mut text = String::new();
    pipe.read_to_string(&mut text).expect("text");
    assert_eq!(text.lines().count(), 20);
    assert!(audit
        .end()
        .last_line()
        .starts_with("20 records written to "));
}

#[test]
fn records_prove_themselves_with_the_key_that_was_given() {
    let directory = Directory::new("tlog");
    let key = directory.0.join("audit.key");
    let made = SigningKey::create_file(&key, "example.com/audit").expect("a key");
    let args = ["--tlog", key.to_str().expect("text")];
    let began = SystemTime::now();
    let audit = Audit::start_with(&directory, &directory.file(), &args);
    let order = r#"{"item":"server","card_number":"4111 1111 1111 1111"}"#;
    for _ in 0..3 {
        let posted = audit.connect().post("/orders", JSON, order);
        assert_eq!(posted.status, 201);
    }
    // The page says how far that has got, and when it was verified.
    let host = audit.addr;
    let mut client = audit.connect();
    client.send(format!(
        "GET /_inspector/api/status HTTP/1.1\r\nhost: {host}\r\n\r\n"
    ));
    let panels: serde_json::Value = serde_json::from_str(client.response().text()).expect("JSON");
    let row = &panels[0]["rows"][0];
    assert_eq!(
        (&panels[0]["title"], &row["tone"]),
        (&"Proofs".into(), &"good".into())
    );
    let (_, verified_at) = row["value"]
        .as_str()
        .expect("text")
        .rsplit_once(' ')
        .expect("words");
    assert!(row["value"].to_string().contains("verified at"), "{row}");
    let verified_at = rfc3339::parse(verified_at).expect("a time");
    assert!((began..=SystemTime::now()).contains(&verified_at), "{row}");
    drop(client);
    let said = audit.stop();
    let verifier_key = made.verifier_key();
    let command = format!("--key {verifier_key}\n");
    assert!(said.output.contains(&command), "{}", said.output);
    let private = fs::read_to_string(&key).expect("a key");
    for everywhere in [&said.output, &said.log] {
        assert!(!everywhere.contains(private.trim_end()));
    }
    let mut verifier = Verifier::new([verifier_key.clone()]);
    let verification = verifier.verify(directory.file()).expect("a log");
    assert!(verification.holds(), "{verification:?}");
    assert_eq!((verification.size, verification.uncovered), (3, 0));
}

#[test]
fn nothing_is_done_unrecorded_under_a_path_that_requires_it() {
    let directory = Directory::new("required");
    let args = ["--required", "/orders"];
    let audit = Audit::start_with(&directory, &directory.file(), &args);
    let mut client = audit.connect();
    assert_eq!(
        client.post("/orders", JSON, r#"{"item":"server"}"#).status,
        201
    );
    // Both are there before the answer is.
    let stages = |records: &[Record]| -> Vec<_> { records.iter().map(|it| it.stage).collect() };
    assert_eq!(
        stages(&directory.records()),
        [Some(Stage::Request), Some(Stage::Response)]
    );
    assert_eq!(client.get("/orders/1").status, 200);
    assert_eq!(client.get("/error").status, 500);
    drop(client);
    audit.stop();
    let records = directory.records();
    assert_eq!(records.len(), 5);
    assert_eq!(records[4].stage, None);
    assert_eq!(records[3].outcome, Some(Outcome::Released));
}

#[cfg(target_os = "linux")]
#[test]
fn a_device_cannot_be_required() {
    let output = Command::new(program())
        .args(["--listen", "127.0.0.1:0", "--records", "/dev/null"])
        .args(["--required", "/orders"])
        .output()
        .expect("a program");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("/dev/null cannot be required"), "{said}");
}

#[test]
fn nothing_is_recorded_unsigned_where_there_is_no_key() {
    let directory = Directory::new("no-key");
    let output = Command::new(program())
        .args(["--listen", "127.0.0.1:0", "--records"])
        .arg(directory.file())
        .arg("--tlog")
        .arg(directory.0.join("no-key"))
        .output()
        .expect("a program");
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("body-logger key new"), "{said}");
    assert!(!directory.file().exists());
}

#[test]
fn bodies_are_kept_whole_where_a_directory_is_given() {
    let directory = Directory::new("spool");
    let bodies = directory.0.join("bodies");
    let args = ["--spool", bodies.to_str().expect("text")];
    let audit = Audit::start_with(&directory, &directory.file(), &args);
    let login = r#"{"user":"bob","password":"open sesame"}"#;
    let response = audit.connect().post("/login", "application/json", login);
    audit.interrupt();
    audit.stop();
    let record = directory.records().remove(0);
    let kept = |body: &Body| {
        let file = body.file.as_ref().expect("a file");
        fs::read_to_string(bodies.join(&file.name)).expect("a file")
    };
    assert_eq!(kept(&record.request.body), login);
    let answered = record.response.expect("a response");
    assert_eq!(kept(&answered.body), response.text());
}

#[test]
fn no_line_is_longer_than_asked_for() {
    const MAX: usize = 4096;
    let directory = Directory::new("max-record-bytes");
    let args = ["--max-record-bytes", &MAX.to_string()];
    let audit = Audit::start_with(&directory, &directory.file(), &args);
    for length in [1, 100, 300, 1_000, 5_000] {
        let order = format!(r#"{{"item":"{}"}}"#, r#"\u0001é\""#.repeat(length));
        let target = format!("/echo?{}", "a=1&".repeat(length / 4));
        let echoed = audit.connect().post(&target, JSON, &order);
        assert_eq!(echoed.status, 200);
    }
    audit.stop();

    let text = fs::read_to_string(directory.file()).expect("a file");
    let schema = include_str!("../docs/record.schema.json");
    let schema = serde_json::from_str(schema).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 5);
    for line in &lines {
        assert!(line.len() <= MAX, "{} bytes", line.len());
        let value = serde_json::from_str(line).expect("JSON");
        assert!(schema.is_valid(&value), "{line}");
    }
    let shortened = lines.iter().filter(|line| line.contains("record_limit"));
    assert!((1..5).contains(&shortened.count()), "{text}");
}

#[test]
fn the_terminal_shows_the_format_that_was_asked_for() {
    for (format, mark) in [
        ("line", "POST /orders 201 completed"),
        ("text", "\"item\": \"server\""),
        ("json", "\"outcome\":\"completed\""),
        ("curl", "curl "),
    ] {
        let directory = Directory::new(format);
        let audit = Audit::start(&directory, &directory.file(), format);
        let order = r#"{"item":"server"}"#;
        let created = audit.connect().post("/orders", JSON, order);
        assert_eq!(created.status, 201);
        let said = audit.stop();
        let (shown, other) = match format {
            "line" => (&said.log, &said.output),
            _ => (&said.output, &said.log),
        };
        assert!(shown.contains(mark), "{format}: {shown}");
        assert!(!other.contains(mark), "{format}: {other}");
        assert_eq!(directory.records().len(), 1, "{format}");
    }
}

#[test]
fn json_on_the_terminal_is_escaped_and_in_the_file_as_it_is() {
    // Begins an escape sequence in eight bits, deletes, and turns the direction of text round.
    const UNSAFE: &str = "\u{9b}31m \u{7f} \u{202e}";
    const ESCAPED: &str = "\\u009b31m \\u007f \\u202e";
    let directory = Directory::new("terminal");
    let audit = Audit::start(&directory, &directory.file(), "json");
    let order = format!(r#"{{"item":"{UNSAFE}"}}"#);
    let mut client = audit.connect();
    assert_eq!(client.post("/orders", JSON, &order).status, 201);
    let encoded: String = UNSAFE.bytes().map(|byte| format!("%{byte:02x}")).collect();
    let login = format!(r#"{{"user":"{UNSAFE}","password":"open sesame"}}"#);
    let target = format!("/login?note={encoded}");
    assert_eq!(client.post(&target, JSON, &login).status, 200);
    let form = "application/x-www-form-urlencoded";
    let contact = format!("name={encoded}&message={encoded}");
    assert_eq!(client.post("/contact", form, contact).status, 200);
    client.send(format!(
        "POST /echo HTTP/1.1\r\nhost: test\r\nuser-agent: {}\r\ncontent-length: 0\r\n\r\n",
        UNSAFE.replace('\u{7f}', "")
    ));
    assert_eq!(client.response().status, 200);

    let said = audit.stop();
    let is_unsafe = |c: &char| *c != '\n' && (c.is_control() || *c == '\u{202e}');
    let shown: Vec<char> = said.output.chars().filter(is_unsafe).collect();
    assert!(shown.is_empty(), "{}", said.output.escape_debug());
    assert!(said.output.contains(ESCAPED), "{}", said.output);
    let text = fs::read_to_string(directory.file()).expect("a file");
    assert!(text.contains(UNSAFE), "{}", text.escape_debug());
    // What was escaped reads back as the same records.
    let lines = said.output.lines().filter(|line| line.starts_with('{'));
    let value = |line| serde_json::from_str::<serde_json::Value>(line).expect(line);
    let read: Vec<_> = lines.map(value).collect();
    assert_eq!(read, text.lines().map(value).collect::<Vec<_>>());
}

#[cfg(target_os = "linux")]
#[test]
fn records_that_a_full_disk_did_not_take_are_counted() {
    let directory = Directory::new("full");
    let audit = Audit::start(&directory, Path::new("/dev/full"), "line");
    let mut client = audit.connect();
    for _ in 0..7 {
        assert_eq!(client.get("/orders/1").status, 404);
    }
    drop(client);
    let said = audit.stop();
    assert_eq!(
        said.last_line(),
        "0 records written to /dev/full, 7 lost (sink_error: 7)"
    );
}

#[test]
fn the_page_shows_what_happens_and_leaves_no_records_itself() {
    let directory = Directory::new("inspector");
    let audit = Audit::start(&directory, &directory.file(), "line");
    let mut client = audit.connect();
    assert_eq!(client.get("/orders/17").status, 404);
    let host = audit.addr;
    let mut ask = |target: &str, headers: &str| {
        client.send(format!("GET {target} HTTP/1.1\r\n{headers}\r\n"));
        client.response()
    };
    let own = format!("host: {host}\r\n");
    let page = ask("/_inspector", &own);
    assert_eq!(page.status, 200);
    assert!(page.text().contains("<title>Inspector</title>"));
    // Of a page that is refused there is no record either, nor of what is not there, or an asset.
    assert_eq!(ask("/_inspector", "host: evil.example\r\n").status, 403);
    assert_eq!(ask("/_inspector/nothing", &own).status, 404);
    assert_eq!(ask("/_inspector/assets/1/app.js", &own).status, 200);
    // The record is there when its batch is written.
    let began = Instant::now();
    let mut shown = String::new();
    while !shown.contains("/orders/17") {
        assert!(began.elapsed() < PATIENCE, "{shown}");
        let rows = ask("/_inspector/api/entries?limit=10", &own);
        shown = rows.text().to_owned();
    }
    assert_eq!(shown.matches("\"kind\":\"record\"").count(), 1, "{shown}");
    audit.stop();
    let records = directory.records();
    let paths: Vec<&str> = records.iter().map(|it| &*it.request.path).collect();
    assert_eq!(paths, ["/orders/17"]);
}
