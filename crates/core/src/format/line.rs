//! Formats a record as one line, for people.

use std::fmt::{Display, Write};

use super::escape::Escaped;
use crate::record::{Body, GapRecord, MaintenanceRecord, Record, Stage};

/// Maximum number of bytes shown of a body's text on a line: 1 KiB.
pub const LINE_BODY_LIMIT: usize = 1024;

/// Formats an exchange, or a stage of one, as the line that the sink `Log` writes: client, method, target, status,
/// outcome, duration, id, attributes, and up to [`LINE_BODY_LIMIT`] bytes of each body.
///
/// It is always one line, and cannot control a terminal: control characters, line breaks, ANSI escapes and characters
/// that change the direction of text are escaped.
///
/// ```
/// use body_logger_core::{format, Record};
///
/// let line = format::line(&Record::example());
/// assert!(line.contains(" POST /orders/7?page=2&token=*** 200 completed "), "{line}");
/// ```
#[must_use]
pub fn line(record: &Record) -> String {
    let mut line = Line(String::with_capacity(256));
    let request = &record.request;
    line.word(record.client.addr.as_deref().unwrap_or("-"));
    line.word(&request.method);
    line.target(&request.path, request.query.as_deref());
    match record.status() {
        Some(status) => line.word(status),
        None => line.word("-"),
    }
    match (record.stage, record.outcome) {
        (Some(Stage::Start), _) => line.word("started"),
        (_, Some(outcome)) => line.word(outcome),
        (_, None) => line.word("pending"),
    }
    if let Some(duration) = record.duration_us {
        line.word(format_args!("{duration}us"));
    }
    line.pair("id", &record.id);
    for (name, value) in &record.attributes {
        line.pair(name, value);
    }
    line.body("request", &request.body);
    if let Some(response) = &record.response {
        line.body("response", &response.body);
    }
    line.0
}

/// Formats a gap as one line.
#[must_use]
pub fn gap_line(GapRecord { gap, .. }: &GapRecord) -> String {
    let mut line = Line(String::with_capacity(64));
    line.pair("lost", gap.dropped);
    for (reason, entries) in &gap.reasons {
        line.pair(reason, entries);
    }
    line.0
}

/// Formats a maintenance note as one line.
#[must_use]
pub fn maintenance_line(MaintenanceRecord { maintenance, .. }: &MaintenanceRecord) -> String {
    let mut line = Line(String::with_capacity(64));
    line.pair("log", maintenance.kind.as_str());
    line.pair("files", maintenance.files.len());
    line.0
}

struct Line(String);

impl Line {
    fn word(&mut self, word: impl Display) {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
        self.write(word);
    }

    fn pair(&mut self, name: &str, value: impl Display) {
        self.word(name);
        self.0.push('=');
        self.write(value);
    }

    fn target(&mut self, path: &str, query: Option<&str>) {
        self.word(path);
        if let Some(query) = query {
            self.0.push('?');
            self.write(query);
        }
    }

    fn body(&mut self, name: &str, body: &Body) {
        match body.bytes {
            Some(bytes) => self.pair(name, format_args!("{bytes}B")),
            None => self.pair(name, "?"),
        }
        let text = match (&body.json, &body.text) {
            (Some(json), _) => json.get(),
            (None, Some(text)) => text,
            (None, None) => return,
        };
        let end = (0..=LINE_BODY_LIMIT.min(text.len()))
            .rev()
            .find(|&end| text.is_char_boundary(end))
            .unwrap_or(0);
        self.word(&text[..end]);
        if end < text.len() {
            self.0.push('…');
        }
    }

    fn write(&mut self, value: impl Display) {
        // Writing to a `String` cannot fail.
        let _ = write!(Escaped(&mut self.0), "{value}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncates_a_long_body_at_a_character() {
        let mut line = Line(String::new());
        let body = Body {
            text: Some(format!("{}é and more", "a".repeat(LINE_BODY_LIMIT - 1))),
            ..Body::default()
        };
        line.body("request", &body);
        let expected = format!("request=? {}…", "a".repeat(LINE_BODY_LIMIT - 1));
        assert_eq!(line.0, expected);
    }
}
