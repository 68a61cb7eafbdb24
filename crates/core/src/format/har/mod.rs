//! Records as an HTTP archive, HAR 1.2.

mod fill;

use std::{borrow::Cow, collections::BTreeMap, time::SystemTime};

use serde::Serialize;

use crate::{
    record::{BodyState, Client, ErrorRecord, Outcome, Reason, Record},
    rfc3339,
};

/// Records as an HTTP archive: a HAR 1.2 file, which browsers' tools and many others read.
///
/// Any serde format writes it; JSON is what a HAR file is. What HAR has no place for stands under
/// names that begin with `_`, as the format has it: `_id`, `_outcome`, `_error`, `_attributes`,
/// `_client` and `_route` of the entry, and `_body` of its request and response, where there is
/// always the transfer's `state` and the `reasons` why not all is shown.
///
/// - An exchange without a response has a response with the status 0.
/// - Times are in milliseconds. `wait` is the time until the response's head was ready, `receive`
///   that until the exchange ended. The server knows no others.
/// - A request's complete form stands as `params`, decoded, if it has at most a hundred fields; of a
///   multipart form all parts do. The parts of other multipart bodies stand in `_body` only. Bodies
///   that were recorded as base64 have `encoding`, which for requests HAR calls nothing: `_encoding`.
/// - A part's JSON is written as text.
/// - Sizes are -1 where they are not known. `cookies` is always empty: they stand in the headers, of
///   which only the names are shown by default.
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

/// Makes an HTTP archive of the [whole](Record::is_whole) records among these, the oldest first:
/// each exchange stands in it once.
#[must_use]
pub fn har<'a>(records: impl IntoIterator<Item = &'a Record>) -> Har<'a> {
    let whole = records.into_iter().filter(|record| record.is_whole());
    let mut entries: Vec<Entry<'a>> = whole.map(Entry::of).collect();
    // Records come in the order in which exchanges end.
    entries.sort_by_key(|entry| entry.started);
    Har {
        log: Log {
            version: "1.2",
            creator: Creator {
                name: "actix-web-body-logger",
                version: env!("CARGO_PKG_VERSION"),
            },
            entries,
        },
    }
}

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

/// What HAR does not ask of a body.
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PassedPart<'a>>,
}

/// A part, whose JSON is a text: only JSON itself can hold any document as it is.
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
    // There is one or the other.
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

/// A server knows nothing of its clients' caches.
#[derive(Debug, Clone, Serialize)]
struct Cache {}

#[derive(Debug, Clone, Serialize)]
struct Timings {
    send: f64,
    wait: f64,
    receive: f64,
}
