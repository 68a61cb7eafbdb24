//! The sinks of this crate.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use actix_web_body_logger::{
    conformance::{self, Subject},
    sink::{Compression, Fsync, JsonLines, JsonLinesFile, JsonLinesFileBuilder, Log, Memory},
    Entry, Record,
};

#[test]
fn memory_conforms() {
    conformance::run(|| {
        let memory = Memory::new(20_000);
        let kept = memory.clone();
        Subject::new(memory).reading_entries(move || kept.entries())
    });
}

#[test]
fn closures_conform() {
    conformance::run(|| {
        let ids = Arc::new(Mutex::new(Vec::new()));
        let taken = Arc::clone(&ids);
        let closure =
            move |record: &Record| ids.lock().expect("a lock").push(record.id.to_string());
        Subject::new(closure).reading_ids(move || taken.lock().expect("a lock").clone())
    });
}

/// What this binary says through the `log` crate.
static LINES: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Lines;

impl log::Log for Lines {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        let line = record.args().to_string();
        LINES.lock().expect("a lock").push(line);
    }

    fn flush(&self) {}
}

/// Of a line of an exchange.
fn id(line: &str) -> Option<String> {
    let has_ended = line.contains("us id=");
    let (_, rest) = line.split_once(" id=").filter(|_| has_ended)?;
    let id = rest.split(' ').next()?;
    Some(id.to_owned())
}

#[test]
fn the_log_conforms() {
    log::set_logger(&Lines).expect("no other logger in this binary");
    log::set_max_level(log::LevelFilter::Info);
    conformance::run(|| {
        LINES.lock().expect("a lock").clear();
        Subject::new(Log::default()).reading_ids(|| {
            LINES
                .lock()
                .expect("a lock")
                .iter()
                .filter_map(|line| id(line))
                .collect()
        })
    });
}

/// The ids in the events of exchanges, as they come through the `tracing` crate.
#[cfg(feature = "tracing")]
mod events {
    use std::{fmt, sync::Mutex};

    use tracing::{
        field::{Field, Visit},
        span::{Attributes, Id, Record},
        Event, Metadata, Subscriber,
    };

    pub(super) static IDS: Mutex<Vec<String>> = Mutex::new(Vec::new());

    pub(super) struct Ids;

    impl Subscriber for Ids {
        fn enabled(&self, metadata: &Metadata<'_>) -> bool {
            metadata.name() == "body_logger.exchange"
        }

        fn event(&self, event: &Event<'_>) {
            event.record(&mut IdField);
        }

        // There are no spans.
        fn new_span(&self, _: &Attributes<'_>) -> Id {
            Id::from_u64(1)
        }
        fn record(&self, _: &Id, _: &Record<'_>) {}
        fn record_follows_from(&self, _: &Id, _: &Id) {}
        fn enter(&self, _: &Id) {}
        fn exit(&self, _: &Id) {}
    }

    struct IdField;

    impl Visit for IdField {
        fn record_str(&mut self, field: &Field, value: &str) {
            if field.name() == "body_logger.id" {
                IDS.lock().expect("a lock").push(value.to_owned());
            }
        }

        fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
    }
}

#[cfg(feature = "tracing")]
#[test]
fn tracing_conforms() {
    use actix_web_body_logger::sink::Tracing;

    tracing::subscriber::set_global_default(events::Ids).expect("no other in this binary");
    conformance::run(|| {
        events::IDS.lock().expect("a lock").clear();
        let ids = || events::IDS.lock().expect("a lock").clone();
        Subject::new(Tracing::default()).reading_ids(ids)
    });
}

/// A writer whose bytes can be looked at.
#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Shared {
    fn entries(&self) -> Vec<Entry> {
        let bytes = self.0.lock().expect("a lock");
        entries(std::str::from_utf8(&bytes).expect("text"))
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("a lock").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[track_caller]
fn entries(lines: &str) -> Vec<Entry> {
    assert!(lines.is_empty() || lines.ends_with('\n'));
    let entry = |line| serde_json::from_str(line).expect("a line that is an entry");
    lines.lines().map(entry).collect()
}

#[test]
fn json_lines_conform() {
    conformance::run(|| {
        let shared = Shared::default();
        let sink = JsonLines::new(shared.clone());
        Subject::new(sink).reading_entries(move || shared.entries())
    });
    conformance::run(|| {
        let shared = Shared::default();
        let sink = JsonLines::new(BufWriter::new(shared.clone()));
        Subject::new(sink).reading_entries(move || shared.entries())
    });
}

/// A directory that is gone when the test is over.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let name = format!("body-logger-conforms-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a directory for temporary files");
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// All entries in the files of a directory, the oldest first.
fn stored(directory: &Path) -> Vec<Entry> {
    // A thread may be compressing them: then one that was there is not any more.
    loop {
        if let Ok(texts) = texts(directory) {
            return entries(&texts.concat());
        }
    }
}

fn texts(directory: &Path) -> io::Result<Vec<String>> {
    let files = fs::read_dir(directory)?.map(|file| Ok(file?.path()));
    let mut files = files.collect::<io::Result<Vec<_>>>()?;
    files.retain(|file| file.extension().is_none_or(|it| it != "tmp"));
    // Names begin with the time, but for that of the live file; that one is the last.
    files.sort_by_key(|file| (file.ends_with("audit.jsonl"), file.clone()));
    // Where there are both, the plain one comes first.
    files.dedup_by_key(|file| match file.extension() {
        Some(suffix) if suffix == "gz" || suffix == "zst" => file.with_extension(""),
        _ => file.clone(),
    });
    files.iter().map(|file| text(file)).collect()
}

fn text(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut text = String::new();
    match path.extension().and_then(|it| it.to_str()) {
        Some("gz") => flate2::read::GzDecoder::new(file).read_to_string(&mut text),
        Some("zst") => zstd::Decoder::new(file)?.read_to_string(&mut text),
        _ => file.read_to_string(&mut text),
    }?;
    Ok(text)
}

#[track_caller]
fn file_conforms(name: &str, settings: fn(JsonLinesFileBuilder) -> JsonLinesFileBuilder) {
    let mut number = 0;
    conformance::run(|| {
        number += 1;
        let directory = Directory::new(&format!("{name}-{number}"));
        let file = settings(JsonLinesFile::at(directory.0.join("audit.jsonl")));
        Subject::new(file.open().expect("a file")).reading_entries(move || stored(&directory.0))
    });
}

#[test]
fn a_plain_file_conforms() {
    file_conforms("plain", |file| file);
}

#[test]
fn a_file_that_is_synced_conforms() {
    file_conforms("batch", |file| file.fsync(Fsync::EveryBatch));
    file_conforms("every", |file| file.fsync(Fsync::Every(Duration::ZERO)));
}

#[test]
fn a_file_that_is_rotated_conforms() {
    file_conforms("rotated", |file| file.rotate_at(200_000).rotate_daily());
}

#[test]
fn a_file_that_is_rotated_and_compressed_conforms() {
    file_conforms("gzip", |file| {
        file.rotate_at(200_000).compress(Compression::Gzip)
    });
    file_conforms("zstd", |file| {
        file.rotate_at(200_000).compress(Compression::Zstd)
    });
}
