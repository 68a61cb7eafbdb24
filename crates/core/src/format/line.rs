//! Formats a record as one line, for people.

use std::fmt::Write;

use super::{escape::Escaped, names::prefix};
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
    let request = &record.request;
    let response = record.response.as_ref().map(|response| &response.body);
    let bodies = [Some(&request.body), response].into_iter().flatten();
    // Growing it for the bodies would copy it up to four times.
    let shown = bodies.map(|body| shown(body).map_or(0, |(text, _)| text.len()));
    let mut line = Line(String::with_capacity(256 + shown.sum::<usize>()));
    line.word(record.client.addr.as_deref().unwrap_or("-"));
    line.word(&request.method);
    line.target(&request.path, request.query.as_deref());
    match record.status() {
        Some(status) => line.number(status, ""),
        None => line.word("-"),
    }
    match (record.stage, record.outcome) {
        (Some(Stage::Start), _) => line.word("started"),
        (_, Some(outcome)) => line.word(outcome.as_str()),
        (_, None) => line.word("pending"),
    }
    if let Some(duration) = record.duration_us {
        line.number(duration, "us");
    }
    line.name("id").text(&record.id);
    for (name, value) in &record.attributes {
        line.name(name).text(value);
    }
    line.body("request", &request.body);
    if let Some(body) = response {
        line.body("response", body);
    }
    line.0
}

/// Formats a gap as one line.
#[must_use]
pub fn gap_line(GapRecord { gap, .. }: &GapRecord) -> String {
    let mut line = Line(String::with_capacity(64));
    line.name("lost").digits(gap.dropped);
    for (reason, entries) in &gap.reasons {
        line.name(reason).digits(*entries);
    }
    line.0
}

/// Formats a maintenance note as one line.
#[must_use]
pub fn maintenance_line(MaintenanceRecord { maintenance, .. }: &MaintenanceRecord) -> String {
    let mut line = Line(String::with_capacity(64));
    line.name("log").text(maintenance.kind.as_str());
    line.name("files").digits(maintenance.files.len());
    line.0
}

/// Returns what a line shows of a body's content, and whether that is all of it.
fn shown(body: &Body) -> Option<(&str, bool)> {
    let text = match (&body.json, &body.text) {
        (Some(json), _) => json.get(),
        (None, Some(text)) => text,
        (None, None) => return None,
    };
    let shown = prefix(text, LINE_BODY_LIMIT);
    Some((shown, shown.len() == text.len()))
}

/// A line of words. They are appended without `fmt`, which took 5 % of all that a short exchange takes with this line.
struct Line(String);

impl Line {
    fn word(&mut self, word: &str) {
        self.space();
        self.text(word);
    }

    fn number(&mut self, number: impl itoa::Integer, unit: &str) {
        self.space();
        self.digits(number);
        self.0.push_str(unit);
    }

    /// Appends the name of a pair. Its value is to follow.
    fn name(&mut self, name: &str) -> &mut Self {
        self.word(name);
        self.0.push('=');
        self
    }

    fn target(&mut self, path: &str, query: Option<&str>) {
        self.word(path);
        if let Some(query) = query {
            self.0.push('?');
            self.text(query);
        }
    }

    fn body(&mut self, name: &str, body: &Body) {
        self.name(name);
        match body.bytes {
            Some(bytes) => {
                self.digits(bytes);
                self.0.push('B');
            }
            None => self.0.push('?'),
        }
        if let Some((text, is_all)) = shown(body) {
            self.word(text);
            self.0.push_str(if is_all { "" } else { "…" });
        }
    }

    fn space(&mut self) {
        if !self.0.is_empty() {
            self.0.push(' ');
        }
    }

    fn text(&mut self, text: &str) {
        // Writing to a `String` cannot fail.
        let _ = Escaped(&mut self.0).write_str(text);
    }

    fn digits(&mut self, number: impl itoa::Integer) {
        self.0.push_str(itoa::Buffer::new().format(number));
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
