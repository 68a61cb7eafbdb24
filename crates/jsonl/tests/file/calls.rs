//! What is asked of the operating system.

use std::fs;

use body_logger_core::Sink;
use body_logger_jsonl::JsonLinesFile;

use super::{entries, numbers, Directory};

/// How many write calls this thread has made so far.
fn writes() -> u64 {
    let calls = fs::read_to_string("/proc/thread-self/io").expect("what a thread has asked for");
    let writes = calls.lines().find_map(|line| line.strip_prefix("syscw: "));
    writes.expect("a line").parse().expect("a number")
}

#[test]
fn a_batch_is_one_write_call() {
    let directory = Directory::new("calls");
    let file = JsonLinesFile::at(directory.file()).open().expect("a file");
    for (batch, bytes) in [(0..1, 10), (1..257, 3000), (257..260, 500_000)] {
        let entries = entries(batch, bytes);
        let before = writes();
        file.write(&entries).expect("a disk with room");
        assert_eq!(writes() - before, 1, "{} entries", entries.len());
    }
    assert_eq!(numbers(&directory.file()), (0..260).collect::<Vec<_>>());
}
