//! What a log with proofs does not go along with.

use super::*;

#[test]
fn a_second_writer_fails_to_open() {
    let place = Place::new("second");
    let file = place.open();
    let error = place.try_open().expect_err("a second writer");
    assert!(error.to_string().contains("another writer"), "{error}");
    write(&file, 1);
    drop(file);
    write(&place.open(), 1);
    assert_eq!(place.assert_holds().size, 2);
}

#[test]
fn a_writer_without_proofs_fails_to_open_a_log_that_has_them() {
    let place = Place::new("unproven-writer");
    write(&place.open(), 1);
    let before = fs::read(place.log()).expect("a log");
    #[cfg(unix)]
    let link = {
        let link = place.path("link.jsonl");
        std::os::unix::fs::symlink(place.log(), &link).expect("a link");
        link
    };
    #[cfg(not(unix))]
    let link = place.log();
    for path in [place.log(), link] {
        let opened = JsonLinesFile::at(path).open();
        let error = opened.expect_err("it has no proofs");
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
        assert!(error.to_string().contains("has proofs"), "{error}");
    }
    assert_eq!(fs::read(place.log()).expect("a log"), before);
    write(&place.open(), 1);
    assert_eq!(place.assert_holds().size, 2);
}

#[test]
fn reopening_is_refused() {
    let place = Place::new("reopen");
    let error = place.open().reopen().expect_err("refused");
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
}

#[test]
fn a_log_that_is_never_synced_is_refused() {
    let place = Place::new("unsynced");
    let file = JsonLinesFile::at(place.log()).observer(place.proofs());
    let error = file.open().expect_err("refused");
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
}

#[test]
fn a_log_that_was_truncated_is_not_written_to() {
    let place = Place::new("copytruncate");
    let file = place.open();
    write(&file, 5);
    file.sync().expect("a checkpoint");
    let whole = fs::read(place.log()).expect("a log");
    fs::File::options()
        .write(true)
        .open(place.log())
        .and_then(|live| live.set_len(0))
        .expect("a log");
    let error = file.write(&[entry(5, 10)]).expect_err("refused");
    let text = format!("{error:?}");
    assert!(text.contains("ends before checkpoint 5"), "{text}");
    assert!(!place.verify().holds());
    // Once all is back, it goes on.
    fs::write(place.log(), whole).expect("a log");
    write(&file, 1);
    drop(file);
    assert_eq!(place.assert_holds().size, 6);
}

#[test]
fn a_log_whose_tiles_were_changed_is_not_continued() {
    let place = Place::new("tiles");
    write(&place.open(), 300);
    for tile in ["0/001.p/44", "1/000.p/1"] {
        let path = place.path("audit.jsonl.tlog/tile").join(tile);
        let whole = fs::read(&path).expect("a tile");
        let mut changed = whole.clone();
        changed[7] ^= 1;
        for content in [&changed[..], &whole[..32 - 1], &[]] {
            fs::write(&path, content).expect("a tile");
            let error = place.try_open().expect_err("it has another root");
            assert!(error.to_string().contains("tile"), "{error}");
        }
        fs::write(&path, whole).expect("a tile");
    }
    write(&place.open(), 1);
    assert_eq!(place.assert_holds().size, 301);
}

#[test]
fn a_log_whose_checkpoint_is_missing_is_not_begun_anew() {
    let place = Place::new("no-checkpoint");
    write(&place.open(), 3);
    let checkpoint = place.path("audit.jsonl.tlog/checkpoint");
    let note = fs::read(&checkpoint).expect("a checkpoint");
    fs::remove_file(&checkpoint).expect("a checkpoint");
    let error = place.try_open().expect_err("it would sign another log");
    assert!(
        error.to_string().contains("the checkpoint is missing"),
        "{error}"
    );
    assert!(!checkpoint.exists());
    fs::write(checkpoint, note).expect("a checkpoint");
    write(&place.open(), 1);
    assert_eq!(place.assert_holds().size, 4);
}

#[test]
fn a_log_that_was_moved_is_not_written_to() {
    let place = Place::new("moved");
    let file = place.open();
    write(&file, 5);
    file.sync().expect("a checkpoint");
    fs::rename(place.log(), place.path("audit.jsonl.1")).expect("a log");
    file.write(&[entry(5, 10)]).expect_err("refused");
    fs::rename(place.path("audit.jsonl.1"), place.log()).expect("a log");
    write(&file, 1);
    drop(file);
    assert_eq!(place.assert_holds().size, 6);
}

#[test]
fn lines_that_somebody_else_has_appended_are_covered_and_not_overlooked() {
    use std::io::Write;

    let place = Place::new("foreign");
    let file = place.open();
    write(&file, 2);
    let mut other = fs::File::options()
        .append(true)
        .open(place.log())
        .expect("a log");
    other.write_all(b"{\"foreign\":1}\n").expect("a log");
    write(&file, 2);
    drop(file);
    assert_eq!(place.assert_holds().size, 5);
}

#[cfg(unix)]
#[test]
fn a_key_that_others_may_read_is_refused() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new("mode");
    let key = place.path("key");
    let mode = fs::metadata(&key).expect("a key").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).expect("a key");
    let error = SigningKey::from_file(&key).expect_err("others may read it");
    assert!(error.to_string().contains("640"), "{error}");
}

#[test]
fn a_key_file_is_not_replaced_and_an_origin_has_no_spaces() {
    let place = Place::new("key-file");
    SigningKey::create_file(place.path("key"), ORIGIN).expect_err("it is there");
    for origin in ["", "a b", "a+b", "a\nb", "a\u{7}b"] {
        let created = SigningKey::create_file(place.path("other"), origin);
        created.expect_err("no origin");
        assert!(!place.path("other").exists());
    }
}
