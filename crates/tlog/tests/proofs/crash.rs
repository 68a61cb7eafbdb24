//! `kill -9` at any moment.

use std::{
    collections::hash_map::RandomState,
    hash::{BuildHasher, Hasher},
    io::{BufRead, BufReader, Write},
    process::{Command, Stdio},
};

use super::*;

const KILLS: u64 = 25;

/// Names the directory that a process is to write to for ever.
const CHILD: &str = "BODY_LOGGER_TEST_LOG";

fn random(below: u64) -> u64 {
    RandomState::new().build_hasher().finish() % below
}

fn describe(place: &Place, proofs: Proofs) -> JsonLinesFileBuilder {
    let file = JsonLinesFile::at(place.log())
        .rotate_at(100_000)
        .keep(4)
        .fsync(Fsync::EveryBatch)
        .observer(proofs);
    #[cfg(feature = "compress")]
    let file = file.compress(body_logger_jsonl::Compression::Zstd);
    file
}

/// Writes and erases for ever, and says each checkpoint that is handed out, as one line.
fn write_for_ever(place: &Place) {
    println_flushed("");
    let proofs = Proofs::new(place.key()).publish(|new| {
        println_flushed(&format!("published {:?}", new.checkpoint().note()));
        Ok(Vec::new())
    });
    let file = describe(place, proofs).open().expect("a log");
    let mut written = Vec::new();
    loop {
        let lines = 1 + random(20) as usize;
        // Some take several pages.
        let entries: Vec<_> = (0..lines)
            .map(|_| entry(0, random(9_000) as usize))
            .collect();
        file.write(&entries).expect("a disk that works");
        written.extend(entries.iter().map(|entry| match entry {
            Entry::Record(record) => record.entry_id,
            other => panic!("{other:?}"),
        }));
        if random(2) == 0 {
            let id = written.swap_remove(random(written.len() as u64) as usize);
            match file.erase(&id.to_string()) {
                // It was deleted.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                erased => drop(erased.expect("a line")),
            }
        }
    }
}

fn println_flushed(text: &str) {
    let mut output = io::stdout().lock();
    writeln!(output, "{text}").expect("a parent");
    output.flush().expect("a parent");
}

#[test]
fn every_checkpoint_that_was_handed_out_verifies_after_a_kill_at_any_moment() {
    if let Some(directory) = std::env::var_os(CHILD) {
        let place = std::mem::ManuallyDrop::new(Place::at(directory.into()));
        return write_for_ever(&place);
    }
    let place = Place::new("kill");
    let test = "crash::every_checkpoint_that_was_handed_out_verifies_after_a_kill_at_any_moment";
    let (mut verified, mut erased) = (0, 0);
    for _ in 0..KILLS {
        let mut process = Command::new(std::env::current_exe().expect("a program"))
            .args(["--exact", test, "--nocapture", "--test-threads=1"])
            .env(CHILD, &place.directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("ourselves again");
        let output = process.stdout.take().expect("a pipe");
        let mut notes = BufReader::new(output).lines().filter_map(|line| {
            let line = line.expect("text");
            let note = line.strip_prefix("published ")?;
            Some(serde_json::from_str::<String>(note).expect("a note"))
        });
        // At once, or after some work.
        let mut published: Vec<String> = notes.by_ref().take(random(30) as usize).collect();
        process.kill().expect("a process");
        process.wait().expect("a process");
        published.extend(notes);

        // A few of all, as each takes its time, and the last.
        let few = published.len().saturating_sub(3);
        *place.published.lock().expect("no panic") = published.split_off(few);
        if verified == 0 && place.published().is_empty() {
            // There may be no checkpoint yet.
            continue;
        }
        let verification = place.assert_holds();
        verified += place.published().len();
        // What was not covered is, as soon as the log is opened again.
        drop(describe(&place, place.proofs()).open().expect("a log"));
        let opened = place.assert_holds();
        assert_eq!((opened.uncovered, &*opened.unfinished), (0, &[][..]));
        erased += opened.erased.len();
        assert!(opened.size >= verification.size + verification.uncovered);
    }
    assert!(verified > 10 && erased > 10, "{verified} {erased}");
}
