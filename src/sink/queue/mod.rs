//! A bounded queue in front of sinks, with a thread that redacts, encodes and writes.

mod guard;
mod item;
mod places;
mod writer;

use std::{
    collections::VecDeque,
    fmt, mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
};

pub use self::guard::{FlushGuard, Unflushed, FLUSH_TIMEOUT};
pub(crate) use self::{
    guard::{Producer, Producers, Unfinished},
    item::Item,
    places::{Place, Places},
};
use self::{item::GAP_COST, writer::Writer};
use super::{
    gap::{Lost, Missing},
    Loss, Sinks,
};
use crate::redact::Redaction;

/// The most entries the queue holds by default.
pub const DEFAULT_QUEUE_RECORDS: usize = 8192;

/// What the queue does with an entry for which it has no room.
///
/// Whatever it costs is [counted](crate::BodyLogger::counters), and what is dropped is told to the
/// sinks, too, by [`Entry::Gap`](crate::Entry::Gap).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// It drops the entry.
    #[default]
    DropNewest,
    /// It drops as many of the entries that wait the longest as it takes to make room.
    DropOldest,
    /// It takes in entries without their bodies from when three quarters of its bytes are in use,
    /// and then drops the newest. Such bodies say `memory_budget`.
    ShedBodies,
    /// It never drops an entry: **new exchanges wait** for room before they reach the application.
    ///
    /// Room for the largest record that an exchange can leave is reserved before the inner service
    /// is called, so that its end need not wait. No thread blocks; clients do wait where a sink is
    /// too slow, and if a sink never ends, for ever.
    Wait,
}

/// How much may wait at once.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
    pub(crate) when_full: WhenFull,
}

/// The way into the queue. When it is dropped the writer ends, once it has written what waits.
pub(crate) struct Queue {
    shared: Arc<Shared>,
    /// Where new exchanges wait for room.
    places: Option<Places>,
    /// Whether one of its sinks writes into spans.
    wants_spans: bool,
    loss: Arc<Loss>,
}

struct Shared {
    limits: Limits,
    state: Mutex<State>,
    /// The writer waits on it.
    work: Condvar,
    /// Guards wait on it.
    progress: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Waiting>,
    /// Of all that was accepted and is not yet written.
    records: usize,
    bytes: usize,
    /// How many of them tell of a gap.
    gaps: usize,
    /// What was dropped and the sinks do not know of yet.
    missing: Missing,
    /// The writer sleeps until something arrives.
    idle: bool,
    /// Nothing more will arrive.
    closed: bool,
    /// How many guards want it to be empty.
    flushing: usize,
}

/// An item, and the place that was reserved for it, if one was.
type Waiting = (Item, Option<Place>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it holds the lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_urgent(&self, limits: Limits) -> bool {
        self.closed
            || self.flushing > 0
            || self.records >= limits.records / 2
            || self.bytes >= limits.bytes / 2
    }

    fn has_room(&self, limits: Limits, cost: usize) -> bool {
        // What has to be told of a gap takes room, too.
        let gap = if self.missing.is_some() { GAP_COST } else { 0 };
        let bytes = self.bytes.saturating_add(cost).saturating_add(gap);
        self.records < limits.records && bytes <= limits.bytes
    }

    fn push(&mut self, waiting: Waiting) {
        self.accept(&waiting);
        self.waiting.push_back(waiting);
    }

    fn push_front(&mut self, waiting: Waiting) {
        self.accept(&waiting);
        self.waiting.push_front(waiting);
    }

    fn accept(&mut self, (item, _): &Waiting) {
        self.records += 1;
        self.bytes += item.cost();
        self.gaps += usize::from(item.is_gap());
    }

    fn pop_oldest(&mut self) -> Option<Waiting> {
        let oldest = self.waiting.pop_front()?;
        self.records -= 1;
        self.bytes -= oldest.0.cost();
        self.gaps -= usize::from(oldest.0.is_gap());
        Some(oldest)
    }
}

impl Queue {
    /// Starts the writer.
    pub(crate) fn start(
        sinks: Sinks,
        redaction: Arc<Redaction>,
        limits: Limits,
        loss: Arc<Loss>,
    ) -> Self {
        let shared = Arc::new(Shared {
            limits,
            state: Mutex::default(),
            work: Condvar::new(),
            progress: Condvar::new(),
        });
        let wants_spans = sinks.want_spans();
        let writer = Writer::new(Arc::clone(&shared), sinks, redaction, Arc::clone(&loss));
        let started = thread::Builder::new()
            .name("body-logger".to_owned())
            .spawn(move || writer.run());
        if let Err(error) = started {
            log::error!(
                target: super::LOG_TARGET,
                "body logger: its thread could not be started, all records will be lost: {error}"
            );
            shared.lock().closed = true;
        }
        Self {
            shared,
            places: (limits.when_full == WhenFull::Wait).then(|| Places::new(limits)),
            wants_spans,
            loss,
        }
    }

    /// Where to wait for room, if that is what new exchanges do.
    pub(crate) fn places(&self) -> Option<&Places> {
        self.places.as_ref()
    }

    /// Whether one of its sinks writes into the spans of requests.
    pub(crate) fn wants_spans(&self) -> bool {
        self.wants_spans
    }

    /// Entries that wait or are being written, gaps aside, and bytes that do.
    pub(crate) fn depth(&self) -> (usize, usize) {
        let state = self.shared.lock();
        (state.records - state.gaps, state.bytes)
    }

    /// Hands an item over, or makes room for it as it was told. Never waits for the writer.
    pub(crate) fn send(&self, mut item: Item, mut place: Option<Place>) {
        let Shared { limits, work, .. } = &*self.shared;
        let bodies_fit = limits.bytes / 4 * 3;
        self.loss.produced();
        if let Some(place) = &mut place {
            place.shrink_to(item.cost());
        }

        // Freed when the lock is, in whose scope nothing should take long.
        let mut dropped = Vec::new();
        let mut shed = false;
        let mut state = self.shared.lock();
        let was_urgent = state.is_urgent(*limits);
        let mut fits = state.has_room(*limits, item.cost());
        match limits.when_full {
            WhenFull::DropNewest => {}
            WhenFull::DropOldest => {
                while !fits && state.records > 0 {
                    let Some(oldest) = state.pop_oldest() else {
                        break;
                    };
                    dropped.push(oldest);
                    state.missing.add(Lost::DroppedOldest, 1);
                    fits = state.has_room(*limits, item.cost());
                }
            }
            WhenFull::ShedBodies => {
                if state.bytes.saturating_add(item.cost()) > bodies_fit {
                    shed = item.shed_bodies();
                    fits = state.has_room(*limits, item.cost());
                }
            }
            WhenFull::Wait => fits = true,
        }
        let accepted = fits && !state.closed;
        if accepted {
            // What was dropped from the queue's end is told there; what from its front, by the writer.
            if limits.when_full != WhenFull::DropOldest {
                if let Some(gap) = state.missing.take(self.loss.run()) {
                    state.push((Item::Gap(Box::new(gap)), None));
                }
            }
            state.push((item, place));
        } else {
            state.missing.add(Lost::DroppedNewest, 1);
        }
        let wake =
            accepted && mem::take(&mut state.idle) || (!was_urgent && state.is_urgent(*limits));
        drop(state);

        if wake {
            work.notify_one();
        }
        if shed {
            self.loss.body_shed();
        }
        if !accepted {
            self.loss.lost(Lost::DroppedNewest, 1, "the queue is full");
        }
        if !dropped.is_empty() {
            self.loss
                .lost(Lost::DroppedOldest, dropped.len(), "the queue is full");
        }
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.work.notify_one();
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("limits", &self.shared.limits)
            .finish_non_exhaustive()
    }
}
