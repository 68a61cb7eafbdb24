//! Exchanges that have ended and wait for the files of their bodies, before they are queued.

use std::{
    collections::BTreeSet,
    sync::{Arc, PoisonError},
};

use super::{
    flush::{wait_until, Deadline},
    sync::{Condvar, Mutex, MutexGuard},
};

/// The exchanges that wait, so that a flush can wait for them.
#[derive(Debug, Default)]
pub(super) struct WaitingExchanges {
    tickets: Mutex<Tickets>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Tickets {
    next: u64,
    waiting: BTreeSet<u64>,
}

/// Held by an exchange that waits.
#[derive(Debug)]
pub(crate) struct Waiting {
    all: Arc<WaitingExchanges>,
    ticket: u64,
}

impl WaitingExchanges {
    pub(super) fn begin(self: &Arc<Self>) -> Waiting {
        let mut tickets = self.lock();
        let ticket = tickets.next;
        tickets.next += 1;
        tickets.waiting.insert(ticket);
        Waiting {
            all: Arc::clone(self),
            ticket,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Tickets> {
        self.tickets.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for all that wait now, at most until the deadline. Returns how many of them still do.
    pub(super) fn wait(&self, deadline: Deadline) -> usize {
        let tickets = self.lock();
        let next = tickets.next;
        let are_left = |tickets: &Tickets| tickets.waiting.first().is_some_and(|it| *it < next);
        let tickets = wait_until(&self.changed, tickets, deadline, are_left);
        tickets.waiting.range(..next).count()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        self.all.lock().waiting.remove(&self.ticket);
        self.all.changed.notify_all();
    }
}
