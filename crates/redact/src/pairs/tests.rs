use super::*;
use crate::Redactor;

#[track_caller]
fn check_by(redactor: &Redactor, query: &str, extent: Extent, expected: &str) {
    assert_eq!(redactor.query(query, extent).text, expected, "{query}");
}

#[track_caller]
fn check(query: &str, expected: &str) {
    check_by(&Redactor::default(), query, Extent::Whole, expected);
}

#[track_caller]
fn check_truncated(query: &str, expected: &str) {
    check_by(&Redactor::default(), query, Extent::Truncated, expected);
}

#[test]
fn masks_the_values_of_secret_names_and_keeps_the_rest() {
    for (query, expected) in [
        ("", ""),
        ("page=2&token=abc", "page=2&token=***"),
        ("TOKEN=abc&x", "TOKEN=***&x"),
        ("a=%20+b&&c", "a=%20+b&&c"),
        ("pass%77ord=1&Pass-Word=2", "pass%77ord=***&Pass-Word=***"),
        (
            "user[password]=1&user.password=2",
            "user[password]=***&user.password=***",
        ),
        ("user%5Bpassword%5D=1", "user%5Bpassword%5D=***"),
        ("pass%2577ord=1", "pass%2577ord=***"),
        (
            "admin_password=a&githubToken=b1c",
            "admin_password=***&githubToken=***",
        ),
        ("token=a=b", "token=***"),
        ("tokens_per_page=5", "tokens_per_page=5"),
        ("a=%zz&%=1", "a=%zz&%=1"),
        ("/cb?token=abc", "/cb?token=***"),
    ] {
        check(query, expected);
    }
}

#[test]
fn masks_the_values_of_the_shortest_names() {
    check("a=q7K&pw=q7K&=q7K&p=q7K", "a=q7K&pw=***&=q7K&p=q7K");
    let own = Redactor::builder().redact_fields(["x"]).build();
    check_by(&own, "x=q7K&y=q7K", Extent::Whole, "x=***&y=q7K");
}

#[test]
fn an_empty_value_is_no_secret() {
    check("token=&password=&a=1", "token=&password=&a=1");
}

#[test]
fn masks_the_last_pair_of_a_truncated_query() {
    check_truncated("a=1&b=2", "a=1&b=***");
    check_truncated("a=1&passw", "a=1&***");
    check_truncated("", "***");
    check_truncated("a=1&", "a=1&***");
    check_truncated("a=1&user%5Bpa%7", "a=1&***");
    // The state may have been cut off.
    check_truncated("code=q7Kd&b", "code=***&***");
    check_truncated("code=DE&b", "code=DE&***");
}

#[test]
fn a_code_is_a_credential_beside_the_parameters_of_oauth() {
    check("code=q7Kd92&state=abc", "code=***&state=abc");
    check(
        "grant_type=authorization_code&code=q7Kd92",
        "grant_type=authorization_code&code=***",
    );
    check("state=1&c%6fde=q7Kd92", "state=1&c%6fde=***");
    check("code=DE&lang=de", "code=DE&lang=de");
    check("sv=2022-11-02&sig=q7Kd92%3D", "sv=2022-11-02&sig=***");
}

#[test]
fn withholds_what_is_behind_a_byte_that_is_not_of_pairs() {
    check(r#"a=1&b={"password":"x&y"}"#, "a=1&b=***");
    check("a=1&b=2\n", "a=1&b=***");
    let form = Redactor::default().form("a=1&b=2\x01&c=3", Extent::Whole);
    assert_eq!(
        (form.as_str(), form.consumed, form.end),
        ("a=1&b=***", 7, End::Malformed)
    );
}

#[test]
fn a_form_says_how_it_ended() {
    let redactor = Redactor::default();
    let whole = redactor.form("a=1&pin=2", Extent::Whole);
    assert_eq!(
        (whole.as_str(), whole.consumed, whole.end),
        ("a=1&pin=***", 9, End::Complete)
    );
    assert_eq!(whole.counts.names, 1);
    let truncated = redactor.form("a=1&quant", Extent::Truncated);
    assert_eq!((truncated.consumed, truncated.end), (9, End::Truncated));
}

#[test]
fn masks_secrets_in_values_in_every_layer_of_encoding() {
    for (query, expected) in [
        ("n=4111+1111+1111+1111&b=1", "n=***&b=1"),
        ("n=%34111-1111-1111-1111", "n=***"),
        ("n=4111+1111+1111+1112", "n=4111+1111+1111+1112"),
        (
            "next=%2Fx%3Ftoken%3Dabc1&b=1",
            "next=%2Fx%3Ftoken%3D***&b=1",
        ),
        (
            "next=%252Fx%253Ftoken%253Dabc1",
            "next=%252Fx%253Ftoken%253D***",
        ),
        ("next=/x?page=abc", "next=/x?page=abc"),
    ] {
        check(query, expected);
    }
    for query in [
        "p=%7B%22pin%22%3A1234%7D",
        r"p=%7B%22a%22:%22%7B\u0022p\u0069n\u0022:1234%7D%22%7D",
        "next=https%3A%2F%2Fann:1234@host%2F",
        "note=see+Bearer%201234abcdefgh",
    ] {
        let shown = Redactor::default().query(query, Extent::Whole).text;
        assert!(!shown.contains("1234"), "{query} became {shown}");
    }
}

#[test]
fn hides_a_value_that_is_encoded_again_and_again() {
    check("a=%252525252541", "a=***");
    check("a=%252541", "a=%252541");
}

#[test]
fn a_secret_before_the_equals_sign_hides_what_is_behind_it() {
    check("ghp_16C7e42F292c6912E7710c838347Ae178B4a=x", "***=***");
}

#[test]
fn masks_a_whole_value_as_the_application_says() {
    let redactor = Redactor::builder()
        .mask_with(|value| format!("<{}>", value.len()))
        .build();
    let shown = redactor.query("pin=%34711&a=1", Extent::Whole);
    assert_eq!(shown.text, "pin=<4>&a=1");
}

#[test]
fn explains_by_the_name() {
    let mut report = Report::explaining();
    redact_query("a=1&pin=2", Extent::Whole, &Rules::default(), &mut report);
    let hidden = report.hidden.unwrap_or_default();
    let places: Vec<_> = hidden.iter().map(|hidden| &hidden.place[..]).collect();
    assert_eq!(places, ["pin"]);
}
