//! A destination that a log is shipped to.

use std::{thread, time::Duration};

use body_logger_ship::{AnyDestination, DestinationUrl, ShipCounters, ShipHandle, Shipper};

use crate::failure::Failure;

#[derive(Debug)]
pub(super) struct Target {
    url: DestinationUrl,
    handle: ShipHandle,
}

/// How all destinations ended.
#[derive(Debug)]
pub(super) struct Stopped {
    pub(super) counters: Vec<(DestinationUrl, ShipCounters)>,
    /// Those that did not end in time.
    pub(super) late: Vec<DestinationUrl>,
}

/// The destination that a URL describes.
pub(super) fn destination(url: &DestinationUrl) -> Result<AnyDestination, Failure> {
    let destination = url.destination();
    destination.map_err(|error| Failure::Usage(format!("cannot ship to {url}: {error}")))
}

impl Target {
    pub(super) fn start(
        url: DestinationUrl,
        shipper: Shipper<AnyDestination>,
    ) -> Result<Self, Failure> {
        let handle = shipper.spawn();
        let cannot = |error| Failure::cannot(format_args!("ship to {url}"), error);
        Ok(Self {
            handle: handle.map_err(cannot)?,
            url,
        })
    }

    pub(super) fn url(&self) -> &DestinationUrl {
        &self.url
    }

    pub(super) fn counters(&self) -> ShipCounters {
        self.handle.counters()
    }

    pub(super) fn is_running(&self) -> bool {
        self.handle.is_running()
    }
}

/// Stops all of them at once, so that together they take no longer than one may.
pub(super) fn stop(targets: Vec<Target>, within: Duration) -> Stopped {
    let mut stopped = Stopped {
        counters: Vec::new(),
        late: Vec::new(),
    };
    thread::scope(|scope| {
        let stopping = targets.into_iter().map(|Target { url, handle }| {
            let counters = handle.counters();
            (url, counters, scope.spawn(move || handle.stop(within)))
        });
        // All of them are started before the first is waited for.
        let stopping: Vec<_> = stopping.collect();
        for (url, counters, stop) in stopping {
            match stop.join() {
                Ok(Ok(counters)) => stopped.counters.push((url, counters)),
                // The thread only waits, and so does not panic.
                Ok(Err(_)) | Err(_) => {
                    stopped.counters.push((url.clone(), counters));
                    stopped.late.push(url);
                }
            }
        }
    });
    stopped
}

/// Whether all that the filter matches is at the destination.
pub(super) fn is_whole(counters: &ShipCounters) -> bool {
    counters.dead_letters == 0
        && counters.rejected == 0
        && counters.unreadable_lines == 0
        && counters.losses == 0
}
