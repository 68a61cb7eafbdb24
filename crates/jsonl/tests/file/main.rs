//! Files of JSON lines: rotation, failures and crashes.

#[cfg(target_os = "linux")]
mod calls;
mod crash;
#[cfg(target_os = "linux")]
mod failures;
mod hold;
mod observer;
mod rotation;
mod torn;

use std::{
    ffi::OsStr,
    fs::{self, File},
    io::{Read, Write},
    ops::Range,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use body_logger_core::{Entry, Record, Sink};
use body_logger_jsonl::JsonLinesFile;

/// A directory that is gone when the test is over.
struct Directory {
    path: PathBuf,
}

impl Directory {
    fn new(name: &str) -> Self {
        let name = format!("body-logger-jsonl-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a directory for temporary files");
        Self { path }
    }

    /// Where the live file of a test stands.
    fn file(&self) -> PathBuf {
        self.path.join("audit.jsonl")
    }

    /// All files but the live one, sorted by name.
    fn closed(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(&self.path).expect("a directory");
        let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        files.retain(|file| *file != self.file());
        files.sort();
        files
    }

    /// What the closed files hold, the oldest first, and then the live one.
    fn numbers(&self) -> Vec<usize> {
        let closed = self.closed().into_iter();
        let is_aside = |file: &PathBuf| file.extension() == Some(OsStr::new("torn"));
        let files = closed.filter(|file| !is_aside(file)).chain([self.file()]);
        files.flat_map(|file| numbers(&file)).collect()
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// An entry whose id is the number, with about so many bytes of text.
fn entry(number: usize, bytes: usize) -> Entry {
    let mut record = Record::example();
    record.id = number.to_string().into();
    record.response = None;
    record.request.body.json = None;
    record.request.body.text = Some("x".repeat(bytes));
    Entry::Record(record)
}

fn entries(numbers: Range<usize>, bytes: usize) -> Vec<Entry> {
    numbers.map(|number| entry(number, bytes)).collect()
}

#[track_caller]
fn write(file: &JsonLinesFile, numbers: Range<usize>) {
    let written = file.write(&entries(numbers, 100));
    written.expect("a file that can be written to");
}

/// How many bytes the line of an entry takes.
fn line(entry: &Entry) -> usize {
    serde_json::to_vec(entry).expect("an entry").len() + 1
}

/// The text of a file, whether or not it is compressed.
fn text(path: &Path) -> String {
    let mut file = File::open(path).expect("a file");
    let mut text = String::new();
    let read = match path.extension().and_then(OsStr::to_str) {
        Some("gz") => flate2::read::GzDecoder::new(file).read_to_string(&mut text),
        Some("zst") => zstd::Decoder::new(file)
            .expect("a decoder")
            .read_to_string(&mut text),
        _ => file.read_to_string(&mut text),
    };
    read.expect("text");
    text
}

/// The numbers of the entries in a file, which must hold nothing but whole lines.
#[track_caller]
fn numbers(path: &Path) -> Vec<usize> {
    let text = text(path);
    let is_whole = text.is_empty() || text.ends_with('\n');
    assert!(is_whole, "{} ends within a line", path.display());
    text.lines().map(number).collect()
}

#[track_caller]
fn number(line: &str) -> usize {
    match serde_json::from_str(line).expect("a line that is an entry") {
        Entry::Record(record) => record.id.parse().expect("a number"),
        entry => panic!("{entry:?}"),
    }
}

fn append(path: &Path, bytes: &[u8]) {
    let mut file = File::options().append(true).open(path).expect("a file");
    file.write_all(bytes).expect("room for a few bytes");
}

/// Names the file that a test is to work on in a process of its own.
const CHILD: &str = "BODY_LOGGER_TEST_FILE";

/// Runs one test alone, in a process of its own that finds the path by [`child`].
fn in_child<'a>(command: &'a mut Command, test: &str, path: &Path) -> &'a mut Command {
    command
        .args(["--exact", test, "--nocapture", "--test-threads=1"])
        .env(CHILD, path)
        .stdin(Stdio::null())
}

/// The path that a parent process has given to this one.
fn child() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(PathBuf::from)
}
