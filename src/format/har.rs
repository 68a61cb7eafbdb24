//! Records as an HTTP archive, HAR 1.2.

use std::{borrow::Cow, collections::BTreeMap, time::SystemTime};

use serde::Serialize;

use super::{url, words};
use crate::{
    record::{
        rfc3339, Body, BodyState, Client, ErrorRecord, Outcome, Part, Reason, Record,
        RequestRecord, ResponseRecord,
    },
    redact::percent::form_decoded,
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
/// - A request's complete form stands as `params`, decoded; of a multipart form all parts do. Bodies
///   that were recorded as base64 have `encoding`, which for requests HAR calls nothing: `_encoding`.
/// - Sizes are -1 where they are not known. `cookies` is always empty: they stand in the headers, of
///   which only the names are shown by default.
///
/// ```
/// use actix_web_body_logger::{format, sink::Memory};
///
/// # fn main() -> Result<(), serde_json::Error> {
/// let memory = Memory::new(100);
/// // ... serve some requests behind a logger with this sink ...
/// let file = serde_json::to_string_pretty(&format::har(&memory.records()))?;
/// # assert!(file.contains(r#""version": "1.2""#));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Serialize)]
pub struct Har<'a> {
    log: Log<'a>,
}

/// Makes an HTTP archive of records, the oldest first.
#[must_use]
pub fn har<'a>(records: impl IntoIterator<Item = &'a Record>) -> Har<'a> {
    let mut entries: Vec<Entry<'a>> = records.into_iter().map(Entry::of).collect();
    // Records come in the order in which exchanges end.
    entries.sort_by_key(|entry| entry.started);
    Har {
        log: Log {
            version: "1.2",
            creator: Creator {
                name: env!("CARGO_PKG_NAME"),
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
    outcome: Outcome,
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
    #[serde(skip_serializing_if = "<[Part]>::is_empty")]
    parts: &'a [Part],
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

impl<'a> Entry<'a> {
    fn of(record: &'a Record) -> Self {
        // Where there was no response all of the time was waiting.
        let ttfb = record.ttfb_us.unwrap_or(record.duration_us);
        let wait = ttfb.min(record.duration_us);
        Self {
            started: record.time,
            time: milliseconds(record.duration_us),
            request: Request::of(&record.request),
            response: match &record.response {
                Some(response) => Response::of(response, &record.request.version),
                None => Response::none(),
            },
            cache: Cache {},
            timings: Timings {
                send: 0.0,
                wait: milliseconds(wait),
                receive: milliseconds(record.duration_us - wait),
            },
            id: &record.id,
            outcome: record.outcome,
            error: record.error.as_ref(),
            client: &record.client,
            route: record.request.route.as_deref(),
            attributes: &record.attributes,
        }
    }
}

impl<'a> Request<'a> {
    fn of(request: &'a RequestRecord) -> Self {
        let query = url::pairs(request.query.as_deref().unwrap_or_default());
        Self {
            method: &request.method,
            url: url::url(request),
            http_version: &request.version,
            cookies: [],
            headers: headers(&request.headers),
            query_string: query
                .map(|(name, value)| Pair {
                    name: decoded(name),
                    value: decoded(value),
                })
                .collect(),
            post_data: PostData::of(request),
            headers_size: -1,
            body_size: size(request.body.bytes),
            body: Passed::of(&request.body),
        }
    }
}

impl<'a> Response<'a> {
    fn of(response: &'a ResponseRecord, version: &'a str) -> Self {
        let body = &response.body;
        let (text, encoding) = content(body);
        // All that came out of the content coding, where all of it did.
        let decoded = body.decoded.filter(|_| words::is_whole(body));
        Self {
            status: response.status,
            status_text: words::status_text(response.status),
            http_version: version,
            cookies: [],
            headers: headers(&response.headers),
            content: Content {
                size: size(decoded.or(body.bytes)),
                mime_type: media_type(&response.headers, body),
                text,
                encoding,
            },
            redirect_url: header(&response.headers, "location").unwrap_or_default(),
            headers_size: -1,
            body_size: size(body.bytes),
            body: Some(Passed::of(body)),
        }
    }

    /// What there is of a response where there was none.
    fn none() -> Self {
        Self {
            status: 0,
            status_text: "",
            http_version: "",
            cookies: [],
            headers: Vec::new(),
            content: Content::default(),
            redirect_url: "",
            headers_size: -1,
            body_size: -1,
            body: None,
        }
    }
}

impl<'a> Passed<'a> {
    fn of(body: &'a Body) -> Self {
        Self {
            state: body.state,
            captured: body.captured,
            reasons: &body.reasons,
            encoding: body.encoding.as_deref(),
            decoded: body.decoded,
            events: body.events,
            digest: body.digest.as_deref(),
            parts: &body.parts,
        }
    }
}

impl<'a> PostData<'a> {
    fn of(request: &'a RequestRecord) -> Option<Self> {
        let body = &request.body;
        let (text, encoding) = content(body);
        let is_form = body.media_type.as_deref() == Some("application/x-www-form-urlencoded");
        let params = match text {
            Some(form) if is_form && words::is_whole(body) => {
                Some(url::pairs(form).map(Param::of_pair).collect())
            }
            Some(_) => None,
            None if body.parts.is_empty() => return None,
            None => Some(body.parts.iter().map(Param::of_part).collect()),
        };
        Some(Self {
            mime_type: media_type(&request.headers, body),
            text: text.filter(|_| params.is_none()),
            encoding,
            params,
        })
    }
}

impl<'a> Param<'a> {
    fn of_pair((name, value): (&'a str, &'a str)) -> Self {
        Self {
            name: decoded(name),
            value: Some(decoded(value)),
            file_name: None,
            content_type: None,
        }
    }

    fn of_part(part: &'a Part) -> Self {
        let json = part.json.as_ref().map(|json| json.get());
        Self {
            name: part.name.as_deref().unwrap_or_default().into(),
            value: part.text.as_deref().or(json).map(Cow::from),
            file_name: part.file_name.as_deref(),
            content_type: part.media_type.as_deref(),
        }
    }
}

/// The text of a body, and its encoding where it has one.
fn content(body: &Body) -> (Option<&str>, Option<&'static str>) {
    let json = body.json.as_ref().map(|json| json.get());
    match (json.or(body.text.as_deref()), &body.base64) {
        (None, Some(base64)) => (Some(base64), Some("base64")),
        (text, _) => (text, None),
    }
}

fn headers(headers: &[(String, String)]) -> Vec<Pair<'_>> {
    let pairs = headers.iter().map(|(name, value)| Pair {
        name: name.into(),
        value: value.into(),
    });
    pairs.collect()
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(n, _)| n == name);
    found.map(|(_, value)| value.as_str())
}

/// With its parameters, if the header is shown.
fn media_type<'a>(headers: &'a [(String, String)], body: &'a Body) -> &'a str {
    let shown = header(headers, "content-type").filter(|value| value.contains('/'));
    shown.or(body.media_type.as_deref()).unwrap_or_default()
}

/// What a part of a query or a form means; as it stands where that is no text.
fn decoded(text: &str) -> Cow<'_, str> {
    match form_decoded(text) {
        Cow::Owned(decoded) if decoded.contains('\u{fffd}') => Cow::Borrowed(text),
        decoded => decoded,
    }
}

fn size(bytes: Option<u64>) -> i64 {
    bytes.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX))
}

fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1000.0
}
