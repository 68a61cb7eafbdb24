//! Logs with proofs: written, rotated, killed, tampered with, and verified by others.

mod crash;
mod erase;
mod foreign;
mod interrupted;
mod life;
#[cfg(target_os = "linux")]
mod power;
mod refused;
mod single;
mod state;
mod tamper;

use std::{
    fs,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use body_logger_core::{Entry, Record, Sink};
use body_logger_jsonl::{Fsync, JsonLinesFile, JsonLinesFileBuilder, RawFile};
use body_logger_tlog::{Proofs, SigningKey, Verification, Verifier, VerifierKey};
use uuid::Uuid;

const ORIGIN: &str = "example.com/audit";

/// A directory with a log and its key, which is gone when the test is over.
struct Place {
    directory: PathBuf,
    /// All checkpoints that were published.
    published: Arc<Mutex<Vec<String>>>,
}

impl Place {
    fn new(name: &str) -> Self {
        let name = format!("body-logger-tlog-{}-{name}", std::process::id());
        let place = Self::at(std::env::temp_dir().join(name));
        fs::create_dir_all(&place.directory).expect("a directory for temporary files");
        SigningKey::create_file(place.path("key"), ORIGIN).expect("a key");
        place
    }

    fn at(directory: PathBuf) -> Self {
        Self {
            directory,
            published: Arc::default(),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    fn log(&self) -> PathBuf {
        self.path("audit.jsonl")
    }

    fn key(&self) -> SigningKey {
        SigningKey::from_file(self.path("key")).expect("a key")
    }

    fn verifier_key(&self) -> VerifierKey {
        self.key().verifier_key().clone()
    }

    fn proofs(&self) -> Proofs {
        let published = Arc::clone(&self.published);
        Proofs::new(self.key()).publish(move |new| {
            let request = new.add_checkpoint_request()?;
            published.lock().expect("no panic").push(request);
            Ok(Vec::new())
        })
    }

    /// A log that signs when it is asked to.
    fn describe(&self) -> JsonLinesFileBuilder {
        let never = Fsync::Every(std::time::Duration::from_secs(3600));
        JsonLinesFile::at(self.log())
            .fsync(never)
            .observer(self.proofs())
    }

    fn open(&self) -> JsonLinesFile {
        self.describe().open().expect("a log")
    }

    fn try_open(&self) -> io::Result<JsonLinesFile> {
        self.describe().open()
    }

    fn published(&self) -> Vec<String> {
        self.published.lock().expect("no panic").clone()
    }

    fn newest(&self) -> String {
        self.published().pop().expect("a checkpoint")
    }

    /// With all checkpoints that were ever published.
    #[track_caller]
    fn verify(&self) -> Verification {
        let mut verifier = Verifier::new([self.verifier_key()]);
        for note in self.published() {
            verifier = verifier.checkpoint(&note).expect("a checkpoint");
        }
        verifier.verify(self.log()).expect("a log that can be read")
    }

    #[track_caller]
    fn assert_holds(&self) -> Verification {
        let verification = self.verify();
        assert_eq!(verification.faults, []);
        verification
    }

    /// All lines that are there, the oldest first.
    fn lines(&self) -> Vec<Vec<u8>> {
        loop {
            match self.try_lines() {
                // A file was compressed since the directory was read, and has another name now.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                lines => return lines.expect("a log that can be read"),
            }
        }
    }

    fn try_lines(&self) -> io::Result<Vec<Vec<u8>>> {
        let mut all = Vec::new();
        for file in RawFile::list(self.log())? {
            let mut lines = file.lines()?;
            while let Some(line) = lines.next()? {
                all.push(line.bytes.to_vec());
            }
        }
        Ok(all)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

fn entry(number: usize, bytes: usize) -> Entry {
    let mut record = Record::example();
    record.id = format!("exchange-{number}").into();
    record.entry_id = Uuid::now_v7();
    record.seq = number as u64 + 1;
    record.response = None;
    record.request.body.json = None;
    record.request.body.text = Some("x".repeat(bytes));
    Entry::Record(record)
}

#[track_caller]
fn write(file: &JsonLinesFile, lines: usize) {
    let entries: Vec<_> = (0..lines).map(|number| entry(number, 50)).collect();
    file.write(&entries).expect("a disk that works");
}

/// All files in and below a directory.
fn files_below(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("a directory") {
        let path = entry.expect("a file").path();
        if path.is_dir() {
            files.extend(files_below(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn copy(from: &Path, to: &Path) {
    for file in files_below(from) {
        let target = to.join(file.strip_prefix(from).expect("a file below"));
        fs::create_dir_all(target.parent().expect("a directory")).expect("a directory");
        let mut bytes = Vec::new();
        let mut open = fs::File::open(&file).expect("a file");
        open.read_to_end(&mut bytes).expect("a file");
        fs::write(target, bytes).expect("a file");
    }
}
