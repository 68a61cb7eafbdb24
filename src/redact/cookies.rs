//! Cookies: names are shown, values are not.

use super::shapes;
use crate::record::MASK;

/// Masks the values of a `cookie` header: `a=1; b=2` becomes `a=***; b=***`.
///
/// What is not a list of pairs is masked whole: a part without a `=` may be the end of a value with a `;` in it.
pub(crate) fn redact_cookie(header: &str) -> String {
    let mut redacted = String::with_capacity(header.len());
    let mut pairs = header.split(';').peekable();
    while let Some(pair) = pairs.next() {
        let last = pairs.peek().is_none();
        let (blanks, pair) = split_blanks(pair);
        redacted.push_str(blanks);
        // Some clients end the list with a `;`.
        if !(pair.is_empty() && last && !redacted.is_empty()) {
            match cookie_name(pair) {
                Some(name) => push_pair(name, MASK, &mut redacted),
                None => return MASK.to_owned(),
            }
        }
        if !last {
            redacted.push(';');
        }
    }
    without_shapes(redacted)
}

/// Masks the value of a `set-cookie` header, and those of attributes that are not known: `sid=abc; Path=/; Foo=bar`
/// becomes `sid=***; Path=/; Foo=***`. What does not begin with a pair is masked whole.
pub(crate) fn redact_set_cookie(header: &str) -> String {
    let mut parts = header.split(';');
    let (blanks, pair) = split_blanks(parts.next().unwrap_or_default());
    let Some(name) = cookie_name(pair) else {
        return MASK.to_owned();
    };
    let mut redacted = String::with_capacity(header.len());
    redacted.push_str(blanks);
    push_pair(name, MASK, &mut redacted);
    for part in parts {
        let (blanks, attribute) = split_blanks(part);
        redacted.push(';');
        redacted.push_str(blanks);
        match attribute.split_once('=') {
            Some((name, value)) if is_known(name, value) => push_pair(name, value, &mut redacted),
            Some((name, _)) if is_token(name) => push_pair(name, MASK, &mut redacted),
            None if attribute.is_empty() || is_flag(attribute) => redacted.push_str(attribute),
            // May be the end of a value with a `;` in it.
            _ => redacted.push_str(MASK),
        }
    }
    without_shapes(redacted)
}

/// A name may be of a secret shape, or the path of a cookie.
fn without_shapes(redacted: String) -> String {
    shapes::mask(&redacted).into_owned()
}

fn push_pair(name: &str, value: &str, redacted: &mut String) {
    redacted.push_str(name);
    redacted.push('=');
    redacted.push_str(value);
}

fn split_blanks(text: &str) -> (&str, &str) {
    let rest = text.trim_start_matches([' ', '\t']);
    text.split_at(text.len() - rest.len())
}

/// The name of a pair, where it is one.
fn cookie_name(pair: &str) -> Option<&str> {
    let (name, value) = pair.split_once('=')?;
    // A value that opens with a quote and does not close may go on after the `;`.
    let value = value.trim_end_matches([' ', '\t']);
    let is_open = value.starts_with('"') && (value.len() < 2 || !value.ends_with('"'));
    (is_token(name) && !is_open).then_some(name)
}

/// Whether this is an attribute with a value that says nothing of anybody.
fn is_known(name: &str, value: &str) -> bool {
    let known = [
        "domain", "expires", "max-age", "path", "priority", "samesite",
    ];
    known.iter().any(|known| name.eq_ignore_ascii_case(known))
        && !value.contains(|c: char| c.is_control() || c == '=' || c == '"')
}

fn is_flag(attribute: &str) -> bool {
    let name = attribute.trim_end_matches([' ', '\t']);
    ["httponly", "partitioned", "secure"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether this is a `token` of RFC 9110.
fn is_token(name: &str) -> bool {
    let is_token_byte = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b);
    !name.is_empty() && name.bytes().all(is_token_byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn cookie_values_are_masked_and_names_stay() {
        for (header, expected) in [
            ("a=1", "a=***"),
            ("a=1; b=2", "a=***; b=***"),
            ("a=;b==x=;  c=\"y\"", "a=***;b=***;  c=***"),
            ("a=1;", "a=***;"),
            ("a=1; ", "a=***; "),
        ] {
            assert_eq!(redact_cookie(header), expected);
        }
    }

    #[test]
    fn a_cookie_header_that_is_no_list_of_pairs_is_masked_whole() {
        for header in [
            "",
            ";",
            "abc",
            "a=1; bc",
            "a=1;; b=2",
            "=abc",
            "a b=c",
            "a=\"x; y=z\"",
            "a=\"",
            "ü=1",
            "a\n=1",
        ] {
            assert_eq!(redact_cookie(header), "***", "{header}");
        }
    }

    #[test]
    fn cookie_names_of_a_secret_shape_are_masked() {
        assert_eq!(redact_cookie("n4111-1111-1111-1111=1"), "n***=***");
    }

    #[test]
    fn set_cookie_keeps_its_attributes() {
        for (header, expected) in [
            ("sid=abc; Path=/; HttpOnly", "sid=***; Path=/; HttpOnly"),
            (
                "sid=abc; expires=Wed, 21 Oct 2026 07:28:00 GMT;Max-Age=5; SameSite=Lax; secure",
                "sid=***; expires=Wed, 21 Oct 2026 07:28:00 GMT;Max-Age=5; SameSite=Lax; secure",
            ),
            ("sid=; Domain=example.org;", "sid=***; Domain=example.org;"),
            ("sid=abc; Foo=bar; Secure=x", "sid=***; Foo=***; Secure=***"),
            ("sid=abc;def; g h=i", "sid=***;***; ***"),
            ("sid=abc; Path=/4111111111111111", "sid=***; Path=/***"),
        ] {
            assert_eq!(redact_set_cookie(header), expected);
        }
    }

    #[test]
    fn a_set_cookie_header_without_a_pair_is_masked_whole() {
        for header in [
            "",
            "abc",
            "; Path=/",
            "=a; Path=/",
            "a b=c",
            "a=\"b; Path=/\"",
        ] {
            assert_eq!(redact_set_cookie(header), "***", "{header}");
        }
    }

    proptest! {
        #[test]
        fn no_value_shows_wherever_the_header_is_cut(
            pairs in prop::collection::vec(("[a-y_]{1,8}", "Z[Z=\"&, .]{0,12}"), 1..6),
            attributes in prop::collection::vec(("[a-y-]{1,8}", "Z{0,12}"), 0..4),
        ) {
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let header = pairs.join("; ");
            let whole = redact_cookie(&header);
            for pair in &pairs {
                let name = pair.split('=').next().unwrap_or_default();
                prop_assert!(whole.contains(name));
            }
            let attributes: String = attributes.iter().map(|(name, value)| format!("; x{name}={value}")).collect();
            let set = format!("{}{attributes}; Path=/", pairs[0]);
            for header in [header, set] {
                for cut in 0..=header.len() {
                    let shown = [redact_cookie(&header[..cut]), redact_set_cookie(&header[..cut])];
                    prop_assert!(!shown.concat().contains('Z'), "{:?}", shown);
                }
            }
        }

        #[test]
        fn no_header_is_too_strange(header in "\\PC*", like in "[a;= \"\té]{0,20}") {
            for header in [header, like] {
                let _ = (redact_cookie(&header), redact_set_cookie(&header));
            }
        }
    }
}
