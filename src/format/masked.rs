//! Which values of a request are masked.

use std::{collections::HashSet, fmt};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::url::pairs;
use crate::record::{Body, RequestRecord, MASK};

/// The masked values of a request: of what kind, and their names, each once.
#[derive(Debug, Default)]
pub(super) struct Masked {
    pub(super) found: Vec<(&'static str, String)>,
    known: HashSet<(&'static str, String)>,
}

impl Masked {
    pub(super) fn target(&mut self, request: &RequestRecord) {
        if request.path.split('/').any(is_masked) {
            self.add("path", &request.path);
        }
        for (name, value) in pairs(request.query.as_deref().unwrap_or_default()) {
            if is_masked(name) || is_masked(value) {
                self.add("query", name);
            }
        }
    }

    pub(super) fn header(&mut self, name: &str, value: &str) {
        if value.contains(MASK) {
            self.add("header", name);
        }
    }

    pub(super) fn body(&mut self, body: &Body) {
        if let Some(json) = &body.json {
            self.json(json.get());
        } else if let Some(text) = &body.text {
            if body.media_type.as_deref() == Some("application/x-www-form-urlencoded") {
                for (name, value) in pairs(text) {
                    if is_masked(name) || is_masked(value) {
                        self.add("body", name);
                    }
                }
            } else if text.contains(MASK) {
                self.add("body", "text");
            }
        }
        for part in &body.parts {
            let json = part.json.as_ref().map(|json| json.get());
            let text = part.text.as_deref().or(json).unwrap_or_default();
            if is_masked(text) {
                self.add("part", part.name.as_deref().unwrap_or_default());
            }
        }
    }

    fn json(&mut self, document: &str) {
        let mut names = Names {
            masked: self,
            path: String::new(),
        };
        let mut reader = serde_json::Deserializer::from_str(document);
        // Fails at a number that fits into no type. What is masked behind it still is in the text.
        let failed = (&mut names).deserialize(&mut reader).is_err();
        if failed && document.contains(MASK) {
            self.add("body", "json");
        }
    }

    fn add(&mut self, kind: &'static str, name: &str) {
        let masked = (kind, name.to_owned());
        if self.known.insert(masked.clone()) {
            self.found.push(masked);
        }
    }
}

/// Whether it holds the mask, or reads like the keyed hash of a masked value: `key:0123456789abcdef`.
fn is_masked(value: &str) -> bool {
    let is_hash = |digits: &str| {
        digits.len() == 16
            && digits
                .bytes()
                .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    value.contains(MASK)
        || value
            .rsplit_once(':')
            .is_some_and(|(_, hash)| is_hash(hash))
}

/// Reads JSON for the names of its masked strings, such as `card.number` or `users[].pin`.
struct Names<'a> {
    masked: &'a mut Masked,
    path: String,
}

impl Names<'_> {
    fn look_at(&mut self, text: &str) {
        if is_masked(text) {
            let path = if self.path.is_empty() {
                "json"
            } else {
                &self.path
            };
            let path = path.to_owned();
            self.masked.add("body", &path);
        }
    }
}

impl<'de> DeserializeSeed<'de> for &mut Names<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, input: D) -> Result<(), D::Error> {
        input.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Names<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<(), E> {
        self.look_at(text);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let outside = self.path.len();
        while let Some(key) = map.next_key::<String>()? {
            if outside > 0 {
                self.path.push('.');
            }
            self.path.push_str(&key);
            // A key may be masked, too.
            self.look_at(&key);
            map.next_value_seed(&mut *self)?;
            self.path.truncate(outside);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let outside = self.path.len();
        self.path.push_str("[]");
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
    use crate::{
        format::tests::example,
        record::{Json, Part},
    };

    #[track_caller]
    fn check(change: impl FnOnce(&mut RequestRecord), expected: &[(&str, &str)]) {
        let mut request = example().request;
        request.query = None;
        request.body = Body::default();
        change(&mut request);
        let mut masked = Masked::default();
        masked.target(&request);
        masked.body(&request.body);
        let found: Vec<_> = masked
            .found
            .iter()
            .map(|(kind, name)| (*kind, &**name))
            .collect();
        assert_eq!(found, expected);
    }

    fn json(text: &str) -> Body {
        Body {
            json: Some(Json::from_text(text.to_owned()).expect("JSON")),
            ..Body::default()
        }
    }

    #[test]
    fn masked_values_are_named_once() {
        check(|_| {}, &[]);
        check(|r| r.path = "/a/***/b".into(), &[("path", "/a/***/b")]);
        check(
            |r| r.query = Some("a=1&pin=***&b=x***y&pin=***&k=2026a:0123456789abcdef".into()),
            &[("query", "pin"), ("query", "b"), ("query", "k")],
        );
    }

    #[test]
    fn masked_values_of_bodies_are_named_too() {
        check(
            |r| {
                r.body = json(
                    r#"{"a":{"pin":"***"},"b":[{"c":"1"},{"c":"***"},{"c":"***"}],"d":1.5,"e":null,"f":true,"g":-1}"#,
                )
            },
            &[("body", "a.pin"), ("body", "b[].c")],
        );
        // Both are there, whichever a reader takes.
        check(|r| r.body = json(r#"{"a":"***","a":1}"#), &[("body", "a")]);
        check(|r| r.body = json(r#""***""#), &[("body", "json")]);
        check(
            |r| r.body = json(r#"{"n":1e999,"pin":"***"}"#),
            &[("body", "json")],
        );
        check(
            |r| {
                r.body.text = Some("a=1&pin=***".into());
                r.body.media_type = Some("application/x-www-form-urlencoded".into());
            },
            &[("body", "pin")],
        );
        check(
            |r| r.body.text = Some("Bearer ***".into()),
            &[("body", "text")],
        );
        check(
            |r| {
                r.body.parts = vec![Part {
                    name: Some("pin".into()),
                    text: Some("***".into()),
                    ..Part::default()
                }];
            },
            &[("part", "pin")],
        );
    }
}
