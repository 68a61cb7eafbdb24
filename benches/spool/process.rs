//! The server's process, from outside.

use std::{
    env, fs,
    io::{self, BufRead as _, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
};

pub(crate) struct Server {
    pub(crate) addr: SocketAddr,
    child: Child,
}

impl Server {
    pub(crate) fn start(mode: &str, directory: &Path) -> io::Result<Self> {
        let mut child = Command::new(env::current_exe()?)
            .args(["server", mode])
            .arg(directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        let output = child
            .stdout
            .take()
            .ok_or_else(|| io::Error::other("no output"))?;
        BufReader::new(output).read_line(&mut line)?;
        let addr = line.trim().parse().map_err(io::Error::other)?;
        Ok(Self { addr, child })
    }

    /// Resident memory in KiB: now (`VmRSS`), or its highest (`VmHWM`).
    pub(crate) fn resident(&self, of: &str) -> io::Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(of));
        let number = line.and_then(|line| line.trim_matches([':', '\t', ' ']).strip_suffix(" kB"));
        let number = number.and_then(|it| it.trim().parse().ok());
        number.ok_or_else(|| io::Error::other(format!("no {of}")))
    }

    /// Forgets the highest value.
    pub(crate) fn reset_peak(&self) -> io::Result<()> {
        fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5")
    }

    /// Ends it, once its records are written.
    pub(crate) fn stop(mut self) -> io::Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait()?;
        if status.success() {
            Ok(())
        } else {
            Err(io::Error::other(format!("the server failed: {status}")))
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
