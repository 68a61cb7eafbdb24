//! A server in a process of its own.

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

use peers::Subject;

pub(crate) struct Process {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    pub(crate) address: String,
}

impl Process {
    /// One worker and all else of the server share a CPU, which the client leaves to them.
    pub(crate) fn start(subject: Subject, workers: usize) -> Self {
        let this = env::current_exe().expect("a program has a path");
        let cpus = if workers == 1 { "0" } else { "0,1" };
        let mut child = Command::new("taskset")
            .args(["-c", cpus])
            .arg(this.with_file_name("serve"))
            .args([subject.name(), &workers.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            unreachable!("both are piped");
        };
        let mut output = BufReader::new(output);
        let mut address = String::new();
        output.read_line(&mut address).expect("it says where it is");
        Self {
            child,
            input,
            output,
            address: address.trim().to_owned(),
        }
    }

    /// Waits until all that it has recorded is written and shipped, and returns how long that took.
    pub(crate) fn drain(&mut self) -> Duration {
        let start = Instant::now();
        writeln!(self.input).expect("it reads");
        let mut answer = String::new();
        self.output.read_line(&mut answer).expect("it answers");
        start.elapsed()
    }

    /// The CPU time of all its threads so far.
    pub(crate) fn cpu_us(&self) -> f64 {
        let threads = fs::read_dir(self.proc("task")).expect("it runs");
        let nanoseconds = |thread: fs::DirEntry| -> Option<f64> {
            let text = fs::read_to_string(thread.path().join("schedstat")).ok()?;
            text.split_whitespace().next()?.parse().ok()
        };
        threads.flatten().filter_map(nanoseconds).sum::<f64>() / 1e3
    }

    /// The most memory that it ever had.
    pub(crate) fn peak_mib(&self) -> f64 {
        let status = fs::read_to_string(self.proc("status")).expect("it runs");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .expect("Linux tells");
        let kib = line.trim().trim_end_matches(" kB");
        kib.parse::<f64>().expect("a number") / 1024.0
    }

    fn proc(&self, file: &str) -> String {
        format!("/proc/{}/{file}", self.child.id())
    }

    /// Stops it, and gives the share of its records that were not written.
    pub(crate) fn end(mut self) -> f64 {
        drop(self.input);
        let mut counts = String::new();
        (self.output.read_to_string(&mut counts)).expect("it says what it counted");
        let status = self.child.wait().expect("it ends");
        assert!(status.success(), "{status}");
        let mut counts = counts.split_whitespace().map(str::parse::<f64>);
        match (counts.next(), counts.next()) {
            (Some(Ok(produced)), Some(Ok(written))) if produced > 0.0 => 1.0 - written / produced,
            _ => 0.0,
        }
    }
}
