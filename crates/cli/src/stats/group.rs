//! Exchanges that are summed up together.

use body_logger_core::Record;
use body_logger_store::Totals;
use serde::Serialize;

/// What is known of some exchanges.
#[derive(Debug, Default)]
pub(super) struct Group {
    pub(super) totals: Totals,
    /// Number of exchanges with a status of 4xx.
    pub(super) client_errors: u64,
    /// The longest duration, in microseconds.
    longest: Option<u64>,
}

impl Group {
    pub(super) fn add(&mut self, record: &Record) {
        self.totals.add(record);
        self.client_errors += u64::from(matches!(record.status(), Some(400..=499)));
        self.longest = self.longest.max(record.duration_us);
    }

    /// Adds the exchanges of another group.
    pub(super) fn merge(&mut self, other: &Self) {
        self.totals.merge(&other.totals);
        self.client_errors += other.client_errors;
        self.longest = self.longest.max(other.longest);
    }

    pub(super) fn error_share(&self) -> f64 {
        match self.totals.exchanges {
            0 => 0.0,
            exchanges => self.totals.errors as f64 / exchanges as f64,
        }
    }

    /// Returns `None` if no exchange has a duration.
    pub(super) fn percentiles(&self) -> Option<Percentiles> {
        let max = self.longest?;
        let at = |percentage| {
            let micros = self.totals.durations.percentile(percentage)?.as_micros();
            // Percentiles are rounded up.
            Some(u64::try_from(micros).map_or(max, |micros| micros.min(max)))
        };
        Some(Percentiles {
            p50: at(50.0)?,
            p90: at(90.0)?,
            p99: at(99.0)?,
            max,
        })
    }
}

/// Percentiles of durations, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Percentiles {
    pub(super) p50: u64,
    pub(super) p90: u64,
    pub(super) p99: u64,
    pub(super) max: u64,
}
