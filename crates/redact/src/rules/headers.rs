//! Which header values are shown.

use std::borrow::Cow;

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
pub(crate) enum Shown {
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

    /// What is shown of the values of this name; `None` for a name of no list.
    pub(crate) fn of(&self, name: &str) -> Option<Shown> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_treated_as_its_list_says() {
        let rules = HeaderRules::default();
        for name in SHOWN_BY_DEFAULT {
            assert_eq!(rules.of(name), Some(Shown::Text), "{name}");
        }
        for name in URLS {
            assert_eq!(rules.of(name), Some(Shown::Url), "{name}");
        }
        for name in SECRET {
            assert_eq!(rules.of(name), Some(Shown::Nothing), "{name}");
        }
        assert_eq!(rules.of("accepts"), None);
        assert_eq!(rules.of("ccept"), None);
    }

    /// The page about headers, made of the lists.
    fn page() -> String {
        let list = |names: &[&str]| {
            let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
            names.join(", ")
        };
        format!(
            "# Headers

Which header values are shown by default. Token families and pairs under secret names are masked in them, too. The list is
made from `src/rules/headers.rs`; `UPDATE_DOCS=1 cargo test -p body-logger-redact headers` writes it anew.

- Shown as they are: {}.
- Shown as URLs, with their queries redacted: {}, `link`.
- `host`: without a user.
- `cookie`, `set-cookie`: the names of cookies, and the attributes of `set-cookie`.
- Hidden unless `show_secret_headers` names them: {}.
- All others are hidden, until `show_headers` names them.
",
            list(SHOWN_BY_DEFAULT),
            list(URLS),
            list(SECRET),
        )
    }

    #[test]
    fn the_docs_list_the_headers() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/headers.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, page()).expect("the docs can be written");
        }
        let docs = std::fs::read_to_string(path).expect("the docs are there");
        assert_eq!(docs, page(), "run it with UPDATE_DOCS=1");
    }
}
