//! Pairs such as `a=1&b=2`, of queries, fragments and forms: values under secret names are masked, all other bytes stay.

use std::{borrow::Cow, ops::Range};

use super::{json, look::Look, percent::form_decoded, readable::Readable, rules::Rules, text};
use crate::record::MASK;

/// How often a value is percent-decoded in search of a secret, before it is taken for one.
const MOST_LAYERS: usize = 4;

/// Masks what is secret in pairs. Where the text was `cut` its last pair is masked: what it lacks could have shown that
/// it is secret. The same goes for the pair with a byte that is [not of pairs](is_no_pair_byte), and nothing follows it.
pub(crate) fn redact_pairs(text: &str, cut: bool, rules: &Rules) -> String {
    let readable = Readable::new(text, cut, is_no_pair_byte);
    redact_list(readable.text, '&', readable.cut, rules)
}

/// Whether nobody who writes pairs writes this byte: with one of these it is JSON, XML or binary, in which a `&` or a `=`
/// separates nothing.
pub(super) fn is_no_pair_byte(byte: u8) -> bool {
    matches!(byte, 0..=0x1f | b'"' | b'<' | b'>' | 0x7f)
}

/// Masks what is secret in pairs with `separator`, an ASCII character, between them.
pub(super) fn redact_list(text: &str, separator: char, cut: bool, rules: &Rules) -> String {
    let mut pairs = Pairs {
        text,
        rules,
        redacted: String::with_capacity(text.len()),
        shown: 0,
    };
    let is_separator = |byte: &u8| char::from(*byte) == separator;
    let mut start = 0;
    while let Some(length) = text.as_bytes()[start..].iter().position(is_separator) {
        pairs.redact(start..start + length, false);
        start += length + 1;
    }
    pairs.redact(start..text.len(), cut);
    pairs.redacted.push_str(&text[pairs.shown..]);
    pairs.redacted
}

struct Pairs<'t> {
    text: &'t str,
    rules: &'t Rules,
    redacted: String,
    /// How much of the text `redacted` stands for. What follows is shown, unless it is masked.
    shown: usize,
}

impl Pairs<'_> {
    /// Masks what is secret in the pair at `place`.
    fn redact(&mut self, place: Range<usize>, cut: bool) {
        let Range { start, end } = place;
        if place.is_empty() && !cut {
            return;
        }
        let mark = self.text.as_bytes()[place]
            .iter()
            .position(|byte| *byte == b'=');
        let Some(mark) = mark.map(|length| start + length) else {
            let pair = &self.text[start..end];
            if holds_secret(pair, cut, self.rules) || cut && self.rules.could_become_name(pair) {
                self.mask(start..end, MASK);
            }
            return;
        };
        let (name, value) = (&self.text[start..mark], &self.text[mark + 1..end]);
        // A secret before the `=` may go on after it: it need not be a name at all.
        let no_name = holds_secret(name, false, self.rules);
        if no_name {
            self.mask(start..mark, MASK);
        }
        if cut || no_name {
            self.mask(mark + 1..end, MASK);
        } else if self.rules.is_name(name) {
            let masked = self.rules.masking.of(&form_decoded(value));
            self.mask(mark + 1..end, &masked);
        } else if holds_secret(value, false, self.rules) {
            self.mask(mark + 1..end, MASK);
        }
    }

    /// Shows `mask` in the place of what is at `place`.
    fn mask(&mut self, place: Range<usize>, mask: &str) {
        self.redacted.push_str(&self.text[self.shown..place.start]);
        self.redacted.push_str(mask);
        self.shown = place.end;
    }
}

/// Whether there is a secret in a percent-encoded text: by its shape, or under a name of its own as in a URL or JSON.
fn holds_secret(text: &str, cut: bool, rules: &Rules) -> bool {
    let is_in = |layer: &str| {
        json::holds_secret(layer, cut, rules) || text::holds_secret(layer, cut, rules)
    };
    if cut {
        return any_layer(text, is_in);
    }
    let look = Look::at(text, rules);
    (look.may_hold_secret || look.may_hold_escape)
        && any_layer(text, |layer| {
            Look::at(layer, rules).may_hold_secret && is_in(layer)
        })
}

/// Whether something is found in a percent-encoded text or in what it stands for, or there is no end to that.
pub(super) fn any_layer(text: &str, found: impl Fn(&str) -> bool) -> bool {
    let mut layer = Cow::Borrowed(text);
    for _ in 0..MOST_LAYERS {
        if found(&layer) {
            return true;
        }
        let Cow::Owned(below) = form_decoded(&layer) else {
            return false;
        };
        layer = Cow::Owned(below);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, cut: bool, expected: &str) {
        let rules = &Rules::default();
        assert_eq!(redact_pairs(text, cut, rules), expected, "{text}");
    }

    #[test]
    fn values_of_secret_names_are_masked_and_the_rest_stays() {
        for (text, expected) in [
            ("", ""),
            ("page=2&token=abc", "page=2&token=***"),
            ("TOKEN=abc&x", "TOKEN=***&x"),
            ("a=%20+b&&c", "a=%20+b&&c"),
            ("pass%77ord=1&Pass-Word=2", "pass%77ord=***&Pass-Word=***"),
            (
                "user[password]=1&user.password=2",
                "user[password]=***&user.password=***",
            ),
            ("user%5Bpassword%5D=1", "user%5Bpassword%5D=***"),
            ("token=a=b", "token=***"),
            ("token=", "token=***"),
            ("tokens_per_page=5", "tokens_per_page=5"),
            ("a=%zz&%=1", "a=%zz&%=1"),
        ] {
            check(text, false, expected);
        }
    }

    #[test]
    fn the_last_pair_of_a_cut_query_is_masked() {
        check("a=1&b=2", true, "a=1&b=***");
        check("a=1&tok", true, "a=1&***");
        check("", true, "***");
        check("a=1&", true, "a=1&***");
        check("a=1&user%5Bpa%7", true, "a=1&***");
        check("a=1&user%5Bquanti", true, "a=1&user%5Bquanti");
        check("a=1&4111%201", true, "a=1&***");
    }

    #[test]
    fn values_of_a_secret_shape_are_masked_whole() {
        for (text, expected) in [
            ("n=4111+1111+1111+1111&b=1", "n=***&b=1"),
            ("n=%34111-1111-1111-1111", "n=***"),
            ("n=see+Bearer%20abc", "n=***"),
            ("n=Bearer%2520abc", "n=***"),
            ("Bearer%20abc=def&x=1", "***=***&x=1"),
            ("4111111111111111", "***"),
            ("n=4111+1111+1111+1112", "n=4111+1111+1111+1112"),
        ] {
            check(text, false, expected);
        }
    }

    #[test]
    fn shapes_can_be_shown() {
        let rules = &Rules {
            shapes: false,
            ..Rules::default()
        };
        let shown = redact_pairs("n=4111111111111111&pin=1", false, rules);
        assert_eq!(shown, "n=4111111111111111&pin=***");
    }

    #[test]
    fn values_with_secrets_under_names_of_their_own_are_masked_whole() {
        for (text, expected) in [
            ("next=%2Fx%3Ftoken%3Dabc&b=1", "next=***&b=1"),
            ("next=/x?token=abc", "next=***"),
            ("a=1;token=2", "a=***"),
            ("p=%7B%22pin%22%3A1%7D", "p=***"),
            // A document in a document, all of it escaped: `{"a":"{\"pin\":1}"}`.
            (
                r"p=%7B%22a%22:%22%7B\u0022p\u0069n\u0022:1%7D%22%7D",
                "p=***",
            ),
            ("next=%252Fx%253Ftoken%253Dabc", "next=***"),
            ("next=/x?page=abc", "next=/x?page=abc"),
            ("a?token=1", "a?token=***"),
        ] {
            check(text, false, expected);
        }
    }

    #[test]
    fn a_value_encoded_again_and_again_is_masked() {
        check("a=%252525252541", false, "a=***");
        check("a=%252541", false, "a=%252541");
    }

    #[test]
    fn other_formats_are_not_taken_for_pairs() {
        check(r#"{"password":"a&b=c"}"#, false, "***");
        check(r#"a=1&b={"password":"x&y"}"#, false, "a=1&b=***");
        check("<password>a&b</password>", false, "***");
        check("a=1&b=2\n", false, "a=1&b=***");
    }
}
