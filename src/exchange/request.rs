//! What is copied of a request before it goes on its way.

use actix_web::{
    dev::{Payload, ServiceRequest},
    http::{Method, Version},
};

use super::{transfer::Transfer, Worker};
use crate::{
    captured::{CapturedBody, CapturedRequest, HeadBuffer, HOST, MAX_HEAD_VALUE, PATH, QUERY},
    config::Config,
    known_headers::KnownHeaders,
    policy::{Selection, Side, Treatment},
    record::{Reason, MASK},
};

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
    let tunnel = is_tunnel(req, &headers);
    let transfer = if tunnel {
        Transfer::default()
    } else {
        transfer(req, &headers)
    };
    request.method = method(req.method());
    request.secure = req.app_config().secure();
    request.version = req.version();
    request.body = body(&worker.config, selection, &headers, tunnel);
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

fn body(
    config: &Config,
    selection: Selection,
    headers: &KnownHeaders<'_>,
    tunnel: bool,
) -> CapturedBody {
    let treatment = if tunnel {
        Treatment::withheld(Reason::Upgrade)
    } else {
        config.policy.treatment(selection, Side::Request, headers)
    };
    CapturedBody {
        unseen: tunnel,
        ..config.body(selection, treatment)
    }
}

fn transfer(req: &ServiceRequest, headers: &KnownHeaders<'_>) -> Transfer {
    if matches!(req.parts().1, Payload::None) {
        return Transfer::nothing();
    }
    let length = headers.content_length();
    let nothing_sent = match req.version() {
        // The end of an HTTP/2 stream cannot be seen without asking for its body.
        Version::HTTP_2 => length.is_none() && matches!(*req.method(), Method::GET | Method::HEAD),
        _ => length.is_none() && headers.transfer_encoding.is_none(),
    };
    if nothing_sent || length == Some(0) {
        Transfer::nothing()
    } else {
        Transfer {
            length,
            whole_at_length: true,
            ..Transfer::default()
        }
    }
}

/// Whether actix gives this request the raw connection as its payload. The test is that of its
/// decoder, which does not look at `Connection`.
fn is_tunnel(req: &ServiceRequest, headers: &KnownHeaders<'_>) -> bool {
    *req.method() == Method::CONNECT
        || (headers.asks_for_websocket()
            && headers.transfer_encoding.is_none()
            && req.version() <= Version::HTTP_11)
}
