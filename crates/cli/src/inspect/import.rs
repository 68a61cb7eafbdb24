//! Copies a log into a store, and goes on with what is appended to it.

use std::{thread, time::Duration};

use body_logger_core::{Entry, Sink};
use body_logger_store::Store;

use crate::{logs::Logs, notice::notice, progress::Progress};

/// How many bytes of the log are imported at once, which the store does in one step.
const BATCH_BYTES: usize = 1024 * 1024;

/// How often the log is looked at once all of it is imported.
const POLL: Duration = Duration::from_millis(50);

/// Imports for as long as the process lives.
pub(super) fn import(logs: Logs, store: &Store) {
    let progress = Progress::on_terminal(logs.total_bytes());
    let mut logs = logs.follow();
    let imported = copy(&mut logs, store, progress.as_ref());
    // Clears the bar.
    drop(progress);
    report(imported, store);
    loop {
        thread::sleep(POLL);
        copy(&mut logs, store, None);
    }
}

/// Copies what is there, and returns how many records and gaps that were.
fn copy(logs: &mut Logs, store: &Store, progress: Option<&Progress>) -> u64 {
    let (mut batch, mut bytes, mut copied) = (Vec::new(), 0, 0);
    for line in logs {
        copied += u64::from(matches!(line.entry, Entry::Record(_) | Entry::Gap(_)));
        batch.push(line.entry);
        bytes += line.bytes.len() + 1;
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
    let kept = counters.records + counters.gaps;
    notice(&match kept < imported {
        true => {
            format!("imported {imported} entries, of which {kept} are kept: the newest, each once")
        }
        false => format!("imported {imported} entries"),
    });
}
