//! `kill -9` at any moment.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use body_logger_core::Filter;

use super::{all, entries::numbered, filter, open, write, Directory};

const CHILD: &str = "BODY_LOGGER_STORE_CHILD";
const NAME: &str = "crash::batches_that_count_as_written_survive_a_kill_at_any_moment";

fn kills() -> usize {
    let asked = std::env::var("BODY_LOGGER_KILLS").ok();
    asked.and_then(|kills| kills.parse().ok()).unwrap_or(10)
}

fn random(below: u64) -> u64 {
    RandomState::new().build_hasher().finish() % below
}

/// Writes batches for ever, and says how far it is whenever one counts as written.
fn write_for_ever(path: &Path) {
    let store = open(path);
    let mut next = all(&store, &Filter::default(), 1000).len() as u64;
    let mut output = io::stdout();
    // The harness has not ended its line.
    writeln!(output).expect("a parent");
    loop {
        let end = next + 1 + random(200);
        write(&store, (next..end).map(numbered));
        writeln!(output, "written {end}").expect("a parent");
        next = end;
    }
}

#[test]
fn batches_that_count_as_written_survive_a_kill_at_any_moment() {
    if let Some(path) = std::env::var_os(CHILD) {
        return write_for_ever(path.as_ref());
    }
    let directory = Directory::new("kill");
    let mut found = 0;
    for _ in 0..kills() {
        let mut process = Command::new(std::env::current_exe().expect("a program"))
            .args([NAME, "--exact", "--nocapture"])
            .env(CHILD, directory.file())
            .stdout(Stdio::piped())
            .spawn()
            .expect("ourselves again");
        let output = process.stdout.take().expect("a pipe");
        let lines = BufReader::new(output).lines();
        let mut written = lines.filter_map(|line| {
            let line = line.expect("text");
            line.strip_prefix("written ")?.parse::<u64>().ok()
        });
        let mut last = found;
        for number in written.by_ref().take(1 + random(4) as usize) {
            last = number;
        }
        process.kill().expect("a process");
        process.wait().expect("a process");
        last = written.last().unwrap_or(last);

        let store = open(&directory.file());
        let records = all(&store, &Filter::default(), 1000);
        found = records.len() as u64;
        assert!(found >= last, "{last} were written, {found} are there");
        // Each once and in order, in the table and in each index.
        assert!(records.iter().rev().map(|(_, it)| it.seq).eq(0..found));
        for text in [
            "route:/orders/{id}",
            "orders",
            "path:/orders/",
            "outcome:completed",
        ] {
            assert_eq!(
                all(&store, &filter(text), 1000).len() as u64,
                found,
                "{text}"
            );
        }
        assert_eq!(store.counters().expect("counters").records, found);
    }
    assert!(found > 0);
}
