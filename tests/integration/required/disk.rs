//! A durable sink that does as the test says.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};

use actix_web_body_logger::{record::Stage, Entry, Record, Sink, SinkError};

use crate::app::PATIENCE;

/// Keeps entries in memory, and tells apart which of them are durable.
#[derive(Clone)]
pub struct Disk {
    name: &'static str,
    shared: Arc<(Mutex<State>, Condvar)>,
}

struct State {
    condition: Condition,
    entries: Vec<Entry>,
    /// How many of the entries are durable.
    durable: usize,
    writes: usize,
    syncs: usize,
    /// How many calls wait until the condition changes.
    waiting: usize,
}

/// What a disk does with a write or a sync.
#[derive(Clone, Copy)]
pub enum Condition {
    Works,
    /// Refuses to write entries of these stages.
    Refuses(fn(&Record) -> bool),
    /// Takes writes, and fails to sync.
    FailsToSync,
    /// Panics in a write of such an entry.
    Panics(fn(&Record) -> bool),
    /// Does not return from a write of such an entry.
    Stalls(fn(&Record) -> bool),
    /// Does not return from a sync.
    StallsInSync,
}

impl Condition {
    /// Whether it keeps calls from returning, so that only a time limit ends the wait for them.
    pub fn stalls(self) -> bool {
        matches!(self, Self::Stalls(_) | Self::StallsInSync)
    }
}

pub fn all(_: &Record) -> bool {
    true
}

pub fn is_request(record: &Record) -> bool {
    record.stage == Some(Stage::Request)
}

pub fn is_response(record: &Record) -> bool {
    record.stage == Some(Stage::Response)
}

impl Disk {
    pub fn new(condition: Condition) -> Self {
        Self::named("disk", condition)
    }

    pub fn named(name: &'static str, condition: Condition) -> Self {
        let state = State {
            condition,
            entries: Vec::new(),
            durable: 0,
            writes: 0,
            syncs: 0,
            waiting: 0,
        };
        Self {
            name,
            shared: Arc::new((Mutex::new(state), Condvar::new())),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // It may panic on purpose.
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn becomes(&self, condition: Condition) {
        self.lock().condition = condition;
        self.shared.1.notify_all();
    }

    /// Waits until a call does not return.
    #[track_caller]
    pub fn wait_stalled(&self) {
        self.wait(|state| state.waiting > 0);
    }

    /// Waits until so many records are durable, and returns those that are.
    #[track_caller]
    pub fn wait_durable(&self, records: usize) -> Vec<Record> {
        self.wait(|state| state.records(state.durable).count() >= records);
        self.durable()
    }

    #[track_caller]
    fn wait(&self, holds: impl Fn(&State) -> bool) {
        let waited = self
            .shared
            .1
            .wait_timeout_while(self.lock(), PATIENCE, |state| !holds(state));
        let (state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        assert!(!waited.timed_out(), "{:#?}", state.entries);
    }

    /// The records that are durable now.
    pub fn durable(&self) -> Vec<Record> {
        let state = self.lock();
        state.records(state.durable).cloned().collect()
    }

    pub fn syncs(&self) -> usize {
        self.lock().syncs
    }

    /// Waits until the condition changes if `stalls` says so, and returns the state.
    fn stall(&self, stalls: impl Fn(Condition) -> bool) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        state.waiting += 1;
        self.shared.1.notify_all();
        let waited = (self.shared.1).wait_while(state, |state| stalls(state.condition));
        state = waited.unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        state
    }
}

impl State {
    fn records(&self, entries: usize) -> impl Iterator<Item = &Record> {
        self.entries[..entries].iter().filter_map(record)
    }
}

fn record(entry: &Entry) -> Option<&Record> {
    match entry {
        Entry::Record(record) => Some(record),
        _ => None,
    }
}

impl Sink for Disk {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let any = |of: fn(&Record) -> bool| entries.iter().filter_map(record).any(of);
        let mut state = self.lock();
        if matches!(state.condition, Condition::Stalls(of) if any(of)) {
            drop(state);
            state = self.stall(|now| matches!(now, Condition::Stalls(of) if any(of)));
        }
        state.writes += 1;
        match state.condition {
            Condition::Refuses(of) if any(of) => return Err(SinkError::new("no space left")),
            Condition::Panics(of) if any(of) => {
                drop(state);
                panic!("a sink, on purpose");
            }
            _ => {}
        }
        state.entries.extend_from_slice(entries);
        Ok(())
    }

    fn sync(&self) -> Result<(), SinkError> {
        let stalls = |now: Condition| matches!(now, Condition::StallsInSync);
        let mut state = self.lock();
        if stalls(state.condition) {
            drop(state);
            state = self.stall(stalls);
        }
        state.syncs += 1;
        if matches!(state.condition, Condition::FailsToSync) {
            return Err(SinkError::new("cannot sync"));
        }
        state.durable = state.entries.len();
        drop(state);
        self.shared.1.notify_all();
        Ok(())
    }

    fn is_durable(&self) -> bool {
        true
    }

    fn name(&self) -> Cow<'_, str> {
        self.name.into()
    }
}

impl fmt::Debug for Disk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disk")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
