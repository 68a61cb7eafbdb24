//! Pending gaps: entries dropped or lost that no gap record has named yet.
//!
//! Losses are numbers, not counts. A gap is written after all older entries that were queued and before all younger ones, so
//! wherever a log ends, as after `kill -9`, it contains or names all numbers up to its last. A gap record that a sink refuses
//! merges into the next one. The reason of each number is not stored, as alternating reasons would make it grow without
//! limit; the sums are exact.

use std::time::SystemTime;

use body_logger_core::record::SeqRanges;

/// Why an entry was lost. The names are those of the [counters](super::Counters).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GapReason {
    DroppedNewest,
    DroppedOldest,
    SinkError,
    SinkPanic,
}

impl GapReason {
    /// In the order of their discriminants.
    pub(crate) const ALL: [Self; 4] = [
        Self::DroppedNewest,
        Self::DroppedOldest,
        Self::SinkError,
        Self::SinkPanic,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::DroppedNewest => "dropped_newest",
            Self::DroppedOldest => "dropped_oldest",
            Self::SinkError => "sink_error",
            Self::SinkPanic => "sink_panic",
        }
    }
}

/// How many entries were lost, by reason.
pub(crate) type Reasons = [u64; GapReason::ALL.len()];

/// Maximum number of ranges that a pending gap holds, in addition to one for every entry that the queue may hold.
const MAX_RANGES: usize = 16 * 1024;

/// Entries dropped or lost that no gap record has named yet.
///
/// Its size is bounded. Behind a queue, a gap is written before any entry with a higher number, so whatever lies
/// between two lost ranges is still queued: there are no more ranges than queued entries. An inline sink that several
/// workers call may accept some entries and refuse others without end. So beyond `max_ranges` the two nearest ranges
/// are joined, which also names the written numbers between them: a number may be both written and named, never
/// neither.
#[derive(Debug)]
pub(crate) struct PendingGap {
    losses: Option<Losses>,
    max_ranges: usize,
}

/// The contents of one gap record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Losses {
    pub(crate) from: SystemTime,
    pub(crate) to: SystemTime,
    /// In the order of [`GapReason::ALL`]; their sum is the number of entries in `seq`.
    pub(crate) reasons: Reasons,
    pub(crate) seq: SeqRanges,
}

impl Losses {
    fn at(now: SystemTime) -> Self {
        Self {
            from: now,
            to: now,
            reasons: Reasons::default(),
            seq: SeqRanges::default(),
        }
    }

    /// Splits off the losses of `seq`, whose numbers were already removed from `self.seq`.
    fn part(&mut self, seq: SeqRanges) -> Self {
        let mut left = seq.count();
        let mut reasons = Reasons::default();
        for (part, all) in reasons.iter_mut().zip(&mut self.reasons) {
            *part = left.min(*all);
            *all -= *part;
            left -= *part;
        }
        Self {
            from: self.from,
            to: self.to,
            reasons,
            seq,
        }
    }
}

impl Default for PendingGap {
    fn default() -> Self {
        Self::of_queue(0)
    }
}

impl PendingGap {
    /// For losses at or behind a queue that holds at most `records` entries.
    pub(crate) fn of_queue(records: usize) -> Self {
        Self {
            losses: None,
            max_ranges: MAX_RANGES.saturating_add(records),
        }
    }

    /// Adds numbers lost just now, all for the same reason.
    pub(crate) fn add(&mut self, reason: GapReason, numbers: impl IntoIterator<Item = u64>) {
        let now = SystemTime::now();
        for number in numbers {
            let losses = self.losses.get_or_insert_with(|| Losses::at(now));
            losses.to = losses.to.max(now);
            losses.reasons[reason as usize] += u64::from(losses.seq.insert(number));
        }
        self.bound();
    }

    /// Adds the losses of another pending gap.
    pub(crate) fn merge(&mut self, other: Losses) {
        let Some(losses) = &mut self.losses else {
            self.losses = Some(other);
            return;
        };
        losses.from = losses.from.min(other.from);
        losses.to = losses.to.max(other.to);
        let mut new = 0;
        for range in other.seq.iter() {
            new += losses.seq.insert_range(range);
        }
        // A number in both counts once.
        for (sum, more) in losses.reasons.iter_mut().zip(other.reasons) {
            let more = more.min(new);
            *sum += more;
            new -= more;
        }
        self.bound();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.losses.is_none()
    }

    /// Returns the numbers that no gap record has named.
    pub(crate) fn numbers(&self) -> SeqRanges {
        let numbers = self.losses.as_ref().map(|losses| losses.seq.clone());
        numbers.unwrap_or_default()
    }

    pub(crate) fn take(&mut self) -> Option<Losses> {
        self.losses.take()
    }

    /// Removes and returns the lowest numbers, at most `ranges` ranges of them, which is what fits into one record.
    ///
    /// The reason of each number is not stored, as alternating reasons would make it grow without bound. The sums over
    /// all records are exact.
    pub(crate) fn take_part(&mut self, ranges: usize) -> Option<Losses> {
        let all = self.losses.as_mut()?;
        if all.seq.range_count() <= ranges.max(1) {
            return self.losses.take();
        }
        let seq = all.seq.split_lowest(ranges.max(1));
        Some(all.part(seq))
    }

    /// Removes and returns the losses with numbers below `number`.
    pub(crate) fn take_below(&mut self, number: u64) -> Option<Losses> {
        let all = self.losses.as_mut()?;
        let seq = all.seq.split_below(number);
        let part = (seq.range_count() > 0).then(|| all.part(seq));
        if all.seq.range_count() == 0 {
            self.losses = None;
        }
        part
    }

    /// Returns the lowest and the highest number.
    pub(crate) fn bounds(&self) -> Option<(u64, u64)> {
        self.losses.as_ref()?.seq.bounds()
    }

    /// Returns the first lost number after `number`.
    pub(crate) fn next_after(&self, number: u64) -> Option<u64> {
        self.losses.as_ref()?.seq.next_after(number)
    }

    fn bound(&mut self) {
        let Some(losses) = &mut self.losses else {
            return;
        };
        while losses.seq.range_count() > self.max_ranges {
            losses.reasons[GapReason::SinkError as usize] += losses.seq.join_nearest();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merges_a_refused_gap_and_counts_each_number_once() {
        let mut pending = PendingGap::default();
        assert!(pending.take().is_none());
        pending.add(GapReason::SinkError, [3, 4, 5]);
        pending.add(GapReason::DroppedNewest, [7]);
        let refused = pending.take().expect("a gap");
        assert!(pending.is_empty());
        pending.add(GapReason::SinkError, [8, 9]);
        pending.merge(refused.clone());
        // A number merged twice counts once.
        pending.merge(refused);
        let losses = pending.take().expect("a gap");
        assert!(losses.from <= losses.to);
        assert_eq!(losses.reasons, [1, 0, 5, 0]);
        assert_eq!(losses.seq.to_vec(), [3..=5, 7..=9]);
    }

    #[test]
    fn parts_add_up_to_the_whole() {
        let mut pending = PendingGap::default();
        pending.add(GapReason::DroppedOldest, (0..100).map(|number| number * 3));
        pending.add(
            GapReason::SinkPanic,
            (0..100).map(|number| 1000 + number * 3),
        );
        let whole = pending.numbers();
        let (mut seq, mut reasons) = (SeqRanges::default(), Reasons::default());
        while let Some(part) = pending.take_part(7) {
            assert!(part.seq.range_count() <= 7);
            assert_eq!(part.reasons.iter().sum::<u64>(), part.seq.count());
            for range in part.seq.iter() {
                seq.insert_range(range);
            }
            for (sum, more) in reasons.iter_mut().zip(part.reasons) {
                *sum += more;
            }
        }
        assert_eq!((seq, reasons), (whole, [0, 100, 0, 100]));
    }

    #[test]
    fn names_more_than_was_lost_rather_than_growing_without_bound() {
        const MOST: usize = 50;
        let mut pending = PendingGap {
            losses: None,
            max_ranges: MOST,
        };
        let lost = || (0..3 * MOST as u64).map(|number| number * 2);
        for number in lost() {
            pending.add(GapReason::SinkError, [number]);
        }
        let losses = pending.take().expect("a gap");
        assert!(losses.seq.range_count() <= MOST);
        assert!(lost().all(|number| losses.seq.contains(number)));
        assert_eq!(losses.reasons.iter().sum::<u64>(), losses.seq.count());
    }
}
