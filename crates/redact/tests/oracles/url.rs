//! URLs, with secrets in all their parts.

use body_logger_redact::{Format, Redactor};

use super::{check_any, check_planted, Choices, MOST};

const BEGINNINGS: &[&str] = &[
    "",
    "https://ann:Q@a.example",
    "https://Q@a.example:8443",
    "//ann:Q@a.example",
    "postgres://ann:Q@db.internal,b.internal",
];
const SEGMENTS: &[&str] = &[
    "/a",
    "/orders;sid=Q",
    "/Bearer%20Q1",
    "/a%3Btoken=Q",
    "/a%3Ftoken%3DQ",
    "/4111111111111111",
    "/%2e%2e",
    "//",
    "/é",
];
const PAIRS: &[&str] = &[
    "a=b",
    "token=Q",
    "user%5Bpassword%5D=Q",
    "pass%77ord=Q",
    "next=%2Fx%3Ftoken%3DQ",
    "next=https%3A%2F%2Fann%3AQ%40a.example%2F",
    "j=%7B%22pin%22%3A%22Q%22%7D",
    "sig=Q&sv=2022",
    "code=Q&state=x",
    "X-Amz-Signature=Q",
    "api_key=Q=Q",
    "a",
    "=",
    "%zz",
];

pub fn check(input: &[u8]) {
    for format in [Format::Url, Format::Path, Format::Query] {
        check_any(format, input);
    }
    let mut choices = Choices::new(input);
    let mut url = choices.written(BEGINNINGS);
    let mut path = String::new();
    choices.some(4, |choices| path += &choices.written(SEGMENTS));
    let mut query = String::new();
    choices.some(4, |choices| {
        query += &choices.written(PAIRS);
        query.push('&');
    });
    check_planted(Format::Path, &path);
    check_planted(Format::Query, &query);
    url += &format!("{path}?{query}#{query}");
    check_planted(Format::Url, &url);
    let shown = Redactor::default().url(&url).text;
    assert!(!shown.contains(MOST), "{url:?} became {shown:?}");
}
