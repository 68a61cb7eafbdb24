//! What holds for any input.

use body_logger_redact::{Content, Extent, Format, Redactor};
use proptest::prelude::*;
use serde_json::{json, Value};

/// Of no family, no word, and in no generated document.
const SECRET: &str = "Zq9-planted-Xw7";
/// A value of a family, in pieces for scanners of source code.
const TOKEN: &str = concat!("ghp", "_16C7e42F292c6912E7710c838347Ae178B4a");

fn documents() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
        "(password|token|a|é)(=|: |\":\")[a-z&\"\\\\]{0,9}".prop_map(Value::from),
    ];
    let name = prop_oneof![
        "\\PC{0,8}",
        "(password|token|card|auth|name|value|data|variables)"
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((name.clone(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Whether `shown` is of the structure of `input`, but for names that were masked and values that became a mask.
fn is_alike(input: &Value, shown: &Value) -> bool {
    match (input, shown) {
        (Value::Array(input), Value::Array(shown)) => {
            input.len() == shown.len() && input.iter().zip(shown).all(|(i, s)| is_alike(i, s))
        }
        (Value::Object(input), Value::Object(shown)) => input
            .iter()
            .filter_map(|(name, value)| Some((value, shown.get(name)?)))
            .all(|(input, shown)| is_alike(input, shown)),
        (Value::String(_), Value::String(_)) => true,
        (_, Value::String(mask)) => mask == "***",
        _ => input == shown,
    }
}

fn formats() -> Vec<Format<'static>> {
    vec![
        Format::Json,
        Format::Form,
        Format::Query,
        Format::Multipart("multipart/form-data; boundary=X"),
        Format::Header("content-type"),
        Format::Header("location"),
        Format::Header("link"),
        Format::Url,
        Format::Path,
        Format::Cookie,
        Format::Text,
    ]
}

/// Puts `value` at some depth of a document.
fn wrapped(mut value: Value, wraps: &[u8]) -> Value {
    for wrap in wraps {
        value = match wrap % 3 {
            0 => json!([1, value]),
            1 => json!({ "a": value }),
            _ => Value::String(value.to_string()),
        };
    }
    value
}

/// Records with the same members in the same order, written in one of three styles, and what may go wrong in them.
fn records() -> impl Strategy<Value = String> {
    let names = prop::sample::select(vec![
        r#""id""#,
        r#""a""#,
        r#""""#,
        r#""note""#,
        r#""name""#,
        r#""key""#,
        r#""value""#,
        r#""password""#,
        r#""token""#,
        r#""card""#,
        r#""headers""#,
        r#""kind""#,
        r#""data""#,
        r#""query""#,
        r#""variables""#,
        r#""op""#,
        r#""path""#,
        r#""a_name_of_13_b""#,
        r#""a_longer_name_of_more_than_a_part""#,
        r#""p\u0061ss""#,
        r#""password=q7K""#,
        r#""é""#,
        "1",
    ]);
    let values = prop::sample::select(vec![
        "1",
        "-0.5",
        "12345678",
        "4111111111111111",
        "01",
        "1e5",
        "true",
        "false",
        "null",
        "nul",
        "truely",
        "{}",
        "[]",
        "{",
        "]",
        r#""""#,
        r#""word""#,
        r#""two words""#,
        r#""q7K=""#,
        r#""pin=12""#,
        r#""{\"pin\":1}""#,
        r#""[\"a\""#,
        r#""twelve_bytes""#,
        r#""thirteen_byte""#,
        r#""fifteen_of_them""#,
        r#""sixteen_of_bytes""#,
        r#""1234567890123""#,
        r#""ann@a-longer-host.example.org""#,
        r#""https://ann:q7K@host.example/x?token=q7K""#,
        r#""Secret""#,
        r#""/password""#,
        r#""4111 1111 1111 1111""#,
        r#""It was the best of times, it was the worst of times; it was the age of wisdom, the token""#,
        r#""ghp_16C7e42F292c6912E7710c838347Ae178B4a""#,
        r#""{f(password: $a)}""#,
        r#""é\n""#,
        "\"a\nb\"",
        r#"["x","Cookie","a=1"]"#,
        r#"{"password":"q7K","a":{"name":"pin"},"b":"q7K"}"#,
        r#"[{"name":"pin"},{"value":"q7K"}]"#,
        r#"[["pin","q7K"]]"#,
    ]);
    let styles = prop::sample::select(vec![
        (",", ":"),
        (", ", ": "),
        (",\n    ", ": "),
        (" ,\t", " :  "),
    ]);
    let member = (names, values);
    (prop::collection::vec(member, 1..7), styles).prop_map(|(members, (comma, colon))| {
        let members: Vec<_> = members
            .iter()
            .map(|(name, value)| format!("{name}{colon}{value}"))
            .collect();
        let record = format!("{{{}}}", members.join(comma));
        format!("[{}]", [&record[..]; 3].join(comma))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(128) })]

    #[test]
    fn whole_json_stays_json_of_the_same_structure(document in documents()) {
        let input = document.to_string();
        let redacted = Redactor::default().json(input.as_bytes(), Extent::Whole);
        let Content::Json(text) = &redacted.content else {
            return Err(TestCaseError::fail(format!("not JSON: {redacted:?}")));
        };
        let shown: Value = serde_json::from_str(text).expect("it is JSON");
        prop_assert!(is_alike(&document, &shown), "{document} is shown as {shown}");
    }

    /// A path turns off what is faster where names follow each other as they did before.
    #[test]
    fn members_in_order_are_read_like_others(input in records()) {
        let in_order = Redactor::default();
        let path = "$.no.such.member".parse().expect("a path");
        let one_by_one = Redactor::builder().redact_paths([path]).build();
        for end in (0..=input.len()).rev() {
            if !input.is_char_boundary(end) {
                continue;
            }
            for extent in [Extent::Whole, Extent::Truncated] {
                let input = &input.as_bytes()[..end];
                let expected = one_by_one.explain(input, Format::Json, extent);
                // As names are known from the last time, the second time may differ from the first.
                for _ in 0..2 {
                    let found = in_order.explain(input, Format::Json, extent);
                    prop_assert_eq!(&found.redacted, &expected.redacted);
                    prop_assert_eq!(&found.hidden, &expected.hidden);
                }
            }
        }
    }

    #[test]
    fn json_is_redacted_once(document in documents()) {
        let redactor = Redactor::default();
        let once = redactor.json(document.to_string().as_bytes(), Extent::Whole).into_string();
        let twice = redactor.json(once.as_bytes(), Extent::Whole).into_string();
        prop_assert_eq!(once, twice);
    }

    #[test]
    fn a_secret_in_json_is_hidden_at_any_depth_and_cut(
        wraps in prop::collection::vec(any::<u8>(), 0..4),
        name in prop_oneof!["(my|x|db)[_-](password|secret|apiKey)"],
        beside in "\\PC{0,5}",
    ) {
        let redactor = Redactor::default();
        let inner = json!({ "b": beside, name: SECRET, "note": TOKEN });
        let input = wrapped(inner, &wraps).to_string();
        let shown = redactor.json(input.as_bytes(), Extent::Whole).into_string();
        prop_assert!(!shown.contains(SECRET) && !shown.contains(TOKEN), "{shown}");
        for end in 0..input.len() {
            let shown = redactor.json(&input.as_bytes()[..end], Extent::Truncated).into_string();
            prop_assert!(!shown.contains("planted") && !shown.contains("16C7e42"), "{shown}");
        }
    }

    #[test]
    fn a_secret_in_a_container_is_hidden_at_any_cut(before in "[a-z]{1,8}", extra in "[a-z0-9.]{0,8}") {
        let redactor = Redactor::default();
        let form = format!("{before}x={extra}&my_password={SECRET}&q={TOKEN}");
        let multipart = format!(
            "--X\r\nContent-Disposition: form-data; name=\"{before}_password\"\r\n\r\n{SECRET}\r\n--X\r\n\
             Content-Disposition: form-data; name=\"q\"\r\n\r\n{TOKEN}\r\n--X--\r\n"
        );
        for (format, input) in [
            (Format::Form, form.clone()),
            (Format::Query, form.clone()),
            (Format::Multipart("multipart/form-data; boundary=X"), multipart),
            (Format::Url, format!("https://h.example/{extra}?{form}")),
            (Format::Cookie, format!("{before}={SECRET}; q={TOKEN}")),
            (Format::Text, format!("{before}\nmy_password={SECRET}\nsee {TOKEN}")),
        ] {
            for end in 0..=input.len() {
                let extent = if end == input.len() { Extent::Whole } else { Extent::Truncated };
                let explanation = redactor.explain(&input.as_bytes()[..end], format, extent);
                let shown = explanation.redacted.as_str();
                prop_assert!(!shown.contains("planted") && !shown.contains("16C7e42"), "{format:?}: {shown}");
            }
        }
    }

    #[test]
    fn anything_is_read_in_any_format(input in prop::collection::vec(any::<u8>(), 0..60), text in "(\\PC|[&=%;\"'<>{}:,/?#-]){0,40}") {
        let redactor = Redactor::builder().redact_high_entropy().redact_personal_data().build();
        for format in formats() {
            for extent in [Extent::Whole, Extent::Truncated] {
                for input in [&input[..], text.as_bytes()] {
                    let explanation = redactor.explain(input, format, extent);
                    prop_assert!(explanation.redacted.consumed <= input.len());
                }
            }
        }
    }
}
