//! A bounded queue as a plain state machine: no threads, no locks, no clock but that of gaps.

use std::{collections::VecDeque, sync::Arc};

use super::{
    flush::FlushRequest,
    gap::{GapReason, Losses, PendingGap},
};

/// What an excess of [`WhenFull::Wait`](super::WhenFull::Wait) may hold at least.
const EXCESS_RECORDS: usize = 1024;

/// What a queue does with an entry for which it has no room.
///
/// Whatever it costs is [counted](crate::BodyLogger::counters), and gap records name each entry that
/// was dropped to the sinks, see [`Entry::Gap`](crate::Entry::Gap).
///
/// In every mode an entry that would not fit into an empty queue loses its bodies, and is dropped if
/// it does not fit without them either. Bodies that are left out say `memory_budget`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// It drops the entry.
    #[default]
    DropNewest,
    /// It drops as many of the entries that wait the longest as it takes to make room. What has been
    /// handed to the sink is not dropped any more.
    DropOldest,
    /// It takes in entries without their bodies from when three quarters of its bytes are in use,
    /// and then drops the newest.
    ShedBodies,
    /// **New exchanges wait** before they reach the application, for as long as the queue is full.
    ///
    /// What counts is what is queued, which are exchanges that have ended: how long handlers take,
    /// and how many long-lived responses there are, makes no difference. No thread blocks; clients
    /// do wait where a sink is too slow, and if a sink never ends, for ever. Several loggers around
    /// one application wait one after the other, and none holds anything while it does.
    ///
    /// The end of an exchange never waits. Exchanges that were let in before the queue was full may
    /// end when it is: they form an excess of as many bytes as the queue may hold, and of as many
    /// records, but of at least 1,024. So nothing is lost as long as the exchanges in flight at any
    /// moment fit that. Past it entries lose their bodies, and then they are dropped.
    Wait,
}

/// How much a queue may hold.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
    pub(crate) when_full: WhenFull,
}

impl Limits {
    /// What the queue holds at most, its excess included.
    fn most(&self) -> (usize, usize) {
        if self.when_full == WhenFull::Wait {
            let excess = self.records.max(EXCESS_RECORDS);
            return (
                self.records.saturating_add(excess),
                self.bytes.saturating_mul(2),
            );
        }
        (self.records, self.bytes)
    }
}

/// What a queue can hold: an entry, or several that are handed on together.
pub(crate) trait Queued {
    fn records(&self) -> usize;

    /// The bytes that it occupies.
    fn bytes(&self) -> usize;

    /// Discards the bodies it holds, and returns how many entries had one.
    fn shed_bodies(&mut self) -> usize;

    /// The sequence numbers of its entries.
    fn numbers(&self) -> impl Iterator<Item = u64> + '_;
}

/// The entries of a queue, and what has become of others.
#[derive(Debug)]
pub(crate) struct State<T> {
    limits: Limits,
    waiting: VecDeque<T>,
    /// Of what waits and of what the consumer has taken and not released.
    records: usize,
    bytes: usize,
    /// Of what the consumer has taken and not released.
    taken_records: usize,
    taken_bytes: usize,
    pending_gap: PendingGap,
    /// How many were ever queued, and how many have left the queue for whatever reason.
    queued: u64,
    left: u64,
    /// Flushes that are asked for.
    requests: VecDeque<Asked>,
    /// Nothing more will be queued.
    pub(super) closed: bool,
}

/// A flush of all that was queued or lost before it was asked for.
#[derive(Debug)]
struct Asked {
    /// How many had been queued.
    queued: u64,
    /// The highest number that had been lost and not been told of.
    lost: u64,
    request: Arc<FlushRequest>,
}

/// What became of an entry, and of others for its sake.
#[derive(Debug)]
pub(crate) struct Pushed<T> {
    /// What the queue does not keep; freed when its lock is released, where that may take long.
    pub(crate) discarded: Vec<T>,
    pub(crate) accepted: bool,
    pub(crate) dropped_newest: usize,
    pub(crate) dropped_oldest: usize,
    pub(crate) bodies_shed: usize,
}

impl<T> Pushed<T> {
    /// Whether nothing was lost, not even a body.
    pub(crate) fn is_lossless(&self) -> bool {
        self.discarded.is_empty() && self.bodies_shed == 0
    }
}

/// What there is to be done for the consumer of a queue.
#[derive(Debug)]
pub(crate) struct Taken<T> {
    pub(crate) items: Vec<T>,
    /// What was lost before the items, which is to be told first. What was lost after them is told
    /// when they are written: so a log that ends anywhere holds or names all numbers up to its last.
    pub(crate) gap: Option<Losses>,
    /// To be answered once the items are written.
    pub(crate) requests: Vec<Arc<FlushRequest>>,
    /// Nothing else waits.
    pub(crate) is_last: bool,
}

/// How much the consumer takes at once: at least one item.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Most {
    pub(crate) items: usize,
    pub(crate) records: usize,
    pub(crate) bytes: usize,
}

impl<T: Queued> State<T> {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            waiting: VecDeque::new(),
            records: 0,
            bytes: 0,
            taken_records: 0,
            taken_bytes: 0,
            pending_gap: PendingGap::of_queue(limits.most().0),
            queued: 0,
            left: 0,
            requests: VecDeque::new(),
            closed: false,
        }
    }

    /// Entries and bytes queued, those being written included.
    pub(crate) fn depth(&self) -> (usize, usize) {
        (self.records, self.bytes)
    }

    /// Whether new exchanges are let in.
    pub(crate) fn has_room(&self) -> bool {
        self.closed || self.room() > 0
    }

    /// How many more entries there is room for.
    pub(crate) fn room(&self) -> usize {
        if self.bytes >= self.limits.bytes {
            return 0;
        }
        self.limits.records.saturating_sub(self.records)
    }

    /// Half of the queue is in use.
    pub(crate) fn is_half_full(&self) -> bool {
        self.records >= self.limits.records / 2 || self.bytes >= self.limits.bytes / 2
    }

    /// Whether as much waits as the consumer takes at once.
    pub(crate) fn fills(&self, most: Most) -> bool {
        self.records - self.taken_records >= most.records
            || self.bytes - self.taken_bytes >= most.bytes
    }

    /// Whether there is anything to be done for the consumer.
    pub(crate) fn has_work(&self) -> bool {
        !self.waiting.is_empty() || !self.pending_gap.is_empty() || self.is_flushing()
    }

    /// Whether somebody waits for a flush.
    pub(crate) fn is_flushing(&self) -> bool {
        !self.requests.is_empty()
    }

    /// Queues an item, or makes room for it as the mode says.
    pub(crate) fn push(&mut self, mut item: T) -> Pushed<T> {
        let (most_records, most_bytes) = self.limits.most();
        let mut pushed = Pushed {
            discarded: Vec::new(),
            accepted: false,
            dropped_newest: 0,
            dropped_oldest: 0,
            bodies_shed: 0,
        };
        let sheds_past = match self.limits.when_full {
            WhenFull::ShedBodies => self.limits.bytes / 4 * 3,
            WhenFull::Wait => most_bytes,
            WhenFull::DropNewest | WhenFull::DropOldest => usize::MAX,
        };
        let bytes = self.bytes.saturating_add(item.bytes());
        if item.bytes() > most_bytes || bytes > sheds_past {
            pushed.bodies_shed = item.shed_bodies();
        }
        let fits = |records: usize, bytes: usize, item: &T| {
            records.saturating_add(item.records()) <= most_records
                && bytes.saturating_add(item.bytes()) <= most_bytes
        };
        if self.limits.when_full == WhenFull::DropOldest
            && !self.closed
            // Where what is being written leaves no room, dropping all that waits makes none.
            && fits(self.taken_records, self.taken_bytes, &item)
        {
            while !fits(self.records, self.bytes, &item) {
                let Some(oldest) = self.pop() else { break };
                self.records -= oldest.records();
                self.bytes -= oldest.bytes();
                self.pending_gap
                    .add(GapReason::DroppedOldest, oldest.numbers());
                pushed.dropped_oldest += oldest.records();
                pushed.discarded.push(oldest);
            }
        }
        pushed.accepted = !self.closed && fits(self.records, self.bytes, &item);
        if pushed.accepted {
            self.queued += 1;
            self.records += item.records();
            self.bytes += item.bytes();
            self.waiting.push_back(item);
        } else {
            self.pending_gap
                .add(GapReason::DroppedNewest, item.numbers());
            pushed.dropped_newest = item.records();
            pushed.bodies_shed = 0;
            pushed.discarded.push(item);
        }
        pushed
    }

    /// Losses on the way to the queue, to be told to its consumer.
    pub(crate) fn pending_gap(&mut self) -> &mut PendingGap {
        &mut self.pending_gap
    }

    /// Asks for a flush of all that is queued now.
    pub(crate) fn request(&mut self, request: Arc<FlushRequest>) {
        self.requests.push_back(Asked {
            queued: self.queued,
            lost: self.pending_gap.bounds().map_or(0, |(_, last)| last),
            request,
        });
    }

    /// Takes what there is to be done. What is taken still counts, until it is released.
    pub(crate) fn take(&mut self, most: Most) -> Taken<T> {
        let mut items = Vec::new();
        let (mut records, mut bytes) = (0_usize, 0_usize);
        // What follows losses that follow the first item is taken after those are told.
        let (mut last, mut next_loss) = (None, None);
        while let Some(next) = self.waiting.front() {
            let fits = items.len() < most.items
                && records.saturating_add(next.records()) <= most.records
                && bytes.saturating_add(next.bytes()) <= most.bytes
                && next_loss.is_none_or(|loss| next.numbers().next() < Some(loss));
            if !fits && !items.is_empty() {
                break;
            }
            let Some(next) = self.pop() else { break };
            records += next.records();
            bytes += next.bytes();
            last = next.numbers().last();
            if items.is_empty() {
                next_loss = last.and_then(|last| self.pending_gap.next_after(last));
            }
            items.push(next);
        }
        self.taken_records += records;
        self.taken_bytes += bytes;
        let gap = match last {
            Some(last) => self.pending_gap.take_below(last),
            None => self.pending_gap.take(),
        };
        let next_loss = self.pending_gap.bounds().map(|(first, _)| first);
        let is_done = |asked: &Asked| {
            asked.queued <= self.left && next_loss.is_none_or(|loss| loss > asked.lost)
        };
        let done = self.requests.iter().take_while(|asked| is_done(asked));
        let done = done.count();
        Taken {
            items,
            gap,
            requests: self.requests.drain(..done).map(|it| it.request).collect(),
            is_last: self.waiting.is_empty(),
        }
    }

    /// Releases what was taken.
    pub(crate) fn release(&mut self, records: usize, bytes: usize) {
        self.taken_records -= records;
        self.taken_bytes -= bytes;
        self.records -= records;
        self.bytes -= bytes;
    }

    fn pop(&mut self) -> Option<T> {
        let item = self.waiting.pop_front()?;
        self.left += 1;
        Some(item)
    }
}
