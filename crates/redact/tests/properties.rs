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
