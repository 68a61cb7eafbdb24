//! What is copied of a request before it goes on its way.

use actix_web::{
    dev::{Payload, ServiceRequest},
    http::{
        header::{self, HeaderMap},
        Method, Version,
    },
};

use super::{transfer::Transfer, Worker};
use crate::{
    captured::{
        CapturedBody, CapturedRequest, Head, HeadBuffer, HOST, MAX_HEAD_VALUE, PATH, QUERY,
    },
    config::Config,
    policy::{Selection, Side, Treatment},
    record::{Reason, MASK},
};

/// The request as it stands, its body still to come.
#[inline]
pub(super) fn capture(
    worker: &Worker,
    selection: Selection,
    req: &ServiceRequest,
    tunnel: bool,
) -> CapturedRequest {
    CapturedRequest {
        method: method(req.method()),
        secure: req.app_config().secure(),
        version: req.version(),
        head: head(&mut worker.heads.borrow_mut(), req),
        route: None,
        body: body(&worker.config, selection, req, tunnel),
    }
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

fn head(head: &mut HeadBuffer, req: &ServiceRequest) -> Head {
    let uri = req.uri();
    let (path, query) = (uri.path(), uri.query());
    let host = match req.headers().get(header::HOST) {
        Some(host) => Some(host.as_bytes()),
        None => uri
            .authority()
            .map(|authority| authority.as_str().as_bytes()),
    };
    head.push(PATH, path.as_bytes(), false);
    if let Some(query) = query {
        head.push(QUERY, query.as_bytes(), false);
    }
    if let Some(host) = host {
        head.push(HOST, host, false);
    }
    head.push_all(req.headers());
    head.take()
}

fn body(config: &Config, selection: Selection, req: &ServiceRequest, tunnel: bool) -> CapturedBody {
    let treatment = if tunnel {
        Treatment::withheld(Reason::Upgrade)
    } else {
        config
            .policy
            .treatment(selection, Side::Request, req.headers())
    };
    CapturedBody {
        unseen: tunnel,
        ..config.body(selection, treatment)
    }
}

pub(super) fn transfer(req: &ServiceRequest, tunnel: bool) -> Transfer {
    if tunnel {
        return Transfer::default();
    }
    if matches!(req.parts().1, Payload::None) {
        return Transfer::nothing();
    }
    let headers = req.headers();
    let length = content_length(headers);
    let nothing_sent = match req.version() {
        // The end of an HTTP/2 stream cannot be seen without asking for its body.
        Version::HTTP_2 => length.is_none() && matches!(*req.method(), Method::GET | Method::HEAD),
        _ => length.is_none() && !headers.contains_key(header::TRANSFER_ENCODING),
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

/// How long the client says that the body is.
pub(crate) fn content_length(headers: &HeaderMap) -> Option<u64> {
    let length = headers.get(header::CONTENT_LENGTH)?;
    length.to_str().ok()?.parse().ok()
}

/// Whether actix gives this request the raw connection as its payload. The test is that of its
/// decoder, which does not look at `Connection`.
pub(crate) fn is_tunnel(req: &ServiceRequest) -> bool {
    let headers = req.headers();
    *req.method() == Method::CONNECT
        || (req.version() <= Version::HTTP_11
            && headers.get_all(header::UPGRADE).any(|value| {
                value
                    .as_bytes()
                    .trim_ascii()
                    .eq_ignore_ascii_case(b"websocket")
            })
            && !headers.contains_key(header::TRANSFER_ENCODING))
}
