//! Lines that are erased on demand.

use body_logger_core::record::{ErasedEntry, Maintenance, MaintenanceKind, MaintenanceRecord};
use body_logger_jsonl::Reader;
use body_logger_tlog::{find_lines, prove, Fault, LineChange, LineProof};

use super::*;

/// A log through several files, of which the first line of an exchange is the given number.
pub(super) fn log_of(place: &Place, lines: usize) -> JsonLinesFile {
    let describe = place.describe().rotate_at(20_000);
    #[cfg(feature = "compress")]
    let describe = describe.compress(body_logger_jsonl::Compression::Gzip);
    let file = describe.open().expect("a log");
    for number in 0..lines {
        file.write(&[entry(number, 300)])
            .expect("a disk that works");
    }
    file.sync().expect("a checkpoint");
    file
}

pub(super) fn ids(line: &[u8]) -> (String, ErasedEntry) {
    let Ok(Entry::Record(record)) = serde_json::from_slice(line) else {
        panic!("a record");
    };
    let stub = ErasedEntry::new(record.entry_id, record.run, record.seq);
    (record.id.to_string(), stub)
}

#[test]
fn erasing_leaves_which_entry_it_was_and_the_announcement() {
    let place = Place::new("erase");
    let file = log_of(&place, 100);
    let before = place.lines();
    // In a closed file, in one that is compressed by now or not, and in the live one.
    for number in [3, 50, 99] {
        let id = format!("exchange-{number}");
        let erased = file.erase(&id).expect("a line");
        assert_eq!(erased, [number]);
        let verification = place.assert_holds();
        assert!(verification.erased.contains(&number), "{verification:?}");
        assert!(verification.unfinished.is_empty());
        assert!(find_lines(place.log(), &id).expect("a log").is_empty());
    }
    drop(file);
    let after = place.lines();
    assert_eq!(after.len(), 103);
    for (number, (before, after)) in before.iter().zip(&after).enumerate() {
        if [3, 50, 99].contains(&number) {
            let stub = ids(before).1;
            assert_eq!(stub.line(before.len()).as_ref(), Some(after));
        } else {
            assert_eq!(before, after);
        }
    }
    let notes: Vec<_> = after[100..]
        .iter()
        .map(|line| match serde_json::from_slice(line) {
            Ok(Entry::Maintenance(note)) => note.maintenance.erased_line().expect("all of it"),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [3, 50, 99].map(|number| {
        let line = &before[number];
        (number as u64, ids(line).1, line.len() as u64)
    });
    assert_eq!(notes, expected);
    let verification = place.assert_holds();
    assert_eq!(verification.erased, [3, 50, 99]);
    assert_eq!((verification.size, verification.lines), (103, 100));
}

/// Nothing of an erased exchange is in any file of the log, those that were compressed included.
#[test]
fn nothing_of_it_is_left_in_any_file() {
    let place = Place::new("erase-bytes");
    let file = place.describe().rotate_at(5_000).open().expect("a log");
    for number in 0..60 {
        let mut record = Record::example();
        record.id = format!("exchange-{number}").into();
        record.request.path = format!("/of/person-{number:03}/secret").into();
        file.write(&[Entry::Record(record)])
            .expect("a disk that works");
    }
    file.sync().expect("a checkpoint");
    let is_there = |number: usize| {
        let text = format!("person-{number:03}");
        let has = |line: &Vec<u8>| String::from_utf8_lossy(line).contains(&text);
        place.lines().iter().any(has)
    };
    assert!(is_there(5) && is_there(59));
    file.erase("exchange-5").expect("a line");
    file.erase("exchange-59").expect("a line");
    assert!(!is_there(5) && !is_there(59) && is_there(6));
    // Plain files are overwritten where they are.
    for path in files_below(&place.directory) {
        let bytes = fs::read(path).expect("a file");
        assert!(!String::from_utf8_lossy(&bytes).contains("person-005"));
    }
    drop(file);
    place.assert_holds();
}

#[test]
fn all_stages_of_an_exchange_are_erased_and_of_several_exchanges_only_the_one_that_is_named() {
    let place = Place::new("erase-stages");
    // Each line in a file of its own.
    let file = place.describe().rotate_at(1).open().expect("a log");
    let staged = |id: &str, seq, first_seq| {
        let mut record = Record::example();
        record.id = id.into();
        record.seq = seq;
        record.first_seq = first_seq;
        Entry::Record(record)
    };
    let mut restarted = staged("restarted", 6, None);
    if let Entry::Record(record) = &mut restarted {
        record.run = Uuid::from_u128(1);
    }
    let entries = [
        staged("staged", 1, None),
        staged("other", 2, None),
        staged("staged", 3, Some(1)),
        staged("repeated", 5, None),
        staged("repeated", 4, None),
        // Of another run, whose numbers begin again.
        staged("restarted", 6, None),
        restarted,
    ];
    file.write(&entries).expect("a disk that works");
    assert_eq!(file.erase("staged").expect("a line"), [0, 2]);
    assert_eq!(place.assert_holds().erased, [0, 2]);

    let error = file.erase("repeated").expect_err("two exchanges");
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert!(error.to_string().ends_with("in the lines 3, 4"), "{error}");
    file.erase_line(4).expect("a line");
    assert_eq!(place.assert_holds().erased, [0, 2, 4]);
    assert_eq!(file.erase("repeated").expect("a line"), [3]);
    file.erase("restarted").expect_err("two exchanges");
    place.assert_holds();
}

#[cfg(feature = "compress")]
#[test]
fn nothing_of_it_is_left_in_a_copy_that_interrupted_compression_has_left() {
    use std::io::Write;

    let place = Place::new("erase-twin");
    drop(log_of(&place, 100));
    let files = RawFile::list(place.log()).expect("a directory");
    let compressed = &files[0];
    assert!(compressed.is_compressed());
    let plain = compressed.path().with_extension("");
    let mut copy = fs::File::create(&plain).expect("a file");
    let mut lines = compressed.lines().expect("a file");
    while let Some(line) = lines.next().expect("a file") {
        let written = copy.write_all(&[line.bytes, b"\n"].concat());
        written.expect("a disk with room");
    }
    place.open().erase("exchange-3").expect("a line");
    assert!(!plain.exists());
    let has = |line: &Vec<u8>| memchr::memmem::find(line, b"\"exchange-3\"").is_some();
    assert!(!place.lines().iter().any(has));
    assert_eq!(place.assert_holds().erased, [3]);
}

#[test]
fn what_is_erased_already_is_not_announced_again() {
    let place = Place::new("erase-again");
    let file = place.open();
    write(&file, 3);
    file.sync().expect("a checkpoint");
    let id = ids(&place.lines()[1]).1.entry_id.to_string();
    assert_eq!(file.erase(&id).expect("a line"), [1]);
    let lines = place.lines();
    assert_eq!(file.erase(&id).expect("nothing to be done"), [1]);
    assert_eq!(place.lines(), lines);
    let error = file
        .erase("exchange-1")
        .expect_err("it is not known any more");
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
}

#[test]
fn gaps_and_maintenance_entries_and_lines_of_others_are_not_erased() {
    use std::io::Write;

    let place = Place::new("erase-refused");
    let file = place.open();
    write(&file, 2);
    file.erase("exchange-0").expect("a line");
    let lines = place.lines();
    let Ok(Entry::Maintenance(note)) = serde_json::from_slice(&lines[2]) else {
        panic!("an announcement");
    };
    let error = file.erase(&note.entry_id.to_string()).expect_err("a note");
    assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
    assert!(error.to_string().contains("maintenance"), "{error}");
    let gap = br#"{"v":1,"entry_id":"01890a5d-ac96-774b-bcce-b302099a8057","run":"01890a5d-ac96-774b-bcce-b302099a8057","gap":{"from":"2026-11-21T09:15:01.123456Z","to":"2026-11-21T09:15:01.123456Z","dropped":1,"reasons":{"dropped_newest":1},"seq":[[1,1]]}}"#;
    let mut live = fs::File::options()
        .append(true)
        .open(place.log())
        .expect("a log");
    live.write_all(gap).expect("a log");
    live.write_all(b"\n{\"foreign\":1}\nno JSON\n")
        .expect("a log");
    write(&file, 1);
    let error = file
        .erase("01890a5d-ac96-774b-bcce-b302099a8057")
        .expect_err("a gap");
    assert!(error.to_string().contains("is a gap"), "{error}");
    for number in [4, 5] {
        let error = file.erase_line(number).expect_err("no entry");
        assert!(error.to_string().contains("no entry"), "{error}");
    }
    let error = file.erase_line(99).expect_err("no line");
    assert_eq!(error.kind(), io::ErrorKind::NotFound);
    drop(file);
    assert_eq!(place.assert_holds().erased, [0]);
}

#[test]
fn only_a_log_with_proofs_is_erased_from() {
    let place = Place::new("erase-plain");
    let file = JsonLinesFile::at(place.log()).open().expect("a file");
    write(&file, 2);
    let before = fs::read(place.log()).expect("a file");
    let error = file.erase("exchange-1").expect_err("no proofs");
    assert_eq!(error.kind(), io::ErrorKind::Unsupported);
    assert_eq!(fs::read(place.log()).expect("a file"), before);
}

#[test]
fn a_line_that_was_tampered_with_is_not_announced() {
    let place = Place::new("erase-tampered");
    let file = place.open();
    write(&file, 3);
    file.sync().expect("a checkpoint");
    let text = fs::read_to_string(place.log()).expect("a log");
    fs::write(place.log(), text.replacen("xxx", "yyy", 1)).expect("a log");
    let error = file.erase("exchange-0").expect_err("it was changed");
    assert!(error.to_string().contains("verify the log"), "{error}");
    assert_eq!(place.lines().len(), 3);
}

#[test]
fn nothing_is_erased_before_the_announcement_is_published() {
    let place = Place::new("erase-unpublished");
    let works = Arc::new(Mutex::new(true));
    let proofs = Proofs::new(place.key()).publish({
        let works = Arc::clone(&works);
        move |_| match *works.lock().expect("no panic") {
            true => Ok(Vec::new()),
            false => Err(io::Error::other("the other machine is down")),
        }
    });
    let never = Fsync::Every(std::time::Duration::from_secs(3600));
    let file = JsonLinesFile::at(place.log()).fsync(never).observer(proofs);
    let file = file.open().expect("a log");
    write(&file, 3);
    *works.lock().expect("no panic") = false;
    file.erase("exchange-1")
        .expect_err("nobody has the checkpoint");
    assert_eq!(find_lines(place.log(), "exchange-1").expect("a log"), [1]);
    let verification = place.assert_holds();
    assert_eq!(
        (verification.erased, verification.unfinished),
        (vec![], vec![1])
    );
    // It was announced, and is done when it can be.
    *works.lock().expect("no panic") = true;
    file.erase("exchange-1").expect("a line");
    let verification = place.assert_holds();
    assert_eq!(
        (verification.erased, verification.unfinished),
        (vec![1], vec![])
    );
}

#[test]
fn a_proof_from_before_holds_and_none_is_made_after() {
    let place = Place::new("erase-proof");
    let file = place.open();
    write(&file, 5);
    file.sync().expect("a checkpoint");
    let keys = [place.verifier_key()];
    let proof = prove(place.log(), 2, &keys).expect("a proof").to_string();
    file.erase("exchange-2").expect("a line");
    LineProof::check(&proof, &keys).expect("a proof");
    let error = prove(place.log(), 2, &keys).expect_err("it is gone");
    assert!(error.to_string().contains("line 2 was erased"), "{error}");
    for other in [1, 3, 5] {
        prove(place.log(), other, &keys).expect("a proof");
    }
}

#[test]
fn readers_pass_over_it_and_go_on_where_they_were() {
    let place = Place::new("erase-read");
    let file = log_of(&place, 100);
    let read = |reader: Reader| -> Vec<String> {
        let id = |line: body_logger_jsonl::Line| match line.entry {
            Entry::Record(record) => record.id.to_string(),
            _ => "note".to_owned(),
        };
        reader.map(|line| id(line.expect("a line"))).collect()
    };
    let mut reader = Reader::open(place.log()).expect("a log");
    let seen: Vec<_> = reader
        .by_ref()
        .take(2)
        .map(|it| it.expect("a line"))
        .collect();
    assert_eq!(seen.len(), 2);
    let position = reader.current_position();
    // The first of all files names the file in the position.
    for number in [0, 1, 2, 99] {
        file.erase(&format!("exchange-{number}")).expect("a line");
    }
    drop(file);
    let rest = read(Reader::open(place.log()).expect("a log").from(position));
    let expected: Vec<_> = (3..99).map(|number| format!("exchange-{number}")).collect();
    assert_eq!(rest[..96], expected);
    assert_eq!(rest[96..], ["note"; 4]);
    assert_eq!(read(Reader::open(place.log()).expect("a log")).len(), 100);
    // One that goes on may have had the next lines in memory.
    let mut rest = read(reader);
    rest.retain(|id| id != "exchange-2");
    assert_eq!(rest[..96], expected);
}

#[test]
fn erased_lines_are_deleted_like_others() {
    let place = Place::new("erase-retention");
    let file = place
        .describe()
        .rotate_at(5_000)
        .keep(3)
        .open()
        .expect("a log");
    for number in 0..200 {
        file.write(&[entry(number, 50)]).expect("a disk that works");
        if number % 10 == 9 {
            file.erase(&format!("exchange-{number}")).expect("a line");
            file.erase(&format!("exchange-{}", number - 9))
                .expect("a line");
        }
    }
    drop(file);
    let verification = place.assert_holds();
    let deleted = verification.deleted.expect("files are gone");
    assert!(verification.erased.iter().all(|it| it > deleted.end()));
    assert!(verification.erased.len() > 1, "{:?}", verification.erased);
    // The index of files is no evidence, and the first line that is there was erased.
    let first = place
        .lines()
        .into_iter()
        .position(|it| ErasedEntry::from_line(&it).is_none());
    assert!(first.is_some());
    fs::remove_file(place.path("audit.jsonl.tlog/files")).expect("an index");
    assert_eq!(place.assert_holds().erased, verification.erased);
    drop(place.open());
    assert_eq!(place.assert_holds().erased, verification.erased);
}

#[test]
fn a_stub_that_no_entry_announces_is_a_line_that_was_changed() {
    let place = Place::new("erase-forged");
    let file = place.open();
    write(&file, 10);
    file.erase("exchange-3").expect("a line");
    drop(file);
    let lines = place.lines();
    let forge = |number: usize, stub: Vec<u8>| {
        let mut lines = lines.clone();
        lines[number] = stub;
        let mut text = lines.join(&b'\n');
        text.push(b'\n');
        fs::write(place.log(), text).expect("a log");
        place.verify().faults
    };
    let stub = ids(&lines[7]).1.line(lines[7].len()).expect("a stub");
    let faults = forge(7, stub.clone());
    assert!(
        matches!(
            faults[..],
            [Fault::Line {
                leaf: 7,
                change: LineChange::Erased,
                ..
            }]
        ),
        "{faults:?}"
    );
    // A stub of another line, and one of another length.
    let faults = forge(3, stub);
    assert!(
        matches!(faults[..], [Fault::Line { leaf: 3, .. }]),
        "{faults:?}"
    );
    let mut longer = lines[3].clone();
    longer.push(b' ');
    let faults = forge(3, longer);
    assert!(
        matches!(faults[..], [Fault::Line { leaf: 3, .. }]),
        "{faults:?}"
    );
    for (at, byte) in [
        (8, b'2'),
        (40, b'0'),
        (lines[3].len() - 1, b'x'),
        (lines[3].len() - 1, b'\t'),
    ] {
        let mut changed = lines[3].clone();
        assert_ne!(std::mem::replace(&mut changed[at], byte), byte);
        let faults = forge(3, changed);
        assert!(
            matches!(faults[..], [Fault::Line { leaf: 3, .. }]),
            "{at}: {faults:?}"
        );
    }
    assert_eq!(forge(3, lines[3].clone()), []);
}

#[test]
fn an_announcement_that_no_checkpoint_covers_announces_nothing() {
    let place = Place::new("erase-uncovered");
    write(&place.open(), 5);
    let lines = place.lines();
    let stub = ids(&lines[2]).1;
    let note = Maintenance::erased(std::time::SystemTime::now(), 2, stub, lines[2].len() as u64);
    assert_eq!(note.kind, MaintenanceKind::Erased);
    let note = Entry::Maintenance(MaintenanceRecord::new(stub.run, 9, note));
    let mut forged = lines.clone();
    forged[2] = stub.line(lines[2].len()).expect("a stub");
    forged.push(serde_json::to_vec(&note).expect("JSON"));
    let mut text = forged.join(&b'\n');
    text.push(b'\n');
    fs::write(place.log(), text).expect("a log");
    let faults = place.verify().faults;
    assert!(
        matches!(
            faults[..],
            [Fault::Line {
                leaf: 2,
                change: LineChange::Erased,
                ..
            }]
        ),
        "{faults:?}"
    );
}
