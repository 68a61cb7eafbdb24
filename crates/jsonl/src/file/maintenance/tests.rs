use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use body_logger_core::rfc3339;

use super::*;
use crate::file::Compression;

const HOUR: Duration = Duration::from_secs(60 * 60);

/// A directory that is gone when the test is over.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let name = format!("body-logger-maintenance-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a directory for temporary files");
        fs::write(path.join("audit"), "").expect("a file");
        Self(path)
    }

    /// A file that was closed at a time, and its last line written at another.
    fn close(&self, closed: SystemTime, last_line: SystemTime) -> PathBuf {
        let at = |time| rfc3339::text(time).expect("a time of this age");
        let name = format!("audit.{}", at(closed).replace(':', "-"));
        let first = at(SystemTime::UNIX_EPOCH);
        let text = format!(
            "{{\"time\":\"{first}\"}}\n{{\"time\":\"{}\"}}\n",
            at(last_line)
        );
        fs::write(self.0.join(&name), text).expect("a file");
        self.0.join(name)
    }

    fn maintenance(&self, age: Duration, compression: Compression) -> Maintenance {
        let settings = JsonLinesFileBuilder::new(&self.0.join("audit"))
            .keep_for(age)
            .compress(compression);
        Maintenance::new(Arc::new(settings), Arc::default())
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn noon() -> SystemTime {
    SystemTime::UNIX_EPOCH + 500_000 * HOUR
}

fn there(files: &[&Path]) -> Vec<bool> {
    files.iter().map(|file| file.exists()).collect()
}

#[test]
fn closed_files_are_deleted_when_their_last_line_is_too_old() {
    let directory = Directory::new("age");
    let now = noon();
    // Closed late, as no batch came for a while.
    let first = directory.close(now - HOUR, now - 5 * HOUR);
    let second = directory.close(now - HOUR / 2, now - HOUR / 2);
    let third = directory.close(now, now);
    let files = [&*first, &*second, &*third];
    let mut maintenance = directory.maintenance(5 * HOUR, Compression::None);
    let micro = Duration::from_micros(1);
    maintenance.run(now);
    assert_eq!(there(&files), [true, true, true]);
    maintenance.run(now + micro);
    assert_eq!(there(&files), [false, true, true]);
    maintenance.run(now + 5 * HOUR - HOUR / 2);
    assert_eq!(there(&files), [false, true, true]);
    maintenance.run(now + 5 * HOUR - HOUR / 2 + micro);
    assert_eq!(there(&files), [false, false, true]);
    assert_eq!(maintenance.counts.snapshot().removed, 2);
    maintenance.run(now + 6 * HOUR);
    assert_eq!(there(&files), [false, false, false]);
    assert!(directory.0.join("audit").exists());
    assert_eq!(maintenance.counts.snapshot().faults, 0);
}

#[test]
fn the_last_line_of_a_closed_file_is_read_once() {
    let directory = Directory::new("once");
    let now = noon();
    let file = directory.close(now, now - HOUR);
    let mut maintenance = directory.maintenance(2 * HOUR, Compression::None);
    maintenance.run(now);
    // What would keep the file if it was read again.
    directory.close(now, now);
    maintenance.run(now + HOUR + Duration::from_micros(1));
    assert!(!file.exists());
}

#[test]
fn a_file_whose_last_line_tells_no_time_is_as_old_as_its_name() {
    let directory = Directory::new("name");
    let now = noon();
    let file = directory.close(now - 2 * HOUR, now - 2 * HOUR);
    fs::write(&file, "foreign\n").expect("a file");
    let mut maintenance = directory.maintenance(2 * HOUR, Compression::None);
    maintenance.run(now);
    assert!(file.exists());
    maintenance.run(now + Duration::from_micros(1));
    assert!(!file.exists());
}

#[test]
fn names_of_a_clock_that_was_ahead_do_not_keep_files() {
    let directory = Directory::new("ahead");
    let now = noon();
    // Names after such a one go on from there.
    let ahead = now + 1000 * HOUR;
    let files: Vec<PathBuf> = (0..4)
        .map(|number| directory.close(ahead + number * HOUR, now - (9 - number) * HOUR))
        .collect();
    let files: Vec<&Path> = files.iter().map(PathBuf::as_path).collect();
    directory.maintenance(7 * HOUR, Compression::None).run(now);
    assert_eq!(there(&files), [false, false, true, true]);
}

#[test]
fn no_age_is_too_long() {
    let directory = Directory::new("long");
    let file = directory.close(noon(), noon());
    directory
        .maintenance(Duration::MAX, Compression::None)
        .run(noon());
    assert!(file.exists());
}

#[cfg(feature = "compress")]
#[test]
fn compressed_files_are_deleted_by_their_last_lines_too() {
    for (compression, suffix) in [(Compression::Gzip, "gz"), (Compression::Zstd, "zst")] {
        let directory = Directory::new("compressed");
        let now = noon();
        let plain = directory.close(now, now - 5 * HOUR);
        let file = PathBuf::from(format!("{}.{suffix}", plain.display()));
        directory.maintenance(5 * HOUR, compression).run(now);
        assert_eq!(there(&[&plain, &file]), [false, true]);
        let mut maintenance = directory.maintenance(5 * HOUR, compression);
        maintenance.run(now);
        assert!(file.exists());
        maintenance.run(now + Duration::from_micros(1));
        assert!(!file.exists());
    }
}

#[cfg(feature = "compress")]
#[test]
fn an_incomplete_file_that_cannot_be_removed_is_counted() {
    let directory = Directory::new("incomplete");
    let closed = directory.close(noon(), noon());
    let incomplete = PathBuf::from(format!("{}.gz.tmp", closed.display()));
    fs::create_dir(&incomplete).expect("a directory");
    let mut maintenance = directory.maintenance(Duration::MAX, Compression::None);
    maintenance.run(noon());
    assert_eq!(maintenance.counts.snapshot().faults, 1);
}
