//! Captures a response's head, and prepares the capture of its body.

use actix_web::{
    body::BodySize,
    dev::ResponseHead,
    http::{
        header::{HeaderMap, CONTENT_TYPE},
        Method, StatusCode, Version,
    },
};
use body_logger_core::record::Reason;

use super::{
    transfer::{RawPayload, Transfer, TransferState},
    Worker,
};
use crate::{
    capture::{Captured, CapturedResponse},
    content::Essence,
    policy::{BodyPolicy, Selection, Side},
};

/// Captures the response's head, and prepares the capture of its body.
#[inline]
pub(super) fn capture(
    worker: &Worker,
    selection: Selection,
    captured: &mut Captured,
    head: &ResponseHead,
    size: BodySize,
    tunnel: bool,
) -> Transfer {
    let request = &captured.request;
    let answers_head = request.method == Method::HEAD;
    // actix does not poll the body of a response to `HEAD`, nor over HTTP/2 one under these statuses.
    let unsent = answers_head
        || (request.version == Version::HTTP_2
            && matches!(
                head.status,
                StatusCode::CONTINUE | StatusCode::PROCESSING | StatusCode::NO_CONTENT
            ));

    let mut heads = worker.heads.borrow_mut();
    let headers = heads.push_all(head.headers());
    let is_chunked =
        size == BodySize::Stream && head.chunked() && request.version != Version::HTTP_2 && !tunnel;
    let length = match size {
        BodySize::Sized(length) => Some(length),
        // The application may declare the length of a stream. For a chunked one actix does not send it.
        _ if is_chunked => None,
        _ if head.status.is_informational() || has_no_body(head.status) => None,
        _ => headers.content_length(),
    };
    let mut transfer = if unsent || size.is_eof() {
        Transfer::nothing()
    } else {
        Transfer {
            length,
            ends_at_empty_chunk: is_chunked,
            ..Transfer::default()
        }
    };

    let body_policy = if tunnel {
        BodyPolicy::withheld(Reason::Upgrade)
    } else if answers_head && !size.is_eof() {
        BodyPolicy::withheld(Reason::Head)
    } else {
        (worker.parts.policy).body_policy(selection, Side::Response, &headers)
    };
    if transfer.end == TransferState::Open {
        let policy = &worker.parts.policy;
        transfer.spool = policy.spool(Side::Response, transfer.length, body_policy.withheld);
    }
    let response = captured.response.insert(CapturedResponse {
        status: head.status,
        head: heads.take(),
        body: worker.parts.policy.body(selection, body_policy),
    });
    if let Some(length) = transfer.length {
        response.body.capture.expect(length);
    }
    captured.reservation.charge(response.head.cost());
    transfer
}

/// Whether clients take a response of this status for complete once they have its head.
pub(super) fn has_no_body(status: StatusCode) -> bool {
    matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED)
}

/// Whether this response turns the connection into a tunnel.
pub(super) fn is_tunnel(payload: Option<RawPayload>, status: StatusCode) -> bool {
    status == StatusCode::SWITCHING_PROTOCOLS
        || (payload == Some(RawPayload::Connect) && status.is_success())
}

pub(super) fn is_event_stream(headers: &HeaderMap) -> bool {
    headers
        .get(CONTENT_TYPE)
        .and_then(|value| Essence::of(value.as_bytes()))
        .is_some_and(|essence| essence.is_in(&mime::TEXT_EVENT_STREAM))
}
