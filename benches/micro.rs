//! What one piece of work costs, beside what one would use otherwise, in the same run and in turns.

#![allow(clippy::print_stdout, reason = "it prints a table")]

use std::{
    hint::black_box,
    io::{Read, Write},
    time::{Duration, Instant},
};

use actix_web::http::{
    header::{HeaderMap, HeaderName, HeaderValue, CONTENT_ENCODING},
    Method,
};
use actix_web_body_logger::{record::JsonLineBuffer, Entry};
use body_logger_redact::{Extent, Redactor};
use flate2::{read::GzDecoder, write::GzEncoder, Compression};
use regex::Regex;
use serde_json::Value;

use self::served::{Message, Script, Served};

#[allow(unreachable_pub, dead_code, reason = "the fuzz targets reach it")]
#[path = "../fuzz/oracles/served.rs"]
mod served;

const ROUNDS: usize = 21;
/// Long enough for the clock, short enough for turns.
const TURN: Duration = Duration::from_millis(5);

fn main() {
    println!("| work | bytes | takes | instead | takes | ratio |");
    println!("|---|---:|---:|---|---:|---:|");
    let document = document();
    let secret = Regex::new(r#""(?i:password|token|secret|api_key|card_number)"\s*:\s*"[^"]*""#)
        .expect("an expression");
    let redactor = Redactor::default();
    let json = || redactor.json(document.as_bytes(), Extent::Whole);
    compare(
        "JSON, redacted",
        document.len(),
        json,
        "to `Value`, masked, and back",
        || {
            let mut value: Value = serde_json::from_str(black_box(&document)).expect("a document");
            mask(&mut value);
            value.to_string()
        },
    );
    compare(
        "JSON, redacted",
        document.len(),
        json,
        "a regular expression for five names",
        || secret.replace_all(&document, "***").into_owned(),
    );

    let form =
        "name=Ada+Lovelace&email=ada%40example.org&password=s3cret&city=Springfield&".repeat(50);
    let form = form.trim_end_matches('&');
    compare(
        "form, redacted",
        form.len(),
        || redactor.form(form, Extent::Whole),
        "parsed, masked, and written",
        || {
            let mut pairs: Vec<(String, String)> =
                serde_urlencoded::from_str(form).expect("a form");
            for (name, value) in &mut pairs {
                if name == "password" {
                    "***".clone_into(value);
                }
            }
            serde_urlencoded::to_string(pairs)
        },
    );

    let served = Served::new(&["/orders/{id}"], |logger| logger.max_body_bytes(1 << 20));
    let plain = exchange(document.as_bytes());
    compare(
        "an exchange with two JSON bodies, served and recorded",
        2 * document.len(),
        || served.record(plain.clone()),
        "both to `Value`",
        || [(); 2].map(|()| serde_json::from_str::<Value>(&document)),
    );
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(document.as_bytes()).expect("memory");
    let gzip = encoder.finish().expect("memory");
    let mut coded = exchange(&gzip);
    for message in [&mut coded.request].into_iter().chain(&mut coded.answer) {
        let gzip = HeaderValue::from_static("gzip");
        message.head.insert(CONTENT_ENCODING, gzip);
    }
    compare(
        "the same, both bodies in gzip",
        2 * document.len(),
        || served.record(coded.clone()),
        "both decoded by flate2's reader",
        || {
            [(); 2].map(|()| {
                let mut plain = Vec::new();
                GzDecoder::new(&*gzip)
                    .read_to_end(&mut plain)
                    .map(|_| plain)
            })
        },
    );

    let made = served.record(plain);
    let value = serde_json::to_value(&made).expect("plain data");
    compare(
        "a record, by serde",
        2 * document.len(),
        || serde_json::to_vec(&made),
        "the same as a `Value`",
        || serde_json::to_vec(&value),
    );
    let entry = Entry::Record(made);
    compare(
        "a record's line",
        2 * document.len(),
        || {
            let mut lines = JsonLineBuffer::default();
            lines.push(&entry).map(|()| lines)
        },
        "the same by serde",
        || serde_json::to_vec(&entry),
    );
}

/// Prints a row.
fn compare<T, U>(
    work: &str,
    bytes: usize,
    run: impl Fn() -> T,
    instead: &str,
    run_instead: impl Fn() -> U,
) {
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        ours.push(seconds_of(&run));
        others.push(seconds_of(&run_instead));
    }
    let (ours, others) = (median(ours), median(others));
    println!(
        "| {work} | {bytes} | {:.1} µs | {instead} | {:.1} µs | {:.2} |",
        ours * 1e6,
        others * 1e6,
        others / ours
    );
}

/// How long one run takes, of as many as fill a turn.
fn seconds_of<T>(run: impl Fn() -> T) -> f64 {
    let start = Instant::now();
    let mut runs = 0;
    while start.elapsed() < TURN {
        drop(black_box(run()));
        runs += 1;
    }
    start.elapsed().as_secs_f64() / f64::from(runs)
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}

/// Masks what is under a few names.
fn mask(value: &mut Value) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let name = name.to_ascii_lowercase();
                if ["password", "token", "secret", "api_key", "card_number"].contains(&&*name) {
                    *value = Value::from("***");
                } else {
                    mask(value);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(mask),
        _ => {}
    }
}

/// Some 4 KiB.
fn document() -> String {
    let records: Vec<_> = (0..20)
        .map(|n| {
            format!(
                r#"{{"id":{n},"name":"user {n}","email":"user{n}@example.org","active":true,"password":"s3cret-{n}","address":{{"street":"{n} Main Street","city":"Springfield"}},"roles":["reader","writer"],"balance":{n}.25,"note":null}}"#
            )
        })
        .collect();
    format!("[{}]", records.join(","))
}

/// A request with this body, which is the answer's, too.
fn exchange(body: &[u8]) -> Script {
    let mut head = HeaderMap::new();
    for (name, value) in [
        ("content-type", "application/json"),
        ("user-agent", "curl/8.14.1"),
        ("accept", "*/*"),
        ("authorization", "Bearer s3cret"),
        ("host", "localhost:8080"),
    ] {
        let name = HeaderName::from_static(name);
        head.insert(name, HeaderValue::from_static(value));
    }
    let message = Message {
        head,
        chunks: vec![body.to_vec().into()],
        ..Message::default()
    };
    Script {
        method: Method::POST,
        target: "/orders/7?page=2&token=abc".to_owned(),
        request: message.clone(),
        answer: Some(message),
        ..Script::default()
    }
}
