//! What becomes of the log meanwhile.

use std::fs::{self, File};

use body_logger_core::{record::Gap, Entry, Sink};
use body_logger_jsonl::{JsonLinesFile, JsonLinesFileBuilder};
use body_logger_ship::Registration;
use uuid::Uuid;

use super::{
    log::{line, lines, record_of, Directory, RUN},
    memory::{numbers, Memory},
    shipper, stop, until,
};

fn gaps(entries: &[Entry]) -> Vec<Gap> {
    let gaps = entries.iter().filter_map(|entry| match entry {
        Entry::Gap(gap) => Some(gap.gap.clone()),
        _ => None,
    });
    gaps.collect()
}

/// Ships what is there, and returns all that was ever stored.
#[track_caller]
fn ship(directory: &Directory, memory: &Memory, count: usize) -> (Vec<Entry>, u64) {
    let handle = shipper(directory, memory.clone())
        .spawn()
        .expect("a shipper");
    let entries = memory.stored(count);
    (entries, stop(handle).losses)
}

#[test]
fn a_deleted_file_is_told_by_a_gap_with_its_numbers() {
    let directory = Directory::new();
    let memory = Memory::default();
    directory.append(&lines(1..11));
    ship(&directory, &memory, 10);
    directory.append(&lines(11..21));
    fs::remove_file(directory.live()).expect("a file");
    directory.append(&lines(21..31));
    let (entries, losses) = ship(&directory, &memory, 21);
    assert_eq!(losses, 1);
    assert_eq!(numbers(&entries), Vec::from_iter((1..11).chain(21..31)));
    let gaps = gaps(&entries);
    assert_eq!(gaps.len(), 1);
    assert_eq!((gaps[0].dropped, &gaps[0].seq[..]), (10, &[11..=20][..]));
    assert_eq!(gaps[0].reasons["file_gone"], 10);
    // Before what follows it.
    assert!(matches!(entries[10], Entry::Gap(_)));
}

#[test]
fn a_replaced_log_of_another_run_is_told_without_numbers() {
    let directory = Directory::new();
    let memory = Memory::default();
    directory.append(&lines(1..11));
    ship(&directory, &memory, 10);
    fs::write(directory.live(), line(&record_of(Uuid::from_u128(9), 5))).expect("a file");
    let (entries, losses) = ship(&directory, &memory, 12);
    assert_eq!(losses, 1);
    let gaps = gaps(&entries);
    assert_eq!((gaps[0].dropped, gaps[0].seq.len()), (0, 0));
    assert_eq!(gaps[0].reasons["file_gone"], 0);
}

#[test]
fn a_truncated_file_is_told_and_nothing_of_it_shipped_twice() {
    let directory = Directory::new();
    let first = Memory::default();
    directory.append(&lines(1..11));
    ship(&directory, &first, 10);
    let file = File::options().write(true).open(directory.live());
    let file = file.expect("a file");
    file.set_len(lines(1..6).len() as u64).expect("a file");
    directory.append(&lines(12..15));
    // This one has not stored the others, and would not find that they come again.
    let second = Memory::default();
    let (entries, losses) = ship(&directory, &second, 4);
    assert_eq!(losses, 1);
    assert_eq!(numbers(&entries), [12, 13, 14]);
    let gaps = gaps(&entries);
    assert_eq!((gaps[0].dropped, &gaps[0].seq[..]), (1, &[11..=11][..]));
    assert_eq!(gaps[0].reasons["file_truncated"], 1);
}

#[test]
fn the_same_loss_is_the_same_entry_however_often_it_is_found() {
    let directory = Directory::new();
    directory.append(&lines(1..11));
    ship(&directory, &Memory::default(), 10);
    fs::write(directory.live(), lines(21..31)).expect("a file");
    let position = fs::read(directory.file("position.json")).expect("a position");
    let memory = Memory::default();
    ship(&directory, &memory, 11);
    // As a crash before the position was saved.
    fs::write(directory.file("position.json"), position).expect("a position");
    let handle = shipper(&directory, memory.clone())
        .spawn()
        .expect("a shipper");
    directory.append(&lines(31..32));
    assert_eq!(gaps(&memory.stored(12)).len(), 1);
    stop(handle);
}

#[cfg(feature = "compress")]
#[test]
fn a_file_that_cannot_be_read_is_tried_again_and_then_reported() {
    let directory = Directory::new();
    directory.append(&lines(1..3));
    directory.rotate(1);
    let broken = directory.file("audit.2026-11-21T09-15-01.000002Z.jsonl.zst");
    fs::write(broken, "no zstd").expect("a file");
    directory.append(&lines(5..7));
    let memory = Memory::default();
    let handle = shipper(&directory, memory.clone())
        .spawn()
        .expect("a shipper");
    let entries = memory.stored(5);
    assert_eq!(numbers(&entries), [1, 2, 5, 6]);
    let gaps = gaps(&entries);
    assert_eq!((gaps[0].dropped, &gaps[0].seq[..]), (2, &[3..=4][..]));
    assert_eq!(gaps[0].reasons["file_unreadable"], 2);
    let counters = stop(handle);
    assert_eq!((counters.losses, counters.retries), (1, 4));
}

#[test]
fn lines_that_are_no_entries_are_counted_and_passed_over() {
    let directory = Directory::new();
    directory.append("{\"torn\": \n");
    directory.append(&lines(1..3));
    directory.append("[]\n");
    directory.append(&lines(3..4));
    let memory = Memory::default();
    let handle = shipper(&directory, memory.clone())
        .spawn()
        .expect("a shipper");
    assert_eq!(memory.numbers(3), [1, 2, 3]);
    assert_eq!(stop(handle).unreadable_lines, 2);
}

#[test]
fn the_filter_chooses_records_and_gaps_and_maintenance_are_always_shipped() {
    let directory = Directory::new();
    let mut refused = record_of(RUN, 1);
    refused.response.as_mut().expect("a response").status = 503;
    directory.append(&line(&refused));
    directory.append(&lines(2..3));
    let gap = r#"{"v":1,"entry_id":"01a1fd63-3a99-7f10-a2b4-6c0d8e1f3a58","run":"00000000-0000-0000-0000-000000000007","gap":{"from":"2026-11-21T09:15:01.123456Z","to":"2026-11-21T09:15:01.123456Z","dropped":1,"reasons":{"dropped_newest":1},"seq":[[3,3]]}}"#;
    let note = r#"{"v":1,"entry_id":"01a1fd63-3a99-7f10-a2b4-6c0d8e1f3a59","run":"00000000-0000-0000-0000-000000000007","seq":4,"maintenance":{"kind":"deleted","time":"2026-11-21T09:15:01.123456Z"}}"#;
    directory.append(&format!("{gap}\n{note}\n"));
    let memory = Memory::default();
    let filter = "status:5xx".parse().expect("a filter");
    let shipper = shipper(&directory, memory.clone()).filter(filter);
    let handle = shipper.spawn().expect("a shipper");
    let entries = memory.stored(3);
    assert!(matches!(
        entries[..],
        [Entry::Record(_), Entry::Gap(_), Entry::Maintenance(_)]
    ));
    let counters = stop(handle);
    assert_eq!((counters.shipped, counters.filtered), (3, 1));
}

/// Keeps one closed file of one entry.
fn small(directory: &Directory) -> JsonLinesFileBuilder {
    JsonLinesFile::at(directory.live()).rotate_at(1).keep(1)
}

/// Writes entries, a file for each; files were deleted, or not, when it returns.
fn write(file: JsonLinesFileBuilder, range: std::ops::Range<u64>) {
    let file = file.open().expect("a file");
    for seq in range {
        let written = file.write(&[Entry::Record(record_of(RUN, seq))]);
        written.expect("a disk with room");
    }
}

#[test]
fn retention_waits_for_a_shipper_that_does_not_run() {
    let directory = Directory::new();
    let memory = Memory::default();
    write(small(&directory), 1..3);
    ship(&directory, &memory, 2);
    write(small(&directory), 3..11);
    let (entries, losses) = ship(&directory, &memory, 10);
    assert_eq!(losses, 0);
    assert_eq!(numbers(&entries), Vec::from_iter(1..11));
    let closed = || directory.closed().len();
    // The first one was shipped before.
    assert_eq!(closed(), 8);
    write(small(&directory), 11..12);
    assert_eq!(closed(), 1, "all was shipped");
}

#[test]
fn what_retention_does_not_hold_is_named_by_a_gap() {
    let directory = Directory::new();
    let memory = Memory::default();
    write(small(&directory), 1..3);
    ship(&directory, &memory, 2);
    // The newest closed file is kept, and two more are held.
    let two = 2 * line(&record_of(RUN, 3)).len() as u64;
    let file = || small(&directory).hold_for_readers(two);
    write(file(), 3..11);
    write(file(), 11..12);
    let (entries, losses) = ship(&directory, &memory, 7);
    assert_eq!(losses, 1);
    assert_eq!(numbers(&entries), [1, 2, 8, 9, 10, 11]);
    let gaps = gaps(&entries);
    assert_eq!((gaps[0].dropped, &gaps[0].seq[..]), (5, &[3..=7][..]));
}

#[test]
fn a_shipper_whose_registration_was_removed_is_not_waited_for() {
    let directory = Directory::new();
    let memory = Memory::default();
    write(small(&directory), 1..3);
    ship(&directory, &memory, 2);
    let registration = Registration::of(directory.live(), directory.file("position.json"));
    let registration = registration.expect("a log");
    assert!(registration.is_there());
    registration.remove().expect("a registration");
    write(small(&directory), 3..11);
    assert_eq!(directory.closed().len(), 1);
}

#[test]
fn ships_where_nothing_can_be_written_beside_the_log() {
    let directory = Directory::new();
    // The name of the directory of registrations is taken.
    fs::write(directory.file("audit.jsonl.readers"), "").expect("a file");
    directory.append(&lines(1..3));
    let (entries, _) = ship(&directory, &Memory::default(), 2);
    assert_eq!(numbers(&entries), [1, 2]);
}

/// A file that may not be read for a while is neither gone nor given up: nothing is lost, and nothing comes again.
#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_is_waited_for() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let test = "files::a_file_that_may_not_be_read_is_waited_for";
    let is_root = fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0);
    if is_root {
        // Who is root reads everything.
        return as_nobody(test);
    }
    let directory = Directory::new();
    directory.append(&lines(1..11));
    ship(&directory, &Memory::default(), 10);
    directory.append(&lines(11..21));
    let set = |mode| fs::set_permissions(directory.live(), fs::Permissions::from_mode(mode));
    set(0o000).expect("a file of ours");
    // This one has not stored the others, and would not find that they come again.
    let memory = Memory::default();
    let handle = shipper(&directory, memory.clone())
        .spawn()
        .expect("a shipper");
    until(|| handle.counters().retries >= 2 || handle.counters().losses > 0);
    set(0o600).expect("a file of ours");
    assert_eq!(memory.numbers(10), Vec::from_iter(11..21));
    assert_eq!(stop(handle).losses, 0);
}

/// Runs a test in a process of a user without rights. Passes where that user may not run it.
#[cfg(unix)]
fn as_nobody(test: &str) {
    use std::os::unix::process::CommandExt;

    let program = std::env::current_exe().expect("a program");
    let run = std::process::Command::new(program)
        .args(["--exact", test])
        .uid(65534)
        .current_dir("/")
        .output();
    match run {
        Err(error) => assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied),
        Ok(run) => {
            let said = String::from_utf8_lossy(&run.stdout);
            assert!(run.status.success() && said.contains("1 passed"), "{said}");
        }
    }
}
