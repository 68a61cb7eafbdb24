//! What goes over a connection.

use std::sync::LazyLock;

use bytes::Bytes;

use crate::wire::Requests;

/// The body of the answer to [`Traffic::Get`].
pub(crate) const HELLO: &str = r#"{"hello":"w"}"#;

/// The size of [`Traffic::Down`] and [`Traffic::Up`], and of their pieces.
pub(crate) const LARGE: usize = 1 << 20;
const PIECE: usize = 64 << 10;

/// The size of the pieces of [`Traffic::Chunks`].
pub(crate) const CHUNK: usize = 1 << 10;

/// How many bytes a download or an upload over loopback is.
pub const BULK: u64 = 1 << 30;

/// How many events a slow stream has, and the milliseconds between two.
pub const EVENTS: usize = 50;
pub(crate) const EVENT_EVERY: u64 = 10;

const JSON: &str = "content-type: application/json\r\n";

/// What one exchange is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Traffic {
    /// A request without a body is answered with 13 bytes.
    Get,
    /// 1 KiB of JSON is sent back as it came.
    Post1K,
    /// 1,300 bytes of it are.
    Post1300,
    /// 64 KiB of JSON are, collected first.
    Post64K,
    /// They come in chunks of 1 KiB, and are sent back in such.
    Chunks,
    /// 1 MiB of text, which is not captured, is streamed to the client.
    Down,
    /// As much comes from it.
    Up,
}

impl Traffic {
    /// Those of which the worker's cost is counted.
    pub const ALL: [Self; 6] = [
        Self::Get,
        Self::Post1K,
        Self::Post64K,
        Self::Chunks,
        Self::Down,
        Self::Up,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET 13 B",
            Self::Post1K => "POST 1 KiB",
            Self::Post1300 => "POST 1.3 KB",
            Self::Post64K => "POST 64 KiB",
            Self::Chunks => "64 chunks of 1 KiB",
            Self::Down => "1 MiB down",
            Self::Up => "1 MiB up",
        }
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        let all = Self::ALL.into_iter().chain([Self::Post1300]);
        { all }.find(|traffic| traffic.name() == name)
    }

    /// The path, and the body where it has one: for exchanges with bodies of known size.
    pub fn request(self) -> (&'static str, Option<String>) {
        match self {
            Self::Get => ("/hello", None),
            Self::Post1K => ("/echo", Some(json(1 << 10))),
            Self::Post1300 => ("/echo", Some(json(1300))),
            Self::Post64K | Self::Chunks => ("/echo", Some(json(64 << 10))),
            Self::Down => ("/large", None),
            Self::Up => ("/upload", Some(json(LARGE))),
        }
    }

    pub(crate) fn requests(self) -> Requests {
        let sized = |size: usize| {
            let body = json(size);
            let head = head("POST /echo", &format!("{JSON}content-length: {size}\r\n"));
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
            Self::Post1300 => sized(1300),
            Self::Post64K => sized(64 << 10),
            Self::Down => Requests {
                pieces: vec![head("GET /large", "").into()],
                answers_end: large()
                    .last()
                    .map(|last| last.slice(PIECE - 64..))
                    .into_iter()
                    .collect(),
            },
            Self::Up => {
                let length = format!("content-type: text/plain\r\ncontent-length: {LARGE}\r\n");
                let head = head("POST /upload", &length).into();
                Requests {
                    pieces: [head].into_iter().chain(large()).collect(),
                    answers_end: vec![LARGE.to_string().into()],
                }
            }
            Self::Chunks => {
                let body = json(64 << 10);
                let mut pieces = vec![head(
                    "POST /stream",
                    &format!("{JSON}transfer-encoding: chunked\r\n"),
                )
                .into()];
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
    let client = "host: localhost:8080\r\nuser-agent: curl/8.14.1\r\naccept: */*\r\n";
    format!("{line} HTTP/1.1\r\n{client}{more}\r\n")
}

/// What goes down or up in [`Traffic::Down`] and [`Traffic::Up`], in pieces.
pub(crate) fn large() -> impl Iterator<Item = Bytes> {
    static BODY: LazyLock<Bytes> = LazyLock::new(|| json(LARGE).into());
    (0..LARGE)
        .step_by(PIECE)
        .map(|at| BODY.slice(at..at + PIECE))
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
