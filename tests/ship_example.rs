//! The program in `examples/ship`, run as a user would.

#![cfg(unix)]

#[path = "integration/app.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the harness is shared with the other test binary"
)]
mod app;
#[path = "integration/client.rs"]
#[allow(
    dead_code,
    unreachable_pub,
    reason = "the harness is shared with the other test binary"
)]
mod client;

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use actix_web_body_logger::Entry;

use crate::{app::PATIENCE, client::Client};

/// The program, with its files in a directory that is gone when the test is over.
struct Program {
    directory: PathBuf,
    process: Child,
}

impl Program {
    fn start() -> Self {
        let name = format!("body-logger-ship-example-{}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        fs::create_dir_all(&directory).expect("a directory for temporary files");
        let file = |name: &str| File::create(directory.join(name)).expect("a file");
        let tests = std::env::current_exe().expect("a program");
        let profile = tests.parent().and_then(Path::parent);
        let process = Command::new(profile.expect("a directory").join("examples/ship"))
            .env("BIND", "127.0.0.1:0")
            .env("LOG", directory.join("audit.jsonl"))
            .env("RUST_LOG", "info")
            .stdin(Stdio::null())
            .stdout(file("output"))
            .stderr(file("log"))
            .spawn();
        let process = process.expect("the example, as `cargo test` builds it");
        Self { directory, process }
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.directory.join(name)).expect("text")
    }

    /// What the server logs about its socket.
    fn address(&self) -> SocketAddr {
        let text = until(|| {
            let log = self.text("log");
            let address = log.split_once("listening on: ")?.1.lines().next()?;
            Some(address.to_owned())
        });
        text.parse().expect("an address")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // Already gone, unless the test failed.
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.directory);
    }
}

#[track_caller]
fn until<T>(mut find: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = find() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "it never came");
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn what_is_recorded_is_shipped_and_the_page_says_how_far() {
    let mut program = Program::start();
    let address = program.address();
    let mut client = Client::connect(address);
    let order = r#"{"item":"server","password":"hunter2"}"#;
    assert_eq!(
        client.post("/orders", "application/json", order).status,
        200
    );
    until(|| program.text("output").contains("\n").then_some(()));
    let panel = until(|| {
        client.send(format!(
            "GET /_inspector/api/status HTTP/1.1\r\nhost: {address}\r\n\r\n"
        ));
        let status = client.response();
        assert_eq!(status.status, 200, "{}", status.text());
        let panels: serde_json::Value = serde_json::from_str(status.text()).expect("JSON");
        let panel = panels[0].clone();
        // Its position is saved a moment after it is printed.
        (panel["rows"][0]["value"] == "caught up").then_some(panel)
    });
    assert_eq!(panel["title"], "Shipping");
    assert_eq!(panel["rows"][0]["name"], "print");
    let killed = Command::new("kill")
        .args(["-INT", &program.process.id().to_string()])
        .status();
    assert!(killed.expect("a command").success());
    assert!(program.process.wait().expect("a process").success());
    let output = program.text("output");
    assert!(!output.contains("hunter2"), "{output}");
    let entries: Vec<Entry> = output
        .lines()
        .map(|line| serde_json::from_str(line).expect(line))
        .collect();
    // The page's own requests leave none.
    assert_eq!(entries.len(), 1, "{output}");
}
