//! Delivery step by step, without threads, beside plain models of it.

mod accounting;
mod flushes;
#[cfg(shuttle)]
mod interleavings;
mod limits;
mod support;
mod waiting;

use std::{
    sync::Arc,
    time::{Instant, SystemTime},
};

use crate::{budget::Budget, captured::Captured, redact::Redaction};
use body_logger_core::record::Entry;

/// Entries of short exchanges, numbered from one.
pub(crate) fn entries(count: usize) -> Vec<Entry> {
    let redaction = Arc::<Redaction>::default();
    let entry = |seq| {
        let budget = Budget::new(usize::MAX);
        let mut captured = Captured::begin(Instant::now(), SystemTime::now(), budget);
        captured.seq = seq;
        Entry::Record(redaction.record(&captured))
    };
    (1..=count as u64).map(entry).collect()
}
