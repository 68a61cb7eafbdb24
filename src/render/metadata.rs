//! What a record holds without any content: nothing of it needs redaction, but for ids and methods that a client chose.

use std::{num::NonZeroU64, time::Duration};

use actix_web::http::Version;
use body_logger_core::record::{entry_id, Body, ErrorRecord, Record, RecordText, ResponseRecord};
use uuid::Uuid;

use crate::capture::{Captured, CapturedBody};

/// Renders an exchange, or a stage of one, without content, into an empty record.
pub(super) fn fill(record: &mut Record, captured: &Captured, run: Uuid) {
    let took = captured.ended - captured.began;
    let is_over = captured.outcome.is_some();
    let (seq, time) = (captured.seq, captured.time);
    let entry_id = entry_id(run, seq, time + took);
    record.identify(captured.id().text(), entry_id, run, seq, time);
    record.stage = captured.stage;
    record.first_seq = captured.first_seq.map(NonZeroU64::get);
    record.outcome = captured.outcome;
    let error = captured.error.as_ref();
    record.error = error.map(|error| ErrorRecord::new(error.kind, error.status));
    record.duration_us = is_over.then(|| micros(took));
    record.ttfb_us = captured.ttfb().map(micros);

    let request = &captured.request;
    record.request.method = request.method.as_str().into();
    record.request.scheme = RecordText::constant(if request.secure { "https" } else { "http" });
    record.request.version = version(request.version);
    body(&mut record.request.body, &request.body);
    let Some(response) = &captured.response else {
        record.response = None;
        return;
    };
    let empty = || ResponseRecord::new(0);
    let shown = record.response.get_or_insert_with(empty);
    shown.status = response.status.as_u16();
    body(&mut shown.body, &response.body);
}

fn body(shown: &mut Body, captured: &CapturedBody) {
    shown.state = captured.state;
    shown.bytes = (!captured.is_tunnel).then_some(captured.capture.seen());
}

/// Returns whole microseconds.
fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
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
