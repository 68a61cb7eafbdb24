//! What stands in the place of a secret value.

use std::borrow::Cow;

#[cfg(feature = "hash")]
use crate::hash::HashKey;
use crate::record::MASK;

/// What a masked value reads.
#[derive(Debug, Clone, Default)]
pub(crate) enum Masking {
    /// `***`.
    #[default]
    Stars,
    /// A keyed hash of the value: equal values read the same.
    #[cfg(feature = "hash")]
    Keyed(HashKey),
}

impl Masking {
    /// Whether what is shown depends on the value.
    pub(crate) fn looks_at_values(&self) -> bool {
        !matches!(self, Self::Stars)
    }

    /// What is shown for a value that is there as a whole.
    pub(crate) fn of(&self, _value: &str) -> Cow<'static, str> {
        match self {
            Self::Stars => Cow::Borrowed(MASK),
            #[cfg(feature = "hash")]
            Self::Keyed(key) => Cow::Owned(key.hash(_value.as_bytes())),
        }
    }
}
