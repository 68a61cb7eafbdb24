//! Content codings: never more than the limit, always a beginning of what all of it decodes to.

use std::io::Write;

use actix_web::{
    http::{
        header::{HeaderMap, HeaderValue, CONTENT_ENCODING, CONTENT_TYPE},
        Method,
    },
    web::Bytes,
};
use actix_web_body_logger::record::Reason;
use arbitrary::Unstructured;
use base64::{engine::general_purpose::STANDARD as BASE64, Engine as _};

use super::{
    planted::Choices,
    served::{kept, End, Kept, Message, Script, Served},
};

/// More than what is fuzzed decodes to, unless it is a bomb.
const ENOUGH: usize = 4 << 20;
const BINARY: &str = "application/octet-stream";

pub fn check(input: &[u8]) {
    let mut choices = Choices(Unstructured::new(input));
    let all = ["gzip", "deflate", "br", "zstd", "x-gzip", "identity"];
    let codings: Vec<_> = (0..1 + choices.below(3))
        .map(|_| choices.of(&all))
        .collect();
    let limit = choices.of(&[0, 1, 7, 100, 4096, 32 * 1024, 300 * 1024]);
    let cut = usize::from(choices.byte());
    let bytes = choices.0.take_rest();
    check_as_it_is(&codings, limit, cut, bytes);
    check_encoded(&codings, limit, cut, bytes);
}

/// What a record shows of an encoded body.
struct Undone {
    bytes: Vec<u8>,
    /// False where the body is shown as it passed, since it is plain text, which no coding makes.
    is_decoded: bool,
    reasons: Vec<Reason>,
}

impl Undone {
    fn has_failed(&self) -> bool {
        self.reasons.contains(&Reason::Decode)
    }
}

fn undone(codings: &[&str], body: &[u8], end: End, limit: usize) -> Undone {
    let mut head = HeaderMap::new();
    head.insert(CONTENT_TYPE, HeaderValue::from_static(BINARY));
    let codings = HeaderValue::try_from(codings.join(", ")).expect("names");
    head.insert(CONTENT_ENCODING, codings);
    let record = served(limit).record(Script {
        method: Method::POST,
        target: "/".to_owned(),
        request: Message {
            head,
            chunks: vec![Bytes::copy_from_slice(body)],
            end,
        },
        answer: Some(Message::default()),
        ..Script::default()
    });
    let shown = record.request.body;
    let base64 = shown.base64.unwrap_or_default();
    let bytes = BASE64.decode(base64).expect("what was encoded");
    assert!(bytes.len() <= limit, "{} of {limit}", bytes.len());
    let is_decoded = shown.encoding.is_some();
    assert_eq!(shown.decoded, is_decoded.then_some(bytes.len() as u64));
    Undone {
        bytes,
        is_decoded,
        reasons: shown.reasons,
    }
}

fn served(limit: usize) -> &'static Served {
    thread_local!(static KEPT: Kept<usize> = Kept::default());
    let make = || {
        Served::new(&[], |logger| {
            logger
                .max_body_bytes(limit)
                .max_record_bytes(usize::MAX)
                .show_as_base64([BINARY.parse().expect("a media type")])
        })
    };
    kept(&KEPT, limit, make)
}

fn check_as_it_is(codings: &[&str], limit: usize, cut: usize, body: &[u8]) {
    let all = undone(codings, body, End::Whole, ENOUGH);
    let limited = undone(codings, body, End::Whole, limit);
    let beginning = undone(codings, &body[..body.len().min(cut)], End::Failed, ENOUGH);
    for less in [&limited, &beginning] {
        // Less of it may be plain text, and all of it not.
        assert!(
            less.is_decoded != all.is_decoded || all.bytes.starts_with(&less.bytes),
            "no beginning of what it decodes to"
        );
    }
    let applied = codings.iter().filter(|coding| **coding != "identity");
    if applied.count() == 1 && body.len() <= limit {
        assert_eq!(limited.bytes.len(), all.bytes.len().min(limit));
        let is_limited = limited.reasons.contains(&Reason::BodyLimit);
        assert_eq!(is_limited, all.bytes.len() > limit);
        assert!(is_limited || limited.has_failed() == all.has_failed());
    }
}

fn check_encoded(codings: &[&str], limit: usize, cut: usize, plain: &[u8]) {
    // Long enough for more than a block, at times.
    let mut plain = plain.repeat(1 + cut % 8 * 40);
    plain.truncate(ENOUGH / 2);
    let mut encoded = plain.clone();
    for coding in codings {
        encoded = encode(coding, &encoded);
    }
    let whole = undone(codings, &encoded, End::Whole, ENOUGH);
    assert!(
        whole.bytes == plain && whole.reasons.is_empty(),
        "{codings:?} lost something: {:?}",
        whole.reasons
    );
    let limited = undone(codings, &encoded, End::Whole, limit);
    assert!(!limited.is_decoded || plain.starts_with(&limited.bytes));
    let cut = &encoded[..encoded.len() * cut / 255];
    let beginning = undone(codings, cut, End::Failed, ENOUGH);
    if beginning.is_decoded {
        assert!(plain.starts_with(&beginning.bytes));
        let is_fault = beginning.has_failed() && !beginning.bytes.is_empty();
        assert!(!is_fault, "a cut is no fault");
    }
}

/// Encodes as a server would.
pub fn encode(coding: &str, plain: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    match coding {
        "gzip" | "x-gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(encoded, flate2::Compression::fast());
            encoder.write_all(plain).expect("a vector takes all");
            encoded = encoder.finish().expect("a vector takes all");
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(encoded, flate2::Compression::fast());
            encoder.write_all(plain).expect("a vector takes all");
            encoded = encoder.finish().expect("a vector takes all");
        }
        "br" => {
            let mut encoder = brotli::CompressorWriter::new(&mut encoded, 4096, 1, 18);
            encoder.write_all(plain).expect("a vector takes all");
        }
        "zstd" => encoded = zstd::encode_all(plain, 1).expect("a slice can be read"),
        _ => encoded.extend_from_slice(plain),
    }
    encoded
}
