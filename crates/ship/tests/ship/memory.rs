//! A destination in memory, which fails as it is told.

use std::{
    collections::{HashSet, VecDeque},
    sync::{Arc, Condvar, Mutex, MutexGuard},
};

use body_logger_core::Entry;
use body_logger_ship::{Acknowledged, Destination, Outgoing, SendError};
use uuid::Uuid;

use super::LIMIT;

/// What happens to one call.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    None,
    /// `connect` fails.
    Unreachable,
    /// Nothing is stored, and the call fails.
    Lost,
    /// All is stored, and the call fails.
    Unacknowledged,
    /// So much of the batch is stored, in percent, and the call fails.
    Torn(usize),
    /// Nothing is stored, and the call never returns.
    Hangs,
    Panics,
}

#[derive(Debug, Default)]
struct State {
    stored: Vec<Entry>,
    ids: HashSet<Uuid>,
    faults: VecDeque<Fault>,
    calls: usize,
    /// Number of entries in each call of `send`.
    sizes: Vec<usize>,
    /// What became of the batch that is pending.
    pending: Option<Result<Acknowledged, SendError>>,
}

/// Stores each entry once. Clones share what is stored.
#[derive(Debug, Clone, Default)]
pub(crate) struct Memory {
    state: Arc<(Mutex<State>, Condvar)>,
    /// Numbers that are refused.
    poison: Arc<HashSet<u64>>,
    /// Whether it says of a batch what became of it when it is called the next time.
    leaves_pending: bool,
}

impl Memory {
    pub(crate) fn failing(faults: impl IntoIterator<Item = Fault>) -> Self {
        let memory = Self::default();
        memory.lock().faults.extend(faults);
        memory
    }

    pub(crate) fn refusing(poison: impl IntoIterator<Item = u64>) -> Self {
        Self {
            poison: Arc::new(poison.into_iter().collect()),
            ..Self::default()
        }
    }

    /// Has it leave each batch pending until the next call, or not.
    pub(crate) fn leaving_pending(self, leaves_pending: bool) -> Self {
        Self {
            leaves_pending,
            ..self
        }
    }

    pub(crate) fn fail(&self, faults: impl IntoIterator<Item = Fault>) {
        self.lock().faults.extend(faults);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.0.lock().expect("no panic")
    }

    fn wait(&self, what: &str, mut is_there: impl FnMut(&State) -> bool) -> MutexGuard<'_, State> {
        let state = self.lock();
        let (state, timeout) = (self.state.1)
            .wait_timeout_while(state, LIMIT, |state| !is_there(state))
            .expect("no panic");
        assert!(!timeout.timed_out(), "{what}: {:?}", state.stored.len());
        state
    }

    /// Waits for so many entries, and returns all.
    #[track_caller]
    pub(crate) fn stored(&self, count: usize) -> Vec<Entry> {
        let state = self.wait("stored", |state| state.stored.len() >= count);
        state.stored.clone()
    }

    /// Waits for so many records, and returns the numbers of all.
    #[track_caller]
    pub(crate) fn numbers(&self, count: usize) -> Vec<u64> {
        numbers(&self.stored(count))
    }

    /// Waits until it was called so often.
    pub(crate) fn called(&self, calls: usize) {
        drop(self.wait("called", |state| state.calls >= calls));
    }

    pub(crate) fn sizes(&self) -> Vec<usize> {
        self.lock().sizes.clone()
    }
}

pub(crate) fn numbers(entries: &[Entry]) -> Vec<u64> {
    let numbers = entries.iter().filter_map(|entry| match entry {
        Entry::Record(record) => Some(record.seq),
        _ => None,
    });
    numbers.collect()
}

impl Destination for Memory {
    async fn connect(&mut self, checkpoint: Option<u64>) -> Result<Option<u64>, SendError> {
        let mut state = self.lock();
        state.calls += 1;
        state.pending = None;
        self.state.1.notify_all();
        match state.faults.front() {
            Some(Fault::Unreachable) => {
                state.faults.pop_front();
                Err(SendError::unavailable("unreachable"))
            }
            _ => Ok(checkpoint),
        }
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<Acknowledged, SendError> {
        if !self.leaves_pending {
            return self.store(batch).await;
        }
        // As with one connection: behind what fails, nothing is stored.
        self.finish().await?;
        let outcome = self.store(batch).await;
        self.lock().pending = Some(outcome);
        Ok(Acknowledged::default().pending())
    }

    async fn finish(&mut self) -> Result<Acknowledged, SendError> {
        let outcome = self.lock().pending.take();
        outcome.unwrap_or_else(|| Ok(Acknowledged::default()))
    }
}

impl Memory {
    async fn store(&self, batch: &[Outgoing]) -> Result<Acknowledged, SendError> {
        let fault = {
            let mut state = self.lock();
            state.calls += 1;
            state.sizes.push(batch.len());
            let is_poison = |entry: &Outgoing| match entry.entry() {
                Entry::Record(record) => self.poison.contains(&record.seq),
                _ => false,
            };
            self.state.1.notify_all();
            let fault = match state.faults.pop_front() {
                None | Some(Fault::Unreachable) => Fault::None,
                Some(fault) => fault,
            };
            if fault == Fault::None && batch.iter().any(is_poison) {
                return Err(SendError::refused("poison"));
            }
            let stored = match fault {
                Fault::Lost | Fault::Hangs | Fault::Panics | Fault::Unreachable => 0,
                _ if batch.iter().any(is_poison) => 0,
                Fault::None | Fault::Unacknowledged => batch.len(),
                Fault::Torn(percent) => batch.len() * percent / 100,
            };
            for entry in &batch[..stored] {
                if state.ids.insert(entry.entry_id()) {
                    state.stored.push(entry.entry().clone());
                }
            }
            fault
        };
        match fault {
            Fault::None => Ok(Acknowledged::default()),
            Fault::Hangs => std::future::pending().await,
            Fault::Panics => panic!("as it was told"),
            _ => Err(SendError::unavailable("cut off")),
        }
    }
}
