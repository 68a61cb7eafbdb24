//! What stands in a string, whichever format it is in: token families, pairs and URLs, JSON.

use crate::{
    finding::{in_order, Finding},
    json,
    redacted::Extent,
    rules::Rules,
};

/// Appends what is to be hidden in `text`, a decoded string of any format: in order, apart from each other.
///
/// Names in the text are the text's own; the name that the string stands under was decided on before.
pub(crate) fn scan(text: &str, extent: Extent, rules: &Rules, out: &mut Vec<Finding>) {
    let start = out.len();
    if extent == Extent::Truncated || rules.families.may_contain(text.as_bytes()) {
        rules.families.scan(text, extent, out);
    }
    if extent == Extent::Truncated || rules.text.may_contain(text.as_bytes()) {
        rules.text.scan(text, extent, rules, out);
    }
    json::scan_embedded(text, extent, rules, out);
    if out.len() > start + 1 {
        let mut own = out.split_off(start);
        in_order(&mut own);
        out.append(&mut own);
    }
}
