//! Measures the page in a headless Chromium, by its own tracing: until the list is painted, and frames while it scrolls.
//!
//! `just bench-page` prints the table of docs/inspector/README.md. Server and browser share the machine, which has to be
//! quiet: its load is printed, too.

#[allow(dead_code, reason = "shared with the tests, which need more of it")]
#[path = "../../tests/browser/driver.rs"]
mod driver;
#[allow(dead_code, reason = "shared with the tests, which need more of it")]
#[path = "../../tests/service/http.rs"]
mod http;
#[allow(dead_code, reason = "shared with the tests, which need more of it")]
#[path = "../../tests/support/mod.rs"]
mod support;
mod trace;

use std::{env, fs, future::Future, pin::Pin};

use body_logger_inspector::Inspector;
use serde_json::json;

use self::{
    driver::{browse_as, Browser},
    support::orders,
    trace::Tracer,
};

/// Loads that are measured.
const LOADS: usize = 15;

/// Scrolls that are measured, each of this many pixels a second for six seconds.
const SCROLLS: usize = 3;
const PIXELS_PER_SECOND: u32 = 3_000;
const SECONDS: u32 = 6;

#[expect(clippy::print_stdout, reason = "its result")]
fn main() {
    // Tests build benches, too, and run them without this argument.
    if !env::args().any(|argument| argument == "--bench") {
        return;
    }
    let records = env::var("BODY_LOGGER_BENCH_RECORDS").ok();
    let records = records.and_then(|it| it.parse().ok()).unwrap_or(100_000);
    let store = orders(records);
    let browse = |test: fn(Browser, usize) -> Measured| {
        let inspector = Inspector::over(store.clone()).localhost_only();
        browse_as(inspector, trace::capabilities(), async |browser| {
            test(browser, records).await;
        });
    };
    println!("| {records} records | median | of |\n|---|---|---|");
    browse(|browser, records| Box::pin(loads(browser, records, "nothing")));
    browse(|browser, records| Box::pin(loads(browser, records, "the assets")));
    browse(|browser, records| Box::pin(scrolls(browser, records)));
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    println!("\nLoad of the machine: {load}");
}

type Measured = Pin<Box<dyn Future<Output = ()>>>;

#[expect(clippy::print_stdout, reason = "its result")]
async fn loads(browser: Browser, records: usize, cached: &str) {
    let tracer = Tracer::new(&browser).await;
    for _ in 0..LOADS {
        browser
            .client
            .goto("about:blank")
            .await
            .expect("an empty page");
        if cached == "nothing" {
            tracer.devtools("Network.clearBrowserCache", &json!({}));
        }
        browser.open("").await;
        browser.rows(records).await;
    }
    let loads = tracer.loads();
    assert_eq!(loads.len(), LOADS, "loads in the trace");
    let paints = loads.iter().map(|load| load.first_paint).collect();
    let rows = loads.iter().map(|load| load.first_rows).collect();
    for (what, times) in [
        ("first contentful paint", paints),
        ("first rows painted", rows),
    ] {
        let (low, median, high) = spread(times);
        println!("| {what}, {cached} cached | {median:.0} ms | {LOADS} loads, {low:.0} to {high:.0} ms |");
    }
}

#[expect(clippy::print_stdout, reason = "its result")]
async fn scrolls(browser: Browser, records: usize) {
    let tracer = Tracer::new(&browser).await;
    for _ in 0..SCROLLS {
        browser.open("").await;
        browser.rows(records).await;
        tracer.scroll(PIXELS_PER_SECOND, SECONDS).await;
    }
    let scrolls = tracer.scrolls();
    assert_eq!(scrolls.len(), SCROLLS, "scrolls in the trace");
    let (low, median, high) = spread(scrolls.iter().map(|it| it.per_second).collect());
    let (_, _, gap) = spread(scrolls.iter().map(|it| it.most_within).collect());
    println!(
        "| scrolling by wheel, {SECONDS} seconds | {median:.0} frames/s | {SCROLLS} runs, {low:.0} to {high:.0} frames/s, \
         95 % of frames within {gap:.0} ms |"
    );
}

/// The least, the median and the greatest.
fn spread(mut values: Vec<f64>) -> (f64, f64, f64) {
    values.sort_by(f64::total_cmp);
    (
        values[0],
        values[values.len() / 2],
        values[values.len() - 1],
    )
}
