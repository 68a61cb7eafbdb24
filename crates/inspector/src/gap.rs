//! Gaps in words.

use std::time::SystemTime;

use body_logger_core::{record::GapRecord, rfc3339};
use serde::Serialize;
use uuid::Uuid;

use crate::format::{count, plural};

/// Ranges of numbers that are listed.
const LISTED_RANGES: usize = 20;

/// A gap, as rows and lists show it.
#[derive(Debug, Serialize)]
pub(crate) struct GapWords {
    id: Uuid,
    kind: &'static str,
    what: String,
    when: String,
    why: String,
}

impl GapWords {
    pub(crate) fn of(record: &GapRecord) -> Self {
        let gap = &record.gap;
        let dropped = gap.reasons.keys().all(|reason| is_dropped(reason));
        let verb = if dropped { "dropped" } else { "lost" };
        let [from, to] = [gap.from, gap.to].map(clock);
        let when = if from == to {
            format!("at {from}")
        } else {
            format!("between {from} and {to}")
        };
        let mut causes: Vec<String> = gap.reasons.keys().map(|reason| cause(reason)).collect();
        causes.dedup();
        let numbers = gap
            .seq
            .iter()
            .map(|range| match (range.start(), range.end()) {
                (first, last) if first == last => count(*first),
                (first, last) => format!("{}–{}", count(*first), count(*last)),
            });
        let mut numbers: Vec<String> = numbers.take(LISTED_RANGES).collect();
        if gap.seq.len() > LISTED_RANGES {
            numbers.push("…".to_owned());
        }
        Self {
            id: record.entry_id,
            kind: "gap",
            what: format!("{} {verb}", plural(gap.dropped, "record")),
            when,
            why: format!("{} · seq {}", causes.join(", "), numbers.join(", ")),
        }
    }

    /// In one sentence.
    pub(crate) fn text(&self) -> String {
        format!("{} {}", self.what, self.when)
    }
}

/// Whether entries were refused by a queue, and did not fail in a sink.
pub(crate) fn is_dropped(reason: &str) -> bool {
    reason.starts_with("dropped")
}

fn cause(reason: &str) -> String {
    match reason {
        "dropped_newest" | "dropped_oldest" => "the queue was full".to_owned(),
        "sink_error" => "the sink failed".to_owned(),
        "sink_panic" => "the sink panicked".to_owned(),
        other => other.replace('_', " "),
    }
}

/// The time of day, in milliseconds.
pub(crate) fn clock(time: SystemTime) -> String {
    let text = rfc3339::text(time).unwrap_or_default();
    let clock = text.split_once('T').and_then(|(_, clock)| clock.get(..12));
    clock.unwrap_or("–").to_owned()
}
