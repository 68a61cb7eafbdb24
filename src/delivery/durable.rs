//! Required delivery: makes awaited entries durable, with one sync for all who wait, and answers them.

use std::{slice, time::Instant};

use body_logger_core::record::Entry;

use super::{
    batch::Batch,
    gap::GapReason,
    isolated::IsolatedSink,
    ticket::{Awaited, Ticket},
};

/// A part of a batch that is written at once.
#[derive(Clone, Copy)]
pub(super) struct Part<'b> {
    pub(super) entries: &'b [Entry],
    pub(super) numbers: &'b [u64],
    /// Awaited entries of the batch, in the order of their numbers; those of other parts, too.
    pub(super) awaited: &'b [Awaited],
}

impl<'b> Part<'b> {
    pub(super) fn of(batch: &'b Batch) -> Self {
        Self {
            entries: batch.entries(),
            numbers: &batch.numbers,
            awaited: &batch.awaited,
        }
    }

    /// Returns the ticket of an entry, if an exchange waits for it.
    fn ticket(&self, number: u64) -> Option<&'b Ticket> {
        let found = self.awaited.binary_search_by_key(&number, |it| it.seq);
        found.ok().map(|at| &self.awaited[at].ticket)
    }
}

/// An awaited entry that is written, but not durable yet.
struct Unsynced<'b> {
    entry: &'b Entry,
    ticket: &'b Ticket,
}

impl IsolatedSink {
    /// Writes a batch. A required sink also makes it durable if an exchange waits for an entry of it.
    pub(super) fn accept(&self, batch: &Batch) {
        if self.is_required && !batch.awaited.is_empty() {
            self.write_durably([Part::of(batch)]);
        } else {
            self.write(batch.entries(), &batch.numbers);
        }
    }

    /// Writes entries, makes them durable with one sync, and answers all who wait for one of them.
    ///
    /// What failed is retried entry by entry, so that each waiter learns the fate of its own entry.
    pub(super) fn write_durably<'b>(&self, parts: impl IntoIterator<Item = Part<'b>>) {
        let mut unsynced = Vec::new();
        for part in parts {
            self.write_part(part, &mut unsynced);
        }
        self.make_durable(&unsynced);
    }

    fn write_part<'b>(&self, part: Part<'b>, unsynced: &mut Vec<Unsynced<'b>>) {
        let mut reason = GapReason::SinkError;
        let mut lost = Vec::new();
        if let Err(failure) = self.try_write(part.entries) {
            reason = failure.reason();
            lost = failure.lost(part.numbers);
            self.report(
                "write",
                failure,
                "trying each entry that an exchange waits for",
            );
        }
        self.status()
            .counters
            .written(part.numbers.len() - lost.len());
        let mut lost = lost.into_iter().peekable();
        for (entry, number) in part.entries.iter().zip(part.numbers) {
            let ticket = part.ticket(*number);
            let is_lost = lost.next_if_eq(number).is_some();
            let is_written = if !is_lost {
                true
            } else if ticket.is_some_and(Ticket::is_awaited) {
                self.write(slice::from_ref(entry), &[*number]) == 0
            } else {
                self.status().lose(reason, [*number]);
                false
            };
            match ticket {
                Some(ticket) if is_written => unsynced.push(Unsynced { entry, ticket }),
                Some(ticket) => ticket.answer(false),
                None => {}
            }
        }
    }

    /// Makes written entries durable, and answers those who wait.
    fn make_durable(&self, unsynced: &[Unsynced<'_>]) {
        if unsynced.is_empty() {
            return;
        }
        let began = Instant::now();
        let synced = self.flush_and_sync();
        self.gathering.adapt(began.elapsed(), unsynced.len());
        for Unsynced { entry, ticket } in unsynced {
            ticket.answer(synced || self.sync_again(entry, ticket));
        }
    }

    /// Writes an entry again whose sync failed, and syncs it alone. A mere second sync may succeed although what the
    /// first one lost is not durable: an operating system forgets what it could not write.
    fn sync_again(&self, entry: &Entry, ticket: &Ticket) -> bool {
        ticket.is_awaited()
            && (self.try_write(slice::from_ref(entry)))
                .map_err(|failure| self.report("write", failure, "going on"))
                .is_ok()
            && self.flush_and_sync()
    }

    fn flush_and_sync(&self) -> bool {
        // They count and report failures themselves. A failed flush may be that of an earlier sync.
        let flushed = self.flush().is_ok();
        self.sync().is_ok() && flushed
    }
}
