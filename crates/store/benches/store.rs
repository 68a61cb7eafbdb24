//! Writes records of 1 KiB on one thread, and asks for pages of 50: `cargo bench -p body-logger-store -- [RECORDS]`.
//!
//! Timings are those of this machine at this moment; its load is printed beside them.

use std::{
    env, fs,
    path::Path,
    time::{Duration, Instant, SystemTime},
};

use body_logger_core::{
    record::{entry_id, new_id, BodyState, ErrorKind, ErrorRecord, Json, Outcome, ResponseRecord},
    Entry, Filter, Record, Sink,
};
use body_logger_store::Store;
use uuid::Uuid;

const BATCH: u64 = 1000;
const LINE_BYTES: usize = 1024;
const WORDS: [&str; 16] = [
    "server",
    "keyboard",
    "refund",
    "shipped",
    "pending",
    "invoice",
    "customer",
    "express",
    "warehouse",
    "discount",
    "premium",
    "monthly",
    "gift",
    "return",
    "address",
    "currency",
];

/// Pseudo-random numbers, the same in every run.
fn mixed(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 27)
}

fn record(run: Uuid, number: u64) -> Record {
    let random = mixed(number);
    let time = SystemTime::UNIX_EPOCH + Duration::from_millis(1_795_252_501_000 + number * 5);
    let id = entry_id(run, number, time);
    let mut record = Record::new(id.to_string(), id, run, number, time);
    let (status, outcome) = match random % 1000 {
        0 => (500, Outcome::Panicked),
        1..=9 => (503, Outcome::ServiceError),
        10..=49 => (404, Outcome::Completed),
        50..=60 => (200, Outcome::ResponseAborted),
        _ => (200, Outcome::Completed),
    };
    record.outcome = Some(outcome);
    record.duration_us = Some(200 + random % 100_000);
    record.ttfb_us = Some(150);
    record.client.addr =
        Some(format!("192.0.2.{}:{}", random % 250, 1024 + random % 60_000).into());
    record
        .attributes
        .insert("user".to_owned(), (random % 5000).to_string());
    let request = &mut record.request;
    request.method = if random.is_multiple_of(3) {
        "POST"
    } else {
        "GET"
    }
    .into();
    request.scheme = "http".into();
    request.host = Some("localhost:8080".into());
    request.path = format!("/shop{}/orders/{}", random % 20, random % 100_000).into();
    request.route = Some(format!("/shop{}/orders/{{id}}", random % 20).into());
    request.version = "HTTP/1.1".into();
    request.headers = vec![
        ("authorization".into(), "***".into()),
        ("content-type".into(), "application/json".into()),
        ("user-agent".into(), "curl/8.5.0".into()),
    ];
    let mut response = ResponseRecord::new(status);
    response.headers = vec![("content-type".into(), "application/json".into())];
    response.body.state = BodyState::Complete;
    response.body.media_type = Some("application/json".into());
    if number % 100_000 == 777 {
        let mut error = ErrorRecord::new(ErrorKind::Handler, Some(500));
        error.message = Some("refused card".to_owned());
        record.error = Some(error);
    }
    record.response = Some(response);
    let length = serde_json::to_string(&record).expect("JSON").len();
    let mut items = Vec::new();
    let mut bytes = length + r#","json":{"items":[]}"#.len();
    while bytes < LINE_BYTES {
        let word = mixed(random + items.len() as u64);
        let item = format!("{} {}", WORDS[(word % 16) as usize], word % 10_000);
        bytes += item.len() + 3;
        items.push(item);
    }
    let json = serde_json::json!({ "items": items }).to_string();
    if let Some(response) = &mut record.response {
        response.body.bytes = Some(json.len() as u64);
        response.body.captured = json.len() as u64;
        response.body.json = Json::from_text(json).ok();
    }
    record
}

fn load() -> String {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    load.split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// Time that this thread has run. On a machine that does other things as well, it says more than the time that passed.
fn cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = stat.split(' ').next().and_then(|nanos| nanos.parse().ok());
    Duration::from_nanos(nanos.unwrap_or_default())
}

fn resident_mib() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap_or_default();
    let kib: String = line.chars().filter(char::is_ascii_digit).collect();
    kib.parse().unwrap_or(0) / 1024
}

#[expect(clippy::print_stdout, reason = "a bench reports to its terminal")]
fn main() {
    let count = env::args()
        .skip(1)
        .find_map(|argument| argument.parse().ok());
    let count: u64 = count.unwrap_or(200_000);
    let directory = env::temp_dir().join(format!("body-logger-store-bench-{}", std::process::id()));
    fs::create_dir_all(&directory).expect("a directory");
    let path = directory.join("bench.db");
    println!("load {}", load());
    let store = written(&path, count);
    asked(&store);
    let start = Instant::now();
    let overview = store.overview(&Filter::default(), 60).expect("an overview");
    println!(
        "overview of {}: {:.0?}",
        overview.totals.exchanges,
        start.elapsed()
    );
    println!("load {}", load());
    drop(store);
    fs::remove_dir_all(&directory).expect("removed");
    in_memory();
}

#[expect(clippy::print_stdout, reason = "a bench reports to its terminal")]
fn written(path: &Path, count: u64) -> Store {
    let store = Store::open(path).expect("a store");
    let run = new_id();
    let (mut busy, mut running) = (Duration::ZERO, Duration::ZERO);
    for first in (0..count).step_by(BATCH as usize) {
        let batch: Vec<Entry> = (first..first + BATCH)
            .map(|at| Entry::Record(record(run, at)))
            .collect();
        let (start, cpu_start) = (Instant::now(), cpu_time());
        store.write(&batch).expect("written");
        busy += start.elapsed();
        running += cpu_time() - cpu_start;
        let done = first + BATCH;
        if done.is_multiple_of(100_000) {
            println!(
                "{done} written, {:.0} a second so far, {:.0} a second of CPU, {} MiB resident",
                done as f64 / busy.as_secs_f64(),
                done as f64 / running.as_secs_f64(),
                resident_mib()
            );
        }
    }
    let start = Instant::now();
    store.sync().expect("synced");
    let counters = store.counters().expect("counters");
    println!(
        "synced in {:.0?}; {} bytes a line, {} in the file",
        start.elapsed(),
        counters.line_bytes / counters.records,
        counters.used_bytes / counters.records
    );
    store
}

#[expect(clippy::print_stdout, reason = "a bench reports to its terminal")]
fn asked(store: &Store) {
    for text in [
        "",
        "status:500",
        "status:5xx",
        "status:404",
        "status:302",
        "route:/shop7/orders/{id}",
        "route:/gone",
        "path:/shop7/orders/77",
        "path:/shop7",
        "path:/gone",
        "outcome:panicked",
        "outcome:cancelled",
        "@user:42",
        "@user:none",
        "client:192.0.2.77",
        "id:none",
        "refused",
        "\"refused card\"",
        "server",
        "server keyboard refund",
        "\"server 77\"",
        "\"keyboard server\"",
        "from:2026-11-21T09:40:00Z to:2026-11-21T09:41:00Z",
        "status:5xx route:/shop7/orders/{id} @user:42",
        "slower:99ms",
        "slower:1h",
        "larger:1GiB",
        "method:delete",
        "body:withheld",
        "method:post slower:100ms status:200",
    ] {
        let filter: Filter = text.parse().expect(text);
        let (mut slowest, mut running) = (Duration::ZERO, Duration::ZERO);
        let mut page = None;
        for _ in 0..3 {
            let (start, cpu_start) = (Instant::now(), cpu_time());
            page = Some(store.page(&filter, None, 50).expect("a page"));
            slowest = slowest.max(start.elapsed());
            running = running.max(cpu_time() - cpu_start);
        }
        let page = page.expect("three pages");
        let all = if page.complete { "" } else { ", partial" };
        println!(
            "{slowest:>8.1?} ({running:.1?} of CPU) {:>3} records{all}: {text}",
            page.records.len()
        );
    }
}

#[expect(clippy::print_stdout, reason = "a bench reports to its terminal")]
fn in_memory() {
    let store = Store::in_memory(256 * 1024 * 1024).expect("a store");
    let run = new_id();
    for first in (0..300_000).step_by(BATCH as usize) {
        let batch: Vec<Entry> = (first..first + BATCH)
            .map(|at| Entry::Record(record(run, at)))
            .collect();
        store.write(&batch).expect("written");
    }
    let counters = store.counters().expect("counters");
    println!(
        "256 MiB hold {} records of 1 KiB, {} MiB resident",
        counters.records,
        resident_mib()
    );
}
