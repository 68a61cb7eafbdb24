//! Charts as drawings: their geometry, which the page puts into attributes. A gap in the log is a hatched band, and lines stop
//! at it.

mod axis;
mod path;

use body_logger_store::{Bucket, Durations, Overview, StoredGap, Totals};
use serde::Serialize;

pub(crate) use self::axis::axis;
use self::path::{area, column, line, Point};
use crate::{
    format::{count, duration},
    gap::GapWords,
    time::millis,
};

/// The size of a chart, and of the strip over the list.
const CHART: (f64, f64) = (420.0, 120.0);
const STRIP: (f64, f64) = (1000.0, 36.0);

/// The kinds of percentiles that are shown.
pub(crate) const PERCENTILES: [(&str, f64); 3] = [("p50", 50.0), ("p95", 95.0), ("p99", 99.0)];

/// A drawing with its summary in words.
#[derive(Debug, Serialize)]
pub(crate) struct Chart {
    title: &'static str,
    /// The figures in its head, each with what it is and its unit.
    figures: Vec<(&'static str, String, String)>,
    label: String,
    size: (f64, f64),
    /// Hatched, from a place on and as wide.
    bands: Vec<(f64, f64)>,
    /// The kinds of paths with their data.
    paths: Vec<(&'static str, String)>,
    /// Marks of the vertical scale.
    marks: Vec<(f64, String)>,
}

/// What the charts of an overview have in common.
struct Frame<'a> {
    from: u64,
    span: u64,
    /// The length of a bucket.
    step: u64,
    buckets: &'a [Bucket],
    gaps: &'a [StoredGap],
}

impl<'a> Frame<'a> {
    /// Times are in milliseconds.
    fn of(overview: &'a Overview, gaps: &'a [StoredGap]) -> Self {
        let (from, to) = (millis(overview.from), millis(overview.to));
        let span = to.saturating_sub(from).max(1);
        let step = match &*overview.over_time {
            [first, second, ..] => millis(second.from).saturating_sub(millis(first.from)),
            _ => span,
        };
        Self {
            from,
            span,
            step: step.max(1),
            buckets: &overview.over_time,
            gaps,
        }
    }

    fn x(&self, at: f64, width: f64) -> f64 {
        ((at - self.from as f64) / self.span as f64 * width).clamp(0.0, width)
    }

    fn bands(&self, width: f64) -> Vec<(f64, f64)> {
        let band = |gap: &StoredGap| {
            let [from, to] =
                [gap.gap.gap.from, gap.gap.gap.to].map(|at| self.x(millis(at) as f64, width));
            (
                (from * 10.0).round() / 10.0,
                ((to - from).max(3.0) * 10.0).round() / 10.0,
            )
        };
        self.gaps.iter().map(band).collect()
    }

    /// Whether records of a bucket are missing.
    fn has_gap(&self, bucket: &Bucket) -> bool {
        let at = millis(bucket.from);
        self.gaps
            .iter()
            .map(|gap| &gap.gap.gap)
            .any(|gap| millis(gap.from) < at + self.step && millis(gap.to) >= at)
    }

    fn points(&self, of: impl Fn(&Totals) -> Option<f64>, y: impl Fn(f64) -> f64) -> Vec<Point> {
        let point = |bucket: &Bucket| {
            let value = of(&bucket.totals).filter(|_| !self.has_gap(bucket))?;
            let middle = millis(bucket.from) as f64 + self.step as f64 / 2.0;
            Some((self.x(middle, CHART.0), y(value)))
        };
        self.buckets.iter().map(point).collect()
    }

    /// A number of each bucket, from zero on, with its area.
    fn shares(
        &self,
        (title, unit, kinds): (&'static str, &str, [&'static str; 2]),
        least: f64,
        of: impl Fn(&Totals) -> Option<f64>,
    ) -> Chart {
        let values: Vec<Option<f64>> = self.buckets.iter().map(|it| of(&it.totals)).collect();
        let top = nice(values.iter().flatten().copied().fold(least, f64::max));
        let floor = CHART.1;
        let points = self.points(of, |value| floor - value / top * floor);
        // The newest bucket has only begun.
        let past = values.split_last().map_or(&[][..], |(_, past)| past);
        let now = short(
            past.iter()
                .rev()
                .copied()
                .flatten()
                .next()
                .unwrap_or_default(),
        );
        Chart {
            title,
            label: self.label(format!("{title}, now {now}")),
            figures: vec![("", now, unit.to_owned())],
            size: CHART,
            bands: self.bands(CHART.0),
            paths: vec![(kinds[0], area(&points, floor)), (kinds[1], line(&points))],
            marks: vec![
                (0.0, short(top)),
                (floor / 2.0, short(top / 2.0)),
                (floor, "0".to_owned()),
            ],
        }
    }

    /// Percentiles, logarithmic.
    fn durations(&self, all: &Durations) -> Chart {
        let values = self.buckets.iter().flat_map(|bucket| {
            [50.0, 99.0]
                .into_iter()
                .filter_map(|percentage| micros(&bucket.totals.durations, percentage))
        });
        let (low, high) = values.fold((1e3_f64, 10.0_f64), |(low, high), value| {
            (low.min(value), high.max(value))
        });
        let low = low.max(1.0).log10().floor();
        let high = high.log10().ceil().max(low + 1.0);
        let y = |value: f64| CHART.1 - (value.max(1.0).log10() - low) / (high - low) * CHART.1;
        let paths = PERCENTILES.map(|(kind, percentage)| {
            let points = self.points(|totals| micros(&totals.durations, percentage), y);
            (kind, line(&points))
        });
        let figures = PERCENTILES.map(|(kind, percentage)| {
            let text = micros(all, percentage).map(|micros| duration(micros as u64));
            let text = text.unwrap_or_else(|| "–".to_owned());
            let (value, unit) = text.split_once(' ').unwrap_or((&text, ""));
            (kind, value.to_owned(), unit.to_owned())
        });
        let marks = (low as i32..=high as i32).map(|power| {
            let value = 10_f64.powi(power);
            (
                y(value),
                duration(value as u64).replace(".00", "").replace(".0", ""),
            )
        });
        let summary: Vec<String> = figures
            .iter()
            .map(|(kind, value, unit)| format!("{kind} {value} {unit}"))
            .collect();
        Chart {
            title: "Duration",
            label: self.label(format!("Duration, {}", summary.join(", "))),
            figures: figures.into(),
            size: CHART,
            bands: self.bands(CHART.0),
            paths: paths.into(),
            marks: marks.collect(),
        }
    }

    fn label(&self, summary: String) -> String {
        let gaps = self
            .gaps
            .iter()
            .take(10)
            .map(|gap| GapWords::of(&gap.gap).text());
        [summary]
            .into_iter()
            .chain(gaps)
            .collect::<Vec<_>>()
            .join("; ")
    }
}

/// Requests per second, the share of errors, and durations.
pub(crate) fn charts(overview: &Overview, gaps: &[StoredGap]) -> Vec<Chart> {
    let frame = Frame::of(overview, gaps);
    let seconds = frame.step as f64 / 1e3;
    let rate = ("Requests per second", "/s now", ["area", ""]);
    let errors = ("Error share", "% now", ["area bad", "bad"]);
    vec![
        frame.shares(rate, 0.001, |totals| {
            Some(totals.exchanges as f64 / seconds)
        }),
        frame.shares(errors, 1.0, |totals| {
            (totals.exchanges > 0).then(|| totals.errors as f64 * 100.0 / totals.exchanges as f64)
        }),
        frame.durations(&overview.totals.durations),
    ]
}

/// Requests over time, errors at the foot.
pub(crate) fn strip(overview: &Overview, gaps: &[StoredGap]) -> Chart {
    let frame = Frame::of(overview, gaps);
    let (width, height) = STRIP;
    let most = frame
        .buckets
        .iter()
        .map(|it| it.totals.exchanges)
        .max()
        .unwrap_or(1)
        .max(1);
    let column_width = (frame.step as f64 / frame.span as f64 * width * 0.72).max(1.0);
    let columns = |of: fn(&Totals) -> u64| -> String {
        let column = |bucket: &Bucket| {
            let n = of(&bucket.totals) as f64;
            let share = if n > 0.0 {
                (n / most as f64 * (height - 2.0)).max(1.5)
            } else {
                0.0
            };
            column(
                frame.x(millis(bucket.from) as f64, width),
                column_width,
                share,
                height,
            )
        };
        frame.buckets.iter().map(column).collect()
    };
    let totals = &overview.totals;
    let summary = format!(
        "Requests over time: {}, {} of them errors",
        count(totals.exchanges),
        count(totals.errors)
    );
    Chart {
        title: "Requests over time",
        figures: Vec::new(),
        label: frame.label(summary),
        size: STRIP,
        bands: frame.bands(width),
        paths: vec![
            ("all", columns(|totals| totals.exchanges)),
            ("err", columns(|totals| totals.errors)),
        ],
        marks: Vec::new(),
    }
}

fn micros(durations: &Durations, percentage: f64) -> Option<f64> {
    durations
        .percentile(percentage)
        .map(|it| it.as_micros() as f64)
}

/// The next round number from 1, 2 and 5.
fn nice(value: f64) -> f64 {
    let scale = 10_f64.powf(value.log10().floor());
    let round = [1.0, 2.0, 5.0, 10.0].map(|step| step * scale);
    round
        .into_iter()
        .find(|round| *round >= value * 0.999_999)
        .unwrap_or(value)
}

/// Two or three significant digits.
fn short(value: f64) -> String {
    if value <= 0.0 {
        return "0".to_owned();
    }
    let digits = if value >= 100.0 { 3 } else { 2 };
    let decimals = digits - 1 - value.log10().floor() as i32;
    let scale = 10_f64.powi(decimals);
    let rounded = (value * scale).round() / scale;
    let text = format!(
        "{rounded:.*}",
        usize::try_from(decimals).unwrap_or_default()
    );
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use body_logger_core::{
        record::{new_id, Gap, GapRecord, SeqRanges},
        Entry, Filter, Record, Sink as _,
    };
    use body_logger_store::Store;

    use super::*;

    #[test]
    fn lines_stop_at_a_gap_and_errors_are_columns_of_their_own() {
        let at = |second: u64| UNIX_EPOCH + Duration::from_secs(1_800_000_000 + second);
        let record = |second: u64| {
            let mut record = Record::example();
            (record.time, record.entry_id) = (at(second), new_id());
            if let (1, Some(response)) = (second, &mut record.response) {
                response.status = 503;
            }
            Entry::Record(record)
        };
        let numbers: SeqRanges = [7..=9].into_iter().collect();
        let gap = Gap::new(
            at(4)..=at(5),
            [("sink_error".to_owned(), 3)].into(),
            &numbers,
        );
        let mut entries: Vec<Entry> = (0..10).map(record).collect();
        entries.push(Entry::Gap(GapRecord::new(new_id(), gap)));
        let store = Store::in_memory(1 << 20).expect("a store");
        store.write(&entries).expect("written");
        let overview = store.overview(&Filter::default(), 10).expect("sums");
        let gaps = store.gaps(overview.from, overview.to, 10).expect("gaps");
        let [rate, errors, durations] = &charts(&overview, &gaps)[..] else {
            panic!("three charts");
        };
        for chart in [rate, errors, durations] {
            let line = &chart.paths.last().expect("a line").1;
            assert_eq!(line.matches('M').count(), 2, "{line}");
            assert_eq!(chart.bands.len(), 1);
            assert!(
                chart.label.contains("3 records lost between"),
                "{}",
                chart.label
            );
        }
        assert_eq!(errors.marks[0].1, "100");
        let strip = strip(&overview, &gaps);
        let columns = |at: usize| strip.paths[at].1.matches('M').count();
        assert_eq!((columns(0), columns(1)), (10, 1));
        assert!(strip
            .label
            .starts_with("Requests over time: 10, 1 of them errors; "));
    }

    #[test]
    fn scales_end_at_round_numbers() {
        assert_eq!(
            [0.001, 0.3, 1.0, 2.1, 51.0, 100.0, 1_001.0]
                .map(nice)
                .map(short)
                .join(" "),
            "0.001 0.5 1 5 100 100 2000"
        );
        assert_eq!(
            [0.0, 0.0123, 4.26, 42.0, 99.96, 123.4, 12_345.0]
                .map(short)
                .join(" "),
            "0 0.012 4.3 42 100 123 12300"
        );
    }
}
