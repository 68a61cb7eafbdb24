//! A log as it lives: synced, rotated, compressed, retained, started again.

use super::*;

use body_logger_core::record::MaintenanceKind;
use body_logger_tlog::Checkpoint;

#[test]
fn an_empty_log_has_a_checkpoint_of_no_lines() {
    let place = Place::new("empty");
    let file = place.open();
    let verification = place.assert_holds();
    assert_eq!((verification.size, verification.uncovered), (0, 0));
    assert_eq!(place.published().len(), 1);
    drop(file);
    drop(place.open());
    place.assert_holds();
}

#[test]
fn every_sync_signs_a_checkpoint_that_continues_those_before() {
    let place = Place::new("sync");
    let file = place.open();
    // Around the widths of tiles.
    for lines in [1, 254, 1, 1, 255, 0, 700] {
        write(&file, lines);
        file.sync().expect("a checkpoint");
    }
    let sizes: Vec<_> = place.published().iter().map(|note| size(note)).collect();
    assert_eq!(sizes, [0, 1, 255, 256, 257, 512, 1212]);
    let verification = place.assert_holds();
    assert_eq!((verification.size, verification.lines), (1212, 1212));
    // Of partial tiles only those of the stored checkpoint are kept.
    let tiles = files_below(&place.path("audit.jsonl.tlog/tile"));
    let partial: Vec<_> = tiles
        .iter()
        .filter(|tile| tile.parent().is_some_and(|it| it.extension().is_some()))
        .collect();
    assert_eq!(partial.len(), 2, "{partial:?}");
    assert_eq!(tiles.len() - partial.len(), 4);
}

#[test]
fn what_is_published_proves_that_it_continues_what_was_published_before() {
    use tlog_tiles::{check_tree, Hash};

    let place = Place::new("continues");
    let mut known = 0;
    for _ in 0..3 {
        let file = place.open();
        for lines in [1, 2, 254, 300] {
            write(&file, lines);
            file.sync().expect("a checkpoint");
        }
        drop(file);
        let published = place.published();
        for pair in published[known..].windows(2) {
            let keys = [place.verifier_key()];
            let [before, after] = [&pair[0], &pair[1]]
                .map(|note| Checkpoint::verify(note, &keys).expect("a checkpoint"));
            let mut lines = pair[1].lines();
            assert_eq!(lines.next(), Some(&*format!("old {}", before.size())));
            let hashes = lines.take_while(|line| !line.is_empty());
            let proof = hashes.map(|line| Hash::parse_hash(line).expect("a hash"));
            let proof: Vec<Hash> = proof.collect();
            if before.size() > 0 {
                let (old, new) = (Hash(before.root()), Hash(after.root()));
                check_tree(&proof, after.size(), new, before.size(), old).expect("a proof");
            }
        }
        // After a start the stored one is published again, as nobody knows whether it was.
        known = published.len();
    }
    assert_eq!(place.assert_holds().size, 3 * 557);
}

#[test]
fn a_checkpoint_covers_no_more_lines_than_are_durable() {
    use body_logger_jsonl::FileObserver;

    let place = Place::new("durable");
    let file = JsonLinesFile::at(place.log()).open().expect("a file");
    write(&file, 5);
    let text = fs::read(place.log()).expect("a log");
    fs::write(place.log(), "").expect("a log");
    let proofs = place.proofs();
    proofs.resume(&place.log()).expect("an empty log");
    fs::write(place.log(), &text).expect("a log");
    proofs.appended(&text.into());
    assert_eq!(proofs.known_lines(), 5);
    for durable in [3, 3, 5] {
        proofs.synced(durable).expect("a disk that works");
        let verification = place.assert_holds();
        let covered = (verification.size, verification.uncovered);
        assert_eq!(covered, (durable, 5 - durable));
    }
    assert_eq!(place.published().len(), 3);
}

fn size(note: &str) -> u64 {
    let note = note.split_once("\n\n").expect("a request").1;
    let size = note.lines().nth(1).expect("a size");
    size.parse().expect("a number")
}

#[test]
fn lines_after_the_checkpoint_are_told_and_not_accused() {
    let place = Place::new("after");
    let file = place.open();
    write(&file, 3);
    file.sync().expect("a checkpoint");
    write(&file, 2);
    let verification = place.assert_holds();
    assert_eq!((verification.lines, verification.uncovered), (3, 2));
    // As after a crash, when the rest of a line may be missing.
    let mut text = fs::read(place.log()).expect("a log");
    text.truncate(text.len() - 10);
    fs::write(place.log(), text).expect("a log");
    let verification = place.assert_holds();
    assert_eq!((verification.uncovered, verification.torn), (1, true));
}

#[test]
fn every_line_has_a_salt_of_its_own() {
    let place = Place::new("salt");
    write(&place.open(), 3);
    let salts: Vec<_> = place
        .lines()
        .iter()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_slice(line).expect("JSON");
            line["salt"].as_str().expect("a salt").to_owned()
        })
        .collect();
    assert!(salts.iter().all(|salt| salt.len() == 32), "{salts:?}");
    assert!(salts[0] != salts[1] && salts[1] != salts[2]);
}

#[test]
fn goes_on_across_rotation_compression_and_restarts() {
    let place = Place::new("rotation");
    for run in 0..3 {
        let describe = place.describe().rotate_at(20_000);
        #[cfg(feature = "compress")]
        let describe = describe.compress(body_logger_jsonl::Compression::Zstd);
        let file = describe.open().expect("a log");
        for _ in 0..10 {
            write(&file, 20);
        }
        drop(file);
        let verification = place.assert_holds();
        assert_eq!(verification.size, 200 * (run + 1));
    }
    let files = RawFile::list(place.log()).expect("a directory");
    assert!(files.len() > 10, "{}", files.len());
    let compressed = files
        .iter()
        .filter(|it| it.path().extension().is_some_and(|it| it == "zst"));
    assert_eq!(compressed.count() > 10, cfg!(feature = "compress"));
}

#[test]
fn retention_announces_all_lines_that_are_gone_and_the_verifier_accepts_them() {
    let place = Place::new("retention");
    for _ in 0..3 {
        let describe = place.describe().rotate_at(20_000).keep(2);
        let file = describe.open().expect("a log");
        for _ in 0..20 {
            write(&file, 10);
        }
        drop(file);
        let verification = place.assert_holds();
        let deleted = verification.deleted.expect("files are gone");
        assert_eq!(*deleted.start(), 0);
        assert_eq!(verification.lines, verification.size - deleted.end() - 1);
        assert_eq!(place.lines().len() as u64, verification.lines);
    }
    // The announcements of the first run are gone themselves.
    let entries: Vec<Entry> = place
        .lines()
        .iter()
        .map(|line| serde_json::from_slice(line).expect("an entry"))
        .collect();
    let mut announced = entries.iter().rev().filter_map(|entry| match entry {
        Entry::Maintenance(note) => Some(&note.maintenance),
        _ => None,
    });
    let last = announced.next().expect("an announcement");
    assert_eq!(last.kind, MaintenanceKind::Deleted);
    assert!(!last.files.is_empty());
}

#[test]
fn a_log_that_was_there_before_its_proofs_is_covered_whole() {
    let place = Place::new("before");
    let plain = JsonLinesFile::at(place.log()).rotate_at(5000);
    write(&plain.open().expect("a file"), 30);
    drop(place.open());
    assert_eq!(place.assert_holds().size, 30);
}

#[test]
fn maintenance_notes_are_numbered_as_a_run_of_their_own() {
    let place = Place::new("numbers");
    let describe = place.describe().rotate_at(2_000).keep(2);
    let file = describe.open().expect("a log");
    for _ in 0..10 {
        write(&file, 3);
    }
    drop(file);
    let lines = place.lines();
    let notes = lines
        .iter()
        .filter(|line| line.starts_with(br#"{"v":1,"entry_id""#));
    let text: Vec<_> = notes.map(|line| String::from_utf8_lossy(line)).collect();
    let seqs: Vec<u64> = text
        .iter()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            line["seq"].as_u64().expect("a number")
        })
        .collect();
    assert!(!seqs.is_empty());
    assert!(
        seqs.windows(2).all(|pair| pair[0] + 1 == pair[1]),
        "{seqs:?}"
    );
}

#[test]
fn keys_are_changed_by_a_checkpoint_that_both_sign() {
    let place = Place::new("keys");
    write(&place.open(), 3);
    let (old, old_key) = (place.key(), place.verifier_key());
    fs::rename(place.path("key"), place.path("old")).expect("a key");
    SigningKey::create_file(place.path("key"), ORIGIN).expect("a key");
    let error = place.try_open().expect_err("a key that has signed nothing");
    assert!(error.to_string().contains("checkpoint"), "{error}");

    let both = place.proofs().previous_key(old);
    let never = Fsync::Every(std::time::Duration::from_secs(3600));
    let file = JsonLinesFile::at(place.log()).fsync(never).observer(both);
    drop(file.open().expect("a log"));
    for key in [old_key.clone(), place.verifier_key()] {
        let verification = Verifier::new([key]).verify(place.log()).expect("a log");
        assert_eq!((verification.size, verification.holds()), (3, true));
    }
    write(&place.open(), 1);
    let mut verifier = Verifier::new([place.verifier_key()]);
    assert!(verifier.verify(place.log()).expect("a log").holds());
    let mut verifier = Verifier::new([old_key]);
    assert!(!verifier.verify(place.log()).expect("a log").holds());
}

#[test]
fn cosignatures_that_come_back_are_kept_with_the_checkpoint() {
    let place = Place::new("cosigned");
    let cosignature = "— witness.example/w1 AAAAAQAAAAAAAAAA";
    let proofs = Proofs::new(place.key()).publish(move |_| Ok(vec![cosignature.to_owned()]));
    let file = JsonLinesFile::at(place.log()).fsync(Fsync::EveryBatch);
    let file = file.observer(proofs).open().expect("a log");
    write(&file, 1);
    let stored = fs::read_to_string(place.path("audit.jsonl.tlog/checkpoint")).expect("a note");
    assert_eq!(stored.matches(cosignature).count(), 1, "{stored}");
    // Signers that are not known are ignored.
    place.assert_holds();
}

#[test]
fn nothing_is_deleted_while_checkpoints_cannot_be_published() {
    let place = Place::new("unpublished");
    let works = Arc::new(Mutex::new(false));
    let proofs = Proofs::new(place.key()).publish({
        let works = Arc::clone(&works);
        move |_| match *works.lock().expect("no panic") {
            true => Ok(Vec::new()),
            false => Err(io::Error::other("the other machine is down")),
        }
    });
    let file = JsonLinesFile::at(place.log()).fsync(Fsync::EveryBatch);
    let file = file.observer(proofs).rotate_at(2_000).keep(1);
    let open = file.open().expect("a log");
    for _ in 0..10 {
        write(&open, 3);
    }
    assert_eq!(open.counters().removed, 0);
    drop(open);
    let counted = RawFile::list(place.log()).expect("a directory").len();
    assert!(counted > 5, "{counted}");
    place.assert_holds();

    *works.lock().expect("no panic") = true;
    drop(
        place
            .describe()
            .rotate_at(2_000)
            .keep(1)
            .open()
            .expect("a log"),
    );
    let counted = RawFile::list(place.log()).expect("a directory").len();
    assert!(counted <= 3, "{counted}");
    assert!(place.assert_holds().deleted.is_some());
}

#[test]
fn an_index_of_files_that_is_wrong_is_not_believed() {
    let place = Place::new("index");
    let describe = || place.describe().rotate_at(5_000).keep(2);
    let file = describe().open().expect("a log");
    for _ in 0..10 {
        write(&file, 4);
    }
    drop(file);
    let deleted = place.assert_holds().deleted;
    assert!(deleted.is_some());
    let index = place.path("audit.jsonl.tlog/files");
    let right = fs::read_to_string(&index).expect("an index");
    let wrong: String = right.lines().map(|line| format!("1{line}\n")).collect();
    let earlier: String = right
        .lines()
        .filter_map(|line| Some(format!("3 {}\n", line.split_once(' ')?.1)))
        .collect();
    for text in [wrong, earlier, String::new()] {
        fs::write(&index, text).expect("an index");
        assert_eq!(place.assert_holds().deleted, deleted);
    }
    write(&describe().open().expect("a log"), 1);
    place.assert_holds();
}
