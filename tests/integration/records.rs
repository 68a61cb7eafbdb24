//! What stands in a record, and the schema that says so.

mod limit;
pub mod outcomes;
pub mod schema;
mod shown;
mod who;

use actix_web::{web, HttpResponse};
use actix_web_body_logger::Record;

use crate::{app::TestApp, client::Response};

/// Answers every GET.
fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/{tail:.*}", web::get().to(HttpResponse::Ok));
}

/// Gets a target of a server that has seen nothing else.
#[track_caller]
fn get(app: &TestApp, target: &str, headers: &[(&str, &str)]) -> (Response, Record) {
    app.memory().clear();
    let headers: String = headers
        .iter()
        .map(|(name, value)| format!("{name}: {value}\r\n"))
        .collect();
    let request = format!("GET {target} HTTP/1.1\r\nhost: test\r\n{headers}\r\n");
    let response = app.connect().send(request).response();
    (response, app.record())
}

/// All values under a name.
fn values<'a, T: AsRef<str>>(headers: &'a [(T, T)], name: &str) -> Vec<&'a str> {
    let named = headers.iter().filter(|(n, _)| n.as_ref() == name);
    named.map(|(_, value)| value.as_ref()).collect()
}
