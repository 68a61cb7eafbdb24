//! Counters of what records do not show: masked values, by what identified them as secret, and withheld bodies.

use std::{
    cell::Cell,
    sync::atomic::{AtomicU64, Ordering},
};

use body_logger_core::{
    record::{Body, Reason, Record},
    sink::Counters,
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

/// Counts what all records of a logger do not show.
#[derive(Debug, Default)]
pub(crate) struct Hidden {
    names: AtomicU64,
    families: AtomicU64,
    structure: AtomicU64,
    text: AtomicU64,
    withheld: AtomicU64,
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

    /// Counts the bodies that a record withholds.
    pub(super) fn add_withheld(&self, record: &Record) {
        let response = record.response.as_ref().map(|response| &response.body);
        let is_withheld = |body: &&Body| body.reasons.contains(&Reason::Redaction);
        let bodies = [Some(&record.request.body), response];
        let withheld = bodies.into_iter().flatten().filter(is_withheld).count();
        self.withheld.fetch_add(withheld as u64, Ordering::Relaxed);
    }

    /// Sets the counters of what is not shown.
    pub(crate) fn count(&self, counters: &mut Counters) {
        let of = |count: &AtomicU64| count.load(Ordering::Relaxed);
        counters.hidden_by_name = of(&self.names);
        counters.hidden_by_family = of(&self.families);
        counters.hidden_by_structure = of(&self.structure);
        counters.hidden_by_text = of(&self.text);
        counters.redaction_withheld = of(&self.withheld);
    }
}
