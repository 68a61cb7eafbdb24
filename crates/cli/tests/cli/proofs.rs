//! Keys, and logs and lines that are verified with them.

use body_logger_core::{Entry, Record, Sink};
use body_logger_jsonl::{Fsync, JsonLinesFile};
use body_logger_tlog::{Proofs, SigningKey};

use super::*;

/// Writes a log of three exchanges with a key that the command has made, and returns its path and the verifier key.
fn log_with_proofs(directory: &Directory) -> (String, String) {
    let key = text(&directory.file("key"));
    let made = run(&["key", "new", &key, "--origin", "example.com/audit"]);
    assert_eq!((made.code, &*made.err), (0, ""));
    assert!(made.out.starts_with("example.com/audit+"), "{}", made.out);
    let log = directory.file("audit.jsonl");
    let proofs = Proofs::new(SigningKey::from_file(&key).expect("a key"))
        .publish_to(directory.file("published"));
    let file = JsonLinesFile::at(&log).fsync(Fsync::EveryBatch);
    let file = file.observer(proofs).open().expect("a log");
    let entries = ["one", "two", "two"].map(|id| {
        let mut record = Record::example();
        record.id = id.into();
        Entry::Record(record)
    });
    file.write(&entries).expect("a log");
    (text(&log), made.out.trim_end().to_owned())
}

#[test]
fn verify_accepts_a_whole_log_and_names_the_line_that_was_changed() {
    let directory = Directory::new("verify");
    let (log, key) = log_with_proofs(&directory);
    let key_file = directory.with("key.pub", format!("{key}\n"));
    let published = text(&directory.file("published"));
    for key in [&key, &key_file] {
        let verified = run(&["verify", &log, "--key", key, "--checkpoint", &published]);
        assert_eq!(verified.code, 0, "{verified:?}");
        assert!(
            verified.out.ends_with("the log holds\n"),
            "{}",
            verified.out
        );
    }
    let whole = fs::read_to_string(&log).expect("a log");
    fs::write(&log, whole.replacen("\"two\"", "\"tow\"", 1)).expect("a log");
    let verified = run(&["verify", &log, "--key", &key]);
    assert_eq!(verified.code, 1, "{verified:?}");
    let named = "FAULT: line 1 of the log was changed: ";
    assert!(verified.out.starts_with(named), "{}", verified.out);
    assert!(verified.out.contains("audit.jsonl:2 "), "{}", verified.out);
}

#[test]
fn prove_makes_what_check_accepts() {
    let directory = Directory::new("prove");
    let (log, key) = log_with_proofs(&directory);
    let proven = run(&["prove", &log, "one", "--key", &key]);
    assert_eq!(proven.code, 0, "{proven:?}");
    let proof = directory.with("one.tlog-proof", &proven.out);
    let checked = run(&["check", &proof, "--key", &key]);
    assert_eq!(checked.code, 0, "{checked:?}");
    let lines = fs::read_to_string(&log).expect("a log");
    assert_eq!(checked.out.lines().next(), lines.lines().next());
    let forged = directory.with("forged", proven.out.replacen("index 0", "index 1", 1));
    assert_eq!(run(&["check", &forged, "--key", &key]).code, 3);

    let several = run(&["prove", &log, "two", "--key", &key]);
    assert_eq!(several.code, 2, "{several:?}");
    assert!(several.err.contains("--index: 1, 2"), "{}", several.err);
    let chosen = run(&["prove", &log, "two", "--key", &key, "--index", "2"]);
    assert!(chosen.out.contains("\nindex 2\n"), "{chosen:?}");
    assert_eq!(run(&["prove", &log, "three", "--key", &key]).code, 3);
}

#[test]
fn a_key_that_is_none_and_a_file_that_is_there_are_errors() {
    let directory = Directory::new("keys");
    let (log, _) = log_with_proofs(&directory);
    let verified = run(&["verify", &log, "--key", "no+key"]);
    assert_eq!(verified.code, 2, "{verified:?}");
    let key = text(&directory.file("key"));
    assert_eq!(run(&["key", "new", &key, "--origin", "a"]).code, 3);
}
