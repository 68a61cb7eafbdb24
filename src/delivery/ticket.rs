//! Tickets of entries that an exchange waits for, and the receipts they wait on.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use tokio::sync::oneshot;

use crate::policy::Quorum;

/// Travels with an entry that an exchange waits for. Each required sink answers once whether it has made the entry
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

/// An entry of a batch that an exchange waits for.
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

    /// Whether an exchange still waits.
    pub(super) fn is_awaited(&self) -> bool {
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
