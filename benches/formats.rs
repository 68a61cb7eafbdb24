//! That no body is slow to format: the time of each format, beside that for plain JSON of the same size, and its output.
//!
//! Ends with an error where a body costs more than five times as much, or makes a longer text than documented.

#![allow(clippy::print_stdout, reason = "it prints a table")]

use std::{
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

use actix_web_body_logger::{
    format::{self, Color},
    Record,
};
use serde_json::{json, Value};

const SIZE: usize = 1 << 15;
const ROUNDS: usize = 15;
/// The time that a body may take, beside plain JSON of its size.
const SLOWER_MAX: f64 = 5.0;
/// The output for each byte of a body. JSON in JSON has six for a control character.
const GROWTH_MAX: usize = 8;

type Format = fn(&Record) -> String;

const FORMATS: &[(&str, Format)] = &[
    ("curl", format::curl),
    ("text", |record| format::text(record, Color::Never)),
    ("text, in colour", |record| {
        format::text(record, Color::Always)
    }),
    ("har", |record| {
        serde_json::to_string(&format::har([record])).expect("JSON")
    }),
    ("json", |record| {
        serde_json::to_string(record).expect("JSON")
    }),
];

fn main() -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    println!("| format | body | µs | times plain | output, KB |");
    println!("|---|---|---:|---:|---:|");
    let plain = record("application/json", "json", plain_json());
    for (name, format) in FORMATS {
        let mut rows: Vec<_> = bodies()
            .into_iter()
            .map(|(what, record)| {
                let [ordinary, hostile] = least([&plain, &record], *format);
                (hostile, hostile / ordinary, what, format(&record).len())
            })
            .collect();
        rows.sort_by(|(a, ..), (b, ..)| b.total_cmp(a));
        for (place, (seconds, slower, what, length)) in rows.into_iter().enumerate() {
            let is_bad = slower > SLOWER_MAX || length > GROWTH_MAX * SIZE;
            if is_bad {
                code = ExitCode::FAILURE;
            }
            if place < 3 || is_bad {
                let (micros, length) = (seconds * 1e6, length / 1000);
                println!("| {name} | {what} | {micros:.0} | {slower:.1} | {length} |");
            }
        }
    }
    code
}

/// The seconds that each takes: the least of some turns, taken in turns so that a busy machine slows down both.
fn least(records: [&Record; 2], format: Format) -> [f64; 2] {
    const TURN: Duration = Duration::from_millis(2);
    let mut least = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        for (record, least) in records.into_iter().zip(&mut least) {
            let start = Instant::now();
            let mut runs = 0;
            while start.elapsed() < TURN {
                black_box(format(black_box(record)));
                runs += 1;
            }
            *least = least.min(start.elapsed().as_secs_f64() / f64::from(runs));
        }
    }
    least
}

fn record(media_type: &str, kind: &str, content: String) -> Record {
    let head = json!({
        "v": 1, "id": "an-id", "entry_id": "01a1fd63-3a99-7f10-a2b4-6c0d8e1f3a57",
        "run": "01a1fd21-0c4e-7b1d-8f35-2e9a7c6b5d40", "seq": 1, "time": "2026-11-21T09:15:01.123456Z",
        "outcome": "completed", "error": null, "duration_us": 1234, "ttfb_us": 456,
        "client": { "addr": null }, "attributes": {},
        "request": {
            "method": "POST", "scheme": "http", "host": "localhost:8080",
            "path": "/", "route": null, "query": null, "version": "HTTP/1.1",
            "headers": [["content-type", media_type]],
            "body": { "state": "complete", "bytes": SIZE, "captured": SIZE,
                      "media_type": media_type, kind: "CONTENT" },
        },
        "response": null,
    });
    let content = match kind {
        "json" | "parts" => content,
        _ => Value::from(content).to_string(),
    };
    // As text, so that any document is taken as it is.
    let line = head.to_string().replacen("\"CONTENT\"", &content, 1);
    serde_json::from_str(&line).expect("a record")
}

fn plain_json() -> String {
    let item = r#"{"id":17,"name":"Ada","email":"ada@example.org","active":true,"note":null}"#;
    list(item)
}

/// A document of as many items as there is room for.
fn list(item: &str) -> String {
    let count = SIZE / (item.len() + 1);
    format!("[{}]", vec![item; count].join(","))
}

fn bodies() -> Vec<(String, Record)> {
    let mut bodies = Vec::new();
    let key = "k".repeat(15_000);
    let masked: Vec<String> = (0..1_400).map(|i| format!(r#""{i}":"***""#)).collect();
    let masked = masked.join(",");
    for (what, document) in [
        (
            "masks under a long key",
            format!(r#"{{"{key}":{{{masked}}}}}"#),
        ),
        ("masks under names", format!("{{{masked}}}")),
        ("many masks", list(r#""***""#)),
        ("many hashes", list(r#""k:0123456789abcdef""#)),
        ("colons", format!("\"{}\"", ":".repeat(SIZE))),
        ("digits behind colons", list(r#"":0123456789abcde""#)),
        ("ones", list("1")),
        ("empty lists", list("[]")),
        ("pairs", list(r#"{"":0}"#)),
        (
            "deep ones",
            format!("{}{}{}", "[".repeat(60), list("1"), "]".repeat(60)),
        ),
        (
            "many deep ones",
            list(&format!("{}{}", "[".repeat(60), "]".repeat(60))),
        ),
        ("quotes", format!("\"{}\"", "'".repeat(SIZE))),
        ("escapes", format!("\"{}\"", "\\\"".repeat(SIZE / 2))),
        ("reordering", format!("\"{}\"", "\u{202e}".repeat(SIZE / 3))),
        ("blanks", format!("[{}]", " ".repeat(SIZE))),
        (
            "no number of a type",
            format!("[1e999,{}]", "\"***\",".repeat(SIZE / 6) + "1"),
        ),
    ] {
        let record = record("application/json", "json", document);
        bodies.push((format!("JSON: {what}"), record));
    }
    for media_type in ["text/plain", "application/x-www-form-urlencoded"] {
        for unit in [
            "\n",
            "\0",
            "\u{1b}",
            "\u{202e}",
            "'",
            "\"",
            "\\",
            "%",
            ":",
            "é",
            "日",
            "a\n",
            "a\u{1b}",
            "***",
            "***&",
            "***=&",
            "&",
            "a&",
            "=&",
            "%3a",
            ":0123456789abcde",
        ] {
            let text = unit.repeat(SIZE / unit.len());
            let record = record(media_type, "text", text);
            bodies.push((format!("{media_type}: {unit:?}"), record));
        }
    }
    let parts: Vec<Value> = (0..100)
        .map(|i| {
            let name = format!("{i}{}", "é".repeat(150));
            json!({ "name": name, "bytes": 1, "text": "***", "reasons": ["body_limit"] })
        })
        .collect();
    let parts = json!(parts).to_string();
    bodies.push((
        "parts".to_owned(),
        record("multipart/form-data", "parts", parts),
    ));
    bodies
}
