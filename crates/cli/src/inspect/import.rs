//! Copies a log into a store, and goes on with what is appended to it.

use std::thread;

use body_logger_core::{Entry, Sink};
use body_logger_store::Store;

use crate::{logs::Source, notice::notice, progress::Progress};

/// How many bytes of the log are imported at once, which the store does in one step.
const BATCH_BYTES: usize = 1024 * 1024;

/// Imports for as long as the process lives.
pub(super) fn import(source: Source, store: &Store) {
    let progress = Progress::on_terminal(source.total_bytes());
    let mut source = source.follow();
    let imported = copy(&mut source, store, progress.as_ref());
    // Clears the bar.
    drop(progress);
    report(imported, store);
    loop {
        thread::sleep(source.poll());
        copy(&mut source, store, None);
    }
}

/// Copies what is there, and returns how many records and gaps that were.
fn copy(source: &mut Source, store: &Store, progress: Option<&Progress>) -> u64 {
    let (mut batch, mut bytes, mut copied) = (Vec::new(), 0, 0);
    for read in source {
        copied += u64::from(matches!(read.entry, Entry::Record(_) | Entry::Gap(_)));
        batch.push(read.entry);
        bytes += read.bytes;
        if bytes >= BATCH_BYTES {
            write(&mut batch, store);
            progress.inspect(|progress| progress.advance(bytes));
            bytes = 0;
        }
    }
    write(&mut batch, store);
    copied
}

fn write(batch: &mut Vec<Entry>, store: &Store) {
    if let Err(error) = store.write(batch) {
        notice(&format!(
            "cannot keep entries in memory: {error}; going on without them"
        ));
    }
    batch.clear();
}

fn report(imported: u64, store: &Store) {
    let Ok(counters) = store.counters() else {
        return;
    };
    notice(&words(imported, counters.records + counters.gaps));
}

fn words(imported: u64, kept: u64) -> String {
    let entries = if imported == 1 { "entry" } else { "entries" };
    match kept < imported {
        true => {
            format!(
                "imported {imported} {entries}, of which {kept} are kept: the newest, each once"
            )
        }
        false => format!("imported {imported} {entries}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_many_were_imported_and_are_kept() {
        assert_eq!(words(1, 1), "imported 1 entry");
        assert_eq!(words(0, 7), "imported 0 entries");
        assert_eq!(
            words(3, 2),
            "imported 3 entries, of which 2 are kept: the newest, each once"
        );
    }
}
