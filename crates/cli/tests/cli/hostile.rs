//! What a log holds does nothing to the terminal.

use super::*;

const HOSTILE: &str = "\u{1b}[31m\u{9b}2J\u{202e}\u{2066}\u{7f}\u{8}\u{feff}\r\u{2028}";

/// Whether a terminal would do something else with it than show it.
fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[track_caller]
fn assert_harmless(run: &Run) {
    for text in [&run.out, &run.err] {
        assert_eq!(
            text.find(|char| is_unsafe(char) && char != '\n'),
            None,
            "{text:?}"
        );
    }
}

fn hostile_record() -> Record {
    let mut record = record(1);
    record.request.method = HOSTILE.into();
    record.request.path = HOSTILE.into();
    record.request.route = Some(HOSTILE.into());
    record.request.query = Some(HOSTILE.into());
    record.request.headers = vec![(HOSTILE.into(), HOSTILE.into())];
    record.attributes = [(HOSTILE.to_owned(), HOSTILE.to_owned())].into();
    record.client.addr = Some(HOSTILE.into());
    record.request.body.json = None;
    record.request.body.text = Some(HOSTILE.to_owned());
    record
}

#[test]
fn escapes_all_that_a_log_holds_in_every_format() {
    let directory = Directory::new("hostile");
    let log = line(&hostile_record()) + &gap_text(&gap(2..3, HOSTILE)) + "\u{9b}31m no entry\n";
    let log = directory.with("audit.jsonl", log);
    for format in ["line", "text", "json", "curl", "har"] {
        let run = run(&["show", &log, "--format", format]);
        assert_eq!(run.code, 1, "{format}");
        assert!(run.out.len() > 50, "{format}");
        assert_harmless(&run);
    }
    assert_harmless(&run(&["stats", &log]));
}

#[cfg(unix)]
#[test]
fn escapes_names_of_files_and_filters() {
    let directory = Directory::new("hostile-names");
    let log = directory.with(
        &format!("{}.jsonl", HOSTILE.replace('\r', "")),
        "no entry\n",
    );
    let shown = run(&["show", &log]);
    assert_eq!(shown.code, 1);
    assert_harmless(&shown);
    let missing = run(&["show", &format!("{log}{HOSTILE}")]);
    assert_eq!(missing.code, 3);
    assert_harmless(&missing);
    let filter = run(&["show", &log, &format!("{HOSTILE}:{HOSTILE}")]);
    assert_eq!(filter.code, 2);
    assert_harmless(&filter);
}

#[test]
fn escapes_places_of_what_is_hidden() {
    let json = serde_json::json!({ HOSTILE: { "password": "hunter2" } });
    let run = run_with(&["redact", "--explain"], json.to_string());
    assert!(run.err.contains(".password: name"), "{:?}", run.err);
    assert_eq!(
        run.err.find(|char| is_unsafe(char) && char != '\n'),
        None,
        "{:?}",
        run.err
    );
}
