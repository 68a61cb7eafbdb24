//! Inputs made of a fuzzer's bytes, with secrets in them that nothing else looks like.
//!
//! Secret texts are of the letter [`SECRET`] only and secret numbers start with [`SECRET_NUMBER`]: nothing else has
//! those, in any layer of escapes, so that even the first letter of a secret tells that it was shown.

use std::{borrow::Cow, ops::Range};

use arbitrary::Unstructured;

/// Names under which no string is shown but an empty one.
pub const SECRET_NAMES: [&str; 40] = [
    "password",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "user_password",
    "old_password",
    "new_password",
    "current_password",
    "confirm_password",
    "password_confirmation",
    "db_password",
    "secret",
    "secrets",
    "client_secret",
    "app_secret",
    "consumer_secret",
    "shared_secret",
    "credential",
    "credentials",
    "access_token",
    "refresh_token",
    "id_token",
    "auth_token",
    "api_token",
    "reset_token",
    "csrf_token",
    "x_auth_token",
    "api_key",
    "x_api_key",
    "secret_key",
    "secret_access_key",
    "aws_secret_access_key",
    "private_key",
    "encryption_key",
    "signing_key",
    "otp",
    "card_number",
    "cvv",
    "pin",
];

/// None of [`SECRET_NAMES`] has it.
pub const SECRET: char = 'Q';
pub const SECRET_NUMBER: &str = "7391";

/// Asserts that no secret is seen, in no layer of escapes.
#[track_caller]
pub fn assert_hidden(shown: &str, input: &dyn std::fmt::Debug) {
    let mut layer = Cow::Borrowed(shown);
    loop {
        let seen = layer.contains(SECRET) || layer.contains(SECRET_NUMBER);
        assert!(!seen, "{shown}\nshows a secret of\n{input:?}");
        if !layer.contains(['\\', '%']) {
            return;
        }
        let below = unescaped(&layer);
        if below == layer {
            return;
        }
        layer = Cow::Owned(below);
    }
}

/// The text with all that looks like an escape undone, in JSON and in URLs.
fn unescaped(text: &str) -> String {
    let hex = |digits: Option<&str>| {
        let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        char::from_u32(u32::from_str_radix(digits?, 16).ok()?)
    };
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['\\', '%']) {
        unescaped.push_str(&rest[..at]);
        rest = &rest[at..];
        let read = if let Some(char) = hex(rest.strip_prefix("\\u").and_then(|it| it.get(..4))) {
            unescaped.push(char);
            6
        } else if let Some(char) = hex(rest.strip_prefix('%').and_then(|it| it.get(..2))) {
            unescaped.push(char);
            3
        } else {
            // A backslash stands for what follows it.
            unescaped.push_str(rest[..1].trim_start_matches('\\'));
            1
        };
        rest = &rest[read..];
        if read == 1 {
            let next = rest.chars().next().filter(|char| *char == '\\');
            unescaped.extend(next);
            rest = &rest[next.map_or(0, char::len_utf8)..];
        }
    }
    unescaped + rest
}

/// Choices, out of a fuzzer's bytes. When these are used up, each choice is the first.
pub struct Choices<'i>(pub Unstructured<'i>);

impl Choices<'_> {
    pub fn byte(&mut self) -> u8 {
        self.0.arbitrary().unwrap_or_default()
    }

    /// One of `0..count`.
    pub fn below(&mut self, count: usize) -> usize {
        self.0.int_in_range(0..=count - 1).unwrap_or_default()
    }

    pub fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    pub fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// Some of the places where so many bytes can be cut: all, if those are few.
    pub fn cuts(&mut self, length: usize, most: usize) -> impl Iterator<Item = usize> {
        let step = 1 + length / most;
        (self.below(step)..=length).step_by(step)
    }

    pub fn secret(&mut self) -> String {
        SECRET.to_string().repeat(1 + self.below(4))
    }

    /// A name whose value is secret, in some spelling.
    pub fn secret_name(&mut self) -> String {
        let name = self.of(&SECRET_NAMES);
        match self.below(5) {
            0 => name.to_owned(),
            // Upper case has the letter of secrets no more than lower case has.
            1 => name.to_ascii_uppercase(),
            2 => name.replace('_', "-"),
            3 => name.replace('_', "."),
            _ => name.replace('_', " "),
        }
    }

    /// A text that has nothing of a secret, nor of an escape.
    pub fn harmless(&mut self, most: usize) -> String {
        let length = self.below(most + 1);
        (0..length).map(|_| self.harmless_char()).collect()
    }

    fn harmless_char(&mut self) -> char {
        const STRANGE: [char; 12] = [
            'é', '€', '😀', '\u{feff}', '\u{2028}', '\n', '\t', '\r', '\0', '\u{7f}', '\u{85}', 'İ',
        ];
        match self.byte() {
            b'\\' | b'%' | b'7' | b'Q' | b'q' => 'x',
            byte @ b' '..=b'~' => char::from(byte),
            byte => STRANGE[usize::from(byte) % STRANGE.len()],
        }
    }

    /// A text that is no name of a secret, and none with one in it.
    pub fn harmless_name(&mut self) -> String {
        let name: String = (0..1 + self.below(6))
            .map(|_| char::from(b'a' + self.byte() % 16))
            .collect();
        // No default name has this letter either.
        name + "q"
    }

    /// A JSON document, of about so many bytes at most.
    pub fn json(&mut self, most: usize) -> String {
        let mut writer = JsonWriter {
            choices: self,
            text: String::new(),
            most,
        };
        writer.compound(3, Below::Harmless);
        writer.text
    }

    /// A form, of about so many bytes at most.
    pub fn form(&mut self, most: usize) -> String {
        let mut form = String::new();
        while form.len() < most {
            let secret = self.one_in(2);
            let name = if secret {
                self.secret_name()
            } else {
                self.harmless_name()
            };
            let name = match self.below(5) {
                0 => format!("user[{name}]"),
                1 => format!("{}.{name}", self.harmless_name()),
                _ => name,
            };
            let value = match (secret, self.below(6)) {
                (true, _) => self.secret(),
                (_, 0) => format!(
                    "https://host/a?b=c&{}={}",
                    self.secret_name(),
                    self.secret()
                ),
                (_, 1) => format!("https://{}@host/", self.secret()),
                (_, 2) => self.json(80),
                _ => self.harmless(12),
            };
            let mut value = value;
            for _ in 0..self.below(2) {
                value = self.percent_encoded(&value);
            }
            form.push_str(&self.percent_encoded(&name));
            form.push('=');
            form.push_str(&self.percent_encoded(&value));
            if !self.one_in(2) {
                break;
            }
            form.push('&');
        }
        form
    }

    /// The text as a client may encode it in a pair.
    fn percent_encoded(&mut self, text: &str) -> String {
        let often = self.one_in(4);
        let mut encoded = String::new();
        for byte in text.bytes() {
            let as_it_is = byte.is_ascii_alphanumeric() || b"-._~[]".contains(&byte);
            match byte {
                b' ' if !often => encoded.push('+'),
                _ if as_it_is && !(often && self.one_in(2)) => encoded.push(char::from(byte)),
                _ => encoded.push_str(&format!("%{byte:02x}")),
            }
        }
        encoded
    }

    /// A multipart form, of about so many bytes at most.
    pub fn multipart(&mut self, most: usize) -> Multipart {
        let boundary = self.of(&["b", "----WebKitFormBoundaryAbC", "a b'c", "--"]);
        let mut body = Multipart {
            boundary,
            bytes: self.of(&["", "", "preamble\r\n", "\r\n"]).into(),
            boundaries: Vec::new(),
        };
        loop {
            body.boundary_line("");
            let last = self.part(&mut body.bytes);
            if last || body.bytes.len() > most {
                break;
            }
        }
        body.boundary_line("--");
        let behind = self.of(&["", "epilogue\r\n"]);
        body.bytes.extend_from_slice(behind.as_bytes());
        body
    }

    /// Whether it is the last.
    fn part(&mut self, body: &mut Vec<u8>) -> bool {
        let secret = self.one_in(2);
        let name = if secret {
            self.secret_name()
        } else {
            self.harmless_name()
        };
        let file = self.one_in(4);
        let mut head = format!("Content-Disposition: form-data; name=\"{name}\"");
        if file {
            head += "; filename=\"a.txt\"";
        }
        let (kind, content) = match self.below(5) {
            0 => ("application/json", self.json(80)),
            1 => ("application/x-www-form-urlencoded", self.form(60)),
            2 if file => ("application/octet-stream", self.secret()),
            _ if secret || file => ("text/plain", self.secret()),
            _ => ("text/plain", self.harmless(16)),
        };
        if !kind.starts_with("text") || self.one_in(2) {
            head += &format!("\r\nContent-Type: {kind}");
        }
        if self.one_in(4) {
            head = format!("X-Other: {}\r\n{head}", self.harmless_name());
        }
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(b"\r\n\r\n");
        if kind == "text/plain" {
            let line = self.of(&["", "", "\r\n", "\r\n\r\n", "\n", "--b"]);
            body.extend_from_slice(line.as_bytes());
        }
        body.extend_from_slice(content.as_bytes());
        body.extend_from_slice(b"\r\n");
        self.one_in(2)
    }
}

/// A multipart form, and where its boundaries are, with the line breaks around them.
pub struct Multipart {
    pub boundary: &'static str,
    pub bytes: Vec<u8>,
    pub boundaries: Vec<Range<usize>>,
}

impl Multipart {
    fn boundary_line(&mut self, end: &str) {
        let from = self.bytes.len();
        let from = from - if self.bytes.ends_with(b"\r\n") { 2 } else { 0 };
        let line = format!("--{}{end}\r\n", self.boundary);
        self.bytes.extend_from_slice(line.as_bytes());
        self.boundaries.push(from..self.bytes.len());
    }
}

/// What a value stands below.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Below {
    Harmless,
    /// Directly below a name under which whatever is no object is secret.
    Weak,
    /// The same, and strings in objects are secret, too.
    Strong,
    /// In an object below such a name.
    InStrong,
}

impl Below {
    fn of(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        let strong = ["pass", "pwd", "secret", "credential"];
        match strong.iter().any(|word| name.contains(word)) {
            true => Self::Strong,
            false => Self::Weak,
        }
    }

    fn below_harmless_name(self) -> Self {
        match self {
            Self::Harmless | Self::Weak => Self::Harmless,
            Self::Strong | Self::InStrong => Self::InStrong,
        }
    }
}

struct JsonWriter<'c, 'i> {
    choices: &'c mut Choices<'i>,
    text: String,
    most: usize,
}

impl JsonWriter<'_, '_> {
    fn space(&mut self) {
        let space = self.choices.of(&["", "", "", " ", "\n  ", "\t\r"]);
        self.text.push_str(space);
    }

    fn compound(&mut self, depth: usize, below: Below) {
        let object = !self.choices.one_in(4);
        self.text.push(if object { '{' } else { '[' });
        for n in 0..self.choices.below(5) {
            if self.text.len() > self.most {
                break;
            }
            if n > 0 {
                self.text.push(',');
            }
            self.space();
            let mut below = below;
            if object {
                let name = if self.choices.one_in(2) {
                    let name = self.choices.secret_name();
                    below = Below::of(&name);
                    name
                } else {
                    below = below.below_harmless_name();
                    self.choices.harmless_name()
                };
                self.quoted(&name);
                self.space();
                self.text.push(':');
                self.space();
            }
            self.value(depth - 1, below);
            self.space();
        }
        self.text.push(if object { '}' } else { ']' });
    }

    fn value(&mut self, depth: usize, below: Below) {
        match self.choices.below(if depth > 0 { 8 } else { 4 }) {
            0 | 1 => {
                let text = if below != Below::Harmless {
                    let around = self
                        .choices
                        .of(&["", "", "{", "\\", "\"", "é", "\":", "\n"]);
                    format!("{around}{}", self.choices.secret())
                } else {
                    self.choices.harmless(12)
                };
                self.quoted(&text);
            }
            2 => {
                let digits = self.choices.below(1000).to_string().replace('7', "8");
                let start = match below {
                    Below::Strong => SECRET_NUMBER,
                    // Numbers go by their own names, and are usual under `token`.
                    Below::Weak | Below::InStrong | Below::Harmless => "1",
                };
                let end = self.choices.of(&["", "", ".5", "e3", "E-12"]);
                let minus = self.choices.of(&["", "-"]);
                self.text.push_str(&[minus, start, &digits, end].concat());
            }
            3 => {
                let literal = self.choices.of(&["true", "false", "null"]);
                self.text.push_str(literal);
            }
            4 | 5 => {
                // A document in a string.
                let left = self.most.saturating_sub(self.text.len()) / 4;
                let mut inner = JsonWriter {
                    choices: self.choices,
                    text: String::new(),
                    most: left,
                };
                inner.space();
                inner.compound(depth, below);
                let inner = inner.text;
                self.quoted(&inner);
            }
            _ => self.compound(depth, below),
        }
    }

    /// The text as a string, with more or fewer escapes.
    fn quoted(&mut self, text: &str) {
        let often = self.choices.one_in(4);
        self.text.push('"');
        for char in text.chars() {
            let escaped = often && self.choices.one_in(2);
            match char {
                _ if escaped => {
                    let mut units = [0; 2];
                    for unit in char.encode_utf16(&mut units) {
                        self.text.push_str(&format!("\\u{unit:04x}"));
                    }
                }
                '"' | '\\' => self.text.extend(['\\', char]),
                '\n' => self.text.push_str("\\n"),
                '\t' => self.text.push_str("\\t"),
                '\r' => self.text.push_str("\\r"),
                '\0'..' ' => self.text.push_str(&format!("\\u{:04x}", u32::from(char))),
                _ => self.text.push(char),
            }
        }
        self.text.push('"');
    }
}
