//! Counters as metrics, for whatever recorder the application has installed.

use metrics::{counter, describe_counter, describe_gauge, gauge, Counter, Gauge, Unit};

use crate::counters::{AtomicCounters, ShipCounters};

/// What one metric is, and where its value comes from.
struct Described<T> {
    name: &'static str,
    unit: Unit,
    text: &'static str,
    value: fn(&ShipCounters) -> T,
}

const COUNTERS: [Described<u64>; 8] = [
    Described {
        name: "body_logger_ship_entries_total",
        unit: Unit::Count,
        text: "Entries that the destination has acknowledged",
        value: |it| it.shipped,
    },
    Described {
        name: "body_logger_ship_bytes_total",
        unit: Unit::Bytes,
        text: "Bytes that the destination has acknowledged",
        value: |it| it.shipped_bytes,
    },
    Described {
        name: "body_logger_ship_filtered_total",
        unit: Unit::Count,
        text: "Records that the filter did not match",
        value: |it| it.filtered,
    },
    Described {
        name: "body_logger_ship_retries_total",
        unit: Unit::Count,
        text: "Failed attempts, each of which was repeated",
        value: |it| it.retries,
    },
    Described {
        name: "body_logger_ship_dead_letters_total",
        unit: Unit::Count,
        text: "Entries that the destination refused",
        value: |it| it.dead_letters,
    },
    Described {
        name: "body_logger_ship_rejected_total",
        unit: Unit::Count,
        text: "Entries that the destination discarded without saying which",
        value: |it| it.rejected,
    },
    Described {
        name: "body_logger_ship_unreadable_lines_total",
        unit: Unit::Count,
        text: "Lines that are no entries, or too long",
        value: |it| it.unreadable_lines,
    },
    Described {
        name: "body_logger_ship_losses_total",
        unit: Unit::Count,
        text: "Files that were gone, truncated or unreadable before they were shipped",
        value: |it| it.losses,
    },
];

const GAUGES: [Described<f64>; 3] = [
    Described {
        name: "body_logger_ship_lag_entries",
        unit: Unit::Count,
        text: "Entries that are not shipped yet",
        value: |it| it.lag_entries as f64,
    },
    Described {
        name: "body_logger_ship_lag_bytes",
        unit: Unit::Bytes,
        text: "Bytes of the log that are not shipped yet",
        value: |it| it.lag_bytes as f64,
    },
    Described {
        name: "body_logger_ship_lag_seconds",
        unit: Unit::Seconds,
        text: "Age of the last entry shipped, if others follow it",
        value: |it| it.lag.as_secs_f64(),
    },
];

/// The metrics of one shipper, each with the label `shipper`.
pub(crate) struct Metrics {
    counters: [Counter; COUNTERS.len()],
    gauges: [Gauge; GAUGES.len()],
}

impl Metrics {
    pub(crate) fn register(shipper: &str) -> Self {
        Self {
            counters: COUNTERS.map(|it| {
                describe_counter!(it.name, it.unit, it.text);
                counter!(it.name, "shipper" => shipper.to_owned())
            }),
            gauges: GAUGES.map(|it| {
                describe_gauge!(it.name, it.unit, it.text);
                gauge!(it.name, "shipper" => shipper.to_owned())
            }),
        }
    }

    pub(crate) fn set(&self, now: &ShipCounters) {
        for (counter, described) in self.counters.iter().zip(COUNTERS) {
            counter.absolute((described.value)(now));
        }
        for (gauge, described) in self.gauges.iter().zip(GAUGES) {
            gauge.set((described.value)(now));
        }
    }
}

/// Sets metrics once more when it is dropped.
pub(crate) struct SetWhenDropped<'a>(pub(crate) &'a Metrics, pub(crate) &'a AtomicCounters);

impl Drop for SetWhenDropped<'_> {
    fn drop(&mut self) {
        self.0.set(&self.1.snapshot());
    }
}
