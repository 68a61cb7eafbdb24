//! Lines and files that cannot be read do not end the reading.

use body_logger_core::record::{Gap, GapRecord};

use super::*;

fn error(kind: &str, file: &str, offset: usize) -> Read {
    Read::Error(format!("{kind} {file} {offset}"))
}

#[test]
fn lines_that_are_no_entries_are_reported_with_their_places_and_passed_over() {
    let directory = Directory::new("foreign");
    let first = format!("[]\n{}", line(0));
    let torn = first.len() + line(1).len();
    write(
        &directory.file("audit.jsonl.1"),
        format!("{first}{}{{\"v\":1,\"id", line(1)),
    );
    let text = format!(
        "{}no JSON\n\n  \n{{\"v\":1}}\n{{\"half\":\n\0\0\0\n{}",
        line(2),
        line(3)
    );
    write(&directory.live(), &text);
    let at = |part: &str| text.find(part).expect("it is there");
    assert_eq!(
        all(&mut directory.reader()),
        [
            error("notanentry", "audit.jsonl.1", 0),
            N(0),
            N(1),
            error("torn", "audit.jsonl.1", torn),
            N(2),
            error("notjson", "audit.jsonl", at("no JSON")),
            error("notanentry", "audit.jsonl", at("{\"v\":1}")),
            error("notjson", "audit.jsonl", at("{\"half")),
            error("notjson", "audit.jsonl", at("\0")),
            N(3),
        ]
    );
    let lines: Vec<Vec<u8>> = directory
        .reader()
        .filter_map(|it| it.err().map(|error| error.line().to_vec()))
        .collect();
    assert_eq!(lines[0], b"[]");
    assert_eq!(lines[1], b"{\"v\":1,\"id");
    assert_eq!(lines[2], b"no JSON");
}

#[test]
fn errors_show_nothing_of_what_is_in_a_line() {
    let directory = Directory::new("shows");
    let secret = r#"{"v":"hunter2","id":"hunter2"}"#;
    write(&directory.live(), format!("hunter2\n{secret}\n{secret}"));
    let errors: Vec<ReadError> = directory.reader().filter_map(Result::err).collect();
    assert_eq!(errors.len(), 3);
    for error in errors {
        assert!(!error.to_string().contains("hunter2"), "{error}");
    }
}

#[test]
fn a_line_past_the_limit_is_reported_with_its_length_and_not_held() {
    const MIB: u64 = 1024 * 1024;
    let directory = Directory::new("long");
    write(&directory.live(), line(0));
    // A hole, which takes no room on the disk.
    let file = File::options().append(true).open(directory.live());
    let start = line(0).len() as u64;
    file.expect("a file")
        .set_len(start + 100 * MIB)
        .expect("a file");
    append(&directory.live(), format!("\n{}", line(1)));
    let long = |bytes: u64| {
        error(
            &format!("toolong {{ bytes: {bytes} }}"),
            "audit.jsonl",
            start as usize,
        )
    };
    let mut reader = directory.reader().max_line_bytes(64 * 1024);
    assert_eq!(all(&mut reader), [N(0), long(100 * MIB), N(1)]);
    // The limit is exact, and 16 MiB where nothing is said.
    let limit = body_logger_jsonl::DEFAULT_MAX_LINE_BYTES;
    for (bytes, expected) in [(limit, "notjson"), (limit + 1, "toolong")] {
        write(&directory.live(), vec![b'x'; bytes]);
        append(&directory.live(), format!("\n{}", line(1)));
        let read = all(&mut directory.reader());
        assert!(
            matches!(&read[..], [Read::Error(it), N(1)] if it.starts_with(expected)),
            "{expected}"
        );
    }
}

#[test]
fn a_torn_line_at_the_end_is_reported_and_read_once_it_is_whole() {
    let directory = Directory::new("torn");
    let torn = &line(1)[..100];
    write(&directory.live(), format!("{}{torn}", line(0)));
    let mut reader = directory.reader();
    let expected = [N(0), error("torn", "audit.jsonl", line(0).len())];
    assert_eq!(all(&mut reader), expected);
    let position = saved(&reader.current_position());
    append(&directory.live(), &line(1)[100..]);
    assert_eq!(all(&mut directory.reader().from(position)), numbers(1..2));
}

#[test]
fn a_torn_line_is_waited_for_where_the_live_file_is_followed() {
    let directory = Directory::new("waits");
    write(&directory.live(), format!("{}{}", line(0), &line(1)[..50]));
    let mut reader = directory.reader().follow();
    assert_eq!(all(&mut reader), numbers(0..1));
    append(&directory.live(), &line(1)[50..100]);
    assert_eq!(all(&mut reader), []);
    append(&directory.live(), &line(1)[100..]);
    assert_eq!(all(&mut reader), numbers(1..2));
    // The writer cuts it off, and goes on.
    append(&directory.live(), "{\"torn");
    assert_eq!(all(&mut reader), []);
    let file = File::options().write(true).open(directory.live());
    let whole = lines(0..2).len() as u64;
    file.expect("a file").set_len(whole).expect("a file");
    append(&directory.live(), line(2));
    assert_eq!(all(&mut reader), numbers(2..3));
    // It stays so.
    append(&directory.live(), "{\"torn");
    assert_eq!(all(&mut reader), []);
    fs::rename(directory.live(), directory.file("audit.jsonl.1")).expect("a file");
    write(&directory.live(), line(3));
    let at = lines(0..3).len();
    assert_eq!(all(&mut reader), [error("torn", "audit.jsonl.1", at), N(3)]);
    assert_eq!(all(&mut reader), []);
}

#[test]
fn a_position_behind_a_torn_line_of_a_rotated_file_is_resumed() {
    let directory = Directory::new("behind");
    write(
        &directory.file("audit.jsonl.1"),
        format!("{}{{\"torn", line(0)),
    );
    write(&directory.live(), line(1));
    let mut reader = directory.reader();
    assert_eq!(reader.next().map(read), Some(N(0)));
    assert!(matches!(reader.next().map(read), Some(Read::Error(_))));
    let position = saved(&reader.current_position());
    assert_eq!(all(&mut directory.reader().from(position)), numbers(1..2));
}

#[test]
fn a_truncated_file_is_reported_and_read_from_its_beginning() {
    let directory = Directory::new("truncated");
    write(&directory.live(), lines(0..3));
    let mut reader = directory.reader().follow();
    assert_eq!(all(&mut reader), numbers(0..3));
    let position = saved(&reader.current_position());
    File::create(directory.live()).expect("a file");
    let at = lines(0..3).len();
    let truncated = error("truncated", "audit.jsonl", at);
    assert_eq!(all(&mut reader), [truncated]);
    append(&directory.live(), line(3));
    assert_eq!(all(&mut reader), numbers(3..4));
    // Before anybody looked it has got longer than it was.
    write(&directory.live(), lines(10..14) + &line(14));
    let at = line(3).len();
    let mut expected = vec![error("truncated", "audit.jsonl", at)];
    expected.extend(numbers(10..15));
    let text = fs::read(directory.live()).expect("a file");
    assert_ne!(
        text[at - 1],
        b'\n',
        "this test does not show what it is to show"
    );
    assert_eq!(all(&mut reader), expected);
    // The file that the position names is not there, though one of its name is.
    let read = all(&mut directory.reader().from(position));
    assert!(
        matches!(&read[0], Read::Error(it) if it.starts_with("gone 0")),
        "{read:?}"
    );
    assert_eq!(read[1..], numbers(10..15));
}

#[test]
fn a_position_past_the_end_of_its_file_is_reported_as_truncated() {
    let directory = Directory::new("past");
    write(&directory.live(), lines(0..3));
    let mut reader = directory.reader();
    assert_eq!(all(&mut reader), numbers(0..3));
    let position = saved(&reader.current_position());
    write(&directory.live(), lines(0..2));
    let at = lines(0..3).len();
    assert_eq!(
        all(&mut directory.reader().from(position)),
        [error("truncated", "audit.jsonl", at), N(0), N(1)]
    );
}

#[test]
fn where_a_file_is_rotated_by_a_copy_the_rest_is_read_of_that() {
    let directory = Directory::new("copied");
    write(&directory.live(), lines(0..3));
    let mut reader = directory.reader().follow();
    assert_eq!(all(&mut reader), numbers(0..3));
    append(&directory.live(), lines(3..5));
    fs::copy(directory.live(), directory.file("audit.jsonl.1")).expect("a file");
    File::create(directory.live()).expect("a file");
    append(&directory.live(), line(5));
    let truncated = error("truncated", "audit.jsonl", lines(0..3).len());
    assert_eq!(all(&mut reader), [truncated, N(3), N(4), N(5)]);
}

#[cfg(feature = "compress")]
#[test]
fn a_compressed_file_that_is_not_whole_is_read_as_far_as_it_goes() {
    for suffix in [".gz", ".zst"] {
        let directory = Directory::new("half");
        let path = directory.file("audit.jsonl.2");
        write(&path, lines(0..2000));
        let path = compress(&path, suffix);
        let bytes = fs::read(&path).expect("a file");
        write(&path, &bytes[..bytes.len() / 2]);
        write(&directory.live(), line(5000));
        let read = all(&mut directory.reader());
        let (end, before) = read.split_last().expect("entries");
        let (io, before) = before.split_last().expect("entries");
        assert_eq!(end, &N(5000));
        assert!(
            matches!(io, Read::Error(it) if it.starts_with("io audit.jsonl.2")),
            "{io:?}"
        );
        assert!(before.len() < 2000);
        assert_eq!(before, numbers(0..before.len()));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_directory_that_is_gone_is_reported_each_time_and_ends_nothing() {
    let directory = Directory::new("removed");
    write(&directory.live(), line(0));
    let mut reader = directory.reader().follow();
    assert_eq!(all(&mut reader), numbers(0..1));
    fs::remove_dir_all(&directory.0).expect("a directory");
    for _ in 0..2 {
        let read = all(&mut reader);
        assert!(
            matches!(&read[..], [Read::Error(it)] if it.starts_with("io")),
            "{read:?}"
        );
    }
    fs::create_dir(&directory.0).expect("a directory");
    write(&directory.live(), line(1));
    let gone = error("gone 0", "audit.jsonl", line(0).len());
    assert_eq!(all(&mut reader), [gone, N(1)]);
}

#[test]
fn a_line_that_is_not_utf8_is_no_json_wherever_that_is() {
    let directory = Directory::new("utf8");
    // In a member that nobody knows, and in one that is a text of the record.
    let mut unknown = line(0).replacen('{', "{\"new\":\"?\",", 1).into_bytes();
    let mut known = line(1).replacen("/orders/7", "/orders/?", 1).into_bytes();
    for line in [&mut unknown, &mut known] {
        let at = line
            .iter()
            .position(|byte| *byte == b'?')
            .expect("it is there");
        line[at] = 0xff;
    }
    write(
        &directory.live(),
        [&unknown[..], &known, line(2).as_bytes()].concat(),
    );
    let errors = [
        error("notjson", "audit.jsonl", 0),
        error("notjson", "audit.jsonl", unknown.len()),
    ];
    let mut expected: Vec<Read> = errors.into();
    expected.push(N(2));
    assert_eq!(all(&mut directory.reader()), expected);
}

#[test]
fn entries_of_all_kinds_are_read_also_if_their_names_are_escaped() {
    let directory = Directory::new("escaped");
    let run = Record::example().run;
    let gap = Gap::new(
        Record::example().time..=Record::example().time,
        [].into(),
        &[3..=4].into_iter().collect(),
    );
    let gap = serde_json::to_string(&GapRecord::new(run, gap)).expect("a gap");
    let escaped = gap.replacen("\"gap\"", "\"g\\u0061p\"", 1);
    assert_ne!(gap, escaped);
    write(&directory.live(), format!("{gap}\n{escaped}\n{}", line(0)));
    let entries: Vec<Entry> = directory
        .reader()
        .map(|it| it.expect("an entry").entry)
        .collect();
    assert!(
        matches!(
            entries[..],
            [Entry::Gap(_), Entry::Gap(_), Entry::Record(_)]
        ),
        "{entries:?}"
    );
}
