//! Responses, and the headers that all of them carry.

use actix_web::{
    http::{
        header::{HeaderMap, HeaderName, HeaderValue, CACHE_CONTROL, CONTENT_TYPE},
        StatusCode,
    },
    HttpResponse,
};
use serde::Serialize;

/// No script, style, image or connection but the page's own, no frame around it, and no text taken for markup.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

const HEADERS: &[(&str, &str)] = &[
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("x-frame-options", "DENY"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
];

/// Adds what every response has. What says nothing about it may not be stored.
pub(crate) fn secure(headers: &mut HeaderMap) {
    for (name, value) in HEADERS {
        headers.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

pub(crate) fn html(status: StatusCode, page: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
        .body(page)
}

pub(crate) fn json(value: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().json(value)
}

/// An error that the page shows.
pub(crate) fn problem(status: StatusCode, message: &str) -> HttpResponse {
    HttpResponse::build(status).json(serde_json::json!({ "error": message }))
}

/// The response to a client without access: nothing of the page.
pub(crate) fn refused() -> HttpResponse {
    HttpResponse::Forbidden()
        .insert_header((CONTENT_TYPE, "text/plain; charset=utf-8"))
        .body("403 Forbidden\n")
}

pub(crate) async fn nothing_here() -> HttpResponse {
    problem(StatusCode::NOT_FOUND, "not found")
}
