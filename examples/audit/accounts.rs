//! Who may log in, and who is asking.

use actix_web::{
    http::header::{self, HeaderMap},
    web, HttpResponse,
};
use actix_web_body_logger::Exchange;
use serde::Deserialize;
use serde_json::json;

/// Everybody's password: this is an example.
pub(crate) const PASSWORD: &str = "open sesame";

/// What a token begins with; the user's name follows. A real token is random, or signed.
const TOKEN_PREFIX: &str = "demo-";

#[derive(Deserialize)]
pub(crate) struct Login {
    user: String,
    password: String,
}

pub(crate) async fn login(exchange: Exchange, login: web::Json<Login>) -> HttpResponse {
    // The record says who it was, also where the password is wrong.
    exchange.set_attribute("user", &login.user);
    if login.password != PASSWORD {
        return HttpResponse::Unauthorized().json(json!({ "error": "wrong password" }));
    }
    let token = format!("{TOKEN_PREFIX}{}", login.user);
    HttpResponse::Ok().json(json!({ "user": login.user, "token": token }))
}

/// The user whose token came with the request, if one did.
pub(crate) fn user(headers: &HeaderMap) -> Option<&str> {
    let credentials = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    credentials
        .strip_prefix("Bearer ")?
        .strip_prefix(TOKEN_PREFIX)
}
