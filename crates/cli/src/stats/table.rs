//! A summary as text, for people.

use std::{fmt::Write, ops::RangeInclusive};

use body_logger_core::{format, record::RunReport, rfc3339};
use indicatif::BinaryBytes;

use super::{
    group::Group,
    summary::{Gaps, Summary},
};

const HEAD: [&str; 10] = [
    "route", "count", "errors", "4xx", "p50", "p90", "p99", "max", "received", "sent",
];

/// How many missing ranges are listed of each kind.
const LISTED: usize = 5;

pub(super) fn text(summary: &Summary) -> String {
    let mut text = String::new();
    // Writing to a `String` cannot fail, here and below.
    if let Some((from, to)) = summary.times {
        let time = |time| rfc3339::text(time).unwrap_or_default();
        let _ = writeln!(text, "from {} to {}", time(from), time(to));
    }
    let mut rows = vec![HEAD.map(str::to_owned)];
    for (method, route, group) in summary.by_count() {
        rows.push(row(&format::escaped(&format!("{method} {route}")), group));
    }
    rows.push(row("all", &summary.all()));
    text.push_str(&table(&rows));
    for (outcome, exchanges) in &summary.outcomes {
        let _ = writeln!(text, "{outcome}: {exchanges}");
    }
    gaps(&summary.gaps, &mut text);
    for run in &summary.runs {
        self::run(run, &mut text);
    }
    text
}

fn row(name: &str, group: &Group) -> [String; HEAD.len()] {
    let duration = group
        .percentiles()
        .map(|it| [it.p50, it.p90, it.p99, it.max].map(duration));
    let [p50, p90, p99, max] = duration.unwrap_or_else(|| ["-"; 4].map(str::to_owned));
    [
        name.to_owned(),
        group.totals.exchanges.to_string(),
        format!(
            "{} ({:.1} %)",
            group.totals.errors,
            group.error_share() * 100.0
        ),
        group.client_errors.to_string(),
        p50,
        p90,
        p99,
        max,
        BinaryBytes(group.totals.request_bytes).to_string(),
        BinaryBytes(group.totals.response_bytes).to_string(),
    ]
}

/// Aligns columns: the first on the left, numbers on the right.
fn table(rows: &[[String; HEAD.len()]]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().map(|row| row[column].chars().count());
        cells.max().unwrap_or(0)
    };
    let widths: [usize; HEAD.len()] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows {
        let _ = write!(text, "{:<1$}", row[0], widths[0]);
        for (cell, width) in row.iter().zip(widths).skip(1) {
            let _ = write!(text, "  {cell:>width$}");
        }
        text.push('\n');
    }
    text
}

fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} us"),
        1_000..1_000_000 => format!("{:.1} ms", micros as f64 / 1e3),
        _ => format!("{:.1} s", micros as f64 / 1e6),
    }
}

fn gaps(gaps: &Gaps, text: &mut String) {
    let Some((from, to)) = gaps.times else {
        return;
    };
    let time = |time| rfc3339::text(time).unwrap_or_default();
    let reasons = gaps
        .reasons
        .iter()
        .map(|(reason, lost)| format!("{}: {lost}", format::escaped(reason)));
    let _ = writeln!(
        text,
        "lost entries: {} in {} gaps from {} to {} ({})",
        gaps.lost,
        gaps.gaps,
        time(from),
        time(to),
        reasons.collect::<Vec<_>>().join(", ")
    );
}

fn run(report: &RunReport, text: &mut String) {
    let RunReport {
        run, held, last, ..
    } = report;
    let _ = write!(text, "run {run}: {held} entries, numbered up to {last}");
    let mut is_whole = true;
    for (kind, ranges) in [
        ("before the first of this log", &report.before_first),
        ("lost, as gaps say", &report.lost),
        ("deleted", &report.deleted),
        ("missing without an explanation", &report.unexplained),
    ] {
        if !ranges.is_empty() {
            is_whole = false;
            let _ = write!(text, "; {kind}: {}", listed(ranges));
        }
    }
    if report.repeated > 0 {
        let _ = write!(text, "; repeated: {}", report.repeated);
    }
    text.push_str(if is_whole {
        ", none is missing\n"
    } else {
        "\n"
    });
}

fn listed(ranges: &[RangeInclusive<u64>]) -> String {
    let numbers: u64 = ranges
        .iter()
        .map(|range| range.end() - range.start() + 1)
        .sum();
    let shown = ranges.iter().take(LISTED).map(|range| {
        let (first, last) = range.clone().into_inner();
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    });
    let mut shown: Vec<String> = shown.collect();
    if ranges.len() > LISTED {
        shown.push("...".into());
    }
    format!("{numbers} ({})", shown.join(", "))
}
