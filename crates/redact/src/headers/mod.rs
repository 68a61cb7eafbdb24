//! Headers: the values of a list of names are shown, of cookies the names, of URLs all that is not secret.

use std::{borrow::Cow, ops::Range};

use memchr::{memchr, memchr2};

use crate::{
    cookies::{cookie_values, set_cookie_values},
    field::redact_unnamed,
    finding::{in_order, Finding, Rule},
    masker::Masker,
    redacted::{Extent, Report},
    rules::Rules,
    scan::scan,
    url::{redact_host, redact_url},
};

/// The names whose values are shown: what ASP.NET Core's HTTP logging shows by default, and a few that identify nobody
/// (caching, tracing, content negotiation, CORS).
const SHOWN_BY_DEFAULT: &[&str] = &[
    "accept",
    "accept-charset",
    "accept-encoding",
    "accept-language",
    "accept-ranges",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-request-headers",
    "access-control-request-method",
    "age",
    "allow",
    "alt-svc",
    "cache-control",
    "connection",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-length",
    "content-range",
    "content-type",
    "date",
    "dnt",
    "expect",
    "expires",
    "last-modified",
    "max-forwards",
    "range",
    "retry-after",
    "sec-websocket-extensions",
    "sec-websocket-version",
    "server",
    "te",
    "traceparent",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "vary",
    "warning",
    "x-powered-by",
    "x-request-id",
    "x-requested-with",
    "x-ua-compatible",
];

/// The names whose values are URLs.
const URLS: &[&str] = &["content-location", "location", "referer"];

/// The names that only [`HeaderRules::show_secret`] shows.
const SECRET: &[&str] = &["authorization", "proxy-authorization"];

/// What is shown of the values of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// All of them, secret or not.
    AsIs,
    Text,
    Host,
    Url,
    /// `<url>; rel=next`, several times.
    Links,
    /// The names of cookies.
    Cookies,
    SetCookie,
    Nothing,
}

/// Which header values are shown.
#[derive(Clone, Debug)]
pub(crate) struct HeaderRules {
    /// Bucketed by length, so that most lookups fail on the first comparison. Of all other names nothing is shown.
    names: Vec<Vec<(Cow<'static, str>, Shown)>>,
}

impl Default for HeaderRules {
    fn default() -> Self {
        let mut rules = Self { names: Vec::new() };
        for (names, shown) in [
            (SHOWN_BY_DEFAULT, Shown::Text),
            (URLS, Shown::Url),
            (SECRET, Shown::Nothing),
            (&["host"], Shown::Host),
            (&["link"], Shown::Links),
            // Their names say nothing of anybody, and help to find what failed.
            (&["cookie"], Shown::Cookies),
            (&["set-cookie"], Shown::SetCookie),
        ] {
            for name in names {
                *rules.entry(Cow::Borrowed(name)) = shown;
            }
        }
        rules
    }
}

impl HeaderRules {
    /// Shows the values of this name, unless they are secret.
    pub(crate) fn show(&mut self, name: &str) {
        self.entry(Cow::Owned(name.to_ascii_lowercase()));
    }

    /// Shows the values of this name even where they are secret.
    pub(crate) fn show_secret(&mut self, name: &str) {
        *self.entry(Cow::Owned(name.to_ascii_lowercase())) = Shown::AsIs;
    }

    /// Whether the values of this name are shown even where they are secret.
    pub(crate) fn shows_secret(&self, name: &str) -> bool {
        self.of(name) == Some(Shown::AsIs)
    }

    fn of(&self, name: &str) -> Option<Shown> {
        // Fast path: most names of one length have different last letters, and most are in lower case.
        let last = |name: &str| name.as_bytes().last().map(|byte| byte | 0x20);
        let is_same = |known: &str| known == name || known.eq_ignore_ascii_case(name);
        let mut of_length = self.names.get(name.len())?.iter();
        let (_, shown) =
            of_length.find(|(known, _)| last(known) == last(name) && is_same(known))?;
        Some(*shown)
    }

    /// What is shown of a name: text, if that was not said yet.
    fn entry(&mut self, name: Cow<'static, str>) -> &mut Shown {
        if self.names.len() <= name.len() {
            self.names.resize_with(name.len() + 1, Vec::new);
        }
        let of_length = &mut self.names[name.len()];
        let found = of_length.iter().position(|(known, _)| *known == name);
        let at = found.unwrap_or(of_length.len());
        if found.is_none() {
            of_length.push((name, Shown::Text));
        }
        &mut of_length[at].1
    }
}

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
