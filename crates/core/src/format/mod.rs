//! Records as text: for people, for a shell, for other programs.
//!
//! The JSON of a [`Record`](crate::Record) is what `serde_json::to_string` makes of it, and what
//! [`JsonLineBuffer`](crate::record::JsonLineBuffer) writes; [`json`] makes it fit for a terminal. All formats take records as they are, after
//! redaction: masked values stay masked.

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
    har::{har, Har},
    json::json,
    line::{gap_line, line, maintenance_line, LINE_BODY_LIMIT},
    text::text,
};
