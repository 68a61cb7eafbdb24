//! Shippers that are killed while a log grows, rotates and is compressed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{self, Command, Stdio},
    sync::{
        atomic::{AtomicBool, Ordering::Relaxed},
        Arc,
    },
    thread,
    time::Duration,
};

use body_logger_core::{Entry, Sink};
use body_logger_jsonl::JsonLinesFile;
use body_logger_ship::{Destination, ShipCounters, Shipper};

use super::{
    log::{record_of, Directory, RUN},
    shipper, stop, until, until_within, LIMIT,
};

/// Waits until a position is at the end of a log.
#[track_caller]
pub(crate) fn wait_for(directory: &Directory) {
    wait_within(LIMIT, directory);
}

/// As [`wait_for`], where the position may stand still for so long.
#[track_caller]
pub(crate) fn wait_within(limit: Duration, directory: &Directory) {
    let (first, offset) = {
        let text = fs::read_to_string(directory.live()).expect("a log");
        let line = text.lines().next().expect("an entry");
        let entry: serde_json::Value = serde_json::from_str(line).expect("an entry");
        (entry["entry_id"].clone(), text.len())
    };
    let position = || fs::read(directory.file("position.json")).unwrap_or_default();
    loop {
        let before = position();
        let saved: serde_json::Value = serde_json::from_slice(&before).unwrap_or_default();
        if saved["position"]["file"] == first && saved["position"]["offset"] == offset {
            return;
        }
        // However much there is to ship on however busy a machine: it goes on.
        until_within(limit, || position() != before);
    }
}

/// Ships until the position is behind all of the log.
#[track_caller]
pub(crate) fn ship<D: Destination>(directory: &Directory, destination: D) -> ShipCounters {
    let handle = shipper(directory, destination).batch_entries(200);
    let handle = handle.spawn().expect("a shipper");
    wait_for(directory);
    stop(handle)
}

/// A test that runs in a process of its own, to be killed.
pub(crate) struct Child {
    directory: PathBuf,
    pub(crate) url: String,
    /// A receiver of OTLP has none.
    #[cfg(any(feature = "jetstream", feature = "postgres"))]
    pub(crate) name: String,
}

impl Child {
    /// None in the process of the tests.
    pub(crate) fn here() -> Option<Self> {
        Some(Self {
            directory: std::env::var_os("SHIP_DIRECTORY")?.into(),
            url: std::env::var("SHIP_URL").ok()?,
            #[cfg(any(feature = "jetstream", feature = "postgres"))]
            name: std::env::var("SHIP_NAME").ok()?,
        })
    }

    /// Ships until it is killed.
    pub(crate) fn ship<D: Destination>(&self, destination: D) {
        self.run(|shipper| shipper.batch_entries(50), destination);
    }

    /// Ships batches as large as they are by default.
    pub(crate) fn ship_whole_batches<D: Destination>(&self, destination: D) {
        self.run(|shipper| shipper, destination);
    }

    fn run<D: Destination>(&self, options: fn(Shipper<D>) -> Shipper<D>, destination: D) {
        let directory = Directory::existing(self.directory.clone());
        let shipper = options(shipper(&directory, destination));
        let _handle = shipper.spawn().expect("the one before was killed");
        loop {
            thread::park();
        }
    }
}

/// Runs a test in a process of its own, as a [`Child`].
pub(crate) fn start(test: &str, directory: &Directory, url: &str, name: &str) -> Process {
    let process = Command::new(std::env::current_exe().expect("a program"))
        .args(["--exact", test])
        .env("SHIP_DIRECTORY", directory.path())
        .env("SHIP_URL", url)
        .env("SHIP_NAME", name)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    Process(process.expect("ourselves again"))
}

/// A process that does not outlive the test.
pub(crate) struct Process(process::Child);

impl Process {
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn kill(&mut self) {
        self.0.kill().expect("a process");
        self.0.wait().expect("a process");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// How often something is killed.
pub(crate) fn kills() -> u32 {
    std::env::var("BODY_LOGGER_KILLS").map_or(10, |kills| kills.parse().expect("a number"))
}

/// Kills shippers at random moments while a log grows, and calls `then` after each; the last one ships all. Returns the
/// number of the last entry.
pub(crate) fn kill_shippers(test: &str, url: &str, name: &str, mut then: impl FnMut(u32)) -> u64 {
    let directory = Directory::new();
    let ends = Arc::new(AtomicBool::new(false));
    let writer = thread::spawn({
        let (live, ends) = (directory.live(), Arc::clone(&ends));
        move || write_until(&live, &ends)
    });
    let start = || start(test, &directory, url, name);
    let position = directory.file("position.json");
    for kill in 0..kills() {
        let mut process = start();
        // It has shipped at least a batch, and is anywhere in what comes next.
        let before = fs::read(&position).ok();
        until(|| fs::read(&position).ok() != before);
        thread::sleep(Duration::from_micros(fastrand::u64(0..20_000)));
        process.kill();
        then(kill);
    }
    ends.store(true, Relaxed);
    let written = writer.join().expect("a writer");
    let mut last = start();
    wait_for(&directory);
    last.kill();
    written
}

/// Writes about 500 entries a second, and returns the number of the last one.
pub(crate) fn write_until(live: &Path, ends: &AtomicBool) -> u64 {
    let file = JsonLinesFile::at(live).rotate_at(512 * 1024);
    #[cfg(feature = "compress")]
    let file = file.compress(body_logger_jsonl::Compression::Zstd);
    let file = file.open().expect("a file");
    let mut next = 1;
    while !ends.load(Relaxed) {
        let numbers = next..next + fastrand::u64(1..20);
        next = numbers.end;
        let entries: Vec<Entry> = numbers
            .map(|seq| Entry::Record(record_of(RUN, seq)))
            .collect();
        file.write(&entries).expect("a disk with room");
        thread::sleep(Duration::from_millis(20));
    }
    next - 1
}
