//! Content codings: never more than the limit, always a beginning of what all of it decodes to.

use std::io::Write;

use actix_web_body_logger::internals::{decode, DecodeEnd};
use arbitrary::Unstructured;

use super::planted::Choices;

/// More than what is fuzzed decodes to, unless it is a bomb.
const ENOUGH: usize = 1 << 20;

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

fn undone(codings: &[&str], input: &[u8], limit: usize) -> (Vec<u8>, DecodeEnd) {
    let (bytes, end) = decode(&codings.join(", "), input, limit).expect("known codings");
    let is_coded = codings.iter().any(|coding| *coding != "identity");
    assert!(
        bytes.len() <= limit || !is_coded,
        "{} of {limit}",
        bytes.len()
    );
    assert!(
        bytes.capacity() <= limit.max(bytes.len()) || !is_coded,
        "room for more than {limit}"
    );
    (bytes, end)
}

fn check_as_it_is(codings: &[&str], limit: usize, cut: usize, bytes: &[u8]) {
    let (all, all_end) = undone(codings, bytes, ENOUGH);
    let (limited, end) = undone(codings, bytes, limit);
    assert!(
        all.starts_with(&limited),
        "no beginning of what it decodes to"
    );
    let applied = codings.iter().filter(|coding| **coding != "identity");
    if applied.count() == 1 {
        assert_eq!(limited.len(), all.len().min(limit));
        if all.len() > limit {
            assert_eq!(end, DecodeEnd::Limited);
        } else {
            assert_eq!(end, all_end);
        }
    }
    let (beginning, _) = undone(codings, &bytes[..bytes.len().min(cut)], ENOUGH);
    assert!(all.starts_with(&beginning), "more of less");
}

fn check_encoded(codings: &[&str], limit: usize, cut: usize, plain: &[u8]) {
    // Long enough for more than a block, at times.
    let plain = plain.repeat(1 + cut % 8 * 40);
    let mut encoded = plain.clone();
    for coding in codings {
        encoded = encode(coding, &encoded);
    }
    let (whole, end) = undone(codings, &encoded, ENOUGH.max(plain.len()));
    assert!(
        whole == plain && end == DecodeEnd::Whole,
        "{codings:?} lost something: {end:?}"
    );
    let (limited, _) = undone(codings, &encoded, limit);
    assert!(plain.starts_with(&limited));
    let (beginning, end) = undone(codings, &encoded[..encoded.len() * cut / 255], ENOUGH);
    assert!(plain.starts_with(&beginning));
    assert_ne!(end, DecodeEnd::Failed, "a cut is no fault");
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
