//! HTTP archives, HAR 1.2: each member is redacted as what it is.
//!
//! A member that HAR does not define, or that is not what HAR says it is, is redacted as JSON. So nothing is passed over, and
//! what tools have added stays.

mod body;
mod json;
mod message;
mod place;

use body_logger_redact::{Content, Format, MASK};
use serde_json::value::RawValue;

use self::{
    json::{array, string_of, to_raw, Object, Raw},
    place::Place,
};
use super::explained::Explained;
use crate::failure::Failure;

/// Redacts an archive.
pub(super) fn redact(bytes: &[u8], explained: &mut Explained) -> Result<String, Failure> {
    let cannot = |cause: &str| Failure::cannot("read standard input as an HTTP archive", cause);
    // Some tools begin their files with a byte order mark.
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let archive: &RawValue =
        serde_json::from_slice(bytes).map_err(|error| cannot(&error.to_string()))?;
    let entries = Object::of(archive)
        .and_then(|archive| Object::of(archive.get("log")?))
        .and_then(|log| log.get("entries").and_then(array));
    if entries.is_none() {
        return Err(cannot("there is no log.entries"));
    }
    Ok(Har(explained).archive(archive).get().to_owned())
}

struct Har<'e>(&'e mut Explained);

impl Har<'_> {
    fn archive(&mut self, archive: &RawValue) -> Raw {
        self.members(
            &Place::default(),
            archive,
            |har, place, value| match place.name() {
                "log" => har.log(place, value),
                _ => har.json(place, value),
            },
        )
    }

    fn log(&mut self, place: &Place, log: &RawValue) -> Raw {
        self.members(place, log, |har, place, value| match place.name() {
            "entries" => har.elements(place, value, Self::entry),
            _ => har.json(place, value),
        })
    }

    fn entry(&mut self, place: &Place, entry: &RawValue) -> Raw {
        self.members(place, entry, |har, place, value| match place.name() {
            "request" | "response" => har.message(place, value),
            _ => har.json(place, value),
        })
    }

    /// Redacts each member of an object by `redact`.
    fn members(
        &mut self,
        place: &Place,
        value: &RawValue,
        mut redact: impl FnMut(&mut Self, &Place, &RawValue) -> Raw,
    ) -> Raw {
        let Some(object) = Object::of(value) else {
            return self.json(place, value);
        };
        let members = object.0.into_iter().map(|(name, value)| {
            let shown = self.text(place, &name, Format::Text);
            let value = redact(self, &place.member(&name, &shown), &value);
            (shown, value)
        });
        to_raw(&Object(members.collect()))
    }

    /// Redacts each element of an array by `redact`.
    fn elements(
        &mut self,
        place: &Place,
        value: &RawValue,
        mut redact: impl FnMut(&mut Self, &Place, &RawValue) -> Raw,
    ) -> Raw {
        let Some(elements) = array(value) else {
            return self.json(place, value);
        };
        let elements = elements.iter().enumerate();
        let redacted: Vec<Raw> = elements
            .map(|(index, element)| redact(self, &place.element(index), element))
            .collect();
        to_raw(&redacted)
    }

    /// Redacts a string as `format`, and anything else as JSON.
    fn string(&mut self, place: &Place, value: &RawValue, format: Format<'_>) -> Raw {
        match string_of(value) {
            Some(text) => to_raw(&self.text(place, &text, format)),
            None => self.json(place, value),
        }
    }

    fn text(&mut self, place: &Place, text: &str, format: Format<'_>) -> String {
        let redacted = self.0.redact(place.path(), text.as_bytes(), format);
        redacted.into_string()
    }

    /// Redacts any value as JSON under its name.
    fn json(&mut self, place: &Place, value: &RawValue) -> Raw {
        let named = to_raw(&Object(vec![(place.name().to_owned(), value.to_owned())]));
        let redacted = (self.0).redact_member(place.path(), place.name(), named.get());
        let shown = match &redacted.content {
            // What is nested too deep is withheld.
            Content::Text(_) => None,
            Content::Json(json) => serde_json::from_str::<Object>(json).ok(),
        };
        let shown = shown.and_then(|object| object.0.into_iter().next());
        match shown {
            Some((_, value)) => value,
            None => {
                self.0.note(place.path(), "not understood");
                to_raw(MASK)
            }
        }
    }
}
