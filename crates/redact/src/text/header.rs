//! Where the value of a header with credentials ends, in a message, a command or a log: it has blanks, `;` and `,` in it.

use super::{bytes::skip, name::Name, prose::is_plain_word, value};

const NAMES: [&str; 4] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
];

const SCHEMES: [&str; 4] = ["bearer", "basic", "token", "apikey"];

/// Whether values of this name go to the end of their line. Others may stand before it: `headers.authorization`.
#[inline]
pub(super) fn is_name(name: &str) -> bool {
    let name = name.as_bytes();
    // Fast path: what they end with.
    let may_be = matches!(name, [.., b'n' | b'N' | b'e' | b'E']);
    may_be
        && NAMES.iter().any(|own| {
            let before = name.len().checked_sub(own.len());
            before.is_some_and(|at| {
                let begins = at == 0 || !name[at - 1].is_ascii_alphanumeric();
                begins && name[at..].eq_ignore_ascii_case(own.as_bytes())
            })
        })
}

/// The end of the value that starts at `from`, behind this name and a `:`. That is the end of its line and of the
/// lines that are folded below it, unless a sentence goes on behind `Bearer token`.
pub(super) fn end(bytes: &[u8], name: &Name, from: usize) -> usize {
    // Read before the line is: there may be many on it.
    if let Some(token) = token_end(bytes, from).filter(|token| goes_on(bytes, *token)) {
        return token;
    }
    let line = value::pair_line_end(bytes, name, from);
    match name.line {
        Some(start) => value::block_end(bytes, line, name.range.start - start, false),
        None => line,
    }
}

/// Whether a word follows.
fn goes_on(bytes: &[u8], from: usize) -> bool {
    let start = skip(bytes, from, |b| b == b' ');
    let end = skip(bytes, start, |b| b > b' ');
    let word = std::str::from_utf8(&bytes[start..end]).unwrap_or_default();
    start > from && !word.is_empty() && is_plain_word(word)
}

/// The end of the token behind the scheme at `from`: of `authorization=Bearer q7K`, in a log.
pub(super) fn token_end(bytes: &[u8], from: usize) -> Option<usize> {
    let is_of_token = |b: u8| b > b' ' && !matches!(b, b',' | b';' | b'"' | b'\'' | b'\\');
    let scheme = skip(bytes, from, |b| b.is_ascii_alphabetic());
    let is_scheme = SCHEMES
        .iter()
        .any(|own| own.as_bytes().eq_ignore_ascii_case(&bytes[from..scheme]));
    let token = skip(bytes, scheme, |b| b == b' ');
    if !is_scheme || token == scheme {
        return None;
    }
    let end = skip(bytes, token, is_of_token);
    bytes[token..end]
        .iter()
        .any(u8::is_ascii_digit)
        .then_some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let mark = text.find(": ").expect("a pair");
        let name = crate::text::name::before(text, 0, mark).expect("a name");
        let start = mark + 2;
        let end = end(text.as_bytes(), &name, start);
        assert_eq!(&text[start..end], expected, "{text}");
    }

    #[test]
    fn a_value_ends_with_its_line() {
        for (text, expected) in [
            ("Cookie: a=1; b=2\r\nHost: x", "a=1; b=2"),
            (
                "Authorization: Digest a=\"b\",\r\n c=\"d\"\r\nHost: x",
                "Digest a=\"b\",\r\n c=\"d\"",
            ),
            (
                "Authorization: Bearer\r\n\tq7K\r\n\r\nbody",
                "Bearer\r\n\tq7K",
            ),
            (
                "x\\r\\nAuthorization: Basic q7K=\\r\\nHost: x",
                "Basic q7K=",
            ),
            (
                "x\\r\\nCookie: a=1;\\r\\n b=2\\r\\n\\r\\n",
                "a=1;\\r\\n b=2",
            ),
            ("> Cookie: a=1; b=2\n> Host: x", "a=1; b=2"),
            ("  cookie: a=1\n  host: x", "a=1"),
            ("* [HTTP/2] [1] [cookie: a=1; b=2]\n* x", "a=1; b=2]"),
            ("authorization: Bearer q7K x9Z\n", "Bearer q7K x9Z"),
        ] {
            check(text, expected);
        }
    }

    #[test]
    fn a_sentence_may_go_on_behind_a_token() {
        check("see authorization: Bearer q7K was refused", "Bearer q7K");
        check("see authorization: Bearer q7K x9Z", "Bearer q7K x9Z");
        check(
            "see authorization: Bearer correct horse",
            "Bearer correct horse",
        );
        check(
            "see authorization: Token token=\"q7K\", a=\"b\"",
            "Token token=\"q7K\", a=\"b\"",
        );
    }

    #[test]
    fn names_may_stand_behind_others() {
        for name in [
            "Cookie",
            "HTTP_AUTHORIZATION",
            "headers.set-cookie",
            "x-forwarded-authorization",
        ] {
            assert!(is_name(name), "{name}");
        }
        assert!(!is_name("nocookie") && !is_name("cookies") && !is_name("é"));
    }
}
