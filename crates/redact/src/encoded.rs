//! What stands in percent-encoded text, in any layer of it.

use std::{borrow::Cow, ops::Deref};

use crate::{
    characters::{padded, Characters},
    finding::{in_order_from, Finding, Rule},
    harmless::{is_harmless, is_short},
    input::Extent,
    layers::{Layers, MAX_LAYERS},
    percent::{decode_in_place, first_encoded, Encoding},
    rules::Rules,
    scan::scan_layer,
};

/// What an encoded text stands for.
#[derive(Debug)]
pub(crate) enum Said<'t> {
    Text(Cow<'t, str>),
    Short(Short),
}

impl Said<'_> {
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Short(short) => short.bytes(),
        }
    }
}

impl Deref for Said<'_> {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        match self {
            Self::Text(text) => text,
            Self::Short(short) => std::str::from_utf8(short.bytes()).unwrap_or_default(),
        }
    }
}

/// A short decoded text. It is held inline, as an allocation would take longer than all else that is done with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Short {
    bytes: [u8; 16],
    length: usize,
}

impl Short {
    #[inline]
    fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length]
    }
}

const ESCAPES: Characters = Characters::set(b"%+");

/// Fast path: what a whole text says that is so short that the characters of each of its layers rule out all that is
/// looked for.
#[inline]
pub(crate) fn said_if_harmless<'t>(
    text: &'t str,
    encoding: Encoding,
    rules: &Rules,
) -> Option<Said<'t>> {
    let bytes = text.as_bytes();
    if !is_short(bytes, rules) {
        return None;
    }
    let seen = Characters::of_whole(bytes);
    if !is_harmless(bytes, seen, rules) {
        return None;
    }
    match seen.has_any(ESCAPES) {
        false => Some(Said::Text(Cow::Borrowed(text))),
        true => decoded_if_harmless(text, encoding, rules),
    }
}

#[inline(never)]
fn decoded_if_harmless<'t>(text: &'t str, encoding: Encoding, rules: &Rules) -> Option<Said<'t>> {
    let plus = encoding.plus();
    let Some(mut first) = first_encoded(text.as_bytes(), plus) else {
        return Some(Said::Text(Cow::Borrowed(text)));
    };
    let mut layer = Short {
        bytes: padded(text.as_bytes()).to_le_bytes(),
        length: text.len(),
    };
    for _ in 1..MAX_LAYERS {
        layer.length = decode_in_place(&mut layer.bytes[..layer.length], first, plus);
        let bytes = layer.bytes();
        let seen = Characters::of_whole(bytes);
        let is_text = || bytes.is_ascii() || std::str::from_utf8(bytes).is_ok();
        if !is_harmless(bytes, seen, rules) || !is_text() {
            break;
        }
        let next = seen.has_any(ESCAPES).then(|| first_encoded(bytes, plus));
        match next.flatten() {
            Some(next) => first = next,
            None => return Some(Said::Short(layer)),
        }
    }
    None
}

/// Appends what is to be hidden in an encoded text, by places in it as it is written: in order, apart from each other.
/// Returns what the text says.
///
/// A text that is still encoded after some layers is hidden whole.
#[inline]
pub(crate) fn scan_encoded<'t>(
    text: &'t str,
    encoding: Encoding,
    extent: Extent,
    rules: &Rules,
    out: &mut Vec<Finding>,
) -> Said<'t> {
    let harmless = || said_if_harmless(text, encoding, rules);
    match (extent == Extent::Whole).then(harmless).flatten() {
        Some(said) => said,
        None => Said::Text(scan_layers(text, encoding, extent, rules, out)),
    }
}

#[inline(never)]
fn scan_layers<'t>(
    text: &'t str,
    encoding: Encoding,
    extent: Extent,
    rules: &Rules,
    out: &mut Vec<Finding>,
) -> Cow<'t, str> {
    let start = out.len();
    scan_layer(text, Some(encoding), extent, rules, out);
    let said = scan_decoded(text, encoding, extent, rules, out);
    in_order_from(start, out);
    said
}

/// Appends what is to be hidden in the decoded layers of a text, by places in it as it is written. Returns what the text
/// says.
///
/// A text that is still encoded after some layers is hidden whole.
pub(crate) fn scan_decoded<'t>(
    text: &'t str,
    encoding: Encoding,
    extent: Extent,
    rules: &Rules,
    out: &mut Vec<Finding>,
) -> Cow<'t, str> {
    let mut layers = Layers::of(text, encoding);
    let mut found = Vec::new();
    while layers.descend() {
        if layers.depth == MAX_LAYERS {
            out.push(Finding {
                range: 0..text.len(),
                rule: Rule::Text,
            });
            break;
        }
        scan_layer(&layers.last, Some(encoding), extent, rules, &mut found);
        if !found.is_empty() {
            out.extend(layers.as_written(std::mem::take(&mut found)));
        }
    }
    layers.last
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is found in the layers of a text, each scanned as if there were no other.
    fn found_in_each(text: &str, encoding: Encoding, rules: &Rules) -> Vec<Finding> {
        let mut found = Vec::new();
        scan_layer(text, None, Extent::Whole, rules, &mut found);
        let mut layers = Layers::of(text, encoding);
        while layers.descend() {
            if layers.depth == MAX_LAYERS {
                found = vec![Finding {
                    range: 0..text.len(),
                    rule: Rule::Text,
                }];
                break;
            }
            let mut own = Vec::new();
            scan_layer(&layers.last, None, Extent::Whole, rules, &mut own);
            found.extend(layers.as_written(own));
        }
        in_order_from(0, &mut found);
        found
    }

    proptest! {
        #[test]
        fn layers_say_the_same_together_and_short_ones_by_their_characters(
            text in "(password|pin|api|key|hash|code|state|sig|a|ghp_16C7e42F292c6912E7710c838347Ae178B4a|4111111111111111|secret q7Kd92mXw4|Bearer|://|=|=|&|[+:;@/?#<( -]|%3D|%26|%20|%253d|%41|%61|%25|%ff|%C3%A9|é){0,8}",
            is_form: bool,
        ) {
            let rules = Rules::default();
            let encoding = if is_form { Encoding::Form } else { Encoding::Url };
            let mut found = Vec::new();
            let said = scan_layers(&text, encoding, Extent::Whole, &rules, &mut found);
            let ranges = |found: &[Finding]| found.iter().map(|one| one.range.clone()).collect::<Vec<_>>();
            prop_assert_eq!(ranges(&found), ranges(&found_in_each(&text, encoding, &rules)));
            if let Some(short) = said_if_harmless(&text, encoding, &rules) {
                prop_assert_eq!(&*short, &*said);
                prop_assert_eq!(short.bytes(), said.as_bytes());
                prop_assert!(found.is_empty());
            }
        }
    }

    #[test]
    fn a_name_of_words_is_read_in_a_layer() {
        let (rules, mut found) = (Rules::default(), Vec::new());
        let text = "password%20hash=q7K";
        scan_layers(text, Encoding::Form, Extent::Whole, &rules, &mut found);
        let hidden: Vec<_> = found.into_iter().map(|found| &text[found.range]).collect();
        assert_eq!(hidden, ["q7K"]);
    }

    #[test]
    fn short_parts_are_decoded_as_far_as_they_are_text() {
        let rules = Rules::default();
        let said = |text| said_if_harmless(text, Encoding::Form, &rules);
        for (text, expected) in [
            ("", ""),
            ("a+b", "a b"),
            ("%41%zz", "A%zz"),
            ("%2541", "A"),
            ("%C3%A9", "é"),
            ("%", "%"),
        ] {
            assert_eq!(said(text).as_deref(), Some(expected));
        }
        for text in [
            "%ff",
            "pin%3D1",
            "pin%253D1",
            "a%3Ab",
            "%25252541",
            "ab=c",
            "thirteenbytes",
        ] {
            assert!(said(text).is_none(), "{text}");
        }
    }
}
