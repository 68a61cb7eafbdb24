//! Records: one exchange, or a stage of it, as plain serde data.
//!
//! The JSON form is a contract, described by `docs/record.schema.json`.

mod entry;
mod erased;
mod extensions;
mod json;
mod json_line;
mod limit;
mod maintenance;
mod missing;
mod origin;
mod outcome;
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
    erased::ErasedEntry,
    extensions::Extensions,
    json::Json,
    json_line::JsonLineBuffer,
    limit::{RecordLimit, DEFAULT_MAX_RECORD_BYTES, MIN_MAX_RECORD_BYTES},
    maintenance::{Maintenance, MaintenanceKind, MaintenanceRecord},
    origin::{Resource, Trace},
    outcome::{BodyState, ErrorKind, ErrorRecord, NoFile, Outcome, Reason, Stage},
    seq::SeqRanges,
    text::RecordText,
};
use crate::rfc3339;

/// The version of the record's JSON, written as `v`.
pub const RECORD_VERSION: u32 = 1;

/// Replaces a masked value.
pub const MASK: &str = "***";

/// One exchange, or a stage of it: a request, its response, and how it ended.
///
/// Nearly every exchange has one record, without a [`stage`](Self::stage). An exchange recorded in stages has several,
/// with the same `id` and `run`; the later ones refer to the first by [`first_seq`](Self::first_seq).
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
    /// The id of the exchange: a UUID v7, or the id adopted from the request, which may repeat.
    pub id: RecordText,
    /// A UUID v7 of this entry alone, by which readers can remove duplicates.
    pub entry_id: Uuid,
    /// A UUID v7 of the logger, created when it is built.
    pub run: Uuid,
    /// The number of this entry in its run: 1, 2, 3 and so on, as exchanges or stages end.
    pub seq: u64,
    /// The stage of its exchange; none for a whole exchange.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Stage>,
    /// In later records of the same exchange, the `seq` of the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_seq: Option<u64>,
    /// When the request reached the logger; RFC 3339 in UTC with microseconds.
    #[serde(with = "rfc3339")]
    pub time: SystemTime,
    /// How the exchange ended; none in a stage before its end.
    pub outcome: Option<Outcome>,
    /// The error, if there was one.
    pub error: Option<ErrorRecord>,
    /// Microseconds from `time` until the exchange ended; none in a stage before its end.
    pub duration_us: Option<u64>,
    /// Microseconds from `time` until the response's head was ready.
    pub ttfb_us: Option<u64>,
    /// The trace of the request, from its `traceparent`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trace: Option<Trace>,
    /// The service that recorded it, as configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resource: Option<Resource>,
    /// The client.
    pub client: Client,
    /// Attributes that the handler has set.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
    /// The request as the logger saw it.
    pub request: RequestRecord,
    /// The response as the logger saw it; none if the exchange ended without one.
    pub response: Option<ResponseRecord>,
    #[serde(skip)]
    pub(crate) extensions: Extensions,
}

impl Record {
    /// Creates entry `seq` of `run`, for an exchange that began at `time`, with an empty request and no response.
    /// [`entry_id`](entry_id()) makes its id.
    #[must_use]
    pub fn new(
        id: impl Into<RecordText>,
        entry_id: Uuid,
        run: Uuid,
        seq: u64,
        time: SystemTime,
    ) -> Self {
        Self {
            v: RECORD_VERSION,
            id: id.into(),
            entry_id,
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

    /// Returns the record in `docs/record.example.json`, for tests.
    ///
    /// # Panics
    ///
    /// Never: a test reads it.
    #[must_use]
    pub fn example() -> Self {
        let json = include_str!("../../docs/record.example.json");
        serde_json::from_str(json).expect("the example is a record")
    }

    /// Removes every free-form field, whether a client, the handler or the application chose it; bodies then have the
    /// reason `redaction`. Numbers, times, words of this crate and ids that it created remain.
    ///
    /// For use when redaction of the record has failed.
    pub fn withhold_all(&mut self) {
        withhold::all(self);
    }

    /// Returns the values attached to the record that are not part of its data.
    #[must_use]
    pub fn extensions(&self) -> &Extensions {
        &self.extensions
    }

    /// Returns the attached values, to add some.
    #[must_use]
    pub fn extensions_mut(&mut self) -> &mut Extensions {
        &mut self.extensions
    }

    /// Returns the response's status code, if there was a response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.response.as_ref().map(|response| response.status)
    }

    /// Whether this is the one record that represents its whole exchange: it has no stage, or is the
    /// [`Response`](Stage::Response) stage.
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
    /// The host that the client named; user information before it is replaced by `***`.
    pub host: Option<RecordText>,
    /// The path, still percent-encoded.
    pub path: RecordText,
    /// The pattern of the route that matched.
    pub route: Option<RecordText>,
    /// The query string without its `?`, with secret values masked.
    pub query: Option<RecordText>,
    /// The protocol version, such as `HTTP/1.1`.
    pub version: RecordText,
    /// Names in lower case with their values, sorted by name.
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
    /// The status code when the response passed the logger.
    pub status: u16,
    /// Names in lower case with their values, sorted by name, when the response passed the logger. The server adds
    /// `date`, `content-length`, `transfer-encoding` and `connection` later.
    pub headers: Vec<(RecordText, RecordText)>,
    /// How many headers were left out because the head is larger than what is kept of one.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub headers_dropped: u32,
    /// The body.
    pub body: Body,
}

impl ResponseRecord {
    /// Creates an empty response with this status.
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

/// A body: its size, the state of its transfer, and its content as far as it was kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Body {
    /// The state of the transfer.
    pub state: BodyState,
    /// Payload bytes that passed the logger; none for the request side of a tunnel.
    pub bytes: Option<u64>,
    /// Number of those bytes that the content below represents.
    pub captured: u64,
    /// Why it does not represent all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// The media type without its parameters, in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<RecordText>,
    /// The content codings that were decoded for the content below, such as `gzip` or `gzip, br`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Number of decoded bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decoded: Option<u64>,
    /// Number of server-sent events that passed, for `text/event-stream`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<u64>,
    /// A digest of all bytes that passed, kept or not, if the application asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// A complete, valid JSON document, redacted and compact, with numbers and key order unchanged.
    #[serde(
        default,
        deserialize_with = "document",
        skip_serializing_if = "Option::is_none"
    )]
    pub json: Option<Json>,
    /// Any other text, redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Binary content, only if the application asked for it: it is not redacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base64: Option<String>,
    /// The file that contains all bytes that passed, unredacted, if the application asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<BodyFile>,
    /// Why there is no such file although the application asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_file: Option<NoFile>,
    /// The parts of a multipart body, as far as they were kept; at most a hundred.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Number of further parts.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub parts_dropped: u32,
}

impl Body {
    /// Adds a reason, unless it is there already.
    pub fn add_reason(&mut self, reason: Reason) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }
}

/// A file that contains the bytes of a body that passed, unredacted: all of the body if its state is
/// [`Complete`](BodyState::Complete).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct BodyFile {
    /// Its name in its directory.
    pub name: String,
    /// Its size: that of the body, unless the file is encrypted.
    pub bytes: u64,
    /// A digest of its content as it is on the disk, if the application asked for digests.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

impl BodyFile {
    /// Creates a file without a digest.
    ///
    /// ```
    /// use body_logger_core::record::BodyFile;
    ///
    /// let file = BodyFile::new("0199fd2c-5a3e-7c41-9d0f-3b6c1a2e4f58.response", 1024);
    /// assert_eq!(file.digest, None);
    /// ```
    #[must_use]
    pub fn new(name: impl Into<String>, bytes: u64) -> Self {
        Self {
            name: name.into(),
            bytes,
            digest: None,
        }
    }
}

/// A part of a multipart body.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Part {
    /// The name of the form's field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The name of the file. A part with a file name is a file, whose content is not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_name: Option<String>,
    /// The media type without its parameters, in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<RecordText>,
    /// The size of its content; none if its end was not kept.
    pub bytes: Option<u64>,
    /// Why not all of its content is shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
    /// A digest of its content, if the application asked for digests and the whole part was kept.
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

/// The client of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Client {
    /// The address in the configured form; none if it is unknown or not recorded.
    pub addr: Option<RecordText>,
}

/// Generates the id of a run, or of an entry without a number: a UUID v7.
#[must_use]
pub fn new_id() -> Uuid {
    Uuid::new_v7(Timestamp::now(NoContext))
}

/// Returns the id of the entry with this number. It is deterministic, so that all sinks get the same id however often
/// an entry is rendered. Ids within a run differ, and those of different runs differ like random ones.
#[must_use]
pub fn entry_id(run: Uuid, seq: u64, at: SystemTime) -> Uuid {
    let (high, low) = run.as_u64_pair();
    // The mixing steps of splitmix64, which are invertible: different numbers stay different.
    let mut mixed = low ^ seq.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    // The builder overwrites bits of the first and the third byte with the version and the variant.
    let [m0, m1, m2, m3, m4, m5, m6, m7] = mixed.to_be_bytes();
    let [.., h0, h1] = high.to_be_bytes();
    let random = [h0, m0, h1, m1, m2, m3, m4, m5, m6, m7];
    let since = at.duration_since(SystemTime::UNIX_EPOCH);
    let millis = since.unwrap_or_default().as_millis();
    let millis = u64::try_from(millis).unwrap_or(u64::MAX);
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

/// Returns the time with the precision of a record.
pub(crate) fn whole_micros(time: SystemTime) -> SystemTime {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => SystemTime::UNIX_EPOCH + Duration::from_micros(micros(since)),
        Err(_) => time,
    }
}

/// Returns whole microseconds.
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
    fn entry_ids_are_version_7_with_the_time_and_unique_per_entry() {
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
    fn a_null_document_round_trips() {
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
