//! JSON within a record.

use serde::{ser, Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

/// A JSON document, kept as text so that its numbers and the order of its keys stay as they were.
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
pub struct Json(Box<str>);

impl Json {
    /// The document's text.
    #[must_use]
    pub fn get(&self) -> &str {
        &self.0
    }

    /// Takes a text as a document, if it is one.
    ///
    /// # Errors
    ///
    /// What is wrong with the text.
    pub fn from_text(text: String) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&text)
    }

    /// Takes a text that is known to be a document, with nothing around it: to read it again takes serde longer than all
    /// else takes that is done with it. What is none makes lines that are no JSON.
    ///
    /// # Panics
    ///
    /// In debug builds, where the text is not a document.
    #[must_use]
    pub fn from_valid_text(text: String) -> Self {
        debug_assert_eq!(
            Self::from_text(text.clone()).ok(),
            Some(Self(text.clone().into()))
        );
        Self(text.into_boxed_str())
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        // Nothing else passes through serde as it is.
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

/// What is there is a document, `null` included.
pub(super) fn document<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(input).map(Some)
}
