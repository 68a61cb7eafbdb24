//! What is known of one exchange once it has ended, as plain serde data.
//!
//! The JSON form is a contract, described by `docs/record.schema.json`.

mod entry;
mod json;
mod outcome;
pub(crate) mod rfc3339;

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};

use self::json::document;
pub use self::{
    entry::{Entry, Gap, GapRecord, Start, StartRecord},
    json::Json,
    outcome::{BodyState, ErrorKind, ErrorRecord, Outcome, Reason},
};
use crate::{record_text::RecordText, span::RequestSpan};

/// The version of the record's JSON, written as `v`.
pub const RECORD_VERSION: u32 = 1;

/// What a masked value reads.
pub const MASK: &str = "***";

/// One exchange: a request, its response, and how it ended.
///
/// ```
/// use actix_web_body_logger::{Outcome, Record};
///
/// # fn main() -> Result<(), serde_json::Error> {
/// # let line = include_str!("../../docs/record.example.json");
/// let record: Record = serde_json::from_str(line)?;
/// assert_eq!(record.outcome, Outcome::Completed);
/// assert_eq!(record.status(), Some(200));
/// assert_eq!(record.request.route.as_deref(), Some("/orders/{id}"));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// The version of this JSON, [`RECORD_VERSION`].
    pub v: u32,
    /// A UUID v7, or the adopted id of the incoming request.
    pub id: RecordText,
    /// When the request reached this layer; RFC 3339 in UTC with microseconds.
    #[serde(with = "rfc3339")]
    pub time: SystemTime,
    /// How the exchange ended.
    pub outcome: Outcome,
    /// What went wrong, where something did.
    pub error: Option<ErrorRecord>,
    /// Microseconds from `time` until the exchange ended.
    pub duration_us: u64,
    /// Microseconds from `time` until the response's head was ready.
    pub ttfb_us: Option<u64>,
    /// Who asked.
    pub client: Client,
    /// What the handler attached, see [`Exchange::attribute`](crate::Exchange::attribute).
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// The request as this layer saw it.
    pub request: RequestRecord,
    /// The response as this layer saw it; none where the exchange ended before there was one.
    pub response: Option<ResponseRecord>,
    #[serde(skip)]
    pub(crate) span: RequestSpan,
}

impl Record {
    /// The response's status code, if there was a response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(|response| response.status)
    }
}

/// The request side of a [`Record`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RequestRecord {
    /// The method, as sent.
    pub method: RecordText,
    /// `http` or `https`, by what this server listens on.
    pub scheme: RecordText,
    /// The host the client named; a user before it reads `***`.
    pub host: Option<RecordText>,
    /// The path, still percent-encoded.
    pub path: RecordText,
    /// The pattern of the route that matched.
    pub route: Option<RecordText>,
    /// The query string without its `?`, secret values masked.
    pub query: Option<RecordText>,
    /// The protocol version, such as `HTTP/1.1`.
    pub version: RecordText,
    /// Names in lower case and values, sorted by name.
    pub headers: Vec<(RecordText, RecordText)>,
    /// How many headers were left out because the head is larger than what is kept of one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub headers_dropped: u32,
    /// The body.
    pub body: Body,
}

/// The response side of a [`Record`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ResponseRecord {
    /// The status code at this layer.
    pub status: u16,
    /// Names in lower case and values, sorted by name, as they were at this layer. The server adds
    /// `date`, `content-length`, `transfer-encoding` and `connection` later.
    pub headers: Vec<(RecordText, RecordText)>,
    /// How many headers were left out because the head is larger than what is kept of one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub headers_dropped: u32,
    /// The body.
    pub body: Body,
}

/// What passed of a body, how its transfer went, and what was kept of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Body {
    /// How the transfer went.
    pub state: BodyState,
    /// Payload bytes that passed this layer; none for the request side of a tunnel.
    pub bytes: Option<u64>,
    /// How many of them the content below stands for.
    pub captured: u64,
    /// Why it does not stand for all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// The media type without its parameters, in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<RecordText>,
    /// The content codings that were undone for the content below, such as `gzip` or `gzip, br`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// How many bytes came out of undoing them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decoded: Option<u64>,
    /// How many server-sent events passed, of `text/event-stream`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
    /// A digest of all bytes that passed, where the application asked for it; whatever was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// A complete, valid JSON document, redacted; compact, numbers and key order as they were.
    #[serde(
        default,
        deserialize_with = "document",
        skip_serializing_if = "Option::is_none"
    )]
    pub json: Option<Json>,
    /// Any other text, redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Bytes that are no text, only where the application asked for them: they are not redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// The parts of a multipart body, as far as they were kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// How many more parts there were; the first hundred are told of.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub parts_dropped: u32,
}

/// A part of a multipart body.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Part {
    /// The name of the form's field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of the file. A part that has one is a file, of which no content is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// The media type without its parameters, in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<RecordText>,
    /// The size of its content; none where its end was not kept.
    pub bytes: Option<u64>,
    /// Why not all of its content is shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// A digest of its content, where the application asked for digests and the part was kept whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// A complete, valid JSON document, redacted.
    #[serde(
        default,
        deserialize_with = "document",
        skip_serializing_if = "Option::is_none"
    )]
    pub json: Option<Json>,
    /// Any other text, redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Who sent a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Client {
    /// The address in the form that [`ClientAddr`](crate::ClientAddr) chose; none where it is
    /// unknown or left out.
    pub addr: Option<RecordText>,
}

/// The time without what a record does not tell of it.
pub(crate) fn whole_micros(time: SystemTime) -> SystemTime {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => SystemTime::UNIX_EPOCH + Duration::from_micros(micros(since)),
        Err(_) => time,
    }
}

/// Whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_is_null_reads_back() {
        let body = Body {
            json: Json::from_text("null".to_owned()).ok(),
            ..Body::default()
        };
        let text = serde_json::to_string(&body).expect("JSON");
        assert!(text.contains(r#""json":null"#), "{text}");
        assert_eq!(serde_json::from_str::<Body>(&text).expect("a body"), body);
        let part = r#"{"bytes":4,"json":null}"#;
        let part: Part = serde_json::from_str(part).expect("a part");
        assert_eq!(part.json.expect("a document").get(), "null");
    }
}
