use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    record::{Body, Json, Part, Reason, ResponseRecord},
    rfc3339, Record,
};

#[track_caller]
fn parse(text: &str) -> Filter {
    text.parse()
        .unwrap_or_else(|error: FilterError| panic!("{text}: {error} at {:?}", error.range()))
}

fn body(json: Option<&str>, text: Option<&str>) -> Body {
    Body {
        json: json.map(|json| Json::from_text(json.to_owned()).expect("JSON")),
        text: text.map(str::to_owned),
        ..Body::default()
    }
}

fn responding(body: Body) -> Record {
    let mut record = Record::example();
    record.response = Some(ResponseRecord {
        body,
        ..ResponseRecord::new(200)
    });
    record
}

#[test]
fn each_condition_matches_what_it_names_and_nothing_beside_it() {
    let record = Record::example();
    for (matching, other) in [
        ("status:200", "status:201"),
        ("status:2xx", "status:5xx"),
        ("status:199..200", "status:201..299"),
        ("method:post", "method:pos"),
        ("path:/orders", "path:/Orders"),
        ("route:/orders/{id}", "route:/orders"),
        ("outcome:completed", "outcome:panicked"),
        ("id:01a1fd63-3a83-7c2e-9f64-3d1c5b7a9e21", "id:01a1fd63"),
        (
            "trace:0AF7651916CD43DD8448EB211C80319C",
            "trace:0af7651916cd43dd8448eb211c80319d",
        ),
        ("client:127.0.0.1", "client:127.0.0"),
        ("client:127.0.0.1:53124", "client:127.0.0.1:53125"),
        ("@user:42", "@user:4"),
        ("slower:1.233ms", "slower:1234us"),
        ("larger:1048575", "larger:1MiB"),
        ("body:lost", "body:withheld"),
        (
            "from:2026-11-21T09:15:01.123456Z",
            "from:2026-11-21T09:15:01.123457Z",
        ),
        (
            "to:2026-11-21T10:15:01.123457+01:00",
            "to:2026-11-21T09:15:01.123456Z",
        ),
        ("from:2026-11-21", "to:2026-11-21"),
        ("SERVER", "serve"),
        ("\"item server\"", "\"server item\""),
        ("42", "43"),
        ("", "status:5xx server"),
    ] {
        assert!(parse(matching).matches(&record), "{matching}");
        assert!(!parse(other).matches(&record), "{other}");
    }
}

#[test]
fn conditions_on_what_a_record_lacks_are_not_met() {
    let mut record = Record::example();
    record.response = None;
    record.trace = None;
    record.client.addr = None;
    record.request.route = None;
    (record.outcome, record.duration_us) = (None, None);
    record.request.body.bytes = None;
    for text in [
        "status:0..999",
        "trace:0af7651916cd43dd8448eb211c80319c",
        "client:127.0.0.1",
        "route:/orders/{id}",
        "outcome:completed",
        "slower:0us",
        "larger:0",
        "body:lost",
    ] {
        assert!(!parse(text).matches(&record), "{text}");
    }
}

#[test]
fn words_are_found_in_each_searched_field_and_not_across_fields() {
    let mut record = responding(body(
        Some(r#"{"a\nb":"caf\u00e9 \ud83d\ude00 \u0041B"}"#),
        None,
    ));
    record.request.query = Some("page=second".into());
    record.attributes = [("tenant".to_owned(), "Ärger GmbH".to_owned())].into();
    record.request.body = body(None, Some("plain TEXT, user_id"));
    record.request.body.parts = vec![Part {
        name: Some("upload".to_owned()),
        file_name: Some("report.pdf".to_owned()),
        json: Json::from_text(r#"["inner"]"#.to_owned()).ok(),
        ..Part::default()
    }];
    record.error = Some(crate::record::ErrorRecord {
        message: Some("card refused".to_owned()),
        ..crate::record::ErrorRecord::new(crate::record::ErrorKind::Handler, None)
    });
    for found in [
        "orders",
        "7",
        "second",
        "\"tenant ärger\"",
        "handler",
        "\"card refused\"",
        "\"plain text\"",
        "\"user id\"",
        "user-id",
        "\"a b\"",
        "café",
        "ab",
        "upload",
        "\"report pdf\"",
        "inner",
    ] {
        assert!(parse(found).matches(&record), "{found}");
    }
    for other in [
        "\"7 page\"",
        "\"gmbh handler\"",
        "bcaf",
        "u00e9",
        "nb",
        "localhost",
        "json",
    ] {
        assert!(!parse(other).matches(&record), "{other}");
    }
}

#[test]
fn a_phrase_is_found_after_a_false_start() {
    let record = responding(body(None, Some("one one two one one three")));
    assert!(parse("\"one one three\"").matches(&record));
    assert!(!parse("\"one three one\"").matches(&record));
}

#[test]
fn only_the_first_characters_of_a_long_word_count() {
    let long = "é".repeat(MAX_WORD_CHARS);
    let record = responding(body(None, Some(&format!("{long}1"))));
    assert!(parse(&format!("{long}2")).matches(&record));
    assert!(!parse(&long[..long.len() - 2]).matches(&record));
}

#[test]
fn reasons_of_parts_count_as_those_of_their_body() {
    let mut body = Body::default();
    body.parts.push(Part {
        reasons: vec![Reason::Redaction],
        ..Part::default()
    });
    let record = responding(body);
    assert!(parse("body:withheld").matches(&record));
    assert!(!parse("body:lost").matches(&record));
}

#[test]
fn words_of_a_record_are_those_that_phrases_find() {
    let record = responding(body(Some(r#"{"Key":"Some Value"}"#), None));
    let mut fields = vec![Vec::new()];
    record_words(&record, |word| match word {
        Some(word) => fields.last_mut().expect("a field").push(word.to_owned()),
        None => fields.push(Vec::new()),
    });
    assert!(fields.contains(&vec![
        "key".to_owned(),
        "some".to_owned(),
        "value".to_owned()
    ]));
    for field in fields.iter().filter(|field| !field.is_empty()) {
        let phrase = Phrase::new(&field.join(" ")).expect("words");
        assert!(phrase.matches(&record), "{phrase:?}");
    }
}

#[test]
fn errors_name_the_bytes_that_are_wrong() {
    for (text, place, message) in [
        ("status:9", "9", "is not a status"),
        ("a status:5xy b", "5xy", "is not a status"),
        ("status:504..500", "504..500", "is not a status"),
        ("colour:red", "colour", "there is no key `colour`"),
        ("outcome:done", "done", "is not an outcome"),
        ("slower:200", "200", "is not a duration"),
        ("slower:\"2 s\"", "\"2 s\"", "is not a duration"),
        ("larger:1.KiB", "1.KiB", "is not a size"),
        ("larger:99999999999GiB", "99999999999GiB", "is not a size"),
        ("body:gone", "gone", "is no condition of a body"),
        ("from:yesterday", "yesterday", "is not a time"),
        ("to:2026-02-30", "2026-02-30", "is not a time"),
        ("path: x", "path:", "the value is missing"),
        ("@user", "@user", "the attribute's value is missing"),
        ("@user: 42", "@user:", "the value is missing"),
        ("@:42", "@", "the attribute's name is missing"),
        ("x \"a b", "\"a b", "the closing quote is missing"),
        ("\"a\"b", "", "white space is missing"),
        ("path:/a path:/b", "path:/b", "given twice"),
        ("@a:1 @\"a\":2", "@\"a\":2", "given twice"),
        ("a --", "--", "has no letters or digits"),
        ("é @é", "@é", "value is missing"),
    ] {
        let error = text.parse::<Filter>().expect_err(text);
        assert_eq!(&text[error.range()], place, "{text}: {error}");
        assert!(error.to_string().contains(message), "{text}: {error}");
    }
}

#[test]
fn quotes_keep_any_value() {
    let filter = parse(r#"path:"/a b\"\\\n" @"x: y":"" "status:5xx" a"b"#);
    assert_eq!(filter.path.as_deref(), Some(r#"/a b"\\n"#));
    assert_eq!(
        filter.attributes,
        BTreeMap::from([("x: y".to_owned(), String::new())])
    );
    let words: Vec<_> = filter.words.iter().map(Phrase::text).collect();
    assert_eq!(words, ["status:5xx", "a\"b"]);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z/{}@:\"\\\\ \n]{0,8}", any::<String>()]
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let texts = prop::collection::vec(prop::option::of(any_text()), 6);
    let numbers = prop::collection::vec(prop::option::of(any::<u64>()), 4);
    let status = prop::option::of((any::<u16>(), any::<u16>()));
    let attributes = prop::collection::btree_map(any_text(), any_text(), 0..3);
    let words = prop::collection::vec(any_text(), 0..3);
    (texts, numbers, status, attributes, words).prop_map(
        |(texts, numbers, status, attributes, words)| {
            // Until the year 9999.
            let time = |micros: u64| {
                SystemTime::UNIX_EPOCH + Duration::from_micros(micros % 253_402_300_800_000_000)
            };
            let mut filter = Filter {
                method: texts[0].clone(),
                path: texts[1].clone(),
                route: texts[2].clone(),
                id: texts[3].clone(),
                trace: texts[4].clone(),
                client: texts[5].clone(),
                from: numbers[0].map(time),
                to: numbers[1].map(time),
                slower_than: numbers[2].map(Duration::from_micros),
                larger_than: numbers[3],
                status: status.map(|(one, other)| one.min(other)..=one.max(other)),
                attributes,
                ..Filter::default()
            };
            for text in words {
                filter = filter.words(&text);
            }
            filter
        },
    )
}

proptest! {
    #[test]
    fn text_parses_as_the_filter_that_it_was_written_from(filter in any_filter()) {
        let text = filter.to_string();
        prop_assert_eq!(text.parse::<Filter>(), Ok(filter), "{}", text);
    }

    #[test]
    fn any_text_is_a_filter_or_an_error_within_it(text in any_text()) {
        if let Err(error) = text.parse::<Filter>() {
            prop_assert!(text.get(error.range()).is_some(), "{:?}", error);
        }
    }
}

#[test]
fn all_outcomes_have_a_value_to_complete() {
    let key = KEYS
        .iter()
        .find(|key| key.name == "outcome")
        .expect("a key");
    for value in key.values {
        assert_eq!(
            parse(&format!("outcome:{value}"))
                .outcome
                .map(Outcome::as_str),
            Some(*value)
        );
    }
}

#[test]
fn times_before_1970_are_rounded_down() {
    let before = SystemTime::UNIX_EPOCH - Duration::from_nanos(1);
    assert_eq!(rfc3339::unix_micros(before), -1);
    assert_eq!(rfc3339::unix_micros(SystemTime::UNIX_EPOCH), 0);
}
