//! Entries in the queue to the writer thread.

use std::{iter, sync::Arc};

use body_logger_core::record::Entry;

use super::{
    memory::{bytes, shed_bodies},
    state::Queued,
    ticket::Ticket,
};
use crate::capture::{Captured, RequestSpan, Reservation};

/// An unwritten entry with its sequence number.
#[derive(Debug)]
pub(crate) struct RawEntry {
    pub(super) seq: u64,
    pub(super) raw: Raw,
    /// Set if an exchange waits for the entry to be durable.
    pub(super) ticket: Option<Ticket>,
}

/// The contents of a queued entry. Boxed, so that queues are small and little is moved under their lock.
#[derive(Debug)]
pub(crate) enum Raw {
    /// An exchange that has ended, or a stage of one; not rendered yet.
    Exchange(Box<Captured>),
    /// An entry that the worker has rendered for inline sinks.
    Rendered(Box<Rendered>),
}

/// A rendered entry and its memory reservation.
#[derive(Debug)]
pub(crate) struct Rendered {
    /// Shared, because inline sinks may be reading it.
    pub(super) entry: Arc<Entry>,
    pub(super) reservation: Reservation,
}

impl Raw {
    fn bytes(&self) -> usize {
        match self {
            Self::Exchange(captured) => captured.cost(),
            Self::Rendered(rendered) => rendered.reservation.bytes(),
        }
    }
}

impl Queued for RawEntry {
    fn records(&self) -> usize {
        1
    }

    fn bytes(&self) -> usize {
        self.raw.bytes()
    }

    fn shed_bodies(&mut self) -> usize {
        let shed = match &mut self.raw {
            Raw::Exchange(captured) => captured.shed_bodies(),
            Raw::Rendered(rendered) => rendered.shed_bodies(),
        };
        usize::from(shed)
    }

    fn is_awaited(&self) -> bool {
        self.ticket.is_some()
    }

    fn numbers(&self) -> impl Iterator<Item = u64> + '_ {
        iter::once(self.seq)
    }
}

impl Rendered {
    fn shed_bodies(&mut self) -> bool {
        if Arc::get_mut(&mut self.entry).is_none() {
            self.entry = Arc::new(copy(&self.entry));
        }
        let Some(entry) = Arc::get_mut(&mut self.entry) else {
            return false;
        };
        let shed = shed_bodies(entry);
        let bytes = bytes(entry);
        self.reservation
            .shrink(self.reservation.bytes().saturating_sub(bytes));
        shed
    }
}

/// Copies an entry including its span, which `clone` leaves out.
pub(super) fn copy(entry: &Entry) -> Entry {
    let mut copy = entry.clone();
    if let (Entry::Record(copy), Entry::Record(record)) = (&mut copy, entry) {
        if let Some(span) = record.extensions().get::<RequestSpan>() {
            span.travel_with(copy);
        }
    }
    copy
}
