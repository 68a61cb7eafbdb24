//! What is said on one connection, kept so that it can be compared whole.

use std::{fmt, io};

use crate::app::TestApp;

/// Bytes to send, and when.
#[derive(Clone)]
pub struct Case {
    pub name: String,
    /// The methods of the requests in `sent`.
    methods: Vec<&'static str>,
    sent: Vec<u8>,
    /// Sent when the server has said that it wants it.
    after_continue: Option<Vec<u8>>,
    finishes: bool,
}

impl Case {
    /// A request without a body.
    pub fn new(method: &'static str, target: &str) -> Self {
        Self {
            name: format!("{method} {target}"),
            methods: vec![method],
            sent: format!("{method} {target} HTTP/1.1\r\nhost: test\r\n\r\n").into_bytes(),
            after_continue: None,
            finishes: false,
        }
    }

    /// A POST whose head gives the length of its body.
    pub fn post(target: &str, media_type: &str, body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        Self::new("POST", target)
            .header(&format!("content-type: {media_type}"))
            .header(&format!("content-length: {}", body.len()))
            .called(&format!("with {} bytes", body.len()))
            .and(body)
    }

    /// A POST whose body comes in chunks of this size.
    pub fn chunked(target: &str, media_type: &str, body: impl AsRef<[u8]>, size: usize) -> Self {
        let body = body.as_ref();
        let mut framed = Vec::new();
        for chunk in body.chunks(size) {
            framed.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
            framed.extend(chunk);
            framed.extend(b"\r\n");
        }
        framed.extend(b"0\r\n\r\n");
        Self::new("POST", target)
            .header(&format!("content-type: {media_type}"))
            .header("transfer-encoding: chunked")
            .called(&format!("with {} bytes in chunks", body.len()))
            .and(framed)
    }

    /// Adds a word to the name.
    pub fn called(mut self, name: &str) -> Self {
        self.name = format!("{}, {name}", self.name);
        self
    }

    /// Adds a header line to the first request.
    pub fn header(mut self, line: &str) -> Self {
        let end = self.sent.windows(2).position(|two| two == b"\r\n");
        let at = end.expect("a request line") + 2;
        self.sent.splice(at..at, format!("{line}\r\n").into_bytes());
        self
    }

    /// Says it in the words of HTTP/1.0.
    pub fn http_10(mut self) -> Self {
        let end = self.sent.windows(4).position(|four| four == b"/1.1");
        self.sent[end.expect("a version") + 3] = b'0';
        self.called("HTTP/1.0")
    }

    /// Sends this right behind.
    pub fn and(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.sent.extend(bytes.as_ref());
        self
    }

    /// Sends another case right behind, without waiting for an answer.
    pub fn pipelined(mut self, next: Self) -> Self {
        self.methods.extend(&next.methods);
        self.sent.extend(next.sent);
        self.called(&next.name)
    }

    /// Asks first whether the body is wanted, and sends it when it is.
    pub fn expecting(mut self, body: &str) -> Self {
        self.after_continue = Some(body.as_bytes().to_vec());
        self.header("expect: 100-continue")
            .header(&format!("content-length: {}", body.len()))
            .called("after 100")
    }

    /// Says after all this that no more will be sent.
    pub fn finishing(mut self) -> Self {
        self.finishes = true;
        self.called("then FIN")
    }
}

/// All that came back.
#[derive(Debug, PartialEq, Eq)]
pub struct Conversation {
    /// To the case itself. The last may have broken off.
    pub answers: Vec<Answer>,
    /// What came after that and is no answer.
    stray: Bytes,
    /// To one more request on the same connection, if it was still open.
    pub next: Option<Answer>,
}

/// One answer as it came over the wire, but for its date and for the order of its headers, which
/// come out of a hash map.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    pub status_line: String,
    pub headers: Vec<String>,
    dated: bool,
    /// With its framing.
    pub body: Bytes,
    /// Whether it was all there when the server hung up.
    pub whole: bool,
}

impl Conversation {
    /// Plays `case` to `app`, and sees whether the connection can be used again.
    #[track_caller]
    pub fn of(case: &Case, app: &TestApp) -> Self {
        Self::play(case, app).unwrap_or_else(|error| panic!("{}: {error}", case.name))
    }

    fn play(case: &Case, app: &TestApp) -> io::Result<Self> {
        let mut client = app.connect();
        client.try_send(&case.sent);
        if case.finishes {
            client.try_finish();
        }
        let mut answers = Vec::<Answer>::new();
        let mut methods = case.methods.iter().peekable();
        while let Some(method) = methods.peek() {
            let (bytes, whole) = client.until_hung_up_or(|bytes| end_of_answer(method, bytes))?;
            if bytes.is_empty() {
                break;
            }
            let answer = Answer::new(&bytes, whole);
            if answer.status() == "100" {
                client.try_send(case.after_continue.as_deref().unwrap_or_default());
            } else {
                methods.next();
            }
            answers.push(answer);
        }

        let open = answers
            .last()
            .is_some_and(|last| last.whole && !last.closes());
        if open && !case.finishes {
            client.try_send(PROBE);
        } else if !case.finishes {
            client.try_finish();
        }
        let (rest, _) = client.until_hung_up_or(|_| None)?;
        let next = rest.windows(9).position(|nine| nine == b"HTTP/1.1 ");
        let (stray, next) = rest.split_at(next.unwrap_or(rest.len()));
        Ok(Self {
            answers,
            stray: Bytes(stray.to_vec()),
            next: (!next.is_empty()).then(|| {
                let whole = end_of_answer("GET", next).is_some();
                Answer::new(next, whole)
            }),
        })
    }

    /// The status of the last answer.
    #[track_caller]
    pub fn status(&self) -> u16 {
        let answer = self.answers.last().expect("an answer");
        answer.status().parse().expect("a status")
    }
}

const PROBE: &[u8] = b"GET /get HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n";

/// Where the answer ends with which `bytes` begin, if it is all there.
pub fn end_of_answer(method: &str, bytes: &[u8]) -> Option<usize> {
    let head = find(bytes, b"\r\n\r\n")? + 4;
    let answer = Answer::new(&bytes[..head], true);
    let status = answer.status();
    if method == "HEAD" || status.starts_with('1') || matches!(status, "204" | "304") {
        return Some(head);
    }
    if answer
        .headers
        .iter()
        .any(|h| h == "transfer-encoding: chunked")
    {
        let mut at = head;
        loop {
            let digits = find(&bytes[at..], b"\r\n")?;
            let digits = std::str::from_utf8(&bytes[at..at + digits]).expect("digits");
            let size = usize::from_str_radix(digits, 16).expect("a size");
            at += digits.len() + 2 + size + 2;
            if at > bytes.len() {
                return None;
            }
            if size == 0 {
                return Some(at);
            }
        }
    }
    let length = answer
        .headers
        .iter()
        .find_map(|h| h.strip_prefix("content-length: "))?;
    let end = head + length.parse::<usize>().expect("a length");
    (end <= bytes.len()).then_some(end)
}

fn find(bytes: &[u8], mark: &[u8]) -> Option<usize> {
    bytes.windows(mark.len()).position(|w| w == mark)
}

impl Answer {
    fn new(bytes: &[u8], whole: bool) -> Self {
        let head = find(bytes, b"\r\n\r\n").unwrap_or(bytes.len());
        let body = bytes.get(head + 4..).unwrap_or_default();
        let head: String = bytes[..head].iter().map(|&b| char::from(b)).collect();
        let mut lines = head.split("\r\n").map(str::to_owned);
        let status_line = lines.next().expect("a line");
        let (date, mut headers): (Vec<_>, Vec<_>) = lines.partition(|l| l.starts_with("date: "));
        headers.sort();
        Self {
            status_line,
            headers,
            dated: !date.is_empty(),
            body: Bytes(body.to_vec()),
            whole,
        }
    }

    fn status(&self) -> &str {
        self.status_line.split(' ').nth(1).unwrap_or_default()
    }

    fn closes(&self) -> bool {
        self.headers.iter().any(|h| h == "connection: close")
    }
}

/// Bytes that do not fill the screen when a test fails.
#[derive(PartialEq, Eq)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = &self.0[..self.0.len().min(200)];
        write!(
            f,
            "{} bytes {:?}",
            self.0.len(),
            String::from_utf8_lossy(shown)
        )
    }
}
