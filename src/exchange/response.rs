//! What is copied of a response before it goes on its way.

use actix_web::{
    body::BodySize,
    dev::ResponseHead,
    http::{
        header::{HeaderMap, CONTENT_TYPE},
        Method, StatusCode, Version,
    },
};

use super::{
    transfer::{RawPayload, Transfer},
    Worker,
};
use crate::{
    capture::{Captured, CapturedResponse},
    content::Essence,
    policy::{Selection, Side, Treatment},
};
use body_logger_core::record::Reason;

/// Takes note of the response as it stands, its body still to come.
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
    // Nobody asks for the bytes of an answer to HEAD, nor HTTP/2 for those of a 204.
    let unsent = answers_head
        || (request.version == Version::HTTP_2 && head.status == StatusCode::NO_CONTENT);
    let transfer = match size {
        _ if unsent || size.is_eof() => Transfer::nothing(),
        BodySize::Sized(length) => Transfer {
            length: Some(length),
            ..Transfer::default()
        },
        _ => Transfer::default(),
    };

    let mut heads = worker.heads.borrow_mut();
    let headers = heads.push_all(head.headers());
    let treatment = if tunnel {
        Treatment::withheld(Reason::Upgrade)
    } else if answers_head && !size.is_eof() {
        Treatment::withheld(Reason::Head)
    } else {
        (worker.parts.policy).treatment(selection, Side::Response, &headers)
    };
    let response = captured.response.insert(CapturedResponse {
        status: head.status,
        head: heads.take(),
        body: worker.parts.policy.body(selection, treatment),
    });
    if let Some(length) = transfer.length {
        response.body.capture.expect(length);
    }
    captured.reservation.charge(response.head.cost());
    transfer
}

/// Whether the connection becomes a tunnel with this response.
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
