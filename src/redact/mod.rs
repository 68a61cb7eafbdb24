//! Makes a record of what was captured: the only way from raw bytes to anything a sink, or a
//! user's code, gets to see. What it cannot understand it withholds.

mod field_path;
mod headers;
mod json;
mod masking;
mod names;
mod own;
mod query;
mod shapes;

use std::{
    borrow::Cow,
    fmt,
    panic::{self, AssertUnwindSafe},
    time::{Duration, SystemTime},
};

use self::names::SecretNames;
pub use self::{
    field_path::{FieldPath, ParseFieldPathError},
    headers::HiddenHeaders,
    names::DEFAULT_SECRET_NAMES,
    own::Redact,
};
pub(crate) use self::{
    headers::HeaderRules,
    json::{JsonRules, Layout},
    masking::Masking,
};
use crate::{
    captured::{
        Captured, CapturedBody, CapturedRequest, CapturedResponse, Head, HOST, PATH, QUERY,
    },
    client::{Clients, Source},
    media_type::{Essence, Kind},
    record::{
        Body, BodyState, Client, Json, Reason, Record, RequestRecord, ResponseRecord, MASK,
        RECORD_VERSION,
    },
};

/// The deepest JSON document that is put into a record as JSON; a deeper one is put in as text.
const MAX_INLINED_DEPTH: usize = 64;

/// What is masked, and what is shown.
#[derive(Default)]
pub(crate) struct Redaction {
    pub(crate) headers: HeaderRules,
    pub(crate) json: JsonRules,
    pub(crate) clients: Clients,
    pub(crate) own: Vec<Box<dyn Redact>>,
}

impl Default for JsonRules {
    fn default() -> Self {
        Self {
            names: SecretNames::default(),
            paths: Vec::new(),
            shapes: true,
            masking: Masking::default(),
        }
    }
}

impl Redaction {
    /// The record of an exchange that has ended.
    pub(crate) fn record(&self, captured: &Captured) -> Record {
        let mut record = self.built_in(captured);
        for own in &self.own {
            let redacted = panic::catch_unwind(AssertUnwindSafe(|| own.redact(&mut record)));
            if redacted.is_err() {
                own::withhold_all(&mut record);
            }
        }
        record
    }

    fn built_in(&self, captured: &Captured) -> Record {
        Record {
            v: RECORD_VERSION,
            id: captured.id.to_string(),
            time: whole_micros(captured.time),
            outcome: captured.outcome,
            error: captured.error.clone(),
            duration_us: micros(captured.duration),
            ttfb_us: captured.ttfb.map(micros),
            client: self.client(captured.client),
            attributes: captured
                .attributes
                .iter()
                .map(|(name, value)| {
                    let secret = self.json.names.matches(name);
                    let value = if secret { MASK } else { value };
                    (name.clone(), self.without_shapes(value.to_owned()))
                })
                .collect(),
            request: self.request(&captured.request),
            response: captured.response.as_ref().map(|res| self.response(res)),
        }
    }

    pub(crate) fn client(&self, source: Option<Source>) -> Client {
        Client {
            addr: source.and_then(|source| self.clients.show(source)),
        }
    }

    /// The path of a request, cut where it was too long.
    pub(crate) fn path(&self, head: &Head) -> String {
        let Some(path) = head.get(PATH) else {
            return String::new();
        };
        let shown = String::from_utf8_lossy(path.value);
        if path.cut {
            let whole_segments = shown.rfind('/').map_or("", |end| &shown[..=end]);
            self.without_shapes(format!("{whole_segments}{MASK}"))
        } else {
            self.without_shapes(shown.into_owned())
        }
    }

    /// The text without the values in it that look secret.
    fn without_shapes(&self, text: String) -> String {
        if !self.json.shapes {
            return text;
        }
        match shapes::mask(&text) {
            Cow::Owned(masked) => masked,
            Cow::Borrowed(_) => text,
        }
    }

    fn request(&self, request: &CapturedRequest) -> RequestRecord {
        let head = &request.head;
        RequestRecord {
            method: request.method.to_string(),
            scheme: if request.secure { "https" } else { "http" }.to_owned(),
            host: head
                .get(HOST)
                .map(|host| String::from_utf8_lossy(host.value).into_owned()),
            path: self.path(head),
            route: request.route.clone(),
            query: head.get(QUERY).map(|query| {
                let text = String::from_utf8_lossy(query.value);
                self.without_shapes(query::redact_pairs(&text, query.cut, &self.json.names))
            }),
            version: format!("{:?}", request.version),
            headers: self.headers.redact(head, &self.json.names),
            headers_dropped: head.dropped(),
            body: self.body(&request.body, head),
        }
    }

    fn response(&self, response: &CapturedResponse) -> ResponseRecord {
        ResponseRecord {
            status: response.status.as_u16(),
            headers: self.headers.redact(&response.head, &self.json.names),
            headers_dropped: response.head.dropped(),
            body: self.body(&response.body, &response.head),
        }
    }

    fn body(&self, body: &CapturedBody, head: &Head) -> Body {
        let content_type = head.get("content-type");
        let essence = content_type.and_then(|field| Essence::of(field.value));
        let seen = body.capture.seen();
        let mut shown = Body {
            state: body.state,
            bytes: (!body.unseen).then_some(seen),
            media_type: essence.map(Essence::to_lowercase),
            #[cfg(feature = "hash")]
            digest: body.digest.as_ref().map(|digest| digest.show()),
            ..Body::default()
        };
        if let Some(reason) = body.withheld {
            // Of a body without bytes nothing is missing.
            let of_content = matches!(
                reason,
                Reason::MediaType | Reason::Decode | Reason::Level | Reason::Late
            );
            if seen > 0 || !of_content {
                shown.reasons.push(reason);
            }
            return shown;
        }

        let kept = body.capture.kept();
        let whole = kept.len() as u64 == seen;
        if body.capture.starved() {
            shown.reasons.push(Reason::MemoryBudget);
        } else if !whole {
            shown.reasons.push(Reason::BodyLimit);
        }
        if kept.is_empty() {
            return shown;
        }
        match essence.map(Essence::kind) {
            Some(kind @ (Kind::Json | Kind::JsonSequence)) => {
                let ended = whole && body.state == BodyState::Complete;
                self.json_content(kept, ended, kind, &mut shown);
            }
            _ => shown.reasons.push(Reason::Redaction),
        }
        shown
    }

    fn json_content(&self, kept: &[u8], ended: bool, kind: Kind, shown: &mut Body) {
        if ended && kind == Kind::Json {
            let compact = json::redact(kept, false, Layout::Compact, &self.json);
            let inlined = compact.end == json::End::Complete
                && compact.documents == 1
                && compact.depth <= MAX_INLINED_DEPTH;
            if inlined {
                if let Ok(document) = Json::from_text(compact.text) {
                    shown.json = Some(document);
                    shown.captured = kept.len() as u64;
                    return;
                }
            }
        }

        let redacted = json::redact(kept, !ended, Layout::Verbatim, &self.json);
        let understood = match redacted.end {
            json::End::Complete => true,
            // A body that has ended should not end within a document.
            json::End::Cut => !ended,
            json::End::Malformed => false,
        };
        let hidden = redacted.consumed < kept.len() && shown.reasons.is_empty();
        if !understood || hidden {
            shown.reasons.push(Reason::Redaction);
        }
        shown.captured = redacted.consumed as u64;
        shown.text = Some(redacted.text).filter(|text| !text.is_empty());
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redaction")
            .field("headers", &self.headers)
            .field("json", &self.json)
            .field("clients", &self.clients)
            .field("own", &self.own.len())
            .finish()
    }
}

/// The time without what a record does not tell of it.
pub(crate) fn whole_micros(time: SystemTime) -> SystemTime {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => SystemTime::UNIX_EPOCH + Duration::from_micros(micros(since)),
        Err(_) => time,
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
