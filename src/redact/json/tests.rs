use super::*;
use crate::redact::{masking::Masking, names::SecretNames};
use serde_json::Value;

mod corpus;
mod planted;

fn rules(names: &[&str], paths: &[&str], shapes: bool) -> Rules {
    let mut secret = SecretNames::none();
    secret.extend(names);
    let paths = paths
        .iter()
        .map(|path| path.parse().expect("a path"))
        .collect();
    Rules {
        names: secret,
        paths,
        shapes,
        masking: Masking::default(),
    }
}

#[track_caller]
fn assert_text(input: &str, expected: &str) {
    let redacted = redact(input.as_bytes(), false, Layout::Verbatim, &Rules::default());
    assert_eq!(
        (redacted.text.as_str(), redacted.end),
        (expected, End::Complete),
        "{input}"
    );
    assert_eq!(redacted.consumed, input.len());
}

#[track_caller]
fn assert_paths(paths: &[&str], input: &str, expected: &str) {
    let redacted = redact(
        input.as_bytes(),
        false,
        Layout::Verbatim,
        &rules(&[], paths, false),
    );
    assert_eq!(
        (redacted.text.as_str(), redacted.end),
        (expected, End::Complete),
        "{input}"
    );
}

#[track_caller]
fn assert_ends(input: impl AsRef<[u8]>, expected: &str, end: End, consumed: usize) {
    let input = input.as_ref();
    let redacted = redact(input, false, Layout::Verbatim, &Rules::default());
    let got = (redacted.text.as_str(), redacted.end, redacted.consumed);
    assert_eq!(
        got,
        (expected, end, consumed),
        "{}",
        String::from_utf8_lossy(input)
    );
}

#[track_caller]
fn assert_cut(input: &str, expected: &str) {
    for truncated in [false, true] {
        let redacted = redact(
            input.as_bytes(),
            truncated,
            Layout::Verbatim,
            &Rules::default(),
        );
        assert_eq!(
            (redacted.text.as_str(), redacted.end),
            (expected, End::Cut),
            "{input}"
        );
    }
}

#[test]
fn the_whole_value_of_a_secret_name_is_masked_whatever_it_is() {
    for value in [
        "\"x\"",
        "\"\"",
        "12",
        "-1.5e3",
        "true",
        "null",
        "[]",
        "{}",
        "[1,[2,{\"a\":3}]]",
        "{\"a\":{\"password\":[1]}}",
    ] {
        assert_text(
            &format!("{{\"password\":{value}}}"),
            "{\"password\":\"***\"}",
        );
        assert_text(
            &format!("[{{ \"a\" : 1 , \"Pass-Word\" : {value} , \"b\":2}}]"),
            "[{ \"a\" : 1 , \"Pass-Word\" : \"***\" , \"b\":2}]",
        );
    }
}

#[test]
fn names_match_after_their_escapes_are_decoded() {
    assert_text(
        r#"{"pass\u0077ord":1,"\u0050IN":2}"#,
        r#"{"pass\u0077ord":"***","\u0050IN":"***"}"#,
    );
    let emoji = rules(&["😀key"], &[], false);
    let redacted = redact(br#"{"\ud83d\uDE00Key":1}"#, false, Layout::Verbatim, &emoji);
    assert_eq!(redacted.text, r#"{"\ud83d\uDE00Key":"***"}"#);
    let slash = rules(&["a/b"], &[], false);
    assert_eq!(
        redact(br#"{"a\/b":1}"#, false, Layout::Verbatim, &slash).text,
        r#"{"a\/b":"***"}"#
    );
}

#[test]
fn a_string_that_says_json_with_a_secret_in_it_is_masked() {
    let quoted = |text: &str| serde_json::to_string(text).expect("JSON");
    let secret = r#"{"user":"a","password":"b"}"#;
    let harmless = r#"{"user":"a", "n":[1]}"#;
    for (said, shown) in [
        (secret.to_owned(), false),
        (harmless.to_owned(), true),
        (format!(" [{secret}]"), false),
        (quoted(secret), false),
        (quoted(harmless), true),
        (format!(r#"{{"inner":{}}}"#, quoted(secret)), false),
        (format!("{secret} and more"), false),
        (format!("{harmless} and more"), true),
        (r#"{'password': 'b'}"#.to_owned() + "\n", false),
        (r#"["see \"this\""]"#.to_owned(), true),
        (r#"["a", "b c"]"#.to_owned(), true),
        (r#"["a", "Bearer b"]"#.to_owned(), false),
        // May be the beginning of a card number, as that of a number: there is nothing behind it.
        (r#"["a"]-"#.to_owned(), false),
        ("{\"card\": \"4111 1111 1111 1111\"}".to_owned(), false),
    ] {
        let input = format!(r#"{{"event":{},"z":1}}"#, quoted(&said));
        let expected = if shown {
            input.clone()
        } else {
            r#"{"event":"***","z":1}"#.to_owned()
        };
        let redacted = redact(input.as_bytes(), false, Layout::Verbatim, &Rules::default());
        assert_eq!(redacted.text, expected);
        for cut in 0..input.len() {
            let redacted = redact(
                &input.as_bytes()[..cut],
                true,
                Layout::Verbatim,
                &Rules::default(),
            );
            let leaks = redacted.text.contains("b\\") || redacted.text.contains("1111");
            assert!(shown || !leaks, "{}", redacted.text);
        }
    }
}

#[test]
fn secrets_are_found_at_any_depth_and_in_every_document() {
    let deep = |inner: &str| {
        format!(
            "{}{{\"pin\":{inner}}}{}",
            "[{\"a\":".repeat(500),
            "}]".repeat(500)
        )
    };
    assert_text(&deep("7"), &deep("\"***\""));
    assert_text(
        "{\"pin\":1}\n{\"pin\":2}\n",
        "{\"pin\":\"***\"}\n{\"pin\":\"***\"}\n",
    );
    assert_text(
        "{\"pin\":1}{\"pin\":[2]}[{\"pin\":3}]",
        "{\"pin\":\"***\"}{\"pin\":\"***\"}[{\"pin\":\"***\"}]",
    );
    assert_text(
        "[{\"pin\":1},[{\"pin\":2}],{\"pin\":3,\"pin\":4}]",
        "[{\"pin\":\"***\"},[{\"pin\":\"***\"}],{\"pin\":\"***\",\"pin\":\"***\"}]",
    );
}

#[test]
fn what_follows_a_masked_container_is_shown_again() {
    assert_text(
        "{\"token\":{\"a\":[1,{\"token\":2}]},\"b\":[3]}",
        "{\"token\":\"***\",\"b\":[3]}",
    );
    assert_text(
        "[{\"token\":[[]]},{\"b\":\"token\"}]",
        "[{\"token\":\"***\"},{\"b\":\"token\"}]",
    );
}

#[test]
fn everything_else_is_kept_byte_for_byte() {
    let input = " { \"b\" : 1.50e+007 ,\r\n\t\"a\":[ -0 , 123456789012345678901234567890 ],\"a\":\"\\u00e9\\/é\" } \n";
    assert_text(input, input);
}

#[test]
fn compact_drops_white_space_outside_strings_only() {
    let compact =
        |input: &str| redact(input.as_bytes(), false, Layout::Compact, &Rules::default()).text;
    assert_eq!(
        compact(" { \"a b\" : [ 1 , \" x \" ] , \"pin\" : { \"a\" : 1 } , \"c\" : { } } "),
        "{\"a b\":[1,\" x \"],\"pin\":\"***\",\"c\":{}}"
    );
    assert_eq!(compact("\t[\r\n]\n"), "[]");
    assert_eq!(compact(" 1  2 \n[ ] {}\n"), "1\n2\n[]\n{}");
    assert_eq!(compact("[][]"), "[][]");
    assert_eq!(compact("{\"pin\" : 1 , "), "{\"pin\":\"***\",");
}

#[test]
fn documents_and_depth_are_counted() {
    let count = |input: &str| {
        let redacted = redact(input.as_bytes(), false, Layout::Verbatim, &Rules::default());
        (redacted.documents, redacted.depth)
    };
    assert_eq!(count(""), (0, 0));
    assert_eq!(count(" \n"), (0, 0));
    assert_eq!(count("1"), (1, 0));
    assert_eq!(count("[] {\"a\":[1]}\n\"x\""), (3, 2));
    assert_eq!(count("{\"pin\":[[[]]]}"), (1, 4));
    assert_eq!(count("[1] [2"), (1, 1));
}

#[test]
fn paths_mask_where_they_lead_and_nowhere_else() {
    assert_paths(
        &["user.password"],
        r#"{"user":{"password":1,"x":{"password":2}},"password":3}"#,
        r#"{"user":{"password":"***","x":{"password":2}},"password":3}"#,
    );
    assert_paths(
        &["user.pass_word"],
        r#"{"User":{"Pass-Word":[1]}}[{"user":{"password":1}}]"#,
        r#"{"User":{"Pass-Word":"***"}}[{"user":{"password":1}}]"#,
    );
    assert_paths(
        &["items[*].token"],
        r#"{"items":[{"token":1},{"a":{"token":2}},[{"token":3}]]}"#,
        r#"{"items":[{"token":"***"},{"a":{"token":2}},[{"token":3}]]}"#,
    );
    assert_paths(
        &["items[1]"],
        r#"{"items":[[1,2],{"a":1},3],"b":[1,2]}"#,
        r#"{"items":[[1,2],"***",3],"b":[1,2]}"#,
    );
    assert_paths(
        &["*"],
        r#"{"a":1,"b":[2]}[3,{"c":4}]5"#,
        r#"{"a":"***","b":"***"}["***","***"]5"#,
    );
    assert_paths(
        &["a.*.b"],
        r#"{"a":{"x":{"b":1},"b":2},"b":3}"#,
        r#"{"a":{"x":{"b":"***"},"b":2},"b":3}"#,
    );
    assert_paths(
        &["a['x.y']"],
        r#"{"a":{"x.y":1,"x":{"y":2}}}"#,
        r#"{"a":{"x.y":"***","x":{"y":2}}}"#,
    );
    assert_paths(
        &["a", "b.c"],
        r#"{"a":1,"b":{"a":2,"c":3}}"#,
        r#"{"a":"***","b":{"a":2,"c":"***"}}"#,
    );
}

#[test]
fn paths_that_begin_anywhere_are_found_anywhere() {
    assert_paths(
        &["$..secret"],
        r#"[{"secret":1,"a":[{"b":{"secret":[2]}}]}]"#,
        r#"[{"secret":"***","a":[{"b":{"secret":"***"}}]}]"#,
    );
    assert_paths(
        &["u..s"],
        r#"{"s":1,"u":{"s":2,"x":[{"s":3}]},"v":{"s":4}}"#,
        r#"{"s":1,"u":{"s":"***","x":[{"s":"***"}]},"v":{"s":4}}"#,
    );
    assert_paths(
        &["$..a.b"],
        r#"{"a":{"a":{"b":1,"c":{"b":2}},"b":3}}"#,
        r#"{"a":{"a":{"b":"***","c":{"b":2}},"b":"***"}}"#,
    );
    assert_paths(
        &["$..[1]"],
        "[[1,2],3,[4,[5,6]]]",
        "[[1,\"***\"],\"***\",[4,\"***\"]]",
    );
    assert_paths(
        &["$..[1].x"],
        r#"[0,[{"x":1},{"x":2}],{"x":3}]"#,
        r#"[0,[{"x":1},{"x":"***"}],{"x":3}]"#,
    );
    assert_paths(
        &["$..a..b", "$..b.a"],
        r#"{"b":1,"a":{"c":{"b":{"a":2}}}}"#,
        r#"{"b":1,"a":{"c":{"b":"***"}}}"#,
    );
}

#[test]
fn indices_count_on_behind_nested_and_masked_elements() {
    assert_paths(
        &["$..[1]"],
        r#"{"a":[1,2,[3]],"b":{"c":[[4,5],{"d":[6,7]}]}}"#,
        r#"{"a":[1,"***",[3]],"b":{"c":[[4,"***"],"***"]}}"#,
    );
    assert_paths(
        &["$..[1]"],
        r#"[{"a":[{"c":[1,2]},3]},4]"#,
        r#"[{"a":[{"c":[1,"***"]},"***"]},"***"]"#,
    );
    assert_paths(
        &["[2]", "[0].a"],
        r#"[{"a":[1,2,3]},[[],[9,9,9]],7,8]"#,
        r#"[{"a":"***"},[[],[9,9,9]],"***",8]"#,
    );
    assert_paths(
        &["[*][1]"],
        "[[1,2],[3,4,5],[6]]",
        "[[1,\"***\"],[3,\"***\",5],[6]]",
    );
}

#[test]
fn shapes_are_masked_in_strings_keys_and_numbers() {
    assert_text(
        r#"{"a":"card 4111 1111 1111 1111!"}"#,
        r#"{"a":"card ***!"}"#,
    );
    assert_text(
        r#"{"4111111111111111":[4111111111111111,4111111111111112]}"#,
        r#"{"***":["***",4111111111111112]}"#,
    );
    assert_text(
        r#"["\u0034111-1111\u002d1111-1111 \u00e9"]"#,
        r#"["*** \u00e9"]"#,
    );
    assert_text(
        r#"["\n\tBearer\tabc\n","\"Basic dXNlcjpwYXNz\""]"#,
        r#"["\n\tBearer\t***\n","***"]"#,
    );
    assert_text(
        r#"{"k":"x\n-----BEGIN PRIVATE KEY-----\nMII\/E\n-----END PRIVATE KEY-----\n"}"#,
        r#"{"k":"x\n***\n"}"#,
    );
    assert_text(
        r#"["\u0065yJhb.eyJz.c, AKIAIOSFODNN7EXAMPLE","plain"]"#,
        r#"["***, ***","plain"]"#,
    );
    let off = rules(&[], &[], false);
    let input = br#"["4111111111111111",4111111111111111,"Bearer abc"]"#;
    assert_eq!(
        redact(input, false, Layout::Verbatim, &off).text.as_bytes(),
        input
    );
}

#[test]
fn what_was_cut_inside_a_masked_value_is_masked() {
    for value in [
        "\"se",
        "\"",
        "12",
        "tr",
        "[1,{\"a\":2",
        "{",
        "{\"a",
        "{\"a\":",
        "[\"x\",",
        "-",
    ] {
        let input = format!("{{\"a\":1,\"password\": {value}");
        assert_cut(&input, "{\"a\":1,\"password\": \"***\"");
        assert_eq!(
            redact(input.as_bytes(), true, Layout::Verbatim, &Rules::default()).consumed,
            input.len()
        );
    }
}

#[test]
fn a_cut_name_is_shown_unless_it_may_become_a_secret_one() {
    assert_cut("{\"a\":1,\"pass", "{\"a\":1,");
    assert_cut("{\"a\":1,\"password\"", "{\"a\":1,");
    assert_cut("{\"a\":1,\"password\" ", "{\"a\":1,");
    assert_cut("{\"a\":1,\"p\\u0061ss\\u00", "{\"a\":1,");
    assert_cut("{\"a\":1,\"", "{\"a\":1,");
    assert_cut("{\"a\":1,\"weather", "{\"a\":1,\"weather");
    assert_cut("{\"a\":1,\"weather\\u00", "{\"a\":1,\"weather");
    assert_cut("{\"a\":1,\"weather\" ", "{\"a\":1,\"weather");
    assert_cut("{\"a\":1,\"x 4111 11", "{\"a\":1,\"x ***");
    assert_cut("{\"a\":1,\"password\":", "{\"a\":1,\"password\":");
    let redacted = redact(
        b"{\"weather",
        true,
        Layout::Verbatim,
        &rules(&[], &["a.weather_x"], false),
    );
    assert_eq!(redacted.text, "{");
}

#[test]
fn a_cut_string_is_shown_as_far_as_it_is_safe() {
    assert_cut("[\"hello wor", "[\"hello wor");
    assert_cut("[\"hello\\", "[\"hello");
    assert_cut("[\"hello\\n\\u00e", "[\"hello\\n");
    assert_cut("[\"hello\\ud83d\\ude0", "[\"hello");
    assert_cut("[\"pay 4111 1111", "[\"pay ***");
    assert_cut("[\"pay \\u0034111 1111 \\u003", "[\"pay ***");
    assert_cut("[\"eyJhbGciOi", "[\"***");
    assert_cut("[\"Bearer a", "[\"Bearer ***");
    let split = redact(
        "[\"gr\u{fc}\u{df}"
            .as_bytes()
            .split_last()
            .expect("bytes")
            .1,
        true,
        Layout::Verbatim,
        &Rules::default(),
    );
    assert_eq!(
        (split.text.as_str(), split.end, split.consumed),
        ("[\"gr\u{fc}", End::Cut, 6)
    );
}

#[test]
fn a_cut_number_is_hidden_while_it_may_be_of_a_card() {
    assert_cut("[1, 4111", "[1, ");
    assert_cut("[1, -", "[1, ");
    assert_cut("[1, 41111111111111114111", "[1, 41111111111111114111");
    assert_cut("[1, 4.1e", "[1, ");
    let off = rules(&[], &[], false);
    assert_eq!(
        redact(b"[1, 4111", true, Layout::Verbatim, &off).text,
        "[1, 4111"
    );
    assert_eq!(
        redact(b"[1, 4.", true, Layout::Verbatim, &off).text,
        "[1, 4."
    );
}

#[test]
fn a_number_that_stands_alone_is_whole_unless_the_input_was_truncated() {
    assert_ends("12", "12", End::Complete, 2);
    let redacted = redact(b"12", true, Layout::Verbatim, &Rules::default());
    assert_eq!(
        (redacted.text.as_str(), redacted.end, redacted.documents),
        ("", End::Cut, 0)
    );
    assert_ends("4111111111111111", "\"***\"", End::Complete, 16);
}

#[test]
fn truncated_input_that_ends_between_documents_counts_as_cut() {
    let redacted = redact(b"{\"a\":1}\n", true, Layout::Verbatim, &Rules::default());
    assert_eq!(
        (redacted.text.as_str(), redacted.end, redacted.documents),
        ("{\"a\":1}\n", End::Cut, 1)
    );
}

#[test]
fn from_the_first_byte_that_is_not_understood_on_all_is_withheld() {
    assert_ends("{\"a\":1,}", "{\"a\":1,", End::Malformed, 7);
    assert_ends("{'a':1}", "{", End::Malformed, 1);
    assert_ends("{\"a\":1 // x\n}", "{\"a\":1 ", End::Malformed, 7);
    assert_ends("[1,\"bad \\x escape\",2]", "[1,", End::Malformed, 3);
    assert_ends("[1,\"tab\there\"]", "[1,", End::Malformed, 3);
    assert_ends(b"[1,\"\xff\"]", "[1,", End::Malformed, 3);
    assert_ends(b"[\"open \xff", "[", End::Malformed, 1);
    assert_ends("\u{feff}{}", "", End::Malformed, 0);
    assert_ends("[NaN]", "[", End::Malformed, 1);
    assert_ends("[012]", "[", End::Malformed, 1);
    assert_ends("[\"\\ud800\"]", "[", End::Malformed, 1);
    assert_ends("{} ]", "{} ", End::Malformed, 3);
    assert_ends("{\"a\":[1}", "{\"a\":[1", End::Malformed, 7);
    assert_ends(b"[1]\xc3", "[1]", End::Malformed, 3);
    assert_ends(b"[1, \xc3", "[1, ", End::Malformed, 4);
    assert_ends(b"[1\xc3", "[", End::Malformed, 1);
    assert_ends("truefalse", "", End::Malformed, 0);
}

#[test]
fn after_a_malformed_name_or_colon_neither_name_nor_value_is_shown() {
    for member in [
        "password\":\"S\"",
        "\"password:\"S\"",
        "\"password\"=\"S\"",
        "\"password\" \"S\"",
        "\"S\",",
        "\"pass\\word\":\"S\"",
    ] {
        let input = format!("{{\"a\":1,{member}}}");
        assert_ends(&input, "{\"a\":1,", End::Malformed, 7);
    }
    // A masked array that ends too early because of one wrong byte must not show its second half as names.
    assert_ends(
        "{\"password\":[],\"S\"]}",
        "{\"password\":\"***\",",
        End::Malformed,
        15,
    );
}

#[test]
fn malformed_bytes_in_a_masked_value_leave_it_masked() {
    assert_ends("{\"pin\":12x}", "{\"pin\":\"***\"", End::Malformed, 7);
    assert_ends("{\"pin\":'1'}", "{\"pin\":\"***\"", End::Malformed, 7);
    assert_ends(
        "{\"pin\":[1,\"a\",}",
        "{\"pin\":\"***\"",
        End::Malformed,
        14,
    );
}

#[test]
fn depth_is_not_limited_and_costs_a_bit_a_level() {
    let deep = "[".repeat(1 << 20);
    let redacted = redact(deep.as_bytes(), false, Layout::Verbatim, &Rules::default());
    assert_eq!(
        (redacted.text.len(), redacted.depth, redacted.end),
        (1 << 20, 1 << 20, End::Cut)
    );
    let closed = deep + &"]".repeat(1 << 20);
    assert_text(&closed, &closed);
    let paths = rules(&[], &["$..x", "$..[3].y", "a.b"], false);
    assert_eq!(
        redact(closed.as_bytes(), false, Layout::Verbatim, &paths).text,
        closed
    );
    let objects = "{\"a\":[".repeat(100_000);
    assert_eq!(
        redact(objects.as_bytes(), false, Layout::Verbatim, &paths).text,
        objects
    );
}

#[cfg(feature = "hash")]
#[test]
fn equal_values_stay_joinable_under_a_keyed_hash() {
    let keyed = Rules {
        masking: Masking::Keyed(crate::hash::HashKey::new("k", b"key")),
        ..Rules::default()
    };
    let shown = |document: &str| redact(document.as_bytes(), false, Layout::Verbatim, &keyed).text;
    let pin = |document: &str| {
        let text = shown(document);
        let start = text.find("k:").expect("a hash");
        text[start..start + 18].to_owned()
    };
    assert_eq!(
        shown(r#"{"pin":"1234"}"#),
        format!(r#"{{"pin":"{}"}}"#, pin(r#"{"pin":1234}"#))
    );
    assert_eq!(pin(r#"{"pin":"12\u00334"}"#), pin(r#"{"PIN": "1234" }"#));
    assert_ne!(pin(r#"{"pin":"1234"}"#), pin(r#"{"pin":"1235"}"#));
    assert_eq!(shown(r#"{"pin":"12"#), r#"{"pin":"***""#);
}
