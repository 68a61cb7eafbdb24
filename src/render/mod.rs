//! Renders captured exchanges as records. This is the only way from raw bytes to sinks and to users' code. Content that
//! it cannot parse is withheld.

mod content;
mod headers;
mod hidden;
mod metadata;
mod own;
mod unchanged_headers;

use std::fmt;

use body_logger_core::{
    contain,
    record::{Record, RecordLimit, RecordText, RequestRecord, Resource, ResponseRecord, Trace},
};
use body_logger_redact::{Extent, Redactor, Route, MASK};
pub use body_logger_redact::{FieldPath, ParseFieldPathError};
use uuid::Uuid;

pub(crate) use self::content::ContentRules;
pub use self::{headers::HiddenHeaders, own::Redact};
use self::{
    hidden::{Hidden, Tally},
    unchanged_headers::UnchangedHeaders,
};
use crate::{
    capture::{Captured, CapturedRequest, CapturedResponse, Fields, HOST, PATH, QUERY},
    client::Clients,
};

/// Renders records, by the options for masking, showing and redacting.
#[derive(Default)]
pub(crate) struct Renderer {
    /// The logger's run.
    pub(crate) run: Uuid,
    pub(crate) resource: Option<Resource>,
    pub(crate) redactor: Redactor,
    pub(crate) hidden_headers: HiddenHeaders,
    /// Whether records have no headers, as nothing reads them.
    pub(crate) omits_headers: bool,
    pub(crate) content: ContentRules,
    /// Whether a path is masked as a whole if no route identifies its parameters.
    pub(crate) mask_unmatched_paths: bool,
    pub(crate) clients: Clients,
    pub(crate) own: Vec<Box<dyn Redact>>,
    pub(crate) record_limit: RecordLimit,
    pub(crate) hidden: Hidden,
    pub(crate) unchanged_headers: UnchangedHeaders,
}

/// The rendering of one record.
#[derive(Clone, Copy)]
struct Rendering<'r> {
    renderer: &'r Renderer,
    tally: &'r Tally,
}

impl Renderer {
    /// Renders an exchange, or a stage of one, into an empty record. Called once for each.
    pub(crate) fn fill(&self, record: &mut Record, captured: &Captured) {
        metadata::fill(record, captured, self.run);
        self.contained(captured, record, |record| {
            let tally = Tally::default();
            let rendering = Rendering {
                renderer: self,
                tally: &tally,
            };
            rendering.fill(record, captured);
            self.hidden.add(&tally);
        });
        let identity = (record.entry_id, record.run, record.seq);
        let place = (record.stage, record.first_seq);
        for own in &self.own {
            if contain(|| own.redact(record)).is_err() {
                record.withhold_all();
            }
        }
        // Restored, because missing entries are detected by these, and stages joined.
        (record.entry_id, record.run, record.seq) = identity;
        (record.stage, record.first_seq) = place;
        // Last, as the application's own redaction may have made the record longer.
        self.record_limit.apply(record);
        self.hidden.add_withheld(record);
    }

    /// Leaves the content out where `render` panics: what a client sends to a decoder or a parser must not cost the
    /// record.
    fn contained(
        &self,
        captured: &Captured,
        record: &mut Record,
        render: impl FnOnce(&mut Record),
    ) {
        if contain(|| render(record)).is_err() {
            record.clear();
            metadata::fill(record, captured, self.run);
            record.withhold_all();
            captured.span.travel_with(record);
        }
    }
}

impl Rendering<'_> {
    fn fill(self, record: &mut Record, captured: &Captured) {
        let redactor = &self.renderer.redactor;
        let head = captured.request.head.fields();
        if let (Some(shown), Some(error)) = (&mut record.error, &captured.error) {
            let message = error.message.as_deref();
            let redacted = message.map(|message| redactor.message(message));
            shown.message = redacted.map(|message| self.tally.shown(message).into_owned());
        }
        record.trace = trace(&head);
        record.resource.clone_from(&self.renderer.resource);
        let client = captured.client;
        record.client.addr = client.and_then(|source| self.renderer.clients.show(source));
        let attributes = captured.attributes.iter().map(|(name, value)| {
            let shown = redactor.field(name, value);
            (name.clone(), self.tally.shown(shown).into_owned())
        });
        record.attributes.extend(attributes);
        self.request(&mut record.request, &captured.request, &head);
        if let (Some(shown), Some(response)) = (&mut record.response, &captured.response) {
            self.response(shown, response);
        }
        captured.span.travel_with(record);
    }

    /// Returns the request's path, without its last segment if that was truncated.
    fn path(self, head: &Fields<'_>, pattern: Option<&str>) -> RecordText {
        let Some(path) = head.get(PATH) else {
            return RecordText::default();
        };
        let route = match (pattern, self.renderer.mask_unmatched_paths) {
            (None, false) => Route::Unknown,
            (None, true) => Route::Nothing,
            (Some(pattern), false) => Route::Pattern(pattern),
            (Some(pattern), true) => Route::PatternOrNothing(pattern),
        };
        // Paths of routes without parameters repeat as headers do: 2 % of all that a short exchange takes.
        let unchanged = &self.renderer.unchanged_headers;
        let repeats = pattern.is_some_and(|pattern| pattern.as_bytes() == path.value);
        let same = repeats.then(|| unchanged.get(&path, |(_, path)| path.clone()));
        if let Some(shown) = same.flatten() {
            return shown;
        }
        let text = path.text();
        let redacted = self
            .renderer
            .redactor
            .path(&text, extent(path.truncated), route);
        let shown = RecordText::from(self.tally.shown(redacted));
        if repeats {
            unchanged.keep(&path, &(PATH.into(), shown.clone()));
        }
        shown
    }

    fn request(self, shown: &mut RequestRecord, request: &CapturedRequest, head: &Fields<'_>) {
        let redactor = &self.renderer.redactor;
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
        self.body(&mut shown.body, &request.body, head);
        self.headers(&mut shown.headers, head);
        shown.headers_dropped = request.head.dropped();
    }

    fn response(self, shown: &mut ResponseRecord, response: &CapturedResponse) {
        let head = response.head.fields();
        self.body(&mut shown.body, &response.body, &head);
        self.headers(&mut shown.headers, &head);
        shown.headers_dropped = response.head.dropped();
    }
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

impl fmt::Debug for Renderer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Renderer")
            .field("run", &self.run)
            .field("resource", &self.resource)
            .field("redactor", &self.redactor)
            .field("hidden_headers", &self.hidden_headers)
            .field("omits_headers", &self.omits_headers)
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
    use std::time::{Instant, SystemTime};

    use actix_web::http::Method;
    use body_logger_core::record::{BodyState, ErrorKind, ErrorRecord, Outcome, Reason};

    use super::*;
    use crate::capture::{CapturedBody, HeadBuffer, KeptPart, MemoryBudget};

    #[test]
    fn redaction_of_the_application_cannot_change_what_numbers_a_record() {
        let budget = MemoryBudget::new(1024);
        let mut captured = Captured::begin(Instant::now(), SystemTime::now(), budget);
        captured.seq = 7;
        let mut renderer = Renderer {
            run: Uuid::now_v7(),
            ..Renderer::default()
        };
        let record = |renderer: &Renderer| {
            let mut record = Record::empty();
            renderer.fill(&mut record, &captured);
            record
        };
        let untouched = record(&renderer);
        renderer.own.push(Box::new(|record: &mut Record| {
            record.entry_id = Uuid::nil();
            record.run = Uuid::nil();
            record.seq = 1;
        }));

        let record = record(&renderer);

        assert_eq!((record.run, record.seq), (renderer.run, 7));
        assert_eq!(record.entry_id, untouched.entry_id);
    }

    #[test]
    fn a_path_is_shown_by_its_own_route_however_often_it_came_before() {
        let renderer = Renderer::default();
        let shown = |path: &str, route: &str| {
            let budget = MemoryBudget::new(1024);
            let mut captured = Captured::begin(Instant::now(), SystemTime::now(), budget);
            let mut heads = HeadBuffer::default();
            heads.push(PATH, path.as_bytes(), false);
            captured.request.head = heads.take();
            captured.request.route = Some(route.to_owned());
            let mut record = Record::empty();
            renderer.fill(&mut record, &captured);
            record.request.path
        };
        let link = "/reset-password/q7Kd92mZx81LpQ0v";
        for _ in 0..2 {
            assert_eq!(shown("/orders", "/orders"), "/orders");
            assert_eq!(shown("/orders", "/{token}"), "/***");
            assert_eq!(shown(link, link), "/reset-password/***");
        }
    }

    #[test]
    fn a_panic_in_rendering_costs_the_content_only() {
        let budget = MemoryBudget::new(1024);
        let mut captured = Captured::begin(Instant::now(), SystemTime::now(), budget.clone());
        captured.seq = 7;
        captured.outcome = Some(Outcome::Completed);
        let mut error = ErrorRecord::new(ErrorKind::Handler, Some(500));
        error.message = Some("canary".to_owned());
        captured.error = Some(Box::new(error));
        captured.request.method = Method::PUT;
        captured.attributes.insert("user".into(), "canary".into());
        captured.request.body = CapturedBody::new(64, KeptPart::Prefix, None, &budget);
        captured.request.body.state = BodyState::Complete;
        captured.request.body.push(&"{\"name\":\"canary\"}".into());

        let renderer = Renderer::default();
        let mut record = Record::empty();
        metadata::fill(&mut record, &captured, renderer.run);
        renderer.contained(&captured, &mut record, |record| {
            record.request.path = "/canary".into();
            panic!("on purpose")
        });

        assert_eq!(record.id, captured.id().text());
        assert_eq!((record.seq, record.outcome), (7, Some(Outcome::Completed)));
        assert_eq!(record.error.unwrap().status, Some(500));
        assert_eq!(
            (&*record.request.method, &*record.request.path),
            ("PUT", "***")
        );
        let body = &record.request.body;
        assert_eq!((body.state, body.bytes), (BodyState::Complete, Some(17)));
        assert_eq!(
            (body.captured, &body.reasons[..]),
            (0, &[Reason::Redaction][..])
        );
    }
}
