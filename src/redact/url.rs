//! URLs: what is secret in them is masked, all other bytes stay.

use std::borrow::Cow;

use super::{
    pairs::{any_layer, redact_list, redact_pairs},
    rules::Rules,
    shapes,
};
use crate::{record::MASK, scan};

/// Masks what is secret in a URL: its user, parameters in its path (`;sid=1`), its query and its fragment.
pub(crate) fn redact_url(url: &str, rules: &Rules) -> String {
    let (url, fragment) = match url.split_once('#') {
        Some((url, fragment)) => (url, Some(fragment)),
        None => (url, None),
    };
    let (base, query) = match url.split_once('?') {
        Some((base, query)) => (base, Some(query)),
        None => (url, None),
    };
    let base = redact_parameters(without_user(base), rules);
    let mut redacted = mask_shapes(rules.shapes, base, rules).into_owned();
    for (mark, part) in [('?', query), ('#', fragment)] {
        if let Some(part) = part {
            redacted.push(mark);
            redacted.push_str(&redact_pairs(part, false, rules));
        }
    }
    redacted
}

/// Masks what is secret in the parameters of a path's segments, as in `/cart;jsessionid=1/items`.
pub(super) fn redact_parameters<'p>(path: Cow<'p, str>, rules: &Rules) -> Cow<'p, str> {
    if !scan::any(path.as_bytes(), |byte| byte == b';') {
        return path;
    }
    let mut redacted = String::with_capacity(path.len());
    for (n, segment) in path.split('/').enumerate() {
        if n > 0 {
            redacted.push('/');
        }
        match segment.split_once(';') {
            Some((name, parameters)) => {
                redacted.push_str(name);
                redacted.push(';');
                redacted.push_str(&redact_list(parameters, ';', false, rules));
            }
            None => redacted.push_str(segment),
        }
    }
    Cow::Owned(redacted)
}

/// Masks what is of a secret shape in a path: whole segments where escapes hide it.
///
/// `unescaped` says whether there may be some that no escapes hide.
pub(super) fn mask_shapes<'p>(unescaped: bool, path: Cow<'p, str>, rules: &Rules) -> Cow<'p, str> {
    if !rules.shapes {
        return path;
    }
    let path = shapes::mask_if(unescaped, path);
    let is_escaped = |text: &str| scan::any(text.as_bytes(), |b| (b == b'%') | (b == b'+'));
    if !is_escaped(&path) {
        return path;
    }
    let hides = |segment: &str| {
        is_escaped(segment) && any_layer(segment, |layer| !shapes::find(layer, false).is_empty())
    };
    if !path.split('/').any(hides) {
        return path;
    }
    let shown = path.split('/').map(|segment| match hides(segment) {
        true => MASK,
        false => segment,
    });
    Cow::Owned(shown.collect::<Vec<_>>().join("/"))
}

/// Masks `user:password@` before a host.
pub(super) fn redact_host(host: &str) -> Cow<'_, str> {
    match host.bytes().rposition(|byte| byte == b'@') {
        Some(at) => Cow::Owned(format!("{MASK}{}", &host[at..])),
        None => Cow::Borrowed(host),
    }
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn redacted(url: &str) -> String {
        redact_url(url, &Rules::default())
    }

    #[test]
    fn a_url_loses_its_user_and_its_secrets() {
        for (url, expected) in [
            ("/path", "/path"),
            ("https://host/a@b", "https://host/a@b"),
            ("https://me@host", "https://***@host"),
            ("//u:p@host/x?token=1", "//***@host/x?token=***"),
            ("/a?x=1#token=2&y=3", "/a?x=1#token=***&y=3"),
            ("/a#/cb?token=2&y=3", "/a#/cb?token=***&y=3"),
            ("/a;jsessionid=1;v=2/b?c", "/a;jsessionid=***;v=2/b?c"),
            ("/pay/4111111111111111", "/pay/***"),
            ("/pay/4111%201111%201111%201111/x%20y", "/pay/***/x%20y"),
            ("/go/%42earer%20abc?d=e", "/go/***?d=e"),
            ("/go/Bearer%2520abc", "/go/***"),
            ("/a%20b/c+d", "/a%20b/c+d"),
        ] {
            assert_eq!(redacted(url), expected);
        }
    }

    #[test]
    fn a_host_loses_its_user() {
        for (host, expected) in [
            ("host:80", "host:80"),
            ("me@host", "***@host"),
            ("me:p@ss@host:80", "***@host:80"),
        ] {
            assert_eq!(redact_host(host), expected);
        }
    }

    proptest! {
        #[test]
        fn no_url_is_too_strange(url in "\\PC*", like in "[a/:@?#;=&%é]{0,30}") {
            let _ = (redacted(&url), redacted(&like));
        }
    }
}
