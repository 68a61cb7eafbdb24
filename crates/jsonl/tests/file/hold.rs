//! Files that registered readers have not read.

use body_logger_jsonl::{JsonLinesFileBuilder, Reader, Registration};

use super::*;

/// A reader that may be elsewhere, and saves its position in a file.
struct Saves {
    log: PathBuf,
    position_file: PathBuf,
}

impl Saves {
    fn new(directory: &Directory, name: &str) -> Self {
        let position_file = std::env::temp_dir().join(format!(
            "body-logger-holds-{}-{name}.json",
            std::process::id()
        ));
        Self {
            log: directory.file(),
            position_file,
        }
    }

    fn registration(&self) -> Registration {
        Registration::of(&self.log, &self.position_file).expect("a directory")
    }

    /// Reads so many entries from the beginning.
    fn read(&self, entries: usize) {
        let mut reader = Reader::open(&self.log).expect("a log");
        assert_eq!(reader.by_ref().take(entries).count(), entries);
        let saved = serde_json::json!({ "position": reader.current_position() });
        fs::write(&self.position_file, saved.to_string()).expect("a file");
    }
}

impl Drop for Saves {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.position_file);
    }
}

/// Keeps one closed file; each holds an entry.
fn small(directory: &Directory) -> JsonLinesFileBuilder {
    JsonLinesFile::at(directory.file()).rotate_at(1).keep(1)
}

/// Writes entries of distinct ids, a file for each.
fn write_files(file: JsonLinesFileBuilder, numbers: Range<usize>) -> JsonLinesFile {
    let file = file.open().expect("a file");
    for number in numbers {
        let Entry::Record(mut record) = entry(number, 100) else {
            unreachable!("a record");
        };
        record.entry_id = uuid::Uuid::from_u128(number as u128 + 1);
        file.write(&[Entry::Record(record)]).expect("a disk");
    }
    file
}

fn closed_numbers(directory: &Directory) -> Vec<usize> {
    let closed = directory.closed().into_iter();
    let files = closed.filter(|file| file.is_file());
    files.flat_map(|file| numbers(&file)).collect()
}

#[test]
fn a_file_is_kept_until_all_registered_readers_have_read_it() {
    let directory = Directory::new("held");
    let (one, other) = (
        Saves::new(&directory, "one"),
        Saves::new(&directory, "other"),
    );
    // Before there is a log.
    one.registration().add().expect("a registration");
    other.registration().add().expect("a registration");
    one.registration().add().expect("the same again");
    drop(write_files(small(&directory), 0..6));
    assert_eq!(
        closed_numbers(&directory),
        [0, 1, 2, 3, 4],
        "nothing was read"
    );
    one.read(6);
    drop(write_files(small(&directory), 6..7));
    assert_eq!(
        closed_numbers(&directory),
        [0, 1, 2, 3, 4, 5],
        "one has read"
    );
    other.read(3);
    drop(write_files(small(&directory), 7..8));
    // The third file was read to its end, but the position is in it.
    assert_eq!(closed_numbers(&directory), [2, 3, 4, 5, 6]);
    other.registration().remove().expect("a registration");
    assert!(!other.registration().is_there());
    drop(write_files(small(&directory), 8..9));
    // The position of the one that is left is in the sixth file.
    assert_eq!(closed_numbers(&directory), [5, 6, 7]);
}

#[test]
fn files_that_are_too_old_or_too_long_together_are_held_as_well() {
    for limit in 0..2 {
        let directory = Directory::new(&format!("held-{limit}"));
        let reader = Saves::new(&directory, &format!("limit-{limit}"));
        let file = || {
            let file = JsonLinesFile::at(directory.file()).rotate_at(1);
            match limit {
                // The example's time is long ago.
                0 => file.keep_for(std::time::Duration::ZERO),
                _ => file.keep_total(1),
            }
        };
        reader.registration().add().expect("a registration");
        drop(write_files(file(), 0..4));
        assert_eq!(closed_numbers(&directory), [0, 1, 2]);
        reader.read(4);
        drop(write_files(file(), 4..5));
        // In which the position is.
        assert_eq!(closed_numbers(&directory), [3]);
    }
}

#[cfg(feature = "compress")]
#[test]
fn compressed_files_are_held_as_well() {
    let directory = Directory::new("held-compressed");
    let reader = Saves::new(&directory, "compressed");
    reader.registration().add().expect("a registration");
    let file = || small(&directory).compress(body_logger_jsonl::Compression::Zstd);
    drop(write_files(file(), 0..5));
    assert_eq!(closed_numbers(&directory), [0, 1, 2, 3]);
    reader.read(3);
    drop(write_files(file(), 5..6));
    assert_eq!(closed_numbers(&directory), [2, 3, 4]);
}

#[test]
fn beyond_the_limit_the_oldest_are_deleted_and_counted() {
    let directory = Directory::new("beyond");
    let reader = Saves::new(&directory, "beyond");
    reader.registration().add().expect("a registration");
    let bytes = line(&entry(0, 100)) as u64;
    drop(write_files(small(&directory), 0..8));
    assert_eq!(closed_numbers(&directory), [0, 1, 2, 3, 4, 5, 6]);
    let file = small(&directory).hold_for_readers(3 * bytes + 10);
    let file = file.open().expect("a file");
    // It begins with what an earlier run has left.
    let start = std::time::Instant::now();
    while file.counters().removed < 3 {
        assert!(start.elapsed().as_secs() < 60, "{:?}", file.counters());
        std::thread::yield_now();
    }
    assert_eq!(file.counters().removed_unread, 3);
    drop(file);
    // One is kept by the number of files, three by the limit.
    assert_eq!(closed_numbers(&directory), [3, 4, 5, 6]);
}

#[test]
fn a_position_file_that_cannot_be_read_holds_all() {
    let directory = Directory::new("unknown");
    let reader = Saves::new(&directory, "unknown");
    reader.registration().add().expect("a registration");
    for text in ["", "{}", r#"{"position":{"file":7,"offset":0}}"#] {
        fs::write(&reader.position_file, text).expect("a file");
        let file = write_files(small(&directory), 0..1);
        drop(file);
    }
    assert_eq!(closed_numbers(&directory), [0, 0]);
    let unknown = r#"{"position":{"file":"00000000-0000-0000-0000-00000000ffff","offset":9}}"#;
    fs::write(&reader.position_file, unknown).expect("a file");
    drop(write_files(small(&directory), 1..2));
    assert_eq!(closed_numbers(&directory), [0, 0, 0]);
}
