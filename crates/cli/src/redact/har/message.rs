//! Requests and responses: URLs, headers, cookies and parameters.

use body_logger_redact::{Format, MASK};
use serde_json::value::RawValue;

use super::{
    json::{array, string_of, to_raw, Object, Raw},
    place::Place,
    Har,
};

impl Har<'_> {
    pub(super) fn message(&mut self, place: &Place, message: &RawValue) -> Raw {
        self.members(place, message, |har, place, value| match place.name() {
            "url" | "redirectURL" => har.string(place, value, Format::Url),
            "headers" => har.elements(place, value, Self::header),
            "cookies" => har.elements(place, value, Self::cookie),
            "queryString" => har.parameters(place, value),
            "postData" | "content" => har.body(place, value),
            _ => har.json(place, value),
        })
    }

    fn header(&mut self, place: &Place, header: &RawValue) -> Raw {
        let name = Object::of(header).and_then(|header| header.string("name"));
        // The place of a value shows the name, too.
        let name = name.map(|name| self.0.header_name(place.path(), &name));
        self.members(place, header, |har, place, value| {
            match (place.name(), &name) {
                ("name", Some(name)) => to_raw(name),
                ("value", Some(name)) => {
                    let name = name.to_ascii_lowercase();
                    let format = match &name[..] {
                        // The head of a request in HTTP/2 and HTTP/3 (RFC 9113, section 8.3.1).
                        ":authority" => Format::Header("host"),
                        ":method" | ":scheme" | ":status" => Format::Text,
                        ":path" => Format::Url,
                        name => Format::Header(name),
                    };
                    har.string(place, value, format)
                }
                _ => har.json(place, value),
            }
        })
    }

    /// Masks the value of a cookie, whatever it is.
    fn cookie(&mut self, place: &Place, cookie: &RawValue) -> Raw {
        self.members(place, cookie, |har, place, value| match place.name() {
            "value" if string_of(value).is_none_or(|value| !value.is_empty()) => {
                har.0.note(place.path(), "value of a cookie");
                to_raw(MASK)
            }
            _ => har.json(place, value),
        })
    }

    /// Redacts the parameters of a query or of a form, which are decoded.
    ///
    /// They are redacted as the query that they stand for, as the neighbours of a parameter can make it a secret.
    pub(super) fn parameters(&mut self, place: &Place, parameters: &RawValue) -> Raw {
        let pairs = array(parameters)
            .and_then(|all| all.iter().map(|one| pair(one)).collect::<Option<Vec<_>>>());
        let Some(pairs) = pairs else {
            return self.json(place, parameters);
        };
        let mut query = form_urlencoded::Serializer::new(String::new());
        let query = query.extend_pairs(&pairs).finish();
        let query = self.text(place, &query, Format::Query);
        let shown: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let hides_all = shown.len() != pairs.len();
        self.elements(place, parameters, |har, place, parameter| {
            let (name, value) = match shown.get(place.index()) {
                Some((name, value)) if !hides_all => (&**name, &**value),
                _ => (MASK, MASK),
            };
            har.members(place, parameter, |har, place, member| match place.name() {
                "name" => to_raw(name),
                "value" => to_raw(value),
                _ => har.json(place, member),
            })
        })
    }
}

/// The name and the value of a parameter. `None` if it is none; a file in a form has no value.
fn pair(parameter: &RawValue) -> Option<(String, String)> {
    let parameter = Object::of(parameter)?;
    let value = match parameter.get("value") {
        Some(value) => string_of(value)?,
        None => String::new(),
    };
    Some((parameter.string("name")?, value))
}
