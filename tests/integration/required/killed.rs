//! `kill -9` under load: whatever a handler has done is on disk, and so is whatever a client has got to its end.

use std::{
    collections::BTreeSet,
    fs::{self, OpenOptions},
    io::{self, BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{self, Child, Command, Stdio},
    sync::{mpsc, Mutex},
    thread,
    time::{Duration, Instant},
};

use actix_web::{
    web::{self, Data},
    App, HttpResponse,
};
use actix_web_body_logger::{
    policy::{BodyMode, Guarantee},
    record::Stage,
    sink::{DurableSink, JsonLinesFile, Memory},
    BodyLogger, CaptureLevel, Entry, Record, Rule,
};

use super::options;
use crate::{
    app::TestApp,
    client::Client,
    conversation::end_of_answer,
    lifecycle::chunks,
    sinks::file::{child, in_child, random, Directory},
};

/// How often, unless [`MORE`] says otherwise.
const KILLS: usize = 4;

/// Names how often, for who has the time.
const MORE: &str = "BODY_LOGGER_KILLS";

const CLIENTS: usize = 8;

/// Opens the log, which has proofs if there is a key beside it.
fn file(directory: &Path) -> JsonLinesFile {
    let file = JsonLinesFile::at(directory.join("audit.jsonl"));
    #[cfg(feature = "proofs")]
    let file = proven::with_proofs(file, directory);
    file.open().expect("a file")
}

/// Notes that a request's handler has run, in a file of its own.
async fn note(done: Data<Mutex<fs::File>>, number: web::Path<u64>) -> HttpResponse {
    let line = format!("{number}\n");
    let mut done = done.lock().expect("a lock");
    done.write_all(line.as_bytes()).expect("a file");
    drop(done);
    match *number % 3 {
        0 => HttpResponse::Ok().body(line),
        1 => HttpResponse::Ok().streaming(chunks(["one", "two"])),
        _ => HttpResponse::NoContent().finish(),
    }
}

/// Serves for ever, once it has said where.
fn serve_for_ever(directory: &Path) -> ! {
    let rule = Rule::new(CaptureLevel::RequestResponse).guarantee(Guarantee::Required);
    let logger = BodyLogger::builder()
        .rule(rule)
        .required(options())
        .request_mode([BodyMode::Tee, BodyMode::Buffer][random(2)].clone())
        .required_sink(DurableSink::new(file(directory)).expect("a file"))
        .build();
    let mut done = OpenOptions::new();
    let done = done.create(true).append(true).open(directory.join("done"));
    let done = Data::new(Mutex::new(done.expect("a file")));
    let app = TestApp::serve(
        Memory::new(0),
        move || {
            App::new()
                .wrap(logger.clone())
                .app_data(done.clone())
                .route("/{number}", web::post().to(note))
        },
        |server| server,
    );
    // What the harness has printed so far does not end its line.
    writeln!(io::stdout(), "\nserving {}", app.addr()).expect("a parent");
    // Until it is killed, or the parent is gone.
    let _ = io::stdin().read_line(&mut String::new());
    process::exit(1);
}

fn spawn(test: &str, directory: &Path) -> (Child, SocketAddr) {
    let mut process = in_child(
        &mut Command::new(std::env::current_exe().expect("a program")),
        test,
        directory,
    )
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .stderr(Stdio::null())
    .spawn()
    .expect("ourselves again");
    let output = process.stdout.take().expect("a pipe");
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    let address = lines.find_map(|line| line.strip_prefix("serving ")?.parse().ok());
    (process, address.expect("a server"))
}

/// Posts one number after the other, until the server is gone, and returns those whose answers were complete.
fn post_until_gone(addr: SocketAddr, first: u64, answered: &mpsc::Sender<u64>) {
    let mut client = Client::connect(addr);
    for number in first.. {
        let head = format!("POST /{number} HTTP/1.1\r\nhost: test\r\n");
        let rest = "content-type: application/json\r\ncontent-length: 3\r\n\r\n[1]";
        client.try_send(format!("{head}{rest}").as_bytes());
        let end = |bytes: &[u8]| end_of_answer("POST", bytes);
        match client.until_hung_up_or(end).expect("an answer or none") {
            (answer, true) => assert!(answer.starts_with(b"HTTP/1.1 20"), "{number}"),
            (_, false) => return,
        }
        answered.send(number).expect("a test");
    }
}

/// The numbers of which the log has a stage.
fn numbers(records: &[Record], stage: Stage) -> BTreeSet<u64> {
    let of_stage = records.iter().filter(|it| it.stage == Some(stage));
    let number = |record: &Record| record.request.path[1..].parse().expect("a number");
    of_stage.map(number).collect()
}

#[test]
fn nothing_is_done_and_nothing_ends_unrecorded() {
    let test = "required::killed::nothing_is_done_and_nothing_ends_unrecorded";
    check(test, |_| {});
}

/// Kills servers, and compares what they did with what their log has. `prepare` gets the log's directory first.
fn check(test: &str, prepare: fn(&Path)) {
    if let Some(directory) = child() {
        serve_for_ever(&directory);
    }
    let kills = std::env::var(MORE).map_or(KILLS, |kills| kills.parse().expect("a number"));
    let start = Instant::now();
    let name = test.rsplit("::").next().expect("a name");
    let directory = Directory::new(name);
    prepare(&directory.path);
    let mut answered = BTreeSet::new();
    for kill in 0..kills {
        let (mut process, addr) = spawn(test, &directory.path);
        let first = move |client| ((kill * CLIENTS + client) as u64) << 20;
        let (tell, told) = mpsc::channel();
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let tell = tell.clone();
                thread::spawn(move || post_until_gone(addr, first(client), &tell))
            })
            .collect();
        drop(tell);
        answered.extend(told.iter().take(1 + random(100)));
        // Anywhere in what comes next, rather than at its beginning.
        thread::sleep(Duration::from_micros(random(20_000) as u64));
        process.kill().expect("a process");
        process.wait().expect("a process");
        answered.extend(told);
        for client in clients {
            client.join().expect("a client");
        }
        #[cfg(feature = "proofs")]
        proven::assert_verifies(&directory.path);
    }
    drop(file(&directory.path));
    let log = fs::read_to_string(directory.file()).expect("text");
    let records: Vec<Record> = log
        .lines()
        .filter_map(|line| match serde_json::from_str(line).expect("an entry") {
            Entry::Record(record) => Some(record),
            _ => None,
        })
        .collect();
    let done = fs::read_to_string(directory.path.join("done")).expect("text");
    let done: BTreeSet<u64> = done
        .lines()
        .map(|line| line.parse().expect("a number"))
        .collect();
    let (requests, responses) = (
        numbers(&records, Stage::Request),
        numbers(&records, Stage::Response),
    );
    assert_eq!(done.difference(&requests).next(), None, "done unrecorded");
    assert_eq!(
        answered.difference(&responses).next(),
        None,
        "answered unrecorded"
    );
    assert!(answered.len() >= kills, "{} answers", answered.len());
    let first_seqs: BTreeSet<_> = records
        .iter()
        .filter(|it| it.first_seq.is_none())
        .map(|it| (it.run, it.seq))
        .collect();
    for record in &records {
        let first = record.first_seq.unwrap_or(record.seq);
        assert!(first_seqs.contains(&(record.run, first)), "{record:?}");
    }
    let _ = writeln!(
        io::stderr(),
        "{kills} kills in {:?}: {} handlers ran, {} answers were whole, {} requests and {} responses on disk",
        start.elapsed(),
        done.len(),
        answered.len(),
        requests.len(),
        responses.len(),
    );
}

/// The same log with proofs: what was published covers what is there.
#[cfg(feature = "proofs")]
mod proven {
    use actix_web_body_logger::{
        proofs::{Proofs, SigningKey, Verifier},
        sink::{Fsync, JsonLinesFileBuilder},
    };

    use super::*;

    #[test]
    fn what_was_published_verifies() {
        let test = "required::killed::proven::what_was_published_verifies";
        check(test, |directory| {
            let key = directory.join("key");
            SigningKey::create_file(key, "example.com/required").expect("a key");
        });
    }

    /// The key of a log with proofs.
    fn key(directory: &Path) -> Option<SigningKey> {
        let path = directory.join("key");
        let key = path.exists().then(|| SigningKey::from_file(path));
        key.map(|key| key.expect("a key"))
    }

    pub(super) fn with_proofs(
        file: JsonLinesFileBuilder,
        directory: &Path,
    ) -> JsonLinesFileBuilder {
        let Some(key) = key(directory) else {
            return file;
        };
        let proofs = Proofs::new(key).publish_to(directory.join("published"));
        file.fsync(Fsync::EveryBatch).observer(proofs)
    }

    pub(super) fn assert_verifies(directory: &Path) {
        let Some(key) = key(directory) else {
            return;
        };
        let published = fs::read_to_string(directory.join("published")).expect("a checkpoint");
        let verifier = Verifier::new([key.verifier_key().clone()]);
        let mut verifier = verifier.checkpoint(&published).expect("a checkpoint");
        let verification = verifier.verify(directory.join("audit.jsonl"));
        let verification = verification.expect("a log");
        assert!(verification.holds(), "{verification:?}");
    }
}
