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
    // actix does not poll the body of a response to `HEAD`, nor of a 204 over HTTP/2.
    let unsent = answers_head
        || (request.version == Version::HTTP_2 && head.status == StatusCode::NO_CONTENT);
    let mut transfer = match size {
        _ if unsent || size.is_eof() => Transfer::nothing(),
        BodySize::Sized(length) => Transfer {
            length: Some(length),
            ..Transfer::default()
        },
        _ => Transfer::default(),
    };

    let mut heads = worker.heads.borrow_mut();
    let headers = heads.push_all(head.headers());
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
