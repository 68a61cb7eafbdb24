//! The sinks that come with the crate, beside the log.

use std::{
    fs,
    io::{self, BufWriter, Write},
    panic::{self, UnwindSafe},
    sync::{mpsc, Arc, Mutex},
    thread,
    time::Duration,
};

use actix_web_body_logger::{
    sink::{JsonLines, Memory},
    BodyLogger, Entry, Record, Sink as _,
};

use super::{file::Directory, get, paths, paths_of, serve};
use crate::app::{TestApp, PATIENCE};

/// The paths of the requests in lines of JSON.
fn paths_of_lines(lines: &str) -> Vec<String> {
    assert!(lines.is_empty() || lines.ends_with('\n'));
    let entries: Vec<Entry> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line that is an entry"))
        .collect();
    paths_of(&entries)
}

fn paths_of_records(records: &[Record]) -> Vec<&str> {
    records.iter().map(|r| r.request.path.as_str()).collect()
}

#[test]
fn memory_keeps_the_newest_entries_and_counts_the_others() {
    let memory = Memory::new(3);
    let logger = BodyLogger::builder().sink(memory.clone()).build();
    let app = serve(&logger, &memory);
    get(&app, 0..5);
    app.stop(true);
    assert_eq!(paths_of_records(&memory.records()), ["/2", "/3", "/4"]);
    assert_eq!((memory.entries().len(), memory.dropped()), (3, 2));
    memory.clear();
    assert_eq!((memory.entries().len(), memory.dropped()), (0, 2));
}

#[test]
fn a_memory_without_room_keeps_nothing_and_counts_all() {
    let memory = Memory::new(0);
    let logger = BodyLogger::builder().sink(memory.clone()).build();
    let app = serve(&logger, &memory);
    get(&app, 0..2);
    app.stop(true);
    assert_eq!((memory.entries().len(), memory.dropped()), (0, 2));
}

/// Whether an assertion fails, with what it says of it.
fn failure(assertion: impl FnOnce() + UnwindSafe) -> Option<String> {
    let panic = panic::catch_unwind(assertion).err()?;
    Some(
        panic
            .downcast_ref::<String>()
            .map_or("", |text| text)
            .to_owned(),
    )
}

#[test]
fn texts_are_found_in_a_memory_in_whatever_way_they_were_written() {
    let memory = Memory::new(10);
    assert!(
        failure(|| memory.assert_absent(["anything"])).is_some(),
        "there is no record"
    );
    let mut record = Record::example();
    record.request.query = Some("q=two%20words+more".into());
    record
        .attributes
        .insert("a \"name\"".to_owned(), "line\nbreak".to_owned());
    record.request.body.json = None;
    record.request.body.base64 = Some("c2VjcmV0IGJ5dGVz".to_owned());
    memory.write(&[Entry::Record(record)]).expect("room");
    let there = [
        "two words more",
        "a \"name\"",
        "line\nbreak",
        "secret bytes",
        "/orders/{id}",
    ];
    memory.assert_present(there);
    memory.assert_absent(["not there", "secret words"]);
    for text in there {
        let said = failure(|| memory.assert_absent([text])).expect("it is there");
        assert!(said.contains("is recorded"), "{said}");
    }
    let said =
        failure(|| memory.assert_present(["/orders/7", "not there"])).expect("it is not there");
    assert!(said.contains("\"not there\" is not recorded"), "{said}");
    assert!(
        failure(|| memory.assert_absent([""])).is_some(),
        "an empty text is everywhere"
    );
}

#[test]
fn waiting_for_records_that_do_not_come_ends_with_those_that_did() {
    let memory = Memory::new(10);
    let logger = BodyLogger::builder().sink(memory.clone()).build();
    let app = serve(&logger, &memory);
    get(&app, 0..1);
    assert_eq!(memory.wait_for(1, PATIENCE).len(), 1);
    assert_eq!(memory.wait_for(2, Duration::ZERO).len(), 1);
}

#[test]
fn an_id_that_nobody_asked_for_before_is_the_same_for_sinks_on_both_threads() {
    let memory = Memory::new(10);
    let (sender, queued) = mpsc::channel();
    let logger = BodyLogger::builder()
        .inline_sink(memory.clone())
        .sink(move |record: &Record| sender.send(record.clone()).expect("a test"))
        .build();
    let app = serve(&logger, &memory);
    get(&app, 0..3);
    let queued = [(); 3].map(|()| queued.recv_timeout(PATIENCE).expect("a record"));
    app.stop(true);
    let ids = |records: &[Record]| -> Vec<_> { records.iter().map(|it| it.id.clone()).collect() };
    assert_eq!(ids(&memory.records()), ids(&queued));
}

/// A writer whose every write can be looked at.
#[derive(Clone, Default)]
struct Writes(Arc<Mutex<Vec<Vec<u8>>>>);

impl Write for Writes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("a lock").push(bytes.to_vec());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn json_lines_go_to_any_writer_whole_lines_in_each_write() {
    let writes = Writes::default();
    let memory = Memory::new(1000);
    let logger = BodyLogger::builder()
        .inline_sink(memory.clone())
        .sink(JsonLines::new(writes.clone()))
        .build();
    let guard = logger.flush_guard();
    let app = serve(&logger, &memory);
    get(&app, 0..50);
    app.stop(true);
    drop(guard);

    let writes = writes.0.lock().expect("a lock");
    let mut lines = String::new();
    for write in writes.iter() {
        assert_eq!(write.last(), Some(&b'\n'));
        lines.push_str(std::str::from_utf8(write).expect("text"));
    }
    let entries: Vec<Entry> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line that is an entry"))
        .collect();
    assert_eq!(entries, memory.entries());
    assert_eq!(paths_of(&entries), paths(0..50));
}

#[test]
fn lines_that_are_written_on_the_worker_do_not_wait_in_a_buffer() {
    let writes = Writes::default();
    let memory = Memory::new(1000);
    let logger = BodyLogger::builder()
        .inline_sink(JsonLines::new(BufWriter::new(writes.clone())))
        .inline_sink(memory.clone())
        .build();
    let app = serve(&logger, &memory);
    get(&app, 0..5);
    assert_eq!(app.stop(true).len(), 5);
    let lines = writes.0.lock().expect("a lock").clone();
    assert_eq!(lines.len(), 5);
    let lines = String::from_utf8(lines.concat()).expect("text");
    assert_eq!(paths_of_lines(&lines), paths(0..5));
    // Its end would empty the buffer.
    drop(logger);
}

#[test]
fn json_lines_are_appended_to_a_file() {
    let directory = Directory::new("append");
    let path = directory.path.join("audit.jsonl");
    for run in 0..2 {
        let logger = BodyLogger::builder()
            .sink(JsonLines::open(&path).expect("a file"))
            .build();
        let guard = logger.flush_guard();
        let app = serve(&logger, &Memory::new(0));
        get(&app, run * 3..run * 3 + 3);
        app.stop(true);
        drop(guard);
        let lines = fs::read_to_string(&path).expect("a file");
        assert_eq!(paths_of_lines(&lines), paths(0..run * 3 + 3));
    }
}

#[test]
fn a_file_that_cannot_be_opened_is_named_by_the_error() {
    let directory = Directory::new("missing");
    let path = directory.path.join("no-such-directory").join("audit.jsonl");
    let error = JsonLines::open(&path).expect_err("there is no such directory");
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    let message = error.to_string();
    assert!(message.contains(path.to_str().expect("text")), "{message}");
}

#[test]
fn several_sinks_get_the_same_records_in_the_same_order() {
    let (first, second) = (Writes::default(), Writes::default());
    let memory = Memory::new(1000);
    let (closure, told) = mpsc::channel();
    let closure = Mutex::new(closure);
    let logger = BodyLogger::builder()
        .sink(JsonLines::new(first.clone()))
        .sink(memory.clone())
        .sink(move |record: &Record| {
            let record = record.clone();
            closure
                .lock()
                .expect("a lock")
                .send(record)
                .expect("a test");
        })
        .sink(JsonLines::new(second.clone()))
        .build();
    let guard = logger.flush_guard();
    let app = serve(&logger, &memory);
    get(&app, 0..30);
    app.stop(true);
    drop(guard);

    // Beside sinks behind queues it is behind one, too.
    let records = memory.records();
    assert_eq!(paths_of_records(&records), paths(0..30));
    assert_eq!(told.try_iter().collect::<Vec<_>>(), records);
    let first = first.0.lock().expect("a lock").concat();
    assert_eq!(first, second.0.lock().expect("a lock").concat());
    let lines = String::from_utf8(first).expect("text");
    assert_eq!(paths_of_lines(&lines), paths(0..30));
}

/// The threads that a closure runs on.
#[track_caller]
fn threads(build: impl FnOnce(Box<dyn Fn(&Record) + Send + Sync>) -> BodyLogger) -> Vec<String> {
    let (tell, told) = mpsc::channel();
    let tell = Mutex::new(tell);
    let logger = build(Box::new(move |_| {
        let name = thread::current().name().unwrap_or_default().to_owned();
        tell.lock().expect("a lock").send(name).expect("a test");
    }));
    let guard = logger.flush_guard();
    let app: TestApp = serve(&logger, &Memory::new(0));
    get(&app, 0..20);
    app.stop(true);
    drop(guard);
    let names: Vec<String> = told.try_iter().collect();
    assert_eq!(names.len(), 20);
    names
}

#[test]
fn a_sink_runs_on_the_threads_of_the_queue_and_an_inline_sink_on_the_worker() {
    let names = threads(|sink| BodyLogger::builder().sink(sink).build());
    assert!(names.iter().all(|name| name == "body-logger"), "{names:?}");

    let names = threads(|sink| BodyLogger::builder().inline_sink(sink).build());
    let on_worker = |name: &String| name.starts_with("actix-");
    assert!(names.iter().all(on_worker), "{names:?}");
}
