//! Standard output that is a terminal.

use std::{fs::File, io::Read};

use rustix::pty::{grantpt, openpt, ptsname, unlockpt, OpenptFlags};

use super::*;

/// Runs the program with a terminal as its standard output, and returns what that was sent.
fn on_terminal(args: &[&str], input: &str, env: &[(&str, &str)]) -> String {
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
    grantpt(&terminal).expect("a terminal");
    unlockpt(&terminal).expect("a terminal");
    let name = ptsname(&terminal, Vec::new()).expect("a terminal");
    let name = name.to_str().expect("a path that is text");
    let side = File::options()
        .read(true)
        .write(true)
        .open(name)
        .expect("a terminal");

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

    let mut sent = Vec::new();
    let mut terminal = File::from(terminal);
    let mut buffer = [0; 4096];
    // Linux says that nobody has the other side any more by an error.
    while let Ok(read @ 1..) = terminal.read(&mut buffer) {
        sent.extend_from_slice(&buffer[..read]);
    }
    assert_eq!(child.wait().expect("the program").code(), Some(0));
    String::from_utf8(sent).expect("text").replace("\r\n", "\n")
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
