//! The time in which bodies are rendered.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use actix_web::http::{
    header::{HeaderMap, HeaderValue, CONTENT_ENCODING, CONTENT_TYPE},
    Method,
};

use super::served::{Message, Script, Served};

/// As many bytes as are kept of a body.
pub(crate) const SIZE: usize = 1 << 15;
const TURN: Duration = Duration::from_millis(100);
/// The time that a body may take, beside plain JSON of its size.
const SLOWER_MAX: f64 = 5.0;

/// A body of which it is measured how long it takes.
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

/// Prints a table of what takes how long, and returns whether nothing takes too long.
pub(crate) fn are_quick(bodies: impl Iterator<Item = Body>) -> bool {
    println!();
    println!("| type | coding | body | µs | times plain JSON |");
    println!("|---|---|---|---:|---:|");
    // As APIs answer with. Records with short members only are read faster than other JSON.
    let item = br#"{"id":17,"user":{"login":"ada","admin":false},"state":"open","draft":false,"comments":3,"labels":["bug","docs"],"url":"https://api.example.org/pages/17","created_at":"2026-11-21T09:15:01Z","closed_at":null,"title":"The second page is empty","body":"Please see the first one."},"#;
    let items = item.repeat(SIZE / item.len());
    let plain = [b"[", &items[..items.len() - 1], b"]"].concat();
    let served = Served::new(&[], |logger| {
        let logger = logger.max_body_bytes(SIZE);
        logger.capture_media_types([mime::TEXT_PLAIN])
    });
    let plain = request(JSON, "identity", plain);
    let mut all_quick = true;
    for body in bodies {
        let (media_type, coding) = (body.media_type, body.coding);
        let hostile = request(media_type, coding, body.content);
        let measured = || least(&served, [&plain, &hostile]);
        let [mut ordinary, mut hostile] = measured();
        if hostile / ordinary > SLOWER_MAX {
            // Once more, as it may be the machine that was busy.
            [ordinary, hostile] = measured();
        }
        let slower = hostile / ordinary;
        all_quick &= slower <= SLOWER_MAX;
        let micros = hostile * 1e6;
        let what = body.what.replace('|', "\\|");
        println!("| {media_type} | {coding} | {what} | {micros:.0} | {slower:.1} |");
    }
    all_quick
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

/// The seconds that the exchange with each takes: the least of many times, taken in turns.
fn least(served: &Served, requests: [&Script; 2]) -> [f64; 2] {
    let mut least = [f64::INFINITY; 2];
    let begin = Instant::now();
    while begin.elapsed() < TURN {
        for (request, least) in requests.into_iter().zip(&mut least) {
            let request = request.clone();
            let start = Instant::now();
            black_box(served.record(request));
            *least = least.min(start.elapsed().as_secs_f64());
        }
    }
    least
}
