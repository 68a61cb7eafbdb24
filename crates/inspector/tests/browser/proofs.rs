//! How far the proofs of a log have got, as the example `audit` says it on the page.

#[path = "../../../../examples/audit/proofs.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the example says on its console how to verify its records"
)]
mod example;

use std::{env, fs, process, time::SystemTime};

use body_logger_core::{rfc3339, Entry, Record, Sink as _};
use body_logger_inspector::Inspector;
use body_logger_jsonl::{Fsync, JsonLinesFile};
use body_logger_tlog::SigningKey;
use serde_json::json;

use crate::{
    driver::browse_with,
    support::{fill, store},
};

#[test]
fn the_page_says_when_the_signature_of_a_checkpoint_was_verified() {
    let directory = env::temp_dir().join(format!("body-logger-inspector-{}", process::id()));
    fs::create_dir_all(&directory).expect("a directory for temporary files");
    let (key, log) = (directory.join("audit.key"), directory.join("audit.jsonl"));
    SigningKey::create_file(&key, "example.com/audit").expect("a key");
    let signed = example::signed(&key, &log).expect("a key");
    let file = JsonLinesFile::at(&log)
        .fsync(Fsync::EveryBatch)
        .observer(signed.proofs)
        .open()
        .expect("a log");
    let records = [(); 3].map(|()| Entry::Record(Record::example()));
    file.write(&records).expect("a disk that works");
    file.sync().expect("a checkpoint");

    let store = store();
    fill(&store, [json!({})]);
    let status = example::status(&log, signed.verifier_key);
    let inspector = Inspector::over(store).localhost_only();
    // Before it, as it is written to the microsecond.
    let asked = rfc3339::text(SystemTime::now()).expect("a clock");
    browse_with(inspector.status("Proofs", status), &[], async |browser| {
        browser.open("?view=overview").await;
        let row = "[aria-label=Proofs] .good";
        browser
            .shows(row, "3 lines have a signed checkpoint, of ")
            .await;
        let shown = browser
            .run(&format!("return document.querySelector('{row}').innerText"))
            .await;
        let shown = shown.as_str().expect("text");
        let (_, verified_at) = shown
            .split_once("; its signature was verified at ")
            .expect(shown);
        rfc3339::parse(verified_at).expect("a time");
        assert!(*asked <= *verified_at, "{shown}");
    });
    drop(file);
    fs::remove_dir_all(directory).expect("a directory");
}
