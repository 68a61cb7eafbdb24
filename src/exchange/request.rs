//! What is copied of a request before it goes on its way.

use actix_web::{
    dev::{Payload, ServiceRequest},
    http::{Method, Version},
};

use super::{
    transfer::{RawPayload, Transfer},
    Worker,
};
use crate::{
    capture::{CapturedRequest, HeadBuffer, HOST, MAX_HEAD_VALUE, PATH, QUERY},
    content::KnownHeaders,
    policy::{Selection, Side},
};
use body_logger_core::record::MASK;

/// Takes note of the request as it stands, its body still to come.
#[inline]
pub(super) fn capture(
    worker: &Worker,
    selection: Selection,
    req: &ServiceRequest,
    request: &mut CapturedRequest,
) -> Transfer {
    let mut heads = worker.heads.borrow_mut();
    let headers = push_head(&mut heads, req);
    let transfer = transfer(req, &headers);
    request.method = method(req.method());
    request.secure = req.app_config().secure();
    request.version = req.version();
    let policy = &worker.parts.policy;
    let treatment = policy.treatment(selection, Side::Request, &headers);
    request.body = policy.body(selection, treatment);
    if let Some(length) = transfer.length {
        request.body.capture.expect(length);
    }
    request.head = heads.take();
    transfer
}

/// The method; one that is too long is cut, which its last characters tell.
fn method(method: &Method) -> Method {
    let name = method.as_str();
    if name.len() <= MAX_HEAD_VALUE {
        return method.clone();
    }
    // A method is a token, and so is a part of it followed by stars.
    let cut = [
        &name.as_bytes()[..MAX_HEAD_VALUE - MASK.len()],
        MASK.as_bytes(),
    ]
    .concat();
    Method::from_bytes(&cut).unwrap_or_default()
}

/// Gathers the request's line and its headers.
fn push_head<'r>(head: &mut HeadBuffer, req: &'r ServiceRequest) -> KnownHeaders<'r> {
    let uri = req.uri();
    head.push(PATH, uri.path().as_bytes(), false);
    if let Some(query) = uri.query() {
        head.push(QUERY, query.as_bytes(), false);
    }
    let headers = head.push_all(req.headers());
    let host = match headers.host {
        // It stands there under its own name.
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
        // The end of an HTTP/2 stream cannot be seen without asking for its body.
        Version::HTTP_2 => Transfer {
            presumed_empty: unannounced && matches!(*req.method(), Method::GET | Method::HEAD),
            ..framed
        },
        _ if unannounced => Transfer::nothing(),
        _ => framed,
    }
}

/// Whether actix gives this request the raw connection as its payload. The test is that of its
/// decoder, which does not look at `Connection`.
///
/// A `CONNECT` that says more than that is taken for what it says: its method may be one that a
/// middleware has put there, and a body of its own is no tunnel.
fn raw_payload(
    req: &ServiceRequest,
    headers: &KnownHeaders<'_>,
    length: Option<u64>,
) -> Option<RawPayload> {
    if headers.transfer_encoding.is_some() {
        return None;
    }
    let connects = *req.method() == Method::CONNECT && length.unwrap_or(0) == 0;
    if req.version() == Version::HTTP_2 {
        // What connects has no path there.
        let connects = connects && req.uri().path_and_query().is_none();
        connects.then_some(RawPayload::Connect)
    } else if headers.asks_for_websocket() {
        Some(RawPayload::Upgrade)
    } else {
        connects.then_some(RawPayload::Connect)
    }
}
