//! The URL of a recorded request.

use std::{fmt::Write as _, iter, net::Ipv6Addr};

use crate::record::RequestRecord;

/// Replaces a host that is not known, or not valid in a URL. It never resolves
/// ([RFC 2606](https://www.rfc-editor.org/rfc/rfc2606)).
pub(super) const NO_HOST: &str = "host.invalid";

/// Returns the URL. Characters that would end a part of it too early, or are not ASCII, are percent-encoded.
pub(super) fn url(request: &RequestRecord) -> String {
    let mut url = origin(request);
    if !request.path.starts_with('/') {
        url.push('/');
    }
    push(&request.path, &mut url, |char| matches!(char, '?' | '#'));
    if let Some(query) = &request.query {
        url.push('?');
        push(query, &mut url, |char| char == '#');
    }
    url
}

/// Returns the scheme and the host.
pub(super) fn origin(request: &RequestRecord) -> String {
    // Only these schemes: a record may come from any source, and with other schemes curl reads files.
    let scheme = match &*request.scheme {
        "https" => "https",
        _ => "http",
    };
    format!("{scheme}://{}", host(request).unwrap_or(NO_HOST))
}

/// Returns the host with its port, if they are valid in a URL and cannot be parsed as anything else there.
pub(super) fn host(request: &RequestRecord) -> Option<&str> {
    let host = request.host.as_deref()?;
    let (name, port) = split_port(host);
    let is_port = |port: &str| {
        let digits = port.bytes().all(|byte| byte.is_ascii_digit());
        port.is_empty() || digits && port.parse::<u16>().is_ok_and(|port| port > 0)
    };
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_name = match name.strip_prefix('[') {
        Some(address) => address
            .strip_suffix(']')
            .is_some_and(|it| it.parse::<Ipv6Addr>().is_ok()),
        None => !name.is_empty() && name.bytes().all(is_of_name),
    };
    (is_name && port.is_none_or(is_port)).then_some(host)
}

/// Splits a host into its name or address, and its port.
pub(super) fn split_port(host: &str) -> (&str, Option<&str>) {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port)),
        _ => (host, None),
    }
}

/// Returns the pairs of a query or a form, without decoding them.
pub(super) fn pairs(list: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = list;
    let pairs = iter::from_fn(move || {
        // Skips all empty pairs at once, as a client may send very many.
        let pairs = rest.trim_start_matches('&');
        let (pair, behind) = pairs.split_once('&').unwrap_or((pairs, ""));
        rest = behind;
        (!pair.is_empty()).then_some(pair)
    });
    pairs.map(|pair| pair.split_once('=').unwrap_or((pair, "")))
}

/// Percent-encodes the characters of a request target that would end it.
pub(super) fn sendable(target: &str) -> String {
    let mut sent = String::with_capacity(target.len());
    encode(target, &mut sent, |char| char == ' ' || char.is_control());
    sent
}

fn push(text: &str, url: &mut String, ends_it: fn(char) -> bool) {
    encode(text, url, |char| {
        char == ' ' || !char.is_ascii() || char.is_control() || ends_it(char)
    });
}

fn encode(text: &str, url: &mut String, is_encoded: impl Fn(char) -> bool) {
    let mut bytes = [0; 4];
    for char in text.chars() {
        if is_encoded(char) {
            for byte in char.encode_utf8(&mut bytes).bytes() {
                // Writing to a `String` cannot fail.
                let _ = write!(url, "%{byte:02X}");
            }
        } else {
            url.push(char);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Record;

    #[track_caller]
    fn check(change: impl FnOnce(&mut RequestRecord), expected: &str) {
        let mut request = Record::example().request;
        request.path = "/a".into();
        request.query = None;
        change(&mut request);
        assert_eq!(url(&request), expected);
    }

    #[test]
    fn builds_the_url_of_the_request() {
        check(|_| {}, "http://localhost:8080/a");
        check(
            |r| r.query = Some("b=***&c".into()),
            "http://localhost:8080/a?b=***&c",
        );
        check(|r| r.query = Some("".into()), "http://localhost:8080/a?");
        check(|r| r.host = Some("[::1]:80".into()), "http://[::1]:80/a");
        check(|r| r.host = Some("[::1]".into()), "http://[::1]/a");
        check(|r| r.host = Some("a:".into()), "http://a:/a");
        check(|r| r.scheme = "https".into(), "https://localhost:8080/a");
        check(|r| r.path = "*".into(), "http://localhost:8080/*");
    }

    #[test]
    fn encodes_characters_that_would_change_the_url() {
        check(
            |r| r.path = "/a?b#c d\n\u{202e}é".into(),
            "http://localhost:8080/a%3Fb%23c%20d%0A%E2%80%AE%C3%A9",
        );
        check(
            |r| r.query = Some("a?b#c\0".into()),
            "http://localhost:8080/a?a?b%23c%00",
        );
        check(|r| r.scheme = "file".into(), "http://localhost:8080/a");
        for host in [
            "", "a@b", "a/b", "a b", "a#", "a\nb", "ä", ":80", "a:b", "a:b:1", "a:0", "a:65536",
            "a:+1", "[::1", "::1", "[::g]", "[::1]a", "[]",
        ] {
            check(|r| r.host = Some(host.into()), "http://host.invalid/a");
        }
        check(|r| r.host = None, "http://host.invalid/a");
    }
}
