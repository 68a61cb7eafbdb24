//! A table of PostgreSQL and a stream of NATS, which are gone when the test is over.

use std::{
    env,
    io::{BufRead, BufReader},
    net::TcpStream,
};

use super::super::*;

/// The URL of a destination of its own. `None` where the service is not there.
pub(super) struct Place {
    pub(super) url: String,
    remove: Box<dyn Fn()>,
}

impl Place {
    /// All that are there.
    pub(super) fn all(test: &str) -> Vec<Self> {
        [Self::table(test), Self::stream(test)]
            .into_iter()
            .flatten()
            .collect()
    }

    pub(super) fn table(test: &str) -> Option<Self> {
        let server = env::var("BODY_LOGGER_TEST_POSTGRES").ok()?;
        let table = format!("cli_{}_{test}", std::process::id());
        Some(Self {
            url: format!("{server}?sslmode=disable&table={table}"),
            remove: Box::new(move || {
                // Without it, an empty database has one more table.
                let drop = format!("DROP TABLE IF EXISTS {table}, {table}_version");
                let _ = Command::new("psql").args([&server, "-qc", &drop]).output();
            }),
        })
    }

    pub(super) fn stream(test: &str) -> Option<Self> {
        let server = env::var("BODY_LOGGER_TEST_NATS").ok()?;
        let stream = format!("CLI_{}_{test}", std::process::id());
        let service = format!("{stream}-orders");
        let subject = format!("{stream}.{{service}}.{{instance}}.{{status_class}}");
        Some(Self {
            url: format!(
                "nats://{server}?stream={stream}&service={service}&instance=one&subject={subject}"
            ),
            remove: Box::new(move || {
                let _ = remove_stream(&server, &stream);
            }),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        (self.remove)();
    }
}

fn remove_stream(server: &str, stream: &str) -> std::io::Result<()> {
    let mut connection = TcpStream::connect(server)?;
    connection.set_read_timeout(Some(PATIENCE))?;
    let request = format!("CONNECT {{}}\r\nPUB $JS.API.STREAM.DELETE.{stream} 0\r\n\r\nPING\r\n");
    connection.write_all(request.as_bytes())?;
    let mut lines = BufReader::new(connection).lines();
    lines.find(|line| line.as_ref().is_ok_and(|line| line == "PONG"));
    Ok(())
}
