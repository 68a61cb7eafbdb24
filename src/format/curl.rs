//! A `curl` command that repeats a request.

use base64::{engine::general_purpose::STANDARD as BASE64, Engine as _};

use super::{
    escape::escaped,
    masked::Masked,
    shell::{is_plain, quoted},
    url, words,
};
use crate::{
    parameters::parameter,
    record::{Body, BodyState, Part, Record, RequestRecord},
};

/// The longest text that is written as an argument; Linux takes up to 128 KiB, and other systems no
/// more of all arguments together. A longer body goes through a pipe.
const MAX_ARGUMENT: usize = 64 * 1024;

/// The most names that a comment lists.
const MAX_NAMES: usize = 20;

/// A command that repeats the recorded request, for a POSIX shell with `curl`.
///
/// The method, the URL, the headers and the body are those of the record. Left to `curl` are
/// `content-length`, `transfer-encoding`, `connection` and a `host` that is that of the URL;
/// `accept-encoding` becomes `--compressed`, so that the answer can be read. The version of HTTP is
/// `curl`'s own choice.
///
/// **Masked values stay masked**: the command sends `***` for them. Comments in front of it list
/// them, and say what else the record does not have: of a body that was not recorded as a whole the
/// command sends the part that was, of a multipart form all but the files.
///
/// Whatever the client sent, the shell runs nothing of it: each value is one argument, in single
/// quotes. Control characters in arguments are spelled by `printf`; a body that has any, or that was
/// recorded as base64, is piped in through `base64 -d`. **The host is the one that the client
/// named**: look at it before you send secrets there.
///
/// ```
/// use actix_web_body_logger::{format, Record};
///
/// # fn main() -> Result<(), serde_json::Error> {
/// # let line = include_str!("../../docs/record.example.json");
/// let record: Record = serde_json::from_str(line)?;
/// assert_eq!(
///     format::curl(&record),
///     r#"# masked, to be put in: query 'token', header 'authorization', body 'password'
/// curl 'http://localhost:8080/orders/7?page=2&token=***' \
///   --header 'authorization: ***' \
///   --header 'content-type: application/json' \
///   --data-raw '{ "item": "server", "password": "***" }'"#
/// );
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn curl(record: &Record) -> String {
    let request = &record.request;
    let mut curl = Curl {
        masked: Masked::default(),
        notes: Vec::new(),
        input: None,
        flags: String::new(),
        options: Vec::new(),
    };
    let target = curl.target(request);
    let content = curl.content(request);
    let data = curl.data(&request.body, content);
    curl.method(&request.method, !data.is_empty());
    curl.headers(request, content);
    curl.options.extend(data);
    if content.is_some() {
        curl.masked.body(&request.body);
    }
    curl.command(&target)
}

/// What the command can send of a body.
#[derive(Debug, Clone, Copy)]
enum Content<'a> {
    Text(&'a str),
    Base64(&'a str),
    Parts,
}

struct Curl {
    masked: Masked,
    notes: Vec<String>,
    /// What goes before the command, to feed its standard input.
    input: Option<String>,
    flags: String,
    options: Vec<String>,
}

impl Curl {
    /// The URL, quoted.
    fn target(&mut self, request: &RequestRecord) -> String {
        self.masked.target(request);
        if url::host(request).is_none() {
            self.notes.push("the host is not known".to_owned());
        }
        let in_url = request.path.is_empty() || request.path.starts_with('/');
        let url = if in_url {
            url::url(request)
        } else {
            // `OPTIONS *`, or a whole URL as sent to a proxy.
            let query = request.query.as_deref().map(|query| format!("?{query}"));
            let target = format!("{}{}", request.path, query.unwrap_or_default());
            self.option("--request-target", &target, "request target");
            url::origin(request)
        };
        // Else curl makes several URLs of one.
        if url.contains(['[', ']', '{', '}']) {
            self.flags.push_str(" --globoff");
        }
        let is_dots = |segment: &str| {
            let segment = segment.to_ascii_lowercase().replace("%2e", ".");
            segment == "." || segment == ".."
        };
        if request.path.split('/').any(is_dots) {
            self.flags.push_str(" --path-as-is");
        }
        // A URL has no NUL.
        quoted(&url).unwrap_or_default()
    }

    fn content<'a>(&mut self, request: &'a RequestRecord) -> Option<Content<'a>> {
        let body = &request.body;
        let content = if let Some(json) = &body.json {
            Some(Content::Text(json.get()))
        } else if let Some(text) = &body.text {
            Some(Content::Text(text))
        } else if let Some(base64) = &body.base64 {
            Some(Content::Base64(base64))
        } else {
            (!body.parts.is_empty()).then_some(Content::Parts)
        };
        let has_body = body.bytes != Some(0) && body.state != BodyState::Empty;
        if content.is_none() && has_body {
            self.note_body("was not recorded", body);
        } else if content.is_some() && !words::is_whole(body) {
            self.note_body("was not recorded as a whole", body);
        }
        if content.is_some() && request.method == "HEAD" {
            let note = "the body is left out: curl sends none with HEAD";
            self.notes.push(note.to_owned());
            return None;
        }
        content
    }

    fn note_body(&mut self, what: &str, body: &Body) {
        let mut facts = vec![words::size(body.bytes), words::state(body.state).to_owned()];
        facts.extend(body.reasons.iter().map(|it| words::reason(*it).to_owned()));
        let facts = facts.join(", ");
        self.notes.push(format!("the body {what}: {facts}"));
    }

    fn method(&mut self, method: &str, has_content: bool) {
        match (method, has_content) {
            ("HEAD", _) => self.flags.push_str(" --head"),
            ("GET", false) | ("POST", true) => {}
            _ => self.option("--request", method, "method"),
        }
    }

    fn headers(&mut self, request: &RequestRecord, content: Option<Content<'_>>) {
        let has = |name: &str| request.headers.iter().any(|(n, _)| n == name);
        for (name, value) in &request.headers {
            match &**name {
                "content-length" | "transfer-encoding" => continue,
                "connection" if !has("upgrade") => continue,
                "host" if url::host(request) == Some(value) => continue,
                "accept-encoding" if is_undone_by_curl(value) => {
                    if !self.flags.contains("--compressed") {
                        self.flags.push_str(" --compressed");
                    }
                    continue;
                }
                // It is written by curl, with a boundary of its own.
                "content-type" if matches!(content, Some(Content::Parts)) => continue,
                "content-encoding" if request.body.encoding.is_some() && content.is_some() => {
                    let note = "the body is sent without its content encoding";
                    self.notes.push(note.to_owned());
                    continue;
                }
                "content-type" if content.is_some() && is_in_other_charset(value) => {
                    let note = "the body is sent in UTF-8 and not in its charset";
                    self.notes.push(note.to_owned());
                }
                _ => {}
            }
            self.header(name, value);
        }
        // Else curl says that it is a form.
        let is_bare = matches!(content, Some(Content::Text(_) | Content::Base64(_)));
        if is_bare && !has("content-type") {
            self.option("--header", "content-type:", "header");
        }
        if request.headers_dropped > 0 {
            let more = request.headers_dropped;
            self.notes
                .push(format!("headers that were not recorded: {more}"));
        }
    }

    fn header(&mut self, name: &str, value: &str) {
        // Anything else curl takes for a file's name, for a name without a value, or for several
        // headers.
        if !is_token(name) || value.contains(['\r', '\n', '\0']) {
            self.left_out("header", name);
            return;
        }
        self.masked.header(name, value);
        match value.trim_matches([' ', '\t']) {
            "" => self.option("--header", &format!("{name};"), "header"),
            value => self.option("--header", &format!("{name}: {value}"), "header"),
        }
    }

    /// The options that send a body.
    fn data(&mut self, body: &Body, content: Option<Content<'_>>) -> Vec<String> {
        let argument = |text: &str| quoted(text).map(|text| format!("--data-raw {text}"));
        match content {
            None => Vec::new(),
            Some(Content::Text(text)) if is_plain(text) && text.len() <= MAX_ARGUMENT => {
                Vec::from_iter(argument(text))
            }
            Some(Content::Text(text)) if is_plain(text) => self.pipe(text, ""),
            Some(Content::Text(text)) => self.pipe(&BASE64.encode(text), " | base64 -d"),
            Some(Content::Base64(base64)) => self.pipe(base64, " | base64 -d"),
            Some(Content::Parts) => self.parts(body),
        }
    }

    fn pipe(&mut self, text: &str, filter: &str) -> Vec<String> {
        // Not as the format: there `%` and `\` have a meaning.
        self.input = quoted(text).map(|text| format!("printf %s {text}{filter} | "));
        vec!["--data-binary @-".to_owned()]
    }

    fn parts(&mut self, body: &Body) -> Vec<String> {
        if body.parts_dropped > 0 {
            let more = body.parts_dropped;
            self.notes
                .push(format!("parts that were not recorded: {more}"));
        }
        body.parts
            .iter()
            .filter_map(|part| self.part(part))
            .collect()
    }

    fn part(&mut self, part: &Part) -> Option<String> {
        let name = part.name.as_deref().unwrap_or_default();
        let json = part.json.as_ref().map(|json| json.get());
        let Some(text) = part.text.as_deref().or(json) else {
            let kind = match part.file_name {
                Some(_) => "file",
                None => "part",
            };
            self.left_out(kind, name);
            return None;
        };
        // The first `=` ends the name.
        let can_be_named = !name.is_empty() && !name.contains('=');
        let argument = quoted(&format!("{name}={text}"));
        let argument = argument.filter(|it| can_be_named && it.len() <= MAX_ARGUMENT);
        let Some(argument) = argument else {
            self.left_out("part", name);
            return None;
        };
        if part.media_type.is_some() {
            self.noted("sent without its media type:", "part", name);
        }
        if !part.reasons.is_empty() {
            self.noted("not recorded as a whole:", "part", name);
        }
        Some(format!("--form-string {argument}"))
    }

    /// An option with an argument.
    fn option(&mut self, option: &str, argument: &str, what: &'static str) {
        match quoted(argument) {
            Some(argument) => self.options.push(format!("{option} {argument}")),
            None => self.left_out(what, argument),
        }
    }

    fn left_out(&mut self, what: &'static str, name: &str) {
        self.noted("left out:", what, name);
    }

    fn noted(&mut self, note: &str, what: &'static str, name: &str) {
        self.notes.push(format!("{note} {what} {}", named(name)));
    }

    fn command(self, target: &str) -> String {
        let mut command = String::with_capacity(256);
        // Comments have words of ours and quoted names only: a shell that knows no comments (some do
        // not where people type) runs nothing in them.
        let masked = &self.masked.found;
        if !masked.is_empty() {
            let names: Vec<String> = masked
                .iter()
                .take(MAX_NAMES)
                .map(|(kind, name)| format!("{kind} {}", named(name)))
                .collect();
            command.push_str("# masked, to be put in: ");
            command.push_str(&names.join(", "));
            if let Some(more @ 1..) = masked.len().checked_sub(MAX_NAMES) {
                command.push_str(&format!(" and {more} more"));
            }
            command.push('\n');
        }
        for note in &self.notes {
            command.push_str(&format!("# {note}\n"));
        }
        command.push_str(self.input.as_deref().unwrap_or_default());
        command.push_str(&format!("curl{} {target}", self.flags));
        for option in &self.options {
            command.push_str(" \\\n  ");
            command.push_str(option);
        }
        command
    }
}

/// A name in a comment: on one line, and nothing to a shell that does not know comments.
fn named(name: &str) -> String {
    quoted(&escaped(name)).unwrap_or_default()
}

/// Whether a value of `accept-encoding` asks for a coding that `--compressed` asks for.
fn is_undone_by_curl(accepted: &str) -> bool {
    accepted.split(',').any(|item| {
        let (coding, parameters) = item.split_once(';').unwrap_or((item, ""));
        let known = ["gzip", "x-gzip", "deflate", "br", "zstd", "*"];
        let quality = parameters.trim().strip_prefix("q=").unwrap_or("1");
        let refused = quality.parse::<f32>().is_ok_and(|quality| quality <= 0.0);
        !refused
            && known
                .iter()
                .any(|it| coding.trim().eq_ignore_ascii_case(it))
    })
}

/// Whether a value of `content-type` names a charset that text in UTF-8 is not in.
fn is_in_other_charset(content_type: &str) -> bool {
    match parameter(content_type.as_bytes(), "charset") {
        Ok(Some(charset)) => {
            let same = ["utf-8", "utf8", "us-ascii"];
            !same
                .iter()
                .any(|it| charset.eq_ignore_ascii_case(it.as_bytes()))
        }
        Ok(None) => false,
        Err(_) => true,
    }
}

/// Whether it is a name that a header can have.
fn is_token(name: &str) -> bool {
    let in_token = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(in_token)
}
