//! The crate's promises, over real sockets and in process.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "nobody but this test binary sees it"
)]
#![allow(
    clippy::async_yields_async,
    reason = "handlers answer with an `HttpResponse`, which happens to be a future"
)]

mod app;
mod buffering;
mod capture;
mod client;
mod composition;
mod conversation;
mod evasion;
mod formats;
#[cfg(feature = "hash")]
mod hashes;
mod http2;
mod leaks;
mod lifecycle;
mod policy;
#[cfg(feature = "proofs")]
mod proofs;
mod records;
mod redaction_cases;
mod replay;
mod required;
mod routes;
mod sinks;
mod spool;
mod streaming;
mod transparency;
mod types;
mod unrecorded;
mod uploads;
