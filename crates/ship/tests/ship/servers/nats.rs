//! Servers of NATS.

use std::{
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use super::free_port;
use crate::{certificates::Certificate, log::Directory};

/// One server, with what it stores in a directory of its own.
pub(crate) struct Nats {
    port: u16,
    arguments: Vec<String>,
    directory: Directory,
    process: Option<Child>,
}

impl Nats {
    /// None where no services are to be used.
    pub(crate) fn start() -> Option<Self> {
        Self::start_with(Vec::new())
    }

    pub(crate) fn start_with_certificate(certificate: &Certificate) -> Option<Self> {
        let (certificate, key) = (certificate.certificate.display(), certificate.key.display());
        // By default the server ends a handshake that takes more than two seconds, as one may on a slow machine.
        let seconds = crate::LIMIT.as_secs();
        Self::start_with_config(&format!(
            r#"tls {{ cert_file: "{certificate}", key_file: "{key}", timeout: {seconds} }}"#
        ))
    }

    /// With a file that says who may do what, as `authorization` of the server's configuration.
    pub(crate) fn start_with_users(authorization: &str) -> Option<Self> {
        Self::start_with_config(&format!("authorization {{ {authorization} }}"))
    }

    fn start_with_config(text: &str) -> Option<Self> {
        let directory = Directory::new();
        let config = directory.file("nats.conf");
        std::fs::write(&config, text).expect("a file");
        Self::start_with(vec![format!("--config={}", config.display())])
    }

    fn start_with(arguments: Vec<String>) -> Option<Self> {
        std::env::var_os("BODY_LOGGER_TEST_NATS")?;
        let mut server = Self {
            port: free_port(),
            arguments,
            directory: Directory::new(),
            process: None,
        };
        server.restart();
        Some(server)
    }

    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("a process");
            process.wait().expect("a process");
        }
    }

    /// Has it lose what it stores, from its next start on.
    pub(crate) fn forget(&mut self) {
        self.directory = Directory::new();
    }

    pub(crate) fn restart(&mut self) {
        let process = Command::new("nats-server")
            .args(["-js", "-a", "127.0.0.1", "-p", &self.port.to_string()])
            .arg("-sd")
            .arg(self.directory.path())
            .args(&self.arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        self.process = Some(process.expect("the program `nats-server`"));
        crate::until(|| TcpStream::connect(self.address()).is_ok());
    }
}

impl Drop for Nats {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Three servers that replicate streams.
pub(crate) struct Cluster {
    pub(crate) servers: Vec<Nats>,
}

impl Cluster {
    /// None where no services are to be used.
    pub(crate) fn start() -> Option<Self> {
        let ports: [u16; 3] = std::array::from_fn(|_| free_port());
        let routes = ports.map(|port| format!("nats://127.0.0.1:{port}"));
        let servers = ports.iter().zip(1..).map(|(port, number)| {
            Nats::start_with(vec![
                format!("--name=server-{number}"),
                "--cluster_name=test".to_owned(),
                format!("--cluster=nats://127.0.0.1:{port}"),
                format!("--routes={}", routes.join(",")),
            ])
        });
        Some(Self {
            servers: servers.collect::<Option<_>>()?,
        })
    }

    /// All of them, with commas between.
    pub(crate) fn addresses(&self) -> String {
        let addresses: Vec<_> = self.servers.iter().map(Nats::address).collect();
        addresses.join(",")
    }
}
