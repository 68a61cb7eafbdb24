//! Holds the crate to what its fuzz targets hold it to, with the inputs that are kept of their runs.

#![allow(clippy::print_stderr, reason = "shown only where a test fails")]

use std::{fs, path::Path};

#[allow(unreachable_pub, dead_code, reason = "the fuzz targets reach it")]
#[path = "../../../fuzz/oracles"]
mod oracles {
    pub mod form;
    pub mod json;
    pub mod multipart;
    mod planted;
    mod tree;
}

#[expect(clippy::print_stderr, reason = "what fails has to name its input")]
fn replay(target: &str, check: fn(&[u8])) {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
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
fn json() {
    replay("json", oracles::json::check);
}

#[test]
fn form() {
    replay("form", oracles::form::check);
}

#[test]
fn multipart() {
    replay("multipart", oracles::multipart::check);
}
