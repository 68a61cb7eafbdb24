//! The part of a block that a query searches, and in which order.

use rusqlite::types::Value;

/// Which records come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    NewestFirst,
    OldestFirst,
}

/// The positions of a block that are of interest.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    pub(super) block: i64,
    pub(super) first: i64,
    pub(super) last: i64,
    pub(super) min_time: i64,
    pub(super) max_time: i64,
}

impl Window {
    pub(super) fn bounds(&self) -> [Value; 2] {
        [self.first.into(), self.last.into()]
    }

    /// Whether all entries are of these times.
    pub(super) fn is_within(&self, from: i64, to: i64) -> bool {
        from <= self.min_time && self.max_time <= to
    }

    pub(super) fn overlaps(&self, from: i64, to: i64) -> bool {
        from <= self.max_time && self.min_time <= to
    }
}
