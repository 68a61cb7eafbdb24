//! `body-logger show` against the plain way: line by line, each parsed, matched and formatted on its own.

use body_logger_core::{format, rfc3339, Entry, Filter};
use body_logger_jsonl::Reader;

use super::*;

/// Records of all kinds, gaps, and what is neither, in more batches than there are threads.
fn log() -> String {
    let mut log = String::new();
    for number in 0..2_000 {
        let mut record = record(number);
        record.request.path = format!("/orders/{number}/{}", "x".repeat(number % 700)).into();
        if let Some(response) = &mut record.response {
            response.status = [200, 404, 503][number % 3];
        }
        if number % 7 == 0 {
            record.request.method = "DELETE".into();
            record.attributes.clear();
        }
        match number % 500 {
            100 => log += &gap_text(&gap(number as u64..number as u64 + 1, "dropped_newest")),
            200 => log += "no entry\n",
            300 => log += "{\"v\":1,\"id\":\"half\n",
            400 => log += "{\"v\":1}\n\n",
            _ => log += &line(&record),
        }
    }
    log
}

/// What is printed of an entry.
fn printed(format: &str, entry: &Entry, line: &[u8]) -> String {
    let timed = |time, line| format!("{} {line}\n", rfc3339::text(time).expect("a time"));
    match (format, entry) {
        ("json", _) => {
            let line = String::from_utf8(line.to_vec()).expect("text");
            format::escaped_json(line) + "\n"
        }
        ("line", Entry::Record(record)) => timed(record.time, format::line(record)),
        ("text", Entry::Record(record)) => format::text(record, format::Color::Never),
        ("curl", Entry::Record(record)) => format::curl(record) + "\n",
        ("line" | "text", Entry::Gap(gap)) => timed(gap.gap.from, format::gap_line(gap)),
        _ => String::new(),
    }
}

/// All that is printed, and what is reported.
fn expected(path: &str, format: &str, filter: &str) -> (String, Vec<String>) {
    let parsed: Filter = filter.parse().expect("a filter");
    let (mut pieces, mut errors) = (Vec::new(), Vec::new());
    for line in Reader::open(path).expect("a log") {
        match line {
            Ok(line) => {
                let is_wanted = match &line.entry {
                    Entry::Record(record) => parsed.matches(record),
                    _ => filter.is_empty(),
                };
                let piece = printed(format, &line.entry, &line.bytes);
                pieces.extend(Some(piece).filter(|piece| is_wanted && !piece.is_empty()));
            }
            Err(error) => errors.push(error.to_string()),
        }
    }
    let between = if matches!(format, "text" | "curl") {
        "\n"
    } else {
        ""
    };
    (pieces.join(between), errors)
}

#[test]
fn prints_the_same_as_the_plain_way_whatever_the_format_and_the_filter() {
    let directory = Directory::new("whole");
    let path = directory.with("audit.jsonl", log());
    for format in ["line", "json", "text", "curl"] {
        for filter in ["", "status:2xx", "method:delete status:5xx id:1995"] {
            let run = run(&["show", &path, filter, "--format", format]);
            let (text, errors) = expected(&path, format, filter);
            assert!(run.out == text, "{format} {filter}");
            assert_eq!(run.code, 1, "{format} {filter}");
            let reported: Vec<&str> = run.err.lines().collect();
            let has_all = |error: &String| reported.iter().any(|line| line.ends_with(error));
            if filter.is_empty() {
                assert_eq!(reported.len(), errors.len(), "{}", run.err);
                assert!(errors.iter().all(has_all), "{}", run.err);
            }
        }
    }
}
