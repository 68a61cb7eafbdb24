//! Servers of our own that keep what they are sent.

use std::{
    io::{BufRead, BufReader, Read},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

use flate2::read::GzDecoder;

use super::super::*;

/// A server that lets nobody in. It keeps what clients say of themselves.
pub(super) struct Gate {
    pub(super) port: u16,
    presented: Arc<Mutex<Vec<u8>>>,
}

impl Gate {
    /// `refuse` answers a client, and returns what it has presented.
    fn listen(refuse: fn(&mut TcpStream) -> std::io::Result<Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let gate = Self {
            port: listener.local_addr().expect("a port").port(),
            presented: Arc::default(),
        };
        let presented = Arc::clone(&gate.presented);
        thread::spawn(move || {
            for client in listener.incoming() {
                // A client may give up at any time.
                if let Ok(said) = client.and_then(|mut client| refuse(&mut client)) {
                    presented.lock().expect("no panic").extend(said);
                }
            }
        });
        gate
    }

    /// As a server of NATS with users.
    pub(super) fn nats() -> Self {
        Self::listen(|client| {
            let info = r#"{"server_id":"gate","version":"2.10.0","proto":1,"headers":true,"max_payload":1048576,"auth_required":true,"nonce":"c2lnbiB0aGlz"}"#;
            write!(client, "INFO {info}\r\n")?;
            let mut said = String::new();
            let mut lines = BufReader::new(client.try_clone()?);
            while !said.contains("CONNECT ") {
                if lines.read_line(&mut said)? == 0 {
                    break;
                }
            }
            client.write_all(b"-ERR 'Authorization Violation'\r\n")?;
            Ok(said.into_bytes())
        })
    }

    /// As a server of PostgreSQL that asks for a password in clear text.
    pub(super) fn postgres() -> Self {
        Self::listen(|client| {
            message(client)?;
            client.write_all(b"R\0\0\0\x08\0\0\0\x03")?;
            client.read_exact(&mut [0])?;
            let said = message(client)?;
            let fields = b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed\0\0";
            client.write_all(b"E")?;
            client.write_all(&(fields.len() as u32 + 4).to_be_bytes())?;
            client.write_all(fields)?;
            Ok(said)
        })
    }

    /// As a receiver of OTLP.
    pub(super) fn otlp() -> Self {
        Self::listen(|client| {
            let (head, _) = request(&mut BufReader::new(client.try_clone()?))?;
            client.write_all(b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n")?;
            Ok(head.into_bytes())
        })
    }

    pub(super) fn was_presented(&self, secret: &str) -> bool {
        let presented = self.presented.lock().expect("no panic");
        String::from_utf8_lossy(&presented).contains(secret)
    }
}

/// A message of PostgreSQL behind its kind.
fn message(client: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 4];
    client.read_exact(&mut length)?;
    let mut message = vec![0; u32::from_be_bytes(length) as usize - 4];
    client.read_exact(&mut message)?;
    Ok(message)
}

fn request(client: &mut impl BufRead) -> std::io::Result<Request> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if client.read_line(&mut head)? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.parse::<usize>().ok())?
    });
    let mut body = vec![0; length.unwrap_or(0)];
    client.read_exact(&mut body)?;
    Ok((head, body))
}

/// A request: its head and its body.
type Request = (String, Vec<u8>);

/// A receiver of OTLP that accepts all.
pub(super) struct Collector {
    pub(super) url: String,
    received: Arc<Mutex<Vec<Request>>>,
}

impl Collector {
    pub(super) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let collector = Self {
            url: format!("http://{}", listener.local_addr().expect("a port")),
            received: Arc::default(),
        };
        let received = Arc::clone(&collector.received);
        thread::spawn(move || {
            for client in listener.incoming() {
                let (received, client) = (Arc::clone(&received), client.expect("a client"));
                thread::spawn(move || {
                    let mut requests = BufReader::new(&client);
                    while let Ok(request) = request(&mut requests) {
                        received.lock().expect("no panic").push(request);
                        let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
                        if (&client).write_all(answer).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        collector
    }

    /// The heads of all requests.
    pub(super) fn heads(&self) -> Vec<String> {
        let received = self.received.lock().expect("no panic");
        received.iter().map(|(head, _)| head.clone()).collect()
    }

    /// The bodies of all log records, as the numbers in the protocol's specification lead to them.
    pub(super) fn entries(&self) -> Vec<String> {
        const RESOURCE_LOGS: u64 = 1;
        const SCOPE_LOGS: u64 = 2;
        const LOG_RECORDS: u64 = 2;
        const BODY: u64 = 5;
        const STRING_VALUE: u64 = 1;

        let received = self.received.lock().expect("no panic");
        let mut messages: Vec<Vec<u8>> = received
            .iter()
            .map(|(_, body)| {
                let mut message = Vec::new();
                let read = GzDecoder::new(&body[..]).read_to_end(&mut message);
                read.expect("gzip");
                message
            })
            .collect();
        for number in [RESOURCE_LOGS, SCOPE_LOGS, LOG_RECORDS, BODY, STRING_VALUE] {
            messages = messages
                .iter()
                .flat_map(|message| members(message, number))
                .collect();
        }
        let texts = messages.into_iter().map(String::from_utf8);
        texts.collect::<Result<_, _>>().expect("text")
    }
}

/// The members of a message of protobuf that have this number and a length.
fn members(mut message: &[u8], number: u64) -> Vec<Vec<u8>> {
    let mut members = Vec::new();
    while !message.is_empty() {
        let key = varint(&mut message);
        let length = match key & 7 {
            0 => {
                varint(&mut message);
                continue;
            }
            1 => 8,
            2 => varint(&mut message) as usize,
            5 => 4,
            other => panic!("type {other}"),
        };
        let (member, rest) = message.split_at(length);
        if (key >> 3, key & 7) == (number, 2) {
            members.push(member.to_vec());
        }
        message = rest;
    }
    members
}

fn varint(message: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..).step_by(7) {
        let byte = message[0];
        *message = &message[1..];
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    value
}
