//! The one scanner of text: pairs, URLs, connection strings, commands, markup.

use crate::{finding::Finding, redacted::Extent, rules::Rules};

/// Finds values beside secret names in a text.
#[derive(Clone, Debug, Default)]
pub(crate) struct TextScanner {}

impl TextScanner {
    /// Whether anything could be found in these bytes, told by one look at each; raw or decoded text.
    #[inline]
    pub(crate) fn may_contain(&self, _bytes: &[u8]) -> bool {
        false
    }

    /// Appends what is found in `text`: in order, apart from each other. `rules` has the names and the decision.
    pub(crate) fn scan(
        &self,
        _text: &str,
        _extent: Extent,
        _rules: &Rules,
        _out: &mut Vec<Finding>,
    ) {
    }
}
