//! Logs to be shipped.

use std::{
    fs::{self, File},
    io::Write,
    ops::Range,
    path::PathBuf,
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime},
};

use body_logger_core::Record;
use uuid::Uuid;

/// A directory that is gone when the test is over.
pub(crate) struct Directory {
    path: PathBuf,
    is_ours: bool,
}

impl Directory {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);

        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("body-logger-ship-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a directory for temporary files");
        Self {
            path,
            is_ours: true,
        }
    }

    /// The directory of another process.
    #[cfg(any(feature = "jetstream", feature = "otlp", feature = "postgres"))]
    pub(crate) fn existing(path: PathBuf) -> Self {
        Self {
            path,
            is_ours: false,
        }
    }

    #[cfg(any(feature = "jetstream", feature = "otlp", feature = "postgres"))]
    pub(crate) fn path(&self) -> &std::path::Path {
        &self.path
    }

    pub(crate) fn live(&self) -> PathBuf {
        self.file("audit.jsonl")
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    pub(crate) fn append(&self, text: &str) {
        let file = File::options().create(true).append(true).open(self.live());
        let written = file.expect("a file").write_all(text.as_bytes());
        written.expect("room for a few bytes");
    }

    pub(crate) fn rotate(&self, number: usize) {
        let closed = format!("audit.2026-11-21T09-15-01.{number:06}Z.jsonl");
        fs::rename(self.live(), self.file(&closed)).expect("a live file");
    }

    pub(crate) fn closed(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(&self.path).expect("a directory");
        let paths = files.map(|file| file.expect("a file").path());
        let is_closed = |path: &PathBuf| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("audit.2")
        };
        paths.filter(is_closed).collect()
    }

    /// The numbers of the entries in the dead letters, and why they are there.
    pub(crate) fn dead_letters(&self) -> Vec<(u64, String)> {
        let text = fs::read_to_string(self.file("position.json.dead.jsonl")).unwrap_or_default();
        let lines = text.lines().filter(|line| !line.is_empty());
        let letters = lines.map(|line| {
            let letter: serde_json::Value = serde_json::from_str(line).expect("a dead letter");
            let seq = letter["entry"]["seq"].as_u64().expect("a number");
            let reason = letter["reason"].as_str().expect("a reason");
            (seq, reason.to_owned())
        });
        letters.collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        if self.is_ours {
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

pub(crate) const RUN: Uuid = Uuid::from_u128(7);

/// The record of this number in a run.
pub(crate) fn record_of(run: Uuid, seq: u64) -> Record {
    let mut record = Record::example();
    record.run = run;
    record.seq = seq;
    record.time = SystemTime::UNIX_EPOCH + Duration::from_millis(seq);
    record.entry_id = body_logger_core::record::entry_id(run, seq, record.time);
    record
}

pub(crate) fn line(record: &Record) -> String {
    serde_json::to_string(record).expect("a record") + "\n"
}

pub(crate) fn lines(numbers: Range<u64>) -> String {
    numbers.map(|seq| line(&record_of(RUN, seq))).collect()
}
