//! The instructions in which bodies are rendered, counted by callgrind: unlike times, they are the same on a busy machine.

use std::{env, fs, hint::black_box, process::Command};

use actix_web::http::{
    header::{HeaderMap, HeaderValue, CONTENT_ENCODING, CONTENT_TYPE},
    Method,
};

use super::served::{Message, Script, Served};

/// As many bytes as are kept of a body.
pub(crate) const SIZE: usize = 1 << 15;
/// The instructions that a body may take, beside plain JSON of its size.
const SLOWER_MAX: f64 = 5.5;
/// In how many ways plain JSON is written.
const WAYS: usize = 3;

/// A body that is rendered.
pub(crate) struct Body {
    /// What it consists of.
    pub(crate) what: String,
    pub(crate) media_type: &'static str,
    pub(crate) coding: &'static str,
    pub(crate) content: Vec<u8>,
}

impl Body {
    /// An encoded body of JSON.
    pub(crate) fn coded(what: &str, coding: &'static str, content: Vec<u8>) -> Self {
        Self {
            what: what.to_owned(),
            media_type: JSON,
            coding,
            content,
        }
    }
}

pub(crate) const JSON: &str = "application/json";

/// Prints a table of what takes how many instructions, and returns whether nothing takes too many.
///
/// They are counted in another process of this program, which is to call [`render`] with the same bodies.
pub(crate) fn are_quick(bodies: &[Body], render_argument: &str) -> bool {
    let counts = counts(render_argument);
    let (plain, hostile) = counts.split_at(WAYS);
    assert_eq!(hostile.len(), bodies.len(), "each body is counted once");
    let plain = plain.iter().sum::<f64>() / WAYS as f64;
    println!("| type | coding | body | instructions | times plain JSON |");
    println!("|---|---|---|---:|---:|");
    println!("| {JSON} | identity | plain | {plain:.0} | 1.0 |");
    let mut all_quick = true;
    for (body, count) in bodies.iter().zip(hostile) {
        let slower = count / plain;
        all_quick &= slower <= SLOWER_MAX;
        let (media_type, coding) = (body.media_type, body.coding);
        let what = body.what.replace('|', "\\|");
        println!("| {media_type} | {coding} | {what} | {count:.0} | {slower:.1} |");
    }
    all_quick
}

/// What each call of [`counted`] takes, in a process of its own.
fn counts(render_argument: &str) -> Vec<f64> {
    let profiles = env::temp_dir().join(format!("body-logger-linear-{}", std::process::id()));
    fs::create_dir_all(&profiles).expect("there is room");
    let profile = profiles.join("profile").display().to_string();
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--collect-atstart=no"])
        .args(["--toggle-collect=*::counted", "--dump-after=*::counted"])
        .arg(format!("--callgrind-out-file={profile}"))
        .arg(env::current_exe().expect("a program has a path"))
        .arg(render_argument)
        .output()
        .expect("valgrind is installed");
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    // One for each call, numbered from one on.
    let counts = (1..).map_while(|call| fs::read_to_string(format!("{profile}.{call}")).ok());
    let counts = counts.map(|profile| total(&profile)).collect();
    fs::remove_dir_all(&profiles).expect("it can be removed");
    counts
}

fn total(profile: &str) -> f64 {
    let mut lines = profile.lines();
    let total = lines.find_map(|line| line.strip_prefix("summary: "));
    total.expect("a total").parse().expect("a number")
}

/// Renders plain JSON in each way, and then the bodies, which is counted.
pub(crate) fn render(bodies: Vec<Body>) {
    let served = Served::new(&[], |logger| {
        let logger = logger.max_body_bytes(SIZE);
        logger.capture_media_types([mime::TEXT_PLAIN])
    });
    let plain = plain().map(|body| request(JSON, "identity", body));
    let hostile = bodies.into_iter();
    let hostile = hostile.map(|body| request(body.media_type, body.coding, body.content));
    for request in plain.into_iter().chain(hostile) {
        // What is set up once, and reused, is not of one exchange.
        served.record(request.clone());
        counted(&served, request);
    }
}

#[inline(never)]
fn counted(served: &Served, request: Script) {
    black_box(served.record(request));
}

/// Plain JSON, in each of the ways that encoders write it: compact, with blanks behind marks, and indented.
fn plain() -> [Vec<u8>; WAYS] {
    let compact = r#"{"id":17,"name":"Ada","email":"ada@example.org","active":true,"note":null}"#;
    let spaced = compact.replace("\":", "\": ").replace(",\"", ", \"");
    let value: serde_json::Value = serde_json::from_str(compact).expect("it is JSON");
    [compact.to_owned(), spaced, format!("{value:#}")].map(|item| {
        let items = format!("{item},").repeat(SIZE / (item.len() + 1));
        ["[", &items[..items.len() - 1], "]"].concat().into_bytes()
    })
}

fn request(media_type: &'static str, coding: &'static str, body: Vec<u8>) -> Script {
    let mut head = HeaderMap::new();
    head.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    head.insert(CONTENT_ENCODING, HeaderValue::from_static(coding));
    Script {
        method: Method::POST,
        target: "/".to_owned(),
        request: Message {
            head,
            chunks: vec![body.into()],
            ..Message::default()
        },
        answer: Some(Message::default()),
        ..Script::default()
    }
}
