//! Proofs of single lines.

use super::*;

use body_logger_tlog::{find_lines, prove, LineProof};

#[test]
fn a_line_of_any_file_is_proven_and_the_proof_checked_without_the_log() {
    let place = Place::new("prove");
    let file = place
        .describe()
        .rotate_at(30_000)
        .keep(9)
        .open()
        .expect("a log");
    for _ in 0..100 {
        write(&file, 10);
    }
    drop(file);
    let keys = [place.verifier_key()];
    let found = find_lines(place.log(), "exchange-7").expect("a log");
    assert!(found.len() > 10, "{found:?}");
    for index in found {
        let proof = prove(place.log(), index, &keys).expect("a proof");
        let text = proof.to_string();
        assert_eq!(LineProof::check(&text, &keys).expect("a proof"), proof);
        assert_eq!(proof.index(), index);
        let Entry::Record(record) = serde_json::from_slice(proof.line()).expect("an entry") else {
            panic!("a record");
        };
        assert_eq!(record.id, "exchange-7");
        let by_entry = find_lines(place.log(), &record.entry_id.to_string()).expect("a log");
        assert!(by_entry.contains(&index));
    }
    let part = find_lines(place.log(), "exchange").expect("a log");
    assert!(part.is_empty(), "{part:?}");
}

#[test]
fn no_changed_proof_is_accepted() {
    let place = Place::new("forge");
    let file = place.open();
    write(&file, 5);
    file.sync().expect("a checkpoint");
    let keys = [place.verifier_key()];
    let text = prove(place.log(), 3, &keys).expect("a proof").to_string();
    // Every seventh byte: each takes the check of a signature.
    for at in (0..text.len()).step_by(7) {
        let mut changed = text.clone().into_bytes();
        changed[at] ^= 1;
        if let Ok(changed) = String::from_utf8(changed) {
            assert!(LineProof::check(&changed, &keys).is_err(), "{changed}");
        }
    }
    let other = SigningKey::create_file(place.path("other"), ORIGIN).expect("a key");
    let other = [other.verifier_key().clone()];
    LineProof::check(&text, &other).expect_err("another key");
}

#[test]
fn a_line_that_is_changed_or_not_covered_has_no_proof() {
    let place = Place::new("unproven");
    let file = place.open();
    write(&file, 3);
    file.sync().expect("a checkpoint");
    write(&file, 1);
    let keys = [place.verifier_key()];
    let error = prove(place.log(), 3, &keys).expect_err("not covered");
    assert!(error.to_string().contains("not covered yet"), "{error}");
    let text = fs::read_to_string(place.log()).expect("a log");
    fs::write(place.log(), text.replacen("exchange-1", "exchange-9", 1)).expect("a log");
    prove(place.log(), 1, &keys).expect_err("changed");
    prove(place.log(), 0, &keys).expect("a proof");
}
