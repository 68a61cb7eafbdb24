//! Pairs such as `a=1&b=2`, of queries, fragments and forms: values under secret names are masked, all other bytes stay.

use std::borrow::Cow;

use super::{json, percent::form_decoded, readable::Readable, rules::Rules, text};
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
    byte.is_ascii_control() || matches!(byte, b'"' | b'<' | b'>')
}

/// Masks what is secret in pairs with `separator` between them.
pub(super) fn redact_list(text: &str, separator: char, cut: bool, rules: &Rules) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut pairs = text.split(separator).peekable();
    while let Some(pair) = pairs.next() {
        let last = pairs.peek().is_none();
        push_pair(pair, cut && last, rules, &mut redacted);
        if !last {
            redacted.push(separator);
        }
    }
    redacted
}

fn push_pair(pair: &str, cut: bool, rules: &Rules, redacted: &mut String) {
    let Some((name, value)) = pair.split_once('=') else {
        let hidden = holds_secret(pair, cut, rules) || cut && rules.could_become_name(pair);
        redacted.push_str(if hidden { MASK } else { pair });
        return;
    };
    // A secret before the `=` may go on after it: it need not be a name at all.
    let no_name = holds_secret(name, false, rules);
    redacted.push_str(if no_name { MASK } else { name });
    redacted.push('=');
    if cut || no_name {
        redacted.push_str(MASK);
    } else if rules.is_name(name) {
        redacted.push_str(&rules.masking.of(&form_decoded(value)));
    } else if holds_secret(value, false, rules) {
        redacted.push_str(MASK);
    } else {
        redacted.push_str(value);
    }
}

/// Whether there is a secret in a percent-encoded text: by its shape, or under a name of its own as in a URL or JSON.
fn holds_secret(text: &str, cut: bool, rules: &Rules) -> bool {
    any_layer(text, |layer| {
        json::holds_secret(layer, cut, rules) || text::holds_secret(layer, cut, rules)
    })
}

/// Whether something is found in a percent-encoded text or in what it stands for, or there is no end to that.
pub(super) fn any_layer(text: &str, found: impl Fn(&str) -> bool) -> bool {
    let mut layer = Cow::Borrowed(text);
    for _ in 0..MOST_LAYERS {
        if found(&layer) {
            return true;
        }
        let below = form_decoded(&layer);
        if below == layer {
            return false;
        }
        layer = Cow::Owned(below.into_owned());
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
