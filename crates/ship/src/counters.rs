//! What a shipper counts.

use std::{
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Mutex, PoisonError,
    },
    time::{Duration, SystemTime},
};

use crate::{batch::Batch, position::Progress};

/// Counts what a shipper has done since it was started, and how far behind the log it is.
///
/// Throughput is the growth of `shipped` and `shipped_bytes` over time. With the feature `metrics` they are metrics as well, each
/// with the label `shipper`, set once a second:
///
/// | metric | field |
/// |---|---|
/// | `body_logger_ship_entries_total`, `body_logger_ship_bytes_total` | `shipped`, `shipped_bytes` |
/// | `body_logger_ship_filtered_total` | `filtered` |
/// | `body_logger_ship_retries_total` | `retries` |
/// | `body_logger_ship_dead_letters_total`, `body_logger_ship_rejected_total` | `dead_letters`, `rejected` |
/// | `body_logger_ship_unreadable_lines_total`, `body_logger_ship_losses_total` | `unreadable_lines`, `losses` |
/// | `body_logger_ship_lag_entries`, `body_logger_ship_lag_bytes`, `body_logger_ship_lag_seconds` | `lag_entries`, `lag_bytes`, `lag` |
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShipCounters {
    /// Entries that the destination has acknowledged. Gaps that the shipper itself adds count, too.
    pub shipped: u64,
    /// Bytes of their lines.
    pub shipped_bytes: u64,
    /// Records that the filter did not match.
    pub filtered: u64,
    /// Failed attempts to connect, to send, or to write the position or the dead letters; each was repeated.
    pub retries: u64,
    /// Entries that the destination refused, in the file of dead letters.
    pub dead_letters: u64,
    /// Entries that the destination discarded without saying which.
    pub rejected: u64,
    /// Lines that are no entries, or too long. They were not shipped, and are still in their file.
    pub unreadable_lines: u64,
    /// How often a file was gone, truncated or unreadable where entries were still to be read.
    pub losses: u64,
    /// Bytes of the log that are not shipped yet; of compressed files, their size. Counted whenever a batch is read.
    pub lag_bytes: u64,
    /// Entries that are not shipped yet: those read are counted, the others estimated from `lag_bytes` and the mean length of
    /// a line.
    pub lag_entries: u64,
    /// How long ago the last entry shipped was recorded, if others follow it; zero where none does.
    pub lag: Duration,
}

#[derive(Debug, Default)]
pub(crate) struct AtomicCounters {
    pub(crate) shipped: AtomicU64,
    pub(crate) shipped_bytes: AtomicU64,
    pub(crate) filtered: AtomicU64,
    pub(crate) retries: AtomicU64,
    pub(crate) dead_letters: AtomicU64,
    pub(crate) rejected: AtomicU64,
    pub(crate) unreadable_lines: AtomicU64,
    pub(crate) losses: AtomicU64,
    lag: Mutex<Lag>,
}

/// What is between the position and the end of the log.
#[derive(Debug, Default)]
struct Lag {
    read_entries: u64,
    read_bytes: u64,
    unread_bytes: u64,
    /// All entries and bytes that were ever read, for the mean length of a line.
    entries: u64,
    bytes: u64,
    /// The time of the last entry behind which all was shipped.
    since: Option<SystemTime>,
}

impl AtomicCounters {
    pub(crate) fn add(counter: &AtomicU64, more: u64) {
        counter.fetch_add(more, Relaxed);
    }

    pub(crate) fn start(&self, progress: &Progress) {
        self.lag(|lag| lag.since = progress.last.as_ref().map(|last| last.time));
    }

    /// A batch was read, and so many bytes were left.
    pub(crate) fn read(&self, batch: &Batch, unread: u64) {
        self.lag(|lag| {
            lag.unread_bytes = unread;
            lag.read_entries += batch.read;
            lag.read_bytes += batch.bytes;
            lag.entries += batch.read;
            lag.bytes += batch.bytes;
        });
    }

    /// The position has moved behind a batch.
    pub(crate) fn passed(&self, batch: &Batch) {
        self.lag(|lag| {
            lag.read_entries -= batch.read;
            lag.read_bytes -= batch.bytes;
            lag.since = batch.last.as_ref().map(|last| last.time).or(lag.since);
        });
    }

    fn lag<T>(&self, read: impl FnOnce(&mut Lag) -> T) -> T {
        read(&mut self.lag.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn snapshot(&self) -> ShipCounters {
        let load = |counter: &AtomicU64| counter.load(Relaxed);
        let mut counters = ShipCounters {
            shipped: load(&self.shipped),
            shipped_bytes: load(&self.shipped_bytes),
            filtered: load(&self.filtered),
            retries: load(&self.retries),
            dead_letters: load(&self.dead_letters),
            rejected: load(&self.rejected),
            unreadable_lines: load(&self.unreadable_lines),
            losses: load(&self.losses),
            ..ShipCounters::default()
        };
        self.lag(|lag| {
            let mean = lag.bytes.checked_div(lag.entries).filter(|mean| *mean > 0);
            counters.lag_bytes = lag.read_bytes + lag.unread_bytes;
            counters.lag_entries = lag.read_entries + lag.unread_bytes / mean.unwrap_or(1024);
            if counters.lag_bytes > 0 {
                let age = lag.since.map(|since| since.elapsed().unwrap_or_default());
                counters.lag = age.unwrap_or_default();
            }
        });
        counters
    }
}
