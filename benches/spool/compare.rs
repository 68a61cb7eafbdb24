//! The comparison.

use std::{
    fs, io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use actix_web_body_logger::record::{BodyFile, Record};
use sha2::{Digest as _, Sha256};

use crate::{client::download, disk, process::Server, Options};

/// By how much resident memory may grow.
const MAX_GROWN_KIB: u64 = 8 * 1024;

/// The least part of the slower of disk and server, for downloads that are long enough to tell.
const MIN_SHARE: f64 = 0.7;
const LONG: u64 = 1 << 30;

/// What is served before anything is measured.
const WARM_UP: u64 = 32 << 20;

pub(crate) fn run(options: &Options) -> Result<(), String> {
    let directory = options
        .directory
        .join(format!("bench-spool-{}", std::process::id()));
    fs::create_dir_all(&directory).map_err(|error| format!("{}: {error}", directory.display()))?;
    println!(
        "| download | disk alone | server alone | kept whole | of the slower | memory before | most | digest |"
    );
    println!("|---|--:|--:|--:|--:|--:|--:|---|");
    let mut failed = Vec::new();
    for (kind, bytes) in [("sized", options.sized), ("chunked", options.chunked)] {
        match compare(&directory, kind, bytes) {
            Ok(row) => failed.extend(row.print()),
            Err(error) => failed.push(format!("{kind}: {error}")),
        }
    }
    // Files of a failure are of no use to anyone.
    let _ = fs::remove_dir_all(&directory);
    if failed.is_empty() {
        return Ok(());
    }
    Err(failed.join("\n"))
}

struct Row {
    kind: &'static str,
    bytes: u64,
    disk: Duration,
    alone: Duration,
    kept: Duration,
    /// Resident memory in KiB before the download, and the most meanwhile.
    before: u64,
    peak: u64,
    equal: bool,
}

impl Row {
    /// Prints it, and returns what does not hold.
    fn print(&self) -> Vec<String> {
        let rate = |took: Duration| self.bytes as f64 / took.as_secs_f64();
        let shown = |took| format!("{:.0} MB/s", rate(took) / 1e6);
        let share = rate(self.kept) / rate(self.disk).min(rate(self.alone));
        let mib = |kib: u64| format!("{:.1} MiB", kib as f64 / 1024.0);
        println!(
            "| {:.1} MiB, {} | {} | {} | {} | {:.0} % | {} | {} | {} |",
            self.bytes as f64 / f64::from(1 << 20),
            self.kind,
            shown(self.disk),
            shown(self.alone),
            shown(self.kept),
            100.0 * share,
            mib(self.before),
            mib(self.peak),
            if self.equal { "equal" } else { "differs" },
        );
        let grown = self.peak.saturating_sub(self.before);
        let mut failed = Vec::new();
        if !self.equal {
            failed.push(format!(
                "{}: the file is not what the client got",
                self.kind
            ));
        }
        if grown > MAX_GROWN_KIB {
            failed.push(format!("{}: memory grew by {}", self.kind, mib(grown)));
        }
        if self.bytes >= LONG && share < MIN_SHARE {
            failed.push(format!(
                "{}: {:.0} % of the slower",
                self.kind,
                100.0 * share
            ));
        }
        failed
    }
}

fn compare(directory: &Path, kind: &'static str, bytes: u64) -> io::Result<Row> {
    let target = |bytes: u64| format!("/{kind}/{bytes}");
    let get = |server: &Server, bytes: u64| -> io::Result<Duration> {
        disk::settle();
        let began = Instant::now();
        let read = download(server.addr, &target(bytes), |_| {})?;
        assert_eq!(read, bytes, "a client that gets everything");
        Ok(began.elapsed())
    };
    let server = Server::start("alone", directory)?;
    get(&server, WARM_UP)?;
    let alone = get(&server, bytes)?;
    server.stop()?;
    let disk = disk::write(&directory.join("alone"), bytes)?;

    let server = Server::start("spool", directory)?;
    get(&server, WARM_UP)?;
    let before = server.resident("VmRSS")?;
    server.reset_peak()?;
    let kept = get(&server, bytes)?;
    let peak = server.resident("VmHWM")?;
    server.stop()?;
    let files = take_files(directory)?;
    assert_eq!(
        files.last().map(|(_, file)| file.bytes),
        Some(bytes),
        "a file of all bytes"
    );

    // Once more, as digests take the client longer than all else.
    let server = Server::start("digest", directory)?;
    let mut digest = Sha256::new();
    download(server.addr, &target(bytes), |bytes| digest.update(bytes))?;
    server.stop()?;
    let got = disk::hex(digest);
    let equal = in_bodies(directory, |path, file| {
        Ok(disk::digest(&path)? == got && file.digest == Some(format!("sha-256:{got}")))
    })?;
    Ok(Row {
        kind,
        bytes,
        disk,
        alone,
        kept,
        before,
        peak,
        equal,
    })
}

/// Asks something of the only file that a record names, and removes all.
fn in_bodies(
    directory: &Path,
    ask: impl FnOnce(PathBuf, &BodyFile) -> io::Result<bool>,
) -> io::Result<bool> {
    let files = named_files(directory)?;
    let answer = match files.as_slice() {
        [(path, file)] => ask(path.clone(), file),
        _ => Err(io::Error::other(format!("{} files", files.len()))),
    };
    take_files(directory)?;
    answer
}

/// The files that records name, in their order.
fn named_files(directory: &Path) -> io::Result<Vec<(PathBuf, BodyFile)>> {
    let lines = fs::read_to_string(directory.join("audit.jsonl"))?;
    let mut files = Vec::new();
    for line in lines.lines() {
        let record: Record = serde_json::from_str(line)?;
        let file = record.response.and_then(|response| response.body.file);
        let file = file.ok_or_else(|| io::Error::other(format!("no file: {line}")))?;
        files.push((directory.join("bodies").join(&file.name), file));
    }
    Ok(files)
}

/// Returns the files that records name, and removes them with the records.
fn take_files(directory: &Path) -> io::Result<Vec<(PathBuf, BodyFile)>> {
    let files = named_files(directory)?;
    for (path, _) in &files {
        fs::remove_file(path)?;
    }
    fs::remove_file(directory.join("audit.jsonl"))?;
    Ok(files)
}
