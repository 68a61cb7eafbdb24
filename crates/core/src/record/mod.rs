//! What is known of one exchange, or of a stage of it, as plain serde data.
//!
//! The JSON form is a contract, described by `docs/record.schema.json`.

mod entry;
mod extensions;
mod json;
mod json_line;
mod limit;
mod maintenance;
mod missing;
mod origin;
mod outcome;
mod scan;
mod seq;
mod text;
mod withhold;

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use uuid::{Builder, NoContext, Timestamp, Uuid};

use self::json::document;
pub use self::missing::{missing_entries, missing_entries_of_lines, RunReport};
pub use self::{
    entry::{Entry, Gap, GapRecord},
    extensions::Extensions,
    json::Json,
    json_line::JsonLineBuffer,
    limit::{RecordLimit, DEFAULT_MAX_RECORD_BYTES, MIN_MAX_RECORD_BYTES},
    maintenance::{Maintenance, MaintenanceKind, MaintenanceRecord},
    origin::{Resource, Trace},
    outcome::{BodyState, ErrorKind, ErrorRecord, Outcome, Reason, Stage},
    seq::SeqRanges,
    text::RecordText,
};
use crate::rfc3339;

/// The version of the record's JSON, written as `v`.
pub const RECORD_VERSION: u32 = 1;

/// What a masked value reads.
pub const MASK: &str = "***";

/// One exchange, or a stage of it: a request, its response, and how it ended.
///
/// Nearly every exchange has one record, without a [`stage`](Self::stage). One that is recorded in
/// stages has several, with the same `id` and `run`; the later ones name the first by
/// [`first_seq`](Self::first_seq).
///
/// ```
/// use body_logger_core::record::{Outcome, Record};
///
/// # fn main() -> Result<(), serde_json::Error> {
/// # let line = include_str!("../../docs/record.example.json");
/// let record: Record = serde_json::from_str(line)?;
/// assert_eq!(record.outcome, Some(Outcome::Completed));
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
    /// The id of the exchange: a UUID v7, or the adopted id of the incoming request. It may repeat.
    pub id: RecordText,
    /// A UUID v7 of this entry alone, made when it is rendered: readers deduplicate by it.
    pub entry_id: Uuid,
    /// A UUID v7 of the logger, made when it is built.
    pub run: Uuid,
    /// The number of this entry in its run: 1, 2, 3 and so on, as exchanges or stages end.
    pub seq: u64,
    /// Which stage of its exchange this is; none for a whole exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// The `seq` of the first record of the same exchange, in each that follows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seq: Option<u64>,
    /// When the request reached this layer; RFC 3339 in UTC with microseconds.
    #[serde(with = "rfc3339")]
    pub time: SystemTime,
    /// How the exchange ended; none in a stage before its end.
    pub outcome: Option<Outcome>,
    /// What went wrong, where something did.
    pub error: Option<ErrorRecord>,
    /// Microseconds from `time` until the exchange ended; none in a stage before its end.
    pub duration_us: Option<u64>,
    /// Microseconds from `time` until the response's head was ready.
    pub ttfb_us: Option<u64>,
    /// The trace that the request is part of, by its `traceparent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
    /// What recorded it, as the logger was told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
    /// Who asked.
    pub client: Client,
    /// What the handler attached.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// The request as this layer saw it.
    pub request: RequestRecord,
    /// The response as this layer saw it; none where the exchange ended before there was one.
    pub response: Option<ResponseRecord>,
    #[serde(skip)]
    pub(crate) extensions: Extensions,
}

impl Record {
    /// The entry `seq` of `run`, of an exchange that began at `time`: a request without anything in it, and no response.
    #[must_use]
    pub fn new(id: impl Into<RecordText>, run: Uuid, seq: u64, time: SystemTime) -> Self {
        Self {
            v: RECORD_VERSION,
            id: id.into(),
            entry_id: entry_id(run, seq, time),
            run,
            seq,
            stage: None,
            first_seq: None,
            time: whole_micros(time),
            outcome: None,
            error: None,
            duration_us: None,
            ttfb_us: None,
            trace: None,
            resource: None,
            client: Client::default(),
            attributes: BTreeMap::new(),
            request: RequestRecord::default(),
            response: None,
            extensions: Extensions::default(),
        }
    }

    /// The record in `docs/record.example.json`, for the tests of what takes records.
    ///
    /// # Panics
    ///
    /// Never: a test reads it.
    #[must_use]
    pub fn example() -> Self {
        let json = include_str!("../../docs/record.example.json");
        serde_json::from_str(json).expect("the example is a record")
    }

    /// Takes out every field of free form, whether a client, the handler or the application chose it; bodies then say
    /// `redaction`. What stays are numbers, times, words of this crate and ids that it made.
    ///
    /// For whoever meant to redact the record, and failed.
    pub fn withhold_all(&mut self) {
        withhold::all(self);
    }

    /// What travels with the record and is no part of it.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// What travels with the record, to add to it.
    #[must_use]
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// The response's status code, if there was a response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(|response| response.status)
    }

    /// Whether this record stands for its exchange: there is exactly one such record of each. It has
    /// no stage, or is the [`Response`](Stage::Response) stage.
    ///
    /// Closures and [`format::har`](crate::format::har()) see only these; a [`Sink`](crate::Sink) sees all.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        matches!(self.stage, None | Some(Stage::Response))
    }
}

/// The request side of a [`Record`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
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

impl ResponseRecord {
    /// A response of this status, without anything in it.
    #[must_use]
    pub fn new(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            headers_dropped: 0,
            body: Body::default(),
        }
    }
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
    /// The file in which all of it is kept, as it passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<BodyFile>,
    /// The parts of a multipart body, as far as they were kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// How many more parts there were; the first hundred are told of.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub parts_dropped: u32,
}

impl Body {
    /// Adds a reason why not all of it is shown, once.
    pub fn add_reason(&mut self, reason: Reason) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }
}

/// A file in which a body is kept whole.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BodyFile {
    /// Its name in its directory.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// A digest of its content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
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
    /// The address in the form that the logger was told to show; none where it is unknown or left out.
    pub addr: Option<RecordText>,
}

/// Makes the id of a run, or of an entry that has no number: a UUID v7.
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::new_v7(Timestamp::now(NoContext))
}

/// The id of the entry of this number: the same however often it is rendered, so that all sinks get
/// the same. No two of a run are equal, and those of different runs differ as random ones do.
#[must_use]
pub fn entry_id(run: Uuid, seq: u64, at: SystemTime) -> Uuid {
    let (high, low) = run.as_u64_pair();
    // The steps of splitmix64, of which each can be undone.
    let mut mixed = low ^ seq.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    // The builder sets the version and the variant: bits of the first and of the third byte.
    let [m0, m1, m2, m3, m4, m5, m6, m7] = mixed.to_be_bytes();
    let [.., h0, h1] = high.to_be_bytes();
    let random = [h0, m0, h1, m1, m2, m3, m4, m5, m6, m7];
    let since = at.duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.unwrap_or_default().as_millis();
    let millis = u64::try_from(millis).unwrap_or(u64::MAX);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
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
    fn entry_ids_are_of_version_7_carry_the_time_and_repeat_for_the_same_entry_only() {
        let at = SystemTime::UNIX_EPOCH + Duration::from_millis(0x0123_4567_89ab);
        let (run, other) = (new_id(), new_id());
        let id = entry_id(run, 1, at);
        assert_eq!(id, entry_id(run, 1, at));
        assert!(id.to_string().starts_with("01234567-89ab-7"), "{id}");
        assert_eq!(id.get_variant(), uuid::Variant::RFC4122);
        let numbers = (0..10_000).chain([u64::MAX]);
        let ids = numbers.flat_map(|seq| [run, other].map(|run| entry_id(run, seq, at)));
        let distinct: std::collections::BTreeSet<Uuid> = ids.collect();
        assert_eq!(distinct.len(), 2 * 10_001);
    }

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
