//! What clients send, and how they behave.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpStream},
    sync::LazyLock,
    time::Duration,
};

/// How long a server may take for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// A JSON document of 1 MiB.
pub(crate) static BULK: LazyLock<String> = LazyLock::new(|| {
    let item = r#"{"name":"server","price":1.10,"password":"secret"}"#;
    let count = (1 << 20) / (item.len() + 1);
    format!("[{}]", vec![item; count].join(","))
});

pub(crate) static CHUNK: [u8; 64 * 1024] = [b'x'; 64 * 1024];

/// A POST of a JSON document.
pub(crate) fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

pub(crate) fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n").into_bytes()
}

/// A connection, and what was read past the last answer.
pub(crate) struct Client {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Client {
    pub(crate) fn connect(addr: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(addr)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: vec![0; 256 * 1024],
        })
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes)
    }

    /// Sends a request and reads its answer, whose length is told.
    pub(crate) fn exchange(&mut self, request: &[u8]) -> io::Result<()> {
        self.send(request)?;
        let mut read = 0;
        let (head, length) = loop {
            read += self.read(read)?;
            let end = self.buffer[..read]
                .windows(4)
                .position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                break (end + 4, length(&self.buffer[..end])?);
            }
        };
        let mut left = (head + length).saturating_sub(read);
        while left > 0 {
            left = left.saturating_sub(self.read(0)?);
        }
        Ok(())
    }

    /// Reads some of an answer and does not care for the rest.
    pub(crate) fn taste(&mut self, reads: usize) -> io::Result<()> {
        for _ in 0..reads {
            self.read(0)?;
        }
        Ok(())
    }

    fn read(&mut self, at: usize) -> io::Result<usize> {
        match self.stream.read(&mut self.buffer[at..])? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            read => Ok(read),
        }
    }
}

fn length(head: &[u8]) -> io::Result<usize> {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let lines = head.split("\r\n");
    let mut lengths = lines.filter_map(|line| line.strip_prefix("content-length: "));
    let length = lengths.next().and_then(|value| value.parse().ok());
    length.ok_or_else(|| io::Error::other(format!("no length: {head}")))
}
