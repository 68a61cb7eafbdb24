//! What one piece of work costs, beside what one would use otherwise, in the same run and in turns.

#![allow(clippy::print_stdout, reason = "it prints a table")]

use std::{
    hint::black_box,
    io::{Read, Write},
    sync::mpsc::sync_channel,
    thread,
    time::{Duration, Instant},
};

use actix_web_body_logger::{
    internals::{self, Message, Request},
    record::BodyState,
    Entry, Record,
};
use body_logger_redact::{Extent, Redactor};
use flate2::{read::GzDecoder, write::GzEncoder, Compression};
use regex::Regex;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

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

    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(document.as_bytes()).expect("memory");
    let coded = encoder.finish().expect("memory");
    compare(
        "gzip, decoded",
        document.len(),
        || internals::decode("gzip", &coded, usize::MAX),
        "flate2's reader",
        || {
            let mut plain = Vec::new();
            GzDecoder::new(&*coded)
                .read_to_end(&mut plain)
                .map(|_| plain)
        },
    );

    compare(
        "an exchange with two JSON bodies, made a record",
        2 * document.len(),
        || record(&document),
        "both to `Value`",
        || [(); 2].map(|()| serde_json::from_str::<Value>(&document)),
    );
    let queue = internals::HandOver::start();
    let (sender, receiver) = sync_channel::<Box<[u64; 24]>>(1 << 20);
    thread::spawn(move || receiver.into_iter().for_each(drop));
    compare(
        "an entry, handed to the queue",
        0,
        || queue.send(),
        "a box, sent through a channel of std's",
        || sender.send(Box::new([0; 24])),
    );
    compare(
        "a keyed digest",
        document.len(),
        || internals::digest(document.as_bytes(), b"key"),
        "SHA-256 alone",
        || Sha256::digest(&document),
    );

    let made = record(&document);
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
        || internals::line(&entry),
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

const HEADERS: &[(&str, &[u8])] = &[
    ("content-type", b"application/json"),
    ("user-agent", b"curl/8.14.1"),
    ("accept", b"*/*"),
    ("authorization", b"Bearer s3cret"),
];

fn message<'a>(chunks: &'a [&'a [u8]]) -> Message<'a> {
    Message {
        headers: HEADERS,
        chunks,
        limit: 1 << 20,
        keep_end: false,
        state: BodyState::Complete,
    }
}

fn record(document: &str) -> Record {
    let chunks = &[document.as_bytes()];
    let request = Request {
        method: "POST",
        path: b"/orders/7",
        query: Some(b"page=2&token=abc"),
        host: Some(b"localhost:8080"),
        route: Some("/orders/{id}"),
        message: message(chunks),
    };
    internals::record(&request, Some((200, &message(chunks))), &[], None)
}
