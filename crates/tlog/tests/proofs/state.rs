//! How far the checkpoints have got, at a glance.

use std::time::{Duration, SystemTime};

use body_logger_tlog::log_state;

use super::*;

#[test]
fn the_state_counts_lines_before_and_after_the_checkpoint_through_all_files() {
    let place = Place::new("state");
    let file = place
        .describe()
        .rotate_at(2_000)
        .keep(3)
        .open()
        .expect("a log");
    let keys = [place.verifier_key()];
    let mut written = 0;
    for _ in 0..12 {
        write(&file, 2);
        file.sync().expect("a checkpoint");
        write(&file, 1);
        written += 3;
        let state = log_state(place.log(), &keys).expect("a log");
        // Rotation syncs, too.
        assert!(state.size + state.uncovered >= written, "{state:?}");
        let verification = place.assert_holds();
        assert!(state.size <= verification.size);
    }
    drop(file);
    let verification = place.assert_holds();
    assert!(verification.deleted.is_some());
    let state = log_state(place.log(), &keys).expect("a log");
    assert_eq!(
        (&*state.origin, state.size, state.uncovered),
        (ORIGIN, verification.size, 0)
    );
    let age = SystemTime::now().duration_since(state.stored_at);
    assert!(age.expect("a clock") < Duration::from_secs(60));
    let before = SystemTime::now();
    let mut again = log_state(place.log(), &keys).expect("a log");
    assert!((before..=SystemTime::now()).contains(&again.verified_at));
    assert!(again.verified_at > state.verified_at);
    again.verified_at = state.verified_at;
    assert_eq!(again, state);

    // Without the index all files are read.
    fs::remove_file(place.path("audit.jsonl.tlog/files")).expect("an index");
    let mut unindexed = log_state(place.log(), &keys).expect("a log");
    unindexed.verified_at = state.verified_at;
    assert_eq!(unindexed, state);
}

#[test]
fn lines_after_the_checkpoint_are_uncovered() {
    let place = Place::new("state-after");
    let file = place.open();
    write(&file, 3);
    file.sync().expect("a checkpoint");
    write(&file, 2);
    let state = log_state(place.log(), &[place.verifier_key()]).expect("a log");
    assert_eq!((state.size, state.uncovered), (3, 2));
}

#[test]
fn there_is_no_state_without_a_checkpoint_that_is_signed() {
    let place = Place::new("state-unsigned");
    drop(place.open());
    let other = SigningKey::create_file(place.path("other"), ORIGIN).expect("a key");
    log_state(place.log(), &[other.verifier_key().clone()]).expect_err("another key");
    fs::remove_file(place.path("audit.jsonl.tlog/checkpoint")).expect("a checkpoint");
    let error = log_state(place.log(), &[place.verifier_key()]).expect_err("no checkpoint");
    assert!(error.to_string().contains("missing"), "{error}");
}
