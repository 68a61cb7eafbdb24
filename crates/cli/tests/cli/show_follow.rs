//! `body-logger show --follow`.

use std::{
    fs::File,
    io::{BufRead, BufReader},
    process::Child,
    sync::mpsc::{channel, Receiver},
    thread,
};

use super::*;

/// The program, which is ended with the test.
pub(super) struct Following {
    child: Child,
    lines: Receiver<String>,
}

impl Following {
    pub(super) fn of(args: &[&str]) -> Self {
        let mut child = program(&[&["show", "--follow", "--format", "json"], args].concat())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program");
        let out = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, lines) = channel();
        thread::spawn(move || {
            for line in out.lines() {
                let _ = sender.send(line.expect("text"));
            }
        });
        Self { child, lines }
    }

    /// Waits for the next record, and returns its id.
    pub(super) fn next(&mut self) -> String {
        let line = self.lines.recv_timeout(PATIENCE).expect("a line in time");
        let record: Record = serde_json::from_str(&line).expect("a record");
        record.id.to_string()
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn append(path: &str, text: &str) {
    let mut file = File::options().append(true).open(path).expect("a file");
    file.write_all(text.as_bytes()).expect("a disk with room");
}

#[test]
fn goes_on_with_what_is_appended_across_rotation() {
    let directory = Directory::new("follow");
    let live = directory.with("audit.jsonl", lines(0..2));
    let mut following = Following::of(&[&live]);
    assert_eq!([following.next(), following.next()], ["0", "1"]);
    append(&live, &lines(2..3));
    assert_eq!(following.next(), "2");
    // The half of a line is no line yet.
    let next = lines(3..4);
    append(&live, &next[..40]);
    append(&live, &next[40..]);
    assert_eq!(following.next(), "3");
    fs::rename(&live, directory.file("audit.jsonl.1")).expect("a file");
    directory.with("audit.jsonl", lines(4..5));
    assert_eq!(following.next(), "4");
}

#[test]
fn follows_all_logs_of_a_directory_and_prints_what_matches() {
    let directory = Directory::new("follow-all");
    let one = directory.with("a.jsonl", lines(0..3));
    let other = directory.with("b.jsonl", lines(3..4));
    let mut following = Following::of(&[&text(&directory.0), "path:/orders", "id:1"]);
    assert_eq!(following.next(), "1");
    append(&other, &(lines(4..5) + &lines(1..2)));
    assert_eq!(following.next(), "1");
    append(&one, &lines(1..2));
    assert_eq!(following.next(), "1");
}

#[test]
fn follows_logs_that_appear_in_the_directory_with_all_files_beside_them() {
    let directory = Directory::new("follow-new");
    directory.with("a.jsonl", lines(0..1));
    let mut following = Following::of(&[&text(&directory.0), "path:/orders"]);
    assert_eq!(following.next(), "0");
    // Complete when it gets its name.
    let written = directory.with("b.jsonl.part", lines(2..3));
    directory.with("b.jsonl.1", lines(1..2));
    assert_eq!(following.next(), "1");
    fs::rename(written, directory.file("b.jsonl")).expect("a file");
    assert_eq!(following.next(), "2");
    append(&text(&directory.file("b.jsonl")), &lines(3..4));
    assert_eq!(following.next(), "3");
}
