//! Ways in for this crate's own benches and fuzz targets. Not part of its API.

use std::{
    net::IpAddr,
    sync::{Arc, LazyLock, OnceLock},
    time::{Instant, SystemTime},
};

use actix_web::http::{Method, StatusCode};
use body_logger_core::record::{
    BodyState, Entry, ErrorKind, ErrorRecord, JsonLineBuffer, Outcome, Record,
};
use bytes::Bytes;

use crate::{
    capture::{
        Captured, CapturedBody, CapturedRequest, CapturedResponse, Head, HeadBuffer, MemoryBudget,
        Part, RequestId, RequestSpan, Reservation, HOST, PATH, QUERY,
    },
    client::{Clients, ForwardedHeader, Network},
    content::{
        decode::{Codings, End},
        Essence, EventCounter, Kind,
    },
    delivery::{Delivering, Delivery, Limits, QueuedSink},
    render::Renderer,
    sink::WhenFull,
};

/// The address that a chain of trusted proxies vouches for, of which `proxy` is the nearest.
pub fn client_behind(
    proxy: IpAddr,
    trusted: &[Network],
    header: ForwardedHeader,
    lines: &[&[u8]],
) -> IpAddr {
    let clients = Clients {
        proxies: trusted.to_vec(),
        ..Clients::default()
    };
    let named = clients.behind(proxy, header, lines.iter().copied());
    named.unwrap_or(proxy)
}

/// What content codings decode to, and how that ended; `None` if one of them is not known.
pub fn decode(codings: &str, input: &[u8], limit: usize) -> Option<(Vec<u8>, DecodeEnd)> {
    let codings = Codings::named([codings.as_bytes()])?;
    let decoded = codings.undo(input, limit);
    let end = match decoded.end {
        End::Whole => DecodeEnd::Whole,
        End::Cut => DecodeEnd::Cut,
        End::Limited => DecodeEnd::Limited,
        End::Failed => DecodeEnd::Failed,
    };
    Some((decoded.bytes.into_owned(), end))
}

/// How decoding ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DecodeEnd {
    /// Where the input may end.
    Whole,
    /// In the midst of things.
    Cut,
    /// At the limit.
    Limited,
    /// At bytes that do not decode.
    Failed,
}

/// The keyed digest of a body.
#[cfg(feature = "hash")]
pub fn digest(body: &[u8], key: &[u8]) -> String {
    crate::content::BodyDigest::Keyed(crate::content::HashKey::new("key", key)).of(body)
}

/// An entry's line in a file of JSON lines, if it has one.
pub fn line(entry: &Entry) -> Option<Vec<u8>> {
    let mut lines = JsonLineBuffer::default();
    lines.push(entry).ok()?;
    Some(lines.as_bytes().to_vec())
}

/// A queue without limits in front of a sink that drops what it is given.
#[derive(Debug)]
pub struct HandOver(Delivery);

impl HandOver {
    /// Starts its thread.
    pub fn start() -> Self {
        let limits = Limits {
            records: usize::MAX,
            bytes: usize::MAX,
            when_full: WhenFull::DropNewest,
        };
        let sink = QueuedSink {
            sink: Box::new(|_: &Record| {}),
            name: String::new(),
            limits,
        };
        let delivering = Delivering {
            inline: Vec::new(),
            queued: vec![sink],
            limits,
            renderer: Arc::default(),
            budget: MemoryBudget::new(usize::MAX),
            max_record_bytes: usize::MAX,
        };
        Self(delivering.start())
    }

    /// Makes a small entry, and hands it over.
    pub fn send(&self) {
        let budget = MemoryBudget::new(usize::MAX);
        let captured = Captured::begin(Instant::now(), SystemTime::UNIX_EPOCH, budget);
        self.0.deliver(captured);
    }
}

/// A message's headers and body.
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Names in lower case, and values.
    pub headers: &'a [(&'a str, &'a [u8])],
    /// The body as it passes.
    pub chunks: &'a [&'a [u8]],
    /// How many bytes of it are kept.
    pub limit: usize,
    /// Whether those are its last.
    pub keep_end: bool,
    /// How its transfer went.
    pub state: BodyState,
}

/// A request.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The method; `GET` where it is none.
    pub method: &'a str,
    /// The path as sent.
    pub path: &'a [u8],
    /// The query as sent.
    pub query: Option<&'a [u8]>,
    /// The host that was asked for.
    pub host: Option<&'a [u8]>,
    /// The pattern of the route.
    pub route: Option<&'a str>,
    /// All else.
    pub message: Message<'a>,
}

/// The record, by the default rules, of what is captured of an exchange.
pub fn record(
    request: &Request<'_>,
    response: Option<(u16, &Message<'_>)>,
    attributes: &[(&str, &str)],
    error: Option<&str>,
) -> Record {
    let mut reservation = Reservation::empty(MemoryBudget::new(usize::MAX));
    let mut heads = HeadBuffer::default();
    let line = [
        (PATH, Some(request.path)),
        (QUERY, request.query),
        (HOST, request.host),
    ];
    for (name, value) in line {
        if let Some(value) = value {
            heads.push(name, value, false);
        }
    }
    let (head, body) = capture(&request.message, &mut heads, &mut reservation);
    let now = Instant::now();
    let captured = Captured {
        // Not a generated one: what is found has to be found again.
        id: (RequestId::adopt(b"id").map(OnceLock::from)).unwrap_or_default(),
        seq: 1,
        first_seq: None,
        time: SystemTime::UNIX_EPOCH,
        outcome: Some(Outcome::Completed),
        error: error.map(|message| {
            let mut error = ErrorRecord::new(ErrorKind::Handler, None);
            error.message = Some(message.to_owned());
            error
        }),
        began: now,
        responded: None,
        ended: now,
        client: None,
        attributes: (attributes.iter())
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect(),
        request: CapturedRequest {
            method: Method::from_bytes(request.method.as_bytes()).unwrap_or_default(),
            head,
            route: request.route.map(str::to_owned),
            body,
            ..CapturedRequest::default()
        },
        response: response.map(|(status, message)| {
            let (head, body) = capture(message, &mut heads, &mut reservation);
            CapturedResponse {
                status: StatusCode::from_u16(status).unwrap_or_default(),
                head,
                body,
            }
        }),
        span: RequestSpan::default(),
        reservation,
    };
    static REDACTION: LazyLock<Renderer> = LazyLock::new(Renderer::default);
    REDACTION.record(&captured)
}

fn capture(
    message: &Message<'_>,
    heads: &mut HeadBuffer,
    reservation: &mut Reservation,
) -> (Head, CapturedBody) {
    for (name, value) in message.headers {
        heads.push(name, value, false);
    }
    let head = heads.take();
    let part = if message.keep_end {
        Part::End
    } else {
        Part::Beginning
    };
    let mut body = CapturedBody::new(message.limit, part, None);
    body.state = message.state;
    let kind = head.get("content-type");
    let kind = kind.and_then(|kind| Essence::of(kind.value).map(Essence::kind));
    body.events = (kind == Some(Kind::Events)).then(EventCounter::default);
    for chunk in message.chunks {
        body.push(&Bytes::copy_from_slice(chunk), reservation);
    }
    (head, body)
}
