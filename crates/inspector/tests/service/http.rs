//! Requests as they are written on a socket, with headers that no client library would send.

use std::{
    io::{ErrorKind, Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

/// A response, as text.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// Whether it shows neither a record nor the page.
    #[track_caller]
    pub(crate) fn shows_nothing(&self) {
        for word in ["orders", "app.js", "Exchanges"] {
            assert!(!self.body.contains(word), "{word}: {self:?}");
        }
    }
}

/// Sends a request with these lines after the `Host` of the server, unless they have another one.
pub(crate) fn send(to: SocketAddr, request: &str, headers: &[&str], body: &str) -> Response {
    let mut stream = TcpStream::connect(to).expect("a server");
    stream
        .set_read_timeout(Some(Duration::from_secs(20)))
        .expect("a socket");
    let mut text = format!("{request} HTTP/1.1\r\nconnection: close\r\n");
    if !headers
        .iter()
        .any(|header| header.to_lowercase().starts_with("host:"))
    {
        text += &format!("host: {to}\r\n");
    }
    for header in headers {
        text += &format!("{header}\r\n");
    }
    if !body.is_empty() {
        text += &format!("content-length: {}\r\n", body.len());
    }
    text += &format!("\r\n{body}");
    stream.write_all(text.as_bytes()).expect("a request");
    let answer = read(&mut stream);
    let answer = String::from_utf8_lossy(&answer);
    let (head, body) = answer.split_once("\r\n\r\n").expect("a response");
    let is_chunked = head.to_lowercase().contains("transfer-encoding: chunked");
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    Response {
        status: status.expect("a status"),
        head: head.to_owned(),
        body: if is_chunked {
            joined(body)
        } else {
            body.to_owned()
        },
    }
}

/// Reads until the other end closes, or what it announced is there.
fn read(stream: &mut TcpStream) -> Vec<u8> {
    let (mut answer, mut part) = (Vec::new(), vec![0; 1 << 16]);
    let mut end = None;
    while end.is_none_or(|end| answer.len() < end) {
        let length = match stream.read(&mut part) {
            // As Linux does when a process goes on after it was stopped.
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            length => length.expect("a response"),
        };
        if length == 0 {
            break;
        }
        answer.extend_from_slice(&part[..length]);
        if end.is_none() {
            let text = String::from_utf8_lossy(&answer).to_lowercase();
            let head = text.split_once("\r\n\r\n").map(|(head, _)| head);
            let announced = head.and_then(|head| head.split("\r\ncontent-length:").nth(1));
            let announced =
                announced.and_then(|rest| rest.split("\r\n").next()?.trim().parse().ok());
            let body = announced.map(|length: usize| head.map_or(0, str::len) + 4 + length);
            end = body.or(head.map(|_| usize::MAX));
        }
    }
    answer
}

/// The content of a body in chunks, all ASCII.
fn joined(mut body: &str) -> String {
    let mut content = String::new();
    loop {
        let (length, rest) = body.split_once("\r\n").expect("a chunk");
        let length = usize::from_str_radix(length, 16).expect("its length");
        if length == 0 {
            return content;
        }
        content += &rest[..length];
        body = &rest[length + 2..];
    }
}

pub(crate) fn get(to: SocketAddr, path: &str, headers: &[&str]) -> Response {
    send(to, &format!("GET {path}"), headers, "")
}
