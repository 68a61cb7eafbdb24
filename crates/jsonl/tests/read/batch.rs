//! Lines that are read in batches, to be parsed elsewhere.

use body_logger_jsonl::LineBatch;

use super::*;

/// What a batch holds, with the lines parsed.
fn parsed(batch: &LineBatch) -> Vec<(Option<Entry>, String)> {
    let items = batch.iter().map(|item| match item {
        Ok(line) => match line.parse() {
            Ok(entry) => (Some(entry), format!("{:?} {}", line.file(), line.offset)),
            Err(error) => (None, format!("{error} {:?}", error.line())),
        },
        Err(error) => (None, format!("{error} {:?}", error.line())),
    });
    items.collect()
}

/// The same as a reader gives it line by line.
fn one_by_one(reader: Reader) -> Vec<(Option<Entry>, String)> {
    let items = reader.map(|item| match item {
        Ok(line) => (Some(line.entry), format!("{:?} {}", line.file, line.offset)),
        Err(error) => (None, format!("{error} {:?}", error.line())),
    });
    items.collect()
}

#[test]
fn batches_of_any_size_hold_what_is_read_line_by_line() {
    let directory = Directory::new("batches");
    write(
        &directory.file("audit.jsonl.2"),
        format!("[]\n{}no JSON\n\n{{\"v\":1,\"id", lines(0..5)),
    );
    write(&directory.file("audit.jsonl.1"), lines(5..6));
    write(&directory.live(), format!("{}  \n\"half", lines(6..20)));
    let max = line(19).len() - 1;
    let readers: [fn(&Directory, usize) -> Reader; 3] = [
        |directory, _| directory.reader(),
        // Those with two digits are too long.
        |directory, max| directory.reader().max_line_bytes(max),
        |directory, _| directory.reader().skip_lines(|line| line.len() % 2 == 0),
    ];
    for reader in readers {
        let expected = one_by_one(reader(&directory, max));
        assert!(expected.len() > 8, "{expected:?}");
        for bytes in [1, 2_000, 1_000_000] {
            let (mut reader, mut read) = (reader(&directory, max), Vec::new());
            let mut batch = LineBatch::default();
            while reader.read_batch(&mut batch, bytes) {
                read.extend(parsed(&batch));
                batch.clear();
                assert!(batch.is_empty());
            }
            read.extend(parsed(&batch));
            assert_eq!(read, expected, "{bytes}");
        }
    }
}

#[test]
fn a_batch_ends_after_as_many_bytes_also_if_all_of_them_are_skipped() {
    let directory = Directory::new("batch-ends");
    write(&directory.live(), lines(0..10));
    let mut reader = directory.reader().skip_lines(|_| true);
    let mut batches = 0;
    let mut batch = LineBatch::default();
    while reader.read_batch(&mut batch, line(0).len()) {
        batches += 1;
    }
    assert_eq!((batches, batch.iter().count()), (10, 1));
}

#[test]
fn a_position_behind_a_batch_is_behind_its_lines() {
    let directory = Directory::new("batch-position");
    write(&directory.live(), lines(0..10));
    let mut reader = directory.reader();
    let mut batch = LineBatch::default();
    assert!(reader.read_batch(&mut batch, line(0).len() + line(1).len()));
    let rest = directory.reader().from(saved(&reader.current_position()));
    let rest: Vec<Read> = rest.map(read).collect();
    assert_eq!(rest, numbers(2..10));
}

#[test]
fn a_reader_that_follows_appends_what_is_new() {
    let directory = Directory::new("batch-follows");
    write(&directory.live(), lines(0..2));
    let mut reader = directory.reader().follow();
    let mut batch = LineBatch::default();
    assert!(!reader.read_batch(&mut batch, 1_000_000));
    append(&directory.live(), lines(2..3));
    assert!(!reader.read_batch(&mut batch, 1_000_000));
    assert_eq!(batch.iter().count(), 3);
}
