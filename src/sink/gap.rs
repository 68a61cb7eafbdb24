//! Stretches of time in which entries were lost.

use std::{collections::BTreeMap, time::SystemTime};

use crate::record::{whole_micros, Gap, GapRecord, RECORD_VERSION};

/// Why an entry was lost. The names are those of the [counters](super::Counters).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    DroppedNewest,
    DroppedOldest,
    SinkError,
    SinkPanic,
}

impl Lost {
    fn as_str(self) -> &'static str {
        match self {
            Self::DroppedNewest => "dropped_newest",
            Self::DroppedOldest => "dropped_oldest",
            Self::SinkError => "sink_error",
            Self::SinkPanic => "sink_panic",
        }
    }
}

/// What has been lost since a reader of the entries was last told, if anything.
#[derive(Debug, Default)]
pub(crate) struct Missing(Option<Gap>);

impl Missing {
    pub(crate) fn add(&mut self, lost: Lost, entries: usize) {
        let now = SystemTime::now();
        let gap = self.0.get_or_insert_with(|| Gap {
            from: whole_micros(now),
            to: now,
            dropped: 0,
            reasons: BTreeMap::new(),
        });
        gap.to = whole_micros(now);
        gap.dropped += entries as u64;
        *gap.reasons.entry(lost.as_str().to_owned()).or_default() += entries as u64;
    }

    pub(crate) fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// What there is to tell, once.
    pub(crate) fn take(&mut self) -> Option<GapRecord> {
        let gap = self.0.take()?;
        Some(GapRecord {
            v: RECORD_VERSION,
            gap,
        })
    }

    /// Takes back what could not be told.
    pub(crate) fn put_back(&mut self, GapRecord { gap, .. }: GapRecord) {
        match &mut self.0 {
            None => self.0 = Some(gap),
            Some(later) => {
                later.from = gap.from.min(later.from);
                later.to = gap.to.max(later.to);
                later.dropped += gap.dropped;
                for (reason, entries) in gap.reasons {
                    *later.reasons.entry(reason).or_default() += entries;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_lost_is_told_once_and_together() {
        let mut missing = Missing::default();
        assert!(missing.take().is_none());
        missing.add(Lost::SinkError, 3);
        missing.add(Lost::DroppedNewest, 1);
        let told = missing.take().expect("a gap");
        assert!(!missing.is_some());
        missing.add(Lost::SinkError, 2);
        missing.put_back(told);
        let Gap {
            from,
            to,
            dropped,
            reasons,
        } = missing.take().expect("a gap").gap;
        assert!(from <= to);
        assert_eq!(dropped, 6);
        let reasons: Vec<_> = reasons.iter().map(|(name, n)| (&**name, *n)).collect();
        assert_eq!(reasons, [("dropped_newest", 1), ("sink_error", 5)]);
    }
}
