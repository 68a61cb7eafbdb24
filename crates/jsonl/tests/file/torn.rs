//! Nothing but whole lines in a file, whatever it ended with.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use body_logger_core::{record::Json, Entry, Sink};
use body_logger_jsonl::JsonLinesFile;

use super::{append, entries, entry, line, numbers, write, Directory};

#[test]
fn a_last_line_that_was_torn_anywhere_is_put_aside_and_counted_when_the_file_is_opened() {
    let directory = Directory::new("torn");
    let aside = directory.path.join("audit.jsonl.torn");
    let whole = serde_json::to_string(&entry(3, 10)).expect("an entry");
    let mut kept = String::new();
    for cut in 0..=whole.len() {
        let _ = fs::remove_file(directory.file());
        write(
            &JsonLinesFile::at(directory.file()).open().expect("a file"),
            0..3,
        );
        append(&directory.file(), &whole.as_bytes()[..cut]);
        let file = JsonLinesFile::at(directory.file()).open().expect("a file");
        if cut == 0 || cut == whole.len() {
            // Nothing is torn, or nothing but the end of the line is missing.
            let expected: &[usize] = if cut == 0 { &[0, 1, 2] } else { &[0, 1, 2, 3] };
            assert_eq!(numbers(&directory.file()), expected);
            assert_eq!(file.counters().torn_lines, 0);
        } else {
            assert_eq!(numbers(&directory.file()), [0, 1, 2]);
            assert_eq!(file.counters().torn_lines, 1);
            kept.push_str(&whole[..cut]);
            kept.push('\n');
        }
        assert_eq!(fs::read_to_string(&aside).unwrap_or_default(), kept);
        write(&file, 4..5);
        assert_eq!(numbers(&directory.file()).last(), Some(&4));
    }
}

#[test]
fn a_file_that_is_all_one_torn_line_is_mended() {
    let directory = Directory::new("all-torn");
    // Longer than what is read at once, and what a power cut may leave.
    let torn = [b"{\"v\":1,".to_vec(), vec![0; 200_000]].concat();
    fs::write(directory.file(), &torn).expect("a file");
    let file = JsonLinesFile::at(directory.file()).open().expect("a file");
    assert_eq!(file.counters().torn_lines, 1);
    write(&file, 0..2);
    assert_eq!(numbers(&directory.file()), [0, 1]);
    let aside = fs::read(directory.path.join("audit.jsonl.torn")).expect("a file");
    assert_eq!(aside, [torn, b"\n".to_vec()].concat());
}

#[test]
fn what_another_process_has_torn_is_mended_before_the_next_batch() {
    let directory = Directory::new("between");
    let file = JsonLinesFile::at(directory.file()).open().expect("a file");
    write(&file, 0..2);
    append(&directory.file(), b"{\"half");
    write(&file, 2..4);
    write(&file, 4..6);
    assert_eq!(directory.numbers(), (0..6).collect::<Vec<_>>());
    assert_eq!(file.counters().torn_lines, 1);
}

#[test]
fn a_torn_line_that_cannot_be_kept_does_not_stop_the_file() {
    let directory = Directory::new("not-kept");
    // There is a directory where the torn line would go to.
    fs::create_dir(directory.path.join("audit.jsonl.torn")).expect("a directory");
    fs::write(directory.file(), "{\"half").expect("a file");
    let file = JsonLinesFile::at(directory.file()).open().expect("a file");
    write(&file, 0..2);
    assert_eq!(numbers(&directory.file()), [0, 1]);
    let counters = file.counters();
    assert_eq!((counters.torn_lines, counters.faults), (1, 1));
}

/// An entry that JSON cannot say: its time is too far away.
fn unspeakable() -> Entry {
    let Entry::Record(mut record) = entry(0, 0) else {
        unreachable!("it is one");
    };
    record.time = SystemTime::UNIX_EPOCH + Duration::from_secs(1 << 40);
    Entry::Record(record)
}

#[test]
fn an_entry_that_cannot_be_written_as_json_is_lost_alone_and_counted() {
    let directory = Directory::new("unspeakable");
    let file = JsonLinesFile::at(directory.file()).open().expect("a file");
    let mut batch = entries(0..4, 10);
    batch.insert(2, unspeakable());
    let error = file.write(&batch).expect_err("one is lost");
    assert!(error.to_string().contains("year"), "{error}");
    assert_eq!(numbers(&directory.file()), [0, 1, 2, 3]);
    // One of them alone does not make a file of it, nor a line.
    file.write(&[unspeakable()]).expect_err("it is lost");
    assert_eq!(numbers(&directory.file()), [0, 1, 2, 3]);
}

#[test]
fn a_document_of_several_lines_stays_on_one() {
    let directory = Directory::new("lines");
    let file = JsonLinesFile::at(directory.file()).open().expect("a file");
    let Entry::Record(mut record) = entry(7, 0) else {
        unreachable!("it is one");
    };
    let document = Json::from_text("{\r\n  \"a\": [1,\n 2]\n}".to_owned());
    record.request.body.text = None;
    record.request.body.json = Some(document.expect("a document"));
    let entry = Entry::Record(record);
    file.write(std::slice::from_ref(&entry)).expect("a file");
    assert_eq!(numbers(&directory.file()), [7]);
    let bytes = fs::metadata(directory.file()).expect("a file").len();
    assert_eq!(bytes, line(&entry) as u64);
}
