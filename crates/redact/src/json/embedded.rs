//! JSON in a string, also after a prefix such as `)]}'`.

use memchr::memchr2;

use super::{
    edits::Kind,
    number,
    reader::{Reader, Rest},
    string,
    values::white_space_end,
};
use crate::{
    characters::{find, Characters},
    finding::{Finding, Rule},
    harmless::is_short_and_harmless,
    input::Extent,
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
        if let Some(length) = fails_soon(part.as_bytes(), rules) {
            match next_opening(text, from + length) {
                Some(next) => from = next,
                None => return,
            }
            continue;
        }
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

#[inline]
fn next_opening(text: &str, mut from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_opening = |byte: u8| matches!(byte, b'{' | b'[');
    loop {
        let at = find(bytes, from, is_opening, |far| memchr2(b'{', b'[', far))?;
        if begins_document(bytes, at) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// Fast path: where reading what begins like a document stops, if it does so at its first string or number, before there is
/// anything to hide. Most brackets in texts that are no JSON are like this.
fn fails_soon(bytes: &[u8], rules: &Rules) -> Option<usize> {
    let is_name = match bytes.first()? {
        b'{' => true,
        b'[' => false,
        _ => return None,
    };
    let first = white_space_end(bytes, 1);
    let end = match bytes.get(first)? {
        b'"' => string::plain_end(bytes, first + 1)?,
        b'-' | b'0'..=b'9' if !is_name => number::short_end(bytes, first)?,
        _ => return None,
    };
    let behind = white_space_end(bytes, end);
    let next = bytes.get(behind)?;
    if is_name {
        return (*next != b':').then_some(first);
    }
    let is_harmless =
        || bytes[first] != b'"' || is_short_and_harmless(&bytes[first + 1..end - 1], rules);
    let goes_on = matches!(next, b',' | b']');
    (!goes_on && rules.paths.is_empty() && is_harmless()).then_some(behind)
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
    use proptest::prelude::*;

    use super::*;

    fn found(text: &str) -> Vec<Finding> {
        found_in(text, Extent::Whole)
    }

    fn found_in(text: &str, extent: Extent) -> Vec<Finding> {
        let seen = Characters::of(text, extent);
        let mut rules = Rules::default();
        rules.names.redact_fields(["nickname"]);
        let mut found = Vec::new();
        scan_embedded(text, seen, extent, &rules, &mut found);
        found
    }

    #[test]
    fn a_value_whose_name_was_cut_off_is_hidden_where_the_text_was() {
        let text = r#"see {"variables": {"a": "q7K"}, "#;
        assert_eq!(found_in(text, Extent::Whole), []);
        let found = found_in(text, Extent::Truncated);
        let hidden: Vec<_> = found.into_iter().map(|found| &text[found.range]).collect();
        assert_eq!(hidden, ["q7K"]);
    }

    proptest! {
        /// What is not read is what reading stops at, with nothing to hide before it.
        #[test]
        fn a_document_that_fails_soon_stops_where_it_was_said_to(
            text in "[\\[{](\\[|\\{|\"|\"pin\"|\"4111111111111111\"|x-api-key|:|,|\\]|\\}| |\n|1|-|12345678|\\\\|a|pin=1){0,5}",
            truncated: bool,
        ) {
            let extent = if truncated { Extent::Truncated } else { Extent::Whole };
            let rules = Rules::default();
            if let Some(length) = fails_soon(text.as_bytes(), &rules) {
                let mut reader = Reader::embedded(&text, Rest::Nothing, extent, &rules);
                reader.read();
                prop_assert_eq!(reader.edits.hidden().count(), 0);
                prop_assert_eq!(reader.stopped_at(), length);
            }
        }
    }

    #[test]
    fn an_element_on_a_path_is_hidden_though_its_list_ends_nowhere() {
        let mut rules = Rules::default();
        rules.paths.extend("$[0]".parse());
        let text = r#"["a" and more"#;
        let (seen, mut found) = (Characters::of(text, Extent::Whole), Vec::new());
        scan_embedded(text, seen, Extent::Whole, &rules, &mut found);
        let hidden: Vec<_> = found.into_iter().map(|found| &text[found.range]).collect();
        assert_eq!(hidden, ["a"]);
    }

    #[test]
    fn most_brackets_fail_soon() {
        let rules = Rules::default();
        for text in ["{\"{\"{", "[\"[\"[", "[0 [0 [0 ", "{ \"a\" }"] {
            assert!(fails_soon(text.as_bytes(), &rules).is_some(), "{text}");
        }
        for text in [
            "{\"a\":1}",
            "[\"a\",",
            "[0]",
            "{\"a\"",
            "[0",
            "\"4111 ",
            "[\"pin=1\" ",
        ] {
            assert!(fails_soon(text.as_bytes(), &rules).is_none(), "{text}");
        }
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
