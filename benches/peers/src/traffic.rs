//! What goes over a connection.

use bytes::Bytes;

use crate::wire::Requests;

/// The body of the answer to [`Traffic::Get`].
pub(crate) const HELLO: &str = r#"{"hello":"w"}"#;

/// The size of the pieces of [`Traffic::Chunks`].
pub(crate) const CHUNK: usize = 1 << 10;

/// How many bytes a download or an upload is.
pub const BULK: u64 = 1 << 30;

/// How many events a slow stream has, and the milliseconds between two.
pub const EVENTS: usize = 50;
pub(crate) const EVENT_EVERY: u64 = 10;

/// What one exchange is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traffic {
    /// A request without a body is answered with 13 bytes.
    Get,
    /// 1 KiB of JSON is sent back as it came.
    Post1K,
    /// 64 KiB of JSON are, collected first.
    Post64K,
    /// They come in chunks of 1 KiB, and are sent back in such.
    Chunks,
}

impl Traffic {
    pub const ALL: [Self; 4] = [Self::Get, Self::Post1K, Self::Post64K, Self::Chunks];

    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET 13 B",
            Self::Post1K => "POST 1 KiB",
            Self::Post64K => "POST 64 KiB",
            Self::Chunks => "64 chunks of 1 KiB",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|traffic| traffic.name() == name)
    }

    /// The path, and the body where it has one: for exchanges with bodies of known size.
    pub fn request(self) -> (&'static str, Option<String>) {
        match self {
            Self::Get => ("/hello", None),
            Self::Post1K => ("/echo", Some(json(1 << 10))),
            Self::Post64K | Self::Chunks => ("/echo", Some(json(64 << 10))),
        }
    }

    pub(crate) fn requests(self) -> Requests {
        let sized = |size: usize| {
            let body = json(size);
            let head = head("POST /echo", &format!("content-length: {size}\r\n"));
            Requests {
                pieces: vec![format!("{head}{body}").into()],
                answers_end: vec![Bytes::from(body).slice(size - 64..)],
            }
        };
        match self {
            Self::Get => Requests {
                pieces: vec![head("GET /hello", "").into()],
                answers_end: vec![HELLO.into()],
            },
            Self::Post1K => sized(1 << 10),
            Self::Post64K => sized(64 << 10),
            Self::Chunks => {
                let body = json(64 << 10);
                let mut pieces =
                    vec![head("POST /stream", "transfer-encoding: chunked\r\n").into()];
                for chunk in body.as_bytes().chunks(CHUNK) {
                    pieces.push([b"400\r\n", chunk, b"\r\n"].concat().into());
                }
                pieces.push("0\r\n\r\n".into());
                Requests {
                    pieces,
                    // Some middleware makes one piece of it.
                    answers_end: vec!["0\r\n\r\n".into(), Bytes::from(body).slice((63 << 10)..)],
                }
            }
        }
    }
}

fn head(line: &str, more: &str) -> String {
    let kind = if more.is_empty() {
        ""
    } else {
        "content-type: application/json\r\n"
    };
    let client = "host: localhost:8080\r\nuser-agent: curl/8.14.1\r\naccept: */*\r\n";
    format!("{line} HTTP/1.1\r\n{client}{kind}{more}\r\n")
}

/// A document of just so many bytes.
fn json(size: usize) -> String {
    let mut text = String::from("[");
    for n in 0.. {
        let record = format!(
            r#"{{"id":{n},"name":"user {n}","email":"user{n}@example.org","active":true,"password":"s3cret-{n}","roles":["reader","writer"],"balance":{n}.25}},"#
        );
        if text.len() + record.len() + r#""""#.len() + 1 > size {
            break;
        }
        text.push_str(&record);
    }
    let padding = size - text.len() - 3;
    format!("{text}\"{}\"]", "x".repeat(padding))
}
