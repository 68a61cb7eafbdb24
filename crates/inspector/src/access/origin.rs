//! Checks that a request comes from the page itself, or from a user who opens it.

use actix_web::{
    http::{header::ORIGIN, Method},
    HttpRequest,
};

/// Whether no other site made a browser send this request.
///
/// `Origin` has to be the page's own, where there is one. Browsers omit it from plain `GET` requests, and then
/// `Sec-Fetch-Site` decides: another port of the same host is `same-site`, and refused like any other site. Following a link
/// to the page from elsewhere is allowed: what is opened is not shown to the site with the link.
pub(super) fn is_own(request: &HttpRequest) -> bool {
    is_own_origin(request) && is_own_fetch(request)
}

fn is_own_origin(request: &HttpRequest) -> bool {
    let mut origins = request.headers().get_all(ORIGIN);
    let Some(origin) = origins.next() else {
        return true;
    };
    let info = request.connection_info();
    let origin = origin.to_str().unwrap_or("");
    if origin == "null" {
        // So browsers send a form of a page that sends no referrer; then they say where it comes from elsewhere.
        return request
            .headers()
            .get("sec-fetch-site")
            .is_some_and(|site| site == "same-origin");
    }
    let host = origin.split_once("://").map(|(_, host)| host);
    origins.next().is_none()
        && host.is_some_and(|host| host.eq_ignore_ascii_case(own_host(request, &info)))
}

/// The host as the client named it: not as a proxy did, since anyone can claim to be one.
fn own_host<'a>(request: &'a HttpRequest, info: &'a actix_web::dev::ConnectionInfo) -> &'a str {
    let header = request.headers().get(actix_web::http::header::HOST);
    let named = header.and_then(|host| host.to_str().ok());
    let authority = request
        .uri()
        .authority()
        .map(|authority| authority.as_str());
    authority.or(named).unwrap_or_else(|| info.host())
}

fn is_own_fetch(request: &HttpRequest) -> bool {
    let header = |name: &str| request.headers().get(name).map(|value| value.as_bytes());
    match header("sec-fetch-site") {
        None | Some(b"same-origin" | b"none") => true,
        Some(_) => {
            let opens = header("sec-fetch-mode") == Some(b"navigate")
                && header("sec-fetch-dest") == Some(b"document");
            opens && request.method() == Method::GET
        }
    }
}
