//! Entries that a log held and a shipper could not read, as a gap.

use std::collections::BTreeMap;

use body_logger_core::{
    record::{self, Gap, GapRecord, SeqRanges},
    Entry,
};
use body_logger_jsonl::{ReadError, ReadErrorKind};

use crate::batch::{Identity, Outgoing};

/// A part of the log that was lost before it was shipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Loss {
    reason: &'static str,
    offset: u64,
}

impl Loss {
    /// Returns the loss that an error stands for; `None` if no entry is lost.
    pub(crate) fn of(error: &ReadError) -> Option<Self> {
        let reason = match error.kind() {
            ReadErrorKind::Gone { .. } => "file_gone",
            ReadErrorKind::Truncated => "file_truncated",
            ReadErrorKind::Compressed | ReadErrorKind::Io(_) => "file_unreadable",
            _ => return None,
        };
        Some(Self {
            reason,
            offset: error.offset(),
        })
    }

    /// Returns the gap between the last entry before the loss and the next one after it. `None` if their numbers say that
    /// nothing is missing, or if nothing was read before the loss.
    ///
    /// The numbers of two runs cannot be compared: then the gap has 0 entries, and only reports that there was a loss.
    pub(crate) fn gap(self, last: Option<&Identity>, next: &Identity) -> Option<Outgoing> {
        let last = last?;
        let mut missing = SeqRanges::default();
        if last.run == next.run {
            let behind_last = last.last?.checked_add(1)?;
            let before_next = next.first?.checked_sub(1)?;
            if before_next < behind_last {
                return None;
            }
            missing.insert_range(behind_last..=before_next);
        }
        let reasons = BTreeMap::from([(self.reason.to_owned(), missing.count())]);
        let from = last.time.min(next.time);
        let mut gap = GapRecord::new(next.run, Gap::new(from..=next.time, reasons, &missing));
        // The same loss has the same id however often it is found, so that it is stored once.
        gap.entry_id = record::entry_id(last.entry_id, self.offset, next.time);
        let json = serde_json::to_vec(&gap).ok()?;
        Outgoing::new(Entry::Gap(gap), json)
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use uuid::Uuid;

    use super::*;

    fn identity(run: u128, seq: u64) -> Identity {
        Identity {
            entry_id: Uuid::from_u128(run * 1000 + u128::from(seq)),
            run: Uuid::from_u128(run),
            first: Some(seq),
            last: Some(seq),
            time: SystemTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_gap_is_made_where_something_may_be_missing() {
        let loss = Loss {
            reason: "file_gone",
            offset: 7,
        };
        let gap = |last: Option<Identity>, next| loss.gap(last.as_ref(), &next);
        let missing = |last, next| match gap(last, next)?.entry() {
            Entry::Gap(gap) => Some((gap.gap.dropped, gap.gap.seq.clone())),
            other => panic!("{other:?}"),
        };
        assert_eq!(
            missing(Some(identity(1, 3)), identity(1, 6)),
            Some((2, vec![4..=5]))
        );
        assert_eq!(missing(Some(identity(1, 3)), identity(1, 4)), None);
        assert_eq!(missing(Some(identity(1, 3)), identity(1, 2)), None);
        assert_eq!(
            missing(Some(identity(1, 3)), identity(2, 9)),
            Some((0, vec![]))
        );
        assert_eq!(missing(None, identity(1, 9)), None);
    }
}
