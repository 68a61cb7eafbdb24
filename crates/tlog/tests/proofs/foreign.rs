//! Another implementation of the formats, in another language, accepts what is written.

use std::process::Command;

use body_logger_tlog::prove;

use super::*;

/// Names a Python that has the package `aics-tlog`. CI sets it; elsewhere there may be none.
const PYTHON: &str = "BODY_LOGGER_TLOG_PYTHON";

#[test]
fn python_reads_the_tiles_and_comes_to_the_same_root() {
    let Some(python) = std::env::var_os(PYTHON) else {
        return;
    };
    let place = Place::new("foreign-verifier");
    let file = place.describe().rotate_at(100_000).open().expect("a log");
    for lines in [1, 3, 252, 1, 260, 7] {
        write(&file, lines);
        file.sync().expect("a checkpoint");
    }
    drop(file);
    let proof = prove(place.log(), 300, &[place.verifier_key()]).expect("a proof");
    fs::write(place.path("line.tlog-proof"), proof.to_string()).expect("a file");
    let mut command = Command::new(python);
    command
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/proofs/foreign.py"
        ))
        .arg(place.log())
        .arg(place.verifier_key().to_string())
        .arg(place.path("line.tlog-proof"));
    for (number, request) in place.published().iter().enumerate() {
        let path = place.path(&format!("request-{number}"));
        fs::write(&path, request).expect("a file");
        command.arg(path);
    }
    let output = command.output().expect("a Python");
    let (out, error) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(output.status.success(), "{error}");
    let checkpoints = place.published().len();
    assert_eq!(out.trim(), format!("524 lines, {checkpoints} checkpoints"));
}
