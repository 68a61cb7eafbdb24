//! Formats records as an HTTP archive, HAR 1.2.

mod fill;
mod writer;

use std::{borrow::Cow, collections::BTreeMap, time::SystemTime};

use serde::Serialize;

pub use self::writer::HarWriter;

use crate::{
    record::{BodyFile, BodyState, Client, ErrorRecord, NoFile, Outcome, Reason, Record},
    rfc3339,
};

/// An HTTP archive of records: a HAR 1.2 file, which browsers' tools and many others read.
///
/// Serialize it as JSON to get a HAR file. Data without a place in HAR has names that begin with `_`, as HAR specifies:
/// `_id`, `_outcome`, `_error`, `_attributes`, `_client` and `_route` of the entry, and `_body` of its request and
/// response, which always has the transfer's `state` and the `reasons` why not everything is shown.
///
/// - An exchange without a response has a response with status 0.
/// - Times are in milliseconds. `wait` is the time until the response's head was ready, `receive` the time from then
///   until the exchange ended. A server cannot measure others.
/// - A complete form is written as `params`, decoded, if it has at most a hundred fields; of a multipart form all parts
///   are. Parts of other multipart bodies are in `_body` only. Bodies recorded as base64 have `encoding`, or
///   `_encoding` in requests, as HAR defines it for responses only.
/// - A part's JSON is written as text.
/// - Unknown sizes are -1. `cookies` is always empty: cookies are in the headers, by default only with their names.
///
/// ```
/// use body_logger_core::{format, Record};
///
/// let records = [Record::example()];
/// let file = serde_json::to_string_pretty(&format::har(&records))?;
/// # assert!(file.contains(r#""version": "1.2""#));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Har<'a> {
    log: Log<'a>,
}

/// Creates an HTTP archive of the [whole](Record::is_whole) records among these, oldest first, so that it contains each
/// exchange once.
#[must_use]
pub fn har<'a>(records: impl IntoIterator<Item = &'a Record>) -> Har<'a> {
    Har {
        log: Log {
            version: VERSION,
            creator: Creator::default(),
            entries: Entry::sorted(records),
        },
    }
}

/// The version of the format.
const VERSION: &str = "1.2";

#[derive(Debug, Clone, Serialize)]
struct Log<'a> {
    version: &'static str,
    creator: Creator,
    entries: Vec<Entry<'a>>,
}

#[derive(Debug, Clone, Serialize)]
struct Creator {
    name: &'static str,
    version: &'static str,
}

impl Default for Creator {
    fn default() -> Self {
        Self {
            name: "actix-web-body-logger",
            version: env!("CARGO_PKG_VERSION"),
        }
    }
}

#[derive(Debug, Clone, Serialize)]
struct Entry<'a> {
    #[serde(rename = "startedDateTime", serialize_with = "rfc3339::serialize")]
    started: SystemTime,
    time: f64,
    request: Request<'a>,
    response: Response<'a>,
    cache: Cache,
    timings: Timings,
    #[serde(rename = "_id")]
    id: &'a str,
    #[serde(rename = "_outcome")]
    outcome: Option<Outcome>,
    #[serde(rename = "_error", skip_serializing_if = "Option::is_none")]
    error: Option<&'a ErrorRecord>,
    #[serde(rename = "_client")]
    client: &'a Client,
    #[serde(rename = "_route", skip_serializing_if = "Option::is_none")]
    route: Option<&'a str>,
    #[serde(rename = "_attributes", skip_serializing_if = "BTreeMap::is_empty")]
    attributes: &'a BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    method: &'a str,
    url: String,
    http_version: &'a str,
    cookies: [(); 0],
    headers: Vec<Pair<'a>>,
    query_string: Vec<Pair<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    post_data: Option<PostData<'a>>,
    headers_size: i64,
    body_size: i64,
    #[serde(rename = "_body")]
    body: Passed<'a>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Response<'a> {
    status: u16,
    status_text: &'static str,
    http_version: &'a str,
    cookies: [(); 0],
    headers: Vec<Pair<'a>>,
    content: Content<'a>,
    #[serde(rename = "redirectURL")]
    redirect_url: &'a str,
    headers_size: i64,
    body_size: i64,
    #[serde(rename = "_body", skip_serializing_if = "Option::is_none")]
    body: Option<Passed<'a>>,
}

/// Data of a body that HAR does not define.
#[derive(Debug, Clone, Serialize)]
struct Passed<'a> {
    state: BodyState,
    captured: u64,
    reasons: &'a [Reason],
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decoded: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    events: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a BodyFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    no_file: Option<NoFile>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PassedPart<'a>>,
}

/// A part. Its JSON is written as text, as other serde formats cannot embed a JSON document.
#[derive(Debug, Clone, Serialize)]
struct PassedPart<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<&'a str>,
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "<[Reason]>::is_empty")]
    reasons: &'a [Reason],
    #[serde(skip_serializing_if = "Option::is_none")]
    digest: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    json: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
}

#[derive(Debug, Clone, Serialize)]
struct Pair<'a> {
    name: Cow<'a, str>,
    value: Cow<'a, str>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct PostData<'a> {
    mime_type: &'a str,
    // Either `params` or `text` is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<Vec<Param<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(rename = "_encoding", skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
}

#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Param<'a> {
    name: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<&'a str>,
}

#[derive(Debug, Clone, Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Content<'a> {
    size: i64,
    mime_type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    encoding: Option<&'static str>,
}

/// Empty: a server does not know its clients' caches.
#[derive(Debug, Clone, Serialize)]
struct Cache {}

#[derive(Debug, Clone, Serialize)]
struct Timings {
    send: f64,
    wait: f64,
    receive: f64,
}
