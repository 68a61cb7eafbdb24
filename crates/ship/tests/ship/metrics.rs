//! Metrics, with a recorder that keeps them.

use std::{
    collections::BTreeMap,
    sync::{
        atomic::{AtomicU64, Ordering::Relaxed},
        Arc, Mutex, OnceLock,
    },
    time::Duration,
};

use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};

use super::{
    log::{lines, Directory},
    memory::{Fault, Memory},
    shipper, shipper_at, stop, until,
};

/// By names, with their labels.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<BTreeMap<String, Arc<AtomicU64>>>>);

impl Kept {
    /// That of all tests, as there can be one only.
    fn installed() -> &'static Self {
        static KEPT: OnceLock<Kept> = OnceLock::new();
        KEPT.get_or_init(|| {
            let kept = Kept::default();
            let installed = metrics::set_global_recorder(kept.clone());
            assert!(installed.is_ok(), "the only recorder");
            kept
        })
    }

    fn at(&self, key: &Key) -> Arc<AtomicU64> {
        let labels: Vec<_> = key
            .labels()
            .map(|it| format!("{}={}", it.key(), it.value()))
            .collect();
        let name = format!("{} {}", key.name(), labels.join(","));
        Arc::clone(self.0.lock().expect("no panic").entry(name).or_default())
    }

    fn get(&self, name: &str, shipper: &str) -> Option<u64> {
        let name = format!("body_logger_ship_{name} shipper={shipper}");
        let kept = self.0.lock().expect("no panic");
        Some(kept.get(&name)?.load(Relaxed))
    }
}

impl Recorder for Kept {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, key: &Key, _: &Metadata<'_>) -> Counter {
        Counter::from_arc(self.at(key))
    }

    fn register_gauge(&self, key: &Key, _: &Metadata<'_>) -> Gauge {
        Gauge::from_arc(self.at(key))
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        Histogram::noop()
    }
}

#[test]
fn counters_are_metrics_of_a_shipper() {
    let kept = Kept::installed();
    let directory = Directory::new();
    directory.append(&lines(1..101));
    let memory = Memory::failing([Fault::Lost]);
    // No other test has a position of this name.
    let position = directory.file("metrics.position");
    let handle = shipper_at(&position, &directory, memory.clone())
        .spawn()
        .expect("a shipper");
    memory.numbers(100);
    let counters = stop(handle);
    let get = |name: &str| kept.get(name, "metrics.position");
    assert_eq!(get("entries_total"), Some(100));
    assert_eq!(get("bytes_total"), Some(counters.shipped_bytes));
    assert_eq!(get("retries_total"), Some(1));
    for name in [
        "filtered_total",
        "dead_letters_total",
        "rejected_total",
        "unreadable_lines_total",
        "losses_total",
    ] {
        assert_eq!(get(name), Some(0), "{name}");
    }
    assert_eq!(get("lag_entries").map(f64::from_bits), Some(0.0));
}

#[test]
fn lag_is_seen_while_a_destination_is_away() {
    let kept = Kept::installed();
    let directory = Directory::new();
    directory.append(&lines(1..101));
    let memory = Memory::failing([Fault::Hangs]);
    let handle = shipper(&directory, memory.clone())
        .name("away")
        .batch_entries(10)
        .call_timeout(Duration::from_secs(600))
        .spawn()
        .expect("a shipper");
    let gauge = |name: &str| kept.get(name, "away").map(f64::from_bits);
    until(|| gauge("lag_entries").is_some_and(|lag| lag >= 20.0));
    assert!(gauge("lag_bytes").is_some_and(|lag| lag > 0.0));
    let _ = handle.stop(Duration::ZERO);
}
