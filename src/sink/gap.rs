//! Stretches of time in which entries were lost.

use std::time::SystemTime;

use uuid::Uuid;

use crate::record::{new_id, whole_micros, Gap, GapRecord, RECORD_VERSION};

/// Why an entry was lost. The names are those of the [counters](super::Counters).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lost {
    DroppedNewest,
    DroppedOldest,
    SinkError,
    SinkPanic,
}

impl Lost {
    /// In the order of their discriminants.
    const ALL: [Self; 4] = [
        Self::DroppedNewest,
        Self::DroppedOldest,
        Self::SinkError,
        Self::SinkPanic,
    ];

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
pub(crate) struct Missing(Option<Stretch>);

/// Nothing in it is allocated, as it grows while the queue is locked.
#[derive(Debug)]
struct Stretch {
    from: SystemTime,
    to: SystemTime,
    /// How many entries were lost, in the order of [`Lost::ALL`].
    entries: [u64; Lost::ALL.len()],
}

impl Missing {
    pub(crate) fn add(&mut self, lost: Lost, entries: usize) {
        let now = whole_micros(SystemTime::now());
        let stretch = self.0.get_or_insert(Stretch {
            from: now,
            to: now,
            entries: Default::default(),
        });
        stretch.to = now;
        stretch.entries[lost as usize] += entries as u64;
    }

    pub(crate) fn is_some(&self) -> bool {
        self.0.is_some()
    }

    /// What there is to tell, once.
    pub(crate) fn take(&mut self, run: Uuid) -> Option<GapRecord> {
        let Stretch { from, to, entries } = self.0.take()?;
        let reasons = Lost::ALL.map(Lost::as_str).into_iter().zip(entries);
        Some(GapRecord {
            v: RECORD_VERSION,
            entry_id: new_id(),
            run,
            gap: Gap {
                from,
                to,
                dropped: entries.iter().sum(),
                reasons: reasons
                    .filter(|(_, entries)| *entries > 0)
                    .map(|(reason, entries)| (reason.to_owned(), entries))
                    .collect(),
                seq: Vec::new(),
            },
        })
    }

    /// Takes back what could not be told.
    pub(crate) fn put_back(&mut self, GapRecord { gap, .. }: &GapRecord) {
        let stretch = self.0.get_or_insert(Stretch {
            from: gap.from,
            to: gap.to,
            entries: Default::default(),
        });
        stretch.from = gap.from.min(stretch.from);
        stretch.to = gap.to.max(stretch.to);
        for lost in Lost::ALL {
            let told = gap.reasons.get(lost.as_str());
            stretch.entries[lost as usize] += told.copied().unwrap_or(0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_lost_is_told_once_and_together() {
        let mut missing = Missing::default();
        assert!(missing.take(Uuid::nil()).is_none());
        missing.add(Lost::SinkError, 3);
        missing.add(Lost::DroppedNewest, 1);
        let told = missing.take(Uuid::nil()).expect("a gap");
        assert!(!missing.is_some());
        missing.add(Lost::SinkError, 2);
        missing.put_back(&told);
        let Gap {
            from,
            to,
            dropped,
            reasons,
            ..
        } = missing.take(Uuid::nil()).expect("a gap").gap;
        assert!(from <= to);
        assert_eq!(dropped, 6);
        let reasons: Vec<_> = reasons.iter().map(|(name, n)| (&**name, *n)).collect();
        assert_eq!(reasons, [("dropped_newest", 1), ("sink_error", 5)]);
    }
}
