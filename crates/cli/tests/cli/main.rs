//! The built program, as it is run from a shell.

mod hostile;
mod inspect;
mod proofs;
mod redact;
mod redact_har;
#[cfg(all(feature = "ship", unix))]
mod ship;
mod show;
mod show_follow;
mod show_whole;
mod stats;
#[cfg(unix)]
mod terminal;

use std::{
    fs,
    io::Write,
    ops::Range,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use body_logger_core::{
    record::{Gap, GapRecord, SeqRanges},
    Record,
};

/// How long a test waits for what it needs. Only a failure takes as long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A directory that is gone when the test is over.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let name = format!("body-logger-cli-{}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a directory for temporary files");
        // As files are named in errors.
        Self(path.canonicalize().expect("a directory"))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Writes a file, and returns its path.
    fn with(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.file(name);
        fs::write(&path, content).expect("a file");
        text(&path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(path: &Path) -> String {
    path.to_str().expect("a path that is text").to_owned()
}

/// What the program wrote, and how it ended.
#[derive(Debug)]
struct Run {
    code: i32,
    out: String,
    err: String,
}

fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_body-logger"));
    command
        .args(args)
        .env_remove("NO_COLOR")
        .stdin(Stdio::null());
    command
}

fn run(args: &[&str]) -> Run {
    run_with(args, b"")
}

/// Runs the program with this on its standard input.
fn run_with(args: &[&str], input: impl AsRef<[u8]>) -> Run {
    let mut command = program(args);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.as_ref().to_vec();
    // Beside the reading, as pipes are short. The program need not read it.
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("the program");
    writer.join().expect("a thread");
    Run {
        code: output.status.code().expect("an exit code"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}

/// A record whose id and number are this.
fn record(number: usize) -> Record {
    let mut record = Record::example();
    record.id = number.to_string().into();
    record.seq = number as u64;
    record.entry_id = uuid::Uuid::from_u128(number as u128 + 1);
    record
}

fn line(record: &Record) -> String {
    serde_json::to_string(record).expect("a record") + "\n"
}

fn lines(numbers: Range<usize>) -> String {
    numbers.map(|number| line(&record(number))).collect()
}

/// A gap in the run of the records.
fn gap(numbers: Range<u64>, reason: &str) -> GapRecord {
    let ranges: SeqRanges = [numbers.start..=numbers.end - 1].into_iter().collect();
    let time = Record::example().time;
    let reasons = [(reason.to_owned(), ranges.count())].into();
    GapRecord::new(
        Record::example().run,
        Gap::new(time..=time, reasons, &ranges),
    )
}

fn gap_text(gap: &GapRecord) -> String {
    serde_json::to_string(gap).expect("a gap") + "\n"
}

#[test]
fn help_says_what_each_command_does_and_which_exit_codes_there_are() {
    let help = run(&["--help"]);
    assert_eq!(help.code, 0);
    for command in [
        "show",
        "stats",
        "redact",
        "completions",
        "man",
        "Exit codes:",
        "NO_COLOR",
    ] {
        assert!(help.out.contains(command), "{command}: {}", help.out);
    }
    for command in ["show", "stats", "inspect", "redact", "completions", "man"] {
        let help = run(&[command, "--help"]);
        assert_eq!(help.code, 0);
        assert!(help.out.contains("Usage: body-logger"), "{}", help.out);
    }
    #[cfg(feature = "ship")]
    assert!(run(&["ship", "--help"]).out.contains("PGPASSWORD"));
    assert_eq!(run(&["nothing"]).code, 2);
    assert_eq!(run(&[]).code, 2);
}

#[cfg(not(feature = "ship"))]
#[test]
fn a_url_is_an_error_that_says_what_it_takes() {
    for command in ["show", "stats", "inspect"] {
        let run = run(&[command, "postgres://127.0.0.1/audit"]);
        assert_eq!((run.code, &run.out[..]), (2, ""));
        assert!(
            run.err
                .contains("cargo install body-logger-cli --features ship"),
            "{}",
            run.err
        );
    }
}

#[test]
fn prints_completions_for_each_shell_and_a_manual_page_for_each_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(&["completions", shell]);
        assert_eq!(script.code, 0);
        assert!(script.out.contains("explain"), "{shell}");
    }
    let page = run(&["man"]);
    assert!(
        page.out.starts_with(".ie") && page.out.contains(r"body\-logger\-show(1)"),
        "{}",
        page.out
    );
    let page = run(&["man", "redact"]);
    assert_eq!(page.code, 0);
    assert!(page.out.contains(r"\fB\-\-explain\fR"), "{}", page.out);
    let unknown = run(&["man", "nothing"]);
    assert_eq!(
        (unknown.code, &unknown.err[..]),
        (2, "body-logger: there is no command `nothing`\n")
    );
}
