//! Whole records: no secret of an exchange is in the record's JSON, which is read as the record it was made of.

use std::time::SystemTime;

use actix_web::{
    http::{
        header::{HeaderMap, HeaderName, HeaderValue},
        Method,
    },
    web::Bytes,
};
use actix_web_body_logger::{
    record::{Body, BodyState},
    Record,
};
use arbitrary::Unstructured;

use super::{
    decode::encode,
    planted::{assert_hidden, Choices},
    served::{kept, End, Kept, Message, Script, Served},
};

/// Routes that tell of a part of the path that it is secret, and one that does not.
const ROUTES: [&str; 3] = ["/orders/{id}", "/reset/{token}/x", "/keys/{api_key}*"];

/// Shows as much as can be shown without naming a secret.
fn served(limit: usize) -> &'static Served {
    thread_local!(static KEPT: Kept<usize> = Kept::default());
    let make = || {
        Served::new(&ROUTES, |logger| {
            logger
                .max_body_bytes(limit)
                .capture_media_types(["*/*".parse().expect("a range")])
                .last_events(usize::MAX)
                .show_error_messages()
        })
    };
    kept(&KEPT, limit, make)
}

/// A limit near this one. There are few of those, as an application is kept for each.
fn rounded(limit: usize) -> usize {
    let lower = limit
        .checked_ilog2()
        .map_or(0, |bits| bits.saturating_sub(5));
    limit >> lower << lower
}

pub fn check(input: &[u8]) {
    let mut choices = Choices(Unstructured::new(input));
    let path = path(&mut choices);
    let query = choices.one_in(2).then(|| query(&mut choices));
    let error = choices.one_in(4).then(|| error(&mut choices));
    let attribute = (choices.secret_name(), choices.secret());
    let asked = Planted::new(&mut choices, false);
    let answered = Planted::new(&mut choices, true);
    let answered = choices.one_in(2).then_some(answered);

    // It is the same for both.
    let limit = (answered.iter()).fold(asked.limit, |limit, it| limit.min(it.limit));
    let target = query
        .iter()
        .fold(path, |path, query| format!("{path}?{query}"));
    let limit = rounded(limit);
    let record = served(limit).record(Script {
        method: Method::POST,
        target: target.clone(),
        request: asked.message(),
        answer: answered.as_ref().map(Planted::message),
        attributes: vec![attribute, ("user".to_owned(), "42".to_owned())],
        error: error.clone(),
        ..Script::default()
    });
    let record = without_chance(record);

    let json = serde_json::to_string(&record).expect("JSON");
    let read: Record = serde_json::from_str(&json).expect("the same JSON");
    assert_eq!(read, record);
    assert_hidden(&json, &(&target, &error, &asked, &answered));
    asked.check(&record.request.body, limit);
    if let Some(answered) = &answered {
        let response = record.response.as_ref().expect("a response");
        answered.check(&response.body, limit);
    }
}

/// Without ids and times: their digits may look like a secret, and nobody has sent them.
fn without_chance(mut record: Record) -> Record {
    record.id = "id".into();
    record.entry_id = Default::default();
    record.run = Default::default();
    record.seq = 1;
    record.time = SystemTime::UNIX_EPOCH;
    record.duration_us = Some(0);
    record.ttfb_us = None;
    record
}

/// One that a request line can have.
fn path(choices: &mut Choices<'_>) -> String {
    let secret = choices.secret();
    let path = match choices.below(4) {
        0 => "/orders/1".to_owned(),
        1 => format!("/reset/{secret}/x"),
        2 => format!("/a;{}={secret}/b", choices.secret_name()),
        _ => format!("/keys/{secret}"),
    };
    path.replace(' ', "%20")
}

fn query(choices: &mut Choices<'_>) -> String {
    // At times, what is kept of it ends within the pairs.
    let padding = choices.of(&[0, 0, 0, 4000, 4050, 4080]);
    format!("{}={}&{}", "page", "1".repeat(padding), choices.form(100))
}

fn error(choices: &mut Choices<'_>) -> String {
    let secret = choices.secret();
    match choices.below(4) {
        0 => format!("invalid type: string \"{secret}\", expected u8 at line 1"),
        1 => format!("bad {}={secret} in query", choices.secret_name()),
        2 => format!("cannot connect to db://me:{secret}@host/x"),
        _ => format!("bad header authorization: Bearer {secret}"),
    }
}

/// A message with secrets in its headers and in its body.
#[derive(Debug)]
struct Planted {
    head: Vec<(&'static str, String)>,
    body: Vec<u8>,
    /// Where its chunks end.
    ends: Vec<usize>,
    end: End,
    limit: usize,
}

impl Planted {
    fn new(choices: &mut Choices<'_>, answer: bool) -> Self {
        let (content_type, text) = content(choices);
        let mut head = head(choices, answer);
        let (charset, mut body) = in_charset(choices, &text);
        // A header that says nothing, or not the truth, is nothing to rely on.
        match choices.below(8) {
            0 => {}
            1 => {
                // Of plain text no more is promised than to try.
                let others = [
                    "application/json",
                    "multipart/form-data; boundary=b",
                    "application/x-www-form-urlencoded",
                    "text/event-stream",
                ];
                let has_names = content_type.starts_with("application/")
                    && text.contains('=') | text.contains('{');
                let count = if has_names { others.len() } else { 2 };
                head.push(("content-type", choices.of(&others[..count]).to_owned()));
            }
            _ => head.push(("content-type", content_type + charset)),
        }
        for _ in 0..choices.below(3) {
            let coding = choices.of(&["gzip", "deflate", "br", "zstd"]);
            body = encode(coding, &body);
            head.push(("content-encoding", coding.to_owned()));
        }
        if choices.one_in(16) {
            head.push((
                "content-encoding",
                choices.of(&["gzip", "compress"]).to_owned(),
            ));
        }

        let end = choices.of(&[End::Whole, End::Failed, End::Dropped]);
        if end != End::Whole {
            body.truncate(choices.below(body.len() + 1));
        }
        let limit = if choices.one_in(2) {
            choices.below(body.len() + 1)
        } else {
            64 * 1024
        };
        let mut ends: Vec<_> = (0..choices.below(4))
            .map(|_| choices.below(body.len() + 1))
            .collect();
        ends.push(body.len());
        ends.sort_unstable();
        Self {
            head,
            body,
            ends,
            end,
            limit,
        }
    }

    fn message(&self) -> Message {
        let mut head = HeaderMap::new();
        for (name, value) in &self.head {
            let value = HeaderValue::from_str(value).expect("visible characters");
            head.append(HeaderName::from_static(name), value);
        }
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        let chunks = starts.zip(&self.ends);
        Message {
            head,
            chunks: chunks
                .map(|(start, end)| Bytes::copy_from_slice(&self.body[start..*end]))
                .collect(),
            end: self.end,
        }
    }

    fn check(&self, shown: &Body, limit: usize) {
        let passed = self.body.len() as u64;
        assert_eq!(shown.bytes, Some(passed));
        let whole = matches!(shown.state, BodyState::Complete | BodyState::Empty);
        assert_eq!(whole, self.end == End::Whole, "{shown:?}");
        assert!(shown.captured <= passed.min(limit as u64), "{shown:?}");
        assert!(shown.decoded <= Some(limit as u64), "{shown:?}");
        let told = !shown.reasons.is_empty() || shown.captured == passed;
        assert!(told, "no reason for what is missing: {shown:?}");
    }
}

/// A media type, and what is of it.
fn content(choices: &mut Choices<'_>) -> (String, String) {
    let (content_type, text) = match choices.below(8) {
        0 | 1 => ("application/json", choices.json(200)),
        2 => {
            let documents: Vec<_> = (0..1 + choices.below(3))
                .map(|_| choices.json(60))
                .collect();
            ("application/x-ndjson", documents.join("\n"))
        }
        3 => ("application/x-www-form-urlencoded", choices.form(150)),
        4 => {
            let body = choices.multipart(200);
            let content_type = format!("multipart/form-data; boundary=\"{}\"", body.boundary);
            let text = String::from_utf8(body.bytes).expect("parts are of text");
            return (content_type, text);
        }
        5 => {
            let mut stream = String::new();
            for _ in 0..1 + choices.below(3) {
                let event = choices.of(&["", "id: 1\n", "event: a\n", ": comment\n"]);
                let data = choices
                    .json(60)
                    .replace('\n', "\ndata:")
                    .replace('\r', "\rdata: ");
                stream += &format!("{event}data: {data}\n\n");
            }
            ("text/event-stream", stream)
        }
        6 => {
            let name = choices.secret_name();
            let lines = ["k: v\n", "", "a note,\r\n"];
            let (before, behind) = (choices.of(&lines), choices.of(&lines));
            (
                "text/plain",
                format!("{before}{name}: {}\n{behind}", choices.secret()),
            )
        }
        _ => {
            let secret = choices.secret();
            let kinds = [
                "application/octet-stream",
                "application/wasm",
                "image/png",
                "application/pdf",
            ];
            (choices.of(&kinds), secret)
        }
    };
    (content_type.to_owned(), text)
}

/// The text in a charset, and how that is said.
fn in_charset(choices: &mut Choices<'_>, text: &str) -> (&'static str, Vec<u8>) {
    let utf_16 = |to_bytes: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(to_bytes).collect();
    match choices.below(16) {
        0 => ("; charset=utf-8", text.into()),
        1 => ("", ["\u{feff}", text].concat().into()),
        2 => ("; charset=utf-16le", utf_16(u16::to_le_bytes)),
        3 => ("; charset=utf-16be", utf_16(u16::to_be_bytes)),
        4 => ("", utf_16(u16::to_le_bytes)),
        5 => ("", [&b"\xff\xfe"[..], &utf_16(u16::to_le_bytes)].concat()),
        6 => (
            "; charset=windows-1252",
            encoding_rs::WINDOWS_1252.encode(text).0.into(),
        ),
        7 => (
            "; charset=shift_jis",
            encoding_rs::SHIFT_JIS.encode(text).0.into(),
        ),
        // Not the truth.
        8 => ("; charset=iso-2022-jp", text.into()),
        9 => ("; charset=gbk", text.into()),
        10 => ("; charset=utf-16", text.into()),
        11 => ("; charset=utf-8; charset=x", text.into()),
        _ => ("", text.into()),
    }
}

/// Headers with secrets in them.
fn head(choices: &mut Choices<'_>, answer: bool) -> Vec<(&'static str, String)> {
    let mut head = Vec::new();
    for _ in 0..choices.below(4) {
        let secret = choices.secret();
        let name = choices.secret_name();
        head.push(match (choices.below(8), answer) {
            (0, _) => ("authorization", secret),
            (1, _) => ("x-unheard-of", secret),
            (2, false) => ("cookie", format!("a={secret}; b=\"{secret}\"")),
            (2, true) => ("set-cookie", format!("a={secret}; Path=/; x={secret}")),
            (3, false) => (
                "referer",
                format!("https://me:{secret}@host/a?{}", choices.form(60)),
            ),
            (3, true) => ("location", format!("/cb#{}", choices.form(60))),
            (4, _) => ("user-agent", format!("client/1 Bearer {secret}")),
            (5, _) => (
                "content-location",
                format!("/a;{name}={secret}?x=1&{name}={secret}"),
            ),
            (6, _) => ("accept", format!("{}{secret}", "a".repeat(4096))),
            _ => ("x-api-key", secret),
        });
    }
    head
}
