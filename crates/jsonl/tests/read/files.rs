//! Which files a log consists of, and in which order they are read.

use super::*;

#[test]
fn reads_rotated_files_of_all_names_the_oldest_first_and_then_the_live_one() {
    let directory = Directory::new("names");
    for (number, name) in [
        "audit.jsonl-20261120",
        "audit.2026-11-21T09-15-01.123456Z.jsonl",
        "audit.2026-11-21T09-15-01.123457Z.jsonl",
        "audit.jsonl-20261128",
        "audit.jsonl.10",
        "audit.jsonl.9",
        "audit.jsonl.1",
        "audit.jsonl",
    ]
    .into_iter()
    .enumerate()
    {
        write(&directory.file(name), lines(2 * number..2 * number + 2));
    }
    for other in [
        "audit.jsonl.torn",
        "audit.jsonl.bak",
        "other.jsonl",
        "audit.json",
    ] {
        write(&directory.file(other), "not of it\n");
    }
    assert_eq!(all(&mut directory.reader()), numbers(0..16));
}

#[test]
fn gives_of_each_entry_its_bytes_its_file_and_its_offset() {
    let directory = Directory::new("where");
    let rotated = directory.file("audit.jsonl.1");
    write(&rotated, lines(0..3));
    write(&directory.live(), format!("no entry\n{}", lines(3..5)));
    let mut found = Vec::new();
    for line in directory.reader().filter_map(Result::ok) {
        let text = fs::read(&line.file).expect("a file");
        let start = usize::try_from(line.offset).expect("a small file");
        let end = start + line.bytes.len();
        assert_eq!(text[start..end], line.bytes);
        assert_eq!(text[end], b'\n');
        assert_eq!(
            serde_json::from_slice::<Entry>(&line.bytes).ok(),
            Some(line.entry)
        );
        found.push(line.file.to_path_buf());
    }
    let live = directory.live();
    let files = [&rotated, &rotated, &rotated, &live, &live];
    assert_eq!(found.iter().collect::<Vec<_>>(), files);
}

#[test]
fn reads_gaps_and_maintenance_as_entries() {
    let directory = Directory::new("kinds");
    let gap = r#"{"v":1,"entry_id":"01a1fd63-3a99-7f10-a2b4-6c0d8e1f3a57","run":"01a1fd21-0c4e-7b1d-8f35-2e9a7c6b5d40","gap":{"from":"2026-11-21T09:15:01.123456Z","to":"2026-11-21T09:15:01.123456Z","dropped":1,"reasons":{},"seq":[[7,7]]}}"#;
    let done = r#"{"v":1,"entry_id":"01a1fd63-3a99-7f10-a2b4-6c0d8e1f3a58","run":"01a1fd21-0c4e-7b1d-8f35-2e9a7c6b5d40","seq":8,"maintenance":{"kind":"deleted","time":"2026-11-21T09:15:01.123456Z"}}"#;
    write(&directory.live(), format!("{gap}\n{done}\n{}", line(1)));
    let entries: Vec<Entry> = directory
        .reader()
        .map(|line| line.expect("an entry").entry)
        .collect();
    assert!(matches!(
        entries[..],
        [Entry::Gap(_), Entry::Maintenance(_), Entry::Record(_)]
    ));
    // The first line is one that names the file, whatever it is.
    let mut reader = directory.reader();
    assert!(reader.next().is_some());
    let position = saved(&reader.current_position());
    let mut rest = directory.reader().from(position);
    assert!(matches!(rest.next(), Some(Ok(line)) if matches!(line.entry, Entry::Maintenance(_))));
}

#[test]
fn an_escaped_name_says_as_much_as_one_that_is_not() {
    let directory = Directory::new("escaped");
    let gap = r#"{"from":"2026-11-21T09:15:01.123456Z","to":"2026-11-21T09:15:01.123456Z","dropped":1,"reasons":{},"seq":[[7,7]]}"#;
    // A record otherwise.
    let behind = line(1).split_off(1);
    let text: String = ["gap", r"\u0067ap"]
        .map(|name| format!("{{\"{name}\":{gap},{behind}"))
        .concat();
    write(&directory.live(), text);
    let entries: Vec<Entry> = directory
        .reader()
        .map(|line| line.expect("an entry").entry)
        .collect();
    assert!(matches!(entries[..], [Entry::Gap(_), Entry::Gap(_)]));
}

#[test]
fn a_log_without_any_file_is_an_error_that_names_it() {
    let directory = Directory::new("none");
    let error = Reader::open(directory.live()).expect_err("there is none");
    assert_eq!(error.kind(), std::io::ErrorKind::NotFound);
    assert!(error.to_string().contains("audit.jsonl"), "{error}");
    let error = Reader::open(directory.file("none/audit.jsonl")).expect_err("there is none");
    assert!(error.to_string().contains("none"), "{error}");
    // While a file is rotated there may be none that is live.
    write(&directory.file("audit.jsonl.1"), lines(0..2));
    assert_eq!(all(&mut directory.reader()), numbers(0..2));
}

#[cfg(unix)]
#[test]
fn a_path_that_leads_nowhere_is_an_error() {
    let directory = Directory::new("nowhere");
    write(&directory.file("file"), line(0));
    let below_a_file = directory.file("file/audit.jsonl");
    assert!(RawFile::live_path(&below_a_file).is_err());
    #[cfg(unix)]
    {
        let (one, other) = (directory.file("one"), directory.file("other"));
        std::os::unix::fs::symlink(&one, &other).expect("a link");
        std::os::unix::fs::symlink(&other, &one).expect("a link");
        assert!(RawFile::live_path(&one).is_err());
    }
}

#[test]
fn a_link_leads_to_where_the_rotated_files_are_also_while_there_is_no_live_one() {
    let (directory, links) = (Directory::new("linked"), Directory::new("links"));
    std::os::unix::fs::symlink(directory.live(), links.live()).expect("a link");
    write(&directory.file("audit.jsonl.1"), lines(0..2));
    assert_eq!(all(&mut links.reader()), numbers(0..2));
    write(&directory.live(), lines(2..4));
    assert_eq!(all(&mut links.reader()), numbers(0..4));
}

#[test]
fn a_name_that_is_only_claimed_is_passed_over() {
    let directory = Directory::new("claimed");
    write(
        &directory.file("audit.2026-11-21T09-15-01.123456Z.jsonl"),
        "",
    );
    write(&directory.live(), lines(0..2));
    let mut reader = directory.reader().follow();
    assert_eq!(all(&mut reader), numbers(0..2));
    // The live file is moved there only now.
    append(&directory.live(), line(2));
    let closed = directory.file("audit.2026-11-21T09-15-01.123456Z.jsonl");
    fs::rename(directory.live(), closed).expect("a file");
    write(&directory.live(), line(3));
    assert_eq!(all(&mut reader), numbers(2..4));
}

#[test]
fn a_file_that_takes_a_claimed_name_is_read() {
    let directory = Directory::new("taken");
    write(&directory.live(), "");
    let mut reader = directory.reader().follow();
    fs::remove_file(directory.live()).expect("a file");
    let claimed = directory.file("audit.2026-11-21T09-15-01.123456Z.jsonl");
    write(&claimed, "");
    assert_eq!(all(&mut reader), []);
    write(&directory.file("moved"), lines(0..2));
    fs::rename(directory.file("moved"), claimed).expect("a file");
    assert_eq!(all(&mut reader), numbers(0..2));
}

#[cfg(feature = "compress")]
#[test]
fn compressed_files_are_decompressed() {
    let directory = Directory::new("compressed");
    for (number, (name, suffix)) in [
        ("audit.jsonl-20261120", ".gz"),
        ("audit.2026-11-21T09-15-01.123456Z.jsonl", ".zst"),
        ("audit.jsonl.2", ".zst"),
        ("audit.jsonl.1", ".gz"),
    ]
    .into_iter()
    .enumerate()
    {
        let path = directory.file(name);
        write(&path, lines(2 * number..2 * number + 2));
        compress(&path, suffix);
    }
    // Several that are one after the other in one file.
    append(
        &directory.file("audit.jsonl.1.gz"),
        gzip(line(8).as_bytes()),
    );
    write(&directory.live(), line(9));
    assert_eq!(all(&mut directory.reader()), numbers(0..10));
}

#[cfg(feature = "compress")]
#[test]
fn of_a_file_that_is_there_plain_and_compressed_the_plain_one_is_read() {
    let directory = Directory::new("both");
    let plain = directory.file("audit.jsonl.1");
    write(&plain, lines(0..2));
    write(&directory.file("audit.jsonl.1.gz"), "half of i");
    assert_eq!(all(&mut directory.reader()), numbers(0..2));
}

#[cfg(not(feature = "compress"))]
#[test]
fn a_compressed_file_is_an_error_that_says_what_it_takes() {
    let directory = Directory::new("compressed");
    write(&directory.file("audit.jsonl.2.gz"), "as if it were");
    write(&directory.live(), line(0));
    let mut reader = directory.reader();
    let error = reader
        .next()
        .expect("a file")
        .expect_err("a feature is off");
    assert!(error.to_string().contains("feature `compress`"), "{error}");
    assert!(error.to_string().contains("audit.jsonl.2.gz"), "{error}");
    assert_eq!(all(&mut reader), numbers(0..1));
}

#[test]
fn reads_one_rotated_file_by_its_own_name_also_if_it_is_compressed() {
    let directory = Directory::new("one-file");
    write(&directory.live(), lines(0..1));
    write(&directory.file("audit.jsonl.2"), lines(1..2));
    let open = |name: &str| Reader::open(directory.file(name)).expect("a log");
    assert_eq!(all(&mut open("audit.jsonl.2")), numbers(1..2));
    let both = lines(0..2).len() as u64;
    assert_eq!(
        open("audit.jsonl").total_bytes().expect("files"),
        Some(both)
    );
    #[cfg(feature = "compress")]
    {
        write(
            &directory.file("audit.jsonl.3.gz"),
            gzip(lines(2..4).as_bytes()),
        );
        assert_eq!(all(&mut open("audit.jsonl.3.gz")), numbers(2..4));
        assert_eq!(open("audit.jsonl").total_bytes().expect("files"), None);
        let mut following = open("audit.jsonl.3.gz").follow();
        assert_eq!(all(&mut following), numbers(2..4));
        assert!(following.next().is_none());
    }
}

#[test]
fn finds_the_logs_in_a_directory_by_any_of_their_files() {
    let directory = Directory::new("logs-in");
    for name in [
        "a.jsonl",
        "a.jsonl.1",
        "a.2026-11-21T09-15-01.123456Z.jsonl.zst",
        "b.jsonl-20261128.gz",
        "c.2026-11-21T09-15-01.123456Z.jsonl",
        "d.jsonl.gz",
        "e.jsonl.torn",
        "f.json",
        ".2026-11-21T09-15-01.123456Z.jsonl",
    ] {
        write(&directory.file(name), "");
    }
    fs::create_dir(directory.file("g.jsonl")).expect("a directory");
    let logs = body_logger_jsonl::logs_in(&directory.0).expect("a directory");
    let names = [
        ".2026-11-21T09-15-01.123456Z.jsonl",
        "a.jsonl",
        "b.jsonl",
        "c.jsonl",
        "d.jsonl.gz",
    ];
    assert_eq!(logs, names.map(|name| directory.file(name)));
    let error = body_logger_jsonl::logs_in(directory.file("none")).unwrap_err();
    assert!(error.to_string().contains("none: "), "{error}");
}

#[test]
fn lists_files_with_the_times_in_their_names() {
    let directory = Directory::new("listed");
    let times = ["2026-11-21T09-15-01.123456Z", "2026-11-21T09-15-02.123456Z"];
    for time in times {
        write(&directory.file(&format!("audit.{time}.jsonl")), line(0));
    }
    write(&directory.live(), line(1));
    let listed = RawFile::list(directory.live()).expect("a log");
    let closed_at: Vec<_> = listed.iter().map(RawFile::closed_at).collect();
    assert_eq!(closed_at, [Some(times[0]), Some(times[1]), None]);
}

#[test]
fn skips_unwanted_lines_without_parsing_them() {
    let directory = Directory::new("skips");
    let rotated = format!("{}no entry\n{}", lines(0..2), lines(2..4));
    write(&directory.file("audit.jsonl.1"), rotated);
    write(&directory.live(), lines(4..8));
    let is_unwanted = |line: &[u8]| !line.windows(8).any(|it| it == br#""id":"5""#);
    let mut reader = directory.reader().skip_lines(is_unwanted);
    // The first entry of each file is returned in any case, as positions name it.
    assert_eq!(all(&mut reader), [0, 4, 5].map(N));
    assert_eq!(reader.current_position(), {
        let mut whole = directory.reader();
        whole.by_ref().for_each(drop);
        whole.current_position()
    });
}
