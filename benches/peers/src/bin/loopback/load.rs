//! Load from wrk and h2load.

use std::{env, fs, path::PathBuf, process::Command, time::Duration};

use peers::Traffic;

use crate::process::Process;

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    Http1,
    H2c,
}

/// How long a slice of time is.
pub(crate) const SLICE: Duration = Duration::from_secs(1);

/// What a slice of time under load has shown.
pub(crate) struct Slice {
    /// Of the server, per request.
    pub(crate) cpu_us: f64,
    pub(crate) per_second: f64,
    pub(crate) p50_us: f64,
    pub(crate) p99_us: f64,
}

pub(crate) struct Load {
    protocol: Protocol,
    path: &'static str,
    /// The body, and wrk's script that sends it.
    files: Option<(PathBuf, PathBuf)>,
}

impl Load {
    pub(crate) fn new(protocol: Protocol, traffic: Traffic) -> Self {
        let (path, body) = traffic.request();
        let files = body.map(|body| {
            let file = |name: &str| env::temp_dir().join(format!("loopback-{}.{name}", body.len()));
            let (body_file, script) = (file("json"), file("lua"));
            fs::write(&body_file, &body).expect("there is room");
            let lua = format!(
                "local file = io.open({body_file:?})\nwrk.method = 'POST'\nwrk.body = file:read('*a')\n\
                 wrk.headers['content-type'] = 'application/json'\n"
            );
            fs::write(&script, lua).expect("there is room");
            (body_file, script)
        });
        Self {
            protocol,
            path,
            files,
        }
    }

    /// A slice of it.
    pub(crate) fn slice(&self, server: &Process) -> Slice {
        let url = format!("http://{}{}", server.address, self.path);
        let mut command = Command::new("taskset");
        command.args(["-c", "1"]);
        match (self.protocol, &self.files) {
            (Protocol::Http1, files) => {
                command.args(["wrk", "-t1", "-c64", "--latency"]);
                command.arg(format!("-d{}s", SLICE.as_secs()));
                if let Some((_, script)) = files {
                    command.arg("-s").arg(script);
                }
            }
            (Protocol::H2c, files) => {
                command.args(["h2load", "-c16", "-m4"]);
                command.arg(format!("-D{}", SLICE.as_secs()));
                if let Some((body, _)) = files {
                    command.args(["-H", "content-type: application/json", "-d"]);
                    command.arg(body);
                }
            }
        }
        let before = server.cpu_us();
        let output = command.arg(url).output().expect("it is installed");
        let cpu = server.cpu_us() - before;
        let said = String::from_utf8_lossy(&output.stdout);
        let (requests, per_second) = match self.protocol {
            Protocol::Http1 => {
                let failed = said.contains("Non-2xx") || said.contains("Socket errors");
                assert!(!failed, "{said}");
                (
                    before_word(&said, "requests in"),
                    after_word(&said, "Requests/sec:"),
                )
            }
            Protocol::H2c => (
                before_word(&said, "succeeded,"),
                before_word(&said, "req/s"),
            ),
        };
        Slice {
            cpu_us: cpu / requests,
            per_second,
            p50_us: after_word(&said, "50%"),
            p99_us: after_word(&said, "99%"),
        }
    }
}

/// The number before a word.
fn before_word(text: &str, word: &str) -> f64 {
    let before = text.split(word).next().unwrap_or_default();
    number(before.split_whitespace().next_back())
}

/// The number after a word.
fn after_word(text: &str, word: &str) -> f64 {
    let after = text.split(word).nth(1).unwrap_or_default();
    number(after.split_whitespace().next())
}

/// A number, a time in microseconds; none where there is none, as h2load tells no percentiles.
fn number(text: Option<&str>) -> f64 {
    let text = text.unwrap_or_default();
    let (digits, factor) = [("us", 1.0), ("ms", 1e3), ("s", 1e6)]
        .into_iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))
        .unwrap_or((text, 1.0));
    digits
        .parse()
        .map_or(f64::NAN, |number: f64| number * factor)
}
