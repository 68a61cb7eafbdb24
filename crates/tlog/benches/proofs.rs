//! What proofs cost a file of JSON lines, and how fast a log is verified: `just bench-proofs`.
//!
//! Both are compared within one run, in turns, so that a noisy machine does not decide: the throughput of a sink with proofs with
//! that of one without, and the time of verifying with that of reading the same lines. Give a number of megabytes to verify
//! another log than one of 256 MB.

#![allow(clippy::print_stdout, reason = "a program that talks to its terminal")]

use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use body_logger_core::{Entry, Record, Sink};
use body_logger_jsonl::{Fsync, JsonLinesFile, RawFile};
use body_logger_tlog::{Proofs, SigningKey, Verifier, VerifierKey};
use uuid::Uuid;

const TURNS: usize = 9;
const BATCH: usize = 128;
const BATCHES: usize = 600;
const MEGABYTE: f64 = 1e6;

/// A directory that is gone in the end.
struct Directory(PathBuf);

impl Directory {
    fn new() -> Self {
        let name = format!("body-logger-bench-proofs-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).expect("a directory for temporary files");
        Self(directory)
    }

    fn key(&self, name: &str) -> SigningKey {
        SigningKey::create_file(self.0.join(name), "example.com/bench").expect("a key")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn batch() -> Vec<Entry> {
    let entry = |seq| {
        let mut record = Record::example();
        record.entry_id = Uuid::now_v7();
        record.seq = seq;
        Entry::Record(record)
    };
    (1..=BATCH as u64).map(entry).collect()
}

fn bytes_of(log: &Path) -> u64 {
    let files = RawFile::list(log).expect("a directory");
    let length = |file: &RawFile| fs::metadata(file.path()).expect("a file").len();
    files.iter().map(length).sum()
}

/// How long this thread has run. Other programs have no part in it.
fn thread_time() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = stat.split(' ').next().and_then(|it| it.parse().ok());
    Duration::from_nanos(nanos.unwrap_or(0))
}

/// Writes a log, and returns how long that took, without the last sync, and how much of that this thread has run.
fn write(log: &Path, batches: usize, key: Option<SigningKey>) -> (Duration, Duration) {
    let mut file = JsonLinesFile::at(log).fsync(Fsync::Every(Duration::from_secs(1)));
    if let Some(key) = key {
        file = file.observer(Proofs::new(key));
    }
    let file = file.open().expect("a log");
    let batch = batch();
    let (start, ran) = (Instant::now(), thread_time());
    for _ in 0..batches {
        file.write(&batch).expect("a disk that works");
    }
    (start.elapsed(), thread_time() - ran)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Lines a second without proofs and with them, and how much of the first the second is.
fn cost(directory: &Directory) {
    let mut ratios = Vec::new();
    let mut thread_ratios = Vec::new();
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for turn in 0..TURNS {
        let rates = |proofs: bool| {
            let log = directory.0.join(format!("cost-{turn}-{proofs}.jsonl"));
            let key = proofs.then(|| directory.key(&format!("key-{turn}")));
            let (took, ran) = write(&log, BATCHES, key);
            fs::remove_file(&log).expect("a log");
            let rate = |time: Duration| (BATCH * BATCHES) as f64 / time.as_secs_f64();
            (rate(took), rate(ran))
        };
        // Whichever comes first in one turn comes last in the next.
        let (plain, proven) = match turn % 2 {
            0 => (rates(false), rates(true)),
            _ => {
                let proven = rates(true);
                (rates(false), proven)
            }
        };
        ratios.push(proven.0 / plain.0);
        thread_ratios.push(proven.1 / plain.1);
        without.push(plain.0);
        with.push(proven.0);
    }
    println!(
        "write: {:.0} lines/s without proofs, {:.0} with: {:.1} %; {:.1} % by the time that the writing thread runs (medians of \
         {TURNS} turns)",
        median(without),
        median(with),
        100.0 * median(ratios),
        100.0 * median(thread_ratios)
    );
}

fn verify(log: &Path, key: &VerifierKey) -> Duration {
    let start = Instant::now();
    let mut verifier = Verifier::new([key.clone()]);
    let verification = verifier.verify(log).expect("a log that can be read");
    assert!(verification.holds(), "{:?}", verification.faults);
    start.elapsed()
}

fn read(log: &Path) -> Duration {
    let start = Instant::now();
    let mut lines = 0_u64;
    for file in RawFile::list(log).expect("a directory") {
        let mut raw = file.lines().expect("a file");
        while raw.next().expect("a file").is_some() {
            lines += 1;
        }
    }
    assert!(lines > 0);
    start.elapsed()
}

/// A number of kilobytes of memory, by its name in Linux.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Makes Linux forget the most memory that the process had.
fn forget_peak_memory() {
    let _ = fs::write("/proc/self/clear_refs", "5");
}

fn throughput(directory: &Directory, megabytes: f64) {
    let log = directory.0.join("verify.jsonl");
    let key = directory.key("key");
    let verifier_key = key.verifier_key().clone();
    write(&log, 4, Some(key));
    let bytes_of_batch = bytes_of(&log) as f64 / 4.0;
    let mut written = 4;
    for part in [0.1, 1.0] {
        let batches = (part * megabytes * MEGABYTE / bytes_of_batch) as usize;
        let key = SigningKey::from_file(directory.0.join("key")).expect("a key");
        write(&log, batches.saturating_sub(written), Some(key));
        written = batches;
        let bytes = bytes_of(&log) as f64 / MEGABYTE;
        forget_peak_memory();
        let before = memory("VmRSS");
        let turns = (0..5).map(|_| (verify(&log, &verifier_key), read(&log)));
        let (verified, read): (Vec<_>, Vec<_>) = turns
            .map(|(verified, read)| (bytes / verified.as_secs_f64(), bytes / read.as_secs_f64()))
            .unzip();
        println!(
            "verify: {bytes:.0} MB at {:.0} MB/s, which are read at {:.0} MB/s, in {} kB of memory",
            median(verified),
            median(read),
            memory("VmHWM").saturating_sub(before)
        );
    }
}

fn main() {
    let megabytes = std::env::args().filter_map(|arg| arg.parse().ok()).next();
    let directory = Directory::new();
    cost(&directory);
    throughput(&directory, megabytes.unwrap_or(256.0));
}
