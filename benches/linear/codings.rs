//! The time in which coded bodies are rendered.

use std::{
    hint::black_box,
    io::Write,
    time::{Duration, Instant},
};

use actix_web::http::{
    header::{HeaderMap, HeaderValue, CONTENT_ENCODING, CONTENT_TYPE},
    Method,
};

use super::{
    hostile,
    served::{Message, Script, Served},
};

/// As many bytes as are kept of a body.
const SIZE: usize = 1 << 15;
const TURN: Duration = Duration::from_millis(100);
/// The time that a body may take, beside plain JSON of its size.
const SLOWER_MAX: f64 = 5.0;

/// Prints a table of what takes how long, and returns whether nothing takes too long.
pub(crate) fn are_quick() -> bool {
    println!();
    println!("| coding | body | µs | times plain JSON |");
    println!("|---|---|---:|---:|");
    let item = br#"{"id":17,"name":"Ada","email":"ada@example.org","active":true,"note":null},"#;
    let items = item.repeat(SIZE / item.len());
    let plain = [b"[", &items[..items.len() - 1], b"]"].concat();
    let served = Served::new(&[], |logger| logger.max_body_bytes(SIZE));
    let plain = request("identity", plain);
    let mut all_quick = true;
    let bodies = honest().into_iter().chain(hostile::bodies(SIZE));
    for (what, coding, body) in bodies {
        let coded = request(coding, body);
        let measured = || least(&served, [&plain, &coded]);
        let [mut ordinary, mut hostile] = measured();
        if hostile / ordinary > SLOWER_MAX {
            // Once more, as it may be the machine that was busy.
            [ordinary, hostile] = measured();
        }
        let slower = hostile / ordinary;
        all_quick &= slower <= SLOWER_MAX;
        let micros = hostile * 1e6;
        println!("| {coding} | {what} | {micros:.0} | {slower:.1} |");
    }
    all_quick
}

/// What encoders make of lines of JSON.
fn honest() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let lines = (0_u32..6_000).map(|n| {
        let id = n.wrapping_mul(2_654_435_761);
        format!("{{\"id\":{id},\"name\":\"Ada {n}\",\"active\":true}}\n")
    });
    let lines: String = lines.collect();
    let write = |mut to: Box<dyn Write + '_>| to.write_all(lines.as_bytes()).expect("memory");
    let (mut gzip, mut deflate, mut br, mut zstd) = Default::default();
    let level = flate2::Compression::default();
    write(Box::new(flate2::write::GzEncoder::new(&mut gzip, level)));
    write(Box::new(flate2::write::ZlibEncoder::new(
        &mut deflate,
        level,
    )));
    write(Box::new(brotli::CompressorWriter::new(
        &mut br, 4096, 5, 22,
    )));
    write(Box::new(
        zstd::stream::write::Encoder::new(&mut zstd, 3)
            .expect("an encoder")
            .auto_finish(),
    ));
    let bodies: [(_, Vec<u8>); 4] = [
        ("gzip", gzip),
        ("deflate", deflate),
        ("br", br),
        ("zstd", zstd),
    ];
    bodies.map(|(coding, body)| ("lines", coding, body)).into()
}

fn request(coding: &'static str, body: Vec<u8>) -> Script {
    let mut head = HeaderMap::new();
    let json = HeaderValue::from_static("application/json");
    head.insert(CONTENT_TYPE, json);
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
