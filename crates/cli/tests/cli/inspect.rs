//! `body-logger inspect`.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    net::TcpStream,
    process::{Child, ChildStdout},
    time::Instant,
};

use super::*;

/// The program, which is ended with the test.
pub(super) struct Inspecting {
    child: Child,
    link: String,
    // Kept open, as a terminal is.
    _out: BufReader<ChildStdout>,
}

impl Inspecting {
    pub(super) fn of(log: &str) -> Self {
        let mut child = program(&["inspect", log])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program");
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut link = String::new();
        out.read_line(&mut link).expect("a link");
        let link = link.trim_end().to_owned();
        Self {
            child,
            link,
            _out: out,
        }
    }

    /// The address and the path of the link.
    fn place(&self) -> (&str, &str) {
        let place = self.link.strip_prefix("http://").expect("a link");
        place.split_at(place.find('/').expect("a path"))
    }

    /// Asks for something below the path of the link, and returns the beginning of the response.
    pub(super) fn get(&self, path: &str, host: Option<&str>) -> BufReader<TcpStream> {
        let (address, base) = self.place();
        let host = host.unwrap_or(address);
        let mut stream = TcpStream::connect(address).expect("a server");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        let request =
            format!("GET {base}{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("a server");
        BufReader::new(stream)
    }

    pub(super) fn text(&self, path: &str, host: Option<&str>) -> String {
        let mut text = String::new();
        self.get(path, host)
            .read_to_string(&mut text)
            .expect("text");
        text
    }
}

impl Drop for Inspecting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Reads events until one has this in it.
pub(super) fn wait_for(events: &mut BufReader<TcpStream>, what: &str) {
    let start = Instant::now();
    let mut line = String::new();
    while !line.contains(what) {
        // The server sends something every ten seconds.
        assert!(start.elapsed() < PATIENCE, "{what} does not arrive");
        line.clear();
        let read = events.read_line(&mut line).expect("an event in time");
        assert_ne!(read, 0, "the events end without {what}");
    }
}

#[test]
fn serves_a_log_to_this_machine_and_follows_it() {
    let directory = Directory::new("inspect");
    directory.with(
        "audit.jsonl.1",
        lines(0..1).replace("/orders/7", "/rotated"),
    );
    let live = directory.with("audit.jsonl", lines(1..2).replace("/orders/7", "/imported"));
    let inspecting = Inspecting::of(&live);
    assert!(
        inspecting.place().0.starts_with("127.0.0.1:"),
        "{}",
        inspecting.link
    );

    let page = inspecting.text("", None);
    assert!(page.starts_with("HTTP/1.1 200 "), "{page}");
    assert!(page.contains("content-security-policy: "), "{page}");

    // From the beginning: what is imported meanwhile arrives, too.
    let mut events = inspecting.get("/api/events?after=0", None);
    wait_for(&mut events, "/imported");
    let list = inspecting.text("/api/entries?limit=10", None);
    assert!(
        list.contains("/rotated") && list.contains("/imported"),
        "{list}"
    );
    let mut file = File::options().append(true).open(&live).expect("a file");
    let appended = lines(2..3).replace("/orders/7", "/appended");
    file.write_all(appended.as_bytes())
        .expect("a disk with room");
    wait_for(&mut events, "/appended");
}

#[test]
fn follows_logs_that_appear_in_the_directory() {
    let directory = Directory::new("inspect-new");
    directory.with("a.jsonl", lines(0..1).replace("/orders/7", "/first"));
    let inspecting = Inspecting::of(&text(&directory.0));
    let mut events = inspecting.get("/api/events?after=0", None);
    wait_for(&mut events, "/first");
    directory.with("b.jsonl", lines(1..2).replace("/orders/7", "/appeared"));
    wait_for(&mut events, "/appeared");
}

/// Interrupts the program once it has imported this entry, and returns its exit code.
#[cfg(unix)]
fn code_once_imported(inspecting: &mut Inspecting, what: &str) -> Option<i32> {
    let mut events = inspecting.get("/api/events?after=0", None);
    wait_for(&mut events, what);
    let id = rustix::process::Pid::from_child(&inspecting.child);
    rustix::process::kill_process(id, rustix::process::Signal::INT).expect("a process");
    inspecting.child.wait().expect("the program").code()
}

#[cfg(unix)]
#[test]
fn ends_with_the_exit_code_that_says_whether_all_lines_could_be_read() {
    let directory = Directory::new("inspect-code");
    let last = lines(1..2).replace("/orders/7", "/last");
    let whole = directory.with("whole.jsonl", lines(0..1) + &last);
    let broken = directory.with("broken.jsonl", lines(0..1) + "no entry\n" + &last);
    for (log, code) in [(whole, 0), (broken, 1)] {
        let mut inspecting = Inspecting::of(&log);
        let ended = code_once_imported(&mut inspecting, "/last");
        assert_eq!(ended, Some(code), "{log}");
    }
}

#[test]
fn shows_nothing_to_a_page_of_another_host() {
    let directory = Directory::new("inspect-host");
    let log = directory.with("audit.jsonl", lines(0..1));
    let inspecting = Inspecting::of(&log);
    for path in ["", "/api/entries?limit=10"] {
        let refused = inspecting.text(path, Some("attacker.example"));
        assert!(refused.starts_with("HTTP/1.1 403 "), "{refused}");
        assert!(!refused.contains("/orders"), "{refused}");
    }
}

#[test]
fn fails_if_the_port_is_taken_or_there_is_no_log() {
    let directory = Directory::new("inspect-fails");
    let log = directory.with("audit.jsonl", lines(0..1));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("a port").port().to_string();
    let run = run(&["inspect", &log, "--port", &port]);
    assert_eq!((run.code, &run.out[..]), (3, ""));
    let message = format!("body-logger: cannot listen on 127.0.0.1:{port}: ");
    assert!(run.err.starts_with(&message), "{}", run.err);
    let none = super::run(&["inspect", &format!("{log}.none")]);
    assert_eq!(none.code, 3);
}
