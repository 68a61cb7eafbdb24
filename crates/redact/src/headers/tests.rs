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
