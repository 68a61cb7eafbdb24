//! The bytes on the wire are the same with and without a logger, whatever the client and the application do.

#![allow(
    missing_docs,
    unreachable_pub,
    reason = "nobody but this test binary sees it"
)]

mod application;
mod client;
mod connection;
mod models;
mod properties;
mod records;

mod strategies;
