//! Reading back what was shipped: the same of each destination.

use std::time::Duration;

use body_logger_core::{filter::Filter, rfc3339, Entry};
use body_logger_ship::{DestinationUrl, StoredEntries, StoredEntry};

use super::{
    kill::ship,
    log::{lines, record_of, Directory, RUN},
    LIMIT,
};

const GAP: &str = r#"{"v":1,"entry_id":"01a1fd63-3a99-7f10-a2b4-6c0d8e1f3a58","run":"00000000-0000-0000-0000-000000000007","gap":{"from":"1970-01-01T00:00:00Z","to":"1970-01-01T00:00:01Z","dropped":1,"reasons":{"dropped_newest":1},"seq":[[1001,1001]]}}"#;

pub(super) fn open(url: &str) -> StoredEntries {
    let url: DestinationUrl = url.parse().expect("a URL");
    url.read().expect("a reader")
}

/// The numbers of records; of gaps, 0.
pub(super) fn numbers(entries: impl IntoIterator<Item = StoredEntry>) -> Vec<u64> {
    let number = |entry: StoredEntry| match entry.entry {
        Entry::Record(record) => record.seq,
        _ => 0,
    };
    entries.into_iter().map(number).collect()
}

#[track_caller]
fn all(reader: StoredEntries) -> Vec<StoredEntry> {
    let entries: Result<Vec<_>, _> = reader.collect();
    entries.expect("a destination")
}

/// What must be so of each destination that can be read back.
pub(super) fn check(url: &str) {
    let to_ship: DestinationUrl = url.parse().expect("a URL");
    let destination = || to_ship.destination().expect("a destination");
    let directory = Directory::new();
    // More than are asked for at once.
    directory.append(&lines(1..1001));
    directory.append(&format!("{GAP}\n"));
    ship(&directory, destination());

    let entries = all(open(url));
    // Bodies may have other white space.
    let json = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).expect("JSON");
    let expected = json(lines(3..4).as_bytes());
    assert_eq!(json(&entries[2].json), expected);
    let again = serde_json::to_vec(&entries[2].entry).expect("an entry");
    assert_eq!(json(&again), expected);
    let positions: Vec<_> = entries.iter().map(|entry| entry.position).collect();
    assert!(positions.is_sorted_by(|one, next| one < next));
    let expected: Vec<u64> = (1..1001).chain([0]).collect();
    assert_eq!(numbers(entries), expected);

    resumes(url);
    filters(url);
    follows(url, &directory, &to_ship);
}

fn resumes(url: &str) {
    let mut reader = open(url);
    let first: Vec<_> = reader
        .by_ref()
        .take(300)
        .collect::<Result<_, _>>()
        .expect("entries");
    assert_eq!(first[299].position, reader.position());
    let rest = numbers(all(open(url).from(reader.position())));
    assert_eq!(rest[..2], [301, 302]);
    assert_eq!(rest.len(), 701);
}

fn filters(url: &str) {
    let filtered = |filter: Filter| numbers(all(open(url).filter(filter)));
    // The time of a record is its number in milliseconds; that of the gap is a second.
    let at = |millis: u64| record_of(RUN, millis).time;
    let range = Filter::default().from(at(998)).to(at(1000));
    assert_eq!(filtered(range), [998, 999]);
    assert_eq!(filtered(Filter::default().from(at(1000))), [1000, 0]);
    let none = Filter::default().path("/nowhere");
    assert_eq!(filtered(none), [0], "gaps are always returned");
    // In the text of a filter, times are those of the example.
    let year = rfc3339::parse("2026-01-01T00:00:00Z").expect("a time");
    assert_eq!(filtered(Filter::default().from(year)), [0; 0]);
}

fn follows(url: &str, directory: &Directory, to_ship: &DestinationUrl) {
    let mut reader = open(url)
        .filter("path:/orders".parse().expect("a filter"))
        .follow();
    let mut before = 0;
    for entry in reader.by_ref() {
        entry.expect("an entry");
        before += 1;
    }
    assert_eq!(before, 1001);
    assert!(reader.next_within(Duration::ZERO).is_none());
    directory.append(&lines(1002..1005));
    ship(directory, to_ship.destination().expect("a destination"));
    for number in 1002..1005 {
        let entry = reader.next_within(LIMIT).expect("more").expect("an entry");
        assert_eq!(numbers([entry]), [number]);
    }
    assert!(reader.next().is_none());
}
