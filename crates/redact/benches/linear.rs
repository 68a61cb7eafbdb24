//! That no input is slow to redact: the time a byte takes does not grow with the length of the input, whatever repeats in it.
//!
//! Ends with an error where it does. Each input is read at two lengths in turns, so that a busy machine slows down both;
//! work that is quadratic would make a byte of the longer one sixteen times as slow. The slowest of each format are read
//! once more, at 1 MiB.
//!
//! Each format has inputs of its own, and all of them are given what is in [`everywhere`]: every character, what opens
//! something, and what nearly begins a token.

#![allow(clippy::print_stdout, reason = "it prints a table")]
#![allow(unreachable_pub, reason = "the tests share the openings")]

use std::{hint::black_box, process::ExitCode, sync::LazyLock, time::Instant};

use body_logger_redact::{Extent, PartContent, Redactor, Route};

#[path = "../tests/oracles/openings.rs"]
mod openings;
use openings::OPENINGS;

const SHORT: usize = 1 << 14;
const LONG: usize = 1 << 18;
const LONGEST: usize = 1 << 20;
/// As many as it takes to see that it does not grow, at most. On a machine that others use, many turns are disturbed.
const ROUNDS: usize = 40;
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
    let everywhere = everywhere();
    for kind in KINDS {
        let [_, ordinary] = per_byte(kind, "", kind.ordinary, LONG);
        row(kind, "ordinary", ordinary, 1.0, 1.0);
        let own = kind
            .units
            .iter()
            .flat_map(|unit| kind.heads.iter().map(move |head| (*head, *unit)));
        let inputs = own.chain(everywhere.iter().map(|unit| ("", &unit[..])));
        let mut slowest: Vec<_> = inputs
            .map(|(head, unit)| (per_byte(kind, head, unit, LONG), head, unit))
            .collect();
        slowest.sort_by(|(a, ..), (b, ..)| b[1].total_cmp(&a[1]));
        for (place, ([mut short, mut long], head, unit)) in slowest.into_iter().enumerate() {
            let is_slow = place < 3;
            if is_slow {
                [short, long] = per_byte(kind, head, unit, LONGEST);
            }
            let growth = long / short;
            if growth > GROWTH_MAX {
                code = ExitCode::FAILURE;
            }
            if is_slow || growth > GROWTH_MAX {
                let input = format!("{head:?} and many {unit:?}");
                row(kind, &input, long, long / ordinary, growth);
            }
        }
    }
    code
}

fn row(kind: &Kind, input: &str, seconds: f64, slower: f64, growth: f64) {
    let input = input.replace('|', "\\|");
    let (name, speed) = (kind.name, 1e-6 / seconds);
    println!("| {name} | {input} | {speed:.0} | {slower:.1} | {growth:.1} |");
}

/// The seconds that a byte takes in a short input and in a long one: the least of some turns.
fn per_byte(kind: &Kind, head: &str, unit: &str, long: usize) -> [f64; 2] {
    let inputs = [SHORT, long].map(|length| format!("{head}{}", unit.repeat(length / unit.len())));
    let mut least = [f64::INFINITY; 2];
    for _ in 0..ROUNDS {
        for (input, least) in inputs.iter().zip(&mut least) {
            // As long a turn for both: what else runs on the machine takes as much of it.
            let runs = long / input.len().clamp(SHORT, long);
            let start = Instant::now();
            for _ in 0..runs {
                (kind.redact)(black_box(input));
            }
            let seconds = start.elapsed().as_secs_f64();
            *least = least.min(seconds / (runs * input.len()) as f64);
        }
        if least[1] < least[0] * GROWTH_MAX {
            break;
        }
    }
    least
}

/// What every format is given, many times over.
fn everywhere() -> Vec<String> {
    let characters = (0..=255).map(|byte| char::from(byte).to_string());
    let openings = OPENINGS.iter().map(|&opening| opening.into());
    let tokens = almost_tokens().map(|token| format!("-{token}"));
    characters.chain(openings).chain(tokens).collect()
}

/// What begins like a token family and ends too soon, by the forms in the docs: the letters before what is random, and all
/// but the last byte.
fn almost_tokens() -> impl Iterator<Item = String> {
    let lines = include_str!("../docs/token-families.md").lines();
    let forms = lines.filter_map(|line| {
        line.split(" | ")
            .nth(2)?
            .strip_prefix('`')?
            .strip_suffix('`')
    });
    forms
        .flat_map(|form| {
            let form = form.replace("{uuid}", "{X8}-{X4}-{X4}-{X4}-{X12}");
            let (mut whole, mut letters) = (String::new(), None);
            let mut rest = &form[..];
            while let Some(at) = rest.find(['{', '(']) {
                whole += &rest[..at];
                let (inside, behind) = rest[at + 1..]
                    .split_once(['}', ')'])
                    .expect("brackets are closed");
                if rest[at..].starts_with('{') {
                    letters.get_or_insert_with(|| whole.clone());
                    let least = inside[1..].split('-').next().unwrap_or_default();
                    whole += &"a".repeat(least.parse().expect("a run has a length"));
                } else {
                    whole += inside.split("\\|").next().unwrap_or_default();
                }
                rest = behind;
            }
            whole += rest;
            whole.pop();
            let tokens = [letters.unwrap_or_default(), whole].into_iter();
            tokens.map(|token| token.replace(['^', '$', '<', '>'], ""))
        })
        .filter(|token| !token.is_empty())
}

static REDACTOR: LazyLock<Redactor> = LazyLock::new(Redactor::default);

fn json(input: &str) {
    black_box(REDACTOR.json(input.as_bytes(), Extent::Truncated));
}

fn json_string(input: &str) {
    let list = serde_json::json!([input]).to_string();
    black_box(REDACTOR.json(list.as_bytes(), Extent::Whole));
}

fn form(input: &str) {
    black_box(REDACTOR.form(input, Extent::Truncated));
}

fn text(input: &str) {
    for extent in [Extent::Whole, Extent::Truncated] {
        black_box(REDACTOR.text(input, extent));
    }
}

fn message(input: &str) {
    black_box(REDACTOR.message(input));
}

fn url(input: &str) {
    black_box(REDACTOR.url(input));
}

fn headers(input: &str) {
    for name in ["cookie", "set-cookie", "link", "user-agent"] {
        black_box(REDACTOR.header(name, input, Extent::Whole));
    }
}

fn multipart(input: &str) {
    let content_type = b"multipart/form-data; boundary=B";
    let found = REDACTOR.multipart(input.as_bytes(), content_type, Extent::Truncated);
    for part in &found.parts {
        if let PartContent::Text(content) = &part.shown {
            let text = String::from_utf8_lossy(content.bytes());
            black_box(REDACTOR.part(content, &text, Extent::Whole));
        }
    }
}

fn path(input: &str) {
    for route in ["/{a:.*}/{pin:.*}/x/{b:.*}", "{a}-{b}{c}{pin}", "{pin}*"] {
        black_box(REDACTOR.path(input, Extent::Whole, Route::Pattern(route)));
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
    "\"query\":\"{f(pin:$a)}\",\"variables\":{\"b\":1},",
    "\"name\":\"pin\",",
    "\"value\":1,",
    "[\"pin\",",
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
        name: "a string of JSON",
        redact: json_string,
        ordinary: "It was the best of times, it was the worst of times; it was the age of wisdom.\n",
        heads: &[],
        units: &[],
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
        units: &["a", "/", "-", "%41", "é", "/x/", ";pin=1", ";a/", "%3Bpin=1"],
    },
    Kind {
        name: "URL",
        redact: url,
        ordinary: "https://example.org/orders/17/items?page=2&sort=name#top",
        heads: &["", "https://", "/?", "/#"],
        units: &["a", "/", "@", "?", "#", "code=1&", "code=1&state=2&", "%25", ";a=1", "://a:b@"],
    },
    Kind {
        name: "error message",
        redact: message,
        ordinary: "invalid type: string \"a\", expected u32 at line 1 column 5; ",
        heads: &[""],
        units: &["\"", "'", "\\", "\\\"", "a'", "`", "b'"],
    },
    Kind {
        name: "headers",
        redact: headers,
        ordinary: "name=value; Path=/; ",
        heads: &["", "a=\"", "<"],
        units: &["a=1; ", ";", "\"", "\\\"", "=", " ", "<a>", "<", "a=1, "],
    },
];
