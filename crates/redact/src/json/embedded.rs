//! JSON in a string, also after a prefix such as `)]}'`.

use memchr::memchr2_iter;

use super::{
    edits::Kind,
    reader::{Reader, Rest},
};
use crate::{
    characters::Characters,
    finding::{Finding, Rule},
    redacted::Extent,
    rules::Rules,
};

/// The fewest bytes of a document with a secret in it.
const SHORTEST: usize = 5;

/// What a document with a secret in it begins with.
const OPENINGS: Characters = Characters::set(b"{[\"");

/// What there is of a string or a number.
const VALUES: Characters = Characters::set(b"\"0123456789");

/// Appends what is to be hidden of JSON in `text`, a decoded string.
///
/// Each byte is read by one reader only. Strings in strings at least double their escapes, so that few levels are possible.
#[inline]
pub(crate) fn scan_embedded(
    text: &str,
    seen: Characters,
    extent: Extent,
    rules: &Rules,
    out: &mut Vec<Finding>,
) {
    let may_be_secret = || seen.has_any(VALUES) || !rules.paths.is_empty();
    if seen.has_any(OPENINGS) && may_be_secret() {
        scan_documents(text, extent, rules, out);
    }
}

#[inline(never)]
fn scan_documents(text: &str, extent: Extent, rules: &Rules, out: &mut Vec<Finding>) {
    let first = text.len() - text.trim_ascii_start().len();
    let mut from = match next_opening(text, 0) {
        _ if text.as_bytes().get(first) == Some(&b'"') => first,
        Some(from) => from,
        None => return,
    };
    let mut reader = Reader::embedded(text, Rest::Nothing, extent, rules);
    while text.len() - from >= SHORTEST {
        let part = &text[from..];
        reader.restart(part);
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
    let bytes = text.as_bytes();
    memchr2_iter(b'{', b'[', bytes.get(from..)?)
        .map(|length| from + length)
        .find(|at| begins_document(bytes, *at))
}

/// Fast path: whether a document that has a member or an element may begin with the bracket at `at`. Most brackets in
/// texts are none of JSON.
fn begins_document(bytes: &[u8], at: usize) -> bool {
    matches!(
        &bytes[at..],
        [_, b' ' | b'\n' | b'\r' | b'\t' | b'"', ..]
            | [
                b'[',
                b'[' | b'{' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n',
                ..
            ]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Finding> {
        let seen = Characters::of(text, Extent::Whole);
        let mut rules = Rules::default();
        rules.names.redact_fields(["nickname"]);
        let mut found = Vec::new();
        scan_embedded(text, seen, Extent::Whole, &rules, &mut found);
        found
    }

    #[test]
    fn documents_in_a_text_say_nothing_of_each_other() {
        let documents = [
            r#"{"nickname": ["a", # "#,
            r#"{"password": ["a", {"name": "pin", # "#,
            r#"{"password": "q7K", "a": ["b", # "#,
            r#"{"query": "{f(pin: $a)}", "variables": {"a": 1, # "#,
            r#"{"kind": "Secret", "data": {"a": "b", # "#,
            r#"{"headers": ["cookie", # "#,
            r#"[[["pin" # "#,
            r#"{"data": {"a": "b"}, "kind": "x"} "#,
            r#"{"variables": {"a": "b"}, "value": "x"} "#,
            r#"{"value": "q7K", "name": "a"} "#,
            r#"["a", "b"] "#,
            r#"{"a": "b", "pin": "1"} "#,
        ];
        for first in documents {
            for second in documents {
                let behind = found(second).into_iter().map(|mut finding| {
                    finding.range.start += first.len();
                    finding.range.end += first.len();
                    finding
                });
                let both: Vec<_> = found(first).into_iter().chain(behind).collect();
                assert_eq!(found(&format!("{first}{second}")), both);
            }
        }
    }
}
