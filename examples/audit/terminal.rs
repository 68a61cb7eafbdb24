//! Records on the terminal. Closures and functions that take a record are sinks.

use std::io::{self, Write};

use actix_web_body_logger::{
    format::{self, Color},
    Record, Sink,
};

pub(crate) fn text() -> impl Sink {
    let color = Color::of(&io::stdout());
    move |record: &Record| print(&format::text(record, color))
}

pub(crate) fn json(record: &Record) {
    match format::json(record) {
        Ok(line) => print(&line),
        Err(error) => log::error!("a record is not JSON: {error}"),
    }
}

/// The text has several lines: an empty one follows.
pub(crate) fn curl(record: &Record) {
    print(&(format::curl(record) + "\n"));
}

fn print(text: &str) {
    // Nothing to be done about it where nobody reads: the file has the record.
    let _ = writeln!(io::stdout(), "{text}");
}
