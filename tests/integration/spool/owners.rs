//! Two processes with one directory: neither removes what the other is writing.

use std::{
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{self, Command, Stdio},
    thread,
    time::Instant,
};

use super::{both, content, names, pattern, response, routes, spool};
use crate::{
    app::{TestApp, PATIENCE},
    sinks::file::{child, in_child, Directory},
};

const SIZE: usize = 1_000_000;

fn incomplete(path: &Path) -> usize {
    let names = names(path);
    names.iter().filter(|name| name.ends_with(".tmp")).count()
}

/// Keeps a body, of which the second half comes once the parent says so.
fn keep_one(path: &Path) -> ! {
    let app = TestApp::configured(both(&spool(path)), routes);
    let mut client = app.connect();
    let body = pattern(SIZE);
    let (first, second) = body.split_at(SIZE / 2);
    client.send(format!(
        "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-type: image/png\r\ncontent-length: {SIZE}\r\n\r\n"
    ));
    client.send(first);
    let began = Instant::now();
    while incomplete(path) == 0 {
        assert!(began.elapsed() < PATIENCE, "no file");
        thread::yield_now();
    }
    // What the harness has printed so far does not end its line.
    writeln!(io::stdout(), "\nbegun").expect("a parent");
    let _ = io::stdin().read_line(&mut String::new());
    client.send(second);
    assert!(client.response().body == body);
    let record = app.record();
    for side in [&record.request.body, response(&record)] {
        assert!(content(path, side) == body);
    }
    writeln!(io::stdout(), "\nwhole").expect("a parent");
    process::exit(0);
}

#[test]
fn another_process_leaves_what_is_being_written() {
    if let Some(path) = child() {
        keep_one(&path);
    }
    let directory = Directory::new("owners");
    let path = &directory.path;
    let mut process = in_child(
        &mut Command::new(std::env::current_exe().expect("a program")),
        "spool::owners::another_process_leaves_what_is_being_written",
        path,
    )
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .spawn()
    .expect("ourselves again");
    let output = BufReader::new(process.stdout.take().expect("a pipe"));
    let mut lines = output.lines().map_while(Result::ok);
    assert!(lines.any(|line| line == "begun"));
    for _ in 0..3 {
        drop(spool(path));
    }
    assert_eq!(incomplete(path), 1);
    drop(process.stdin.take());
    assert!(lines.any(|line| line == "whole"));
    assert!(process.wait().expect("a process").success());
    assert_eq!((names(path).len(), incomplete(path)), (2, 0));
}
