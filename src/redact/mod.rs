//! Makes a record of what was captured: the only way from raw bytes to anything a sink, or a
//! user's code, gets to see. What it cannot understand it withholds.

mod content;
mod cookies;
mod field_path;
mod form;
mod headers;
mod json;
mod look;
mod masking;
mod multipart;
mod names;
mod own;
mod pairs;
mod path;
pub(crate) mod percent;
mod readable;
mod rules;
mod shapes;
mod text;
mod url;

use std::{fmt, num::NonZeroU64};

use actix_web::http::Version;
use uuid::Uuid;

#[cfg(feature = "hash")]
pub(crate) use self::masking::Masking;
pub(crate) use self::{content::ContentRules, headers::HeaderRules, rules::Rules};
use self::{
    content::Contents,
    pairs::redact_pairs,
    path::redact_path,
    text::redact_error_message,
    url::{mask_shapes, redact_host, redact_parameters},
};
pub use self::{
    field_path::{FieldPath, ParseFieldPathError},
    headers::HiddenHeaders,
    names::DEFAULT_SECRET_NAMES,
    own::Redact,
};
#[cfg(feature = "internals")]
pub(crate) use self::{
    form::redact_form,
    json::{redact as redact_json, Layout},
    names::SecretNames,
    text::redact_text,
};
use crate::{
    captured::{Captured, CapturedRequest, CapturedResponse, Fields, Head, HOST, PATH, QUERY},
    client::{Clients, Source},
    delivery::contain,
    record::{
        entry_id, micros, whole_micros, Client, ErrorRecord, Record, RecordLimit, RequestRecord,
        Resource, ResponseRecord, Stage, Trace, MASK, RECORD_VERSION,
    },
    record_text::RecordText,
};

/// How records are made: what is masked, what is shown, and who says so.
#[derive(Default)]
pub(crate) struct Redaction {
    /// Names the logger.
    pub(crate) run: Uuid,
    pub(crate) resource: Option<Resource>,
    pub(crate) headers: HeaderRules,
    pub(crate) rules: Rules,
    pub(crate) content: ContentRules,
    /// Whether paths are masked of which no route tells what is secret in them.
    pub(crate) mask_unmatched_paths: bool,
    pub(crate) clients: Clients,
    pub(crate) own: Vec<Box<dyn Redact>>,
    pub(crate) record_limit: RecordLimit,
}

impl Redaction {
    /// The record of an exchange that has ended.
    pub(crate) fn record(&self, captured: &Captured) -> Record {
        let mut record = self.built_in(captured);
        let identity = (record.entry_id, record.run, record.seq);
        for own in &self.own {
            if contain(|| own.redact(&mut record)).is_err() {
                own::withhold_all(&mut record);
            }
        }
        // Nobody could tell what is missing from a log if these were changed.
        (record.entry_id, record.run, record.seq) = identity;
        // Last, as the application may have added to it.
        self.record_limit.apply(&mut record);
        record
    }

    fn built_in(&self, captured: &Captured) -> Record {
        let took = captured.ended - captured.began;
        let head = captured.request.head.fields();
        let is_over = captured.outcome.is_some();
        Record {
            v: RECORD_VERSION,
            id: captured.id().text(),
            entry_id: entry_id(self.run, captured.seq, captured.time + took),
            run: self.run,
            seq: captured.seq,
            stage: (!is_over).then_some(Stage::Start),
            first_seq: captured.first_seq.map(NonZeroU64::get),
            time: whole_micros(captured.time),
            outcome: captured.outcome,
            error: captured.error.as_ref().map(|error| self.error(error)),
            duration_us: is_over.then(|| micros(took)),
            ttfb_us: captured.ttfb().map(micros),
            trace: trace(&head),
            resource: self.resource.clone(),
            client: self.client(captured.client),
            attributes: captured
                .attributes
                .iter()
                .map(|(name, value)| {
                    let secret = self.rules.names.matches(name);
                    let value = if secret { MASK } else { value };
                    (
                        name.clone(),
                        shapes::mask_if(self.rules.shapes, value.into()).into_owned(),
                    )
                })
                .collect(),
            request: self.request(&captured.request, &head),
            response: captured.response.as_ref().map(|res| self.response(res)),
            span: captured.span.share(),
        }
    }

    fn error(&self, error: &ErrorRecord) -> ErrorRecord {
        let message = error.message.as_deref();
        ErrorRecord {
            message: message.map(|message| redact_error_message(message, &self.rules)),
            ..error.clone()
        }
    }

    fn client(&self, source: Option<Source>) -> Client {
        Client {
            addr: source.and_then(|source| self.clients.show(source)),
        }
    }

    /// The path of a request, cut where it was too long.
    fn path(&self, shapes: bool, head: &Fields<'_>, route: Option<&str>) -> RecordText {
        let Some(path) = head.get(PATH) else {
            return RecordText::default();
        };
        let text = path.text();
        let unmatched = self.mask_unmatched_paths;
        let mut shown = redact_path(&text, path.cut, route, &self.rules.names, unmatched);
        if path.cut {
            let whole_segments = shown.rfind('/').map_or(0, |end| end + 1);
            shown.to_mut().replace_range(whole_segments.., MASK);
        }
        mask_shapes(shapes, redact_parameters(shown, &self.rules), &self.rules).into()
    }

    /// Whether there may be secret shapes in a head. Most have none, and one look tells.
    fn may_hold_shapes(&self, head: &Head) -> bool {
        self.rules.shapes && !shapes::none_in(head.bytes())
    }

    fn request(&self, request: &CapturedRequest, head: &Fields<'_>) -> RequestRecord {
        let shapes = self.may_hold_shapes(&request.head);
        RequestRecord {
            method: request.method.as_str().into(),
            scheme: RecordText::constant(if request.secure { "https" } else { "http" }),
            host: head.get(HOST).or_else(|| head.get("host")).map(|host| {
                // The end that tells that there is a user before the host may be missing.
                if host.cut {
                    return RecordText::constant(MASK);
                }
                shapes::mask_if(shapes, redact_host(&host.text())).into()
            }),
            path: self.path(shapes, head, request.route.as_deref()),
            route: request.route.as_deref().map(RecordText::from),
            query: head
                .get(QUERY)
                .map(|query| redact_pairs(&query.text(), query.cut, &self.rules).into()),
            version: version(request.version),
            body: self.contents().body(&request.body, head),
            headers: self.headers.redact(head, shapes, &self.rules),
            headers_dropped: request.head.dropped(),
        }
    }

    fn response(&self, response: &CapturedResponse) -> ResponseRecord {
        let shapes = self.may_hold_shapes(&response.head);
        let head = response.head.fields();
        ResponseRecord {
            status: response.status.as_u16(),
            body: self.contents().body(&response.body, &head),
            headers: self.headers.redact(&head, shapes, &self.rules),
            headers_dropped: response.head.dropped(),
        }
    }

    fn contents(&self) -> Contents<'_> {
        Contents {
            rules: &self.rules,
            content: &self.content,
        }
    }
}

/// The trace of a request that names exactly one.
fn trace(head: &Fields<'_>) -> Option<Trace> {
    let mut traceparents = head.get_all("traceparent");
    let only = traceparents.next().filter(|field| !field.cut)?;
    match traceparents.next() {
        None => Trace::parse(only.value),
        Some(_) => None,
    }
}

/// As in a request line.
fn version(version: Version) -> RecordText {
    match version {
        // Nearly all are of these.
        Version::HTTP_11 => RecordText::constant("HTTP/1.1"),
        Version::HTTP_2 => RecordText::constant("HTTP/2.0"),
        other => format!("{other:?}").into(),
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redaction")
            .field("run", &self.run)
            .field("resource", &self.resource)
            .field("headers", &self.headers)
            .field("rules", &self.rules)
            .field("content", &self.content)
            .field("mask_unmatched_paths", &self.mask_unmatched_paths)
            .field("clients", &self.clients)
            .field("own", &self.own.len())
            .field("record_limit", &self.record_limit)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_read_as_in_a_request_line() {
        for (known, expected) in [
            (Version::HTTP_09, "HTTP/0.9"),
            (Version::HTTP_10, "HTTP/1.0"),
            (Version::HTTP_11, "HTTP/1.1"),
            (Version::HTTP_2, "HTTP/2.0"),
            (Version::HTTP_3, "HTTP/3.0"),
        ] {
            assert_eq!(version(known), expected);
            assert_eq!(version(known), format!("{known:?}"));
        }
    }
}
