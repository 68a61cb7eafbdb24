//! JSON, one level at a time: numbers, the order of members and repeated members stay as they are.

use std::fmt;

use serde::{
    de::{MapAccess, Visitor},
    Deserialize, Deserializer, Serialize, Serializer,
};
use serde_json::value::RawValue;

/// A document or a part of one, as text.
pub(super) type Raw = Box<RawValue>;

/// The members of an object.
#[derive(Debug)]
pub(super) struct Object(pub(super) Vec<(String, Raw)>);

impl Object {
    /// Returns the members of an object, or `None` if it is something else.
    pub(super) fn of(value: &RawValue) -> Option<Self> {
        serde_json::from_str(value.get()).ok()
    }

    pub(super) fn get(&self, name: &str) -> Option<&RawValue> {
        let mut members = self.0.iter();
        members
            .find(|(own, _)| own == name)
            .map(|(_, value)| &**value)
    }

    /// Returns a string member.
    pub(super) fn string(&self, name: &str) -> Option<String> {
        self.get(name).and_then(string_of)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Members;

        impl<'de> Visitor<'de> for Members {
            type Value = Object;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Object(members))
            }
        }

        input.deserialize_map(Members)
    }
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// Returns the elements of an array, or `None` if it is something else.
pub(super) fn array(value: &RawValue) -> Option<Vec<Raw>> {
    serde_json::from_str(value.get()).ok()
}

/// Returns a string, or `None` if it is something else.
pub(super) fn string_of(value: &RawValue) -> Option<String> {
    serde_json::from_str(value.get()).ok()
}

pub(super) fn to_raw<T: Serialize + ?Sized>(value: &T) -> Raw {
    // Strings, and objects and arrays of raw values, always are JSON.
    serde_json::value::to_raw_value(value).expect("JSON")
}
