//! A position outlives what happens to the files.

use super::*;

/// Reads three of six entries, and returns where it is.
fn three_of_six(directory: &Directory) -> Position {
    write(&directory.live(), lines(0..6));
    let mut reader = directory.reader();
    let first: Vec<Read> = reader.by_ref().take(3).map(read).collect();
    assert_eq!(first, numbers(0..3));
    saved(&reader.current_position())
}

#[test]
fn the_beginning_is_a_position() {
    let directory = Directory::new("beginning");
    write(&directory.live(), lines(0..3));
    let position = saved(&directory.reader().current_position());
    assert_eq!(position, Position::default());
    assert_eq!(all(&mut directory.reader().from(position)), numbers(0..3));
}

#[test]
fn survives_renaming_and_rotation() {
    for name in [
        "audit.2026-11-21T09-15-01.123456Z.jsonl",
        "audit.jsonl.1",
        "audit.jsonl-20261128",
    ] {
        let directory = Directory::new("renamed");
        let position = three_of_six(&directory);
        fs::rename(directory.live(), directory.file(name)).expect("a file");
        let mut reader = directory.reader().from(position.clone());
        assert_eq!(all(&mut reader), numbers(3..6));
        write(&directory.live(), lines(6..8));
        assert_eq!(all(&mut directory.reader().from(position)), numbers(3..8));
        let end = saved(&reader.current_position());
        assert_eq!(all(&mut directory.reader().from(end)), numbers(6..8));
    }
}

#[cfg(feature = "compress")]
#[test]
fn survives_compression() {
    for suffix in [".gz", ".zst"] {
        let directory = Directory::new("compressed-since");
        let position = three_of_six(&directory);
        let rotated = directory.file("audit.jsonl.1");
        fs::rename(directory.live(), &rotated).expect("a file");
        compress(&rotated, suffix);
        write(&directory.live(), lines(6..8));
        let mut reader = directory.reader().from(position);
        let first: Vec<Read> = reader.by_ref().take(2).map(read).collect();
        assert_eq!(first, numbers(3..5));
        // As does one that was taken of the compressed file.
        let position = saved(&reader.current_position());
        assert_eq!(all(&mut directory.reader().from(position)), numbers(5..8));
    }
}

#[test]
fn survives_the_erasure_of_other_lines() {
    let directory = Directory::new("erased");
    let position = three_of_six(&directory);
    let mut text = fs::read(directory.live()).expect("a file");
    for erased in [1, 2, 4] {
        let (start, end) = (lines(0..erased).len(), lines(0..erased + 1).len());
        text[start..end - 1].fill(b' ');
    }
    write(&directory.live(), text);
    let mut reader = directory.reader().from(position);
    assert_eq!(all(&mut reader), [N(3), N(5)]);
}

#[test]
fn is_behind_what_was_reported_too() {
    let directory = Directory::new("reported");
    write(
        &directory.live(),
        format!("{}foreign\n{}", line(0), line(1)),
    );
    let mut reader = directory.reader();
    reader.by_ref().take(2).for_each(drop);
    let position = saved(&reader.current_position());
    assert_eq!(all(&mut directory.reader().from(position)), numbers(1..2));
}

#[test]
fn a_file_that_is_gone_is_reported_once_and_the_oldest_comes_next() {
    let directory = Directory::new("deleted");
    let position = three_of_six(&directory);
    fs::remove_file(directory.live()).expect("a file");
    write(&directory.file("audit.jsonl.2"), lines(10..12));
    write(&directory.file("audit.jsonl.1"), lines(12..14));
    let at = lines(0..3).len();
    let gone = Read::Error(format!("gone 0 audit.jsonl {at}"));
    let mut expected = vec![gone];
    expected.extend(numbers(10..14));
    let mut reader = directory.reader().from(position);
    assert_eq!(all(&mut reader), expected);
    // It is not said again of a position that was saved since.
    let position = saved(&reader.current_position());
    assert_eq!(all(&mut directory.reader().from(position)), []);
}

#[test]
fn a_position_in_a_file_that_has_no_entry_is_that_of_the_file_before() {
    let directory = Directory::new("no-entry");
    write(&directory.file("audit.jsonl.1"), lines(0..2));
    write(&directory.live(), "foreign\n");
    let mut reader = directory.reader();
    assert_eq!(all(&mut reader).len(), 3);
    let position = saved(&reader.current_position());
    append(&directory.live(), line(2));
    let read = all(&mut directory.reader().from(position));
    assert_eq!(
        read,
        [Read::Error("notjson audit.jsonl 0".to_owned()), N(2)]
    );
}

#[test]
fn what_is_behind_a_position_is_measured() {
    let directory = Directory::new("unread");
    let rotated = directory.file("audit.jsonl.1");
    write(&rotated, lines(0..3));
    write(&directory.live(), lines(3..6));
    let bytes = |numbers: Range<usize>| lines(numbers).len() as u64;
    let unread = |reader: &Reader| reader.unread_bytes().expect("a directory");
    let mut reader = directory.reader();
    assert_eq!(unread(&reader), bytes(0..6));
    for read in 1..7 {
        reader.next().expect("an entry").expect("an entry");
        assert_eq!(unread(&reader), bytes(read..6), "{read}");
    }
    // The file that is read is rotated, and no longer the live one.
    fs::rename(&rotated, directory.file("audit.jsonl.2")).expect("a file");
    fs::rename(directory.live(), &rotated).expect("a file");
    write(&directory.live(), lines(6..8));
    assert_eq!(unread(&reader), bytes(6..8));
}
