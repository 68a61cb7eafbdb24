//! Formats a record on several lines, for people.

use std::fmt::Write as _;

use super::{
    color::Color,
    escape::{escaped, find_unsafe},
    indent, words,
};
use crate::{
    record::{Body, ErrorRecord, Part, Record, RecordText, Resource},
    rfc3339,
};

/// Maximum number of columns of a line: those of the narrowest usual terminal. If a terminal wrapped the line itself,
/// the rest would begin at its edge, and could be mistaken for another record.
const COLUMNS: usize = 80;

/// Prefix of a continued line.
const CONTINUED: &str = "    … ";

/// Number of characters of base64 on a line.
const BASE64_LINE: usize = 76;

/// Formats a record on several lines, for people; the last one ends with a line break.
///
/// Everything in the record is shown, including bodies as far as they were recorded. JSON is indented; its numbers,
/// strings and the order of its keys are unchanged. No content can control a terminal: control characters, ANSI escapes
/// and characters that change the direction of text are escaped, and content is always indented, so that it cannot be
/// mistaken for anything else. Lines are broken at 80 columns; the continuation begins with `…`. A text that ends with
/// a line feed is followed by an empty line.
///
/// ```
/// use body_logger_core::{format::{self, Color}, Record};
///
/// let color = Color::of(&std::io::stdout());
/// println!("{}", format::text(&Record::example(), color));
/// ```
///
/// ```text
/// POST http://localhost:8080/orders/7?page=2&token=*** HTTP/1.1
/// 200 OK, completed in 1.234 ms
///   time: 2026-11-21T09:15:01.123456Z
///   id: 0199fd2c-5a3e-7c41-9d0f-3b6c1a2e4f58
///   service: orders 1.4.2, instance orders-7f9c, host web-3
///   client: 127.0.0.1:53124
///   route: /orders/{id}
///   first byte: 0.456 ms
///   attribute user: 42
/// request
///   content-type: application/json
///   body: 38 bytes, complete, application/json
///     {
///       "item": "server",
///       "password": "***"
///     }
/// response
///   content-type: application/json
///   body: 1048576 bytes, complete, 32768 captured (body_limit), application/json
///     {"items":[..."
/// ```
#[must_use]
pub fn text(record: &Record, color: Color) -> String {
    let mut text = Text {
        out: String::with_capacity(2048),
        column: 0,
        color,
    };
    text.head(record);
    text.facts(record);
    let request = &record.request;
    text.message("request", &request.headers, request.headers_dropped);
    text.body(&request.body);
    if let Some(response) = &record.response {
        text.message("response", &response.headers, response.headers_dropped);
        text.body(&response.body);
    }
    text.out
}

/// The style of a text, if there are colours: parameters of ANSI's "select graphic rendition".
#[derive(Debug, Clone, Copy)]
enum Style {
    Plain,
    Strong,
    /// A name before its value.
    Name,
    Good,
    Odd,
    Bad,
}

impl Style {
    fn codes(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Strong => "1",
            Self::Name => "36",
            Self::Good => "32",
            Self::Odd => "33",
            Self::Bad => "31",
        }
    }

    fn of_status(status: u16) -> Self {
        match status {
            500.. => Self::Bad,
            400.. => Self::Odd,
            _ => Self::Good,
        }
    }
}

struct Text {
    out: String,
    /// Upper bound of the current column: characters that are not ASCII may take two columns.
    column: usize,
    color: Color,
}

impl Text {
    fn head(&mut self, record: &Record) {
        let request = &record.request;
        self.put(Style::Strong, &request.method);
        self.put(Style::Plain, " ");
        if let Some(host) = &request.host {
            self.put(Style::Plain, &request.scheme);
            self.put(Style::Plain, "://");
            self.put(Style::Plain, host);
        }
        self.put(Style::Plain, &request.path);
        if let Some(query) = &request.query {
            self.put(Style::Plain, "?");
            self.put(Style::Plain, query);
        }
        self.put(Style::Plain, " ");
        self.put(Style::Plain, &request.version);
        self.end_line();
        match record.status() {
            Some(status) => {
                let reason = words::status_text(status);
                let status_line = format!("{status} {reason}");
                self.put(Style::of_status(status), status_line.trim_end());
            }
            None => self.put(Style::Bad, "no response"),
        }
        let how = match (record.outcome, record.stage) {
            (Some(outcome), _) => outcome.as_str(),
            (None, Some(stage)) => stage.as_str(),
            (None, None) => "not over",
        };
        self.put(Style::Plain, ", ");
        self.put(Style::Plain, how);
        if let Some(duration) = record.duration_us {
            self.put(Style::Plain, " in ");
            self.put(Style::Plain, &words::duration(duration));
        }
        self.end_line();
    }

    fn facts(&mut self, record: &Record) {
        self.fact("time", &rfc3339::text(record.time).unwrap_or_default());
        self.fact("id", &record.id);
        if record.request.host.is_none() {
            self.fact("scheme", &record.request.scheme);
        }
        if let Some(resource) = &record.resource {
            self.resource(resource);
        }
        if let Some(addr) = &record.client.addr {
            self.fact("client", addr);
        }
        if let Some(route) = &record.request.route {
            self.fact("route", route);
        }
        if let Some(ttfb) = record.ttfb_us {
            self.fact("first byte", &words::duration(ttfb));
        }
        for (name, value) in &record.attributes {
            self.fact(&format!("attribute {name}"), value);
        }
        if let Some(error) = &record.error {
            self.error(error);
        }
    }

    fn resource(&mut self, resource: &Resource) {
        let mut text = resource.service.to_string();
        let facts = [
            (" ", &resource.version),
            (", instance ", &resource.instance),
            (", host ", &resource.host),
        ];
        for (name, value) in facts {
            text.extend(value.as_deref().into_iter().flat_map(|value| [name, value]));
        }
        self.fact("service", &text);
    }

    fn error(&mut self, error: &ErrorRecord) {
        let mut text = error.kind.as_str().to_owned();
        // Writing to a `String` cannot fail.
        if let Some(status) = error.status {
            let _ = write!(text, ", status {status}");
        }
        if let Some(message) = &error.message {
            let _ = write!(text, ": {message}");
        }
        self.fact("error", &text);
    }

    fn message(&mut self, name: &str, headers: &[(RecordText, RecordText)], dropped: u32) {
        self.put(Style::Strong, name);
        self.end_line();
        for (name, value) in headers {
            self.fact(name, value);
        }
        if dropped > 0 {
            self.put(Style::Odd, &format!("  {dropped} more headers"));
            self.end_line();
        }
    }

    fn body(&mut self, body: &Body) {
        let mut facts = vec![words::size(body.bytes), body.state.as_str().to_owned()];
        if body.bytes != Some(body.captured) || !body.reasons.is_empty() {
            let reasons = words::reasons(&body.reasons);
            facts.push(format!("{} captured{reasons}", body.captured));
        }
        facts.extend(body.media_type.as_deref().map(str::to_owned));
        match (&body.encoding, body.decoded) {
            (Some(coding), Some(bytes)) => {
                facts.push(format!("{coding} of {}", words::size(Some(bytes))));
            }
            (Some(coding), None) => facts.push(coding.clone()),
            (None, _) => {}
        }
        facts.extend(body.events.map(|events| format!("{events} events")));
        self.fact("body", &facts.join(", "));
        if let Some(digest) = &body.digest {
            self.fact("digest", digest);
        }
        if let Some(file) = &body.file {
            let size = words::size(Some(file.bytes));
            let digest = file.digest.as_deref().map(|digest| format!(", {digest}"));
            let digest = digest.unwrap_or_default();
            self.fact("file", &format!("{}, {size}{digest}", file.name));
        }
        if let Some(reason) = body.no_file {
            self.fact("no file", reason.as_str());
        }

        if let Some(json) = &body.json {
            self.json(json.get());
        } else if let Some(text) = &body.text {
            self.lines(text);
        } else if let Some(base64) = &body.base64 {
            self.base64(base64);
        }
        for part in &body.parts {
            self.part(part);
        }
        if body.parts_dropped > 0 {
            let more = body.parts_dropped;
            self.put(Style::Odd, &format!("  {more} more parts"));
            self.end_line();
        }
    }

    fn part(&mut self, part: &Part) {
        let mut facts = Vec::new();
        facts.extend(part.name.as_ref().map(|name| format!("{name:?}")));
        facts.extend(part.file_name.as_ref().map(|name| format!("file {name:?}")));
        facts.extend(part.media_type.as_deref().map(str::to_owned));
        let reasons = words::reasons(&part.reasons);
        facts.push(format!("{}{reasons}", words::size(part.bytes)));
        facts.extend(part.digest.clone());
        self.fact("part", &facts.join(", "));
        if let Some(json) = &part.json {
            self.json(json.get());
        } else if let Some(text) = &part.text {
            self.lines(text);
        }
    }

    fn json(&mut self, document: &str) {
        match indent::lines(document) {
            Some(lines) => self.lines(&lines),
            None => self.content(document),
        }
    }

    fn lines(&mut self, text: &str) {
        for line in text.split('\n') {
            self.content(line);
        }
    }

    fn base64(&mut self, text: &str) {
        let mut rest = text;
        while !rest.is_empty() {
            let line: String = rest.chars().take(BASE64_LINE).collect();
            rest = &rest[line.len()..];
            self.content(&line);
        }
    }

    fn content(&mut self, line: &str) {
        self.fill("    ");
        self.put(Style::Plain, line);
        self.end_line();
    }

    fn fact(&mut self, name: &str, value: &str) {
        self.put(Style::Plain, "  ");
        self.put(Style::Name, name);
        self.put(Style::Plain, ": ");
        self.put(Style::Plain, value);
        self.end_line();
    }

    /// Writes a text escaped, with the colour of its style.
    fn put(&mut self, style: Style, text: &str) {
        let codes = match self.color {
            Color::Never => "",
            Color::Always => style.codes(),
        };
        // Writing to a `String` cannot fail.
        if !codes.is_empty() {
            let _ = write!(self.out, "\x1b[{codes}m");
        }
        if find_unsafe(text).is_none() {
            self.fill(text);
        } else {
            self.fill(&escaped(text));
        }
        if !codes.is_empty() {
            self.out.push_str("\x1b[0m");
        }
    }

    /// Writes escaped text, and breaks full lines.
    fn fill(&mut self, text: &str) {
        // Fast path: most texts fit. A quarter of what a record takes.
        if text.is_ascii() && self.column + text.len() <= COLUMNS {
            self.out.push_str(text);
            self.column += text.len();
            return;
        }
        let mut rest = text;
        loop {
            let mut column = self.column;
            let end = rest.char_indices().find(|(_, char)| {
                column += if char.is_ascii() { 1 } else { 2 };
                column > COLUMNS
            });
            let Some((end, _)) = end else {
                self.out.push_str(rest);
                self.column = column;
                return;
            };
            self.out.push_str(&rest[..end]);
            rest = &rest[end..];
            self.out.push('\n');
            self.out.push_str(CONTINUED);
            self.column = CONTINUED.len();
        }
    }

    fn end_line(&mut self) {
        self.out.push('\n');
        self.column = 0;
    }
}
