//! What an observer of a file learns, in which order, and what becomes of the file where it fails.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use body_logger_core::{
    record::{Maintenance, MaintenanceRecord},
    Entry, Sink,
};
use body_logger_jsonl::{
    AppendedLines, FileObserver, Fsync, JsonLinesFile, JsonLinesFileBuilder, LineToErase,
};
use uuid::Uuid;

use super::{append, entries, write, Directory};

/// Notes each call, and fails those that it is to.
#[derive(Debug, Clone, Default)]
struct Recorder(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    calls: Vec<String>,
    failing: Vec<&'static str>,
    lines: Vec<Vec<u8>>,
    live: PathBuf,
    unfinished: Vec<MaintenanceRecord>,
}

impl Recorder {
    fn note(&self, call: &str, more: impl fmt::Display) -> io::Result<()> {
        let mut state = self.0.lock().expect("no panic");
        let failed = state.failing.contains(&call);
        let failure = if failed { ", which fails" } else { "" };
        state
            .calls
            .push(format!("{call} {more}{failure}").replace("  ", " "));
        match failed {
            true => Err(io::Error::other(format!("{call} fails on purpose"))),
            false => Ok(()),
        }
    }

    fn fail(&self, calls: &[&'static str]) {
        self.0.lock().expect("no panic").failing = calls.to_vec();
    }

    /// The calls since this was asked last.
    fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().expect("no panic").calls)
    }

    fn live(&self) -> Vec<u8> {
        fs::read(&self.0.lock().expect("no panic").live).expect("a file")
    }

    /// Whether the live file ends with what was appended last: so nothing was appended without its knowledge.
    fn knows_the_end(&self) -> bool {
        let live = self.live();
        let state = self.0.lock().expect("no panic");
        state.lines.last().is_none_or(|last| live.ends_with(last))
    }
}

fn note() -> MaintenanceRecord {
    let note = Maintenance::deleted(SystemTime::UNIX_EPOCH, 0..=0, Vec::new());
    MaintenanceRecord::new(Uuid::from_u128(7), 1, note)
}

impl FileObserver for Recorder {
    fn resume(&self, live: &Path) -> io::Result<()> {
        self.note("resume", "")?;
        let text = fs::read(live)?;
        let lines = text
            .split_inclusive(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec);
        let mut state = self.0.lock().expect("no panic");
        state.live = live.to_owned();
        state.lines = lines.collect();
        Ok(())
    }

    fn salts(&self, lines: usize) -> io::Result<Vec<[u8; 16]>> {
        self.note("salts", lines)?;
        Ok(vec![[0xa5; 16]; lines])
    }

    fn appended(&self, lines: &AppendedLines) {
        let lines = lines
            .split_inclusive(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec);
        let lines: Vec<_> = lines.collect();
        let _ = self.note("appended", lines.len());
        let is_whole =
            |line: &Vec<u8>| line.ends_with(b",\"salt\":\"a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\"}\n");
        assert!(lines.iter().all(is_whole), "{lines:?}");
        self.0.lock().expect("no panic").lines.extend(lines);
        assert!(self.knows_the_end());
    }

    fn known_lines(&self) -> u64 {
        self.0.lock().expect("no panic").lines.len() as u64
    }

    fn synced(&self, lines: u64) -> io::Result<()> {
        self.note("synced", lines)
    }

    fn rotated(&self, closed_at: &str) -> io::Result<()> {
        // The closed file is there by its name, and the live one is not.
        let live = self.0.lock().expect("no panic").live.clone();
        assert!(live
            .with_file_name(format!("audit.{closed_at}.jsonl"))
            .exists());
        assert!(!live.exists());
        self.note("rotated", "")
    }

    fn deleting(&self, closed_at: &[&str]) -> io::Result<MaintenanceRecord> {
        let live = self.0.lock().expect("no panic").live.clone();
        for closed_at in closed_at {
            let name = live.with_file_name(format!("audit.{closed_at}.jsonl"));
            assert!(name.exists(), "it is deleted before");
        }
        self.note("deleting", closed_at.len())?;
        Ok(note())
    }

    fn may_delete(&self) -> io::Result<()> {
        self.note("may_delete", "")
    }

    fn first_line(&self, _: Option<&str>) -> io::Result<u64> {
        Ok(0)
    }

    fn erasing(&self, lines: &[LineToErase]) -> io::Result<Vec<MaintenanceRecord>> {
        self.note("erasing", lines.len())?;
        let announce = |line: &LineToErase| {
            let bytes = line.line.len() as u64;
            let note = Maintenance::erased(SystemTime::UNIX_EPOCH, line.number, line.stub, bytes);
            MaintenanceRecord::new(Uuid::from_u128(7), 1, note)
        };
        Ok(lines.iter().map(announce).collect())
    }

    fn erased(&self, numbers: &[u64]) -> io::Result<()> {
        let is_stub = |line: &&[u8]| memchr::memmem::find(line, b"\"erased\":true").is_some();
        let live = self.live();
        let stubs = live.split(|byte| *byte == b'\n').filter(is_stub).count();
        assert_eq!(stubs, numbers.len());
        self.note("erased", numbers.len())
    }

    fn unfinished_erasures(&self) -> io::Result<Vec<MaintenanceRecord>> {
        Ok(self.0.lock().expect("no panic").unfinished.clone())
    }
}

/// A file that syncs when it is asked to.
fn describe(directory: &Directory, recorder: &Recorder) -> JsonLinesFileBuilder {
    JsonLinesFile::at(directory.file())
        .fsync(Fsync::Every(Duration::from_secs(3600)))
        .observer(recorder.clone())
}

#[test]
fn lines_are_appended_and_then_synced() {
    let directory = Directory::new("observed");
    let recorder = Recorder::default();
    let file = describe(&directory, &recorder).open().expect("a file");
    assert_eq!(recorder.calls(), ["resume ", "synced 0"]);
    write(&file, 0..3);
    write(&file, 3..5);
    assert_eq!(
        recorder.calls(),
        ["salts 3", "appended 3", "salts 2", "appended 2"]
    );
    file.sync().expect("a disk that works");
    assert_eq!(recorder.calls(), ["synced 5"]);
    drop(file);
    assert_eq!(recorder.calls(), ["synced 5"]);
    // What is there is read by the observer, and durable before anything else.
    drop(describe(&directory, &recorder).open().expect("a file"));
    assert_eq!(recorder.calls()[..2], ["resume ", "synced 5"]);
}

#[test]
fn all_lines_of_a_file_are_synced_before_it_is_closed() {
    let directory = Directory::new("observed-rotation");
    let recorder = Recorder::default();
    let file = describe(&directory, &recorder)
        .rotate_at(2_500)
        .open()
        .expect("a file");
    recorder.calls();
    file.write(&entries(0..8, 100)).expect("a disk with room");
    let calls = recorder.calls();
    let mut known = 0;
    for (at, call) in calls.iter().enumerate() {
        match call.split_once(' ').expect("a call") {
            ("appended", lines) => known += lines.parse::<u64>().expect("a number"),
            ("rotated", _) => assert_eq!(calls[at - 1], format!("synced {known}"), "{calls:?}"),
            _ => {}
        }
    }
    assert_eq!(known, 8);
    let rotated = calls
        .iter()
        .filter(|call| call.starts_with("rotated"))
        .count();
    assert!(rotated > 1, "{calls:?}");
    assert_eq!(rotated as u64, file.counters().closed);
}

#[test]
fn files_are_deleted_once_that_is_announced_synced_and_allowed() {
    let directory = Directory::new("observed-deletion");
    let recorder = Recorder::default();
    let describe = || describe(&directory, &recorder).rotate_at(2_500);
    write(&describe().open().expect("a file"), 0..12);
    let closed = directory.closed().len();
    assert!(closed > 2, "{closed}");

    for failing in ["deleting", "synced", "may_delete"] {
        recorder.calls();
        recorder.fail(&[]);
        let file = describe().open().expect("a file");
        recorder.fail(&[failing]);
        drop(file);
        let file = describe();
        // Opening syncs, too.
        if let Ok(file) = file.keep(1).open() {
            drop(file);
        }
        assert_eq!(
            directory.closed().len(),
            closed,
            "{failing}: {:?}",
            recorder.calls()
        );
    }

    recorder.fail(&[]);
    recorder.calls();
    drop(describe().keep(1).open().expect("a file"));
    assert_eq!(directory.closed().len(), 1);
    let calls = recorder.calls();
    let at = calls.iter().position(|it| it.starts_with("deleting"));
    let at = at.expect("it is asked");
    assert_eq!(
        calls[at + 1..at + 3],
        ["salts 1", "appended 1"],
        "{calls:?}"
    );
    let rest = &calls[at + 3..];
    assert!(rest[0].starts_with("synced"), "{calls:?}");
    assert!(rest.contains(&"may_delete ".to_owned()), "{calls:?}");
}

#[test]
fn nothing_is_written_before_the_observer_knows_the_file() {
    let directory = Directory::new("observed-resume");
    let recorder = Recorder::default();
    recorder.fail(&["resume"]);
    describe(&directory, &recorder)
        .open()
        .expect_err("it fails");
    recorder.fail(&[]);
    let file = describe(&directory, &recorder).open().expect("a file");
    write(&file, 0..2);
    // Somebody else has appended, so it has to look again.
    append(&directory.file(), b"{\"foreign\":1}\n");
    let before = recorder.live();
    recorder.fail(&["resume"]);
    recorder.calls();
    for _ in 0..2 {
        file.write(&entries(2..3, 10)).expect_err("it fails");
        assert_eq!(recorder.live(), before);
    }
    let failed = ["salts 1", "resume , which fails"];
    assert_eq!(recorder.calls(), [failed, failed].concat());
    recorder.fail(&[]);
    write(&file, 2..3);
    assert_eq!(recorder.calls(), ["salts 1", "resume ", "appended 1"]);
    assert_eq!(recorder.known_lines(), 4);
}

#[test]
fn a_torn_line_is_cut_off_before_the_observer_sees_it() {
    let directory = Directory::new("observed-torn");
    let recorder = Recorder::default();
    let file = describe(&directory, &recorder).open().expect("a file");
    write(&file, 0..2);
    append(&directory.file(), b"{\"torn\":");
    recorder.calls();
    write(&file, 2..3);
    assert_eq!(recorder.calls(), ["salts 1", "appended 1"]);
    assert_eq!(recorder.known_lines(), 3);
}

#[test]
fn a_batch_without_salts_is_not_written() {
    let directory = Directory::new("observed-salts");
    let recorder = Recorder::default();
    let file = describe(&directory, &recorder).open().expect("a file");
    write(&file, 0..2);
    let before = recorder.live();
    recorder.fail(&["salts"]);
    file.write(&entries(2..4, 10)).expect_err("no salt");
    assert_eq!(recorder.live(), before);
}

#[test]
fn a_sync_that_the_observer_fails_has_failed_and_is_tried_again() {
    let directory = Directory::new("observed-sync");
    let recorder = Recorder::default();
    let file = describe(&directory, &recorder).open().expect("a file");
    write(&file, 0..2);
    recorder.fail(&["synced"]);
    recorder.calls();
    for _ in 0..2 {
        let error = file.sync().expect_err("it fails");
        assert!(error.to_string().contains("on purpose"), "{error}");
    }
    recorder.fail(&[]);
    file.sync().expect("a disk that works");
    let failed = "synced 2, which fails";
    assert_eq!(recorder.calls(), [failed, failed, "synced 2"]);
}

#[test]
fn a_rotation_that_the_observer_cannot_follow_is_counted_and_writing_goes_on() {
    let directory = Directory::new("observed-fault");
    let recorder = Recorder::default();
    let file = describe(&directory, &recorder)
        .rotate_at(2_500)
        .open()
        .expect("a file");
    recorder.fail(&["rotated"]);
    write(&file, 0..12);
    let counters = file.counters();
    assert!(counters.closed > 1);
    assert_eq!(counters.faults, counters.closed);
    assert_eq!(recorder.known_lines(), 12);
}

#[test]
fn lines_are_erased_once_that_is_announced_synced_and_allowed() {
    let directory = Directory::new("observed-erasure");
    let recorder = Recorder::default();
    let file = describe(&directory, &recorder).open().expect("a file");
    write(&file, 0..3);
    let is_there = || memchr::memmem::find(&recorder.live(), b"\"id\":\"1\"").is_some();
    for failing in ["erasing", "synced", "may_delete"] {
        recorder.fail(&[failing]);
        file.erase("1").expect_err("it fails");
        assert!(is_there(), "{failing}");
    }
    recorder.fail(&[]);
    recorder.calls();
    assert_eq!(file.erase("1").expect("a line"), [1]);
    assert!(!is_there());
    let known = recorder.known_lines();
    let expected = [
        format!("synced {}", known - 1),
        "erasing 1".to_owned(),
        "salts 1".to_owned(),
        "appended 1".to_owned(),
        format!("synced {known}"),
        "may_delete ".to_owned(),
        "erased 1".to_owned(),
    ];
    assert_eq!(recorder.calls(), expected);
}

#[test]
fn an_erasure_that_fails_says_of_which_file_and_what_happens_now() {
    let directory = Directory::new("observed-erasure-errors");
    let recorder = Recorder::default();
    let file = describe(&directory, &recorder).open().expect("a file");
    write(&file, 0..2);
    let path = directory.file().display().to_string();
    for error in [
        file.erase("absent").expect_err("no such id"),
        file.erase_line(7).expect_err("no such line"),
    ] {
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().starts_with(&path), "{error}");
    }
    recorder.fail(&["erased"]);
    let error = file.erase("1").expect_err("it fails").to_string();
    let next = "it is announced that this is erased, and will be when the log is opened";
    assert!(
        error.contains("on purpose") && error.ends_with(next),
        "{error}"
    );
}

#[test]
fn what_is_erased_already_is_asked_of_nobody() {
    let directory = Directory::new("observed-erasure-again");
    let recorder = Recorder::default();
    let file = describe(&directory, &recorder).open().expect("a file");
    write(&file, 0..2);
    file.erase_line(1).expect("a line");
    recorder.calls();
    file.erase_line(1).expect("nothing to be done");
    let synced = format!("synced {}", recorder.known_lines());
    assert_eq!(recorder.calls(), [synced]);
}

#[test]
fn what_was_announced_is_erased_when_the_file_is_opened() {
    let directory = Directory::new("observed-unfinished");
    let recorder = Recorder::default();
    let file = describe(&directory, &recorder).open();
    write(&file.expect("a file"), 0..3);
    let live = recorder.live();
    let line = live.split(|byte| *byte == b'\n').next().expect("a line");
    let Ok(Entry::Record(record)) = serde_json::from_slice(line) else {
        panic!("a record");
    };
    let stub = body_logger_core::record::ErasedEntry::new(record.entry_id, record.run, record.seq);
    // One that is not as long as was announced stays.
    for (bytes, faults) in [(line.len() as u64 + 1, 1), (line.len() as u64, 0)] {
        let note = Maintenance::erased(SystemTime::UNIX_EPOCH, 0, stub, bytes);
        let note = MaintenanceRecord::new(Uuid::from_u128(7), 1, note);
        recorder.0.lock().expect("no panic").unfinished = vec![note];
        let file = describe(&directory, &recorder).open().expect("a file");
        assert_eq!(file.counters().faults, faults);
        assert_eq!(recorder.live() == live, faults == 1);
    }
    assert!(recorder
        .live()
        .starts_with(&stub.line(line.len()).expect("long enough")));
}

#[test]
fn a_file_that_is_never_synced_is_not_observed() {
    let directory = Directory::new("observed-never");
    let file = JsonLinesFile::at(directory.file()).observer(Recorder::default());
    let error = file.open().expect_err("nothing is durable");
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}
