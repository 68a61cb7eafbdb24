//! What a shipper says of itself while it runs.

use std::{sync::Arc, time::Duration};

use tokio::time;

use crate::counters::{AtomicCounters, ShipCounters};

/// How often metrics are set.
#[cfg(feature = "metrics")]
const METRICS: Duration = Duration::from_secs(1);

/// Reports to the log, and to metrics.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) name: Arc<str>,
    pub(crate) every: Duration,
    pub(crate) counters: Arc<AtomicCounters>,
}

impl Report {
    /// Reports until it is dropped, the last time then.
    pub(crate) async fn run(self) {
        let log = self.log();
        #[cfg(feature = "metrics")]
        let log = async { tokio::join!(log, self.metrics()).0 };
        log.await
    }

    async fn log(&self) {
        // Entries may have been shipped before this runs.
        let mut before = ShipCounters::default();
        loop {
            time::sleep(self.every).await;
            let now = self.counters.snapshot();
            // Quiet where nothing happens.
            if now != before {
                log::info!("{}", line(&self.name, &before, &now, self.every));
            }
            before = now;
        }
    }

    #[cfg(feature = "metrics")]
    async fn metrics(&self) {
        let metrics = crate::metrics::Metrics::register(&self.name);
        // What was counted last is not lost.
        let _last = crate::metrics::SetWhenDropped(&metrics, &self.counters);
        loop {
            metrics.set(&self.counters.snapshot());
            time::sleep(METRICS).await;
        }
    }
}

fn line(name: &str, before: &ShipCounters, now: &ShipCounters, period: Duration) -> String {
    let per_second = |before: u64, now: u64| (now - before) as f64 / period.as_secs_f64();
    format!(
        "body logger: {name}: shipped {} entries ({:.0}/s, {:.0} bytes/s); lag {} entries, {} bytes, {:.1?}; \
         {} retries, {} dead letters, {} losses",
        now.shipped,
        per_second(before.shipped, now.shipped),
        per_second(before.shipped_bytes, now.shipped_bytes),
        now.lag_entries,
        now.lag_bytes,
        now.lag,
        now.retries,
        now.dead_letters,
        now.losses,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_fast_and_how_far_behind() {
        let before = ShipCounters {
            shipped: 100,
            shipped_bytes: 1000,
            ..ShipCounters::default()
        };
        let now = ShipCounters {
            shipped: 700,
            shipped_bytes: 61_000,
            retries: 3,
            dead_letters: 2,
            losses: 1,
            lag_entries: 5,
            lag_bytes: 500,
            lag: Duration::from_millis(1500),
            ..ShipCounters::default()
        };
        assert_eq!(
            line("audit", &before, &now, Duration::from_secs(60)),
            "body logger: audit: shipped 700 entries (10/s, 1000 bytes/s); lag 5 entries, 500 bytes, 1.5s; \
             3 retries, 2 dead letters, 1 losses"
        );
    }
}
