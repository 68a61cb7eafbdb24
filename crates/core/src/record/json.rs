//! JSON documents within a record.

use serde::{ser, Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A JSON document, kept as text so that numbers and the order of keys are unchanged.
///
/// ```
/// # fn main() -> Result<(), serde_json::Error> {
/// use body_logger_core::record::Json;
///
/// let json: Json = serde_json::from_str(r#"{"b":1.10,"a":2}"#)?;
/// assert_eq!(json.get(), r#"{"b":1.10,"a":2}"#);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Json(String);

impl Json {
    /// Returns the document's text.
    #[must_use]
    pub fn get(&self) -> &str {
        &self.0
    }

    /// Parses a text as a document.
    ///
    /// # Errors
    ///
    /// Returns an error if the text is not valid JSON.
    pub fn from_text(text: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&text)
    }

    /// Wraps a text that is known to be a document, without white space around it. It is not validated, which would
    /// take longer than everything else done with it. An invalid text makes invalid lines.
    ///
    /// # Panics
    ///
    /// Panics in debug builds if the text is not a document.
    #[must_use]
    pub fn from_valid_text(mut text: String) -> Self {
        debug_assert_eq!(Self::from_text(text.clone()).ok(), Some(Self(text.clone())));
        // Budgets are charged the length. A little more is kept, as a smaller allocation means a copy.
        if text.capacity() - text.len() > text.len() / 8 {
            text.shrink_to_fit();
        }
        Self(text)
    }
}

#[cfg(test)]
impl Json {
    /// Returns what is no document, so that it cannot be serialized.
    pub(super) fn invalid() -> Self {
        Self("{".to_owned())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        // `RawValue` is the only type that serde_json writes unchanged.
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(ser::Error::custom)?;
        raw.serialize(out)
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(input)?;
        Ok(Self(raw.get().into()))
    }
}

/// Deserializes a present member as a document, even if it is `null`.
pub(super) fn document<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(input).map(Some)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_keeps_little_more_memory_than_it_is_charged() {
        let document = "[1,2,3,4]".repeat(8).replace("][", ",");
        for spare in [0, 1, document.len() / 8, document.len(), 1 << 16] {
            let mut text = String::with_capacity(document.len() + spare);
            text.push_str(&document);
            let kept = Json::from_valid_text(text).0;
            assert_eq!(kept, document);
            assert!(kept.capacity() <= document.len() * 9 / 8, "{spare}");
        }
    }
}
