//! Headers, with secrets in their values.

use body_logger_redact::Format;

use super::{check_any, check_planted, Choices};

/// Names, and values that are written in them.
const HEADERS: &[(&str, &[&str])] = &[
    ("authorization", &["Q", "Bearer Q", "Digest a=\"Q\", b=Q"]),
    ("x-api-key", &["Q", "a, Q"]),
    (
        "user-agent",
        &["curl/8 Bearer Q", "a (Bearer Q; b)", "x password=Q y"],
    ),
    ("accept", &["text/html;token=Q", "a, Bearer%20Q"]),
    (
        "content-disposition",
        &[
            "attachment; password=\"Q\"",
            "a; filename=\"b.txt?token=Q\"",
        ],
    ),
    (
        "location",
        &[
            "https://ann:Q@a.example/x?token=Q#token=Q",
            "/cb?code=Q&state=x",
            "/a;sid=Q/b",
        ],
    ),
    ("referer", &["https://a.example/?next=%2Fx%3Ftoken%3DQ"]),
    (
        "link",
        &[
            "<https://a.example/?token=Q>; rel=next",
            "</a?api_key=Q>, <https://ann:Q@a.example>; a=\"password=Q\"",
        ],
    ),
    ("host", &["ann:Q@a.example"]),
    ("warning", &["199 - \"password=Q\"", "199 a Bearer Q"]),
];

const ALPHABET: &str = "abc 01,;=\"'<>()/%\\é\t";

pub fn check(input: &[u8]) {
    let mut choices = Choices::new(input);
    let (name, templates) = HEADERS[choices.below(HEADERS.len())];
    check_any(Format::Header(name), input.get(1..).unwrap_or_default());
    let value = choices.written(templates);
    check_planted(Format::Header(name), &value);
    // What is not of the value's form may hide more of it, and shows no more.
    if !matches!(name, "host" | "location" | "referer" | "link") {
        let value = format!("{value} {}", choices.harmless(ALPHABET, 12));
        check_planted(Format::Header(name), &value);
    }
}
