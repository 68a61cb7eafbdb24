//! What is deleted, and that its space is free.

use std::time::{Duration, SystemTime};

use body_logger_core::{Filter, Record};
use body_logger_store::Store;

use super::{all, entries::numbered, filter, write, Directory, MIB};

/// A record of some kilobytes, with words of its own.
fn large(number: u64) -> Record {
    let mut record = numbered(number);
    let words: Vec<String> = (0..300)
        .map(|word| format!("{:x}", (number * 300 + word) * 7919))
        .collect();
    record.request.body.text = Some(words.join(" "));
    let filler = format!("{number} {}", "-".repeat(1500));
    record.attributes = [
        ("number".to_owned(), number.to_string()),
        ("filler".to_owned(), filler),
    ]
    .into();
    record
}

/// Writes records in batches, and returns the highest number of bytes that were used after one.
fn write_large(store: &Store, count: u64) -> u64 {
    let mut most = 0;
    for first in (0..count).step_by(50) {
        write(store, (first..first + 50).map(large));
        most = most.max(store.counters().expect("counters").used_bytes);
    }
    most
}

/// Checks that the newest records are there, that none is missing between, and that indexes know no others.
#[track_caller]
fn expect_newest(store: &Store, count: u64) {
    let records = all(store, &Filter::default(), 1000);
    let oldest = records.last().expect("records").1.seq;
    assert!(oldest > 0, "nothing was deleted");
    // A record with its indexes takes four pages.
    assert!(
        count - oldest > 6 * MIB / (4 * 4096),
        "more was deleted than had to be"
    );
    assert!(records.iter().rev().map(|(_, it)| it.seq).eq(oldest..count));
    let kept = records.len() as u64;
    for text in ["orders", "path:/orders/", "route:/orders/{id}"] {
        assert_eq!(all(store, &filter(text), 1000).len() as u64, kept, "{text}");
    }
    for (number, found) in [(0, 0), (oldest - 1, 0), (oldest, 1), (count - 1, 1)] {
        assert_eq!(
            all(store, &filter(&format!("@number:{number}")), 9).len(),
            found
        );
    }
    assert_eq!(store.counters().expect("counters").records, kept);
}

#[test]
fn a_store_in_memory_drops_its_oldest_records_at_its_limit() {
    let store = Store::in_memory(6 * MIB).expect("a store");
    let most = write_large(&store, 3000);
    assert!(most <= 6 * MIB, "{most}");
    expect_newest(&store, 3000);
}

#[test]
fn a_single_record_above_the_limit_is_kept() {
    let store = Store::in_memory(1).expect("a store");
    write(&store, [numbered(1), numbered(2)]);
    assert_eq!(all(&store, &Filter::default(), 9).len(), 1);
}

#[test]
fn a_file_shrinks_to_its_limit() {
    let directory = Directory::new("limit");
    let store = Store::open(directory.file()).expect("a store");
    let before = write_large(&store, 3000);
    drop(store);
    let limit = 6 * MIB;
    assert!(before > 2 * limit, "{before}");

    let store = Store::at(directory.file())
        .keep_bytes(limit)
        .open()
        .expect("a store");
    // Small steps, with each batch.
    for number in 3000..3100 {
        write(&store, [large(number)]);
    }
    assert!(store.counters().expect("counters").used_bytes <= limit);
    expect_newest(&store, 3100);
    // SQLite moves what is in its journal to the file when it is closed.
    drop(store);
    let length = directory.file().metadata().expect("a file").len();
    assert!(length <= limit + MIB, "{length}");
}

#[test]
fn records_that_are_too_old_are_deleted_whatever_their_order() {
    let directory = Directory::new("age");
    let hour = Duration::from_secs(60 * 60);
    let aged = |number: u64, hours: u32| {
        let mut record = numbered(number);
        record.time = SystemTime::now() - hour * hours;
        record
    };
    let store = Store::open(directory.file()).expect("a store");
    write(
        &store,
        [
            aged(0, 1),
            aged(1, 30),
            aged(2, 2),
            aged(3, 50),
            aged(4, 23),
            aged(5, 25),
        ],
    );
    drop(store);
    let store = Store::at(directory.file())
        .keep_for(24 * hour)
        .open()
        .expect("a store");
    write(&store, [aged(6, 0)]);
    let kept: Vec<u64> = all(&store, &Filter::default(), 9)
        .iter()
        .map(|(_, it)| it.seq)
        .collect();
    assert_eq!(kept, [6, 4, 2, 0]);
    let now = SystemTime::now();
    let page = store
        .page(&Filter::default().from(now - hour * 3), None, 9)
        .expect("a page");
    assert_eq!(page.records.len(), 3);
}

#[test]
fn old_records_are_deleted_while_nothing_is_written() {
    let directory = Directory::new("idle");
    let mut record = numbered(0);
    record.time = SystemTime::now() - Duration::from_secs(60);
    let store = Store::open(directory.file()).expect("a store");
    write(&store, [record, numbered(1)]);
    drop(store);
    let store = Store::at(directory.file())
        .keep_for(Duration::from_secs(10))
        .open()
        .expect("a store");
    let deadline = std::time::Instant::now() + Duration::from_secs(60);
    while store.counters().expect("counters").records > 1 {
        assert!(std::time::Instant::now() < deadline, "nothing is deleted");
        std::thread::yield_now();
    }
}
