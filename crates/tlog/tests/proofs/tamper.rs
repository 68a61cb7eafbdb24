//! Whatever is changed is found, and the first line that was.

use std::{sync::OnceLock, time::SystemTime};

use body_logger_core::record::{ErasedEntry, Maintenance, MaintenanceRecord};
use body_logger_tlog::{Fault, LineChange};
use proptest::prelude::*;

use super::*;

/// A log through many files, of which the first are gone, with erased lines, and whose last lines are not covered.
fn original() -> &'static Place {
    static ORIGINAL: OnceLock<Place> = OnceLock::new();
    ORIGINAL.get_or_init(|| {
        let place = Place::new("original");
        let describe = || place.describe().rotate_at(30_000).keep(4);
        for run in 0..3 {
            let describe = describe();
            #[cfg(feature = "compress")]
            let describe = match run {
                1 => describe.compress(body_logger_jsonl::Compression::Gzip),
                _ => describe,
            };
            let file = describe.open().expect("a log");
            for _ in 0..8 {
                write(&file, 40 + run);
            }
            drop(file);
            erase_every(&place, 17);
        }
        erase_every(&place, 23);
        let file = place.describe().open().expect("a log");
        write(&file, 20);
        file.sync().expect("a checkpoint");
        write(&file, 5);
        // As a crash leaves it.
        let crashed = Place::new("crashed");
        copy(&place.directory, &crashed.directory);
        *crashed.published.lock().expect("no panic") = place.published();
        drop(file);
        crashed
    })
}

/// Erases the first record that is there, and each that is a multiple behind it.
fn erase_every(place: &Place, step: usize) {
    let file = place.open();
    let deleted = place.assert_holds().deleted;
    let first = deleted.map_or(0, |leaves| leaves.end() + 1);
    for (number, line) in (first..).zip(place.lines()).step_by(step) {
        if line.starts_with(br#"{"v":1,"id""#) {
            file.erase_line(number).expect("a line");
        }
    }
}

/// What is found in it before it is tampered with.
fn untouched() -> &'static Verification {
    static UNTOUCHED: OnceLock<Verification> = OnceLock::new();
    UNTOUCHED.get_or_init(|| verify(original()))
}

/// A copy to tamper with.
fn copied(name: &str) -> Place {
    let place = Place::at(std::env::temp_dir().join(format!(
        "body-logger-tlog-{}-{name}-{:?}",
        std::process::id(),
        std::thread::current().id()
    )));
    copy(&original().directory, &place.directory);
    *place.published.lock().expect("no panic") = vec![original().newest()];
    make_private(&place);
    place
}

fn make_private(place: &Place) {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::Permissions::from_mode(0o600);
        fs::set_permissions(place.path("key"), mode).expect("a key");
    }
}

/// The files of the log that are not compressed, with the leaf that each begins with, and the live one last.
fn plain_files(place: &Place) -> Vec<(PathBuf, u64)> {
    let deleted = untouched().deleted.as_ref();
    let mut leaf = deleted.map_or(0, |it| it.end() + 1);
    let mut plain = Vec::new();
    for file in RawFile::list(place.log()).expect("a directory") {
        let first = leaf;
        let mut lines = file.lines().expect("a file");
        while lines.next().expect("a file").is_some() {
            leaf += 1;
        }
        if file.path().extension().is_some_and(|it| it == "jsonl") {
            plain.push((file.path().to_owned(), first));
        }
    }
    plain
}

/// With nothing but the newest checkpoint from outside.
fn verify(place: &Place) -> Verification {
    let verifier = Verifier::new([place.verifier_key()]);
    let mut verifier = verifier.checkpoint(&place.newest()).expect("a checkpoint");
    verifier
        .verify(place.log())
        .expect("a log that can be read")
}

#[test]
fn the_original_is_not_accused() {
    let verification = original().assert_holds();
    assert_eq!(verification, *untouched());
    assert_eq!(verification.uncovered, 5);
    assert!(verification.deleted.is_some());
    assert!(verification.erased.len() > 10, "{verification:?}");
    assert!(verification.size > 900);
}

/// What is done to the lines of a file, from one of them on.
#[derive(Debug, Clone, Copy)]
enum Edit {
    Change,
    Remove,
    Insert,
    /// Inserts a line that is there already.
    Repeat,
    Swap,
    Truncate,
    /// Erases without an announcement.
    Erase,
}

const EDITS: [Edit; 7] = [
    Edit::Change,
    Edit::Remove,
    Edit::Insert,
    Edit::Repeat,
    Edit::Swap,
    Edit::Truncate,
    Edit::Erase,
];

impl Edit {
    fn apply(self, lines: &mut Vec<Vec<u8>>, at: usize, byte: usize) {
        match self {
            Self::Change => {
                let line = &mut lines[at];
                let byte = byte % (line.len() - 1);
                line[byte] = if line[byte] == b'x' { b'y' } else { b'x' };
            }
            Self::Remove => drop(lines.remove(at)),
            Self::Insert => {
                let mut line = lines[at].clone();
                line.insert(1, b' ');
                lines.insert(at, line);
            }
            Self::Repeat => lines.insert(at, lines[at].clone()),
            Self::Swap => lines.swap(at, at + 1),
            Self::Truncate => lines.truncate(at),
            Self::Erase => match serde_json::from_slice(&lines[at]) {
                Ok(Entry::Record(record)) => {
                    let stub = ErasedEntry::new(record.entry_id, record.run, record.seq);
                    let mut line = stub.line(lines[at].len() - 1).expect("a stub");
                    line.push(b'\n');
                    lines[at] = line;
                }
                // What is no record is not erased.
                _ => Self::Change.apply(lines, at, byte),
            },
        }
    }

    /// Which line is the first that is another one now.
    fn first_changed(self, at: usize) -> usize {
        match self {
            Self::Repeat => at + 1,
            _ => at,
        }
    }

    fn is_named(self, change: LineChange) -> bool {
        match self {
            Self::Change => change == LineChange::Changed,
            // Many at once where the end of a file is missing.
            Self::Remove | Self::Truncate => matches!(change, LineChange::Removed(_)),
            Self::Insert | Self::Repeat => change == LineChange::Inserted,
            Self::Erase => matches!(change, LineChange::Erased | LineChange::Changed),
            Self::Swap => change == LineChange::Reordered,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 0, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_first_line_that_was_tampered_with_is_named(
        edit in prop::sample::select(&EDITS[..]),
        file: prop::sample::Index,
        line: prop::sample::Index,
        byte: prop::sample::Index,
    ) {
        let place = copied("lines");
        let files = plain_files(&place);
        let (path, first) = file.get(&files);
        let text = fs::read(path).expect("a file");
        let mut lines: Vec<Vec<u8>> = text.split_inclusive(|it| *it == b'\n').map(<[u8]>::to_vec).collect();
        let covered = untouched().size;
        // Not one that is not covered, and with one behind it.
        let most = lines.len().min((covered - first) as usize) - 1;
        let at = line.index(most);
        // What they announced is announced no more.
        let announces = |line: &[u8]| memchr::memmem::find(line, br#""kind":"erased""#).is_some();
        let may_announce = lines[at..].iter().any(|line| announces(line));
        edit.apply(&mut lines, at, byte.index(10_000));
        fs::write(path, lines.concat()).expect("a file");

        let leaf = first + edit.first_changed(at) as u64;
        let mut faults = verify(&place).faults;
        if may_announce && faults.len() > 1 {
            faults.retain(|fault| !matches!(fault, Fault::Line { change: LineChange::Erased, .. }));
        }
        let is_last = files.last().is_some_and(|(last, _)| last == path);
        match &faults[..] {
            [Fault::Line { leaf: named, change, .. }] => {
                prop_assert_eq!(*named, leaf);
                prop_assert!(edit.is_named(*change), "{:?} was {:?}", edit, change);
            }
            // Without its first lines a file begins later.
            [Fault::Missing { leaves }] if at == 0 && matches!(edit, Edit::Remove | Edit::Truncate) => {
                prop_assert_eq!(*leaves.start(), leaf);
            }
            [Fault::EndsBefore { lines, .. }] if is_last => prop_assert_eq!(*lines, leaf),
            faults => prop_assert!(false, "{:?}", faults),
        }
    }

    #[test]
    fn any_change_of_any_byte_is_found(file: prop::sample::Index, byte: prop::sample::Index, bit in 0..8_u8) {
        let place = copied("bytes");
        let mut files = files_below(&place.directory);
        files.retain(|file| is_evidence(&place, file));
        let path = file.get(&files);
        let mut bytes = fs::read(path).expect("a file");
        let end = if *path == place.log() { covered_bytes(&place, &bytes) } else { bytes.len() };
        let at = byte.index(end);
        let before = bytes[at];
        bytes[at] ^= 1 << bit;
        fs::write(path, &bytes).expect("a file");
        let verified = Verifier::new([place.verifier_key()])
            .checkpoint(&place.newest()).expect("a checkpoint")
            .verify(place.log());
        // What cannot be decompressed any more is an error. A few bits of gzip's header say nothing.
        if path.extension().is_some_and(|it| it == "gz") && place.lines_if_any() == Some(original().lines()) {
            return Ok(());
        }
        prop_assert!(
            !verified.as_ref().is_ok_and(Verification::holds),
            "{} at {at}: {before} {:?}", path.display(), verified
        );
    }

    #[test]
    fn any_file_that_is_missing_is_found(file: prop::sample::Index) {
        let place = copied("missing");
        let mut files = files_below(&place.directory);
        files.retain(|file| is_evidence(&place, file));
        let path = file.get(&files);
        fs::remove_file(path).expect("a file");
        let verification = verify(&place);
        prop_assert!(!verification.holds(), "{}", path.display());
    }
}

impl Place {
    fn lines_if_any(&self) -> Option<Vec<Vec<u8>>> {
        std::panic::catch_unwind(|| self.lines()).ok()
    }
}

/// Lines, tiles and the checkpoint. The index of files and the lock prove nothing.
fn is_evidence(place: &Place, file: &Path) -> bool {
    let beside = place.path("audit.jsonl.tlog");
    let others = [place.path("key"), beside.join("files"), beside.join("lock")];
    !others.iter().any(|other| other == file)
}

/// Where the lines of the live file end that the checkpoint covers.
fn covered_bytes(place: &Place, live: &[u8]) -> usize {
    let first = plain_files(place).last().expect("a live file").1;
    let covered = (untouched().size - first) as usize;
    let lines = live.split_inclusive(|byte| *byte == b'\n').take(covered);
    lines.map(<[u8]>::len).sum()
}

#[test]
fn a_log_that_is_put_back_as_it_was_is_found_by_a_newer_checkpoint() {
    let place = Place::new("rollback");
    let file = place.open();
    write(&file, 10);
    file.sync().expect("a checkpoint");
    let old = Place::new("older");
    copy(&place.directory, &old.directory);
    make_private(&old);
    write(&file, 10);
    file.sync().expect("a checkpoint");
    // By itself it is whole.
    old.assert_holds();
    *old.published.lock().expect("no panic") = place.published();
    let faults = verify(&old).faults;
    let ends = Fault::EndsBefore {
        checkpoint: 20,
        lines: 10,
    };
    assert!(faults.contains(&ends), "{faults:?}");
    // With the old checkpoint before the new log, the lines are whole, and the checkpoint is not.
    fs::copy(
        old.path("audit.jsonl.tlog/checkpoint"),
        place.path("audit.jsonl.tlog/checkpoint"),
    )
    .expect("a checkpoint");
    let faults = verify(&place).faults;
    assert!(
        matches!(faults[..], [Fault::Checkpoint(_), ..]),
        "{faults:?}"
    );
}

#[test]
fn another_log_of_the_same_key_is_found_by_an_older_checkpoint() {
    let place = Place::new("fork");
    let file = place.open();
    write(&file, 10);
    file.sync().expect("a checkpoint");
    let fork = Place::new("forked");
    fs::copy(place.path("key"), fork.path("key")).expect("a key");
    make_private(&fork);
    write(&fork.open(), 20);
    fork.assert_holds();
    fork.published
        .lock()
        .expect("no panic")
        .extend(place.published());
    let faults = fork.verify().faults;
    let fault = Fault::NotAPrefix {
        checkpoint: 10,
        holds: 0,
    };
    assert_eq!(faults, [fault]);
}

#[test]
fn lines_that_are_gone_without_an_announcement_are_found() {
    let place = Place::new("gone");
    let file = place.describe().rotate_at(2_000).open().expect("a log");
    for _ in 0..10 {
        write(&file, 3);
    }
    drop(file);
    let first = RawFile::list(place.log()).expect("a directory").remove(0);
    fs::remove_file(first.path()).expect("a file");
    let verification = verify(&place);
    let missing = verification.deleted.expect("leaves");
    assert_eq!(verification.faults, [Fault::Missing { leaves: missing }]);
    // Announced by a line that no checkpoint covers, they are no less missing.
    let note = br#"{"v":1,"entry_id":"01890a5d-ac96-774b-bcce-b302099a8057","run":"01890a5d-ac96-774b-bcce-b302099a8057","seq":1,"maintenance":{"kind":"deleted","time":"2026-11-21T09:15:01.123456Z","leaves":[0,100]}}"#;
    let mut live = fs::read(place.log()).expect("a log");
    live.extend_from_slice(note);
    live.push(b'\n');
    fs::write(place.log(), live).expect("a log");
    let faults = verify(&place).faults;
    assert!(matches!(faults[..], [Fault::Missing { .. }]), "{faults:?}");
}

#[test]
fn a_closed_file_without_its_last_line_feed_is_found() {
    let place = Place::new("line-feed");
    let file = place.describe().rotate_at(2_000).open().expect("a log");
    for _ in 0..10 {
        write(&file, 3);
    }
    drop(file);
    let second = RawFile::list(place.log()).expect("a directory").remove(1);
    let mut text = fs::read(second.path()).expect("a file");
    text.pop();
    fs::write(second.path(), text).expect("a file");
    let faults = verify(&place).faults;
    assert!(
        matches!(
            &faults[..],
            [Fault::Line {
                change: LineChange::Truncated,
                place,
                ..
            }] if *place.file == *second.path()
        ),
        "{faults:?}"
    );
}

#[test]
fn each_tile_that_is_changed_cut_or_missing_is_named() {
    let place = Place::new("each-tile");
    write(&place.open(), 600);
    let tiles = files_below(&place.path("audit.jsonl.tlog/tile"));
    // Two full ones, a partial one, and the one above them.
    assert_eq!(tiles.len(), 4, "{tiles:?}");
    for path in tiles {
        let whole = fs::read(&path).expect("a tile");
        let mut changed = whole.clone();
        changed[40] ^= 1;
        let cut = whole[..whole.len() - 1].to_vec();
        let longer = [&whole[..], &[0]].concat();
        for content in [Some(changed), Some(cut), Some(longer), None] {
            match content {
                Some(content) => fs::write(&path, content).expect("a tile"),
                None => fs::remove_file(&path).expect("a tile"),
            }
            assert_eq!(place.verify().faults, [Fault::Tile { path: path.clone() }]);
        }
        fs::write(&path, whole).expect("a tile");
    }
    place.assert_holds();
}

#[test]
fn an_announcement_of_what_comes_after_it_allows_no_deletion() {
    let place = Place::new("in-advance");
    let file = place.describe().rotate_at(2_000).open().expect("a log");
    write(&file, 6);
    let note = Maintenance::deleted(SystemTime::now(), 0..=999, Vec::new());
    let note = MaintenanceRecord::new(Uuid::now_v7(), 1, note);
    file.write(&[Entry::Maintenance(note)])
        .expect("a disk that works");
    write(&file, 6);
    drop(file);
    place.assert_holds();
    let first = RawFile::list(place.log()).expect("a directory").remove(0);
    fs::remove_file(first.path()).expect("a file");
    let faults = verify(&place).faults;
    assert!(matches!(faults[..], [Fault::Missing { .. }]), "{faults:?}");
}

/// A line is searched for up to 10,000 lines away, as removed or moved ones may be.
#[test]
fn a_line_is_found_in_another_place_up_to_the_reach_of_the_search() {
    const REACH: usize = 10_000;
    let place = Place::new("reach");
    write(&place.open(), REACH + 20);
    let lines = place.lines();
    let change = |tamper: &dyn Fn(&mut Vec<Vec<u8>>)| {
        let mut lines = lines.clone();
        tamper(&mut lines);
        let text = [lines.join(&b'\n'), b"\n".to_vec()].concat();
        fs::write(place.log(), text).expect("a log");
        match place.verify().faults[..] {
            [Fault::Line { leaf, change, .. }, ..] => (leaf, change),
            ref faults => panic!("{faults:?}"),
        }
    };
    let swapped = |distance: usize| change(&|lines| lines.swap(5, 5 + distance));
    assert_eq!(swapped(REACH), (5, LineChange::Reordered));
    assert_eq!(swapped(REACH + 1), (5, LineChange::Changed));
    let removed = |count: usize| change(&|lines| drop(lines.drain(5..5 + count)));
    assert_eq!(removed(REACH), (5, LineChange::Removed(REACH as u64)));
    assert_eq!(removed(REACH + 1), (5, LineChange::Changed));
}
