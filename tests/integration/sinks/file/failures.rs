//! Disks that are full, read-only or gone: what is lost is counted, and all goes on when they are
//! back.

use std::{fs, thread, time::Instant};

use actix_web_body_logger::{
    sink::{JsonLines, JsonLinesFile, Memory},
    BodyLogger, Entry, Sink,
};

use super::{
    super::{get, serve},
    Directory,
};
use crate::app::PATIENCE;

#[test]
fn a_server_goes_on_without_its_directory_and_writes_again_when_it_is_back() {
    let directory = Directory::new("removed");
    let path = directory.path.join("logs").join("audit.jsonl");
    let logs = path.parent().expect("a directory");
    let paths = || -> Vec<String> {
        let text = fs::read_to_string(&path).expect("a file");
        let lines = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("an entry"));
        super::super::paths_of(&lines.collect::<Vec<Entry>>())
    };
    fs::create_dir(logs).expect("a directory");
    let file = JsonLines::open(&path).expect("a file");
    let logger = BodyLogger::builder().sink(file).build();
    let app = serve(&logger, &Memory::new(0));
    let get = |numbers: std::ops::Range<usize>| {
        let end = numbers.end as u64;
        get(&app, numbers);
        let done = || {
            let counters = logger.counters();
            counters.written + counters.sink_error == end
        };
        let began = Instant::now();
        while !done() {
            assert!(began.elapsed() < PATIENCE, "{:?}", logger.counters());
            thread::yield_now();
        }
    };
    get(0..3);
    assert_eq!(paths(), ["/0", "/1", "/2"]);
    fs::remove_dir_all(logs).expect("a directory");
    get(3..8);
    fs::create_dir(logs).expect("a directory");
    get(8..10);
    assert_eq!(paths(), ["5 lost", "/8", "/9"]);
    app.stop(true);
    assert_eq!(logger.counters().sink_error, 5);
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{
        os::unix::{
            fs::{chown, MetadataExt, PermissionsExt},
            process::CommandExt,
        },
        process::Command,
    };

    use super::*;
    use crate::sinks::file::{child, entries, in_child, line, numbers, write};

    #[test]
    fn a_device_that_is_always_full_costs_all_records_and_nothing_else() {
        let logger = BodyLogger::builder()
            .sink(JsonLines::open("/dev/full").expect("a device"))
            .build();
        let guard = logger.flush_guard();
        let app = serve(&logger, &Memory::new(0));
        get(&app, 0..20);
        app.stop(true);
        drop(guard);
        assert_eq!(logger.counters().sink_error, 20);
    }

    /// A batch of which a limit of 64 KiB a file lets only a part through, in the middle of a line.
    fn overflow(path: &std::path::Path) {
        let file = JsonLinesFile::at(path).open().expect("a file");
        let batch = entries(0..50, 1500);
        let bytes = line(&batch[10]);
        let fit = 64 * 1024 / bytes;
        assert!(fit < 48 && 64 * 1024 % bytes > 10, "{fit}");
        file.write(&batch).expect_err("there is no room");
        // All that fits whole is there, and nothing of the next.
        let kept: Vec<usize> = (0..numbers(path).len()).collect();
        assert_eq!(numbers(path), kept);
        assert!(kept.len().abs_diff(fit) <= 1, "{} {fit}", kept.len());
        // Still full; then room is made in the file itself, as an operator might.
        file.write(&entries(50..55, 1500)).expect_err("no room");
        assert_eq!(numbers(path), kept);
        let few = kept.len() - 4;
        let text = fs::read_to_string(path).expect("a file");
        let end: usize = text.split_inclusive('\n').take(few).map(str::len).sum();
        let cut = fs::File::options().write(true).open(path).expect("a file");
        cut.set_len(end as u64).expect("a file");
        write(&file, 60..62);
        let mut expected: Vec<usize> = (0..few).chain(60..62).collect();
        assert_eq!(numbers(path), expected);
        // And by moving it away.
        fs::rename(path, path.with_extension("old")).expect("a file");
        write(&file, 70..72);
        expected = vec![70, 71];
        assert_eq!(numbers(path), expected);
        assert_eq!(file.counters().torn_lines, 0);

        // What a logger counts is what is not there.
        fs::remove_file(path).expect("a file");
        let logger = BodyLogger::builder().sink(file).build();
        let guard = logger.flush_guard();
        let app = serve(&logger, &Memory::new(0));
        get(&app, 0..400);
        app.stop(true);
        drop(guard);
        let text = fs::read_to_string(path).expect("a file");
        assert!(text.ends_with('\n'));
        let is_gap = |line: &&str| line.contains(r#""gap":"#);
        let there = text.lines().filter(|line| !is_gap(line)).count();
        let lost = logger.counters().sink_error;
        assert!(
            there > 0 && lost > 0 && lost + there as u64 == 400,
            "{there} {lost}"
        );
    }

    /// A full disk takes what fits and then fails, as does a limit on the size of files.
    #[test]
    fn a_disk_that_gets_full_keeps_whole_lines_and_the_count_of_the_others() {
        if let Some(path) = child() {
            return overflow(&path);
        }
        let directory = Directory::new("full");
        let test = concat!(
            "sinks::file::failures::linux::",
            "a_disk_that_gets_full_keeps_whole_lines_and_the_count_of_the_others"
        );
        let program = std::env::current_exe().expect("a program");
        // Blocks are of 512 bytes; the signal that goes with the limit would end the process.
        let limits = "trap '' XFSZ; ulimit -f 128; exec \"$0\" \"$@\"";
        let mut shell = Command::new("sh");
        shell.args(["-c", limits]).arg(program);
        let output = in_child(&mut shell, test, &directory.file()).output();
        let output = output.expect("a shell");
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    }

    /// What a user who may not write to a directory makes of it.
    fn locked_out(path: &std::path::Path) {
        let directory = path.parent().expect("a directory");
        let allow = |mode| {
            let permissions = fs::Permissions::from_mode(mode);
            fs::set_permissions(directory, permissions).expect("our own directory");
        };
        let file = JsonLinesFile::at(path)
            .rotate_at(3000)
            .open()
            .expect("a file");
        write(&file, 0..2);
        allow(0o500);
        // It cannot be moved. Rather it gets too long.
        write(&file, 2..20);
        assert_eq!(numbers(path), (0..20).collect::<Vec<_>>());
        assert!(file.counters().faults > 0);
        assert_eq!(file.counters().closed, 0);
        // And now it can.
        allow(0o700);
        write(&file, 20..22);
        assert_eq!(numbers(path), [20, 21]);
        assert_eq!(file.counters().closed, 1);

        fs::remove_file(path).expect("a file");
        allow(0o500);
        let error = file.write(&entries(22..25, 10)).expect_err("no new file");
        assert!(error.to_string().contains("denied"), "{error}");
        assert!(file.name().ends_with("audit.jsonl"), "{}", file.name());
        file.reopen().expect_err("no new file");
        JsonLinesFile::at(path).open().expect_err("no new file");
        allow(0o700);
        write(&file, 25..27);
        assert_eq!(numbers(path), [25, 26]);
    }

    #[test]
    fn a_directory_that_is_read_only_costs_what_needs_a_new_file_and_no_more() {
        if let Some(path) = child() {
            return locked_out(&path);
        }
        let directory = Directory::new("read-only");
        let test = concat!(
            "sinks::file::failures::linux::",
            "a_directory_that_is_read_only_costs_what_needs_a_new_file_and_no_more"
        );
        // Who is root may write anywhere: then it is somebody else's turn.
        let mut command = Command::new("/proc/self/exe");
        if is_root() {
            let nobody = 65534;
            chown(&directory.path, Some(nobody), Some(nobody)).expect("to be root");
            command.uid(nobody).gid(nobody);
        }
        let output = in_child(&mut command, test, &directory.file()).output();
        let output = output.expect("ourselves again");
        assert!(output.status.success(), "{output:?}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
    }

    /// By who owns what this process makes.
    fn is_root() -> bool {
        let own = fs::metadata("/proc/self").expect("a process");
        own.uid() == 0
    }
}
