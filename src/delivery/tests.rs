//! Delivery step by step, without threads, beside plain models of it.

mod accounting;
mod durable;
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

use body_logger_core::record::{Entry, Record};

use crate::{
    capture::{Captured, MemoryBudget},
    render::Renderer,
};

/// Entries of short exchanges, numbered from one.
pub(crate) fn entries(count: usize) -> Vec<Entry> {
    let renderer = Arc::<Renderer>::default();
    let entry = |seq| {
        let budget = MemoryBudget::new(usize::MAX);
        let mut captured = Captured::begin(Instant::now(), SystemTime::now(), budget);
        captured.seq = seq;
        let mut record = Record::empty();
        renderer.fill(&mut record, &captured);
        Entry::Record(record)
    };
    (1..=count as u64).map(entry).collect()
}
