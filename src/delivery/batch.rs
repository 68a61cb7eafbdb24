//! Rendered entries on their way to the sinks.

use std::sync::Arc;

use super::{
    memory,
    raw_entry::{copy, Raw, RawEntry, Rendered},
    state::Queued,
};
use crate::{capture::Reservation, render::Renderer};
use body_logger_core::record::Entry;

/// Entries that were rendered together. They are shared by the queues of several sinks, which is why
/// their numbers and what they hold of the budget go with them.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) entries: Vec<Entry>,
    pub(crate) numbers: Vec<u64>,
    pub(crate) reservations: Vec<Reservation>,
    /// The memory that the entries occupy; not known where they go to one sink at once.
    pub(crate) bytes: usize,
}

impl Batch {
    /// Adds an entry, rendered where it is to lie: it is large, and better not moved. Nothing is added
    /// where that panics.
    pub(super) fn render(&mut self, item: RawEntry, renderer: &Renderer) {
        let RawEntry { seq, raw } = item;
        let reservation = match raw {
            Raw::Exchange(captured) => {
                let record = renderer.record(&captured);
                self.entries.push(Entry::Record(record));
                captured.reservation
            }
            Raw::Rendered(rendered) => {
                let Rendered { entry, reservation } = *rendered;
                let entry = Arc::try_unwrap(entry).unwrap_or_else(|shared| copy(&shared));
                self.entries.push(entry);
                reservation
            }
        };
        self.numbers.push(seq);
        // A record takes up about what was captured, until it is written.
        self.reservations.push(reservation);
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.numbers.clear();
        self.reservations.clear();
        self.bytes = 0;
    }
}

impl Queued for Arc<Batch> {
    fn records(&self) -> usize {
        self.entries.len()
    }

    fn bytes(&self) -> usize {
        self.bytes
    }

    /// The other queues keep the bodies: only for this one they are left out, of a copy.
    fn shed_bodies(&mut self) -> usize {
        let mut batch = Batch {
            numbers: self.numbers.clone(),
            ..Batch::default()
        };
        let mut shed = 0;
        for entry in &self.entries {
            let mut entry = copy(entry);
            shed += usize::from(memory::shed_bodies(&mut entry));
            batch.bytes += memory::bytes(&entry);
            batch.entries.push(entry);
        }
        if shed > 0 {
            let reservations = self.reservations.first();
            batch.reservations = reservations
                .map(|it| it.another(batch.bytes))
                .into_iter()
                .collect();
            *self = Arc::new(batch);
        }
        shed
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.numbers.iter().copied()
    }
}
