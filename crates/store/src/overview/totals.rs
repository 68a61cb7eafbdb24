//! Sums over exchanges.

use std::time::Duration;

use body_logger_core::{record::Outcome, Record};

use super::{missing, BodyTotals, Durations};

/// Sums over exchanges, which can be added to others.
///
/// ```
/// use body_logger_core::Record;
/// use body_logger_store::Totals;
///
/// let mut totals = Totals::default();
/// totals.add(&Record::example());
/// assert_eq!((totals.exchanges, totals.errors), (1, 0));
/// assert_eq!(totals.response_bytes, 1_048_576);
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Totals {
    /// Number of exchanges.
    pub exchanges: u64,
    /// Number of those that are errors: a status of 500 or more, or an outcome other than `completed`, `released` and
    /// `upgraded`.
    pub errors: u64,
    /// Bytes of request bodies that passed.
    pub request_bytes: u64,
    /// Bytes of response bodies that passed.
    pub response_bytes: u64,
    /// The durations of exchanges that have ended.
    pub durations: Durations,
    /// Exchanges of which a body is not recorded whole.
    pub bodies: BodyTotals,
}

/// What counts of an exchange.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sample {
    pub(super) is_error: bool,
    pub(super) request_bytes: u64,
    pub(super) response_bytes: u64,
    pub(super) duration_us: Option<u64>,
    /// Flags of [`missing`].
    pub(super) missing: i64,
}

impl Totals {
    /// Adds an exchange. Only [whole records](Record::is_whole) count; of an exchange in stages that is one.
    pub fn add(&mut self, record: &Record) {
        if record.is_whole() {
            let response = record.response.as_ref();
            self.add_sample(Sample {
                is_error: is_error(record.status(), record.outcome.map(Outcome::as_str)),
                request_bytes: record.request.body.bytes.unwrap_or_default(),
                response_bytes: response.and_then(|it| it.body.bytes).unwrap_or_default(),
                duration_us: record.duration_us,
                missing: missing(record),
            });
        }
    }

    /// Adds all exchanges of other sums.
    pub fn merge(&mut self, other: &Self) {
        self.exchanges += other.exchanges;
        self.errors += other.errors;
        self.request_bytes = self.request_bytes.saturating_add(other.request_bytes);
        self.response_bytes = self.response_bytes.saturating_add(other.response_bytes);
        self.durations.merge(&other.durations);
        self.bodies.merge(other.bodies);
    }

    pub(super) fn add_sample(&mut self, sample: Sample) {
        self.exchanges += 1;
        self.errors += u64::from(sample.is_error);
        self.request_bytes = self.request_bytes.saturating_add(sample.request_bytes);
        self.response_bytes = self.response_bytes.saturating_add(sample.response_bytes);
        if let Some(micros) = sample.duration_us {
            self.durations.add(Duration::from_micros(micros));
        }
        self.bodies.add(sample.missing);
    }
}

pub(super) fn is_error(status: Option<u16>, outcome: Option<&str>) -> bool {
    let ended_well = [Outcome::Completed, Outcome::Released, Outcome::Upgraded];
    let is_failure = |outcome: &str| ended_well.iter().all(|well| well.as_str() != outcome);
    status.is_some_and(|status| status >= 500) || outcome.is_some_and(is_failure)
}
