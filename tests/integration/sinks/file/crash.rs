//! `kill -9` at any moment.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use actix_web_body_logger::{
    sink::{Fsync, JsonLinesFile},
    Sink,
};

use super::{child, entries, in_child, number, text, Directory};

const KILLS: usize = 50;

fn random(below: usize) -> usize {
    let random = RandomState::new().build_hasher().finish();
    usize::try_from(random % below as u64).expect("a small number")
}

fn open(path: &Path) -> JsonLinesFile {
    let file = JsonLinesFile::at(path)
        .rotate_at(2 * 1024 * 1024)
        .fsync(Fsync::EveryBatch);
    #[cfg(feature = "compress")]
    let file = file.compress(actix_web_body_logger::sink::Compression::Zstd);
    file.open().expect("a file")
}

/// Writes numbered entries for ever, and says how far it is whenever a batch counts as written.
fn write_for_ever(path: &Path) {
    let from = std::env::var("FROM").expect("a number");
    let mut from: usize = from.parse().expect("a number");
    let file = open(path);
    let mut output = io::stdout();
    writeln!(output, "\ntorn {}", file.counters().torn_lines).expect("a parent");
    loop {
        let to = from + 1 + random(100);
        let batch = entries(from..to, random(20_000));
        file.write(&batch).expect("a disk that works");
        writeln!(output, "written {to}").expect("a parent");
        from = to;
    }
}

/// How many numbers, from 0 on, are there in whole lines, each once and in order; and whether the
/// last line is torn.
#[track_caller]
fn check(directory: &Directory) -> (usize, bool) {
    let mut next = 0;
    let mut is_torn = false;
    let mut files = directory.closed();
    // What a compression was at does not count before it is whole.
    files.retain(|file| {
        file.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            !name.ends_with(".tmp") && !name.ends_with(".torn")
        })
    });
    files.push(directory.file());
    let mut last = String::new();
    for file in files {
        // The process may have ended between compressing a file and removing it.
        let name = file.to_string_lossy();
        let stem = name.trim_end_matches(".zst").to_owned();
        if std::mem::replace(&mut last, stem.clone()) == stem {
            continue;
        }
        if !file.exists() {
            // Or between closing one and making the next.
            continue;
        }
        for line in text(&file).split_inclusive('\n') {
            assert!(!is_torn, "a torn line is not the last one");
            if line.ends_with('\n') {
                assert_eq!(number(line), next);
                next += 1;
            } else {
                is_torn = true;
            }
        }
    }
    (next, is_torn)
}

#[test]
fn what_counts_as_written_is_there_after_a_kill_at_any_moment() {
    if let Some(path) = child() {
        return write_for_ever(&path);
    }
    let start = Instant::now();
    let directory = Directory::new("kill");
    let test = concat!(
        "sinks::file::crash::",
        "what_counts_as_written_is_there_after_a_kill_at_any_moment"
    );
    let program = std::env::current_exe().expect("a program");
    let (mut there, mut torn, mut unsaid) = (0, 0, 0);
    for _ in 0..KILLS {
        let mut process = in_child(&mut Command::new(&program), test, &directory.file())
            .env("FROM", there.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("ourselves again");
        let output = process.stdout.take().expect("a pipe");
        let mut lines = BufReader::new(output)
            .lines()
            .map(|line| line.expect("text"));
        let torn_lines = lines.find_map(|line| Some(line.strip_prefix("torn ")?.to_owned()));
        assert_eq!(torn_lines.as_deref(), Some("0"), "we have mended it");

        let mut written = there;
        let mut wait = 1 + random(8);
        let mut note = |line: String| {
            let number = line.strip_prefix("written ").map(str::parse);
            written = number.map_or(written, |number| number.expect("a number"));
        };
        for line in lines.by_ref() {
            note(line);
            wait -= 1;
            if wait == 0 {
                break;
            }
        }
        // Anywhere in the next batch, rather than at its beginning.
        std::thread::sleep(Duration::from_micros(random(4000) as u64));
        process.kill().expect("a process");
        process.wait().expect("a process");
        lines.for_each(&mut note);

        let (now, is_torn) = check(&directory);
        assert!(
            now >= written,
            "{written} were written, and {now} are there"
        );
        unsaid += now - written;
        there = now;
        if is_torn {
            // A line of which only the end is missing is whole once it is opened.
            drop(open(&directory.file()));
            let (mended, still_torn) = check(&directory);
            assert!(!still_torn && (now..=now + 1).contains(&mended));
            torn += usize::from(mended == now);
            there = mended;
        }
    }
    assert!(there > KILLS);
    let _ = writeln!(
        io::stderr(),
        "{KILLS} kills in {:?}: {there} records, {torn} torn lines, {unsaid} there unsaid, {} files",
        start.elapsed(),
        directory.closed().len() + 1,
    );
}
