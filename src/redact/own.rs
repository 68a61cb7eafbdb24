//! Redaction of the application's own.

use actix_web::http::Method;
use uuid::Uuid;

use crate::{
    record::{Body, Client, ErrorRecord, Reason, Record, RequestRecord, ResponseRecord, MASK},
    record_text::RecordText,
};

/// Redaction of the application's own, run on each record, stages included, after the built-in redaction and before
/// any sink. Closures `Fn(&mut Record)` do, too.
///
/// If it panics, the record loses every field of free form, which it could have meant to hide: all
/// texts that a client, the handler or the application chose, among them the client's address, the
/// host, the route and an id that is no UUID v7. Its bodies then say `redaction`. It cannot change
/// what numbers entries: `entry_id`, `run` and `seq` stay as they were.
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

/// Takes out of a record whatever could have had to be hidden: every field of free form, whether a
/// client, the handler or the application chose it. What stays are numbers, times, words of this
/// crate and ids that it made.
// All fields are named, so that none can be forgotten that is added.
pub(super) fn withhold_all(record: &mut Record) {
    let Record {
        v: _,
        id,
        entry_id,
        run: _,
        seq: _,
        stage: _,
        first_seq: _,
        time: _,
        outcome: _,
        error,
        duration_us: _,
        ttfb_us: _,
        // A client chooses its digits, which may be those of a card.
        trace,
        resource,
        client: Client { addr },
        attributes,
        request,
        response,
        span: _,
    } = record;
    // It may have come from the client, which a UUID v7 did not in all likelihood. The one in its place is
    // just as good where the record is numbered only later, and gets another `entry_id` then.
    if Uuid::try_parse(id).map_or(true, |id| id.get_version_num() != 7) {
        *id = entry_id.to_string().into();
    }
    *trace = None;
    *resource = None;
    *addr = None;
    attributes.clear();
    if let Some(ErrorRecord {
        kind: _,
        status: _,
        message,
    }) = error
    {
        *message = None;
    }
    let RequestRecord {
        method,
        scheme: _,
        host,
        path,
        route,
        query,
        version: _,
        headers,
        headers_dropped,
        body,
    } = request;
    if method.parse().map_or(true, |method| !is_standard(&method)) {
        *method = RecordText::constant(MASK);
    }
    *host = None;
    *path = RecordText::constant(MASK);
    *route = None;
    *query = None;
    withhold_headers(headers, headers_dropped);
    withhold(body);
    if let Some(ResponseRecord {
        status: _,
        headers,
        headers_dropped,
        body,
    }) = response
    {
        withhold_headers(headers, headers_dropped);
        withhold(body);
    }
}

/// Any client can make up others.
fn is_standard(method: &Method) -> bool {
    let standard = [
        Method::CONNECT,
        Method::DELETE,
        Method::GET,
        Method::HEAD,
        Method::OPTIONS,
        Method::PATCH,
        Method::POST,
        Method::PUT,
        Method::TRACE,
    ];
    standard.contains(method)
}

fn withhold_headers(headers: &mut Vec<(RecordText, RecordText)>, dropped: &mut u32) {
    let withheld = u32::try_from(headers.len()).unwrap_or(u32::MAX);
    *dropped = dropped.saturating_add(withheld);
    headers.clear();
}

fn withhold(body: &mut Body) {
    let Body {
        state: _,
        bytes,
        captured,
        reasons,
        media_type,
        encoding,
        decoded,
        events: _,
        digest,
        json,
        text,
        base64,
        file,
        parts,
        parts_dropped,
    } = body;
    *captured = 0;
    // A plain one of a short body can be reversed.
    *digest = None;
    (*media_type, *encoding, *decoded) = (None, None, None);
    (*json, *text, *base64, *file) = (None, None, None, None);
    parts.clear();
    *parts_dropped = 0;
    if *bytes != Some(0) && !reasons.contains(&Reason::Redaction) {
        reasons.push(Reason::Redaction);
    }
}
