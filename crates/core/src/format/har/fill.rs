//! Converts records to the structures of an HTTP archive.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use super::{
    Cache, Content, Entry, Pair, Param, Passed, PassedPart, PostData, Request, Response, Timings,
};
use crate::{
    format::{url, words},
    record::{Body, Part, Record, RecordText, RequestRecord, ResponseRecord},
};

/// Maximum number of form fields written as parameters.
const MAX_PARAMS: usize = 100;

impl<'a> Entry<'a> {
    /// The entries of the whole records among these, in the order of their times.
    pub(super) fn sorted(records: impl IntoIterator<Item = &'a Record>) -> Vec<Self> {
        let whole = records.into_iter().filter(|record| record.is_whole());
        let mut entries: Vec<Self> = whole.map(Self::of).collect();
        // Records are in the order in which exchanges ended.
        entries.sort_by_key(|entry| entry.started);
        entries
    }

    fn of(record: &'a Record) -> Self {
        // Without a response, all of the time was spent waiting.
        let duration = record.duration_us.unwrap_or_default();
        let wait = record.ttfb_us.unwrap_or(duration).min(duration);
        Self {
            started: record.time,
            time: milliseconds(duration),
            request: Request::of(&record.request),
            response: match &record.response {
                Some(response) => Response::of(response, &record.request.version),
                None => Response::none(),
            },
            cache: Cache {},
            timings: Timings {
                send: 0.0,
                wait: milliseconds(wait),
                receive: milliseconds(duration - wait),
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
        // The decoded size, if all of the body was decoded.
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

    /// Returns the response of an exchange without one.
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
            file: body.file.as_ref(),
            no_file: body.no_file,
            parts: body.parts.iter().map(PassedPart::of).collect(),
        }
    }
}

impl<'a> PassedPart<'a> {
    fn of(part: &'a Part) -> Self {
        Self {
            name: part.name.as_deref(),
            file_name: part.file_name.as_deref(),
            media_type: part.media_type.as_deref(),
            bytes: part.bytes,
            reasons: &part.reasons,
            digest: part.digest.as_deref(),
            json: part.json.as_ref().map(|json| json.get()),
            text: part.text.as_deref(),
        }
    }
}

impl<'a> PostData<'a> {
    fn of(request: &'a RequestRecord) -> Option<Self> {
        let body = &request.body;
        let (text, encoding) = content(body);
        let is_of = |media_type: &str| body.media_type.as_deref() == Some(media_type);
        let is_form = is_of("application/x-www-form-urlencoded");
        let params = match text {
            Some(form) if is_form && words::is_whole(body) && has_few_pairs(form) => {
                Some(url::pairs(form).map(Param::of_pair).collect())
            }
            Some(_) => None,
            // Readers take `params` for a form, whatever the media type.
            None if body.parts.is_empty() || !is_of("multipart/form-data") => return None,
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

/// Limits the output: with short pairs the parameters are many times as long as the form.
fn has_few_pairs(form: &str) -> bool {
    url::pairs(form).nth(MAX_PARAMS).is_none()
}

/// Returns the text of a body, and its encoding if it has one.
fn content(body: &Body) -> (Option<&str>, Option<&'static str>) {
    let json = body.json.as_ref().map(|json| json.get());
    match (json.or(body.text.as_deref()), &body.base64) {
        (None, Some(base64)) => (Some(base64), Some("base64")),
        (text, _) => (text, None),
    }
}

fn headers(headers: &[(RecordText, RecordText)]) -> Vec<Pair<'_>> {
    let pairs = headers.iter().map(|(name, value)| Pair {
        name: name.as_str().into(),
        value: value.as_str().into(),
    });
    pairs.collect()
}

fn header<'a>(headers: &'a [(RecordText, RecordText)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(n, _)| n == name);
    found.map(|(_, value)| value.as_str())
}

/// Returns the media type, with its parameters if the header is shown.
fn media_type<'a>(headers: &'a [(RecordText, RecordText)], body: &'a Body) -> &'a str {
    let shown = header(headers, "content-type").filter(|value| value.contains('/'));
    shown.or(body.media_type.as_deref()).unwrap_or_default()
}

/// Decodes a part of a query or a form. Returns it unchanged if the result is not UTF-8.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['+', '%']) {
        return Cow::Borrowed(text);
    }
    match percent_decode_str(&text.replace('+', " ")).decode_utf8() {
        Ok(decoded) => Cow::Owned(decoded.into_owned()),
        Err(_) => Cow::Borrowed(text),
    }
}

fn size(bytes: Option<u64>) -> i64 {
    bytes.map_or(-1, |bytes| i64::try_from(bytes).unwrap_or(i64::MAX))
}

fn milliseconds(micros: u64) -> f64 {
    micros as f64 / 1000.0
}
