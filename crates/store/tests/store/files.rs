//! Files: new, old, damaged, foreign, and read while they are written.

use std::{
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use body_logger_core::{Filter, Sink};
use body_logger_store::{Store, StoreErrorKind};

use super::{all, entries::numbered, filter, open, write, Directory};

/// Of the fields in SQLite's header.
const USER_VERSION: usize = 60;
const APPLICATION_ID: usize = 68;

/// Creates a store of some records, closes it, and returns its file.
fn closed(directory: &Directory) -> Vec<u8> {
    let store = open(&directory.file());
    write(&store, (0..500).map(numbered));
    drop(store);
    fs::read(directory.file()).expect("a file")
}

/// Checks that these bytes are refused, and that neither they nor the directory change.
#[track_caller]
fn expect_refused(directory: &Directory, bytes: &[u8]) -> StoreErrorKind {
    let path = directory.file();
    fs::write(&path, bytes).expect("a file");
    let error = Store::open(&path).expect_err("no store");
    assert!(
        error.to_string().starts_with(&path.display().to_string()),
        "{error}"
    );
    assert!(
        fs::read(&path).expect("a file") == bytes,
        "{error}: the file was changed"
    );
    let files = fs::read_dir(&directory.0).expect("a directory").count();
    assert_eq!(files, 1, "{error}: files were created");
    error.kind()
}

#[test]
fn a_file_keeps_its_records_when_it_is_opened_again() {
    let directory = Directory::new("again");
    closed(&directory);
    let store = open(&directory.file());
    assert_eq!(all(&store, &Filter::default(), 100).len(), 500);
    write(&store, [numbered(500)]);
    let newest = store.page(&Filter::default(), None, 1).expect("a page");
    assert_eq!(
        newest.records[0].record,
        store
            .record(newest.records[0].record.entry_id)
            .expect("a store")
            .expect("it")
            .record
    );
    assert_eq!(all(&store, &filter("id:500"), 1).len(), 1);
}

#[test]
fn a_file_of_a_newer_version_is_refused_and_not_touched() {
    let directory = Directory::new("newer");
    let mut bytes = closed(&directory);
    bytes[USER_VERSION..USER_VERSION + 4].copy_from_slice(&1000_u32.to_be_bytes());
    let kind = expect_refused(&directory, &bytes);
    let StoreErrorKind::NewerSchema { found, supported } = kind else {
        panic!("{kind:?}");
    };
    assert_eq!(found, 1000);
    assert!(supported < found);
}

#[test]
fn a_file_that_is_something_else_is_refused_and_not_touched() {
    let directory = Directory::new("other");
    let mut bytes = closed(&directory);
    bytes[APPLICATION_ID..APPLICATION_ID + 4].copy_from_slice(&[0; 4]);
    assert_eq!(
        expect_refused(&directory, &bytes),
        StoreErrorKind::NotAStore
    );
    for text in [
        "x",
        &"x".repeat(511),
        &"x".repeat(512),
        &"not a database ".repeat(1000),
    ] {
        assert_eq!(
            expect_refused(&directory, text.as_bytes()),
            StoreErrorKind::NotAStore
        );
    }
}

#[test]
fn a_damaged_file_is_refused_and_not_touched() {
    let directory = Directory::new("damaged");
    let bytes = closed(&directory);
    // Torn anywhere after its header.
    for part in [1, 2, 3] {
        let torn = &bytes[..bytes.len() * part / 4];
        assert_eq!(
            expect_refused(&directory, torn),
            StoreErrorKind::Damaged,
            "{part}"
        );
    }
    let mut overwritten = bytes.clone();
    overwritten[100..4096].fill(0xff);
    assert_eq!(
        expect_refused(&directory, &overwritten),
        StoreErrorKind::Damaged
    );
}

#[test]
fn damage_met_later_is_an_error_and_no_panic() {
    let directory = Directory::new("later");
    let mut bytes = closed(&directory);
    let middle = bytes.len() / 4;
    bytes[middle..].fill(0xa5);
    fs::write(directory.file(), &bytes).expect("a file");
    let Ok(store) = Store::open(directory.file()) else {
        return;
    };
    let filters = ["", "status:500", "path:/orders/1", "orders"].map(filter);
    let errors: Vec<_> = filters
        .iter()
        .filter_map(|filter| store.page(filter, None, 500).err())
        .collect();
    assert!(!errors.is_empty());
    let entries = [body_logger_core::Entry::Record(numbered(0))];
    let _ = store.write(&entries);
}

#[test]
fn a_directory_that_is_missing_is_an_error_with_its_path() {
    let directory = Directory::new("missing");
    let path = directory.0.join("missing").join("audit.db");
    let error = Store::open(&path).expect_err("no directory");
    assert_eq!(error.kind(), StoreErrorKind::Failed);
    assert!(
        error.to_string().starts_with(&path.display().to_string()),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_file_and_its_journal() {
    use std::os::unix::fs::PermissionsExt;

    let directory = Directory::new("private");
    let store = open(&directory.file());
    write(&store, [numbered(1)]);
    let mut seen = 0;
    for file in fs::read_dir(&directory.0).expect("a directory") {
        let mode = file
            .expect("a file")
            .metadata()
            .expect("a file")
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        seen += 1;
    }
    assert!(seen >= 2, "the journal is beside the file");
}

#[test]
fn readers_see_whole_batches_while_they_are_written() {
    const BATCH: usize = 20;
    let directory = Directory::new("readers");
    let store = open(&directory.file());
    let done = AtomicBool::new(false);
    let read = |path: &Path| {
        let reader = open(path);
        let (mut pages, mut last) = (0, 0);
        while !done.load(Ordering::Relaxed) || pages == 0 {
            let page = reader
                .page(&filter("route:/orders/{id}"), None, 1000)
                .expect("a page");
            assert_eq!(page.records.len() % BATCH, 0);
            assert!(page.records.len() >= last);
            last = page.records.len();
            pages += 1;
        }
        last
    };
    let path = directory.file();
    thread::scope(|scope| {
        let readers = [(); 2].map(|()| scope.spawn(|| read(&path)));
        for batch in 0..30 {
            let first = batch * BATCH as u64;
            write(&store, (first..first + BATCH as u64).map(numbered));
        }
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            reader.join().expect("a reader");
        }
    });
}

#[test]
fn a_long_read_does_not_wait_for_a_writer_of_another_process() {
    // Two stores of one file are to SQLite as two processes.
    let directory = Directory::new("two");
    let (one, other) = (open(&directory.file()), open(&directory.file()));
    write(&one, (0..10).map(numbered));
    write(&other, (10..20).map(numbered));
    assert_eq!(all(&one, &Filter::default(), 7).len(), 20);
    one.sync().expect("synced");
    assert_eq!(all(&other, &Filter::default(), 7).len(), 20);
}
