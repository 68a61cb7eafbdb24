//! Batches of rendered entries.

use std::sync::Arc;

use body_logger_core::record::{Entry, Record};

use super::{
    memory,
    raw_entry::{copy, Raw, RawEntry, Rendered},
    state::Queued,
    ticket::Awaited,
};
use crate::{capture::Reservation, render::Renderer};

/// Entries rendered together. Several sinks' queues share a batch, so it also carries the entries' sequence numbers
/// and memory reservations.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// After as many as there are `numbers`, empty records to fill.
    pub(super) entries: Vec<Entry>,
    pub(crate) numbers: Vec<u64>,
    pub(crate) reservations: Vec<Reservation>,
    /// The entries that an exchange waits for, in the order of their numbers.
    pub(crate) awaited: Vec<Awaited>,
    /// The memory that the entries occupy; not computed if there is only one sink.
    pub(crate) bytes: usize,
}

impl Batch {
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries[..self.numbers.len()]
    }

    /// Renders an entry directly into the batch, as it is costly to move. Adds nothing if rendering panics.
    pub(super) fn render(&mut self, item: RawEntry, renderer: &Renderer) {
        let RawEntry { seq, raw, ticket } = item;
        let reservation = match raw {
            Raw::Exchange(captured) => {
                renderer.fill(self.next_record(), &captured);
                captured.into_reservation()
            }
            Raw::Rendered(rendered) => {
                let Rendered { entry, reservation } = *rendered;
                let entry = Arc::try_unwrap(entry).unwrap_or_else(|shared| copy(&shared));
                self.discard_spare();
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

    /// Returns an empty record after the last entry.
    fn next_record(&mut self) -> &mut Record {
        let next = self.numbers.len();
        if !matches!(self.entries.get(next), Some(Entry::Record(_))) {
            self.discard_spare();
            self.entries.push(Entry::Record(Record::empty()));
        }
        match &mut self.entries[next] {
            Entry::Record(record) => record,
            _ => unreachable!("it was a record just now"),
        }
    }

    /// Discards everything after the last entry, such as a record whose rendering has panicked.
    pub(super) fn discard_spare(&mut self) {
        self.entries.truncate(self.numbers.len());
    }

    /// Empties the batch. Its records stay, emptied, to be filled again.
    pub(crate) fn clear(&mut self) {
        for entry in &mut self.entries[..self.numbers.len()] {
            if let Entry::Record(record) = entry {
                record.clear();
            }
        }
        self.numbers.clear();
        self.reservations.clear();
        self.awaited.clear();
        self.bytes = 0;
    }
}

impl Queued for Arc<Batch> {
    fn records(&self) -> usize {
        self.numbers.len()
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
        for entry in self.entries() {
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

#[cfg(test)]
mod tests {
    use std::time::{Instant, SystemTime};

    use actix_web::http::StatusCode;
    use body_logger_core::record::{BodyState, ErrorKind, ErrorRecord};

    use super::*;
    use crate::capture::{
        Captured, CapturedBody, CapturedResponse, HeadBuffer, KeptPart, MemoryBudget,
    };

    /// An exchange with a bit of everything.
    fn captured(budget: &MemoryBudget) -> Box<Captured> {
        let mut captured = Captured::begin(Instant::now(), SystemTime::now(), budget.clone());
        let mut heads = HeadBuffer::default();
        for (name, value) in [
            (":path", "/orders"),
            (":query", "a=1"),
            ("content-type", "application/json"),
            ("host", "localhost"),
            (
                "traceparent",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            ),
        ] {
            heads.push(name, value.as_bytes(), false);
        }
        let head = heads.take();
        let body = || {
            let mut body = CapturedBody::new(64, KeptPart::Prefix, None, budget);
            body.state = BodyState::Complete;
            body.push(&"{\"name\":1}".into());
            body
        };
        let error = ErrorRecord::new(ErrorKind::Handler, Some(500));
        captured.error = Some(Box::new(error));
        captured.responded = Some(captured.began);
        captured.attributes.insert("user".into(), "7".into());
        captured.request.route = Some("/orders".to_owned());
        captured.request.head = head.clone();
        captured.request.body = body();
        captured.response = Some(CapturedResponse {
            status: StatusCode::OK,
            head,
            body: body(),
        });
        captured
    }

    fn render(batch: &mut Batch, captured: Box<Captured>, renderer: &Renderer) {
        let item = RawEntry {
            seq: 1,
            raw: Raw::Exchange(captured),
            ticket: None,
        };
        batch.render(item, renderer);
    }

    #[test]
    fn a_record_filled_again_is_like_a_new_one() {
        let budget = MemoryBudget::new(1 << 20);
        let renderer = Renderer::default();
        let full = || captured(&budget);
        let bare = || Captured::begin(Instant::now(), SystemTime::now(), budget.clone());
        let without_response = || {
            let mut captured = full();
            captured.response = None;
            captured
        };
        let before: [&dyn Fn() -> Box<Captured>; 3] = [&full, &bare, &without_response];
        for (after, next) in before.into_iter().zip([bare(), full(), full()]) {
            let copy = || next.outline(BodyState::Complete, BodyState::Complete);
            let (mut new, mut used) = (Batch::default(), Batch::default());
            render(&mut new, copy(), &renderer);
            render(&mut used, after(), &renderer);
            let first = used.entries().as_ptr();
            used.clear();
            assert!(used.entries().is_empty());
            render(&mut used, copy(), &renderer);
            assert_eq!(used.entries(), new.entries());
            assert_eq!(used.entries().as_ptr(), first);
        }
    }
}
