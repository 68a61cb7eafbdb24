//! Header values: a list of names passes, all others are masked. Of cookies the names pass.

use std::{borrow::Cow, collections::HashSet};

use actix_web::http::header::HeaderName;

use super::{
    cookies::{redact_cookie, redact_set_cookie},
    rules::Rules,
    shapes,
    url::{redact_host, redact_url},
};
use crate::{
    captured::{Field, Head},
    record::MASK,
};

/// What becomes of a header whose value is not shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HiddenHeaders {
    /// Its name stays and its value reads `***`.
    #[default]
    Mask,
    /// It is left out.
    Omit,
}

/// The names whose values pass: what ASP.NET Core's HTTP logging lets pass by default, and a few
/// that say nothing of anybody (caching, tracing, content negotiation, CORS).
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
    "host",
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

/// The names whose values are URLs: they pass with their queries redacted.
const URLS: &[&str] = &["content-location", "location", "referer"];

/// The names that only [`HeaderRules::show_secret`] shows.
const SECRET: &[&str] = &[
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
];

/// Which header values are shown.
#[derive(Debug)]
pub(crate) struct HeaderRules {
    shown: HashSet<Cow<'static, str>>,
    shown_secrets: HashSet<String>,
    pub(crate) hidden: HiddenHeaders,
}

impl Default for HeaderRules {
    fn default() -> Self {
        Self {
            shown: SHOWN_BY_DEFAULT.iter().copied().map(Cow::from).collect(),
            shown_secrets: HashSet::new(),
            hidden: HiddenHeaders::default(),
        }
    }
}

impl HeaderRules {
    /// Shows the values of this name, unless they are secret.
    pub(crate) fn show(&mut self, name: &HeaderName) {
        self.shown.insert(Cow::Owned(name.as_str().to_owned()));
    }

    /// Shows the values of this name even where they are secret.
    pub(crate) fn show_secret(&mut self, name: &HeaderName) {
        self.shown_secrets.insert(name.as_str().to_owned());
    }

    /// The headers of a head, by name, as they may be seen.
    pub(crate) fn redact(&self, head: &Head, rules: &Rules) -> Vec<(String, String)> {
        let mut shown: Vec<(String, String)> = head
            .fields()
            .filter(|field| !field.name.starts_with(':'))
            .filter_map(|field| {
                let value = self.value(field, rules);
                if value.is_none() && self.hidden == HiddenHeaders::Omit {
                    return None;
                }
                let value = value.unwrap_or(Cow::Borrowed(MASK));
                Some((field.name.to_owned(), value.into_owned()))
            })
            .collect();
        shown.sort_by(|(a, _), (b, _)| a.cmp(b));
        shown
    }

    fn value<'a>(&self, field: Field<'a>, rules: &Rules) -> Option<Cow<'a, str>> {
        // Of a value that was cut, the end that would have told what it is may be missing.
        if field.cut {
            return None;
        }
        let text = String::from_utf8_lossy(field.value);
        if self.shown_secrets.contains(field.name) {
            return Some(text);
        }
        if field.sensitive {
            return None;
        }
        match field.name {
            // Of these the names say nothing of anybody, and help to tell what went wrong.
            "cookie" => self.masked(redact_cookie(&text)),
            "set-cookie" => self.masked(redact_set_cookie(&text)),
            name if SECRET.contains(&name) => None,
            name if URLS.contains(&name) => Some(Cow::Owned(redact_url(&text, rules))),
            name if !self.shown.contains(name) => None,
            "host" => Some(Cow::Owned(
                without_shapes(redact_host(&text), rules).into_owned(),
            )),
            _ => Some(without_shapes(text, rules)),
        }
    }

    /// A value that is masked in itself, unless such values are left out.
    fn masked(&self, value: String) -> Option<Cow<'static, str>> {
        (self.hidden == HiddenHeaders::Mask).then_some(Cow::Owned(value))
    }
}

fn without_shapes<'t>(text: Cow<'t, str>, rules: &Rules) -> Cow<'t, str> {
    match shapes::mask(&text) {
        Cow::Owned(masked) if rules.shapes => Cow::Owned(masked),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::captured::HeadBuffer;

    #[track_caller]
    fn check(rules: &HeaderRules, name: &str, value: &str, sensitive: bool, expected: &str) {
        let mut head = HeadBuffer::default();
        head.push(name, value.as_bytes(), sensitive);
        let head = head.take();
        let shown = rules.redact(&head, &Rules::default());
        assert_eq!(shown, [(name.to_owned(), expected.to_owned())]);
    }

    #[test]
    fn unknown_names_are_masked_and_known_ones_pass() {
        let rules = HeaderRules::default();
        check(&rules, "accept", "text/html", false, "text/html");
        check(&rules, "x-api-key", "k", false, "***");
        check(&rules, "x-anything", "v", false, "***");
        check(&rules, "accept", "text/html", true, "***");
    }

    #[test]
    fn urls_pass_without_their_secrets() {
        let rules = HeaderRules::default();
        check(
            &rules,
            "location",
            "https://u:p@host/a?page=1&token=abc#access_token=def",
            false,
            "https://***@host/a?page=1&token=***#access_token=***",
        );
        check(&rules, "referer", "/a?b=c", false, "/a?b=c");
        check(&rules, "host", "u:p@host:80", false, "***@host:80");
        check(&rules, "user-agent", "me@host", false, "me@host");
    }

    #[test]
    fn secrets_need_the_call_that_names_them() {
        let mut rules = HeaderRules::default();
        for name in SECRET {
            let header = HeaderName::from_static(name);
            rules.show(&header);
            check(&rules, name, "a secret", false, "***");
            rules.show_secret(&header);
            check(&rules, name, "a secret", false, "a secret");
        }
        rules.show(&HeaderName::from_static("x-marked"));
        check(&rules, "x-marked", "v", false, "v");
        check(&rules, "x-marked", "v", true, "***");
    }

    #[test]
    fn cookies_keep_their_names() {
        let rules = HeaderRules::default();
        check(&rules, "cookie", "a=1; b=2", false, "a=***; b=***");
        check(&rules, "set-cookie", "a=1; Path=/", false, "a=***; Path=/");
        check(&rules, "cookie", "a=1; b=2", true, "***");
    }

    #[test]
    fn values_that_look_secret_are_masked_where_others_are_shown() {
        let agent = "x/1 Bearer abcdefgh";
        check(
            &HeaderRules::default(),
            "user-agent",
            agent,
            false,
            "x/1 Bearer ***",
        );
    }

    #[test]
    fn hidden_headers_are_left_out_where_asked() {
        let mut rules = HeaderRules {
            hidden: HiddenHeaders::Omit,
            ..HeaderRules::default()
        };
        let mut head = HeadBuffer::default();
        head.push("x-b", b"2", false);
        head.push("accept", b"1", false);
        let head = head.take();
        let secrets = Rules::default();
        let accept = ("accept".to_owned(), "1".to_owned());
        assert_eq!(rules.redact(&head, &secrets), std::slice::from_ref(&accept));
        rules.hidden = HiddenHeaders::Mask;
        let masked = ("x-b".to_owned(), "***".to_owned());
        assert_eq!(rules.redact(&head, &secrets), [accept, masked]);
    }

    #[test]
    fn a_value_too_long_to_keep_is_masked() {
        let rules = HeaderRules::default();
        check(&rules, "accept", &"a".repeat(5000), false, "***");
    }
}
