//! That no input is slow to redact: the time a byte takes does not grow with the length of the input, whatever repeats in it.
//! And that no coded body is slow to render, beside plain JSON of its size.
//!
//! Ends with an error where one is. Each input is read at two lengths in turns, so that a busy machine slows down both;
//! work that is quadratic would make a byte of the longer one sixteen times as slow.

#![allow(clippy::print_stdout, reason = "it prints a table")]

mod codings;
mod hostile;

use std::{
    hint::black_box,
    process::ExitCode,
    time::{Duration, Instant},
};

use actix_web_body_logger::{
    internals::{self, Message, Request, Secrets},
    BodyState,
};

const SHORT: usize = 1 << 14;
const LONG: usize = 1 << 18;
const ROUNDS: usize = 5;
/// What a byte of the longer input may take, beside one of the shorter: caches cost something, too.
const GROWTH_MAX: f64 = 4.0;

struct Kind {
    name: &'static str,
    redact: fn(&str),
    ordinary: &'static str,
    /// What stands before what repeats.
    heads: &'static [&'static str],
    units: &'static [&'static str],
}

fn main() -> ExitCode {
    println!("| kind | input | MB/s | times ordinary | growth |");
    println!("|---|---|---:|---:|---:|");
    let mut code = ExitCode::SUCCESS;
    for kind in KINDS {
        let [_, ordinary] = per_byte(kind, "", kind.ordinary);
        row(kind, "ordinary", ordinary, 1.0, 1.0);
        let inputs = kind
            .units
            .iter()
            .flat_map(|unit| kind.heads.iter().map(move |head| (*head, *unit)));
        let mut slowest: Vec<_> = inputs
            .map(|(head, unit)| (per_byte(kind, head, unit), head, unit))
            .collect();
        slowest.sort_by(|(a, ..), (b, ..)| b[1].total_cmp(&a[1]));
        for (place, ([short, long], head, unit)) in slowest.into_iter().enumerate() {
            let growth = long / short;
            if growth > GROWTH_MAX {
                code = ExitCode::FAILURE;
            }
            if place < 3 || growth > GROWTH_MAX {
                let input = format!("{head:?} and many {unit:?}");
                row(kind, &input, long, long / ordinary, growth);
            }
        }
    }
    if !codings::are_quick() {
        code = ExitCode::FAILURE;
    }
    code
}

fn row(kind: &Kind, input: &str, seconds: f64, slower: f64, growth: f64) {
    let input = input.replace('|', "\\|");
    let (name, speed) = (kind.name, 1e-6 / seconds);
    println!("| {name} | {input} | {speed:.0} | {slower:.1} | {growth:.1} |");
}

/// The seconds that a byte takes in a short input and in a long one: the least of some turns.
fn per_byte(kind: &Kind, head: &str, unit: &str) -> [f64; 2] {
    let inputs = [SHORT, LONG].map(|length| format!("{head}{}", unit.repeat(length / unit.len())));
    let mut least = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        for (input, least) in inputs.iter().zip(&mut least) {
            *least = least.min(seconds_of(|| (kind.redact)(black_box(input))) / input.len() as f64);
        }
    }
    least
}

/// How long one run takes, of as many as fill a turn.
fn seconds_of(run: impl Fn()) -> f64 {
    const TURN: Duration = Duration::from_millis(1);
    let start = Instant::now();
    let mut runs = 0;
    while start.elapsed() < TURN {
        run();
        runs += 1;
    }
    start.elapsed().as_secs_f64() / f64::from(runs)
}

fn json(input: &str) {
    black_box(internals::redact_json(
        input.as_bytes(),
        true,
        Secrets::Default,
    ));
}

fn compact_json(input: &str) {
    black_box(internals::redact_json_compact(
        input.as_bytes(),
        true,
        Secrets::Default,
    ));
}

fn form(input: &str) {
    black_box(internals::redact_form(input, true, Secrets::Default));
}

fn text(input: &str) {
    black_box(internals::redact_text(input, true, Secrets::Default));
}

fn multipart(input: &str) {
    const FORM: &str = "multipart/form-data; boundary=B";
    black_box(internals::redact_multipart(input.as_bytes(), FORM, false));
}

fn path(input: &str) {
    for route in ["/{a:.*}/{pin:.*}/x/{b:.*}", "{a}-{b}{c}{pin}", "{pin}*"] {
        let message = Message {
            headers: &[],
            chunks: &[],
            limit: 0,
            keep_end: false,
            state: BodyState::Empty,
        };
        let request = Request {
            method: "GET",
            path: input.as_bytes(),
            query: None,
            host: None,
            route: Some(route),
            message,
        };
        black_box(internals::record(&request, None, &[], None));
    }
}

const JSON_HEADS: &[&str] = &["", "\"", "[\"", "{\"pin\":", "{\"pin\":\"", "{\"", "[", "{"];
const JSON_UNITS: &[&str] = &[
    "[",
    "\\",
    "\"",
    "\\\"",
    "{\"",
    "{\"a\":",
    "\"\\u0065yJ",
    "eyJ",
    "1 ",
    "-",
    " ",
    "\\ud83d",
    "\"\" ",
    "4111 ",
    "4111-",
    "1-",
    "0 ",
    "4111 4111 4111 4111x",
    "1 1 1 1 1 1 1x",
    "4111111111111111 ",
    "4222222222222,",
    "000000000000000000 ",
    "1e9,",
    "1,",
    "\n1",
    "I",
    "AKIA",
    "eyJ.",
    "Bearer ",
    "basic ",
    "-----BEGIN ",
    "\\n",
    "1\\n",
    "\\u0034 ",
    "\"\\n\",",
    "\"\\u0061\",",
    "\"eyJ\",",
    "\"eyJ..a\",",
    "\"Bearer a\",",
    "\"AKIA\",",
    "\"4222222222222\",",
    "\"{\\\"a\\\":1}\",",
    "\"[\\\"\",",
    "\"pin\":0,",
    "\"p_i_n\":\"\",",
    "\"\\u0070in\":1,",
];
const ORDINARY_JSON: &str =
    "{\"id\":17,\"name\":\"Ada\",\"email\":\"ada@example.org\",\"active\":true,\
    \"address\":{\"street\":\"12 Main Street\",\"city\":\"Springfield\"},\"note\":null} ";

const KINDS: &[Kind] = &[
    Kind {
        name: "JSON",
        redact: json,
        ordinary: ORDINARY_JSON,
        heads: JSON_HEADS,
        units: JSON_UNITS,
    },
    Kind {
        name: "JSON, compact",
        redact: compact_json,
        ordinary: ORDINARY_JSON,
        heads: JSON_HEADS,
        units: JSON_UNITS,
    },
    Kind {
        name: "form",
        redact: form,
        ordinary: "name=Ada+Lovelace&email=ada%40example.org&city=Springfield&",
        heads: &[""],
        units: &[
            "a", "=", "&", "%", "%25", "+", "a=&", "[", ";", ":", "pin=1&", "://@", "a:&", "%41&",
            "a=1;b=2&", "%252525252541&", "a=%7B&", "[1&", "{-&",
        ],
    },
    Kind {
        name: "text",
        redact: text,
        ordinary: "It was the best of times, it was the worst of times; it was the age of wisdom.\n",
        heads: &["", "#pin:1 ", "\"", "\\"],
        units: &[
            "pin:", "pin: ", "pin=1 ", "#", ":", "=", "\"", "\\", "\\\"", "'", "a'", "pin='",
            "x pin:1 ", "pin={ ", "pin=1 {", "\n", "pin:\n ", "pin:\n  - a\n", "://", "://@",
            "://a:b", "a ", "a b c d e: ", "\"pin\"", "\"pin\": \"", "\"pin\"\\n:", "\"pin\":\\n",
            "pin=\\\"a", "cookie=a ", " \"pin=1", "é:", ". ", "'pin=1 ", "eyJ", "eyJ.", "AKIA",
            "ASIAA", "Bearer ", "basic", "-----BEGIN ", "-----END ", "1 ", "12-",
            "4111111111111111 ", "-----BEGIN PRIVATE KEY----- -----END ", "eyJ=bearer ", "-",
            "d=", "n:", "pn:", "a.b:", "%41=", "ü =", "x x x x=", "a.b c.d e.f g.h:", "größe: 1 ",
            "pin = 1;", "Cookie: a\n",
        ],
    },
    Kind {
        name: "multipart",
        redact: multipart,
        ordinary: "--B\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nIt was the best of times\r\n",
        heads: &["", "--B\r\n\r\n", "--B\r\n", "--B\r\nContent-Disposition: a"],
        units: &[
            "--B\r\nA: b\r\n\r\n\r\n", "\r\n--", "--B", "\r\n", "A: b\r\n", ";a=\"\\\"\"", "-",
        ],
    },
    Kind {
        name: "path",
        redact: path,
        ordinary: "/orders/17/items",
        heads: &[""],
        units: &["a", "/", "-", "%41", "é", "/x/"],
    },
];
