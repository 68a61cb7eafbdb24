//! Reading logs back.

mod batch;
mod damage;
mod files;
mod follow;
mod position;
mod rotation;

use std::{
    fs::{self, File},
    io::Write,
    ops::Range,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use body_logger_core::{Entry, Record, Sink};
use body_logger_jsonl::{JsonLinesFile, Line, Position, RawFile, ReadError, ReadErrorKind, Reader};

/// A directory that is gone when the test is over.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        // Tests that run at once may have chosen the same name.
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("body-logger-reads-{}-{name}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a directory for temporary files");
        // As the reader names files.
        Self(path.canonicalize().expect("a directory"))
    }

    fn live(&self) -> PathBuf {
        self.file("audit.jsonl")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn reader(&self) -> Reader {
        Reader::open(self.live()).expect("a log")
    }

    /// All rotated files, sorted by name.
    fn closed(&self) -> Vec<PathBuf> {
        let files = fs::read_dir(&self.0).expect("a directory");
        let mut files: Vec<PathBuf> = files.map(|file| file.expect("a file").path()).collect();
        files.retain(|file| *file != self.live());
        files.sort();
        files
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A record whose id is the number.
fn record(number: usize) -> Record {
    let mut record = Record::example();
    record.id = number.to_string().into();
    // As that of another record that was made later.
    record.entry_id = uuid::Uuid::from_u128(number as u128 + 1);
    record
}

fn line(number: usize) -> String {
    serde_json::to_string(&record(number)).expect("a record") + "\n"
}

fn lines(numbers: Range<usize>) -> String {
    numbers.map(line).collect()
}

fn write(path: &Path, text: impl AsRef<[u8]>) {
    fs::write(path, text).expect("a file");
}

fn append(path: &Path, text: impl AsRef<[u8]>) {
    let file = File::options().create(true).append(true).open(path);
    let written = file.expect("a file").write_all(text.as_ref());
    written.expect("room for a few bytes");
}

fn log(file: &JsonLinesFile, numbers: Range<usize>) {
    let entries: Vec<Entry> = numbers.map(record).map(Entry::Record).collect();
    file.write(&entries).expect("a disk with room");
}

/// What a reader gives, up to the end for now.
#[derive(Debug, PartialEq)]
enum Read {
    /// The number of a record.
    Entry(usize),
    /// What is wrong, with the name of the file and the offset.
    Error(String),
}

use Read::Entry as N;

fn read(item: Result<Line, ReadError>) -> Read {
    match item {
        Ok(line) => match line.entry {
            Entry::Record(record) => Read::Entry(record.id.parse().expect("a number")),
            entry => panic!("{entry:?}"),
        },
        Err(error) => {
            let kind = match error.kind() {
                ReadErrorKind::Io(_) => "io".to_owned(),
                ReadErrorKind::Gone { entry_id } => {
                    format!("gone {}", entry_id.map_or(0, |id| id.as_u128()) as i64 - 1)
                }
                kind => format!("{kind:?}").to_lowercase(),
            };
            let name = error.file().file_name().expect("a name");
            let name = name.to_string_lossy();
            Read::Error(format!("{kind} {name} {}", error.offset()))
        }
    }
}

fn all(reader: &mut Reader) -> Vec<Read> {
    reader.map(read).collect()
}

fn numbers(numbers: Range<usize>) -> Vec<Read> {
    numbers.map(Read::Entry).collect()
}

/// As it is after it was saved.
fn saved(position: &Position) -> Position {
    let text = serde_json::to_string(position).expect("a position");
    serde_json::from_str(&text).expect("a position")
}

#[cfg(feature = "compress")]
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(bytes).expect("memory");
    gzip.finish().expect("memory")
}

/// Compresses a file, with gzip or zstd.
#[cfg(feature = "compress")]
fn compress(path: &Path, suffix: &str) -> PathBuf {
    let text = fs::read(path).expect("a file");
    let compressed = match suffix {
        ".gz" => gzip(&text),
        _ => zstd::encode_all(&text[..], 1).expect("memory"),
    };
    let to = PathBuf::from(format!("{}{suffix}", path.display()));
    write(&to, compressed);
    fs::remove_file(path).expect("a file");
    to
}
