//! Redaction of the application's own.

use crate::{
    record::{Body, Reason, Record, MASK},
    record_text::RecordText,
};

/// Redaction of the application's own, run on each record after the built-in redaction and before
/// any sink. Closures `Fn(&mut Record)` do, too.
///
/// If it panics, the record loses all that it could have meant to hide: bodies' contents, headers,
/// query, path and attributes. Its bodies then say `redaction`.
///
/// ```
/// use actix_web_body_logger::{BodyLogger, Record};
///
/// let logger = BodyLogger::builder()
///     .redact_with(|record: &mut Record| {
///         if record.request.path.starts_with("/internal/") {
///             record.request.body.text = None;
///         }
///     })
///     .build();
/// # drop(logger);
/// ```
pub trait Redact: Send + Sync + 'static {
    /// Changes what must not be seen.
    fn redact(&self, record: &mut Record);
}

impl<F: Fn(&mut Record) + Send + Sync + 'static> Redact for F {
    fn redact(&self, record: &mut Record) {
        self(record);
    }
}

/// Takes out of a record whatever could have had to be hidden.
pub(super) fn withhold_all(record: &mut Record) {
    let request = &mut record.request;
    request.path = RecordText::constant(MASK);
    request.query = None;
    request.headers.clear();
    withhold(&mut request.body);
    if let Some(response) = &mut record.response {
        response.headers.clear();
        withhold(&mut response.body);
    }
    record.attributes.clear();
    if let Some(error) = &mut record.error {
        error.message = None;
    }
}

fn withhold(body: &mut Body) {
    body.json = None;
    body.text = None;
    body.base64 = None;
    body.parts.clear();
    body.captured = 0;
    if body.bytes != Some(0) && !body.reasons.contains(&Reason::Redaction) {
        body.reasons.push(Reason::Redaction);
    }
}
