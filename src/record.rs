//! What is known of one exchange once it has ended, as plain serde data.
//!
//! The JSON form is a contract, described by `docs/record.schema.json`.

use std::{
    collections::BTreeMap,
    fmt,
    time::{Duration, SystemTime},
};

use actix_web::http::StatusCode;
use serde::{
    de::{self, IgnoredAny},
    ser, Deserialize, Deserializer, Serialize, Serializer,
};
use serde_json::value::RawValue;

use crate::{record_text::RecordText, span::RequestSpan};

/// The version of the record's JSON, written as `v`.
pub const RECORD_VERSION: u32 = 1;

/// What a masked value reads.
pub const MASK: &str = "***";

/// One line of a log of exchanges.
///
/// A [`Sink`](crate::Sink) is handed a batch of these, in the order in which they came to be.
///
/// ```
/// use actix_web_body_logger::{Entry, Sink, SinkError};
///
/// struct CountErrors;
///
/// impl Sink for CountErrors {
///     fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
///         for entry in entries {
///             if let Entry::Exchange(record) = entry {
///                 // look at `record.outcome`, `record.status()`, ...
///                 let _ = record;
///             }
///         }
///         Ok(())
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are exchanges, and boxing those would cost an allocation each"
)]
#[non_exhaustive]
pub enum Entry {
    /// An exchange that has ended. There is exactly one for each exchange that was selected.
    Exchange(Record),
    /// A long-lived exchange whose response has begun; its [`Entry::Exchange`] follows under the
    /// same id. Written only where the application asked for it, see
    /// [`StartRecords`](crate::StartRecords).
    Start(StartRecord),
    /// Entries were lost here.
    Gap(GapRecord),
}

impl<'de> Deserialize<'de> for Entry {
    // Not derived: serde's untagged enums go through a buffer that cannot hold a `Json`.
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Kind {
            start: Option<IgnoredAny>,
            gap: Option<IgnoredAny>,
        }

        let line = Box::<RawValue>::deserialize(input)?;
        let parsed = match serde_json::from_str::<Kind>(line.get()) {
            Ok(Kind { start: Some(_), .. }) => serde_json::from_str(line.get()).map(Self::Start),
            Ok(Kind { gap: Some(_), .. }) => serde_json::from_str(line.get()).map(Self::Gap),
            _ => serde_json::from_str(line.get()).map(Self::Exchange),
        };
        parsed.map_err(de::Error::custom)
    }
}

/// One exchange: a request, its response, and how it ended.
///
/// ```
/// use actix_web_body_logger::{Outcome, Record};
///
/// # fn main() -> Result<(), serde_json::Error> {
/// # let line = include_str!("../docs/record.example.json");
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

/// A JSON document, kept as text so that its numbers and the order of its keys stay as they were.
///
/// ```
/// # fn main() -> Result<(), serde_json::Error> {
/// use actix_web_body_logger::Json;
///
/// let json: Json = serde_json::from_str(r#"{"b":1.10,"a":2}"#)?;
/// assert_eq!(json.get(), r#"{"b":1.10,"a":2}"#);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Json(Box<str>);

impl Json {
    /// The document's text.
    #[must_use]
    pub fn get(&self) -> &str {
        &self.0
    }

    /// Takes a text as a document, if it is one.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn from_text(text: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&text)
    }

    /// Takes a text that was read as a document before, with nothing around it: to read it again takes serde longer than
    /// all else takes that is done with it.
    pub(crate) fn from_document(text: String) -> Self {
        debug_assert_eq!(
            Self::from_text(text.clone()).ok(),
            Some(Self(text.clone().into()))
        );
        Self(text.into_boxed_str())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        // Nothing else passes through serde as it is.
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(ser::Error::custom)?;
        raw.serialize(out)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(input)?;
        Ok(Self(raw.get().into()))
    }
}

/// What is there is a document, `null` included.
fn document<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(input).map(Some)
}

/// What went wrong in an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorRecord {
    /// Where it went wrong.
    pub kind: ErrorKind,
    /// The status of the response that the error asks for.
    pub status: Option<u16>,
    /// The error's own words, only where the application asked for them: messages quote the input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl ErrorRecord {
    pub(crate) fn new(kind: ErrorKind, status: StatusCode) -> Self {
        Self {
            kind,
            status: Some(status.as_u16()),
            message: None,
        }
    }
}

/// Where an error arose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// A handler or an extractor answered with an error.
    Handler,
    /// A middleware or a raw service returned `Err`.
    Service,
    /// The response body's stream failed.
    ResponseBody,
    /// The response body ended short of its declared size, or went past it.
    ResponseSize,
}

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// The whole response was handed to the server. This does not say that the client got it.
    Completed,
    /// The response body was dropped before its end.
    ResponseAborted,
    /// The response body's stream failed, or ended short of or past its size.
    BodyError,
    /// The inner service returned `Err` and no response was seen being made from it; the status is
    /// the one the error predicts.
    ServiceError,
    /// The handler, or the response body's stream, panicked.
    Panicked,
    /// The exchange was dropped before it was answered.
    Cancelled,
    /// The connection became a tunnel, and the tunnel has closed.
    Upgraded,
}

impl Outcome {
    /// The outcome as it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::ResponseAborted => "response_aborted",
            Self::BodyError => "body_error",
            Self::ServiceError => "service_error",
            Self::Panicked => "panicked",
            Self::Cancelled => "cancelled",
            Self::Upgraded => "upgraded",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the transfer of a body went. What was kept of it is another matter: see [`Body::captured`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BodyState {
    /// There was no body, or one of no bytes.
    #[default]
    Empty,
    /// It passed from its first byte to its end.
    Complete,
    /// Nobody asked for it.
    Unread,
    /// It was read in part and then left; or a response body ended short of or past its size.
    Partial,
    /// Its stream failed or was dropped midway.
    Aborted,
}

/// Why a record does not hold all of a body's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The body is longer than what is kept of one.
    BodyLimit,
    /// All that the process may keep was in use.
    MemoryBudget,
    /// Its media type is not among those captured.
    MediaType,
    /// The exchange's [`Level`](crate::Level) does not ask for it.
    Level,
    /// The connection became a tunnel: its bytes are counted only.
    Upgrade,
    /// It answers a HEAD request: it is not sent.
    Head,
    /// It was withheld because it could not be understood, and so not be redacted.
    Redaction,
    /// It is in a content coding that was not undone.
    Decode,
    /// The handler asked to leave it out.
    Handler,
    /// It was captured but, when the exchange had ended, not kept.
    Late,
}

impl Reason {
    #[cfg(any(test, feature = "conformance"))]
    pub(crate) const ALL: [Self; 10] = [
        Self::BodyLimit,
        Self::MemoryBudget,
        Self::MediaType,
        Self::Level,
        Self::Upgrade,
        Self::Head,
        Self::Redaction,
        Self::Decode,
        Self::Handler,
        Self::Late,
    ];
}

/// Who sent a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Client {
    /// The address in the form that [`ClientAddr`](crate::ClientAddr) chose; none where it is
    /// unknown or left out.
    pub addr: Option<RecordText>,
}

/// The line that announces a long-lived exchange, see [`Entry::Start`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StartRecord {
    /// The version of this JSON, [`RECORD_VERSION`].
    pub v: u32,
    /// What has begun. Its key tells this line from a [`Record`].
    pub start: Start,
    #[serde(skip)]
    pub(crate) span: RequestSpan,
}

/// What is known of a long-lived exchange when its response begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Start {
    /// The id that the exchange's record will have.
    pub id: RecordText,
    /// When the request reached this layer.
    #[serde(with = "rfc3339")]
    pub time: SystemTime,
    /// Who asked.
    pub client: Client,
    /// The request's method.
    pub method: RecordText,
    /// The request's path, still percent-encoded.
    pub path: RecordText,
    /// The pattern of the route that matched.
    pub route: Option<RecordText>,
    /// The response's status.
    pub status: u16,
}

/// The time without what a record does not tell of it.
pub(crate) fn whole_micros(time: SystemTime) -> SystemTime {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => SystemTime::UNIX_EPOCH + Duration::from_micros(micros(since)),
        Err(_) => time,
    }
}

/// The line that tells of entries that were lost, see [`Entry::Gap`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GapRecord {
    /// The version of this JSON, [`RECORD_VERSION`].
    pub v: u32,
    /// What was lost. Its key tells this line from a [`Record`].
    pub gap: Gap,
}

/// A stretch of time in which entries were lost. Written when it ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Gap {
    /// When the first of them was.
    #[serde(with = "rfc3339")]
    pub from: SystemTime,
    /// When the last of them was.
    #[serde(with = "rfc3339")]
    pub to: SystemTime,
    /// How many they are.
    pub dropped: u64,
    /// How many of them why, by the names of the [`Counters`](crate::Counters).
    pub reasons: BTreeMap<String, u64>,
}

/// Whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn is_zero(n: &u32) -> bool {
    *n == 0
}

/// Times as RFC 3339 in UTC, always with six digits of a second.
pub(crate) mod rfc3339 {
    use std::time::{Duration, SystemTime};

    use serde::{de, ser, Deserialize, Deserializer, Serialize, Serializer};
    use time::{
        format_description::well_known::{
            iso8601::{Config, EncodedConfig, TimePrecision},
            Iso8601, Rfc3339,
        },
        OffsetDateTime,
    };

    const MICROSECONDS: EncodedConfig = Config::DEFAULT
        .set_time_precision(TimePrecision::Second {
            decimal_digits: std::num::NonZeroU8::new(6),
        })
        .encode();

    /// None where the year does not have four digits.
    pub(crate) fn text(at: SystemTime) -> Option<String> {
        // Not by `OffsetDateTime::from`, which panics on what is too far away.
        let signed = |age: Duration| time::Duration::try_from(age).ok();
        let since = match at.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(age) => signed(age)?,
            Err(before) => -signed(before.duration())?,
        };
        let at = OffsetDateTime::UNIX_EPOCH.checked_add(since)?;
        at.format(&Iso8601::<MICROSECONDS>).ok()
    }

    pub(crate) fn parse(text: &str) -> Result<SystemTime, time::error::Parse> {
        OffsetDateTime::parse(text, &Rfc3339).map(SystemTime::from)
    }

    /// The text, or why there is none.
    pub(crate) fn checked_text<E: ser::Error>(at: SystemTime) -> Result<String, E> {
        text(at).ok_or_else(|| E::custom("the year has more than four digits"))
    }

    pub(crate) fn serialize<S: Serializer>(at: &SystemTime, out: S) -> Result<S::Ok, S::Error> {
        checked_text::<S::Error>(*at)?.serialize(out)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<SystemTime, D::Error> {
        let text = String::deserialize(input)?;
        parse(&text).map_err(de::Error::custom)
    }
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
