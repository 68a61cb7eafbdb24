//! JSON in a string, also after a prefix such as `)]}'`.

use memchr::memchr2;

use super::{
    edits::Kind,
    reader::{Reader, Rest},
};
use crate::{
    finding::{Finding, Rule},
    redacted::Extent,
    rules::Rules,
};

/// The fewest bytes of a document with a secret in it.
const SHORTEST: usize = 5;

/// Appends what is to be hidden of JSON in `text`, a decoded string.
///
/// Each byte is read by one reader only. Strings in strings at least double their escapes, so that few levels are possible.
pub(crate) fn scan_embedded(text: &str, extent: Extent, rules: &Rules, out: &mut Vec<Finding>) {
    let first = text.len() - text.trim_ascii_start().len();
    let mut from = match next_opening(text, 0) {
        _ if text.as_bytes().get(first) == Some(&b'"') => first,
        Some(from) => from,
        None => return,
    };
    while text.len() - from >= SHORTEST {
        let part = &text[from..];
        let mut reader = Reader::embedded(part, Rest::Nothing, extent, rules);
        reader.read();
        out.extend(reader.edits.hidden().map(|edit| {
            let range = match edit.kind {
                // The mask goes between the quotes.
                Kind::Value if part[edit.range.clone()].starts_with('"') => {
                    edit.range.start + 1..edit.range.end - 1
                }
                _ => edit.range.clone(),
            };
            Finding {
                range: from + range.start..from + range.end,
                rule: match edit.rule {
                    Rule::Name => Rule::Structure,
                    rule => rule,
                },
            }
        }));
        let read = reader.stopped_at().max(1);
        match next_opening(text, from + read) {
            Some(next) => from = next,
            None => return,
        }
    }
}

fn next_opening(text: &str, from: usize) -> Option<usize> {
    let rest = text.as_bytes().get(from..)?;
    // Most strings are short: a search for far ones would not have begun.
    if rest.len() < 24 {
        let near = rest.iter().position(|byte| matches!(byte, b'{' | b'['));
        return near.map(|length| from + length);
    }
    memchr2(b'{', b'[', rest).map(|length| from + length)
}
