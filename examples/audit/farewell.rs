//! What is said in the end.

use std::path::Path;

use actix_web_body_logger::sink::Counters;

/// How many records are in the file, and what became of the others.
pub(crate) fn farewell(records: &Path, counters: Counters) -> String {
    let lost = [
        ("dropped_newest", counters.dropped_newest),
        ("dropped_oldest", counters.dropped_oldest),
        ("sink_error", counters.sink_error),
        ("sink_panic", counters.sink_panic),
        ("not written in time", counters.queued),
    ];
    // Those are in the file, but not whole.
    let without_bodies = [
        ("bodies_shed", counters.bodies_shed),
        ("memory_budget", counters.memory_budget),
    ];
    let mut text = format!(
        "{} records written to {}, {} lost{}",
        counters.written,
        records.display(),
        total(&lost),
        reasons(&lost),
    );
    let bodies = total(&without_bodies);
    if bodies > 0 {
        text += &format!("; bodies left out{}", reasons(&without_bodies));
    }
    text
}

fn total(counts: &[(&str, u64)]) -> u64 {
    counts.iter().map(|(_, count)| count).sum()
}

/// Those that happened, in brackets.
fn reasons(counts: &[(&str, u64)]) -> String {
    let happened = counts.iter().filter(|(_, count)| *count > 0);
    let reasons: Vec<_> = happened
        .map(|(reason, count)| format!("{reason}: {count}"))
        .collect();
    match reasons.as_slice() {
        [] => String::new(),
        reasons => format!(" ({})", reasons.join(", ")),
    }
}
