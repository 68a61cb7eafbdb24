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

#[test]
fn what_was_masked_already_is_shown() {
    for text in [
        "****",
        "************1111",
        "**** **** **** 1111",
        "411111******1111",
        "411111xxxxxx1111",
        "XXXX-XXXX-XXXX-1111",
        "•••• 4242",
        "●●●●●●●●",
        "424242•••••• 4242",
        "true",
        "false",
        "^9.0.0",
        "~1.4.6",
    ] {
        assert!(says_nothing(text), "{text}");
    }
    for text in [
        "",
        "***",
        "****a1b2",
        "XXXX",
        "xxxxx1111",
        "XXXXXX1111",
        "xxxxxx202611",
        "XXXXXX",
        "4242424242******1",
        "q7Kd****",
        "1234",
        "4242 4242 4242 4242",
        "True",
        "^9.0",
        "9.0.0",
        "^q7.K.d9",
    ] {
        assert!(!says_nothing(text), "{text}");
    }
}

#[test]
fn versions_and_ids_of_a_vendor_are_no_tokens() {
    for text in ["1.17.3", "0.0.1", "10.12.2026"] {
        assert!(is_version(text), "{text}");
    }
    for text in [
        "1.17",
        "1.17.3.4",
        "1..3",
        "12345.1.1",
        "a.b.c",
        "1.17.3-rc1",
    ] {
        assert!(!is_version(text), "{text}");
    }
    assert!(is_vendor_id("SM5ef8732a3c49700934481addd5ce1659"));
    for text in [
        "sm5ef8732a3c49700934481addd5ce1659",
        "SM5ef8732a3c49700934481addd5ce165",
        "5ef8732a3c49700934481addd5ce165912",
        "SM5EF8732A3C49700934481ADDD5CE1659",
        "é5ef8732a3c49700934481addd5ce1659",
    ] {
        assert!(!is_vendor_id(text), "{text}");
    }
}
