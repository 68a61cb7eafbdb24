//! Query strings and URLs: values under secret names are masked, all other bytes stay.

use std::borrow::Cow;

use super::names::SecretNames;
use crate::record::MASK;

/// Masks the values of secret names in `a=1&b=2`. Where the text was `cut` its last pair is masked:
/// what it lacks could have shown that it is secret.
pub(crate) fn redact_pairs(text: &str, cut: bool, names: &SecretNames) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut pairs = text.split('&').peekable();
    while let Some(pair) = pairs.next() {
        let last = pairs.peek().is_none();
        let unknown = cut && last;
        match pair.split_once('=') {
            Some((name, _)) if unknown || is_secret(name, names) => {
                redacted.push_str(name);
                redacted.push('=');
                redacted.push_str(MASK);
            }
            None if unknown => redacted.push_str(MASK),
            _ => redacted.push_str(pair),
        }
        if !last {
            redacted.push('&');
        }
    }
    redacted
}

/// Masks what is secret in a URL: its user, and values in its query and in its fragment.
pub(crate) fn redact_url(url: &str, names: &SecretNames) -> String {
    let (url, fragment) = match url.split_once('#') {
        Some((url, fragment)) => (url, Some(fragment)),
        None => (url, None),
    };
    let (base, query) = match url.split_once('?') {
        Some((base, query)) => (base, Some(query)),
        None => (url, None),
    };
    let mut redacted = without_user(base).into_owned();
    for (mark, part) in [('?', query), ('#', fragment)] {
        if let Some(part) = part {
            redacted.push(mark);
            redacted.push_str(&redact_pairs(part, false, names));
        }
    }
    redacted
}

/// Masks `user:password@` before a URL's host.
fn without_user(base: &str) -> Cow<'_, str> {
    let Some(start) = base.find("//").map(|slashes| slashes + 2) else {
        return Cow::Borrowed(base);
    };
    let authority = base[start..].split('/').next().unwrap_or_default();
    match authority.rfind('@') {
        Some(at) => Cow::Owned(format!("{}{MASK}{}", &base[..start], &base[start + at..])),
        None => Cow::Borrowed(base),
    }
}

/// Whether a pair's name, or a part of one such as `user[password]` or `user.password`, is secret.
fn is_secret(name: &str, names: &SecretNames) -> bool {
    let name = percent_decoded(name);
    names.matches(&name)
        || name
            .split(['[', ']', '.', ';'])
            .any(|part| names.matches(part))
}

fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let hex = |byte: &u8| char::from(*byte).to_digit(16);
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        let digits = (after.first().and_then(hex), after.get(1).and_then(hex));
        match (byte, digits) {
            (b'%', (Some(high), Some(low))) => {
                // Two hexadecimal digits are at most 255.
                decoded.push((high * 16 + low) as u8);
                rest = &after[2..];
            }
            (b'+', _) => decoded.push(b' '),
            _ => decoded.push(byte),
        }
    }
    Cow::Owned(String::from_utf8_lossy(&decoded).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, cut: bool, expected: &str) {
        assert_eq!(redact_pairs(text, cut, &SecretNames::default()), expected);
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
    }

    #[test]
    fn a_url_loses_its_user_and_its_secrets() {
        let names = SecretNames::default();
        for (url, expected) in [
            ("/path", "/path"),
            ("https://host/a@b", "https://host/a@b"),
            ("https://me@host", "https://***@host"),
            ("//u:p@host/x?token=1", "//***@host/x?token=***"),
            ("/a?x=1#token=2&y=3", "/a?x=1#token=***&y=3"),
        ] {
            assert_eq!(redact_url(url, &names), expected);
        }
    }
}
