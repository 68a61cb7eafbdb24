//! What waits to be written.

use std::mem;

use crate::{
    captured::Captured,
    record::{Entry, GapRecord},
    redact::Redaction,
    span::RequestSpan,
};

/// The bytes that a gap takes up.
pub(super) const GAP_COST: usize = mem::size_of::<GapRecord>();

/// What waits to be written. Boxed, so that a place in the queue is small and nothing large is moved
/// while it is locked.
#[derive(Debug)]
pub(crate) enum Item {
    /// An exchange that has ended, or a stage of one.
    Exchange(Box<Captured>),
    Gap(Box<GapRecord>),
}

impl Item {
    pub(crate) fn set_seq(&mut self, seq: u64) {
        match self {
            Self::Exchange(captured) => captured.seq = seq,
            Self::Gap(_) => {}
        }
    }

    /// The bytes it takes up.
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Exchange(captured) => captured.cost(),
            Self::Gap(_) => GAP_COST,
        }
    }

    pub(super) fn is_gap(&self) -> bool {
        matches!(self, Self::Gap(_))
    }

    /// Lets go of the bodies it holds. False if it holds none.
    pub(super) fn shed_bodies(&mut self) -> bool {
        match self {
            Self::Exchange(captured) => captured.shed_bodies(),
            Self::Gap(_) => false,
        }
    }

    pub(crate) fn entry(&self, redaction: &Redaction) -> Entry {
        match self {
            Self::Exchange(captured) => Entry::Record(redaction.record(captured)),
            Self::Gap(gap) => Entry::Gap((**gap).clone()),
        }
    }

    /// Lets go of the span it holds.
    pub(crate) fn leave_span(&mut self) {
        match self {
            Self::Exchange(captured) => captured.span = RequestSpan::default(),
            Self::Gap(_) => {}
        }
    }
}
