//! Captures a request's head, and prepares the capture of its body.

use actix_web::{
    dev::{Payload, ServiceRequest},
    http::{Method, Version},
};
use body_logger_core::record::MASK;

use super::{
    transfer::{RawPayload, Transfer, TransferState},
    Worker,
};
use crate::{
    capture::{CapturedRequest, HeadBuffer, HOST, MAX_HEAD_VALUE, PATH, QUERY},
    content::KnownHeaders,
    policy::{Selection, Side},
};

/// Captures the request's head, and prepares the capture of its body.
#[inline]
pub(super) fn capture(
    worker: &Worker,
    selection: Selection,
    req: &ServiceRequest,
    request: &mut CapturedRequest,
) -> Transfer {
    let mut heads = worker.heads.borrow_mut();
    let headers = push_head(&mut heads, req);
    let mut transfer = transfer(req, &headers);
    request.method = method(req.method());
    request.secure = req.app_config().secure();
    request.version = req.version();
    let policy = &worker.parts.policy;
    let body_policy = policy.body_policy(selection, Side::Request, &headers);
    request.body = policy.body(selection, body_policy);
    if transfer.end == TransferState::Open {
        transfer.spool = policy.spool(Side::Request, transfer.length, body_policy.withheld);
    }
    if let Some(length) = transfer.length {
        request.body.capture.expect(length);
    }
    request.head = heads.take();
    transfer
}

/// Returns the method. One that is too long is truncated and ends in `***`.
fn method(method: &Method) -> Method {
    let name = method.as_str();
    if name.len() <= MAX_HEAD_VALUE {
        return method.clone();
    }
    // `*` is allowed in a token, so the result is a valid method.
    let truncated = [
        &name.as_bytes()[..MAX_HEAD_VALUE - MASK.len()],
        MASK.as_bytes(),
    ]
    .concat();
    Method::from_bytes(&truncated).unwrap_or_default()
}

/// Adds the request's target and headers to the buffer.
fn push_head<'r>(head: &mut HeadBuffer, req: &'r ServiceRequest) -> KnownHeaders<'r> {
    let uri = req.uri();
    head.push(PATH, uri.path().as_bytes(), false);
    if let Some(query) = uri.query() {
        head.push(QUERY, query.as_bytes(), false);
    }
    let headers = head.push_all(req.headers());
    let host = match headers.host {
        // It was captured as a header.
        Some(_) if !head.is_full() => None,
        Some(host) => Some(host.as_bytes()),
        None => uri
            .authority()
            .map(|authority| authority.as_str().as_bytes()),
    };
    if let Some(host) = host {
        head.push(HOST, host, false);
    }
    headers
}

fn transfer(req: &ServiceRequest, headers: &KnownHeaders<'_>) -> Transfer {
    if matches!(req.parts().1, Payload::None) {
        return Transfer::nothing();
    }
    let length = headers.content_length();
    let raw = raw_payload(req, headers, length);
    if raw.is_some() {
        return Transfer {
            raw,
            ..Transfer::default()
        };
    }
    let unannounced = length.is_none() && headers.transfer_encoding.is_none();
    let framed = Transfer {
        length,
        whole_at_length: true,
        ..Transfer::default()
    };
    match req.version() {
        _ if length == Some(0) => Transfer::nothing(),
        // The end of an HTTP/2 stream is seen only by polling its body.
        Version::HTTP_2 => Transfer {
            presumed_empty: unannounced && matches!(*req.method(), Method::GET | Method::HEAD),
            ..framed
        },
        _ if unannounced => Transfer::nothing(),
        _ => framed,
    }
}

/// Returns how the request asks for the raw connection as its payload, if actix grants that. The condition is the one
/// in actix's decoder, which ignores `Connection`.
///
/// A `CONNECT` with a path (in HTTP/2) or a body is an ordinary request: a middleware may have set its method, and a
/// body of its own is no tunnel.
fn raw_payload(
    req: &ServiceRequest,
    headers: &KnownHeaders<'_>,
    length: Option<u64>,
) -> Option<RawPayload> {
    if headers.transfer_encoding.is_some() {
        return None;
    }
    let is_http_2 = req.version() == Version::HTTP_2;
    // In HTTP/2 a `CONNECT` has no path (RFC 9113, section 8.5).
    let connects = *req.method() == Method::CONNECT
        && length.unwrap_or(0) == 0
        && !(is_http_2 && req.uri().path_and_query().is_some());
    if connects {
        // Also with an `Upgrade`: what makes a tunnel of it is the method (RFC 9110, section 9.3.6).
        Some(RawPayload::Connect)
    } else {
        (!is_http_2 && headers.asks_for_websocket()).then_some(RawPayload::Upgrade)
    }
}
