//! What a shipper writes to the application's log.

use std::{fs, time::Duration};

use super::{
    log::{lines, Directory},
    logged::Logged,
    memory::{Fault, Memory},
    shipper, stop,
};

#[test]
fn a_shipper_says_how_far_it_is() {
    let logged = Logged::with("a reporter");
    let directory = Directory::new();
    let handle = shipper(&directory, Memory::default())
        .name("a reporter")
        .report_every(Duration::from_millis(5));
    let handle = handle.spawn().expect("a shipper");
    directory.append(&lines(1..11));
    logged.wait_for("body logger: a reporter: shipped 10 entries (");
    stop(handle);
}

#[test]
fn each_failure_is_told_with_the_name_of_the_shipper_and_what_happens_now() {
    let logged = Logged::with("one of several");
    let directory = Directory::new();
    directory.append(&lines(1..11));
    directory.append("[]\n");
    let obstacle = directory.file("position.json.tmp");
    fs::create_dir(&obstacle).expect("a directory");
    let memory = Memory::refusing([3]);
    memory.fail([Fault::Unreachable]);
    let handle = shipper(&directory, memory.clone()).name("one of several");
    let handle = handle.spawn().expect("a shipper");
    logged.wait_for("position.json: Is a directory");
    fs::remove_dir(&obstacle).expect("a directory");
    directory.append(&lines(11..12));
    memory.numbers(10);
    logged.wait_for("ships again after ");
    stop(handle);
    let lines = logged.lines();
    let told = |beginning: &str, end: &str| {
        let line = lines
            .iter()
            .find(|line| line.starts_with(&format!("body logger: one of several: {beginning}")));
        let line = line.unwrap_or_else(|| panic!("{beginning}: {lines:?}"));
        assert!(line.contains(end), "{line}");
    };
    told("cannot ship: unreachable", "; retrying in ");
    told(
        "cannot ship ",
        "the line is no entry; the line stays in its file",
    );
    told("entry ", " was refused: poison; written to ");
    told("cannot write ", "; retrying in ");
    told("ships again after ", " failures");
}
