//! Standard output that is a terminal.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    thread,
};

use rustix::pty::{grantpt, openpt, ptsname, unlockpt, OpenptFlags};

use super::*;

/// A terminal, and the side of it that a program gets.
struct Terminal {
    screen: File,
    side: File,
}

impl Terminal {
    fn new() -> Self {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&terminal).expect("a terminal");
        unlockpt(&terminal).expect("a terminal");
        let name = ptsname(&terminal, Vec::new()).expect("a terminal");
        let name = name.to_str().expect("a path that is text");
        let side = File::options().read(true).write(true).open(name);
        Self {
            screen: File::from(terminal),
            side: side.expect("a terminal"),
        }
    }
}

/// What a terminal was sent, once no program has it any more.
fn sent(mut screen: File) -> String {
    let mut sent = Vec::new();
    let mut buffer = [0; 4096];
    // Linux says that nobody has the other side any more by an error.
    while let Ok(read @ 1..) = screen.read(&mut buffer) {
        sent.extend_from_slice(&buffer[..read]);
    }
    String::from_utf8(sent).expect("text").replace("\r\n", "\n")
}

/// Runs the program with a terminal as its standard output, and returns what that was sent.
fn on_terminal(args: &[&str], input: &str, env: &[(&str, &str)]) -> String {
    let Terminal { screen, side } = Terminal::new();
    let mut command = program(args);
    command
        .stdin(Stdio::piped())
        .stdout(side)
        .env("TERM", "xterm")
        .envs(env.iter().copied());
    let mut child = command.spawn().expect("the program");
    // Otherwise this process keeps the other side open.
    drop(command);
    let stdin = child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(input.as_bytes());
    stdin.expect("a pipe");
    let sent = sent(screen);
    assert_eq!(child.wait().expect("the program").code(), Some(0));
    sent
}

/// Runs the program with a terminal as its standard error. Its output is read after a first line and this pause. Returns
/// what the terminal was sent, and the number of lines of the output.
fn with_bar(args: &[&str], pause: Duration) -> (String, usize) {
    let Terminal { screen, side } = Terminal::new();
    let mut command = program(args);
    command
        .stdout(Stdio::piped())
        .stderr(side)
        .env("TERM", "xterm");
    let mut child = command.spawn().expect("the program");
    drop(command);
    let bar = thread::spawn(move || sent(screen));
    let mut out = BufReader::new(child.stdout.take().expect("a pipe")).lines();
    out.next().expect("a line").expect("text");
    thread::sleep(pause);
    let lines = 1 + out.count();
    assert_eq!(child.wait().expect("the program").code(), Some(0));
    (bar.join().expect("a thread"), lines)
}

#[test]
fn a_bar_shows_how_far_long_work_is_and_is_cleared_at_its_end() {
    let directory = Directory::new("bar");
    // More than is read before the output blocks.
    let log = directory.with("audit.jsonl", lines(0..1).repeat(24_000));
    let args = ["show", &log, "--format", "json"];
    // Longer than work takes that has no bar.
    let (bar, lines) = with_bar(&args, Duration::from_millis(1_100));
    assert_eq!(lines, 24_000);
    assert!(bar.contains(" MiB of 23."), "{bar:?}");
    assert!(bar.ends_with("\r\u{1b}[2K"), "{bar:?}");
}

#[test]
fn work_that_takes_no_longer_has_no_bar() {
    let directory = Directory::new("no-bar");
    let log = directory.with("audit.jsonl", lines(0..100));
    let (bar, lines) = with_bar(&["show", &log, "--format", "json"], Duration::ZERO);
    assert_eq!((&bar[..], lines), ("", 100));
}

#[test]
fn text_is_in_colours_on_a_terminal_unless_no_color_is_set() {
    let directory = Directory::new("colours");
    let log = directory.with("audit.jsonl", lines(1..2));
    let args = ["show", &log, "--format", "text"];
    let coloured = on_terminal(&args, "", &[]);
    assert!(coloured.contains("\u{1b}[32m200 OK"), "{coloured}");
    let plain = on_terminal(&args, "", &[("NO_COLOR", "1")]);
    assert_eq!(plain, run(&args).out);
    assert!(!plain.contains('\u{1b}'), "{plain}");
}

#[test]
fn redacted_text_does_nothing_to_a_terminal_and_stays_as_it_is_elsewhere() {
    let input = "right \u{202e}to left\nsecond\tline\n";
    let shown = on_terminal(&["redact", "--text"], input, &[]);
    assert_eq!(shown, "right \\u{202e}to left\nsecond\\tline\n");
    assert_eq!(run_with(&["redact", "--text"], input).out, input);

    let input = "{\"a\":\"\u{202e}\u{9b}\"}\n{\"b\":2}\n";
    let shown = on_terminal(&["redact", "--json"], input, &[]);
    assert_eq!(shown, "{\"a\":\"\\u202e\\u009b\"}\n{\"b\":2}\n");
    assert_eq!(run_with(&["redact", "--json"], input).out, input);
}
