use std::{path::PathBuf, time::Duration};

use super::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A file that is gone when the test is over.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let name = format!("body-logger-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a directory for temporary files");
        Self(path)
    }

    fn daily(&self) -> Writer {
        let settings = JsonLinesFileBuilder::new(&self.0.join("audit")).rotate_daily();
        Writer::new(Arc::new(settings), Arc::default())
    }

    /// What is in all files, by name.
    fn texts(&self) -> Vec<(String, String)> {
        let files = fs::read_dir(&self.0).expect("a directory");
        let text = |file: io::Result<fs::DirEntry>| {
            let file = file.expect("a file");
            let text = fs::read_to_string(file.path()).expect("text");
            (file.file_name().to_string_lossy().into_owned(), text)
        };
        let mut texts: Vec<_> = files.map(text).collect();
        texts.sort();
        texts
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The end of a day, long after the test, as files are as old as they really are.
fn before_midnight() -> SystemTime {
    UNIX_EPOCH + 100_000 * DAY - Duration::from_micros(1)
}

#[test]
fn a_new_day_begins_at_midnight_utc_with_a_new_file() {
    let directory = Directory::new("midnight");
    let mut writer = directory.daily();
    let before = before_midnight();
    let midnight = before + Duration::from_micros(1);
    // A day without a batch has no file, and a clock that is set back begins none.
    for (line, now) in [
        ("1\n", before),
        ("2\n", before),
        ("3\n", midnight),
        ("4\n", midnight + DAY - Duration::from_micros(1)),
        ("5\n", midnight - DAY),
        ("6\n", midnight),
        ("7\n", midnight + 7 * DAY),
    ] {
        writer
            .append(&line.as_bytes().to_vec().into(), now)
            .expect("a disk with room");
    }
    let expected = [
        ("audit", "7\n"),
        ("audit.2243-10-17T00-00-00.000000Z", "1\n2\n"),
        ("audit.2243-10-24T00-00-00.000000Z", "3\n4\n5\n6\n"),
    ];
    let texts = directory.texts();
    let texts: Vec<_> = texts
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    assert_eq!(texts, expected);
}

/// A line of an exchange that ended at this time.
fn line_at(time: SystemTime) -> String {
    let time = time - Duration::from_secs(2);
    let time = body_logger_core::rfc3339::text(time).expect("a time of this age");
    format!("{{\"time\":\"{time}\",\"duration_us\":2000000}}\n")
}

#[test]
fn the_day_of_a_file_is_that_of_its_last_whole_line_though_it_was_modified_since() {
    // The files are made now, and their torn lines repaired.
    let now = SystemTime::now();
    let yesterday = line_at(now - DAY);
    let to = body_logger_core::rfc3339::text(now - DAY).expect("a time of this age");
    let gap = format!("{{\"gap\":{{\"to\":\"{to}\"}}}}\n");
    for (name, text, repaired) in [
        (
            "torn",
            format!("{yesterday}{{\"time\":\"22"),
            yesterday.clone(),
        ),
        (
            "unended",
            yesterday.trim_end().to_owned(),
            yesterday.clone(),
        ),
        (
            "gap",
            format!("{yesterday}{gap}"),
            format!("{yesterday}{gap}"),
        ),
    ] {
        let directory = Directory::new(&format!("day-{name}"));
        fs::write(directory.0.join("audit"), text).expect("a file");
        let mut writer = directory.daily();
        writer.open().expect("a file");
        writer
            .append(&b"{}\n".to_vec().into(), now)
            .expect("a disk with room");
        let texts = directory.texts();
        let texts: Vec<_> = texts.iter().map(|(_, text)| &**text).collect();
        assert!(texts.contains(&"{}\n"), "{name}: {texts:?}");
        assert!(texts.contains(&&*repaired), "{name}: {texts:?}");
    }
}

#[test]
fn lines_are_fitted_whole_and_at_least_one() {
    let lines = b"a\nbb\nccc\n";
    for (room, fits) in [
        (0, 2),
        (1, 2),
        (2, 2),
        (4, 2),
        (5, 5),
        (8, 5),
        (9, 9),
        (u64::MAX, 9),
    ] {
        assert_eq!(fitting(lines, 2, room), fits, "{room}");
    }
}

#[test]
fn a_sync_that_failed_apart_is_told_once_by_the_next() {
    let directory = Directory::new("reported");
    let mut writer = directory.daily();
    writer
        .append(&b"1\n".to_vec().into(), before_midnight())
        .expect("a disk with room");
    writer.sync_failed(io::ErrorKind::StorageFull.into());
    let error = writer.sync().expect_err("it failed");
    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    writer.sync().expect("it was reported");
    writer.take_sync_error().expect("it was reported");
}
/// Something that takes whatever it is given and cannot be synced, as if it were a file.
#[cfg(target_os = "linux")]
fn unsyncable(fsync: Fsync) -> Writer {
    let settings = JsonLinesFileBuilder::new("/dev/null".as_ref()).fsync(fsync);
    let mut writer = Writer::new(Arc::new(settings), Arc::default());
    writer.open().expect("a device");
    let live = writer.live.as_mut().expect("it is open");
    live.is_regular = true;
    writer
}

#[cfg(target_os = "linux")]
#[test]
fn a_batch_that_cannot_be_synced_counts_as_lost_where_each_is_to_be() {
    let mut writer = unsyncable(Fsync::EveryBatch);
    for lines in ["1\n2\n3\n", "4\n"] {
        let AppendError { lost_lines, error } = writer
            .append(&lines.as_bytes().to_vec().into(), before_midnight())
            .expect_err("it cannot be synced");
        assert_eq!(lost_lines, lines.lines().count());
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    }
    // It is reported with the batch, and not again.
    writer.sync().expect("nothing is left to be synced");
}

#[cfg(target_os = "linux")]
#[test]
fn a_sync_that_fails_is_told_where_batches_are_not_synced() {
    let mut writer = unsyncable(Fsync::Never);
    writer
        .append(&b"1\n2\n".to_vec().into(), before_midnight())
        .expect("it takes all");
    writer.sync().expect_err("it cannot be synced");
    writer.sync().expect("nothing was written since");
    // Nor is it lost when the file is let go before somebody asks.
    writer
        .append(&b"3\n".to_vec().into(), before_midnight())
        .expect("it takes all");
    writer.retire();
    writer
        .take_sync_error()
        .expect_err("it could not be synced");
}
