//! Removes everything from a record that might have to be redacted.

use uuid::Uuid;

use super::{
    Body, Client, ErrorRecord, Reason, Record, RecordText, RequestRecord, ResponseRecord, MASK,
};

/// Removes every free-form field from a record, whether a client, the handler or the application chose it. Numbers,
/// times, words of this crate and ids that it created remain.
// Destructured without `..`, so that a new field cannot be forgotten.
pub(super) fn all(record: &mut Record) {
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
        // A client chooses its digits, which may be a card number.
        trace,
        resource,
        client: Client { addr },
        attributes,
        request,
        response,
        extensions: _,
    } = record;
    // An id other than a UUID v7 probably comes from the client, and is replaced by the `entry_id`. That id is still
    // unique if the record is numbered later and gets a new `entry_id`.
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
    if !STANDARD_METHODS.contains(&method.as_str()) {
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

/// Other methods may be any text that a client chose.
const STANDARD_METHODS: [&str; 9] = [
    "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
];

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
        reasons: _,
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
    // The digest of a short body can be reversed by guessing, unless it is keyed.
    *digest = None;
    (*media_type, *encoding, *decoded) = (None, None, None);
    (*json, *text, *base64, *file) = (None, None, None, None);
    parts.clear();
    *parts_dropped = 0;
    if *bytes != Some(0) {
        body.add_reason(Reason::Redaction);
    }
}
