//! JSON without parsing it into values.

use crate::{
    finding::Finding,
    redacted::{Content, End, Extent, Redacted, Report},
    rules::Rules,
};

/// Redacts a sequence of documents.
pub(crate) fn redact(
    _input: &[u8],
    _extent: Extent,
    _rules: &Rules,
    report: &mut Report,
) -> Redacted {
    Redacted {
        content: Content::Text(String::new()),
        end: End::Malformed,
        consumed: 0,
        counts: report.counts,
    }
}

/// Appends what is to be hidden of JSON in `text`, a decoded string, also after a prefix.
pub(crate) fn scan_embedded(_text: &str, _extent: Extent, _rules: &Rules, _out: &mut Vec<Finding>) {
}
