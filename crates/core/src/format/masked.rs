//! Finds the values of a request that are masked, or may be.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{
    names::{prefix, Names},
    url::pairs,
};
use crate::record::{Body, RequestRecord, MASK};

/// Maximum length of a JSON path that is kept. Longer than what is shown of a name, so that truncation is visible.
const MAX_PATH: usize = 200;

/// The masked values of a request, by their names.
#[derive(Debug, Default)]
pub(super) struct Masked {
    /// Values that contain the mask.
    pub(super) masked: Names,
    /// Values that look like the keyed hash of a masked value. A client may have sent them.
    pub(super) hashed: Names,
}

impl Masked {
    pub(super) fn target(&mut self, request: &RequestRecord) {
        self.check_texts("path", &request.path, &[&request.path]);
        for (name, value) in pairs(request.query.as_deref().unwrap_or_default()) {
            self.check_texts("query", name, &[name, value]);
        }
    }

    pub(super) fn header(&mut self, name: &str, value: &str) {
        self.check_texts("header", name, &[value]);
    }

    pub(super) fn body(&mut self, body: &Body) {
        if let Some(json) = &body.json {
            self.json(json.get());
        } else if let Some(text) = &body.text {
            if body.media_type.as_deref() == Some("application/x-www-form-urlencoded") {
                for (name, value) in pairs(text) {
                    self.check_texts("body", name, &[name, value]);
                }
            } else {
                self.check_texts("body", "text", &[text]);
            }
        }
        for part in &body.parts {
            let json = part.json.as_ref().map(|json| json.get());
            let text = part.text.as_deref().or(json).unwrap_or_default();
            self.check_texts("part", part.name.as_deref().unwrap_or_default(), &[text]);
        }
    }

    fn json(&mut self, document: &str) {
        let mut paths = Paths {
            masked: self,
            path: String::new(),
        };
        let mut reader = serde_json::Deserializer::from_str(document);
        // Fails at a number that fits into no type. Later masked values are then found in the whole text.
        if (&mut paths).deserialize(&mut reader).is_err() {
            self.check_texts("body", "json", &[document]);
        }
    }

    fn check_texts(&mut self, kind: &'static str, name: &str, texts: &[&str]) {
        if texts.iter().any(|text| text.contains(MASK)) {
            self.masked.add(kind, name);
        } else if texts.iter().any(|text| has_hash(text)) {
            self.hashed.add(kind, name);
        }
    }
}

/// Whether the text contains something like the keyed hash of a masked value: `key:0123456789abcdef`.
fn has_hash(text: &str) -> bool {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b':', b'%', bytes).any(|at| {
        let ([b':', digits @ ..] | [b'%', b'3', b'a' | b'A', digits @ ..]) = &bytes[at..] else {
            return false;
        };
        let is_digit = |byte: &u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        digits.len() >= 16
            && digits[..16].iter().all(is_digit)
            && !digits.get(16).is_some_and(u8::is_ascii_alphanumeric)
    })
}

/// Visits JSON for the paths of its masked strings, such as `card.number` or `users[].pin`.
struct Paths<'a> {
    masked: &'a mut Masked,
    path: String,
}

impl Paths<'_> {
    fn check_texts(&mut self, text: &str) {
        let path = match &*self.path {
            "" => "json",
            path => path,
        };
        self.masked.check_texts("body", path, &[text]);
    }

    fn push(&mut self, step: &str) {
        let free = MAX_PATH.saturating_sub(self.path.len());
        self.path.push_str(prefix(step, free));
    }
}

impl<'de> DeserializeSeed<'de> for &mut Paths<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Paths<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.check_texts(text);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let outside = self.path.len();
        while let Some(key) = map.next_key::<String>()? {
            if outside > 0 {
                self.push(".");
            }
            self.push(&key);
            // A key may be masked, too.
            self.check_texts(&key);
            map.next_value_seed(&mut *self)?;
            self.path.truncate(outside);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let outside = self.path.len();
        self.push("[]");
        while items.next_element_seed(&mut *self)?.is_some() {}
        self.path.truncate(outside);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Json, Part};
    use crate::Record;

    /// `expected`: the names of masked values, and of possible hashes.
    #[track_caller]
    fn check(change: impl FnOnce(&mut RequestRecord), expected: [&str; 2]) {
        let mut request = Record::example().request;
        request.query = None;
        request.body = Body::default();
        change(&mut request);
        let mut masked = Masked::default();
        masked.target(&request);
        masked.body(&request.body);
        let found = [masked.masked.to_string(), masked.hashed.to_string()];
        assert_eq!(found, expected);
    }

    fn json(text: &str) -> Body {
        Body {
            json: Some(Json::from_text(text.to_owned()).expect("JSON")),
            ..Body::default()
        }
    }

    #[test]
    fn names_each_masked_value_once() {
        check(|_| {}, ["", ""]);
        check(|r| r.path = "/a/***/b".into(), ["path '/a/***/b'", ""]);
        check(
            |r| r.query = Some("a=1&pin=***&b=x***y&pin=***&k=2026a:0123456789abcdef".into()),
            ["query 'pin', query 'b'", "query 'k'"],
        );
    }

    #[test]
    fn names_masked_values_of_bodies() {
        check(
            |r| {
                r.body = json(
                    r#"{"a":{"pin":"***"},"b":[{"c":"1"},{"c":"***"},{"c":"***"}],"d":1.5,"e":null,"f":true,"g":-1}"#,
                )
            },
            ["body 'a.pin', body 'b[].c'", ""],
        );
        // Duplicate keys are both checked, as parsers differ in which one they take.
        check(|r| r.body = json(r#"{"a":"***","a":1}"#), ["body 'a'", ""]);
        check(|r| r.body = json(r#""***""#), ["body 'json'", ""]);
        check(
            |r| r.body = json(r#"{"n":1e999,"pin":"***"}"#),
            ["body 'json'", ""],
        );
        check(
            |r| {
                r.body.text = Some("a=1&pin=***".into());
                r.body.media_type = Some("application/x-www-form-urlencoded".into());
            },
            ["body 'pin'", ""],
        );
        check(
            |r| r.body.text = Some("Bearer ***".into()),
            ["body 'text'", ""],
        );
        check(
            |r| {
                r.body.parts = vec![Part {
                    name: Some("pin".into()),
                    text: Some("***".into()),
                    ..Part::default()
                }];
            },
            ["part 'pin'", ""],
        );
    }

    #[test]
    fn distinguishes_possible_hashes_from_masks() {
        let hashed = |text: &str| {
            let text = text.to_owned();
            let mut masked = Masked::default();
            masked.header("a", &text);
            assert!(masked.masked.is_empty());
            !masked.hashed.is_empty()
        };
        for text in [
            "k1:0123456789abcdef",
            "Bearer k1:0123456789abcdef",
            "a=k1:0123456789abcdef; b=c",
            "k1%3A0123456789abcdef&b",
            "a:b:0123456789abcdef",
        ] {
            assert!(hashed(text), "{text}");
        }
        for text in [
            "",
            "k1:",
            "k1:0123456789abcde",
            "k1:0123456789abcdef0",
            "k1:0123456789ABCDEF",
            "0123456789abcdef",
            "%3",
        ] {
            assert!(!hashed(text), "{text}");
        }
    }

    #[test]
    fn bounds_the_cost_of_long_keys() {
        let key = "k".repeat(15_000);
        let pairs: Vec<String> = (0..1_400).map(|i| format!(r#""{i}":"***""#)).collect();
        let body = json(&format!(r#"{{"{key}":{{{}}}}}"#, pairs.join(",")));
        let mut masked = Masked::default();
        masked.body(&body);
        let shown = masked.masked.to_string();
        assert!(shown.len() < 200, "{shown}");
    }
}
