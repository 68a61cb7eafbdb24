//! Header values: a list of names passes, all others are masked. Of cookies the names pass.

use actix_web::http::header::HeaderName;

use super::{
    cookies::{redact_cookie, redact_set_cookie},
    rules::Rules,
    shapes,
    url::{redact_host, redact_url},
};
use crate::{
    captured::{Field, Fields},
    record::MASK,
    record_text::RecordText,
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

/// What is shown of the values of a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shown {
    /// All of them, secret or not.
    AsIs,
    Text,
    Host,
    Url,
    /// The names of cookies.
    Cookies,
    SetCookie,
    Nothing,
}

/// Which header values are shown.
#[derive(Debug)]
pub(crate) struct HeaderRules {
    /// In lists by their lengths, which tell most names apart. Of all other names nothing is shown.
    names: Vec<Vec<(RecordText, Shown)>>,
    pub(crate) hidden: HiddenHeaders,
}

impl Default for HeaderRules {
    fn default() -> Self {
        let mut rules = Self {
            names: Vec::new(),
            hidden: HiddenHeaders::default(),
        };
        for (names, shown) in [
            (SHOWN_BY_DEFAULT, Shown::Text),
            (URLS, Shown::Url),
            (SECRET, Shown::Nothing),
            (&["host"], Shown::Host),
            // Of these the names say nothing of anybody, and help to tell what went wrong.
            (&["cookie"], Shown::Cookies),
            (&["set-cookie"], Shown::SetCookie),
        ] {
            for name in names {
                *rules.entry(RecordText::constant(name)) = shown;
            }
        }
        rules
    }
}

impl HeaderRules {
    /// Shows the values of this name, unless they are secret.
    pub(crate) fn show(&mut self, name: &HeaderName) {
        self.entry(name.as_str().into());
    }

    /// Shows the values of this name even where they are secret.
    pub(crate) fn show_secret(&mut self, name: &HeaderName) {
        *self.entry(name.as_str().into()) = Shown::AsIs;
    }

    fn of(&self, name: &str) -> Option<&(RecordText, Shown)> {
        let mut of_length = self.names.get(name.len())?.iter();
        of_length.find(|(known, _)| *known == *name)
    }

    /// What is shown of a name: text, if that was not said yet.
    fn entry(&mut self, name: RecordText) -> &mut Shown {
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

    /// The headers of a head, by name, as they may be seen.
    ///
    /// `shapes` says whether there may be secret shapes to mask.
    pub(crate) fn redact(
        &self,
        head: &Fields<'_>,
        shapes: bool,
        rules: &Rules,
    ) -> Vec<(RecordText, RecordText)> {
        let headers = head.headers();
        let mut shown = Vec::with_capacity(headers.clone().count());
        for field in headers {
            let known = self.of(field.name);
            let value = match known.and_then(|(_, shown)| self.value(field, *shown, shapes, rules))
            {
                Some(value) => value,
                None if self.hidden == HiddenHeaders::Omit => continue,
                None => RecordText::constant(MASK),
            };
            let name = known.map_or_else(|| field.name.into(), |(name, _)| name.clone());
            shown.push((name, value));
        }
        shown.sort_by(|(a, _), (b, _)| a.cmp(b));
        shown
    }

    fn value(
        &self,
        field: &Field<'_>,
        shown: Shown,
        shapes: bool,
        rules: &Rules,
    ) -> Option<RecordText> {
        // Of a value that was cut, the end that would have told what it is may be missing.
        if field.cut {
            return None;
        }
        if field.sensitive && shown != Shown::AsIs {
            return None;
        }
        let text = field.text();
        match shown {
            Shown::AsIs => Some(text.into()),
            Shown::Text => Some(shapes::mask_if(shapes, text).into()),
            Shown::Host => Some(shapes::mask_if(shapes, redact_host(&text)).into()),
            Shown::Url => Some(redact_url(&text, rules).into()),
            Shown::Cookies => self.masked(redact_cookie(&text)),
            Shown::SetCookie => self.masked(redact_set_cookie(&text)),
            Shown::Nothing => None,
        }
    }

    /// A value that is masked in itself, unless such values are left out.
    fn masked(&self, value: String) -> Option<RecordText> {
        (self.hidden == HiddenHeaders::Mask).then(|| value.into())
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
        let shown = rules.redact(&head.fields(), true, &Rules::default());
        assert_eq!(shown, [(name.into(), expected.into())]);
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
    fn each_name_is_treated_as_its_list_says() {
        let rules = HeaderRules::default();
        let lists = SHOWN_BY_DEFAULT.iter().chain(URLS).chain(SECRET);
        assert_eq!(rules.names.concat().len(), lists.clone().count());
        for name in lists {
            let secret = SECRET.contains(name);
            check(&rules, name, "v", false, if secret { "***" } else { "v" });
            for strange in [format!("{name}s"), name[1..].to_owned()] {
                let known = (SHOWN_BY_DEFAULT.iter().chain(URLS)).any(|other| *other == strange);
                check(
                    &rules,
                    &strange,
                    "v",
                    false,
                    if known { "v" } else { "***" },
                );
            }
        }
    }

    #[test]
    fn what_a_name_was_said_to_show_stays() {
        let mut rules = HeaderRules::default();
        for name in ["x-key", "location", "host"] {
            let header = HeaderName::from_static(name);
            rules.show_secret(&header);
            rules.show(&header);
            check(&rules, name, "//u:p@h", true, "//u:p@h");
        }
        let referer = HeaderName::from_static("referer");
        rules.show(&referer);
        check(&rules, "referer", "//u:p@h", false, "//***@h");
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
        let accept = (RecordText::from("accept"), RecordText::from("1"));
        assert_eq!(
            rules.redact(&head.fields(), true, &secrets),
            std::slice::from_ref(&accept)
        );
        rules.hidden = HiddenHeaders::Mask;
        let masked = (RecordText::from("x-b"), RecordText::from("***"));
        assert_eq!(
            rules.redact(&head.fields(), true, &secrets),
            [accept, masked]
        );
    }

    #[test]
    fn a_value_too_long_to_keep_is_masked() {
        let rules = HeaderRules::default();
        check(&rules, "accept", &"a".repeat(5000), false, "***");
    }
}
