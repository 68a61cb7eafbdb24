//! A server of PostgreSQL.

use std::{
    fs,
    os::unix::{fs::chown, process::CommandExt},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use super::free_port;
use crate::{certificates::Certificate, log::Directory};

/// One server, with its data in a directory of its own. It trusts whoever connects.
pub(crate) struct Postgres {
    port: u16,
    programs: PathBuf,
    directory: Directory,
    /// The user that it runs as, where that cannot be us.
    owner: Option<u32>,
    process: Option<Child>,
}

impl Postgres {
    /// None where no services are to be used, or the programs are not there.
    pub(crate) fn start() -> Option<Self> {
        std::env::var_os("BODY_LOGGER_TEST_POSTGRES")?;
        let mut server = Self {
            port: free_port(),
            programs: programs()?,
            directory: Directory::new(),
            owner: owner()?,
            process: None,
        };
        server.give(server.directory.path());
        let made = server
            .command("initdb")
            .args(["-A", "trust", "-U", "root", "--no-sync", "-D"])
            .arg(server.data())
            .stdout(Stdio::null())
            .status();
        assert!(made.expect("the program `initdb`").success());
        server.restart();
        Some(server)
    }

    fn data(&self) -> PathBuf {
        self.directory.file("data")
    }

    /// The server refuses to run as root, and to take over what others own.
    fn give(&self, path: &Path) {
        if let Some(owner) = self.owner {
            chown(path, Some(owner), None).expect("a file of ours");
        }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.current_dir(self.directory.path());
        if let Some(owner) = self.owner {
            command.uid(owner);
        }
        command
    }

    /// The server offers encryption from its next start on.
    pub(crate) fn use_certificate(&self, certificate: &Certificate) {
        for (from, to) in [
            (&certificate.certificate, "server.crt"),
            (&certificate.key, "server.key"),
        ] {
            let to = self.data().join(to);
            fs::copy(from, &to).expect("a file");
            self.give(&to);
        }
        let file = self.data().join("postgresql.auto.conf");
        fs::write(file, "ssl = on\n").expect("a file");
    }

    pub(crate) fn url(&self) -> String {
        format!("postgres://root@127.0.0.1:{}/postgres", self.port)
    }

    /// Its processes notice that the first one is gone, and end.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("a process");
            process.wait().expect("a process");
        }
    }

    /// Starts it when the one before has ended altogether.
    pub(crate) fn restart(&mut self) {
        let port = self.port.to_string();
        crate::until(|| {
            let process = self
                .command("postgres")
                .args(["-p", &port, "-h", "127.0.0.1", "-D"])
                .arg(self.data())
                .arg("-k")
                .arg(self.directory.path())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn();
            let mut process = process.expect("the program `postgres`");
            let ready = loop {
                let is_ready = self
                    .command("pg_isready")
                    .args(["-q", "-h", "127.0.0.1", "-p", &port])
                    .status();
                if is_ready.expect("the program `pg_isready`").success() {
                    break true;
                }
                if process.try_wait().expect("a process").is_some() {
                    break false;
                }
            };
            if ready {
                self.process = Some(process);
            }
            ready
        });
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Debian has them in no path.
fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let programs = versions.filter_map(|version| Some(version.ok()?.path().join("bin")));
    programs.filter(|it| it.join("initdb").exists()).max()
}

/// The user `postgres` where we are root; none where there is no such user.
fn owner() -> Option<Option<u32>> {
    let id = |path: &str| {
        use std::os::unix::fs::MetadataExt;
        fs::metadata(path).map(|metadata| metadata.uid())
    };
    if id("/proc/self").ok()? != 0 {
        return Some(None);
    }
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let user = users
        .lines()
        .find_map(|line| line.strip_prefix("postgres:"))?;
    Some(Some(user.split(':').nth(1)?.parse().ok()?))
}
