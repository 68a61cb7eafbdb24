//! How many values were hidden, and by what.

use std::{
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering},
};

use body_logger_redact::{Counts, RedactedText};

/// Counts what one record hides, while it is made.
#[derive(Debug, Default)]
pub(super) struct Tally(Cell<Counts>);

impl Tally {
    pub(super) fn add(&self, counts: Counts) {
        let mut all = self.0.get();
        all += counts;
        self.0.set(all);
    }

    /// Counts what was hidden in a text, and returns the text.
    pub(super) fn shown<'t>(&self, redacted: RedactedText<'t>) -> std::borrow::Cow<'t, str> {
        self.add(redacted.counts);
        redacted.text
    }
}

/// What all records of a logger have hidden.
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

    /// Values hidden by names, by families, by structure and by text.
    pub(crate) fn counts(&self) -> [u64; 4] {
        [&self.names, &self.families, &self.structure, &self.text]
            .map(|count| count.load(Ordering::Relaxed))
    }
}
