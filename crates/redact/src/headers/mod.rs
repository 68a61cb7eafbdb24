//! Headers: the values of a list of names are shown, of cookies the names, of URLs all that is not secret.

use std::{borrow::Cow, ops::Range};

use memchr::{memchr, memchr2};

use crate::{
    cookies::{cookie_values, set_cookie_values},
    field::redact_unnamed,
    finding::{in_order, Finding, Rule},
    input::Extent,
    masker::Masker,
    redacted::Report,
    rules::{Rules, Shown},
    scan::scan,
    url::{redact_host, redact_url},
};

/// Redacts the value of a header. `None` if nothing of it is to be shown.
pub(crate) fn redact_header<'v>(
    name: &str,
    value: &'v str,
    extent: Extent,
    rules: &Rules,
    report: &mut Report,
) -> Option<Cow<'v, str>> {
    let shown = rules.headers.of(name).unwrap_or(Shown::Nothing);
    let values = match shown {
        Shown::AsIs => return Some(Cow::Borrowed(value)),
        // Of a value that was truncated, the end that says what it is may be missing.
        _ if extent == Extent::Truncated => None,
        Shown::Nothing => None,
        Shown::Text => Some(bearer_tokens(value)),
        Shown::Host => return Some(redact_host(value, rules, report)),
        Shown::Url => return Some(redact_url(value, rules, report)),
        Shown::Links => return Some(redact_links(value, rules, report)),
        Shown::Cookies => cookie_values(value),
        Shown::SetCookie => set_cookie_values(value),
    };
    let Some(values) = values else {
        report.note(Rule::Name, || name.to_owned());
        return None;
    };
    let mut found = Vec::new();
    scan(value, extent, rules, &mut found);
    found.extend(values.into_iter().map(|range| Finding {
        range,
        rule: Rule::Name,
    }));
    in_order(&mut found);
    let mut masker = Masker::new(value);
    masker.mask_all(&found, report);
    Some(masker.finish())
}

/// Redacts the name of a header, unless it is a known one.
pub(crate) fn redact_header_name<'n>(
    name: &'n str,
    rules: &Rules,
    report: &mut Report,
) -> Cow<'n, str> {
    match rules.headers.of(name) {
        Some(_) => Cow::Borrowed(name),
        None => redact_unnamed(name, Extent::Whole, rules, report),
    }
}

/// Where tokens are behind `Bearer`: no header has prose, in which a word may follow.
fn bearer_tokens(value: &str) -> Vec<Range<usize>> {
    const SCHEME: &str = "bearer";
    let bytes = value.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(length) = memchr2(b'b', b'B', &bytes[at..]) {
        at += length;
        let blanks = at + SCHEME.len();
        let is_scheme = bytes
            .get(at..blanks)
            .is_some_and(|name| name.eq_ignore_ascii_case(SCHEME.as_bytes()));
        at += 1;
        if !is_scheme {
            continue;
        }
        let behind = &value[blanks..];
        let token = behind
            .strip_prefix("%20")
            .unwrap_or_else(|| behind.trim_start_matches([' ', '\t', '+']));
        if token.len() == behind.len() {
            continue;
        }
        let start = value.len() - token.len();
        let length = token.find([' ', '\t', ',', ';', '"', '\'', ')']);
        at = length.map_or(value.len(), |length| start + length);
        tokens.push(start..at);
    }
    tokens.retain(|token| !token.is_empty());
    tokens
}

/// Redacts the URLs between `<` and `>` (RFC 8288), and what is around them as text.
fn redact_links<'v>(value: &'v str, rules: &Rules, report: &mut Report) -> Cow<'v, str> {
    let bytes = value.as_bytes();
    let mut redacted = String::new();
    let mut at = 0;
    loop {
        let open = memchr(b'<', &bytes[at..]).map(|length| at + length + 1);
        let around = &value[at..open.unwrap_or(value.len())];
        redacted.push_str(&redact_unnamed(around, Extent::Whole, rules, report));
        let Some(open) = open else { break };
        let close = memchr(b'>', &bytes[open..]).map_or(value.len(), |length| open + length);
        redacted.push_str(&redact_url(&value[open..close], rules, report));
        at = close;
    }
    if redacted == value {
        return Cow::Borrowed(value);
    }
    Cow::Owned(redacted)
}

#[cfg(test)]
mod tests;
