//! A server's process, from outside.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::SocketAddr,
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

/// How long the counters may take to add up while a batch is being written.
const PATIENCE: Duration = Duration::from_secs(5);

/// What a server says of its logger.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) produced: u64,
    pub(crate) written: u64,
    pub(crate) lost: u64,
    /// Up to this number the sink holds all entries, or gaps name them, where it counts them.
    pub(crate) accounted: u64,
    pub(crate) waits: u64,
    pub(crate) queued: u64,
    pub(crate) queued_bytes: u64,
    pub(crate) captured_bytes: u64,
}

impl Report {
    pub(crate) fn to_line(self) -> String {
        serde_json::to_string(&self).expect("numbers")
    }

    /// Whatever was produced was written, or counted as lost, or still waits.
    fn adds_up(&self) -> bool {
        self.produced == self.written + self.lost + self.queued
    }
}

/// What the operating system says of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Usage {
    /// Resident memory in KiB, now and at its highest.
    pub(crate) resident: u64,
    pub(crate) peak: u64,
    pub(crate) threads: u64,
    pub(crate) descriptors: u64,
}

pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Server {
    pub(crate) fn start(sink: &str, directory: &Path) -> Self {
        Self::run(
            Command::new(program())
                .args(["server", sink])
                .arg(directory),
        )
    }

    /// Whose directory is a full disk before long. Says what it is made of.
    pub(crate) fn start_on_small_disk(directory: &Path) -> (Self, &'static str) {
        const MOUNT: &str = r#"mount -t tmpfs -o size=1m tmpfs "$1""#;

        let shell = |command: &mut Command, script: &str| {
            command.args(["-c", script]).arg(program()).arg(directory);
        };
        let mut probe = Command::new("unshare");
        shell(probe.args(["-rm", "sh"]), MOUNT);
        let may_mount = probe
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|it| it.success());
        let (mut command, script, what) = if may_mount {
            let mut command = Command::new("unshare");
            command.args(["-rm", "sh"]);
            (
                command,
                format!("{MOUNT} && exec \"$0\" server full \"$1\""),
                "a tmpfs of 1 MiB",
            )
        } else {
            // Blocks are of 512 bytes; the signal that goes with the limit would end the process.
            let script = "trap '' XFSZ; ulimit -f 2048; exec \"$0\" server full \"$1\"";
            (
                Command::new("sh"),
                script.to_owned(),
                "a limit of 1 MiB a file",
            )
        };
        shell(&mut command, &script);
        (Self::run(&mut command), what)
    }

    fn run(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("ourselves again");
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut addr = String::new();
        output.read_line(&mut addr).expect("a line");
        Self {
            addr: addr.trim().parse().expect("an address"),
            input: child.stdin.take(),
            child,
            output,
        }
    }

    /// Its counters, once they add up.
    pub(crate) fn report(&mut self) -> Result<Report, String> {
        let began = Instant::now();
        loop {
            let input = self.input.as_mut().expect("it is not stopped");
            writeln!(input, "report").expect("a server that runs");
            let report = self.read();
            if report.adds_up() {
                return Ok(report);
            }
            if began.elapsed() > PATIENCE {
                return Err(format!("this does not add up: {report:?}"));
            }
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Stops it, and returns its last counters.
    pub(crate) fn stop(mut self) -> Result<Report, String> {
        self.input = None;
        let report = self.read();
        let status = self.child.wait().expect("a process");
        match (status.success(), report.adds_up()) {
            (true, true) => Ok(report),
            (true, false) => Err(format!("this does not add up: {report:?}")),
            (false, _) => Err(format!("a server failed: {status}")),
        }
    }

    fn read(&mut self) -> Report {
        let mut line = String::new();
        self.output.read_line(&mut line).expect("a line");
        serde_json::from_str(&line).expect("a report")
    }

    pub(crate) fn usage(&self) -> Usage {
        let process = format!("/proc/{}", self.child.id());
        let status = fs::read_to_string(format!("{process}/status")).expect("a process");
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let value = line.and_then(|rest| rest.split_whitespace().next());
            value
                .and_then(|value| value.parse().ok())
                .expect("a number")
        };
        let descriptors = fs::read_dir(format!("{process}/fd"))
            .expect("a process")
            .count();
        Usage {
            resident: field("VmRSS:"),
            peak: field("VmHWM:"),
            threads: field("Threads:"),
            descriptors: descriptors as u64,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already, unless something did not hold.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> std::path::PathBuf {
    std::env::current_exe().expect("a program")
}

/// A directory that is gone in the end.
pub(crate) struct Directory(pub(crate) std::path::PathBuf);

impl Directory {
    pub(crate) fn new() -> Self {
        let name = format!("body-logger-delivery-{}", std::process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("a directory for temporary files");
        Self(path)
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
