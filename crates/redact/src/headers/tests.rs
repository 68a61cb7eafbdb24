use super::*;
use crate::Redactor;

/// `None` stands for a value of which nothing is shown.
#[track_caller]
fn check(redactor: &Redactor, name: &str, value: &str, expected: Option<&str>) {
    let shown = redactor.header(name, value, Extent::Whole);
    assert_eq!(
        shown.as_ref().map(|shown| &*shown.text),
        expected,
        "{name}: {value}"
    );
}

#[test]
fn hides_unknown_names_and_shows_known_ones() {
    let redactor = Redactor::default();
    check(&redactor, "accept", "text/html", Some("text/html"));
    check(&redactor, "Accept", "text/html", Some("text/html"));
    for name in [
        "x-api-key",
        "x-anything",
        "authorization",
        "proxy-authorization",
    ] {
        check(&redactor, name, "v", None);
    }
}

#[test]
fn shows_urls_without_their_secrets() {
    let redactor = Redactor::default();
    check(
        &redactor,
        "location",
        "https://u:p@host/a?page=1&token=abc#access_token=def",
        Some("https://***@host/a?page=1&token=***#access_token=***"),
    );
    check(&redactor, "referer", "/a?b=c", Some("/a?b=c"));
    check(&redactor, "host", "u:p@host:80", Some("***@host:80"));
    check(&redactor, "user-agent", "me@host", Some("me@host"));
    check(
        &redactor,
        "link",
        "<https://u:p@h/a?page=2&token=abc>; rel=\"next\", </b>; rel=prev",
        Some("<https://***@h/a?page=2&token=***>; rel=\"next\", </b>; rel=prev"),
    );
}

#[test]
fn secrets_need_the_call_that_names_them() {
    for name in [
        "authorization",
        "cookie",
        "proxy-authorization",
        "set-cookie",
    ] {
        let shown = Redactor::builder().show_headers([name]).build();
        check(&shown, name, "a secret", None);
        let secret = Redactor::builder()
            .show_headers([name])
            .show_secret_headers([name])
            .build();
        check(&secret, name, "a secret", Some("a secret"));
        assert!(secret.shows_secret_header(name) && !shown.shows_secret_header(name));
    }
}

#[test]
fn what_a_name_was_said_to_show_stays() {
    for name in ["x-key", "location", "host"] {
        let redactor = Redactor::builder()
            .show_secret_headers([name])
            .show_headers([name])
            .build();
        check(&redactor, name, "//u:p@h", Some("//u:p@h"));
    }
    let redactor = Redactor::builder()
        .show_headers(["X-Marked", "Referer"])
        .build();
    check(&redactor, "x-marked", "v", Some("v"));
    check(&redactor, "referer", "//u:p@h", Some("//***@h"));
}

#[test]
fn cookies_keep_their_names() {
    let redactor = Redactor::default();
    check(&redactor, "cookie", "a=1; b=2", Some("a=***; b=***"));
    check(
        &redactor,
        "set-cookie",
        "a=1; Path=/",
        Some("a=***; Path=/"),
    );
    check(&redactor, "cookie", "a=\"x\\\"; q7K=1\"", None);
}

#[test]
fn masks_token_families_wherever_they_stand() {
    let redactor = Redactor::default();
    let token = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    for (name, value) in [
        ("user-agent", format!("x/1 {token} y")),
        ("cookie", format!("{token}=1")),
        ("set-cookie", format!("a=1; Path=/{token}")),
        ("referer", format!("https://h/{token}/x")),
        ("link", format!("<https://h/{token}>; title=\"{token}\"")),
        ("host", format!("{token}.example")),
    ] {
        let shown = redactor
            .header(name, &value, Extent::Whole)
            .expect("a shown header");
        assert!(!shown.text.contains(&token[4..]), "{name}: {}", shown.text);
    }
    let name = redactor
        .header_name(&token.to_ascii_lowercase())
        .text
        .into_owned();
    assert!(!name.contains("16c7e42f") || name.len() < 20, "{name}");
}

#[test]
fn hides_a_truncated_value() {
    assert_eq!(
        Redactor::default().header("accept", "text", Extent::Truncated),
        None
    );
}

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

#[test]
fn hides_any_token_behind_bearer() {
    let redactor = Redactor::default();
    for (value, expected) in [
        ("curl Bearer word", "curl Bearer ***"),
        (
            "a (bearer word) Bearer%20x, b",
            "a (bearer ***) Bearer%20***, b",
        ),
        ("Bearer", "Bearer"),
        ("forbearers bearerless", "forbearers bearerless"),
    ] {
        check(&redactor, "user-agent", value, Some(expected));
    }
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
made from `src/headers/mod.rs`; `UPDATE_DOCS=1 cargo test -p body-logger-redact headers` writes it anew.

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
