use actix_router::{Path, ResourceDef};
use proptest::prelude::*;

use super::*;

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["ssn", "token", "pin", "card-number"].contains(&&name[..])
}

/// The path with its secret values masked.
fn masked(path: &str, truncated: bool, pattern: &str, must_match: bool) -> String {
    match route_values(path, truncated, pattern, must_match, is_secret) {
        RouteValues::Anywhere => "/***".to_owned(),
        RouteValues::At(values) => {
            let mut masked = path.to_owned();
            for value in values.into_iter().rev() {
                masked.replace_range(value, "***");
            }
            masked
        }
    }
}

#[track_caller]
fn check(pattern: &str, path: &str, expected: &str) {
    let masked = masked(path, false, pattern, false);
    assert_eq!(masked, expected, "{path} of {pattern}");
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
fn a_path_that_has_to_be_of_its_pattern_is_masked_whole_if_it_is_not() {
    assert_eq!(masked("/b/1", false, "/a/{id}", true), "/***");
    assert_eq!(masked("/a/1", false, "/a/{id}", true), "/a/1");
    assert_eq!(masked("/b/1", false, "/a/{id}", false), "/b/1");
}

#[test]
fn a_truncated_path_with_a_secret_value_is_masked_whole() {
    let masked = |pattern, must_match| masked("/12/k/3", true, pattern, must_match);
    assert_eq!(masked("/{ssn:.*}/k/{id}", false), "/***");
    assert_eq!(masked("/{id:.*}/k/{n}", true), "/***");
    assert_eq!(masked("/{id:.*}/k/{n}", false), "/12/k/3");
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
    let redacted = masked(path, false, &pattern, false);
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
            expected.replace_range(value.start..value.start + value.end, "***");
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
        let is_secret = |name: &str| ["a", "é"].contains(&name);
        for path in [path, like] {
            let _ = route_values(&path, false, &pattern, true, is_secret);
        }
    }
}
