//! Batches of rendered entries.

use std::sync::Arc;

use body_logger_core::record::Entry;

use super::{
    counting_renderer::CountingRenderer,
    durable::Awaited,
    memory,
    raw_entry::{copy, Raw, RawEntry, Rendered},
    state::Queued,
};
use crate::capture::Reservation;

/// Entries rendered together. Several sinks' queues share a batch, so it also carries the entries' sequence numbers
/// and memory reservations.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    pub(crate) entries: Vec<Entry>,
    pub(crate) numbers: Vec<u64>,
    pub(crate) reservations: Vec<Reservation>,
    /// The entries that somebody waits for, in the order of their numbers.
    pub(crate) awaited: Vec<Awaited>,
    /// The memory that the entries occupy; not computed if there is only one sink.
    pub(crate) bytes: usize,
}

impl Batch {
    /// Renders an entry directly into the batch, as it is costly to move. Adds nothing if rendering panics.
    pub(super) fn render(&mut self, item: RawEntry, renderer: &CountingRenderer) {
        let RawEntry { seq, raw, ticket } = item;
        let reservation = match raw {
            Raw::Exchange(captured) => {
                let record = renderer.record(&captured);
                self.entries.push(Entry::Record(record));
                captured.into_reservation()
            }
            Raw::Rendered(rendered) => {
                let Rendered { entry, reservation } = *rendered;
                let entry = Arc::try_unwrap(entry).unwrap_or_else(|shared| copy(&shared));
                self.entries.push(entry);
                reservation
            }
        };
        self.numbers.push(seq);
        self.awaited
            .extend(ticket.map(|ticket| Awaited { seq, ticket }));
        // A record occupies about as much as the captured exchange did, so it keeps that reservation.
        self.reservations.push(reservation);
    }

    pub(crate) fn clear(&mut self) {
        self.entries.clear();
        self.numbers.clear();
        self.reservations.clear();
        self.awaited.clear();
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

    /// Replaces the shared batch by a copy without bodies: the queues of other sinks keep theirs.
    fn shed_bodies(&mut self) -> usize {
        let mut batch = Batch {
            numbers: self.numbers.clone(),
            awaited: self.awaited.clone(),
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

    fn is_awaited(&self) -> bool {
        !self.awaited.is_empty()
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        self.numbers.iter().copied()
    }
}
