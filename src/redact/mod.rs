//! Makes a record of what was captured: the only way from raw bytes to anything a sink, or a
//! user's code, gets to see. What it cannot understand it withholds.

mod content;
mod cookies;
mod field_path;
mod form;
mod headers;
mod json;
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

use std::{
    borrow::Cow,
    fmt,
    panic::{self, AssertUnwindSafe},
};

use actix_web::http::Version;

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
    captured::{Captured, CapturedRequest, CapturedResponse, Fields, HOST, PATH, QUERY},
    client::{Clients, Source},
    record::{
        micros, whole_micros, Client, ErrorRecord, Record, RequestRecord, ResponseRecord, MASK,
        RECORD_VERSION,
    },
};

/// What is masked, and what is shown.
#[derive(Default)]
pub(crate) struct Redaction {
    pub(crate) headers: HeaderRules,
    pub(crate) rules: Rules,
    pub(crate) content: ContentRules,
    /// Whether paths are masked of which no route tells what is secret in them.
    pub(crate) mask_unmatched_paths: bool,
    pub(crate) clients: Clients,
    pub(crate) own: Vec<Box<dyn Redact>>,
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
            id: captured.id().text(),
            time: whole_micros(captured.time),
            outcome: captured.outcome,
            error: captured.error.as_ref().map(|error| self.error(error)),
            duration_us: micros(captured.ended - captured.began),
            ttfb_us: captured.ttfb().map(micros),
            client: self.client(captured.client),
            attributes: captured
                .attributes
                .iter()
                .map(|(name, value)| {
                    let secret = self.rules.names.matches(name);
                    let value = if secret { MASK } else { value };
                    (name.clone(), self.without_shapes(value.to_owned()))
                })
                .collect(),
            request: self.request(&captured.request),
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

    pub(crate) fn client(&self, source: Option<Source>) -> Client {
        Client {
            addr: source.and_then(|source| self.clients.show(source)),
        }
    }

    /// The path of a request, cut where it was too long.
    pub(crate) fn path(&self, head: &Fields<'_>, route: Option<&str>) -> String {
        let Some(path) = head.get(PATH) else {
            return String::new();
        };
        let text = path.text();
        let unmatched = self.mask_unmatched_paths;
        let mut shown = redact_path(&text, path.cut, route, &self.rules.names, unmatched);
        if path.cut {
            let whole_segments = shown.rfind('/').map_or(0, |end| end + 1);
            shown.to_mut().replace_range(whole_segments.., MASK);
        }
        mask_shapes(redact_parameters(shown, &self.rules), &self.rules).into_owned()
    }

    /// The text without the values in it that look secret.
    fn without_shapes(&self, text: String) -> String {
        if !self.rules.shapes {
            return text;
        }
        match shapes::mask(&text) {
            Cow::Owned(masked) => masked,
            Cow::Borrowed(_) => text,
        }
    }

    fn request(&self, request: &CapturedRequest) -> RequestRecord {
        let head = request.head.fields();
        RequestRecord {
            method: request.method.as_str().to_owned(),
            scheme: if request.secure { "https" } else { "http" }.to_owned(),
            host: head.get(HOST).or_else(|| head.get("host")).map(|host| {
                // The end that tells that there is a user before the host may be missing.
                if host.cut {
                    return MASK.to_owned();
                }
                self.without_shapes(redact_host(&host.text()).into_owned())
            }),
            path: self.path(&head, request.route.as_deref()),
            route: request.route.clone(),
            query: head
                .get(QUERY)
                .map(|query| redact_pairs(&query.text(), query.cut, &self.rules)),
            version: version(request.version),
            body: self.contents().body(&request.body, &head),
            headers: self.headers.redact(&head, &self.rules),
            headers_dropped: request.head.dropped(),
        }
    }

    fn response(&self, response: &CapturedResponse) -> ResponseRecord {
        let head = response.head.fields();
        ResponseRecord {
            status: response.status.as_u16(),
            body: self.contents().body(&response.body, &head),
            headers: self.headers.redact(&head, &self.rules),
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

/// As in a request line.
fn version(version: Version) -> String {
    match version {
        // Nearly all are of these.
        Version::HTTP_11 => "HTTP/1.1".to_owned(),
        Version::HTTP_2 => "HTTP/2.0".to_owned(),
        other => format!("{other:?}"),
    }
}

impl fmt::Debug for Redaction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redaction")
            .field("headers", &self.headers)
            .field("rules", &self.rules)
            .field("content", &self.content)
            .field("mask_unmatched_paths", &self.mask_unmatched_paths)
            .field("clients", &self.clients)
            .field("own", &self.own.len())
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
