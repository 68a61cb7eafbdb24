//! `body-logger show`, but for following.

use std::io::{BufRead, BufReader, Read};

use body_logger_core::{format, rfc3339};
use flate2::{write::GzEncoder, Compression};

use super::*;

/// The ids of records that are printed as JSON.
fn ids(run: &Run) -> Vec<usize> {
    let records = run
        .out
        .lines()
        .map(|line| serde_json::from_str::<Record>(line).expect(line));
    records
        .map(|record| record.id.parse().expect("a number"))
        .collect()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn prints_all_files_of_a_log_the_oldest_first() {
    let directory = Directory::new("files");
    directory.with("audit.jsonl.2.gz", gzip(&lines(0..2)));
    directory.with("audit.2026-11-21T09-15-01.123456Z.jsonl", lines(2..3));
    directory.with("audit.jsonl.1", lines(3..4));
    let live = directory.with("audit.jsonl", lines(4..6));
    let run = super::run(&["show", &live, "--format", "json"]);
    assert_eq!((run.code, &run.err[..]), (0, ""));
    assert_eq!(ids(&run), [2, 0, 1, 3, 4, 5]);

    let one = text(&directory.file("audit.jsonl.2.gz"));
    assert_eq!(
        ids(&super::run(&["show", &one, "--format", "json"])),
        [0, 1]
    );
}

#[test]
fn prints_all_logs_in_a_directory() {
    let directory = Directory::new("directory");
    directory.with("b.jsonl", lines(2..3));
    directory.with("a.jsonl", lines(1..2));
    directory.with("a.jsonl.1", lines(0..1));
    directory.with("notes.txt", "not a log");
    let run = super::run(&["show", &text(&directory.0), "--format", "json"]);
    assert_eq!((run.code, ids(&run)), (0, vec![0, 1, 2]));

    let empty = Directory::new("empty");
    let run = super::run(&["show", &text(&empty.0)]);
    let message = format!(
        "body-logger: cannot read the log: no file in {} ends with .jsonl\n",
        text(&empty.0)
    );
    assert_eq!((run.code, run.err), (3, message));
}

#[test]
fn prints_each_format_as_the_core_crate_writes_it() {
    let directory = Directory::new("formats");
    let log = directory.with("audit.jsonl", lines(1..3));
    let records = [record(1), record(2)];
    let time = rfc3339::text(records[0].time).expect("a time");
    let line = |record| format!("{time} {}\n", format::line(record));
    let text = |record| format::text(record, format::Color::Never);
    let curl = |record| format::curl(record) + "\n";
    for (name, expected) in [
        ("line", records.iter().map(line).collect()),
        ("text", records.each_ref().map(text).join("\n")),
        ("json", lines(1..3)),
        ("curl", records.each_ref().map(curl).join("\n")),
        (
            "har",
            serde_json::to_string(&format::har(&records)).expect("JSON") + "\n",
        ),
    ] {
        let run = super::run(&["show", &log, "--format", name]);
        assert_eq!((run.code, run.out), (0, expected), "{name}");
    }
    assert_eq!(
        super::run(&["show", &log]).out,
        super::run(&["show", &log, "--format", "line"]).out
    );
}

#[test]
fn prints_what_matches_the_filter() {
    let directory = Directory::new("filter");
    let mut failed = record(2);
    failed.response.as_mut().expect("a response").status = 503;
    let log = lines(0..2) + &line(&failed) + &gap_text(&gap(3..5, "dropped_newest")) + &lines(5..7);
    let log = directory.with("audit.jsonl", log);
    let json =
        |filter: &[&str]| super::run(&[&["show", &log, "--format", "json"], filter].concat());
    assert_eq!(ids(&json(&["status:5xx"])), [2]);
    assert_eq!(ids(&json(&["status:2xx", "@user:42"])), [0, 1, 5, 6]);
    assert_eq!(ids(&json(&["status:2xx id:6"])), [6]);
    assert_eq!(ids(&json(&["nowhere"])), [0; 0]);
    // The gap is about the log, and not an exchange.
    let all = super::run(&["show", &log]);
    assert_eq!(all.out.lines().count(), 6);
    let gap = all.out.lines().nth(3).unwrap_or_default();
    assert!(gap.ends_with("Z lost=2 dropped_newest=2"), "{gap}");
}

#[test]
fn points_at_what_is_wrong_in_a_filter() {
    let directory = Directory::new("wrong-filter");
    let log = directory.with("audit.jsonl", lines(0..1));
    let run = super::run(&["show", &log, "method:get", "status:9xx"]);
    assert_eq!((run.code, &run.out[..]), (2, ""));
    let (message, place) = run.err.split_once('\n').unwrap_or_default();
    assert!(
        message.starts_with("body-logger: `9xx` is not a status: "),
        "{message}"
    );
    assert_eq!(place, "  method:get status:9xx\n                    ^^^\n");
}

#[test]
fn reports_lines_that_it_cannot_read_and_goes_on() {
    let directory = Directory::new("damage");
    let log = lines(0..1) + "no entry\n{\"v\":2}\n" + &lines(1..2) + "{\"v\":1,\"id\":\"to";
    let log = directory.with("audit.jsonl", log);
    for filter in [&[][..], &["@user:42"]] {
        let run = super::run(&[&["show", &log, "--format", "json"], filter].concat());
        assert_eq!((run.code, ids(&run)), (1, vec![0, 1]));
        let line = lines(0..1).len();
        let torn = 2 * line + "no entry\n{\"v\":2}\n".len();
        let mut expected = vec![
            format!("body-logger: {log}, at byte {line}: the line is no JSON"),
            format!("body-logger: {log}, at byte {torn}: the line is torn"),
        ];
        if filter.is_empty() {
            // With a filter, it cannot match, and is not parsed.
            let foreign = line + "no entry\n".len();
            expected.insert(
                1,
                format!("body-logger: {log}, at byte {foreign}: the line is no entry"),
            );
        }
        assert_eq!(run.err.lines().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn counts_unreadable_lines_instead_of_reporting_thousands_in_a_row() {
    let directory = Directory::new("foreign");
    let log = "no entry\n".repeat(1000) + &lines(0..1) + "no entry\n";
    let log = directory.with("audit.jsonl", log);
    let run = super::run(&["show", &log]);
    assert_eq!((run.code, run.out.lines().count()), (1, 1));
    let notes: Vec<_> = run.err.lines().collect();
    assert_eq!(notes.len(), 22, "{}", run.err);
    let last = format!("{log}, at byte 8991: the line is no JSON");
    assert_eq!(
        notes[20],
        format!("body-logger: 980 more in a row, the last of them: {last}")
    );
}

#[test]
fn fails_if_there_is_no_log() {
    let directory = Directory::new("none");
    let path = text(&directory.file("none.jsonl"));
    let run = super::run(&["show", &path]);
    assert_eq!((run.code, &run.out[..]), (3, ""));
    assert!(
        run.err.starts_with(&format!(
            "body-logger: cannot read the log: {path}: there is no such file"
        )),
        "{}",
        run.err
    );
    #[cfg(unix)]
    {
        let run = super::run(&["show", "/dev/null"]);
        let message = "body-logger: cannot read the log: /dev/null: it is no regular file\n";
        assert_eq!((run.code, &*run.err), (3, message));
    }
    assert_eq!(super::run(&["show"]).code, 2);
    assert_eq!(
        super::run(&["show", &path, "--follow", "--format", "har"]).code,
        2
    );
}

#[test]
fn ends_quietly_when_the_output_is_closed() {
    let directory = Directory::new("closed");
    // More than pipes and buffers hold.
    let log = directory.with("audit.jsonl", lines(0..1000));
    let mut command = program(&["show", &log]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program");
    let mut first = String::new();
    let mut out = BufReader::with_capacity(1, child.stdout.take().expect("a pipe"));
    out.read_line(&mut first).expect("a line");
    drop(out);
    let mut err = String::new();
    let mut stderr = child.stderr.take().expect("a pipe");
    stderr.read_to_string(&mut err).expect("text");
    let status = child.wait().expect("the program");
    assert_eq!((status.code(), &err[..]), (Some(0), ""));
    assert!(first.contains(" POST /orders/7"), "{first}");
}
