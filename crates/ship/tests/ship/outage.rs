//! Destinations that are slow, and away, while a log grows.

use std::{
    sync::{atomic::AtomicBool, atomic::Ordering::Relaxed, Arc},
    thread,
    time::Duration,
};

use body_logger_ship::{Destination, ShipCounters};

use super::{
    kill::{self, write_until},
    log::Directory,
    proxy::{Mode, Proxy},
    shipper, stop, until, LIMIT,
};

/// How long a destination is away: a second, or what `BODY_LOGGER_OUTAGE` says.
fn outage() -> Duration {
    let seconds = std::env::var("BODY_LOGGER_OUTAGE");
    Duration::from_secs(seconds.map_or(1, |seconds| seconds.parse().expect("seconds")))
}

/// What was written and counted in the end.
pub(crate) struct Outlived {
    pub(crate) written: u64,
    pub(crate) counters: ShipCounters,
    pub(crate) directory: Directory,
}

/// Ships through a slow proxy, which is away for a while, while a log grows and rotates. Returns when all was shipped.
#[track_caller]
pub(crate) fn outlive<D: Destination>(proxy: &Proxy, destination: D) -> Outlived {
    let directory = Directory::new();
    let ends = Arc::new(AtomicBool::new(false));
    let writer = thread::spawn({
        let (live, ends) = (directory.live(), Arc::clone(&ends));
        move || write_until(&live, &ends)
    });
    proxy.set(Mode::Slow(Duration::from_millis(1)));
    let handle = shipper(&directory, destination)
        .batch_entries(100)
        .spawn()
        .expect("a shipper");
    until(|| handle.counters().shipped >= 300);
    proxy.set(Mode::Away);
    // What was on its way when it went away may be acknowledged until that is noticed.
    let retries = handle.counters().retries;
    until(|| handle.counters().retries > retries);
    let noticed = handle.counters();
    thread::sleep(outage());
    until(|| handle.counters().lag > outage() / 2);
    let away = handle.counters();
    assert_eq!(away.shipped, noticed.shipped);
    assert!(away.lag_bytes > 0 && away.lag_entries > 0, "{away:?}");
    proxy.set(Mode::Reliable);
    until(|| handle.counters().shipped >= away.shipped + 300);
    ends.store(true, Relaxed);
    let written = writer.join().expect("a writer");
    // Twice as long as it took to write.
    kill::wait_within(LIMIT + 2 * outage(), &directory);
    Outlived {
        written,
        counters: stop(handle),
        directory,
    }
}
