//! The checks that every sink passes.

use body_logger_core::{
    conformance::{self, Subject},
    Entry, Filter,
};

use super::{all, in_memory, open, Directory};

/// Reads back by pages, and gaps by their own way, so their order among records is that of positions.
fn entries(store: &body_logger_store::Store) -> Vec<Entry> {
    let records = all(store, &Filter::default(), 1000);
    let records = records.into_iter().map(|(at, it)| (at, Entry::Record(it)));
    let gaps = store
        .gaps(super::long_ago(), super::far_away(), usize::MAX)
        .expect("gaps");
    let gaps = gaps.into_iter().map(|it| (it.position, Entry::Gap(it.gap)));
    let mut entries: Vec<_> = records.chain(gaps).collect();
    entries.sort_by_key(|(at, _)| *at);
    entries.into_iter().map(|(_, entry)| entry).collect()
}

#[test]
fn a_store_in_memory_conforms() {
    conformance::run(|| {
        let store = in_memory();
        let reader = store.clone();
        Subject::new(store).reading_entries(move || entries(&reader))
    });
}

#[test]
fn a_store_in_a_file_conforms() {
    conformance::run(|| {
        let directory = Directory::new("conforms");
        let store = open(&directory.file());
        // Another store, so that it reads what is in the file.
        Subject::new(store).reading_entries(move || entries(&open(&directory.file())))
    });
}
