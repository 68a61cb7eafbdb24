//! What waits to be written.

use std::mem;

use crate::{
    captured::Captured,
    record::{Entry, GapRecord, StartRecord},
    redact::Redaction,
    span::RequestSpan,
};

/// The bytes that a gap takes up.
pub(super) const GAP_COST: usize = mem::size_of::<GapRecord>();

/// What waits to be written. Boxed, so that a place in the queue is small and nothing large is moved
/// while it is locked.
#[derive(Debug)]
pub(crate) enum Item {
    Exchange(Box<Captured>),
    Start(Box<StartRecord>),
    Gap(Box<GapRecord>),
}

impl Item {
    /// The bytes it takes up.
    pub(super) fn cost(&self) -> usize {
        match self {
            Self::Exchange(captured) => captured.cost(),
            Self::Start(record) => {
                let start = &record.start;
                let texts = [
                    Some(&start.id),
                    Some(&start.method),
                    Some(&start.path),
                    start.route.as_ref(),
                    start.client.addr.as_ref(),
                ];
                let texts: usize = texts.into_iter().flatten().map(|text| text.len()).sum();
                mem::size_of::<StartRecord>() + texts
            }
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
            Self::Start(_) | Self::Gap(_) => false,
        }
    }

    pub(crate) fn entry(&self, redaction: &Redaction) -> Entry {
        match self {
            Self::Exchange(captured) => Entry::Exchange(redaction.record(captured)),
            Self::Start(start) => Entry::Start(StartRecord {
                span: start.span.share(),
                ..(**start).clone()
            }),
            Self::Gap(gap) => Entry::Gap((**gap).clone()),
        }
    }

    /// Lets go of the span it holds.
    pub(crate) fn leave_span(&mut self) {
        let span = match self {
            Self::Exchange(captured) => &mut captured.span,
            Self::Start(start) => &mut start.span,
            Self::Gap(_) => return,
        };
        *span = RequestSpan::default();
    }
}
