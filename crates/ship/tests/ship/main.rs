//! Shipping logs.

#[cfg(all(
    target_os = "linux",
    any(feature = "jetstream", feature = "otlp", feature = "postgres")
))]
mod bounds;
#[cfg(any(feature = "jetstream", feature = "otlp", feature = "postgres"))]
mod certificates;
mod faults;
mod files;
#[cfg(feature = "jetstream")]
mod fleet;
#[cfg(feature = "jetstream")]
mod jetstream;
#[cfg(any(feature = "jetstream", feature = "otlp", feature = "postgres"))]
mod kill;
mod log;
mod logged;
mod memory;
#[cfg(feature = "metrics")]
mod metrics;
#[cfg(feature = "otlp")]
mod otlp;
#[cfg(any(feature = "jetstream", feature = "otlp", feature = "postgres"))]
mod outage;
#[cfg(feature = "postgres")]
mod postgres;
mod property;
#[cfg(any(feature = "jetstream", feature = "otlp", feature = "postgres"))]
mod proxy;
#[cfg(any(feature = "jetstream", feature = "postgres"))]
mod read_back;
mod report;
#[cfg(any(feature = "jetstream", feature = "otlp", feature = "postgres"))]
mod servers;
mod stopping;
#[cfg(any(feature = "jetstream", feature = "otlp", feature = "postgres"))]
mod suite;
#[cfg(any(feature = "jetstream", feature = "otlp", feature = "postgres"))]
mod url;

use std::{
    path::Path,
    thread,
    time::{Duration, Instant},
};

use body_logger_ship::{Backoff, Destination, ShipHandle, Shipper};

/// What only a failure reaches.
const LIMIT: Duration = Duration::from_secs(60);

/// A shipper that does not wait long.
fn shipper<D: Destination>(directory: &log::Directory, destination: D) -> Shipper<D> {
    shipper_at(&directory.file("position.json"), directory, destination)
}

fn shipper_at<D: Destination>(
    position: &Path,
    directory: &log::Directory,
    destination: D,
) -> Shipper<D> {
    let backoff = Backoff::new(Duration::from_micros(100), Duration::from_millis(2));
    Shipper::new(directory.live(), position, destination).backoff(backoff)
}

fn stop(handle: ShipHandle) -> body_logger_ship::ShipCounters {
    handle.stop(LIMIT).expect("a thread that ends")
}

/// Waits until something is so.
#[track_caller]
fn until(is_so: impl FnMut() -> bool) {
    until_within(LIMIT, is_so);
}

#[track_caller]
fn until_within(limit: Duration, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < limit, "it never came");
        thread::sleep(Duration::from_millis(10));
    }
}
