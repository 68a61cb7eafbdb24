//! Durations and their percentiles.

use std::{fmt, time::Duration};

use hdrhistogram::Histogram;

/// Significant decimal digits of a percentile: it is at most one percent above the true one.
const DIGITS: u8 = 2;

/// Durations as a histogram, with percentiles, which can be added to others. It takes some ten KiB, however many durations
/// there are.
///
/// ```
/// use std::time::Duration;
///
/// use body_logger_store::Durations;
///
/// let mut durations = Durations::default();
/// assert_eq!(durations.percentile(50.0), None);
/// for millis in 1..=100 {
///     durations.add(Duration::from_millis(millis));
/// }
/// let median = durations.percentile(50.0).expect("durations");
/// assert!(median >= Duration::from_millis(50) && median < Duration::from_millis(51));
/// ```
#[derive(Clone, Default)]
pub struct Durations {
    /// In microseconds; none before the first.
    histogram: Option<Histogram<u64>>,
}

impl Durations {
    /// Adds a duration, in whole microseconds.
    pub fn add(&mut self, duration: Duration) {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
        // It only fails for a value that does not fit, and this one grows.
        let _ = self.histogram().record(micros);
    }

    /// Adds all durations of another histogram.
    pub fn merge(&mut self, other: &Self) {
        if let Some(other) = &other.histogram {
            // As above.
            let _ = self.histogram().add(other);
        }
    }

    /// Returns how many durations there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.histogram.as_ref().map_or(0, Histogram::len)
    }

    /// Returns the duration that this percentage of them, from 0 to 100, does not exceed: at most one percent more than
    /// the true one. Returns `None` if there are no durations.
    #[must_use]
    pub fn percentile(&self, percentage: f64) -> Option<Duration> {
        let histogram = self.histogram.as_ref()?;
        // Of a bucket the highest value, also at 0, for which the library returns the lowest.
        let micros = histogram.highest_equivalent(histogram.value_at_percentile(percentage));
        Some(Duration::from_micros(micros.min(histogram.max())))
    }

    fn histogram(&mut self) -> &mut Histogram<u64> {
        self.histogram.get_or_insert_with(|| {
            let empty = Histogram::new(DIGITS);
            // Fails only for more than five digits.
            empty.expect("two digits are valid")
        })
    }
}

impl fmt::Debug for Durations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Durations")
            .field("count", &self.count())
            .field("p50", &self.percentile(50.0))
            .field("p99", &self.percentile(99.0))
            .finish()
    }
}
