//! The inputs of the corpus hold to what the fuzz targets hold any input to, and so do some random ones.

#![allow(unreachable_pub, reason = "the fuzz targets share the oracles")]

mod oracles;
/// Those that share their inputs with the targets of whole records.
#[allow(dead_code, reason = "the fuzz targets reach it")]
#[path = "../../../fuzz/oracles"]
mod planted_oracles {
    pub mod form;
    pub mod json;
    pub mod multipart;
    mod planted;
    mod tree;
}

use std::{fs, path::Path};

use body_logger_redact::Format;
use proptest::prelude::*;

fn replay(name: &str, check: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fuzz/corpus")
        .join(name);
    let files = fs::read_dir(&folder).expect("the corpus is there");
    for file in files {
        let input = fs::read(file.expect("a file").path()).expect("it can be read");
        check(&input);
    }
    let config = ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(256)
    };
    proptest!(config, |(input in prop::collection::vec(any::<u8>(), 0..80))| check(&input));
}

#[test]
fn json() {
    replay("json", planted_oracles::json::check);
}

#[test]
fn form() {
    replay("form", planted_oracles::form::check);
}

#[test]
fn multipart() {
    replay("multipart", planted_oracles::multipart::check);
}

#[test]
fn text() {
    replay("text", oracles::text::check);
}

#[test]
fn url() {
    replay("url", oracles::url::check);
}

#[test]
fn header() {
    replay("header", oracles::header::check);
}

#[test]
fn cookie() {
    replay("cookie", oracles::cookie::check);
}

/// No limit of the scanners, which count bytes, may fall within a character.
#[test]
fn openings_are_read_among_characters_of_any_length() {
    for opening in oracles::openings::OPENINGS {
        for character in ["\u{e9}", "\u{20ac}", "\u{1f600}"] {
            let run = character.repeat(300);
            for pad in ["", "a", "aa", "aaa"] {
                let text = format!("{run}{pad}{opening}{pad}{run}{opening}");
                oracles::check_masked(Format::Text, text.as_bytes());
                let json = serde_json::json!({ opening.to_string(): text }).to_string();
                oracles::check_masked(Format::Json, json.as_bytes());
            }
        }
    }
}
