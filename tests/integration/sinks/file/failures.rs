//! Disks that are full or gone: what is lost is counted, and all goes on when they are
//! back.

use std::{fs, thread, time::Instant};

use actix_web_body_logger::{
    sink::{JsonLines, Memory},
    BodyLogger, Entry,
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
    use std::process::Command;

    use actix_web_body_logger::sink::JsonLinesFile;

    use super::*;
    use crate::sinks::file::{child, in_child};

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

    /// What a logger counts is what is not there.
    fn overflow(path: &std::path::Path) {
        let file = JsonLinesFile::at(path).open().expect("a file");
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

    /// A full disk takes what fits and then fails, as does a limit of 64 KiB a file.
    #[test]
    fn all_that_a_disk_that_gets_full_does_not_keep_is_counted() {
        if let Some(path) = child() {
            return overflow(&path);
        }
        let directory = Directory::new("full");
        let test = concat!(
            "sinks::file::failures::linux::",
            "all_that_a_disk_that_gets_full_does_not_keep_is_counted"
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
}
