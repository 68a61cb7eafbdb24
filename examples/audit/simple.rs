//! Handlers of a few lines: a form, and what can go wrong.

use actix_web::{error, web, HttpResponse};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
pub(crate) struct Contact {
    name: String,
    message: String,
}

pub(crate) async fn contact(form: web::Form<Contact>) -> HttpResponse {
    let Contact { name, message } = form.into_inner();
    HttpResponse::Ok().json(json!({ "thanks": name, "message_bytes": message.len() }))
}

/// Excluded from the records, see `audit_logger`.
pub(crate) async fn health() -> &'static str {
    "ok"
}

pub(crate) async fn error() -> Result<HttpResponse, actix_web::Error> {
    Err(error::ErrorInternalServerError(
        "the warehouse does not answer",
    ))
}

/// The client's connection is closed without an answer. The record is written all the same.
pub(crate) async fn panic() -> HttpResponse {
    panic!("somebody asked for it")
}
