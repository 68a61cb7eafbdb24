//! Keys, and logs and lines that are verified with them.

use body_logger_core::{Entry, Record, Sink};
use body_logger_jsonl::{Fsync, JsonLinesFile};
use body_logger_tlog::{Proofs, SigningKey};
use uuid::Uuid;

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
    let mut seq = 0;
    let entries = ["one", "two", "two"].map(|id| {
        seq += 1;
        let mut record = Record::example();
        record.id = id.into();
        record.entry_id = Uuid::now_v7();
        record.seq = seq;
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
    let named = "FAULT: line 1 of the log, counted from 0, was changed: ";
    assert!(verified.out.starts_with(named), "{}", verified.out);
    assert!(verified.out.contains("audit.jsonl:2 "), "{}", verified.out);
}

#[test]
fn verify_says_that_there_is_no_log() {
    let directory = Directory::new("verify-nothing");
    let (_, key) = log_with_proofs(&directory);
    let elsewhere = text(&directory.file("adit.jsonl"));
    let verified = run(&["verify", &elsewhere, "--key", &key]);
    assert_eq!(verified.code, 1, "{verified:?}");
    let fault = verified.out.lines().next();
    let named = |fault: &str| fault.ends_with("is missing, and so are all files of the log");
    assert!(fault.is_some_and(named), "{}", verified.out);
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

#[test]
fn erase_leaves_a_log_that_verifies() {
    let directory = Directory::new("erase");
    let (log, verifier_key) = log_with_proofs(&directory);
    let key = text(&directory.file("key"));
    let published = text(&directory.file("published"));
    let erase = |id: &str, more: &[&str]| {
        let args = ["erase", &log, id, "--key", &key, "--publish", &published];
        run(&[&args, more].concat())
    };
    let erased = erase("one", &[]);
    assert_eq!((erased.code, &*erased.out), (0, "line 0 is erased\n"));
    let several = erase("two", &[]);
    assert_eq!(several.code, 2, "{several:?}");
    assert!(several.err.contains("lines 1, 2"), "{}", several.err);
    assert_eq!(erase("two", &["--index", "0"]).code, 3);
    let erased = erase("two", &["--index", "2"]);
    assert_eq!((erased.code, &*erased.out), (0, "line 2 is erased\n"));
    assert_eq!(erase("one", &[]).code, 3);

    let args = [
        "verify",
        &log,
        "--key",
        &verifier_key,
        "--checkpoint",
        &published,
    ];
    let verified = run(&args);
    assert_eq!(verified.code, 0, "{verified:?}");
    assert!(
        verified.out.contains("\nerased: lines 0, 2\n"),
        "{}",
        verified.out
    );
    let proven = run(&["prove", &log, "two", "--key", &verifier_key]);
    assert_eq!(proven.code, 0, "{proven:?}");
    // Stubs are passed over.
    let shown = run(&["show", &log, "--format", "json"]);
    assert_eq!((shown.code, shown.out.lines().count()), (0, 3), "{shown:?}");
    assert_eq!(run(&["stats", &log]).code, 0);
}

#[test]
fn erase_keeps_off_a_log_that_is_open_and_makes_none() {
    let directory = Directory::new("erase-open");
    let (log, _) = log_with_proofs(&directory);
    let key = text(&directory.file("key"));
    let proofs = Proofs::new(SigningKey::from_file(&key).expect("a key"));
    let file = JsonLinesFile::at(&log).fsync(Fsync::EveryBatch);
    let file = file.observer(proofs).open().expect("a log");
    let refused = run(&["erase", &log, "one", "--key", &key]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(refused.err.contains("another writer"), "{}", refused.err);
    drop(file);

    let other = text(&directory.file("other.jsonl"));
    let refused = run(&["erase", &other, "one", "--key", &key]);
    assert_eq!(refused.code, 3, "{refused:?}");
    assert!(!directory.file("other.jsonl").exists());
    assert!(!directory.file("other.jsonl.tlog").exists());
}
