//! `body-logger stats`.

use body_logger_core::record::Outcome;
use serde_json::{json, Value};

use super::*;

/// A log of two routes, with an error, a gap, and a number that is missing.
fn log(directory: &Directory) -> String {
    let mut lines = String::new();
    for number in 1..=100 {
        let mut record = record(number);
        record.duration_us = Some(number as u64 * 1000);
        if number > 90 {
            record.request.route = Some("/items".into());
            record.request.method = "GET".into();
        }
        let response = record.response.as_mut().expect("a response");
        response.body.bytes = Some(1024);
        match number {
            1 => response.status = 500,
            2 => response.status = 404,
            3 => record.outcome = Some(Outcome::Panicked),
            _ => {}
        }
        if number != 50 {
            lines += &line(&record);
        }
    }
    let mut stage = record(103);
    stage.stage = Some(body_logger_core::record::Stage::Start);
    lines += &gap_text(&gap(101..103, "dropped_newest"));
    lines += &line(&stage);
    directory.with("audit.jsonl", lines)
}

fn json(args: &[&str]) -> Value {
    let run = run(&[&["stats", "--json"], args].concat());
    assert_eq!((run.code, &run.err[..]), (0, ""));
    serde_json::from_str(&run.out).expect("JSON")
}

#[test]
fn sums_up_routes_errors_durations_bytes_and_what_is_missing() {
    let directory = Directory::new("stats");
    let all = json(&[&log(&directory)]);
    assert_eq!(all["exchanges"], 99);
    assert_eq!(all["errors"], 2);
    assert_eq!(all["error_share"], 2.0 / 99.0);
    assert_eq!(all["client_errors"], 1);
    assert_eq!(all["response_bytes"], 99 * 1024);
    assert_eq!(all["request_bytes"], 99 * 38);
    assert_eq!(all["duration_us"]["max"], 100_000);
    assert_eq!(all["outcomes"], json!({"completed": 98, "panicked": 1}));
    assert_eq!(all["from"], "2026-11-21T09:15:01.123456Z");

    let routes = all["routes"].as_array().expect("routes");
    let counts: Vec<_> = routes
        .iter()
        .map(|it| (&it["method"], &it["route"], &it["exchanges"]))
        .collect();
    assert_eq!(
        counts,
        [
            (&json!("POST"), &json!("/orders/{id}"), &json!(89)),
            (&json!("GET"), &json!("/items"), &json!(10))
        ]
    );
    let p50 = routes[1]["duration_us"]["p50"].as_u64().expect("a number");
    assert!((95_000..=95_950).contains(&p50), "{p50}");

    assert_eq!(all["gaps"]["lost"], 2);
    assert_eq!(all["gaps"]["reasons"], json!({"dropped_newest": 2}));
    let run = &all["runs"][0];
    assert_eq!((&run["entries"], &run["last"]), (&json!(100), &json!(103)));
    assert_eq!(
        (&run["lost"], &run["unexplained"]),
        (&json!([[101, 102]]), &json!([[50, 50]]))
    );
    assert_eq!(run["is_complete"], false);
}

#[test]
fn a_filter_chooses_exchanges_but_what_is_missing_is_that_of_the_whole_log() {
    let directory = Directory::new("stats-filter");
    let log = log(&directory);
    let some = json(&[&log, "method:get"]);
    assert_eq!(
        (&some["exchanges"], &some["errors"]),
        (&json!(10), &json!(0))
    );
    assert_eq!(some["gaps"]["lost"], 2);
    assert_eq!(some["runs"], json(&[&log])["runs"]);
    let none = json(&[&log, "method:put"]);
    assert_eq!(
        (
            &none["exchanges"],
            &none["error_share"],
            &none["duration_us"]
        ),
        (&json!(0), &json!(0.0), &Value::Null)
    );
}

#[test]
fn prints_a_table() {
    let directory = Directory::new("stats-table");
    let run = run(&["stats", &log(&directory)]);
    let expected = "\
from 2026-11-21T09:15:01.123456Z to 2026-11-21T09:15:01.123456Z
route              count     errors  4xx      p50      p90       p99       max  received       sent
POST /orders/{id}     89  2 (2.2 %)    1  45.1 ms  82.4 ms   90.0 ms   90.0 ms  3.30 KiB  89.00 KiB
GET /items            10  0 (0.0 %)    0  95.2 ms  99.3 ms  100.0 ms  100.0 ms     380 B  10.00 KiB
all                   99  2 (2.0 %)    1  51.2 ms  91.1 ms  100.0 ms  100.0 ms  3.67 KiB  99.00 KiB
completed: 98
panicked: 1
lost entries: 2 in 1 gaps from 2026-11-21T09:15:01.123456Z to 2026-11-21T09:15:01.123456Z (dropped_newest: 2)
";
    let (table, run_line) = run.out.split_at(expected.len().min(run.out.len()));
    assert_eq!(table, expected);
    assert!(
        run_line.ends_with(": 100 entries, numbered up to 103; lost, as gaps say: 2 (101-102); missing without an explanation: 1 (50)\n"),
        "{run_line}"
    );
}

#[test]
fn clients_cannot_make_the_table_long() {
    let directory = Directory::new("stats-methods");
    let log: String = (0..50)
        .map(|number| {
            let mut record = record(number);
            record.request.method = format!("M{number}").into();
            record.request.route = None;
            line(&record)
        })
        .collect();
    let log = directory.with("audit.jsonl", log);
    assert_eq!(json(&[&log])["routes"].as_array().map(Vec::len), Some(1));
}

#[test]
fn says_that_lines_could_not_be_read() {
    let directory = Directory::new("stats-damage");
    let log = directory.with("audit.jsonl", lines(1..3) + "no entry\n");
    let run = run(&["stats", &log]);
    assert_eq!(run.code, 1);
    assert!(run.err.contains("the line is no JSON"), "{}", run.err);
}
