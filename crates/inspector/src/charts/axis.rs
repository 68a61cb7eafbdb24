//! Marks of time.

use std::time::{Duration, UNIX_EPOCH};

use body_logger_core::rfc3339;

/// Distances between marks, in seconds.
const STEPS: &[u64] = &[
    1, 2, 5, 10, 15, 30, 60, 120, 180, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200,
    86_400, 172_800, 604_800,
];

const MINUTE: u64 = 60_000;

/// Round times between two, in milliseconds since 1970: where each is, from 0 to 1, and how it is written. There are at most
/// `most`, unless weeks are too short.
pub(crate) fn axis(from: u64, to: u64, most: u64) -> Vec<(f64, String)> {
    let span = to.saturating_sub(from).max(1);
    let mut steps = STEPS.iter().map(|seconds| seconds * 1000);
    let step = steps.find(|step| span / step <= most);
    let step = step.unwrap_or(span / most.max(1)).max(1);
    let marks = (from.div_ceil(step)..=to / step).map(|mark| {
        let at = mark * step;
        let share = (at - from) as f64 / span as f64;
        ((share * 1e4).round() / 1e4, text(at, span))
    });
    marks.collect()
}

/// The time of day, with the day where more than one is in view.
fn text(at: u64, span: u64) -> String {
    let time = UNIX_EPOCH.checked_add(Duration::from_millis(at));
    let text = time.and_then(rfc3339::text).unwrap_or_default();
    let part = |range| text.get(range).unwrap_or_default();
    if span > 36 * 60 * MINUTE {
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ];
        let month = part(5..7)
            .parse::<usize>()
            .ok()
            .and_then(|month| months.get(month.wrapping_sub(1)));
        return format!(
            "{} {}",
            part(8..10).trim_start_matches('0'),
            month.unwrap_or(&"")
        );
    }
    let end = if span < 5 * MINUTE { 19 } else { 16 };
    part(11..end).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_round_times() {
        let texts = |from, to| {
            axis(from, to, 4)
                .into_iter()
                .map(|(at, text)| format!("{at} {text}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            texts(1_000, 4_000),
            [
                "0 00:00:01",
                "0.3333 00:00:02",
                "0.6667 00:00:03",
                "1 00:00:04"
            ]
        );
        assert_eq!(
            texts(0, 60 * MINUTE),
            [
                "0 00:00",
                "0.25 00:15",
                "0.5 00:30",
                "0.75 00:45",
                "1 01:00"
            ]
        );
        assert_eq!(
            texts(0, 2 * 24 * 60 * MINUTE),
            [
                "0 1 Jan",
                "0.25 1 Jan",
                "0.5 2 Jan",
                "0.75 2 Jan",
                "1 3 Jan"
            ]
        );
        assert_eq!(texts(5, 5), Vec::<String>::new());
        // A clock that was far off makes no endless axis.
        assert!(axis(0, 4_000_000_000_000, 4).len() <= 5);
    }
}
