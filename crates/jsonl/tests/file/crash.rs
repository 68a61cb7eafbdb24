//! `kill -9` at any moment.

use std::{
    collections::hash_map::RandomState,
    fs::File,
    hash::{BuildHasher, Hasher},
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use body_logger_core::Sink;
use body_logger_jsonl::{Fsync, JsonLinesFile};

use super::{child, entries, in_child, number, numbers, text, Directory};

const KILLS: usize = 50;

fn random(below: usize) -> usize {
    let random = RandomState::new().build_hasher().finish();
    usize::try_from(random % below as u64).expect("a small number")
}

fn open(path: &Path) -> JsonLinesFile {
    let file = JsonLinesFile::at(path)
        .rotate_at(256 * 1024)
        .fsync(Fsync::EveryBatch);
    #[cfg(feature = "compress")]
    let file = file.compress(body_logger_jsonl::Compression::Zstd);
    file.open().expect("a file")
}

/// Writes numbered entries for ever, and says how far it is whenever a batch counts as written.
fn write_for_ever(path: &Path) {
    let from = std::env::var("FROM").expect("a number");
    let mut from: usize = from.parse().expect("a number");
    let file = open(path);
    let mut output = io::stdout();
    // What the harness has printed so far does not end its line.
    writeln!(output).expect("a parent");
    loop {
        let to = from + 1 + random(40);
        let batch = entries(from..to, random(2000));
        file.write(&batch).expect("a disk that works");
        writeln!(output, "written {to}").expect("a parent");
        from = to;
    }
}

/// What has been found in the files so far.
#[derive(Default)]
struct Found {
    /// Numbers from 0 to this one are there, each once and in order, in closed files.
    closed: usize,
    /// The names of those, without what compression adds.
    names: Vec<String>,
    /// And to this one with those in the live file.
    all: usize,
    torn: bool,
    /// Where the entries of the live file end, by number.
    ends: Vec<(usize, usize)>,
}

impl Found {
    /// Looks at all files that are new.
    #[track_caller]
    fn look(&mut self, directory: &Directory) {
        for file in directory.closed() {
            let name = file.to_string_lossy();
            let name = name.trim_end_matches(".zst").to_owned();
            // What is not yet compressed is still there plain, and what is may be there both ways.
            let is_other = name.ends_with(".tmp") || name.ends_with(".torn");
            // A name may have been claimed for a file that was not moved there any more.
            let is_empty = file.metadata().is_ok_and(|metadata| metadata.len() == 0);
            if is_other || is_empty || self.names.contains(&name) {
                continue;
            }
            for number in numbers(&file) {
                assert_eq!(number, self.closed);
                self.closed += 1;
            }
            self.names.push(name);
        }
        self.all = self.closed;
        self.torn = false;
        self.ends.clear();
        if !directory.file().exists() {
            // It was closed, and the next one not made any more.
            return;
        }
        let mut end = 0;
        for line in text(&directory.file()).split_inclusive('\n') {
            assert!(!self.torn, "only the last line may be torn");
            end += line.len();
            if line.ends_with('\n') {
                assert_eq!(number(line), self.all);
                self.all += 1;
                self.ends.push((self.all, end));
            } else {
                self.torn = true;
            }
        }
    }
}

/// Cuts the live file anywhere after what counts as written: a loss of power may leave no more.
fn lose_some(directory: &Directory, found: &Found, written: usize) {
    let Ok(live) = File::options().write(true).open(directory.file()) else {
        return;
    };
    let is_durable = |(number, _): &&(usize, usize)| *number <= written;
    let durable = found
        .ends
        .iter()
        .rev()
        .find(is_durable)
        .map_or(0, |it| it.1 as u64);
    let all = live.metadata().expect("a file").len();
    let some = random(usize::try_from(all - durable).expect("a small file") + 1);
    live.set_len(durable + some as u64).expect("a file");
}

#[test]
fn what_counts_as_written_is_there_after_a_kill_at_any_moment() {
    if let Some(path) = child() {
        return write_for_ever(&path);
    }
    let start = Instant::now();
    let directory = Directory::new("kill");
    let test = concat!(
        "crash::",
        "what_counts_as_written_is_there_after_a_kill_at_any_moment"
    );
    let program = std::env::current_exe().expect("a program");
    let mut found = Found::default();
    let (mut torn, mut unsaid) = (0, 0);
    for kill in 0..KILLS {
        let from = found.all;
        let mut process = in_child(&mut Command::new(&program), test, &directory.file())
            .env("FROM", from.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .expect("ourselves again");
        let output = process.stdout.take().expect("a pipe");
        let lines = BufReader::new(output).lines();
        let mut written = lines.filter_map(|line| {
            let line = line.expect("text");
            let number = line.strip_prefix("written ")?;
            Some(number.parse::<usize>().expect("a number"))
        });
        let mut last = from;
        for number in written.by_ref().take(1 + random(5)) {
            last = number;
        }
        // Anywhere in what comes next, rather than at its beginning.
        thread::sleep(Duration::from_micros(random(4000) as u64));
        process.kill().expect("a process");
        process.wait().expect("a process");
        last = written.last().unwrap_or(last);

        found.look(&directory);
        assert!(
            found.all >= last,
            "{last} were written, {} are there",
            found.all
        );
        unsaid += usize::from(found.all > last);
        if kill % 2 == 1 {
            lose_some(&directory, &found, last);
            found.look(&directory);
            assert!(found.all >= last, "this test has cut too much");
        }
        let (was, was_torn) = (found.all, found.torn);
        let counters = open(&directory.file()).counters();
        found.look(&directory);
        assert!(!found.torn);
        // A line of which only the end was missing is whole now.
        let completed = found.all - was;
        assert_eq!(
            counters.torn_lines as usize + completed,
            usize::from(was_torn)
        );
        torn += usize::from(was_torn);
    }
    assert!(found.all > KILLS);
    let _ = writeln!(
        io::stderr(),
        "{KILLS} kills in {:?}: {} records in {} files; {torn} lines torn, {unsaid} times more there \
         than said",
        start.elapsed(),
        found.all,
        found.names.len() + 1,
    );
}
