//! `kill -9` of a process that keeps bodies: no file has a finished name and not its whole content.

use std::{
    fs,
    io::{self, BufRead, BufReader, Write},
    path::Path,
    process::{self, Command, Stdio},
    thread,
    time::Duration,
};

use super::{both, names, pattern, routes, spool};
use crate::{
    app::TestApp,
    sinks::file::{child, in_child, random, Directory},
};

/// How often.
const KILLS: usize = 5;

/// Sizes of the bodies that are sent meanwhile.
const SIZES: [usize; 4] = [100, 70_000, 500_000, 3_000_000];

/// Keeps bodies for ever.
fn serve_for_ever(path: &Path) -> ! {
    let app = TestApp::configured(both(&spool(path)), routes);
    let mut output = io::stdout();
    // What the harness has printed so far does not end its line.
    let mut said = writeln!(output);
    let mut client = app.connect();
    while said.is_ok() {
        for size in SIZES {
            client.post("/echo", "image/png", pattern(size));
        }
        said = writeln!(output, "round");
    }
    process::exit(1);
}

#[test]
fn a_kill_leaves_no_file_half_written_under_a_finished_name() {
    if let Some(path) = child() {
        serve_for_ever(&path);
    }
    let directory = Directory::new("killed-spool");
    let test = "spool::killed::a_kill_leaves_no_file_half_written_under_a_finished_name";
    let program = std::env::current_exe().expect("a program");
    let contents = SIZES.map(pattern);
    let mut finished = 0;
    for _ in 0..KILLS {
        let mut process = in_child(&mut Command::new(&program), test, &directory.path)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("ourselves again");
        let output = process.stdout.take().expect("a pipe");
        let rounds = BufReader::new(output).lines();
        let rounds = rounds.filter(|line| line.as_ref().is_ok_and(|line| line == "round"));
        assert_eq!(rounds.take(2).count(), 2, "it serves until it is killed");
        // Anywhere in what comes next, rather than at its beginning.
        thread::sleep(Duration::from_micros(random(20_000) as u64));
        process.kill().expect("a process");
        process.wait().expect("a process");
        for name in names(&directory.path) {
            let content = fs::read(directory.path.join(&name)).expect("a file");
            let is_whole = contents.contains(&content);
            assert!(
                name.ends_with(".tmp") || is_whole,
                "{name}: {} bytes",
                content.len()
            );
            finished += usize::from(is_whole);
        }
        drop(spool(&directory.path));
        let orphans = names(&directory.path)
            .into_iter()
            .filter(|it| it.ends_with(".tmp"));
        assert_eq!(orphans.count(), 0);
    }
    assert!(finished >= KILLS * 2 * SIZES.len());
}
