//! `kill -9` of a process that serves: what is missing of its log is at the end of a run.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{self, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use actix_web::rt::System;
use actix_web_body_logger::{
    record::{missing_entries_of_lines, RunReport},
    sink::{Fsync, JsonLinesFile, Memory, QueueOptions, WhenFull},
    BodyLogger,
};

use super::{
    super::{accounting::Queued, serve},
    child, in_child, random, Directory,
};
use crate::app::PATIENCE;

/// How often, unless [`MORE`] says otherwise.
const KILLS: usize = 4;

/// Names how often, for who has the time.
const MORE: &str = "BODY_LOGGER_KILLS";

/// Serves for ever under load, and says how far the file is whenever it is synced.
fn serve_for_ever(path: &Path) -> ! {
    let when_full = [
        WhenFull::DropNewest,
        WhenFull::DropOldest,
        WhenFull::ShedBodies,
        WhenFull::Wait,
    ][random(4)];
    let fsync = [Fsync::Never, Fsync::EveryBatch][random(2)];
    let file = JsonLinesFile::at(path).fsync(fsync).open();
    let logger = BodyLogger::builder()
        .queue(
            QueueOptions::default()
                .records([2, 64, 10_000][random(3)])
                .when_full(when_full),
        )
        .sink(file.expect("a file"))
        .sink(Queued(Memory::new(10)))
        .build();
    let app = serve(&logger, &Memory::new(0));
    thread::scope(|scope| {
        for _ in 0..3 {
            let mut client = app.connect();
            scope.spawn(move || loop {
                assert_eq!(client.get("/load").status, 200);
            });
        }
        let mut output = io::stdout();
        // What the harness has printed so far does not end its line.
        let mut said = writeln!(output);
        while said.is_ok() {
            let produced = logger.counters().produced;
            let synced = System::new().block_on(logger.sync(PATIENCE));
            synced.expect("a disk that works");
            said = writeln!(output, "synced {produced}");
        }
        // The parent is gone; the clients would go on.
        process::exit(1);
    })
}

#[test]
fn what_a_kill_costs_is_missing_at_the_end_of_a_run_only() {
    if let Some(path) = child() {
        serve_for_ever(&path);
    }
    let kills = std::env::var(MORE).map_or(KILLS, |kills| kills.parse().expect("a number"));
    let start = Instant::now();
    let directory = Directory::new("killed");
    let test = concat!(
        "sinks::file::killed::",
        "what_a_kill_costs_is_missing_at_the_end_of_a_run_only"
    );
    let program = std::env::current_exe().expect("a program");
    let mut synced = Vec::new();
    for _ in 0..kills {
        let mut process = in_child(&mut Command::new(&program), test, &directory.file())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("ourselves again");
        let output = process.stdout.take().expect("a pipe");
        let mut numbers = BufReader::new(output).lines().filter_map(|line| {
            let number: u64 = line.ok()?.strip_prefix("synced ")?.parse().ok()?;
            Some(number).filter(|number| *number > 0)
        });
        let mut last = numbers.by_ref().take(1 + random(10)).last();
        // Anywhere in what comes next, rather than at its beginning.
        thread::sleep(Duration::from_micros(random(20_000) as u64));
        process.kill().expect("a process");
        process.wait().expect("a process");
        last = numbers.last().or(last);
        synced.push(last.expect("a process that serves until it is killed"));
    }
    // Half a line at the end is put aside.
    drop(JsonLinesFile::at(directory.file()).open().expect("a file"));
    let text = fs::read_to_string(directory.file()).expect("text");
    let (runs, unreadable) = missing_entries_of_lines(text.lines());
    assert_eq!((runs.len(), unreadable), (kills, 0));
    for (run, synced) in runs.iter().zip(synced) {
        assert!(run.is_complete(), "{run:?}");
        assert_eq!(run.repeated, 0, "{run:?}");
        assert!(run.last >= synced, "{synced} were synced: {run:?}");
        let lost = run.lost.iter().map(|it| it.end() - it.start() + 1);
        assert_eq!(run.held + lost.sum::<u64>(), run.last, "{run:?}");
    }
    let sum = |of: fn(&RunReport) -> u64| runs.iter().map(of).sum::<u64>();
    let _ = writeln!(
        io::stderr(),
        "{kills} kills in {:?}: {} entries held of {} numbers, all others named",
        start.elapsed(),
        sum(|run| run.held),
        sum(|run| run.last),
    );
}
