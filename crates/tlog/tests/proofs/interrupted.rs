//! Erasures that were interrupted, and what seems to be one.

use body_logger_core::record::{Maintenance, MaintenanceRecord};
use body_logger_jsonl::{AppendedLines, FileObserver, LineToErase};
use body_logger_tlog::Fault;

use super::{
    erase::{ids, log_of},
    *,
};

/// What a process has left that ended after so much of an erasure.
struct Interrupted {
    place: Place,
    number: u64,
}

/// Announces that a line is erased, and does no more.
#[derive(Debug)]
struct Stops(Proofs);

impl FileObserver for Stops {
    fn resume(&self, live: &Path) -> io::Result<()> {
        self.0.resume(live)
    }
    fn salts(&self, lines: usize) -> io::Result<Vec<[u8; 16]>> {
        self.0.salts(lines)
    }
    fn appended(&self, lines: &AppendedLines) {
        self.0.appended(lines);
    }
    fn known_lines(&self) -> u64 {
        self.0.known_lines()
    }
    fn synced(&self, lines: u64) -> io::Result<()> {
        self.0.synced(lines)
    }
    fn rotated(&self, closed_at: &str) -> io::Result<()> {
        self.0.rotated(closed_at)
    }
    fn deleting(&self, closed_at: &[&str]) -> io::Result<MaintenanceRecord> {
        self.0.deleting(closed_at)
    }
    fn may_delete(&self) -> io::Result<()> {
        Err(io::Error::other("on purpose"))
    }
    fn first_line(&self, closed_at: Option<&str>) -> io::Result<u64> {
        self.0.first_line(closed_at)
    }
    fn erasing(&self, lines: &[LineToErase]) -> io::Result<Vec<MaintenanceRecord>> {
        self.0.erasing(lines)
    }
}

impl Interrupted {
    fn new(name: &str) -> Self {
        let place = Place::new(name);
        drop(log_of(&place, 100));
        let never = Fsync::Every(std::time::Duration::from_secs(3600));
        let file = JsonLinesFile::at(place.log()).fsync(never);
        let file = file.observer(Stops(place.proofs())).open().expect("a log");
        file.erase("exchange-99").expect_err("it ends here");
        Self { place, number: 99 }
    }

    /// Does what is next when the log is opened.
    #[track_caller]
    fn assert_resumes(&self) {
        let unfinished = self.place.assert_holds();
        assert_eq!(unfinished.unfinished, [self.number]);
        assert!(unfinished.erased.is_empty());
        drop(self.place.open());
        let done = self.place.assert_holds();
        assert_eq!((done.erased, done.unfinished), (vec![self.number], vec![]));
        assert!(!self.place.path("audit.jsonl.tlog/erasing").exists());
    }
}

#[test]
fn an_erasure_that_was_announced_is_done_when_the_log_is_opened() {
    Interrupted::new("erase-resume").assert_resumes();
}

#[test]
fn an_erasure_that_was_done_in_part_is_completed_when_the_log_is_opened() {
    let interrupted = Interrupted::new("erase-half");
    let path = interrupted.place.log();
    let text = fs::read(&path).expect("a log");
    let at = memchr::memmem::find(&text, b"exchange-99").expect("the line");
    let start = text[..at]
        .iter()
        .rposition(|it| *it == b'\n')
        .map_or(0, |it| it + 1);
    let mut half = text;
    half[start..start + 200].fill(b' ');
    fs::write(path, half).expect("a log");
    interrupted.assert_resumes();
}

#[test]
fn without_an_announcement_nothing_is_erased_when_the_log_is_opened() {
    let place = Place::new("erase-hint");
    write(&place.open(), 5);
    let before = place.lines();
    let hint = place.path("audit.jsonl.tlog/erasing");
    fs::write(&hint, "1\n3\nno number\n").expect("a file");
    drop(place.open());
    assert_eq!(place.lines(), before);
    assert!(!hint.exists());
    // Nor by one that no checkpoint covers, and that is not of this log's writer.
    let stub = ids(&before[1]).1;
    let note = Maintenance::erased(
        std::time::SystemTime::now(),
        1,
        stub,
        before[1].len() as u64,
    );
    let note = Entry::Maintenance(MaintenanceRecord::new(stub.run, 9, note));
    fs::write(&hint, "1\n").expect("a file");
    let mut text = fs::read(place.log()).expect("a log");
    let last = before[4].len() + 1;
    text.truncate(text.len() - last);
    text.extend(serde_json::to_vec(&note).expect("JSON"));
    text.push(b'\n');
    fs::write(place.log(), text).expect("a log");
    place.try_open().expect_err("it was tampered with");
    assert_eq!(place.lines()[1], before[1]);
}

#[test]
fn a_line_is_not_changed_unnoticed_because_it_seems_to_be_erased_just_now() {
    let place = Place::new("erase-excuse");
    let file = place.open();
    write(&file, 5);
    file.erase("exchange-2").expect("a line");
    drop(file);
    fs::write(place.path("audit.jsonl.tlog/erasing"), "1\n").expect("a file");
    place.assert_holds();
    let text = fs::read_to_string(place.log()).expect("a log");
    let changed = text.replacen("exchange-1", "exchange-9", 1);
    fs::write(place.log(), changed).expect("a log");
    let faults = place.verify().faults;
    assert!(
        matches!(faults[..], [Fault::Line { leaf: 1, .. }]),
        "{faults:?}"
    );
}

#[test]
fn an_announcement_that_was_put_into_the_log_erases_nothing_when_it_is_opened() {
    let place = Place::new("erase-put");
    write(&place.open(), 5);
    let mut lines = place.lines();
    let stub = ids(&lines[1]).1;
    let bytes = lines[1].len() as u64;
    let note = Maintenance::erased(std::time::SystemTime::now(), 1, stub, bytes);
    let note = Entry::Maintenance(MaintenanceRecord::new(stub.run, 9, note));
    lines[3] = serde_json::to_vec(&note).expect("JSON");
    let text = [lines.join(&b'\n'), b"\n".to_vec()].concat();
    fs::write(place.log(), text).expect("a log");
    fs::write(place.path("audit.jsonl.tlog/erasing"), "1\n").expect("a file");
    drop(place.open());
    assert_eq!(place.lines()[1], lines[1]);
}
