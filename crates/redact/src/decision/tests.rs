use super::*;
use crate::names::Names;

#[test]
fn words_dates_and_paths_are_plain_and_random_runs_are_not() {
    for text in [
        "visa",
        "HTTP-POST",
        "SHA-256",
        "2026-02-15T15:53:00Z",
        "home",
        "Hello World",
        "photos/cat.jpg",
        "PROJ-123",
        "https://idp.example/oauth2/token",
        "camelCase",
        "Größe",
    ] {
        assert!(is_plain(text), "{text}");
    }
    for text in [
        "q7Kd92mXw4tBzR5v",
        "4242424242424242",
        "6dcb09b5b57875f334f61aebed695e2e4193db5e",
        "dXNlcjpwYXNz=",
        "a:b@host",
        "01a22232-7362-7594-ad33-f9ad47f7f0c2",
        "xkcdqwrtzpsdfghjkl",
    ] {
        assert!(!is_plain(text), "{text}");
    }
}

#[test]
fn statement_ids_are_joined_words() {
    for text in [
        "AllowPublicRead",
        "Stmt1558465286454",
        "VisualEditor0",
        "Enable IAM User Permissions",
        "AllowS3ListBucket",
        "AWSCloudTrailAclCheck20150319",
        "PreventUnencryptedTransportOfObjects",
        "__default_statement_ID",
        "AllowPull-2",
        "1",
    ] {
        assert!(is_statement_id(text), "{text}");
    }
    for text in [
        "q7Kd92mXw4tBzR5v",
        "s:q7Kd",
        "XKCDQWRTZPSD",
        "XQbTRzAEoWKpLUiM",
        "xkcdqwrtzpsdfghjkl",
        "a1b2c3d",
        "Stmt.x",
        "AllowAllowAllowAllowAllowAllowAllowAllowAllowAllowAllowAllowAllow",
    ] {
        assert!(!is_statement_id(text), "{text}");
    }
}

#[test]
fn keys_of_objects_are_paths_of_files() {
    for text in [
        "uploads/ab12cd34ef56.pdf",
        "a/b.gz",
        "logs/2023-11-02/i-0abcd1234.log.gz",
    ] {
        assert!(is_file(text), "{text}");
    }
    for text in [
        "q7Kd92mXw4tBzR5v/a.pdf",
        "/ab12.pdf",
        "uploads/ab12",
        "uploads/a.x",
        "uploads/a.pdfxyz",
        "uploads/a.x7K",
        "uploads/a.7z",
        "uploads/a b.pdf",
        "uploads/q7Kd+.pdf",
        "ab12cd34ef56.pdf",
    ] {
        assert!(!is_file(text), "{text}");
    }
}

#[test]
fn values_decide_under_secret_names() {
    let names = Names::default();
    let masked = |name: &str, value: Value<'_>| {
        matches!(decide(names.class(name), value), Decision::Mask(_))
    };
    for (name, value) in [
        ("password", Value::Text("sunshine")),
        ("password", Value::Number),
        ("token", Value::Text("sunshine")),
        ("key", Value::Text("q7Kd92mXw4tBzR5v")),
        ("pin", Value::Number),
    ] {
        assert!(masked(name, value), "{name} {value:?}");
    }
    for (name, value) in [
        ("password", Value::Text("")),
        ("auth", Value::Text("OAuth")),
        ("key", Value::Text("home")),
        ("tokens", Value::Number),
        ("city", Value::Text("Rome")),
    ] {
        assert!(!masked(name, value), "{name} {value:?}");
    }
}

#[test]
fn members_below_a_secret_name_are_judged_one_by_one() {
    let names = Names::default();
    let masked = |outer: &str, name: &str, text: &str| {
        let decision = decide_below(names.class(outer), names.class(name), Value::Text(text));
        matches!(decision, Decision::Mask(_))
    };
    for (outer, name, text) in [
        ("password", "current", "sunshine"),
        ("password", "x", "sunshine"),
        ("card", "number", "4242"),
        ("token", "other", "q7Kd92mXw4tBzR5v"),
    ] {
        assert!(masked(outer, name, text), "{outer} {name}");
    }
    for (outer, name, text) in [
        ("card", "brand", "visa"),
        ("card", "last4", "4242"),
        ("auth", "last_change", "2026-02-15T15:53:00Z"),
        ("secrets", "SecretName", "app.json"),
        ("token", "other", "plain words"),
    ] {
        assert!(!masked(outer, name, text), "{outer} {name}");
    }
}
