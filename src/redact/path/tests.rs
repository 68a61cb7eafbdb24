use actix_router::{Path, ResourceDef};
use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(pattern: &str, path: &str, expected: &str) {
    let names = SecretNames::default();
    let redacted = redact_path(path, false, Some(pattern), &names, false);
    assert_eq!(redacted, expected, "{path} of {pattern}");
}

#[test]
fn values_of_secret_parameters_are_masked() {
    for (pattern, path, expected) in [
        ("/users/{ssn}", "/users/123", "/users/***"),
        (
            "/users/{ssn}/x/{tail:.*}",
            "/users/1/x/a/x/b",
            "/users/***/x/a/x/b",
        ),
        ("/a/{id}/{token}/b", "/a/1/2/b", "/a/1/***/b"),
        ("/a/{id}-{pin}.json", "/a/1-2.json", "/a/1-***.json"),
        ("/a/{Card-Number}", "/a/ü", "/a/***"),
        ("/a/{token}*", "/a/b/c", "/a/***"),
        ("/a/{token}*", "/a/", "/a/"),
        ("/a/{pin:\\d{4}}/b", "/a/1234/b", "/a/***/b"),
        ("/{id:(?P<ssn>\\d+)-\\d}", "/123-4", "/***"),
        ("/a/{id:\\d+}/{ssn}", "/a/1/2", "/a/1/***"),
        ("/{pin}/{ssn}", "/1/2", "/***/***"),
    ] {
        check(pattern, path, expected);
    }
}

#[test]
fn paths_are_matched_as_actix_decodes_them() {
    check("/users/{ssn}", "/us%65rs/1%2F2", "/us%65rs/***");
    check("/a b/{ssn}", "/a%20b/%c3%a9", "/a%20b/***");
    // `%2B` is left as it is.
    check("/a+b/{ssn}", "/a%2Bb/1", "/***");
}

#[test]
fn without_secret_parameters_the_path_stays() {
    check("/users/{id}", "/users/token=1", "/users/token=1");
    check("/static", "/other", "/other");
    check("/static/*", "/static/x", "/static/x");
}

#[test]
fn where_a_secret_value_could_be_in_two_places_all_is_masked() {
    check("/{a}-{pin}", "/1-2-3", "/***");
    check("/{a:.*}/{pin:.*}", "/1/2/3", "/***");
    check("/{a}{pin}", "/12345", "/***");
    check("/{pin}{a}", "/é", "/***");
    // What may be in two places here is no secret.
    check("/{a}-{b}/{pin}", "/1-2-3/4", "/1-2-3/***");
}

#[test]
fn a_path_that_is_not_of_its_pattern_is_masked_whole() {
    for (pattern, path) in [
        ("/users/{ssn}", "/user/123"),
        ("/users/{ssn}", "/users/"),
        ("/users/{ssn}", "/users/1/2"),
        ("/users/{ssn}", ""),
        ("/users/{ssn", "/users/1"),
        ("/users/{ssn}/*", "/users/1/2"),
        ("/users/{ssn:a}*", "/users/1"),
    ] {
        check(pattern, path, "/***");
    }
}

#[test]
fn without_a_known_route_the_application_decides() {
    let names = SecretNames::default();
    assert_eq!(redact_path("/a/1", false, None, &names, false), "/a/1");
    assert_eq!(redact_path("/a/1", false, None, &names, true), "/***");
    let pattern = Some("/a/{id}");
    assert_eq!(redact_path("/b/1", false, pattern, &names, true), "/***");
    assert_eq!(redact_path("/a/1", false, pattern, &names, true), "/a/1");
}

#[test]
fn a_cut_path_with_a_secret_value_is_masked_whole() {
    let names = SecretNames::default();
    let redact = |pattern, mask| redact_path("/12/k/3", true, Some(pattern), &names, mask);
    assert_eq!(redact("/{ssn:.*}/k/{id}", false), "/***");
    assert_eq!(redact("/{id:.*}/k/{n}", true), "/***");
    assert_eq!(redact("/{id:.*}/k/{n}", false), "/12/k/3");
}

/// Parts of patterns; the values of `pin` and `ssn` are secret.
const PARTS: [&str; 12] = [
    "/",
    "/",
    "/a",
    "-",
    "é",
    "{x}",
    "{y:[a1/]*}",
    "{z:.+}",
    "{pin}",
    "{ssn:[1/]{0,3}}",
    "b",
    ".",
];

/// Compares with what actix finds; `None` where the pattern or the path is none for it.
fn fits(pattern: &str, path: &str, end: &str) -> Option<()> {
    let pattern = format!("/{pattern}{end}");
    // actix panics on a parameter that is there twice.
    let twice = ["{x}", "{y", "{z", "{pin", "{ssn"];
    if twice.iter().any(|name| pattern.matches(name).count() > 1) {
        return None;
    }
    let mut matched = Path::new(path);
    if !ResourceDef::new(pattern.as_str()).capture_match_info(&mut matched) {
        return None;
    }
    let names = SecretNames::default();
    let redacted = redact_path(path, false, Some(&pattern), &names, false);
    let mut expected = path.to_owned();
    let mut values: Vec<_> = ["pin", "ssn", "token"]
        .iter()
        .filter_map(|name| matched.get(name))
        // Where the value is in the path.
        .map(|value| value.as_ptr() as usize - path.as_ptr() as usize..value.len())
        .collect();
    values.sort_by_key(|value| std::cmp::Reverse(value.start));
    for value in values {
        if value.end > 0 {
            expected.replace_range(value.start..value.start + value.end, MASK);
        }
    }
    assert!(
        redacted == expected || redacted == "/***",
        "{redacted}, not {expected}: {path} of {pattern}"
    );
    Some(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_actix_finds_is_masked(
        parts in prop::collection::vec(prop::sample::select(&PARTS[..]), 0..6),
        tail: bool,
        paths in prop::collection::vec("[/a1é.b-]{0,10}", 20),
        values in prop::collection::vec("[a1/é-]{0,3}", 6),
    ) {
        let end = if tail { "/{token}*" } else { "" };
        let pattern = parts.concat();
        let mut values = values.iter().cycle();
        let likely: String = parts.iter().map(|part| if part.starts_with('{') {
            values.next().map_or("", String::as_str)
        } else {
            part
        }).collect();
        let end_of_path = if tail { "/1/1" } else { "" };
        fits(&pattern, &format!("/{likely}{end_of_path}"), end);
        for path in &paths {
            fits(&pattern, &format!("/{path}"), end);
        }
    }

    #[test]
    fn no_path_and_no_pattern_are_too_strange(path in "\\PC*", like in "[/a%41é{}*:]{0,20}", pattern in "[/a{}*:<>é]{0,12}") {
        let mut names = SecretNames::default();
        names.extend(["a", "é"]);
        for path in [path, like] {
            let _ = redact_path(&path, false, Some(&pattern), &names, true);
        }
    }
}
