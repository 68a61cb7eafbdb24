//! Bodies: `postData` of requests, `content` of responses.

use base64::{engine::general_purpose::STANDARD, Engine};
use body_logger_redact::{Format, MASK};
use serde_json::value::RawValue;

use super::{
    json::{string_of, to_raw, Object, Raw},
    place::Place,
    Har,
};

impl Har<'_> {
    pub(super) fn body(&mut self, place: &Place, body: &RawValue) -> Raw {
        let Some(mut object) = Object::of(body) else {
            return self.json(place, body);
        };
        let media_type = object.string("mimeType").unwrap_or_default();
        // HAR has `encoding` for responses only; for requests, tools add one of their own. What is shown has none.
        let all = object.0.len();
        (object.0).retain(|(name, _)| !matches!(&name[..], "encoding" | "_encoding"));
        let is_coded = object.0.len() < all;
        self.members(place, &to_raw(&object), |har, place, value| {
            match place.name() {
                "text" => match string_of(value) {
                    Some(text) if is_coded => har.decoded_body(place, &text, &media_type),
                    Some(text) => to_raw(&har.body_text(place, &text, &media_type)),
                    None => har.json(place, value),
                },
                "params" => har.parameters(place, value),
                _ => har.json(place, value),
            }
        })
    }

    /// Redacts a body in base64. What is no text is withheld.
    fn decoded_body(&mut self, place: &Place, base64: &str, media_type: &str) -> Raw {
        let bytes = STANDARD.decode(base64).ok();
        match bytes.and_then(|bytes| String::from_utf8(bytes).ok()) {
            Some(text) => to_raw(&self.body_text(place, &text, media_type)),
            None => {
                self.0.note(place.path(), "binary");
                to_raw(MASK)
            }
        }
    }

    fn body_text(&mut self, place: &Place, text: &str, media_type: &str) -> String {
        let format = format_of(media_type);
        // Clients that send JSON as something else are many.
        if format != Format::Json && text.trim_start().starts_with(['{', '[']) {
            if let Some(shown) = self.0.redact_if_json(place.path(), text) {
                return shown;
            }
        }
        self.text(place, text, format)
    }
}

fn format_of(media_type: &str) -> Format<'_> {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    let essence = essence.to_ascii_lowercase();
    match &essence[..] {
        "application/json" => Format::Json,
        json if json.ends_with("+json") => Format::Json,
        "application/x-www-form-urlencoded" => Format::Form,
        multipart if multipart.starts_with("multipart/") => Format::Multipart(media_type),
        _ => Format::Text,
    }
}
