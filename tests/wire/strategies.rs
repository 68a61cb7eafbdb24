//! Conversations of all kinds.

use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{select, subsequence, Index},
};

use crate::{
    application::{Answer, Answers, Reads, Size, Step},
    client::{Act, Conversation},
};

/// One request as it is sent, and how it is answered.
#[derive(Debug, Clone)]
struct Exchange {
    request: Request,
    answer: Answer,
}

#[derive(Debug, Clone)]
struct Request {
    method: &'static str,
    version: &'static str,
    headers: Vec<&'static str>,
    body: Body,
}

#[derive(Debug, Clone)]
enum Body {
    None,
    Sized(usize),
    Chunked(Vec<usize>),
    /// Not as it was declared.
    Wrong(&'static str),
}

impl Request {
    fn bytes(&self, place: usize) -> Vec<u8> {
        let Self {
            method,
            version,
            headers,
            body,
        } = self;
        let mut bytes = format!("{method} /{place} {version}\r\nhost: test\r\n").into_bytes();
        for header in headers {
            bytes.extend(format!("{header}\r\n").into_bytes());
        }
        match body {
            Body::None => bytes.extend(b"\r\n"),
            Body::Sized(length) => {
                bytes.extend(format!("content-length: {length}\r\n\r\n").into_bytes());
                bytes.extend((0..*length).map(|n| b'A' + (n % 26) as u8));
            }
            Body::Chunked(lengths) => {
                bytes.extend(b"transfer-encoding: chunked\r\n\r\n");
                for length in lengths {
                    bytes.extend(format!("{length:x}\r\n").into_bytes());
                    bytes.extend((0..*length).map(|n| b'A' + (n % 26) as u8));
                    bytes.extend(b"\r\n");
                }
                bytes.extend(b"0\r\n\r\n");
            }
            Body::Wrong(rest) => bytes.extend(rest.as_bytes()),
        }
        bytes
    }
}

fn bodies() -> impl Strategy<Value = Body> {
    const WRONG: &[&str] = &[
        "content-length: 40\r\n\r\nshort",
        "transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n",
        "transfer-encoding: chunked\r\n\r\nzz\r\n",
        "content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "no header\r\n\r\n",
    ];
    prop_oneof![
        6 => Just(Body::None),
        3 => prop_oneof![0usize..40, Just(20_000), Just(70_000)].prop_map(Body::Sized),
        3 => vec(prop_oneof![1usize..20, Just(10_000)], 0..4).prop_map(Body::Chunked),
        1 => select(WRONG).prop_map(Body::Wrong),
    ]
}

fn requests() -> impl Strategy<Value = Request> {
    const METHODS: &[&str] = &[
        "GET", "GET", "HEAD", "POST", "POST", "PUT", "OPTIONS", "CONNECT",
    ];
    const VERSIONS: &[&str] = &["HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0"];
    const HEADERS: &[&str] = &[
        "connection: close",
        "connection: keep-alive",
        "expect: 100-continue",
        "upgrade: websocket",
    ];
    let some_headers = prop_oneof![
        3 => Just(Vec::new()),
        1 => subsequence(HEADERS, 0..=2),
    ];
    (select(METHODS), select(VERSIONS), some_headers, bodies()).prop_map(
        |(method, version, headers, body)| Request {
            method,
            version,
            headers,
            body,
        },
    )
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        8 => (1usize..12).prop_map(Step::Chunk),
        2 => prop_oneof![Just(40_000usize), 30_000usize..34_000].prop_map(Step::Chunk),
        2 => Just(Step::Chunk(0)),
        3 => Just(Step::Pending),
        1 => Just(Step::Fail),
    ];
    let steps = vec(step, 0..6);
    prop_oneof![
        20 => steps.clone(),
        1 => steps.prop_map(|mut steps| { steps.push(Step::Panic); steps }),
    ]
}

fn answers() -> impl Strategy<Value = Answer> {
    use Answers::{ErrorAfter, ErrorBefore, HandlerError, Panic, Response};
    use Reads::{All, Echo, First, Kept, Late, Nothing};
    let reads = select(vec![Nothing, Nothing, Late, First, All, All, Echo, Kept]);
    let mut results = vec![Response; 20];
    results.extend([HandlerError, ErrorBefore, ErrorAfter, Panic]);
    let mut statuses = vec![200; 12];
    statuses.extend([100, 101, 102, 103, 204, 205, 206, 304, 404, 500]);
    (
        reads,
        0usize..3,
        select(results),
        select(statuses),
        steps(),
        0..10,
        option::weighted(0.4, 0u64..30),
        prop::bool::weighted(0.1),
    )
        .prop_map(|(reads, waits, result, status, body, size, lie, closes)| {
            let true_length = body
                .iter()
                .map(|step| match step {
                    Step::Chunk(length) => *length as u64,
                    _ => 0,
                })
                .sum();
            let length = lie.unwrap_or(true_length);
            let size = match size {
                0 => Size::None,
                1..=4 => Size::Sized(length),
                5..=7 => Size::Stream,
                _ => Size::Declared(length),
            };
            Answer {
                reads,
                waits,
                result,
                status,
                size,
                body,
                closes,
            }
        })
}

/// Conversations of up to three requests, which are sent in pieces that begin and end anywhere.
pub fn conversations() -> impl Strategy<Value = Conversation> {
    let exchange = (requests(), answers());
    let exchanges = vec(
        exchange.prop_map(|(request, answer)| Exchange { request, answer }),
        1..4,
    );
    let window = prop_oneof![3 => Just(usize::MAX), 1 => 0usize..200, 1 => Just(33_000usize)];
    let cuts = vec(any::<Index>(), 0..5);
    let takes = vec(0usize..5_000, 0..3);
    let end =
        prop_oneof![4 => Just(None), 1 => Just(Some(Act::Finish)), 1 => Just(Some(Act::Reset))];
    (exchanges, window, cuts, takes, end, any::<Index>()).prop_map(
        |(exchanges, window, cuts, takes, end, end_at)| {
            let bytes: Vec<u8> = (exchanges.iter().enumerate())
                .flat_map(|(place, it)| it.request.bytes(place))
                .collect();
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            cuts.dedup();
            let mut acts: Vec<_> = (cuts.windows(2))
                .map(|cut| Act::Send(bytes[cut[0]..cut[1]].to_vec()))
                .collect();
            acts.extend(takes.into_iter().map(Act::Take));
            if let Some(end) = end {
                acts.truncate(end_at.index(acts.len() + 1));
                acts.push(end);
            }
            Conversation {
                answers: exchanges.into_iter().map(|it| it.answer).collect(),
                window,
                acts,
            }
        },
    )
}
