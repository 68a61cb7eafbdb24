//! Formats records as text: for people, for a shell, for other programs.
//!
//! `serde_json::to_string` and [`JsonLineBuffer`](crate::record::JsonLineBuffer) write the JSON of a
//! [`Record`](crate::Record); [`json`] makes it safe for a terminal. All formats take records after redaction: masked
//! values stay masked.
//!
//! Output contains text from clients, and reaches terminals and shells. So one place decides what may reach a terminal
//! (`escape`) and one what may reach a shell (`shell`).

mod color;
mod curl;
mod escape;
mod har;
mod indent;
mod json;
mod line;
mod masked;
mod names;
mod shell;
mod text;
mod url;
pub(crate) mod words;

pub use self::{
    color::Color,
    curl::curl,
    escape::escaped,
    har::{har, Har, HarWriter},
    json::{escaped_json, json},
    line::{gap_line, line, maintenance_line, LINE_BODY_LIMIT},
    text::text,
};
