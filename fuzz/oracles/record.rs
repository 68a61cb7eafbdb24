//! Whole records: no secret of an exchange is in the record's JSON, which is read as the record it was made of.

use std::ops::Range;

use actix_web_body_logger::{
    internals::{record, Message, Request},
    record::{Body, BodyState},
    Record,
};
use arbitrary::Unstructured;

use super::{
    decode::encode,
    planted::{assert_hidden, Choices},
};

pub fn check(input: &[u8]) {
    let mut choices = Choices(Unstructured::new(input));
    let (path, route) = path(&mut choices);
    let query = choices.one_in(2).then(|| query(&mut choices));
    let error = choices.one_in(4).then(|| error(&mut choices));
    let attribute = (choices.secret_name(), choices.secret());
    let asked = Planted::new(&mut choices, false);
    let answered = Planted::new(&mut choices, true);
    let has_response = choices.one_in(2);

    let (asked_headers, asked_chunks) = (asked.headers(), asked.chunks());
    let (answered_headers, answered_chunks) = (answered.headers(), answered.chunks());
    let request = Request {
        method: "POST",
        path: path.as_bytes(),
        query: query.as_deref().map(str::as_bytes),
        host: Some(b"localhost"),
        route,
        message: asked.message(&asked_headers, &asked_chunks),
    };
    let response = answered.message(&answered_headers, &answered_chunks);
    let response = has_response.then_some((200, &response));
    let attributes = [(&attribute.0[..], &attribute.1[..]), ("user", "42")];
    let record = record(&request, response, &attributes, error.as_deref());

    let json = serde_json::to_string(&record).expect("JSON");
    let read: Record = serde_json::from_str(&json).expect("the same JSON");
    assert_eq!(read, record);
    let answered = has_response.then_some(&answered);
    assert_hidden(&json, &(&path, &query, &error, &asked, &answered));
    asked.check(&record.request.body);
    if let (Some(response), Some(answered)) = (&record.response, answered) {
        answered.check(&response.body);
    }
}

fn path(choices: &mut Choices<'_>) -> (String, Option<&'static str>) {
    let secret = choices.secret();
    match choices.below(4) {
        0 => ("/orders/1".to_owned(), Some("/orders/{id}")),
        1 => (format!("/reset/{secret}/x"), Some("/reset/{token}/x")),
        2 => (format!("/a;{}={secret}/b", choices.secret_name()), None),
        _ => (format!("/keys/{secret}"), Some("/keys/{api_key}*")),
    }
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
    state: BodyState,
    limit: usize,
    keep_end: bool,
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

        let state = choices.of(&[BodyState::Complete, BodyState::Aborted, BodyState::Partial]);
        if state != BodyState::Complete {
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
        // As the settings do it: by what the body is said to be.
        let kind = head.iter().find(|(name, _)| *name == "content-type");
        let keep_end = kind.is_some_and(|(_, kind)| kind.starts_with("text/event-stream"));
        Self {
            head,
            body,
            ends,
            state,
            limit,
            keep_end,
        }
    }

    fn headers(&self) -> Vec<(&str, &[u8])> {
        self.head
            .iter()
            .map(|(name, value)| (*name, value.as_bytes()))
            .collect()
    }

    fn chunks(&self) -> Vec<&[u8]> {
        let starts = [0].into_iter().chain(self.ends.iter().copied());
        starts
            .zip(&self.ends)
            .map(|(start, end)| &self.body[Range { start, end: *end }])
            .collect()
    }

    fn message<'a>(
        &self,
        headers: &'a [(&'a str, &'a [u8])],
        chunks: &'a [&'a [u8]],
    ) -> Message<'a> {
        Message {
            headers,
            chunks,
            limit: self.limit,
            keep_end: self.keep_end,
            state: self.state,
        }
    }

    fn check(&self, shown: &Body) {
        let passed = self.body.len() as u64;
        assert_eq!(shown.bytes, Some(passed));
        assert!(shown.captured <= passed.min(self.limit as u64), "{shown:?}");
        assert!(shown.decoded <= Some(self.limit as u64), "{shown:?}");
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
