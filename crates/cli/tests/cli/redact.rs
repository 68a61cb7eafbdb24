//! `body-logger redact`, but for archives.

use super::*;

#[test]
fn masks_json_and_the_lines_of_a_log() {
    let log = "{\"user\":\"ada\",\"password\":\"correct horse\"}\n{\"pin\":2718}\n";
    let masked = "{\"user\":\"ada\",\"password\":\"***\"}\n{\"pin\":\"***\"}\n";
    for args in [&["redact", "--json"][..], &["redact"]] {
        let run = run_with(args, log);
        assert_eq!((run.code, &run.out[..], &run.err[..]), (0, masked, ""));
    }
    let document = run_with(&["redact"], "{\n  \"pin\": 2718\n}\n");
    assert_eq!(document.out, "{\"pin\":\"***\"}\n");
}

#[test]
fn masks_text_and_forms() {
    let text = run_with(&["redact"], "login of ada, password=hunter2\nsecond line\n");
    assert_eq!(
        (text.code, &text.out[..]),
        (0, "login of ada, password=***\nsecond line\n")
    );
    let json_as_text = run_with(&["redact", "--text"], "{ \"pin\": 2718 }");
    assert_eq!(
        (json_as_text.code, json_as_text.out.contains("2718")),
        (0, false)
    );
    let form = run_with(&["redact", "--form"], "user=ada&pin=2718\n");
    assert_eq!((form.code, &form.out[..]), (0, "user=ada&pin=***\n"));
}

#[test]
fn explains_places_and_rules_but_never_values() {
    let input = r#"{"user": {"pin": 2718}, "note": "ghp_16C7e42F292c6912E7710c838347Ae178B4a"}"#;
    let run = run_with(&["redact", "--explain"], input);
    let mut lines = run.err.lines();
    assert_eq!(lines.next(), Some("body-logger: hidden: $.user.pin: name"));
    let note = lines.next().unwrap_or_default();
    assert!(
        note.starts_with("body-logger: hidden: $.note: token family "),
        "{note}"
    );
    assert_eq!(lines.next(), Some("body-logger: hidden values: 2"));
    assert!(
        !run.err.contains("2718") && !run.err.contains("ghp_"),
        "{}",
        run.err
    );
    assert_eq!(run_with(&["redact"], input).err, "");
}

#[test]
fn withholds_what_it_does_not_understand_and_says_so() {
    let run_json = run_with(&["redact", "--json"], "{\"a\":1}\n<a>pin=2718</a>");
    assert_eq!((run_json.code, run_json.out.contains("2718")), (1, false));
    let message =
        "body-logger: standard input, at byte 8: what follows is not understood, and withheld\n";
    assert_eq!(run_json.err, message);

    let truncated = run_with(&["redact", "--json"], "{\"pin\": 27");
    assert_eq!((truncated.code, truncated.out.contains("27")), (1, false));
    assert!(
        truncated.err.contains("ends before its format does"),
        "{}",
        truncated.err
    );

    let binary = run_with(&["redact", "--text"], b"text \xff pin=2718");
    assert_eq!((binary.code, binary.out.contains("2718")), (1, false));
}

#[test]
fn takes_one_format_only() {
    let both = run_with(&["redact", "--json", "--form"], "{}");
    assert_eq!((both.code, &both.out[..]), (2, ""));
}
