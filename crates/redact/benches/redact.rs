//! How fast JSON is redacted, beside parsing the same bytes with serde_json in the same run.
//!
//! What is measured is relative: the two take turns, so that a busy machine slows down both. Words after `--` choose the
//! documents whose names hold one of them.

#![allow(clippy::print_stdout, reason = "it prints a table")]

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use body_logger_redact::{Extent, Redactor};
use serde_json::Value;

const ROUNDS: usize = 21;
/// Long enough for the clock, short enough for turns.
const TURN: Duration = Duration::from_millis(10);
const MIB: usize = 1 << 20;

fn main() {
    println!("| document | bytes | redacted MB/s | parsed MB/s | ratio |");
    println!("|---|---:|---:|---:|---:|");
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|arg| !arg.starts_with('-'))
        .collect();
    let redactor = Redactor::default();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|word| name.contains(word));
    for (name, document) in documents() {
        if !is_wanted(name) {
            continue;
        }
        let input = document.as_bytes();
        let redact = || drop(black_box(redactor.json(black_box(input), Extent::Whole)));
        let parse = || serde_json::from_slice::<Value>(black_box(input));
        let is_parsed = parse().is_ok();
        let (mut redacted, mut parsed) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            redacted.push(seconds_of(redact));
            parsed.push(seconds_of(|| drop(black_box(parse()))));
        }
        let speed = |seconds| input.len() as f64 / 1e6 / median(seconds);
        let (redacted, parsed) = (speed(redacted), speed(parsed));
        let beside = if is_parsed {
            format!("{parsed:.0} | {:.2}", redacted / parsed)
        } else {
            "refused | ".to_owned()
        };
        println!("| {name} | {} | {redacted:.0} | {beside} |", input.len());
    }
}

/// How long one run takes, of as many as fill a turn.
fn seconds_of(run: impl Fn()) -> f64 {
    let start = Instant::now();
    let mut runs = 0;
    while start.elapsed() < TURN {
        run();
        runs += 1;
    }
    start.elapsed().as_secs_f64() / f64::from(runs)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

fn documents() -> Vec<(&'static str, String)> {
    let records: Vec<_> = (0..1500).map(record).collect();
    let compact = format!("[{}]", records.join(","));
    let pretty = serde_json::from_str::<Value>(&compact)
        .and_then(|value| serde_json::to_string_pretty(&value))
        .unwrap_or_default();
    let numbers: Vec<_> = (0..40_000_u64).map(number).collect();
    let prose = "It was the best of times, it was the worst of times; it was the age of wisdom. ";
    let paragraphs = vec![format!("\"{}\"", prose.repeat(20)); 200];
    let escaped =
        vec![r#""line one\n\tline \"two\"\r\n\u00fcber \ud83d\ude00 C:\\dir\\file""#; 5000];
    let levels = |n| format!("{}1{}", "{\"a\":[".repeat(n), "]}".repeat(n));
    vec![
        ("records", compact),
        ("records, pretty-printed", pretty),
        ("numbers", format!("[{}]", numbers.join(","))),
        ("prose", format!("[{}]", paragraphs.join(","))),
        ("a small record", record(7)),
        (
            "nested 100 deep",
            format!("[{}]", vec![levels(49); 500].join(",")),
        ),
        ("escaped text", format!("[{}]", escaped.join(","))),
        ("1 MiB of [", "[".repeat(MIB)),
        (
            "1 MiB of \\\\ in a string",
            format!("\"{}\"", "\\".repeat(MIB)),
        ),
        (
            "1 MiB of \\\" in a string",
            format!("\"{}\"", "\\\"".repeat(MIB / 2)),
        ),
        ("1 MiB of \"", "\"".repeat(MIB)),
    ]
}

fn record(n: u64) -> String {
    format!(
        r#"{{"id":{n},"name":"user {n}","email":"user{n}@example.org","active":true,"password":"s3cret-{n}","address":{{"street":"{n} Main Street","city":"Springfield","zip":"{:05}"}},"roles":["reader","writer"],"balance":{n}.25,"note":null}}"#,
        n * 7 % 99_999
    )
}

fn number(n: u64) -> String {
    match n % 4 {
        0 => n.to_string(),
        1 => format!("-{}.{:04}", n * 37, n % 10_000),
        2 => format!("{}e{}", n, n % 20),
        _ => (n * 1_000_003).to_string(),
    }
}
