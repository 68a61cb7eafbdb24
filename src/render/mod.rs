//! Renders captured exchanges as records. This is the only way from raw bytes to sinks and to users' code. Content that
//! it cannot parse is withheld.

mod content;
mod headers;
mod hidden;
mod own;

use std::{fmt, num::NonZeroU64, time::Duration};

use actix_web::http::Version;
use body_logger_core::{
    contain,
    record::{
        entry_id, Client, ErrorRecord, Record, RecordLimit, RecordText, RequestRecord, Resource,
        ResponseRecord, Stage, Trace,
    },
};
use body_logger_redact::{Extent, Redactor, Route, MASK};
pub use body_logger_redact::{FieldPath, ParseFieldPathError};
use uuid::Uuid;

pub(crate) use self::content::ContentRules;
use self::{content::Contents, hidden::Hidden, hidden::Tally};
pub use self::{headers::HiddenHeaders, own::Redact};
use crate::{
    capture::{Captured, CapturedRequest, CapturedResponse, Fields, HOST, PATH, QUERY},
    client::{Clients, Source},
};

/// Renders records, by the options for masking, showing and redacting.
#[derive(Default)]
pub(crate) struct Renderer {
    /// The logger's run.
    pub(crate) run: Uuid,
    pub(crate) resource: Option<Resource>,
    pub(crate) redactor: Redactor,
    pub(crate) hidden_headers: HiddenHeaders,
    pub(crate) content: ContentRules,
    /// Whether a path is masked as a whole if no route identifies its parameters.
    pub(crate) mask_unmatched_paths: bool,
    pub(crate) clients: Clients,
    pub(crate) own: Vec<Box<dyn Redact>>,
    pub(crate) record_limit: RecordLimit,
    pub(crate) hidden: Hidden,
}

/// The rendering of one record.
#[derive(Clone, Copy)]
struct Rendering<'r> {
    renderer: &'r Renderer,
    tally: &'r Tally,
}

impl Renderer {
    /// Renders an exchange, or a stage of one, as a record.
    pub(crate) fn record(&self, captured: &Captured) -> Record {
        let mut record = self.built_in(captured);
        let identity = (record.entry_id, record.run, record.seq);
        for own in &self.own {
            if contain(|| own.redact(&mut record)).is_err() {
                record.withhold_all();
            }
        }
        // Restored, because missing entries are detected by these.
        (record.entry_id, record.run, record.seq) = identity;
        // Last, as the application's own redaction may have made the record longer.
        self.record_limit.apply(&mut record);
        record
    }

    fn built_in(&self, captured: &Captured) -> Record {
        let tally = Tally::default();
        let rendering = Rendering {
            renderer: self,
            tally: &tally,
        };
        let record = rendering.record(captured);
        self.hidden.add(&tally);
        record
    }

    fn client(&self, source: Option<Source>) -> Client {
        let mut client = Client::default();
        client.addr = source.and_then(|source| self.clients.show(source));
        client
    }
}

impl Rendering<'_> {
    fn record(self, captured: &Captured) -> Record {
        let took = captured.ended - captured.began;
        let head = captured.request.head.fields();
        let is_over = captured.outcome.is_some();
        let Renderer { run, resource, .. } = self.renderer;
        let (seq, time) = (captured.seq, captured.time);
        let entry_id = entry_id(*run, seq, time + took);
        let mut record = Record::new(captured.id().text(), entry_id, *run, seq, time);
        record.stage = (!is_over).then_some(Stage::Start);
        record.first_seq = captured.first_seq.map(NonZeroU64::get);
        record.outcome = captured.outcome;
        record.error = captured.error.as_ref().map(|error| self.error(error));
        record.duration_us = is_over.then(|| micros(took));
        record.ttfb_us = captured.ttfb().map(micros);
        record.trace = trace(&head);
        record.resource = resource.clone();
        record.client = self.renderer.client(captured.client);
        record.attributes = captured
            .attributes
            .iter()
            .map(|(name, value)| {
                let shown = self.renderer.redactor.field(name, value);
                (name.clone(), self.tally.shown(shown).into_owned())
            })
            .collect();
        record.request = self.request(&captured.request, &head);
        record.response = captured.response.as_ref().map(|res| self.response(res));
        captured.span.travel_with(&mut record);
        record
    }

    fn error(self, error: &ErrorRecord) -> ErrorRecord {
        let message = error.message.as_deref();
        let redacted = message.map(|message| self.renderer.redactor.message(message));
        let mut shown = ErrorRecord::new(error.kind, error.status);
        shown.message = redacted.map(|message| self.tally.shown(message).into_owned());
        shown
    }

    /// Returns the request's path, without its last segment if that was truncated.
    fn path(self, head: &Fields<'_>, route: Option<&str>) -> RecordText {
        let Some(path) = head.get(PATH) else {
            return RecordText::default();
        };
        let route = match (route, self.renderer.mask_unmatched_paths) {
            (None, false) => Route::Unknown,
            (None, true) => Route::Nothing,
            (Some(pattern), false) => Route::Pattern(pattern),
            (Some(pattern), true) => Route::PatternOrNothing(pattern),
        };
        let text = path.text();
        let redacted = self
            .renderer
            .redactor
            .path(&text, extent(path.truncated), route);
        self.tally.shown(redacted).into()
    }

    fn request(self, request: &CapturedRequest, head: &Fields<'_>) -> RequestRecord {
        let redactor = &self.renderer.redactor;
        let mut shown = RequestRecord::default();
        shown.method = request.method.as_str().into();
        shown.scheme = RecordText::constant(if request.secure { "https" } else { "http" });
        shown.host = head.get(HOST).or_else(|| head.get("host")).map(|host| {
            // The missing suffix may contain the `@` that marks a user before the host.
            if host.truncated {
                return RecordText::constant(MASK);
            }
            self.tally.shown(redactor.host(&host.text())).into()
        });
        shown.path = self.path(head, request.route.as_deref());
        shown.route = request.route.as_deref().map(RecordText::from);
        shown.query = head.get(QUERY).map(|query| {
            let text = query.text();
            let redacted = redactor.query(&text, extent(query.truncated));
            self.tally.shown(redacted).into()
        });
        shown.version = version(request.version);
        shown.body = self.contents().body(&request.body, head);
        shown.headers = self.headers(head);
        shown.headers_dropped = request.head.dropped();
        shown
    }

    fn response(self, response: &CapturedResponse) -> ResponseRecord {
        let head = response.head.fields();
        let mut shown = ResponseRecord::new(response.status.as_u16());
        shown.body = self.contents().body(&response.body, &head);
        shown.headers = self.headers(&head);
        shown.headers_dropped = response.head.dropped();
        shown
    }

    fn headers(&self, head: &Fields<'_>) -> Vec<(RecordText, RecordText)> {
        let Renderer {
            hidden_headers,
            redactor,
            ..
        } = self.renderer;
        hidden_headers.redact(head, redactor, self.tally)
    }

    fn contents(&self) -> Contents<'_> {
        Contents {
            redactor: &self.renderer.redactor,
            content: &self.renderer.content,
            tally: self.tally,
        }
    }
}

/// Returns whole microseconds.
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn extent(truncated: bool) -> Extent {
    if truncated {
        Extent::Truncated
    } else {
        Extent::Whole
    }
}

/// Returns the trace of a request, or `None` if it has several `traceparent` headers.
fn trace(head: &Fields<'_>) -> Option<Trace> {
    let mut traceparents = head.get_all("traceparent");
    let only = traceparents.next().filter(|field| !field.truncated)?;
    match traceparents.next() {
        None => Trace::parse(only.value),
        Some(_) => None,
    }
}

/// Formats the version as in a request line.
fn version(version: Version) -> RecordText {
    match version {
        // Fast path: nearly all requests have one of these.
        Version::HTTP_11 => RecordText::constant("HTTP/1.1"),
        Version::HTTP_2 => RecordText::constant("HTTP/2.0"),
        other => format!("{other:?}").into(),
    }
}

impl fmt::Debug for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renderer")
            .field("run", &self.run)
            .field("resource", &self.resource)
            .field("redactor", &self.redactor)
            .field("hidden_headers", &self.hidden_headers)
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
