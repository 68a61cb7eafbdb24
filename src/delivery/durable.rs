//! Required delivery: makes awaited entries durable, with one sync for all who wait, and answers them.

use std::{
    future::Future,
    pin::Pin,
    slice,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::{Duration, Instant},
};

use body_logger_core::record::Entry;
use tokio::sync::oneshot;

use super::{
    batch::Batch,
    gap::GapReason,
    isolated::IsolatedSink,
    sync::atomic::{AtomicU64, Ordering},
};
use crate::policy::Quorum;

/// Maximum time that awaited entries wait for others to share their sync.
const MAX_GATHER: Duration = Duration::from_millis(5);

/// Travels with an entry that somebody waits for. Each required sink answers once whether it has made the entry
/// durable. If all clones are dropped before the outcome is certain, the entry is lost.
#[derive(Debug, Clone)]
pub(crate) struct Ticket(Arc<Mutex<Votes>>);

#[derive(Debug)]
struct Votes {
    /// How many sinks must still have the entry, and how many may still fail.
    needed: usize,
    spare: usize,
    /// `None` once the outcome is certain.
    waiter: Option<oneshot::Sender<bool>>,
}

/// Resolves to whether an entry is durable.
#[derive(Debug)]
pub(crate) struct Receipt(oneshot::Receiver<bool>);

/// An entry of a batch that somebody waits for.
#[derive(Debug, Clone)]
pub(crate) struct Awaited {
    pub(super) seq: u64,
    pub(super) ticket: Ticket,
}

impl Ticket {
    /// Creates the ticket of an entry that goes to `sinks` required sinks. With none it can never become durable.
    pub(super) fn new(sinks: usize, quorum: Quorum) -> (Self, Receipt) {
        let (waiter, receipt) = oneshot::channel();
        let needed = match quorum {
            Quorum::All => sinks,
            Quorum::Any => 1,
        };
        let votes = Votes {
            needed,
            spare: sinks.saturating_sub(needed),
            waiter: (sinks > 0).then_some(waiter),
        };
        (Self(Arc::new(Mutex::new(votes))), Receipt(receipt))
    }

    fn votes(&self) -> MutexGuard<'_, Votes> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records one sink's answer, and wakes the waiter when the outcome is certain.
    pub(super) fn answer(&self, durable: bool) {
        let mut votes = self.votes();
        let left = if durable {
            &mut votes.needed
        } else {
            &mut votes.spare
        };
        let certain = match durable {
            true => *left <= 1,
            false => *left == 0,
        };
        *left = left.saturating_sub(1);
        let waiter = votes.waiter.take_if(|_| certain);
        drop(votes);
        if let Some(waiter) = waiter {
            // It may have gone.
            let _ = waiter.send(durable);
        }
    }

    /// Whether somebody still waits.
    fn is_awaited(&self) -> bool {
        let votes = self.votes();
        (votes.waiter.as_ref()).is_some_and(|waiter| !waiter.is_closed())
    }
}

impl Future for Receipt {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        // An error means that the entry was dropped.
        (Pin::new(&mut self.0).poll(cx)).map(|answer| answer.unwrap_or(false))
    }
}

/// How long a required sink lets awaited entries gather before it writes them, so that they share a sync: a quarter of
/// the time that the last one took. Not at all if only one entry was waiting then, as nobody else may come.
#[derive(Debug, Default)]
pub(super) struct Gathering(AtomicU64);

impl Gathering {
    pub(super) fn pause(&self) -> Duration {
        Duration::from_micros(self.0.load(Ordering::Relaxed))
    }

    fn adapt(&self, sync: Duration, waiters: usize) {
        let pause = if waiters > 1 {
            (sync / 4).min(MAX_GATHER)
        } else {
            Duration::ZERO
        };
        // At most 5 ms.
        self.0.store(pause.as_micros() as u64, Ordering::Relaxed);
    }
}

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
            entries: &batch.entries,
            numbers: &batch.numbers,
            awaited: &batch.awaited,
        }
    }

    /// Returns the ticket of an entry, if somebody waits for it.
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
    /// Writes a batch. A required sink also makes it durable if somebody waits for an entry of it.
    pub(super) fn accept(&self, batch: &Batch) {
        if self.is_required && !batch.awaited.is_empty() {
            self.write_durably([Part::of(batch)]);
        } else {
            self.write(&batch.entries, &batch.numbers);
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
                "trying each entry that somebody waits for",
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
