//! The page and the form to sign in, as markup.

use actix_web::{http::StatusCode, HttpRequest, HttpResponse};
use serde_json::Value;

use crate::{
    assets::{self, PAGE, SIGN_IN, VERSION},
    respond,
};

/// What is wrong with an attempt to sign in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Failure {
    Wrong { tries_left: u32 },
    TooMany,
}

/// The page, with the first answer of the list, or none for the page to ask itself.
pub(crate) fn page(request: &HttpRequest, first: Option<&Value>) -> HttpResponse {
    // All at once: otherwise a browser finds each module only in those that import it.
    let preload = |name| format!("<link rel=\"modulepreload\" href=\"{{assets}}{name}\">\n");
    let is_list = ["record=", "view="]
        .iter()
        .all(|it| !request.query_string().contains(it));
    let modules: String = assets::modules(!is_list).map(preload).collect();
    let page = fill(&PAGE.replace("{modules}", &modules), request);
    // Last, as records may contain the placeholders.
    let first = first.map(Value::to_string).unwrap_or_default();
    respond::html(StatusCode::OK, page.replace("{first}", &escaped(&first)))
}

/// The form to sign in, for a user who opens the page, or whose attempt has failed.
pub(crate) fn sign_in(request: &HttpRequest, to: &str, failure: Option<Failure>) -> HttpResponse {
    // A strict cookie is not sent where a link on another site was followed; it is when the page loads itself again.
    let elsewhere = request.headers().get("sec-fetch-site");
    let followed = elsewhere.is_some_and(|site| site == "cross-site" || site == "same-site");
    let refresh = if followed && failure.is_none() {
        "<meta http-equiv=\"refresh\" content=\"0\">\n"
    } else {
        ""
    };
    let (status, message) = match failure {
        None => (StatusCode::OK, String::new()),
        Some(Failure::Wrong { tries_left }) => {
            let tries = if tries_left == 1 { "try" } else { "tries" };
            let message =
                format!("That token is not valid. {tries_left} {tries} left this minute.");
            (StatusCode::FORBIDDEN, message)
        }
        Some(Failure::TooMany) => {
            let message = "Too many tries. Wait a minute.".to_owned();
            (StatusCode::TOO_MANY_REQUESTS, message)
        }
    };
    let (invalid, error) = match failure {
        None => ("", String::new()),
        Some(_) => (
            " aria-invalid=\"true\" aria-describedby=\"token-error\"",
            format!("<p class=\"error\" id=\"token-error\" role=\"alert\">{message}</p>\n"),
        ),
    };
    let form = fill(SIGN_IN, request)
        .replace("{refresh}", refresh)
        .replace("{invalid}", invalid)
        .replace("{error}", &error)
        .replace("{session}", &format!("{}session", base(request)))
        .replace("{to}", &escaped(to));
    let mut response = respond::html(status, form);
    if matches!(failure, Some(Failure::TooMany)) {
        let wait = actix_web::http::header::HeaderValue::from_static("60");
        response
            .headers_mut()
            .insert(actix_web::http::header::RETRY_AFTER, wait);
    }
    response
}

pub(crate) fn asset(name: &str) -> HttpResponse {
    match assets::find(name) {
        Some(asset) => HttpResponse::Ok()
            .insert_header(("content-type", asset.media_type()))
            .insert_header(("cache-control", "public, max-age=31536000, immutable"))
            .body(asset.content),
        None => respond::problem(StatusCode::NOT_FOUND, "not found"),
    }
}

fn fill(markup: &str, request: &HttpRequest) -> String {
    markup.replace(
        "{assets}",
        &format!("{}assets/{}/", base(request), *VERSION),
    )
}

/// The address of the inspector, relative to that of the page, so that a proxy may move both.
fn base(request: &HttpRequest) -> String {
    match request.path().rsplit('/').next() {
        Some("" | "session") | None => String::new(),
        Some(last) => format!("{last}/"),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
