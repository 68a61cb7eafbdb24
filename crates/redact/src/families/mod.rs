//! Token families: secrets that are known by their form, wherever they stand.

use crate::{finding::Finding, redacted::Extent};

/// The families that are looked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Families {
    /// Whether the families of the table are shown (`show_token_families`).
    pub(crate) shown: bool,
    pub(crate) high_entropy: bool,
    pub(crate) personal_data: bool,
}

impl Families {
    /// Whether anything could be found in these bytes, told by one look at each; raw or decoded text.
    #[inline]
    pub(crate) fn may_contain(&self, _bytes: &[u8]) -> bool {
        false
    }

    /// Appends what is found in `text`: in order, apart from each other. Where the text was truncated, a beginning of a
    /// secret at its end is found too.
    pub(crate) fn scan(&self, _text: &str, _extent: Extent, _out: &mut Vec<Finding>) {}

    /// The family of a number, as it is written in JSON, if it is one of digits alone: a card number.
    pub(crate) fn of_number(&self, _number: &str, _extent: Extent) -> Option<&'static str> {
        None
    }
}
