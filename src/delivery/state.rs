//! A bounded queue as a plain state machine: no threads, no locks, and a clock only for the times of gaps.
//!
//! The writer thread's queue numbers an entry under its lock, in the step that queues or drops it, so that entries are
//! queued in the order of their numbers.

use std::{collections::VecDeque, sync::Arc};

use super::{
    flush::FlushRequest,
    gap::{GapReason, Losses, PendingGap},
};

/// Minimum number of entries that the excess of [`WhenFull::Wait`](super::WhenFull::Wait) may hold.
const EXCESS_RECORDS: usize = 1024;

/// What a queue does with an entry for which it has no capacity left.
///
/// Dropped entries and bodies are [counted](crate::BodyLogger::counters), and gap records in the sinks name each
/// dropped entry, see [`Entry::Gap`](crate::Entry::Gap).
///
/// In every mode, an entry larger than the whole queue loses its bodies, and is dropped if it is too large without
/// them as well. Bodies left out this way have the reason `memory_budget`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// Drops the new entry.
    #[default]
    DropNewest,
    /// Drops the oldest queued entries until the new one fits. Entries that were already handed to the sink are not
    /// dropped.
    DropOldest,
    /// Queues new entries without their bodies once three quarters of the bytes are in use, and drops new entries once
    /// the queue is full.
    ShedBodies,
    /// **New exchanges wait** before they reach the application, for as long as the queue is full.
    ///
    /// Only queued entries count, which are exchanges that have ended: slow handlers and long-lived responses make no
    /// difference. No thread blocks, but clients wait if a sink is too slow, and wait for ever if a sink blocks for
    /// ever. With several loggers around one application an exchange waits for one after the other, and reserves
    /// nothing meanwhile.
    ///
    /// The end of an exchange never waits. Exchanges that were let in before the queue was full may end while it is:
    /// they form an excess, limited to as many bytes as the queue may hold, and to as many records, but at least 1,024.
    /// So nothing is lost as long as the exchanges in flight at any moment fit into the excess. Beyond it entries lose
    /// their bodies, and then they are dropped.
    Wait,
}

/// The capacity of a queue, and what it does when full.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
    pub(crate) when_full: WhenFull,
}

impl Limits {
    /// Returns the maximum number of records and bytes, including the excess.
    fn max(&self) -> (usize, usize) {
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

/// An element of a queue: an entry, or a batch of several.
pub(crate) trait Queued {
    fn records(&self) -> usize;

    /// Returns the number of bytes it occupies.
    fn bytes(&self) -> usize;

    /// Discards its bodies. Returns how many entries had one.
    fn shed_bodies(&mut self) -> usize;

    /// Whether an exchange waits for it to be durable.
    fn is_awaited(&self) -> bool {
        false
    }

    /// Returns the sequence numbers of its entries.
    fn numbers(&self) -> impl Iterator<Item = u64> + '_;
}

/// The entries of a queue, its losses, and the flushes requested of its consumer.
#[derive(Debug)]
pub(crate) struct State<T> {
    limits: Limits,
    waiting: VecDeque<T>,
    /// Totals of what is queued, and of what the consumer has taken and not released.
    records: usize,
    bytes: usize,
    /// Totals of what the consumer has taken and not released.
    taken_records: usize,
    taken_bytes: usize,
    /// How many items in `waiting` an exchange waits for.
    awaited: usize,
    pending_gap: PendingGap,
    /// How many elements were ever queued, and how many have left the queue, taken or dropped.
    queued: u64,
    left: u64,
    /// Flushes requested and not yet handed to the consumer, oldest first.
    requests: VecDeque<PendingFlush>,
    /// Nothing more will be queued.
    pub(super) closed: bool,
}

/// A requested flush of everything queued or lost before the request.
#[derive(Debug)]
struct PendingFlush {
    /// The value of [`State::queued`] at the request.
    queued: u64,
    /// The highest number in the pending gap at the request; 0 if there was none.
    lost: u64,
    request: Arc<FlushRequest>,
}

/// What became of a pushed entry, and of entries dropped for it.
#[derive(Debug)]
pub(crate) struct Pushed<T> {
    /// What the queue does not keep. The caller frees it after unlocking, as that may take long.
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

/// Work for the consumer of a queue.
#[derive(Debug)]
pub(crate) struct Taken<T> {
    pub(crate) items: Vec<T>,
    /// Losses with numbers below the last item's, to be written before the items. Later losses are written with
    /// later items: so a log that ends anywhere contains or names all numbers up to its last.
    pub(crate) gap: Option<Losses>,
    /// Flush requests to answer once the items are written.
    pub(crate) requests: Vec<Arc<FlushRequest>>,
    /// Whether the queue is empty now.
    pub(crate) is_last: bool,
}

/// Maximum amount that the consumer takes at once; but always at least one item.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchLimits {
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
            awaited: 0,
            pending_gap: PendingGap::of_queue(limits.max().0),
            queued: 0,
            left: 0,
            requests: VecDeque::new(),
            closed: false,
        }
    }

    /// Returns the entries and bytes queued, including the batch being written.
    pub(crate) fn depth(&self) -> (usize, usize) {
        (self.records, self.bytes)
    }

    /// Whether new exchanges are let in.
    pub(crate) fn has_capacity(&self) -> bool {
        self.closed || self.free_capacity() > 0
    }

    /// Returns how many more entries fit.
    pub(crate) fn free_capacity(&self) -> usize {
        if self.bytes >= self.limits.bytes {
            return 0;
        }
        self.limits.records.saturating_sub(self.records)
    }

    /// Whether half of the queue's capacity is in use.
    pub(crate) fn is_half_full(&self) -> bool {
        self.records >= self.limits.records / 2 || self.bytes >= self.limits.bytes / 2
    }

    /// Whether a full batch is queued.
    pub(crate) fn fills(&self, batch: BatchLimits) -> bool {
        self.records - self.taken_records >= batch.records
            || self.bytes - self.taken_bytes >= batch.bytes
    }

    /// Whether there is work for the consumer.
    pub(crate) fn has_work(&self) -> bool {
        !self.waiting.is_empty() || !self.pending_gap.is_empty() || self.is_flushing()
    }

    /// Whether an exchange waits for an item to be durable.
    pub(crate) fn is_awaited(&self) -> bool {
        self.awaited > 0
    }

    /// Whether a flush is requested.
    pub(crate) fn is_flushing(&self) -> bool {
        !self.requests.is_empty()
    }

    /// Queues an item, or drops or sheds what [`WhenFull`] says.
    pub(crate) fn push(&mut self, mut item: T) -> Pushed<T> {
        let (max_records, max_bytes) = self.limits.max();
        let mut pushed = Pushed {
            discarded: Vec::new(),
            accepted: false,
            dropped_newest: 0,
            dropped_oldest: 0,
            bodies_shed: 0,
        };
        let sheds_past = match self.limits.when_full {
            WhenFull::ShedBodies => self.limits.bytes / 4 * 3,
            WhenFull::Wait => max_bytes,
            WhenFull::DropNewest | WhenFull::DropOldest => usize::MAX,
        };
        let mut bytes = item.bytes();
        if bytes > max_bytes || self.bytes.saturating_add(bytes) > sheds_past {
            pushed.bodies_shed = item.shed_bodies();
            bytes = item.bytes();
        }
        let records = item.records();
        let fits = |queued_records: usize, queued_bytes: usize| {
            queued_records.saturating_add(records) <= max_records
                && queued_bytes.saturating_add(bytes) <= max_bytes
        };
        if self.limits.when_full == WhenFull::DropOldest
            && !self.closed
            // If the batch being written leaves too little capacity, dropping all others frees too little.
            && fits(self.taken_records, self.taken_bytes)
        {
            while !fits(self.records, self.bytes) {
                let Some(oldest) = self.pop() else { break };
                self.records -= oldest.records();
                self.bytes -= oldest.bytes();
                self.pending_gap
                    .add(GapReason::DroppedOldest, oldest.numbers());
                pushed.dropped_oldest += oldest.records();
                pushed.discarded.push(oldest);
            }
        }
        pushed.accepted = !self.closed && fits(self.records, self.bytes);
        if pushed.accepted {
            self.queued += 1;
            self.records += records;
            self.bytes += bytes;
            self.awaited += usize::from(item.is_awaited());
            self.waiting.push_back(item);
        } else {
            self.pending_gap
                .add(GapReason::DroppedNewest, item.numbers());
            pushed.dropped_newest = records;
            pushed.bodies_shed = 0;
            pushed.discarded.push(item);
        }
        pushed
    }

    /// Losses at or before this queue, which its consumer has not taken yet.
    pub(crate) fn pending_gap(&mut self) -> &mut PendingGap {
        &mut self.pending_gap
    }

    /// Requests a flush of everything queued now.
    pub(crate) fn request(&mut self, request: Arc<FlushRequest>) {
        self.requests.push_back(PendingFlush {
            queued: self.queued,
            lost: self.pending_gap.bounds().map_or(0, |(_, last)| last),
            request,
        });
    }

    /// Takes the available work. It counts against the limits until it is released.
    pub(crate) fn take(&mut self, batch: BatchLimits) -> Taken<T> {
        let most = self.waiting.len().min(batch.items).min(batch.records);
        let mut items = Vec::with_capacity(most);
        let (mut records, mut bytes) = (0_usize, 0_usize);
        // Items after a loss that follows the first item are left for the next call, after that loss is written.
        let (mut last, mut next_loss) = (None, None);
        while let Some(next) = self.waiting.front() {
            let fits = items.len() < batch.items
                && records.saturating_add(next.records()) <= batch.records
                && bytes.saturating_add(next.bytes()) <= batch.bytes
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
        let is_done = |asked: &PendingFlush| {
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

    /// Releases the capacity of taken items.
    pub(crate) fn release(&mut self, records: usize, bytes: usize) {
        self.taken_records -= records;
        self.taken_bytes -= bytes;
        self.records -= records;
        self.bytes -= bytes;
    }

    fn pop(&mut self) -> Option<T> {
        let item = self.waiting.pop_front()?;
        self.awaited -= usize::from(item.is_awaited());
        self.left += 1;
        Some(item)
    }
}
