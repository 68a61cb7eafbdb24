//! A record on one line, for people.

use std::fmt::{self, Display, Write};

use crate::record::{Body, GapRecord, Record, Start, StartRecord};

/// How much of a body is shown on a line: 1 KiB of its text.
pub const LINE_BODY_LIMIT: usize = 1024;

/// The line for an exchange that has ended.
pub(crate) fn record(record: &Record) -> String {
    let mut line = Line(String::with_capacity(256));
    let request = &record.request;
    line.word(record.client.addr.as_deref().unwrap_or("-"));
    line.word(&request.method);
    line.target(&request.path, request.query.as_deref());
    match record.status() {
        Some(status) => line.word(status),
        None => line.word("-"),
    }
    line.word(record.outcome);
    line.word(format_args!("{}us", record.duration_us));
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

/// The line for a long-lived exchange whose response has begun.
pub(crate) fn start(StartRecord { start, .. }: &StartRecord) -> String {
    let Start {
        client,
        method,
        path,
        status,
        id,
        ..
    } = start;
    let mut line = Line(String::with_capacity(128));
    line.word(client.addr.as_deref().unwrap_or("-"));
    line.word(method);
    line.target(path, None);
    line.word(status);
    line.word("started");
    line.pair("id", id);
    line.0
}

/// The line for entries that were lost.
pub(crate) fn gap(GapRecord { gap, .. }: &GapRecord) -> String {
    let mut line = Line(String::with_capacity(64));
    line.pair("lost", gap.dropped);
    for (reason, entries) in &gap.reasons {
        line.pair(reason, entries);
    }
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
        let cut = (0..=LINE_BODY_LIMIT.min(text.len()))
            .rev()
            .find(|&end| text.is_char_boundary(end))
            .unwrap_or(0);
        self.word(&text[..cut]);
        if cut < text.len() {
            self.0.push('…');
        }
    }

    fn write(&mut self, value: impl Display) {
        // Writing to a `String` cannot fail.
        let _ = write!(Escaped(&mut self.0), "{value}");
    }
}

/// Writes text such that it cannot leave its line or change how the line is read.
struct Escaped<'a>(&'a mut String);

impl Write for Escaped<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(at) = rest.find(is_unsafe) {
            let (safe, tail) = rest.split_at(at);
            self.0.push_str(safe);
            let mut chars = tail.chars();
            if let Some(char) = chars.next() {
                self.0.extend(char.escape_default());
            }
            rest = chars.as_str();
        }
        self.0.push_str(rest);
        Ok(())
    }
}

/// Control characters, line and paragraph separators, and invisible characters that reorder or
/// join text (Unicode's bidirectional controls, and the byte order mark).
fn is_unsafe(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str) -> String {
        let mut line = Line(String::new());
        line.word(text);
        line.0
    }

    #[test]
    fn nothing_leaves_its_line() {
        for (text, expected) in [
            ("plain “text” 日本", "plain “text” 日本"),
            ("a\r\nb\tc", "a\\r\\nb\\tc"),
            ("\x1b[31mred", "\\u{1b}[31mred"),
            ("\u{9b}31m\u{7f}\0", "\\u{9b}31m\\u{7f}\\u{0}"),
            ("user\u{202e}gpj.exe", "user\\u{202e}gpj.exe"),
            (
                "\u{2066}\u{2028}\u{200f}\u{feff}",
                "\\u{2066}\\u{2028}\\u{200f}\\u{feff}",
            ),
        ] {
            assert_eq!(escaped(text), expected);
        }
    }

    #[test]
    fn a_long_body_is_cut_at_a_character() {
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
