//! Holds the crate to what its fuzz targets hold it to, with the inputs that are kept of their runs.

#![allow(clippy::print_stderr, reason = "shown only where a test fails")]

use std::{fs, path::Path};

#[allow(unreachable_pub, dead_code, reason = "the fuzz targets reach it")]
#[path = "../fuzz/oracles"]
mod oracles {
    pub mod decode;
    pub mod forwarded;
    mod planted;
    pub mod record;
    mod served;
}

#[expect(clippy::print_stderr, reason = "what fails has to name its input")]
fn replay(target: &str, check: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut inputs = 0;
    for entry in fs::read_dir(&corpus).expect("a corpus for each target") {
        let path = entry.expect("an entry").path();
        let input = fs::read(&path).expect("an input");
        eprintln!("{}", path.display());
        check(&input);
        inputs += 1;
    }
    assert!(inputs > 0, "no inputs in {}", corpus.display());
}

#[test]
fn decode() {
    replay("decode", oracles::decode::check);
}

#[test]
fn forwarded() {
    replay("forwarded", oracles::forwarded::check);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 4096, ..Default::default() })]

    /// Inputs that a fuzzer would take long to come by: made of what the grammars are made of.
    #[test]
    fn forwarded_headers_are_read_by_their_grammars(
        first: bool,
        pieces in proptest::collection::vec(
            proptest::sample::select(vec![
                ",", ", ", ";", "; ", "=", "\"", "\\", "\\\"", "\n", " ", "\t", ":", "[", "]", "\u{e9}",
                "for", "For=", "for=\"", "host=\"", "proto=https", "by=", "unknown", "_hidden",
                "10.0.0.2", "10.0.0.3:80", "203.0.113.9", "[2001:db8::1]", "[fd00::1]:443",
                "2001:db8::1", "80", "a", "for=10.0.0.2", "for=10.0.0.4, ", "for=203.0.113.9",
                "for=\"[fd00::2]:_p\"", ";host=\"a,for=6.6.6.6\"", "6.6.6.6",
            ]),
            0..14,
        ),
    ) {
        let list = pieces.concat();
        oracles::forwarded::check(&[&[u8::from(first)], list.as_bytes()].concat());
    }
}

#[test]
fn record() {
    replay("record", oracles::record::check);
}
