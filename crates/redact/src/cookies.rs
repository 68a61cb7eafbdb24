//! Cookies (RFC 6265): names are shown, values are not.

use std::ops::Range;

use crate::multipart::parameters::is_token_byte;

/// Finds the values of a `cookie` header, such as `a=1; b=2`. `None` if it is no list of pairs.
///
/// A part without a `=` may be the end of a value with a `;` in it.
pub(crate) fn cookie_values(header: &str) -> Option<Vec<Range<usize>>> {
    let mut values = Vec::new();
    let mut parts = Parts::of(header).peekable();
    while let Some(part) = parts.next() {
        // Some clients end the list with a `;`.
        let ends_list = parts.peek().is_none() && !values.is_empty();
        if part.is_empty() && ends_list {
            break;
        }
        values.push(pair_value(header, part)?);
    }
    (!values.is_empty()).then_some(values)
}

/// Finds in a `set-cookie` header the cookie's value, and those of attributes that are not known. `None` if it does not
/// begin with a pair.
pub(crate) fn set_cookie_values(header: &str) -> Option<Vec<Range<usize>>> {
    let mut parts = Parts::of(header);
    let mut values = vec![pair_value(header, parts.next()?)?];
    for part in parts {
        let attribute = &header[part.clone()];
        match attribute.split_once('=') {
            Some((name, value)) if is_known(name, value) => {}
            Some((name, _)) if is_token(name) => values.push(part.start + name.len() + 1..part.end),
            None if attribute.is_empty() || is_flag(attribute) => {}
            // May be the end of a value with a `;` in it.
            _ => values.push(part),
        }
    }
    Some(values)
}

/// Where the parts between semicolons are, without blanks before them.
struct Parts<'h> {
    header: &'h str,
    next: Option<usize>,
}

impl<'h> Parts<'h> {
    fn of(header: &'h str) -> Self {
        Self {
            header,
            next: Some(0),
        }
    }
}

impl Iterator for Parts<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let from = self.next?;
        let rest = &self.header[from..];
        let end = rest.find(';').map(|length| from + length);
        self.next = end.map(|end| end + 1);
        let part = &rest[..end.unwrap_or(self.header.len()) - from];
        let start = from + part.len() - part.trim_start_matches(BLANKS).len();
        Some(start..from + part.len())
    }
}

const BLANKS: [char; 2] = [' ', '\t'];

/// Where the value of a pair is, if the part is one.
fn pair_value(header: &str, part: Range<usize>) -> Option<Range<usize>> {
    let (name, value) = header[part.clone()].split_once('=')?;
    // A value that opens with a quote may go on after the `;`, and where it ends depends on what the reader takes a
    // backslash for.
    let quoted = value.trim_end_matches(BLANKS).strip_prefix('"');
    let is_clear = quoted.is_none_or(|quoted| {
        let inside = quoted.strip_suffix('"');
        inside.is_some_and(|inside| !inside.contains(['"', '\\']))
    });
    (is_token(name) && is_clear).then_some(part.start + name.len() + 1..part.end)
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
    let name = attribute.trim_end_matches(BLANKS);
    ["httponly", "partitioned", "secure"]
        .iter()
        .any(|known| name.eq_ignore_ascii_case(known))
}

fn is_token(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(is_token_byte)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(header: &str, values: Option<Vec<Range<usize>>>) -> String {
        let Some(values) = values else {
            return "***".to_owned();
        };
        let mut masked = header.to_owned();
        for value in values.into_iter().rev() {
            masked.replace_range(value, "***");
        }
        masked
    }

    fn cookie(header: &str) -> String {
        masked(header, cookie_values(header))
    }

    fn set_cookie(header: &str) -> String {
        masked(header, set_cookie_values(header))
    }

    #[test]
    fn masks_the_values_of_cookies_and_keeps_their_names() {
        for (header, expected) in [
            ("a=1", "a=***"),
            ("a=1; b=2", "a=***; b=***"),
            ("a=;b==x=;  c=\"y\"", "a=***;b=***;  c=***"),
            ("a=1;", "a=***;"),
            ("a=1; ", "a=***; "),
            ("a=x\"y; b=\"\"", "a=***; b=***"),
        ] {
            assert_eq!(cookie(header), expected);
        }
    }

    #[test]
    fn masks_a_cookie_header_whole_that_is_no_list_of_pairs() {
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
            // Python's and Java's readers take `\"` for a quote inside, others for the end of the value.
            "a=\"x\\\"; q=1\"",
            "a=\"x\\\\\"; q=1",
            "a=\"x\"y\"; q=1",
            "b=1; a=\"x\\073 q=1\"",
        ] {
            assert_eq!(cookie(header), "***", "{header}");
        }
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
        ] {
            assert_eq!(set_cookie(header), expected);
        }
    }

    #[test]
    fn masks_a_set_cookie_header_whole_without_a_pair() {
        for header in [
            "",
            "abc",
            "; Path=/",
            "=a; Path=/",
            "a b=c",
            "a=\"b; Path=/\"",
            "a=\"x\\\"; Path=/q\"",
        ] {
            assert_eq!(set_cookie(header), "***", "{header}");
        }
    }

    proptest! {
        #[test]
        fn shows_no_value_wherever_the_header_is_truncated(
            pairs in prop::collection::vec(("[a-y_]{1,8}", "Z[Z=\"&, .]{0,12}"), 1..6),
            attributes in prop::collection::vec(("[a-y-]{1,8}", "Z{0,12}"), 0..4),
        ) {
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            let header = pairs.join("; ");
            let whole = cookie(&header);
            for pair in &pairs {
                let name = pair.split('=').next().unwrap_or_default();
                prop_assert!(whole.contains(name));
            }
            let attributes: String = attributes.iter().map(|(name, value)| format!("; x{name}={value}")).collect();
            let set = format!("{}{attributes}; Path=/", pairs[0]);
            for header in [header, set] {
                for end in 0..=header.len() {
                    let shown = [cookie(&header[..end]), set_cookie(&header[..end])];
                    prop_assert!(!shown.concat().contains('Z'), "{:?}", shown);
                }
            }
        }

        #[test]
        fn shows_no_value_in_quotes_with_escapes(
            values in prop::collection::vec("Z([Z =;]|\\\\\"|\\\\\\\\){0,6}", 1..4),
        ) {
            let pairs: Vec<_> = values.iter().map(|value| format!("a=\"{value}\"")).collect();
            prop_assert!(!cookie(&pairs.join("; ")).contains('Z'));
        }

        #[test]
        fn reads_any_header(header in "\\PC*", like in "[a;= \"\té]{0,20}") {
            for header in [header, like] {
                let _ = (cookie(&header), set_cookie(&header));
            }
        }
    }
}
