//! The store through its public API.

mod agreement;
mod conformance;
mod crash;
mod entries;
mod files;
mod paging;
mod retention;
mod summing;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

use body_logger_core::{Entry, Filter, Record, Sink};
use body_logger_store::{Page, Position, Store};

const MIB: u64 = 1024 * 1024;

/// A directory that is removed when it is dropped.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("body-logger-store-{}-{name}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a directory");
        Self(path)
    }

    /// A name with characters that mean something in a URI.
    fn file(&self) -> PathBuf {
        self.0.join("audit ?#%41.db")
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn in_memory() -> Store {
    Store::in_memory(256 * MIB).expect("a store")
}

fn open(path: &Path) -> Store {
    Store::open(path).expect("a store")
}

#[track_caller]
fn write(store: &Store, records: impl IntoIterator<Item = Record>) {
    let entries: Vec<Entry> = records.into_iter().map(Entry::Record).collect();
    store.write(&entries).expect("written");
}

#[track_caller]
fn filter(text: &str) -> Filter {
    text.parse().expect(text)
}

fn ids(page: &Page) -> Vec<&str> {
    page.records
        .iter()
        .map(|found| found.record.id.as_str())
        .collect()
}

/// Reads all pages of `limit` records.
#[track_caller]
fn all(store: &Store, filter: &Filter, limit: usize) -> Vec<(Position, Record)> {
    let mut found = Vec::new();
    let mut before = None;
    loop {
        let page = store.page(filter, before, limit).expect("a page");
        assert!(page.records.len() <= limit);
        found.extend(page.records.into_iter().map(|it| (it.position, it.record)));
        before = page.next;
        if before.is_none() {
            return found;
        }
    }
}

fn long_ago() -> std::time::SystemTime {
    std::time::SystemTime::UNIX_EPOCH - std::time::Duration::from_secs(1_000_000)
}

fn far_away() -> std::time::SystemTime {
    std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(253_402_300_799)
}
