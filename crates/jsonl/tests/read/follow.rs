//! Following a log across rotation by others.

use std::{
    thread,
    time::{Duration, Instant},
};

use super::*;

/// Longer than any step takes.
const PATIENCE: Duration = Duration::from_secs(60);

#[test]
fn a_reader_that_does_not_follow_ends_for_good() {
    let directory = Directory::new("ends");
    write(&directory.live(), line(0));
    let mut reader = directory.reader();
    assert_eq!(all(&mut reader), numbers(0..1));
    append(&directory.live(), line(1));
    assert_eq!(all(&mut reader), []);
    assert!(reader.next_within(PATIENCE).is_none());
}

#[test]
fn a_reader_that_follows_goes_on_where_new_lines_have_come() {
    let directory = Directory::new("grows");
    write(&directory.live(), "");
    let mut reader = directory.reader().follow();
    assert_eq!(all(&mut reader), []);
    for number in 0..5 {
        append(&directory.live(), line(number));
        assert_eq!(all(&mut reader), [N(number)]);
        assert_eq!(all(&mut reader), []);
    }
}

#[test]
fn what_is_written_to_a_file_after_it_was_renamed_is_read_before_the_next() {
    let directory = Directory::new("renamed");
    write(&directory.live(), lines(0..2));
    let mut reader = directory.reader().follow();
    assert_eq!(all(&mut reader), numbers(0..2));
    append(&directory.live(), line(2));
    fs::rename(directory.live(), directory.file("audit.jsonl.1")).expect("a file");
    // There is no live file for a while.
    assert_eq!(all(&mut reader), numbers(2..3));
    append(&directory.file("audit.jsonl.1"), line(3));
    assert_eq!(all(&mut reader), numbers(3..4));
    append(&directory.file("audit.jsonl.1"), line(4));
    write(&directory.live(), line(5));
    assert_eq!(all(&mut reader), numbers(4..6));
}

/// Does what logrotate does with numbers, and may compress all but the newest.
fn shift(directory: &Directory, compresses: bool) {
    let name =
        |number: usize, suffix: &str| directory.file(&format!("audit.jsonl.{number}{suffix}"));
    for number in (1..20).rev() {
        for suffix in ["", ".gz"] {
            let from = name(number, suffix);
            if from.exists() {
                fs::rename(from, name(number + 1, suffix)).expect("a file");
            }
        }
    }
    fs::rename(directory.live(), name(1, "")).expect("a file");
    #[cfg(feature = "compress")]
    if compresses && name(2, "").exists() {
        compress(&name(2, ""), ".gz");
    }
    let _ = compresses;
}

#[test]
fn rotation_by_numbers_loses_and_repeats_nothing_wherever_the_reader_is() {
    for compresses in [false, true] {
        for steps in 1..8 {
            let directory = Directory::new("numbers");
            write(&directory.live(), "");
            let mut reader = directory.reader().follow();
            let mut found = Vec::new();
            for number in 0..30 {
                append(&directory.live(), line(number));
                if number % 3 == 2 {
                    shift(&directory, compresses);
                    write(&directory.live(), "");
                }
                if number % 4 == 0 {
                    found.extend(reader.by_ref().take(steps).map(read));
                }
            }
            found.extend(all(&mut reader));
            assert_eq!(found, numbers(0..30), "{compresses} {steps}");
        }
    }
}

#[cfg(unix)]
#[test]
fn a_live_file_that_was_removed_is_reported_and_what_was_read_is_not_read_again() {
    let directory = Directory::new("removed");
    write(&directory.file("audit.jsonl.2"), lines(0..2));
    write(&directory.file("audit.jsonl.1"), lines(2..4));
    write(&directory.live(), lines(4..6));
    let mut reader = directory.reader().follow();
    assert_eq!(all(&mut reader), numbers(0..6));
    append(&directory.live(), line(6));
    fs::remove_file(directory.live()).expect("a file");
    assert_eq!(all(&mut reader), numbers(6..7));
    write(&directory.live(), lines(7..9));
    let at = lines(4..7).len();
    let gone = Read::Error(format!("gone 4 audit.jsonl {at}"));
    assert_eq!(all(&mut reader), [gone, N(7), N(8)]);
}

#[cfg(unix)]
#[test]
fn files_that_are_deleted_before_they_are_read_are_reported() {
    let stamp = |second| format!("audit.2026-11-21T09-15-0{second}.000000Z.jsonl");
    let directory = Directory::new("retention");
    for second in 0..4 {
        write(
            &directory.file(&stamp(second)),
            lines(2 * second..2 * second + 2),
        );
    }
    write(&directory.live(), lines(8..10));
    let mut reader = directory.reader().follow();
    assert_eq!(reader.next().map(read), Some(N(0)));
    for second in 0..3 {
        fs::remove_file(directory.file(&stamp(second))).expect("a file");
    }
    let gone = Read::Error(format!("gone 0 audit.jsonl {}", lines(0..2).len()));
    let mut expected = vec![N(1), gone];
    expected.extend(numbers(6..10));
    assert_eq!(all(&mut reader), expected);
}

#[cfg(unix)]
#[test]
fn a_rotated_file_that_is_deleted_while_it_is_read_does_not_bring_back_older_ones() {
    let stamp = |second| format!("audit.2026-11-21T09-15-0{second}.000000Z.jsonl");
    let directory = Directory::new("deleted-between");
    for second in 0..3 {
        let two = 2 * second..2 * second + 2;
        write(&directory.file(&stamp(second)), lines(two));
    }
    let mut reader = directory.reader().follow();
    let first: Vec<Read> = reader.by_ref().take(3).map(read).collect();
    assert_eq!(first, numbers(0..3));
    fs::remove_file(directory.file(&stamp(1))).expect("a file");
    let gone = Read::Error(format!("gone 2 audit.jsonl {}", lines(2..4).len()));
    assert_eq!(all(&mut reader), [N(3), gone, N(4), N(5)]);
}

#[cfg(unix)]
#[test]
fn a_live_file_that_is_replaced_by_one_with_the_same_content_is_followed_there() {
    let directory = Directory::new("replaced");
    write(&directory.live(), lines(0..3));
    let mut reader = directory.reader().follow();
    assert_eq!(all(&mut reader), numbers(0..3));
    let other = directory.file("other");
    write(&other, lines(0..4));
    fs::rename(other, directory.live()).expect("a file");
    assert_eq!(all(&mut reader), numbers(3..4));
    append(&directory.live(), line(4));
    assert_eq!(all(&mut reader), numbers(4..5));
}

#[test]
fn next_within_waits_for_the_next_line_and_no_longer_than_asked() {
    let directory = Directory::new("within");
    write(&directory.live(), line(0));
    let mut reader = directory.reader().follow();
    assert_eq!(reader.next_within(PATIENCE).map(read), Some(N(0)));
    assert!(reader.next_within(Duration::ZERO).is_none());
    assert!(reader.next_within(Duration::from_millis(1)).is_none());
    let start = Instant::now();
    let live = directory.live();
    let writer = thread::spawn(move || append(&live, line(1)));
    assert_eq!(reader.next_within(PATIENCE).map(read), Some(N(1)));
    assert!(start.elapsed() < PATIENCE);
    writer.join().expect("a writer");
}

#[cfg(unix)]
#[test]
fn an_empty_live_file_that_is_rotated_is_no_loss() {
    for closed in ["audit.2026-11-21T09-15-01.123456Z.jsonl", "audit.jsonl.1"] {
        for before in [0..0, 0..2] {
            let directory = Directory::new("empty");
            let start = before.end;
            let older = directory.file("audit.2026-11-20T09-15-01.123456Z.jsonl");
            write(&older, lines(before));
            write(&directory.live(), "");
            let mut reader = directory.reader().follow();
            assert_eq!(all(&mut reader), numbers(0..start));
            fs::rename(directory.live(), directory.file(closed)).expect("a live file");
            append(&directory.live(), lines(start..start + 2));
            assert_eq!(all(&mut reader), numbers(start..start + 2), "{closed}");
        }
    }
}
