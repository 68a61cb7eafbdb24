//! `RecordText`, the string type of records.
//!
//! Most short texts of a record are not allocated. There are twenty of them, created with one batch and freed with the next, which
//! took a quarter of the writer thread's time.

use std::{
    borrow::{Borrow, Cow},
    fmt,
    ops::Deref,
};

use serde::{Deserialize, Serialize};
use smol_str::SmolStr;

/// A text of a [`Record`](crate::Record). It derefs to `str`, and is made from a `&str` or a `String`.
///
/// A record has many texts, and nearly all of them are short or the same in every record. Those need no allocation, and
/// cloning any other is cheap.
///
/// ```
/// use body_logger_core::Record;
///
/// let mut record = Record::example();
/// assert_eq!(record.request.method, "POST");
/// assert!(record.request.path.starts_with("/orders/"));
/// record.request.path = "/orders/***".into();
/// let id: String = record.id.into();
/// # drop(id);
/// ```
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RecordText(SmolStr);

impl RecordText {
    /// Creates a text from a static string, without an allocation.
    #[must_use]
    pub const fn constant(text: &'static str) -> Self {
        Self(SmolStr::new_static(text))
    }

    /// Concatenates texts.
    #[must_use]
    pub fn concat<'p>(parts: impl IntoIterator<Item = &'p str>) -> Self {
        Self(parts.into_iter().collect())
    }

    /// Returns the text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Deref for RecordText {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for RecordText {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for RecordText {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for RecordText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for RecordText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.as_str(), f)
    }
}

impl From<&str> for RecordText {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for RecordText {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Cow<'_, str>> for RecordText {
    fn from(text: Cow<'_, str>) -> Self {
        Self(text.into())
    }
}

impl From<RecordText> for String {
    fn from(text: RecordText) -> Self {
        text.0.into()
    }
}

macro_rules! equal_as_text {
    ($($other:ty)*) => {$(
        impl PartialEq<$other> for RecordText {
            fn eq(&self, other: &$other) -> bool {
                *self.as_str() == **other
            }
        }

        impl PartialEq<RecordText> for $other {
            fn eq(&self, other: &RecordText) -> bool {
                other == self
            }
        }
    )*};
}

equal_as_text!(&str String);

impl PartialEq<str> for RecordText {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}
