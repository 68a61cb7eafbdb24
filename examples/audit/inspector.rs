//! The page that shows what is recorded.

use std::net::SocketAddr;

use body_logger_inspector::{Inspector, Try};
use body_logger_store::Store;

use crate::accounts;

pub(crate) const PATH: &str = "/_inspector";

/// How much of the newest records the page has, with their indexes: a hundred thousand small ones.
const STORE_BYTES: u64 = 256 * 1024 * 1024;

/// The store that the page shows.
pub(crate) fn store() -> Result<Store, String> {
    Store::in_memory(STORE_BYTES).map_err(|error| format!("cannot create a store: {error}"))
}

/// The page, for whoever sits at this machine.
pub(crate) fn inspector(store: Store, address: SocketAddr) -> Inspector {
    let json = "-H 'content-type: application/json'";
    let password = accounts::PASSWORD;
    Inspector::over(store).localhost_only().at(PATH).tries([
        Try::new(
            "A masked secret.",
            "The password arrives at the handler, never in the record.",
            format!(
                r#"curl -d '{{"user":"ada","password":"{password}"}}' {json} http://{address}/login"#
            ),
        ),
        Try::new(
            "An order.",
            "The card number is masked, and so is what only this application knows to be private.",
            format!(
                r#"curl -d '{{"item":"server","quantity":2,"card_number":"4111 1111 1111 1111","deliver_to":"1 Main St"}}' {json} http://{address}/orders"#
            ),
        ),
        Try::new(
            "A truncated body.",
            "All of it passes, the first 32 KiB are kept.",
            format!("curl -F 'file=@Cargo.lock' http://{address}/upload"),
        ),
        Try::new(
            "A client that goes away.",
            "The outcome says so, with the bytes that passed.",
            format!("curl -N -m 2 'http://{address}/events'"),
        ),
        Try::new(
            "A handler that panics.",
            "Recorded all the same.",
            format!("curl http://{address}/panic"),
        ),
    ])
}
