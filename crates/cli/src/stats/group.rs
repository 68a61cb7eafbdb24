//! Exchanges that are summed up together.

use body_logger_core::{record::Outcome, Record};
use hdrhistogram::Histogram;
use serde::Serialize;

/// Number of decimal digits of a duration that are right.
const DIGITS: u8 = 3;

/// The longest duration that is told from longer ones: a week, in microseconds.
const LONGEST: u64 = 7 * 24 * 60 * 60 * 1_000_000;

/// What is known of some exchanges.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) exchanges: u64,
    pub(super) errors: u64,
    pub(super) client_errors: u64,
    pub(super) request_bytes: u64,
    pub(super) response_bytes: u64,
    /// In microseconds.
    durations: Histogram<u64>,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            exchanges: 0,
            errors: 0,
            client_errors: 0,
            request_bytes: 0,
            response_bytes: 0,
            // Fails for more than five digits only.
            durations: Histogram::new(DIGITS).expect("few digits"),
        }
    }
}

impl Group {
    pub(super) fn add(&mut self, record: &Record) {
        self.exchanges += 1;
        self.errors += u64::from(is_error(record));
        self.client_errors += u64::from(matches!(record.status(), Some(400..=499)));
        self.request_bytes += record.request.body.bytes.unwrap_or(0);
        let response = record.response.as_ref();
        self.response_bytes += response.and_then(|it| it.body.bytes).unwrap_or(0);
        if let Some(duration) = record.duration_us {
            // The histogram grows as it has to.
            let recorded = self.durations.record(duration.min(LONGEST));
            recorded.expect("a histogram that grows");
        }
    }

    /// Adds the exchanges of another group.
    pub(super) fn merge(&mut self, other: &Self) {
        self.exchanges += other.exchanges;
        self.errors += other.errors;
        self.client_errors += other.client_errors;
        self.request_bytes += other.request_bytes;
        self.response_bytes += other.response_bytes;
        // Both grow as they have to.
        self.durations
            .add(&other.durations)
            .expect("a histogram that grows");
    }

    pub(super) fn error_share(&self) -> f64 {
        if self.exchanges == 0 {
            return 0.0;
        }
        self.errors as f64 / self.exchanges as f64
    }

    /// Returns `None` if no exchange has a duration.
    pub(super) fn durations(&self) -> Option<Durations> {
        let at = |quantile| self.durations.value_at_quantile(quantile);
        (!self.durations.is_empty()).then(|| Durations {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            max: self.durations.max(),
        })
    }
}

/// Percentiles of durations, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Durations {
    pub(super) p50: u64,
    pub(super) p90: u64,
    pub(super) p99: u64,
    pub(super) max: u64,
}

/// Whether the service failed, rather than the client.
fn is_error(record: &Record) -> bool {
    let has_failed = match record.outcome {
        Some(Outcome::BodyError | Outcome::Panicked) => true,
        // Its status may be that of an error of the client.
        Some(Outcome::ServiceError) => !matches!(record.status(), Some(..=499)),
        _ => false,
    };
    has_failed || matches!(record.status(), Some(500..=599))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(status: u16, outcome: Outcome, duration_us: u64) -> Record {
        let mut record = Record::example();
        record.outcome = Some(outcome);
        record.duration_us = Some(duration_us);
        if let Some(response) = &mut record.response {
            response.status = status;
        }
        record
    }

    #[test]
    fn errors_are_failures_of_the_service() {
        for (status, outcome, expected) in [
            (200, Outcome::Completed, false),
            (404, Outcome::Completed, false),
            (404, Outcome::ServiceError, false),
            (500, Outcome::Completed, true),
            (503, Outcome::Refused, true),
            (200, Outcome::BodyError, true),
            (200, Outcome::ResponseAborted, false),
            (500, Outcome::ServiceError, true),
        ] {
            assert_eq!(
                is_error(&record(status, outcome, 1)),
                expected,
                "{status} {outcome:?}"
            );
        }
        let mut without_response = record(200, Outcome::Panicked, 1);
        without_response.response = None;
        assert!(is_error(&without_response));
    }

    #[test]
    fn merged_groups_have_the_percentiles_of_all_their_exchanges() {
        let (mut one, mut other, mut all) = <(Group, Group, Group)>::default();
        for duration in 1..=1000 {
            let record = record(200, Outcome::Completed, duration);
            match duration % 3 {
                0 => one.add(&record),
                _ => other.add(&record),
            }
            all.add(&record);
        }
        one.merge(&other);
        assert_eq!(one.durations(), all.durations());
        let expected = Durations {
            p50: 500,
            p90: 900,
            p99: 990,
            max: 1000,
        };
        assert_eq!(all.durations(), Some(expected));
        assert_eq!(one.exchanges, 1000);
    }

    #[test]
    fn a_duration_of_any_length_counts() {
        let mut group = Group::default();
        group.add(&record(200, Outcome::Completed, u64::MAX));
        let longest = group.durations().expect("a duration").max;
        assert!(longest.abs_diff(LONGEST) <= LONGEST / 1000, "{longest}");
    }
}
