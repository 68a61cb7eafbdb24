//! When a new file is begun, how closed ones are named and kept, and who may read them.

use std::{
    fs::{self, File},
    io::Write as _,
    path::Path,
    thread,
    time::{Duration, SystemTime},
};

use body_logger_core::{Entry, Sink};
use body_logger_jsonl::{Fsync, JsonLinesFile};

use super::{entries, entry, line, numbers, write, Directory};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

fn name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .expect("a name")
}

#[test]
fn no_file_grows_past_its_limit_and_no_line_is_lost_or_split() {
    const LIMIT: usize = 10_000;
    let directory = Directory::new("limit");
    let file = JsonLinesFile::at(directory.file())
        .rotate_at(LIMIT as u64)
        .open()
        .expect("a file");
    // One that is exactly as large as a file may get, one that needs several, and one with a line
    // that is larger than a file may get.
    let fits = LIMIT - line(&entry(0, 0));
    let batches = [
        vec![entry(0, fits)],
        entries(1..5, 100),
        entries(5..100, 300),
        vec![entry(100, 10), entry(101, 3 * LIMIT), entry(102, 10)],
        entries(103..110, 10),
    ];
    for batch in &batches {
        file.write(batch).expect("a disk with room");
    }
    let all: Vec<usize> = (0..110).collect();
    assert_eq!(directory.numbers(), all);
    let closed = directory.closed();
    assert_eq!(file.counters().closed, closed.len() as u64);
    for path in closed.iter().chain([&directory.file()]) {
        let bytes = fs::metadata(path).expect("a file").len();
        let numbers = numbers(path);
        assert!(
            bytes <= LIMIT as u64 || numbers == [101],
            "{bytes} {numbers:?}"
        );
    }
    assert_eq!(numbers(&closed[0]), [0]);
    // As much is in each as fits: 95 lines of more than 700 bytes, and the two others.
    assert!((7..=15).contains(&closed.len()), "{}", closed.len());
}

#[test]
fn a_file_of_another_day_is_closed_with_the_first_batch_and_one_of_a_day_to_come_is_not() {
    let at = |number, time| {
        let Entry::Record(mut record) = entry(number, 100) else {
            panic!("a record");
        };
        record.time = time;
        [Entry::Record(record)]
    };
    // Whatever the time is now.
    let (past, to_come) = (
        SystemTime::UNIX_EPOCH + DAY,
        SystemTime::UNIX_EPOCH + 100_000 * DAY,
    );
    let directory = Directory::new("day");
    let file = JsonLinesFile::at(directory.file()).open().expect("a file");
    file.write(&at(0, past)).expect("a disk that works");
    drop(file);
    // What is repaired is modified today.
    let torn = fs::File::options().append(true).open(directory.file());
    torn.expect("a file")
        .write_all(b"{\"v\":1")
        .expect("a file");
    let open = || JsonLinesFile::at(directory.file()).rotate_daily().open();
    let file = open().expect("a file");
    fs::remove_file(directory.path.join("audit.jsonl.torn")).expect("the torn line");
    assert_eq!(directory.closed().len(), 0);
    file.write(&at(1, to_come)).expect("a disk that works");
    drop(file);
    open()
        .expect("a file")
        .write(&at(2, to_come))
        .expect("a disk that works");
    let closed = directory.closed();
    assert_eq!(closed.len(), 1);
    assert_eq!(numbers(&closed[0]), [0]);
    assert_eq!(numbers(&directory.file()), [1, 2]);
}

#[test]
fn so_many_closed_files_are_kept_as_asked_for() {
    for keep in [0, 1, 3] {
        let directory = Directory::new("keep");
        let file = JsonLinesFile::at(directory.file())
            .rotate_at(1)
            .keep(keep)
            .open()
            .expect("a file");
        write(&file, 0..10);
        let counters = file.clone();
        drop(file);
        // The last handle waits for what is to be done.
        let removed = 9 - keep;
        drop(counters);
        assert_eq!(directory.numbers(), (removed..10).collect::<Vec<_>>());
    }
}

#[test]
fn closed_files_take_no_more_room_than_asked_for() {
    let directory = Directory::new("total");
    let bytes = line(&entry(0, 100)) as u64;
    let other = directory.path.join("audit.2026.jsonl");
    fs::write(&other, "not one of them\n".repeat(1000)).expect("a file");
    let file = JsonLinesFile::at(directory.file())
        .rotate_at(1)
        .keep_total(3 * bytes + 1)
        .open()
        .expect("a file");
    write(&file, 0..10);
    drop(file);
    fs::remove_file(&other).expect("a file that is not ours");
    assert_eq!(directory.numbers(), (6..10).collect::<Vec<_>>());
}

#[test]
fn files_that_are_too_old_are_deleted_when_the_file_is_opened_and_when_it_is_rotated() {
    let directory = Directory::new("age");
    // The entries' own time is not today.
    let age = 20 * 365 * DAY;
    let old = |second| {
        let name = format!("audit.1999-01-21T09-15-0{second}.123456Z.jsonl");
        let path = directory.path.join(name);
        fs::write(&path, "{}\n").expect("a file");
        path
    };
    let file = || {
        JsonLinesFile::at(directory.file())
            .rotate_at(1)
            .keep_for(age)
    };
    let first = old(1);
    drop(file().open().expect("a file"));
    assert!(!first.exists());
    let file = file().open().expect("a file");
    let second = old(2);
    write(&file, 0..2);
    // The last handle waits for what is to be done.
    drop(file);
    assert!(!second.exists());
    assert_eq!(directory.numbers(), [0, 1]);
}

#[test]
fn names_tell_the_time_in_order_and_none_is_given_twice() {
    let directory = Directory::new("names");
    // The clock was ahead once.
    let ahead = directory
        .path
        .join("audit.2999-12-31T23-59-59.999999Z.jsonl.gz");
    fs::write(&ahead, "of before").expect("a file");
    let file = JsonLinesFile::at(directory.file()).rotate_at(1).open();
    write(&file.expect("a file"), 0..5);
    assert_eq!(fs::read_to_string(&ahead).expect("a file"), "of before");
    fs::remove_file(&ahead).expect("a file");
    let closed = directory.closed();
    let names: Vec<&str> = closed.iter().map(|path| name(path)).collect();
    assert_eq!(
        names,
        [
            "audit.3000-01-01T00-00-00.000000Z.jsonl",
            "audit.3000-01-01T00-00-00.000001Z.jsonl",
            "audit.3000-01-01T00-00-00.000002Z.jsonl",
            "audit.3000-01-01T00-00-00.000003Z.jsonl",
        ]
    );
    assert_eq!(directory.numbers(), (0..5).collect::<Vec<_>>());
}

#[test]
fn a_file_that_was_moved_away_is_made_anew() {
    let directory = Directory::new("moved");
    let moved = |name: &str| directory.path.join(name);
    let file = JsonLinesFile::at(directory.file()).open().expect("a file");
    write(&file, 0..2);
    fs::rename(directory.file(), moved("a")).expect("a file");
    // It is asked to reopen.
    file.clone().reopen().expect("a file");
    assert_eq!(numbers(&directory.file()), [0; 0]);
    write(&file, 2..4);
    fs::rename(directory.file(), moved("b")).expect("a file");
    // It is not. On Unix that is not needed, also where another has taken the place.
    #[cfg(unix)]
    File::create(directory.file()).expect("a file");
    write(&file, 4..6);
    // It is cut to nothing.
    File::create(directory.file()).expect("a file");
    write(&file, 6..8);
    assert_eq!(numbers(&moved("a")), [0, 1]);
    assert_eq!(numbers(&moved("b")), [2, 3]);
    assert_eq!(numbers(&directory.file()), [6, 7]);
}

#[cfg(unix)]
#[test]
fn a_file_is_durable_and_a_device_is_not() {
    let directory = Directory::new("durable");
    let is_durable = |path: &Path| JsonLinesFile::at(path).open().expect("a file").is_durable();
    assert!(is_durable(&directory.file()));
    assert!(!is_durable(Path::new("/dev/null")));
}

#[test]
fn a_link_leads_to_where_files_are_rotated() {
    #[cfg(unix)]
    {
        let (directory, links) = (Directory::new("linked"), Directory::new("links"));
        std::os::unix::fs::symlink(directory.file(), links.file()).expect("a link");
        let file = JsonLinesFile::at(links.file()).rotate_at(1).open();
        write(&file.expect("a file"), 0..3);
        assert_eq!(directory.numbers(), [0, 1, 2]);
        assert_eq!(directory.closed().len(), 2);
        assert_eq!(links.closed().len(), 0);
    }
}

#[test]
fn several_that_write_to_one_file_and_rotate_it_lose_nothing() {
    const EACH: usize = 200;
    let directory = Directory::new("several");
    thread::scope(|scope| {
        for writer in 0..3 {
            let path = directory.file();
            scope.spawn(move || {
                let file = JsonLinesFile::at(path).rotate_at(20_000).open();
                let file = file.expect("a file");
                for number in (writer * EACH..(writer + 1) * EACH).step_by(2) {
                    write(&file, number..number + 2);
                }
                assert_eq!(file.counters().torn_lines, 0);
            });
        }
    });
    let mut numbers = directory.numbers();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..3 * EACH).collect::<Vec<_>>());
}

#[test]
fn however_it_syncs_all_is_there() {
    for fsync in [
        Fsync::Never,
        Fsync::EveryBatch,
        Fsync::Every(Duration::ZERO),
        Fsync::Every(Duration::from_secs(600)),
    ] {
        let directory = Directory::new("fsync");
        let file = JsonLinesFile::at(directory.file())
            .rotate_at(2000)
            .fsync(fsync)
            .open()
            .expect("a file");
        for number in 0..10 {
            write(&file, number..number + 1);
            file.flush().expect("a disk that works");
        }
        file.sync().expect("a disk that works");
        assert_eq!(directory.numbers(), (0..10).collect::<Vec<_>>());
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_what_is_made() {
    use std::os::unix::fs::PermissionsExt;

    let directory = Directory::new("owner");
    let open = || JsonLinesFile::at(directory.file()).rotate_at(1).open();
    write(&open().expect("a file"), 0..3);
    super::append(&directory.file(), b"{\"torn");
    open().expect("a file");
    let mut files = directory.closed();
    files.push(directory.file());
    assert_eq!(files.len(), 4);
    for file in files {
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{}", file.display());
    }
}

#[cfg(feature = "compress")]
mod compress {
    use body_logger_jsonl::Compression;

    use super::*;

    #[test]
    fn closed_files_are_compressed_those_of_earlier_runs_included() {
        for (compression, suffix) in [(Compression::Gzip, ".gz"), (Compression::Zstd, ".zst")] {
            let directory = Directory::new("compress");
            let at = || JsonLinesFile::at(directory.file()).rotate_at(5000);
            write(&at().open().expect("a file"), 0..30);
            let earlier = directory.closed();
            assert!(earlier.len() > 1);
            // The process was ended while it compressed.
            let left = format!("{}{suffix}.tmp", name(&earlier[0]));
            fs::write(
                directory.path.join(left),
                "half of it, and more".repeat(10_000),
            )
            .expect("a file");
            let file = at().compress(compression).open().expect("a file");
            write(&file, 30..60);
            drop(file);

            let closed = directory.closed();
            assert!(closed.len() > earlier.len());
            for path in &closed {
                assert!(
                    name(path).ends_with(&format!("Z.jsonl{suffix}")),
                    "{path:?}"
                );
                assert!(fs::metadata(path).expect("a file").len() < 1000);
            }
            assert_eq!(directory.numbers(), (0..60).collect::<Vec<_>>());
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                let metadata = fs::metadata(&closed[0]).expect("a file");
                assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
            }
        }
    }

    /// What a process leaves that is ended just before it removes what it has compressed.
    #[test]
    fn a_file_that_is_there_plain_and_compressed_stays_only_compressed() {
        let directory = Directory::new("both");
        let at = || JsonLinesFile::at(directory.file()).rotate_at(1500);
        write(&at().open().expect("a file"), 0..12);
        let closed = directory.closed();
        assert!(closed.len() >= 3);
        let compressed =
            |path: &Path, suffix: &str| directory.path.join(name(path).to_owned() + suffix);
        let text = |path: &Path| fs::read(path).expect("a file");
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, &text(&closed[0])).expect("memory");
        let gzip = gzip.finish().expect("memory");
        fs::write(compressed(&closed[0], ".gz"), gzip).expect("a file");
        let zstd = zstd::encode_all(&text(&closed[1])[..], 1).expect("memory");
        fs::write(compressed(&closed[1], ".zst"), &zstd).expect("a file");
        // This one is not whole, and so not to be relied on.
        let half = &zstd[..zstd.len() / 2];
        fs::write(compressed(&closed[2], ".zst"), half).expect("a file");

        drop(at().compress(Compression::Zstd).open().expect("a file"));
        assert!(compressed(&closed[0], ".gz").exists() && !closed[0].exists());
        assert!(compressed(&closed[1], ".zst").exists() && !closed[1].exists());
        assert_eq!(text(&compressed(&closed[2], ".zst")), half);
        assert!(closed[2].exists());
        fs::remove_file(compressed(&closed[2], ".zst")).expect("a file");
        assert_eq!(directory.numbers(), (0..12).collect::<Vec<_>>());
    }

    #[test]
    fn half_a_file_is_removed_also_where_nothing_is_compressed_any_more() {
        let directory = Directory::new("half");
        let left = |suffix| {
            directory
                .path
                .join(format!("audit.2026-11-21T09-15-01.123456Z.jsonl{suffix}"))
        };
        fs::write(left(".gz.tmp"), "half").expect("a file");
        // Neither of them is ours, and somebody is at the last.
        fs::write(left(".tmp"), "other").expect("a file");
        let locked = File::create(left(".zst.tmp")).expect("a file");
        locked.lock().expect("a lock");
        drop(
            JsonLinesFile::at(directory.file())
                .keep(9)
                .open()
                .expect("a file"),
        );
        assert_eq!(directory.closed(), [left(".tmp"), left(".zst.tmp")]);
    }

    #[test]
    fn a_compressed_file_that_is_there_is_not_replaced() {
        let directory = Directory::new("replaced");
        let at = || JsonLinesFile::at(directory.file()).rotate_at(1);
        write(&at().open().expect("a file"), 0..2);
        let plain = directory.closed().remove(0);
        let there = directory.path.join(format!("{}.gz", name(&plain)));
        fs::write(&there, "somebody's").expect("a file");
        drop(at().compress(Compression::Gzip).open().expect("a file"));
        assert_eq!(directory.closed(), [plain.clone(), there.clone()]);
        assert_eq!(fs::read_to_string(&there).expect("a file"), "somebody's");
        assert_eq!(numbers(&plain), [0]);
    }
}
