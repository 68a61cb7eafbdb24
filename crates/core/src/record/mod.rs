//! Records: one exchange, or a stage of it, as plain serde data.
//!
//! The JSON form is a contract, described by `docs/record.schema.json`.

mod body;
mod clear;
mod entry;
mod erased;
mod extensions;
mod ids;
mod json;
mod json_line;
mod limit;
mod maintenance;
mod missing;
mod origin;
mod outcome;
mod range;
mod seq;
mod text;
mod withhold;

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use self::{
    body::{Body, BodyFile, Part},
    entry::{Entry, Gap, GapRecord},
    erased::ErasedEntry,
    extensions::Extensions,
    ids::{entry_id, new_id},
    json::Json,
    json_line::{JsonLineBuffer, SALT_BYTES},
    limit::{RecordLimit, DEFAULT_MAX_RECORD_BYTES, MIN_MAX_RECORD_BYTES},
    maintenance::{Maintenance, MaintenanceKind, MaintenanceRecord},
    missing::{missing_entries, missing_entries_of_lines, RunReport},
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
        let mut record = Self::empty();
        record.identify(id, entry_id, run, seq, time);
        record
    }

    /// Creates an empty record, to be [identified](Self::identify) and filled.
    ///
    /// ```
    /// use std::time::SystemTime;
    ///
    /// use body_logger_core::{record::new_id, Record};
    ///
    /// let mut record = Record::empty();
    /// for seq in 1..=3 {
    ///     record.identify("a", new_id(), new_id(), seq, SystemTime::now());
    ///     record.request.headers.push(("accept".into(), "*/*".into()));
    ///     assert_eq!(record.request.headers.len(), 1);
    ///     record.clear();
    /// }
    /// ```
    #[must_use]
    pub fn empty() -> Self {
        Self {
            v: RECORD_VERSION,
            id: RecordText::default(),
            entry_id: Uuid::nil(),
            run: Uuid::nil(),
            seq: 0,
            stage: None,
            first_seq: None,
            time: SystemTime::UNIX_EPOCH,
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

    /// Makes it entry `seq` of `run`, for an exchange that began at `time`.
    pub fn identify(
        &mut self,
        id: impl Into<RecordText>,
        entry_id: Uuid,
        run: Uuid,
        seq: u64,
        time: SystemTime,
    ) {
        self.id = id.into();
        self.entry_id = entry_id;
        self.run = run;
        self.seq = seq;
        self.time = whole_micros(time);
    }

    /// Empties the record, to fill it again. It keeps a response, emptied as well, and what its lists of headers have
    /// allocated, within limits.
    pub fn clear(&mut self) {
        clear::all(self);
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
    /// Names in lower case with their values, sorted by name. Empty if [nothing reads them](crate::Sink::needs_headers).
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
    /// `date`, `content-length`, `transfer-encoding` and `connection` later. Empty if
    /// [nothing reads them](crate::Sink::needs_headers).
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

/// The client of a request.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Client {
    /// The address in the configured form; none if it is unknown or not recorded.
    pub addr: Option<RecordText>,
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

/// Whether a count is left out of the JSON.
fn is_zero(n: &u32) -> bool {
    *n == 0
}
