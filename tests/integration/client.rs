//! A client that writes bytes to a socket and sees every byte that comes back.

use std::{
    io::{self, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    time::Duration,
};

use crate::app::PATIENCE;

/// One connection.
pub struct Client {
    stream: TcpStream,
    unread: Vec<u8>,
}

/// A response as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    /// Names in lower case, in the order of the wire.
    pub headers: Vec<(String, String)>,
    /// Without its framing.
    pub body: Vec<u8>,
    /// The sizes of its chunks, where it came in chunks.
    pub chunks: Option<Vec<usize>>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body of text")
    }
}

impl Client {
    pub fn connect(addr: SocketAddr) -> Self {
        let stream = TcpStream::connect(addr).expect("a server that listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
        stream.set_nodelay(true).expect("a socket option");
        Self {
            stream,
            unread: Vec::new(),
        }
    }

    /// Sends bytes as they are.
    #[track_caller]
    pub fn send(&mut self, bytes: impl AsRef<[u8]>) -> &mut Self {
        self.stream.write_all(bytes.as_ref()).expect("a write");
        self
    }

    /// A second handle to write with while this one reads.
    pub fn writer(&self) -> TcpStream {
        self.stream.try_clone().expect("a socket")
    }

    /// Sends bytes to a server that may have hung up.
    pub fn try_send(&mut self, bytes: &[u8]) {
        // What came of it shows in what the server answers.
        let _ = self.stream.write_all(bytes);
    }

    /// Says that no more will be sent to a server that may have hung up.
    pub fn try_finish(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Sends a GET and reads the answer.
    #[track_caller]
    pub fn get(&mut self, target: &str) -> Response {
        self.send(format!("GET {target} HTTP/1.1\r\nhost: test\r\n\r\n"))
            .response()
    }

    /// Sends a POST with a body of a known length and reads the answer.
    #[track_caller]
    pub fn post(&mut self, target: &str, media_type: &str, body: impl AsRef<[u8]>) -> Response {
        let body = body.as_ref();
        let head = format!(
            "POST {target} HTTP/1.1\r\nhost: test\r\ncontent-type: {media_type}\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        self.send([head.as_bytes(), body].concat()).response()
    }

    /// Reads one response with its body.
    #[track_caller]
    pub fn response(&mut self) -> Response {
        self.response_to("GET")
    }

    /// Reads the response to a request of this method.
    #[track_caller]
    pub fn response_to(&mut self, method: &str) -> Response {
        let mut response = self.head();
        let bodiless = method == "HEAD" || matches!(response.status, 100..=199 | 204 | 304);
        if bodiless {
            return response;
        }
        if response.header("transfer-encoding") == Some("chunked") {
            let mut sizes = Vec::new();
            while let Some(chunk) = self.chunk() {
                sizes.push(chunk.len());
                response.body.extend(chunk);
            }
            response.chunks = Some(sizes);
        } else if let Some(length) = response.header("content-length") {
            let length = length.parse().expect("a length");
            response.body = self.exactly(length);
        } else {
            response.body = self.rest().expect("a body until the end of the connection");
        }
        response
    }

    /// Reads a response's head only.
    #[track_caller]
    pub fn head(&mut self) -> Response {
        let head = self.until(b"\r\n\r\n");
        let head = String::from_utf8(head).expect("a head of text");
        let mut lines = head.trim_end().split("\r\n");
        let status_line = lines.next().expect("a status line");
        let status = status_line.split(' ').nth(1).expect("a status");
        Response {
            status: status.parse().expect("a status"),
            headers: lines
                .map(|line| {
                    let (name, value) = line.split_once(':').expect("a header");
                    (name.to_ascii_lowercase(), value.trim().to_owned())
                })
                .collect(),
            body: Vec::new(),
            chunks: None,
        }
    }

    /// Reads one chunk of a chunked body; none at its end.
    #[track_caller]
    pub fn chunk(&mut self) -> Option<Vec<u8>> {
        let size = String::from_utf8(self.until(b"\r\n")).expect("a size");
        let size = usize::from_str_radix(size.trim(), 16).expect("a size");
        let mut chunk = self.exactly(size + 2);
        chunk.truncate(size);
        (size > 0).then_some(chunk)
    }

    /// Reads a number of bytes.
    #[track_caller]
    pub fn exactly(&mut self, count: usize) -> Vec<u8> {
        while self.unread.len() < count {
            assert!(self.fill().expect("a read") > 0, "the server hung up");
        }
        self.unread.drain(..count).collect()
    }

    /// Reads through the next `mark`.
    #[track_caller]
    pub fn until(&mut self, mark: &[u8]) -> Vec<u8> {
        loop {
            let found = self.unread.windows(mark.len()).position(|w| w == mark);
            if let Some(at) = found {
                return self.unread.drain(..at + mark.len()).collect();
            }
            let read = self.fill().expect("a read");
            let so_far = String::from_utf8_lossy(&self.unread);
            assert!(read > 0, "the server hung up after {so_far:?}");
        }
    }

    /// Waits until there is something to read, and leaves it.
    #[track_caller]
    pub fn wait_readable(&mut self) {
        let readable = uninterrupted(|| self.stream.peek(&mut [0])).expect("a peek");
        assert!(readable > 0, "the server hung up");
    }

    /// Whether nothing comes for a moment. It is a moment too short to prove it, and long enough to see most that does.
    pub fn is_silent(&mut self) -> bool {
        const MOMENT: Duration = Duration::from_millis(50);
        self.stream
            .set_read_timeout(Some(MOMENT))
            .expect("a timeout");
        let peeked = uninterrupted(|| self.stream.peek(&mut [0]));
        self.stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a timeout");
        let timed_out = [io::ErrorKind::WouldBlock, io::ErrorKind::TimedOut];
        self.unread.is_empty() && peeked.is_err_and(|error| timed_out.contains(&error.kind()))
    }

    /// Reads until the server hangs up.
    pub fn rest(&mut self) -> io::Result<Vec<u8>> {
        while self.fill()? > 0 {}
        Ok(std::mem::take(&mut self.unread))
    }

    /// Reads up to the end that `end` finds in what has come so far, or until the server hangs up
    /// or breaks the connection. Returns what it read, and whether the end was found.
    pub fn until_hung_up_or(
        &mut self,
        end: impl Fn(&[u8]) -> Option<usize>,
    ) -> io::Result<(Vec<u8>, bool)> {
        loop {
            if let Some(end) = end(&self.unread) {
                return Ok((self.unread.drain(..end).collect(), true));
            }
            let read = match self.fill() {
                Err(error) if error.kind() == io::ErrorKind::ConnectionReset => 0,
                read => read?,
            };
            if read == 0 {
                return Ok((std::mem::take(&mut self.unread), false));
            }
        }
    }

    /// Whether the server has hung up, as a client finds out: it reads and there is nothing.
    #[track_caller]
    pub fn is_hung_up(&mut self) -> bool {
        let rest = match self.rest() {
            Ok(rest) => rest,
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => Vec::new(),
            Err(error) => panic!("{error}"),
        };
        assert!(rest.is_empty(), "{:?}", String::from_utf8_lossy(&rest));
        true
    }

    /// Says that no more will be sent, and goes on reading.
    pub fn finish(&mut self) -> &mut Self {
        self.stream.shutdown(Shutdown::Write).expect("a shutdown");
        self
    }

    /// Breaks the connection at once, with a reset.
    pub fn reset(self) {
        let socket = socket2::Socket::from(self.stream);
        socket
            .set_linger(Some(std::time::Duration::ZERO))
            .expect("a socket option");
    }

    fn fill(&mut self) -> io::Result<usize> {
        let mut buffer = [0; 64 * 1024];
        let read = uninterrupted(|| self.stream.read(&mut buffer))?;
        self.unread.extend_from_slice(&buffer[..read]);
        Ok(read)
    }
}

/// Reads again where reading was interrupted, as Linux does with a read that has a time limit when a process goes on after it
/// was stopped.
pub fn uninterrupted(mut read: impl FnMut() -> io::Result<usize>) -> io::Result<usize> {
    loop {
        match read() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}
