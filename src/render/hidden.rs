//! Counters of masked values, by what identified them as secret.

use std::{
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering},
};

use body_logger_redact::{Counts, RedactedText};

/// Counts the values masked in one record while it is rendered.
#[derive(Debug, Default)]
pub(super) struct Tally(Cell<Counts>);

impl Tally {
    pub(super) fn add(&self, counts: Counts) {
        let mut all = self.0.get();
        all += counts;
        self.0.set(all);
    }

    /// Adds the counts of a redacted text, and returns the text.
    pub(super) fn shown<'t>(&self, redacted: RedactedText<'t>) -> std::borrow::Cow<'t, str> {
        self.add(redacted.counts);
        redacted.text
    }
}

/// Counts the values masked in all records of a logger.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    names: AtomicU64,
    families: AtomicU64,
    structure: AtomicU64,
    text: AtomicU64,
}

impl Hidden {
    pub(super) fn add(&self, tally: &Tally) {
        let counts = tally.0.get();
        for (all, own) in [
            (&self.names, counts.names),
            (&self.families, counts.families),
            (&self.structure, counts.structure),
            (&self.text, counts.text),
        ] {
            if own > 0 {
                all.fetch_add(own, Ordering::Relaxed);
            }
        }
    }

    /// Returns the number of values hidden by names, by families, by structure and by text.
    pub(crate) fn counts(&self) -> [u64; 4] {
        [&self.names, &self.families, &self.structure, &self.text]
            .map(|count| count.load(Ordering::Relaxed))
    }
}
