//! How long to wait before a failed step is repeated.

use std::time::Duration;

/// The delays between attempts: each is random between half of a bound and the bound, which doubles from `first` to
/// `max`. So many shippers that lost the same destination do not return to it at the same moment.
///
/// ```
/// use std::time::Duration;
///
/// use body_logger_ship::Backoff;
///
/// let backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(30));
/// assert_eq!(backoff, Backoff::default());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backoff {
    first: Duration,
    max: Duration,
}

impl Backoff {
    /// Creates delays whose bound grows from `first` to `max`.
    #[must_use]
    pub fn new(first: Duration, max: Duration) -> Self {
        Self { first, max }
    }

    /// Returns the delay before attempt `failures + 1`.
    pub(crate) fn delay(self, failures: u32) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let bound = self.first.saturating_mul(1 << doublings).min(self.max);
        bound.mul_f64(0.5 + fastrand::f64() / 2.0)
    }
}

impl Default for Backoff {
    /// From 200 ms to 30 s.
    fn default() -> Self {
        Self::new(Duration::from_millis(200), Duration::from_secs(30))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_of_delays_doubles_up_to_the_maximum() {
        let (first, max) = (Duration::from_millis(100), Duration::from_secs(1));
        let backoff = Backoff::new(first, max);
        for (failures, bound) in [(1, 100), (2, 200), (4, 800), (5, 1000), (u32::MAX, 1000)] {
            let bound = Duration::from_millis(bound);
            for _ in 0..100 {
                let delay = backoff.delay(failures);
                assert!(
                    (bound / 2..=bound).contains(&delay),
                    "{failures}: {delay:?}"
                );
            }
        }
    }
}
