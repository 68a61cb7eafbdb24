//! The crate's promises, over real sockets and in process.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "nobody but this test binary sees it"
)]

mod app;
mod client;
mod http2;
mod lifecycle;
