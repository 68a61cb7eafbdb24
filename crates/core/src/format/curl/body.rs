//! The body that the command sends.

use base64::{engine::general_purpose::STANDARD as BASE64, Engine as _};

use super::Curl;
use crate::{
    format::{
        shell::{is_plain, quoted},
        words,
    },
    record::{Body, BodyState, Part, RecordText, RequestRecord},
};

/// Maximum length of a text in an argument; a longer body is piped. Linux allows 128 KiB per argument, and other
/// systems no more for all arguments together.
const MAX_ARGUMENT: usize = 64 * 1024;

/// Content that the command sends.
#[derive(Debug, Clone, Copy)]
pub(super) enum Content<'a> {
    Text(&'a str),
    Base64(&'a str),
    /// The parts of a multipart form.
    Form,
}

impl Curl {
    /// Returns the content to send, and adds notes about what is not sent.
    pub(super) fn content<'a>(&mut self, request: &'a RequestRecord) -> Option<Content<'a>> {
        let body = &request.body;
        let is_form = body.media_type.as_deref() == Some("multipart/form-data");
        let is_framed = |(name, value): &(RecordText, RecordText)| match &**name {
            "content-length" => *value == "0",
            name => name == "transfer-encoding",
        };
        let content = if let Some(json) = &body.json {
            Some(Content::Text(json.get()))
        } else if let Some(text) = &body.text {
            Some(Content::Text(text))
        } else if let Some(base64) = &body.base64 {
            Some(Content::Base64(base64))
        } else if !body.parts.is_empty() {
            let is_sent = |part: &Part| form_value(part).is_some();
            let is_form = is_form && body.parts.iter().any(is_sent);
            is_form.then_some(Content::Form)
        } else if is_nothing(body) {
            let is_framed = request.headers.iter().any(is_framed);
            is_framed.then_some(Content::Text(""))
        } else {
            // Decoded to an empty body.
            let is_blank = words::is_whole(body) && body.decoded == Some(0);
            is_blank.then_some(Content::Text(""))
        };
        if request.method == "HEAD" {
            // curl silently ignores a body with `--head`.
            if !is_nothing(body) {
                self.note("the body is left out: curl sends none with HEAD");
            }
            return None;
        }
        match content {
            None if is_nothing(body) => {}
            None if !body.parts.is_empty() && is_form => {
                body.parts.iter().for_each(|part| self.part(part));
                self.note("the body is left out: there is nothing that curl could write of it");
            }
            None if !body.parts.is_empty() => {
                self.note("the body is left out: curl writes no other multipart than forms");
            }
            None => self.note_body("was not recorded", body),
            Some(_) if !words::is_whole(body) && !is_nothing(body) => {
                self.note_body("was not recorded as a whole", body);
            }
            Some(_) => {}
        }
        content
    }

    fn note_body(&mut self, what: &str, body: &Body) {
        let mut facts = vec![words::size(body.bytes), body.state.as_str().to_owned()];
        facts.extend(body.reasons.iter().map(|it| it.as_str().to_owned()));
        let facts = facts.join(", ");
        self.note(format!("the body {what}: {facts}"));
    }

    /// Adds a note if the number of bytes changes, as by a charset, a byte order mark or white space.
    fn note_bytes(&mut self, body: &Body, content: Option<Content<'_>>) {
        let sent = match content {
            Some(Content::Text(text)) => {
                if text.contains('\u{fffd}') {
                    self.note("the body may have had bytes that are no UTF-8");
                }
                text.len()
            }
            Some(Content::Base64(text)) => text.trim_end_matches('=').len() * 3 / 4,
            Some(Content::Form) => {
                let note = "the body is written anew by curl, with a boundary of its own";
                self.note(note);
                return;
            }
            None => return,
        };
        let passed = match body.encoding {
            Some(_) => body.decoded,
            None => body.bytes,
        };
        let is_masked = self.masked.masked.has("body");
        if !is_masked && words::is_whole(body) && passed != Some(sent as u64) {
            let passed = words::size(passed);
            self.note(format!("the body is sent in {sent} bytes: it had {passed}"));
        }
    }

    /// Adds the options that send a body.
    pub(super) fn data(&mut self, body: &Body, content: Option<Content<'_>>) {
        if content.is_some() {
            self.masked.body(body);
        }
        self.note_bytes(body, content);
        match content {
            None => {}
            Some(Content::Text(text)) if is_plain(text) && text.len() <= MAX_ARGUMENT => {
                self.option("--data-raw", text, "body");
            }
            Some(Content::Text(text)) if is_plain(text) => self.pipe(text, ""),
            Some(Content::Text(text)) => self.pipe(&BASE64.encode(text), " | base64 -d"),
            Some(Content::Base64(base64)) => self.pipe(base64, " | base64 -d"),
            Some(Content::Form) => {
                if body.parts_dropped > 0 {
                    let more = body.parts_dropped;
                    self.note(format!("parts of the body that were not recorded: {more}"));
                }
                body.parts.iter().for_each(|part| self.part(part));
            }
        }
    }

    fn pipe(&mut self, text: &str, filter: &str) {
        // Not as the format of `printf`, where `%` and `\` have a meaning.
        self.input = quoted(text).map(|text| format!("printf %s {text}{filter} | "));
        self.options.push("--data-binary @-".to_owned());
    }

    fn part(&mut self, part: &Part) {
        let name = part.name.as_deref().unwrap_or_default();
        let Some(argument) = form_value(part).and_then(|text| quoted(&format!("{name}={text}")))
        else {
            let kind = match part.file_name {
                Some(_) => "file",
                None => "part",
            };
            self.left_out.add(kind, name);
            return;
        };
        if part.media_type.is_some() {
            self.untyped.add("part", name);
        }
        if !part.reasons.is_empty() {
            self.partial.add("part", name);
        }
        self.options.push(format!("--form-string {argument}"));
    }
}

/// Returns the value to send for a part, or `None` if it cannot be sent.
fn form_value(part: &Part) -> Option<&str> {
    let name = part.name.as_deref()?;
    let json = part.json.as_ref().map(|json| json.get());
    let is_file = part.file_name.is_some();
    let is_blank = part.bytes == Some(0) && part.reasons.is_empty() && !is_file;
    let text = part.text.as_deref().or(json);
    let text = text.or(is_blank.then_some(""))?;
    // In `--form-string` the first `=` ends the name; an argument cannot contain a NUL, and its length is limited.
    let is_named = !name.is_empty() && !name.contains(['=', '\0']);
    (is_named && text.len() <= MAX_ARGUMENT && !text.contains('\0')).then_some(text)
}

/// Whether the request had no body, or an empty one.
fn is_nothing(body: &Body) -> bool {
    body.state == BodyState::Empty || body.state == BodyState::Complete && body.bytes == Some(0)
}
