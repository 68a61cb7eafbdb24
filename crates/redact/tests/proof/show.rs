//! Inputs as a record has them, and what is shown of them.

use std::borrow::Cow;

use body_logger_redact::{Extent, PartContent, Redactor, Route};

/// What a server gets or sends.
#[derive(Clone, Debug)]
pub struct Input {
    pub content_type: String,
    pub body: Vec<u8>,
    pub extent: Extent,
    pub path: Option<String>,
    pub headers: Vec<(String, String)>,
}

impl Input {
    pub fn new(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            content_type: content_type.to_owned(),
            body: body.into(),
            extent: Extent::Whole,
            path: None,
            headers: Vec::new(),
        }
    }

    /// A path or headers, and no body.
    pub fn head(path: Option<String>, headers: Vec<(String, String)>) -> Self {
        Self {
            path,
            headers,
            ..Self::new("text/plain", "")
        }
    }

    pub fn truncated(mut self) -> Self {
        self.extent = Extent::Truncated;
        self
    }
}

/// Returns the body as shown.
pub fn body(redactor: &Redactor, input: &Input) -> String {
    let essence = input.content_type.split(';').next().expect("a first piece");
    let text = || String::from_utf8_lossy(&input.body);
    if essence == "application/json" || essence.ends_with("+json") {
        redactor.json(&input.body, input.extent).into_string()
    } else if essence == "application/x-www-form-urlencoded" {
        redactor.form(&text(), input.extent).into_string()
    } else if essence.starts_with("multipart/") {
        multipart(redactor, input)
    } else {
        redactor.text(&text(), input.extent).into_string()
    }
}

fn multipart(redactor: &Redactor, input: &Input) -> String {
    let content_type = input.content_type.as_bytes();
    let multipart = redactor.multipart(&input.body, content_type, input.extent);
    let mut shown = String::new();
    for part in &multipart.parts {
        for name in [&part.name, &part.file_name].into_iter().flatten() {
            shown.push_str(name);
            shown.push('\n');
        }
        match &part.shown {
            PartContent::Text(content) => {
                let text = String::from_utf8_lossy(content.bytes());
                let extent = if part.complete {
                    Extent::Whole
                } else {
                    Extent::Truncated
                };
                shown.push_str(redactor.part(content, &text, extent).as_str());
            }
            other => shown.push_str(&format!("{other:?}")),
        }
        shown.push('\n');
    }
    shown
}

/// Returns all that is shown: path, query, headers and body.
pub fn all(redactor: &Redactor, input: &Input) -> String {
    let mut shown = String::new();
    if let Some(target) = &input.path {
        let (path, query) = target
            .split_once('?')
            .map_or((target.as_str(), None), |(path, query)| (path, Some(query)));
        shown.push_str(&redactor.path(path, Extent::Whole, Route::Unknown).text);
        if let Some(query) = query {
            shown.push('?');
            shown.push_str(&redactor.query(query, Extent::Whole).text);
        }
        shown.push('\n');
    }
    for (name, value) in &input.headers {
        let value = redactor
            .header(name, value, Extent::Whole)
            .map_or(Cow::Borrowed("***"), |shown| shown.text);
        shown.push_str(&format!("{name}: {value}\n"));
    }
    shown.push_str(&body(redactor, input));
    shown
}

/// Whether a secret is in a text: as it is, escaped, percent-encoded or in base64.
pub fn contains(shown: &str, secret: &str) -> bool {
    shown.contains(secret)
        || shown.contains(&percent(secret, true))
        || shown.contains(&percent(secret, false))
        || shown.contains(&escaped(secret))
        || (secret.len() >= 8
            && base64(secret.as_bytes())
                .iter()
                .any(|code| shown.contains(code)))
}

/// What JSON has between quotes for a text.
pub fn escaped(text: &str) -> String {
    let quoted = serde_json::to_string(text).expect("a string");
    quoted[1..quoted.len() - 1].to_owned()
}

/// Percent-encodes all but the unreserved characters.
pub fn percent(text: &str, upper: bool) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ if upper => format!("%{byte:02X}"),
            _ => format!("%{byte:02x}"),
        })
        .collect()
}

/// The characters of a text's base64 that depend on it alone, at each of the three places where it may begin.
fn base64(bytes: &[u8]) -> Vec<String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    (0..3)
        .map(|skipped| {
            let bits: Vec<u8> = bytes
                .iter()
                .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
                .skip([0, 4, 2][skipped])
                .collect();
            bits.chunks_exact(6)
                .map(|six| {
                    six.iter()
                        .fold(0, |value, bit| value << 1 | usize::from(*bit))
                })
                .map(|value| char::from(ALPHABET[value]))
                .collect()
        })
        .collect()
}
