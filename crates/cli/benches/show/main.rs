//! How fast `body-logger show` prints what a filter matches of a plain file, beside `grep` of the same file in the same run:
//! `cargo bench -p body-logger-cli --bench show -- [MB]`. With `instructions`, it counts them under valgrind, which does not depend
//! on what else the machine does.

mod log;

use std::{
    env, fs, io,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// What the log is filtered by, which share of the lines that matches, and what `grep` finds the same lines by.
const FILTERS: [(&str, &str, &str); 3] = [
    ("status:500", "0.1 %", r#""status":500"#),
    ("method:delete", "10 %", r#""method":"DELETE""#),
    ("status:2xx", "97 %", r#""status":2"#),
];

const FORMATS: [&str; 3] = ["line", "json", "text"];

/// Of so many runs, the fastest counts: what else the machine does makes them slower only.
const RUNS: usize = 5;

fn main() {
    // `cargo test --benches` runs it, too.
    if !env::args().any(|argument| argument == "--bench") {
        return;
    }
    let counts = env::args().any(|argument| argument == "instructions");
    let megabytes = env::args().find_map(|argument| argument.parse().ok());
    let megabytes: u64 = megabytes.unwrap_or(if counts { 3 } else { 400 });
    let path = env::temp_dir().join(format!(
        "body-logger-show-bench-{}.jsonl",
        std::process::id()
    ));
    let lines = log::write(&path, megabytes * 1_000_000).expect("a disk with room");
    let bytes = fs::metadata(&path).expect("the log").len();
    print_heads(bytes, lines);
    for (filter, share, pattern) in FILTERS {
        if counts {
            count(&path, filter, share, lines);
        } else {
            time(&path, bytes, filter, share, pattern);
        }
    }
    fs::remove_file(&path).expect("the log");
}

#[expect(clippy::print_stdout, reason = "its result")]
fn print_heads(bytes: u64, lines: u64) {
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load: Vec<&str> = load.split(' ').take(3).collect();
    println!(
        "{lines} lines of {} bytes; load {}\n",
        bytes / lines,
        load.join(" ")
    );
    println!("| filter | matches | {} | `grep` |", FORMATS.join(" | "));
    println!("|---|---:|---:|---:|---:|---:|");
}

/// MB/s of each format, and of `grep`.
#[expect(clippy::print_stdout, reason = "its result")]
fn time(path: &Path, bytes: u64, filter: &str, share: &str, pattern: &str) {
    let speed = |command: &mut Command| {
        let fastest = (0..RUNS).map(|_| drained(command)).min();
        let seconds = fastest.unwrap_or_default().as_secs_f64();
        format!("{:.0} MB/s", bytes as f64 / 1e6 / seconds)
    };
    let shown = FORMATS.map(|format| speed(&mut show(path, filter, format)));
    let mut grep = Command::new("grep");
    // As fast as it can be: a text, and no characters of several bytes.
    grep.args(["--fixed-strings", pattern])
        .arg(path)
        .env("LC_ALL", "C");
    let found = speed(&mut grep);
    println!("| `{filter}` | {share} | {} | {found} |", shown.join(" | "));
}

/// Instructions for each line of the log.
#[expect(clippy::print_stdout, reason = "its result")]
fn count(path: &Path, filter: &str, share: &str, lines: u64) {
    let counts = FORMATS.map(|format| {
        let shown = show(path, filter, format);
        let mut valgrind = Command::new("valgrind");
        valgrind
            .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
            .arg(shown.get_program())
            .args(shown.get_args());
        let output = valgrind.output().expect("valgrind");
        let report = String::from_utf8(output.stderr).expect("text");
        let refs = report.rsplit("I   refs:").next().unwrap_or_default();
        let refs = refs.lines().next().unwrap_or_default();
        let count: String = refs.chars().filter(char::is_ascii_digit).collect();
        let count: u64 = count.parse().expect("a number of instructions");
        (count / lines).to_string()
    });
    println!("| `{filter}` | {share} | {} | |", counts.join(" | "));
}

fn show(path: &Path, filter: &str, format: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_body-logger"));
    command
        .arg("show")
        .arg(path)
        .args([filter, "--format", format]);
    command
}

/// How long a command takes whose output is read, as that of a pipe is.
fn drained(command: &mut Command) -> Duration {
    let start = Instant::now();
    let mut child = command.stdout(Stdio::piped()).spawn().expect("the program");
    let mut out = child.stdout.take().expect("a pipe");
    io::copy(&mut out, &mut io::sink()).expect("a pipe");
    let status = child.wait().expect("the program");
    let taken = start.elapsed();
    assert!(status.success(), "{command:?}: {status}");
    taken
}
