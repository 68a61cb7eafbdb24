//! Small documents of every kind, and what becomes of them.

use super::*;

/// What serde_json says of a sequence of documents.
fn verdict_of_serde_json(input: &[u8]) -> End {
    for document in serde_json::Deserializer::from_slice(input).into_iter::<Value>() {
        match document {
            Ok(_) => {}
            Err(error) if error.is_eof() => return End::Cut,
            Err(_) => return End::Malformed,
        }
    }
    End::Complete
}

/// Where serde_json has a limit that the grammar has not, or tells the end of the input later.
fn is_comparable(input: &[u8]) -> bool {
    let depth = redact(input, false, Layout::Verbatim, &rules(&[], &[], false)).depth;
    let is_out_of_range = serde_json::from_slice::<Value>(input)
        .is_err_and(|error| error.to_string().contains("out of range"));
    depth < 127 && !is_out_of_range
}

#[track_caller]
pub(super) fn assert_agrees_with_serde_json(input: &[u8]) {
    let own = redact(input, false, Layout::Verbatim, &rules(&[], &[], false)).end;
    let theirs = verdict_of_serde_json(input);
    if is_comparable(input) {
        assert_eq!(
            own == End::Complete,
            theirs == End::Complete,
            "{}",
            String::from_utf8_lossy(input)
        );
    }
}

#[track_caller]
fn assert_verdict(input: &[u8], expected: End) {
    let shown = String::from_utf8_lossy(input);
    let redacted = redact(input, false, Layout::Verbatim, &rules(&[], &[], false));
    assert_eq!(redacted.end, expected, "{shown}");
    assert!(input.starts_with(redacted.text.as_bytes()), "{shown}");
    assert_eq!(redacted.consumed, redacted.text.len(), "{shown}");
    if expected == End::Complete {
        assert_eq!(redacted.text.as_bytes(), input);
    }
    assert_agrees_with_serde_json(input);
    // With every rule on, nothing is understood differently.
    let all = Rules {
        paths: vec!["$..b[1]".parse().expect("a path")],
        ..Rules::default()
    };
    for layout in [Layout::Verbatim, Layout::Compact] {
        assert_eq!(redact(input, false, layout, &all).end, expected, "{shown}");
    }
    assert_ne!(
        redact(input, true, Layout::Verbatim, &all).end,
        End::Complete,
        "{shown}"
    );
}

/// Each alone, as an element, as a member, as a masked member, and with white space around it.
fn in_all_places(value: &[u8]) -> Vec<Vec<u8>> {
    [
        (&b""[..], &b""[..]),
        (b"[", b"]"),
        (b"[0,", b" ,1]"),
        (b"{\"a\":", b"}"),
        (b"{\"pin\": ", b"}"),
        (b" \n\t\r", b" "),
    ]
    .map(|(before, after)| [before, value, after].concat())
    .into()
}

const VALUES: &[&[u8]] = &[
    b"0",
    b"-0",
    b"1",
    b"-1",
    b"12",
    b"-12",
    b"1234567890",
    b"0.0",
    b"0.5",
    b"-0.5",
    b"1.50",
    b"100.001",
    b"1e0",
    b"1E0",
    b"1e1",
    b"1e+1",
    b"1e-1",
    b"1E+01",
    b"1.5e10",
    b"-1.5E-10",
    b"0e0",
    b"0e+1",
    b"0E-7",
    b"0.0e0",
    b"20e1",
    b"123.456e78",
    b"-0.000000000000000000000000000000000000000000000000000000000000000000000000000001",
    b"100000000000000000000",
    b"-9223372036854775808",
    b"18446744073709551616",
    b"1e400",
    b"-1e9999",
    b"1e-9999",
    b"123123e100000",
    b"true",
    b"false",
    b"null",
    b"\"\"",
    b"\" \"",
    b"\"a\"",
    b"\"abc def\"",
    b"\"\\\"\"",
    b"\"\\\\\"",
    b"\"\\/\"",
    b"\"\\b\\f\\n\\r\\t\"",
    b"\"\\u0000\"",
    b"\"\\u0022\"",
    b"\"\\u005C\"",
    b"\"\\u00e9\"",
    b"\"\\u00E9\"",
    b"\"\\uFFFF\"",
    b"\"\\ud7ff\\ue000\"",
    b"\"\\ud800\\udc00\"",
    b"\"\\uD834\\uDD1E\"",
    b"\"\\udbff\\udfff\"",
    b"\"a\\u0062c\"",
    b"\"\\\\u0041\"",
    b"\"\\\\\\u0041\"",
    b"\"/\"",
    b"\"/* x */ // y\"",
    b"\"'\"",
    b"\"{[]},:\"",
    b"\"\x7f\"",
    "\"\u{80}\"".as_bytes(),
    "\"é\"".as_bytes(),
    "\"€\"".as_bytes(),
    "\"😀\"".as_bytes(),
    "\"\u{2028}\u{2029}\"".as_bytes(),
    "\"\u{feff}\"".as_bytes(),
    "\"\u{fffe}\u{ffff}\u{10ffff}\"".as_bytes(),
    "\"日本語\"".as_bytes(),
    b"\"new\\u000aline\"",
    b"\"\\u0060\\u012a\\u12AB\"",
    b"\"asd \"",
    b"\"\\n\\\\n\"",
    b"[]",
    b"[ ]",
    b"[[]]",
    b"[[],[]]",
    b"[ [ ] , [ ] ]",
    b"[1]",
    b"[1,2,3]",
    b"[1 , 2\n,\t3 ]",
    b"[\"a\",null,true,{}]",
    b"[[[[[]]]]]",
    b"[\"\"]",
    b"[1,null,null,null,2]",
    b"[\"a\",\"b\"]",
    b"[false]",
    b"[-0.1]",
    b"[{}]",
    b"[{\"a\":[{}]}]",
    b"{}",
    b"{ }",
    b"{\"a\":1}",
    b"{\"\":0}",
    b"{\"a\":1,\"b\":2}",
    b"{ \"a\" : 1 , \"b\" : 2 }",
    b"{\"a\":1,\"a\":2}",
    b"{\"a\":1,\"a\":1}",
    b"{\"a\\u0000b\":1}",
    b"{\"\\\"\":1}",
    b"{\"a\":{\"a\":{\"a\":{}}}}",
    b"{\"a\":[]}",
    b"{\"a\":[1,{\"b\":[2,3]}]}",
    b"{\n\"a\":\n1\n}",
    "{\"ключ\":\"значение\"}".as_bytes(),
    b"{\"a\" :\r\n\"b\"}",
    b"{\"min\":-1.0e+28,\"max\":1.0e+28}",
    b"{\"x\":[{\"id\":\"xxx\"}],\"id\":\"y\"}",
];

const NO_VALUES: &[&[u8]] = &[
    // numbers
    b"+1",
    b"01",
    b"00",
    b"-01",
    b"-00",
    b"1.",
    b".5",
    b"-.5",
    b"1.e1",
    b"0.e1",
    b"1e",
    b"1e+",
    b"1E-",
    b"1ee1",
    b"1e1.5",
    b"1.2.3",
    b"--1",
    b"-",
    b"- 1",
    b"+",
    b"1+2",
    b"1-2",
    b"0x10",
    b"0b1",
    b"0o7",
    b"1_000",
    b"1a",
    b"-a",
    b"-1a",
    b"1.5f",
    b"12L",
    b"NaN",
    b"-NaN",
    b"nan",
    b"Infinity",
    b"-Infinity",
    b"inf",
    b"Inf",
    b"1 000",
    b"0e",
    b"0E+",
    b"0.3e",
    b"0.3e+",
    b"9.e+",
    b"2.e3",
    b"2.e-3",
    b"-2.",
    b"++1234",
    b"1e1e1",
    b"0e+-1",
    b"$1",
    b"1\xe5",
    b"\xef\xbc\x91",
    b"-foo",
    b"-123.123foo",
    b"1;",
    b"0\0",
    b"1\x0c",
    // literals
    b"True",
    b"TRUE",
    b"FALSE",
    b"Null",
    b"nul",
    b"nulL",
    b"tru",
    b"fals",
    b"truee",
    b"nullx",
    b"true1",
    b"truefalse",
    b"undefined",
    b"None",
    b"t",
    b"n",
    b"f",
    b"nil",
    b"yes",
    b"true\0",
    b"null-",
    b"false.",
    // strings
    b"'a'",
    b"\"a",
    b"\"\\\"",
    b"\"\\",
    b"\"\\x41\"",
    b"\"\\'\"",
    b"\"\\a\"",
    b"\"\\0\"",
    b"\"\\v\"",
    b"\"\\U0041\"",
    b"\"\\ \"",
    b"\"\\\n\"",
    b"\"\\\xc3\xa9\"",
    b"\"\\u\"",
    b"\"\\u1\"",
    b"\"\\u12\"",
    b"\"\\u123\"",
    b"\"\\u123g\"",
    b"\"\\u 123\"",
    b"\"\\u+123\"",
    b"\"\\u-123\"",
    b"\"\\u{41}\"",
    b"\"\n\"",
    b"\"\r\"",
    b"\"\t\"",
    b"\"\0\"",
    b"\"\x1f\"",
    b"\"a\x00a\"",
    b"\"\x08\"",
    b"a",
    b"abc",
    b"\"a\"b",
    b"\"a\"\\",
    b"`a`",
    b"\xe2\x80\x9ca\xe2\x80\x9d",
    b"\"\"\"",
    b"\"a\"\"",
    b"\"\xff\"",
    b"\"\xfe\"",
    b"\"\x80\"",
    b"\"\xc3\"",
    b"\"\xc3(\"",
    b"\"\xc0\xaf\"",
    b"\"\xc0\x80\"",
    b"\"\xe0\x80\xaf\"",
    b"\"\xe2\x82\"",
    b"\"\xed\xa0\x80\"",
    b"\"\xed\xbf\xbf\"",
    b"\"\xf0\x9f\x98\"",
    b"\"\xf4\x90\x80\x80\"",
    b"\"\xf5\x80\x80\x80\"",
    b"\"\xfc\x80\x80\x80\x80\x80\"",
    b"\"\xe9\"",
    b"\xe9",
    b"\xff",
    b"\xc3",
    b"\"ok\"\xff",
    b"\\u0061",
    b"\"\\u00A",
    // implementation-defined: lone surrogates
    b"\"\\ud800\"",
    b"\"\\uD800x\"",
    b"\"\\udc00\"",
    b"\"\\uDFFF\"",
    b"\"\\ud800\\ud800\"",
    b"\"\\ud800\\n\"",
    b"\"\\ud800\\u0041\"",
    b"\"\\udc00\\ud800\"",
    b"\"\\ud800\\u\"",
    b"\"\\ud800\\ud\"",
    b"\"\\ud83d\\u00\"",
    b"\"\\uDd1e\\uD834\"",
    b"\"1\\ud800\"",
    // arrays
    b"[",
    b"]",
    b"[1",
    b"[1,",
    b"[1,]",
    b"[,]",
    b"[,1]",
    b"[1,,2]",
    b"[1,,]",
    b"[1 2]",
    b"[1;2]",
    b"[1:2]",
    b"[\"a\":1]",
    b"[1}",
    b"[1]]",
    b"[[1]",
    b"[[",
    b"[]]",
    b"[}",
    b"[\"a\"",
    b"[\"a\",",
    b"[\"a\" \"b\"]",
    b"[\"a\"b]",
    b"[1,\n2",
    b"[*]",
    b"[(1)]",
    b"[x",
    b"[1],",
    b",[1]",
    b"[\x0c]",
    b"[\x0b]",
    b"[\xc2\xa0]",
    b"[\xe2\x81\xa0]",
    b"[\xef\xbb\xbf]",
    b"[-]",
    b"[3[4]]",
    b"[\"\",]",
    b"[\\n]",
    b"[1,\x01]",
    b"[#]",
    b"[1 true]",
    b"[a:1]",
    b"<.>",
    b"[<null>]",
    b"[\xff]",
    b"[\"\xe5\"]",
    b"[\0]",
    // objects
    b"{",
    b"}",
    b"{\"a\"",
    b"{\"a\":",
    b"{\"a\":1",
    b"{\"a\":1,",
    b"{\"a\":1,}",
    b"{,}",
    b"{,\"a\":1}",
    b"{\"a\":1,,\"b\":2}",
    b"{\"a\"}",
    b"{\"a\":}",
    b"{:1}",
    b"{\"a\" 1}",
    b"{\"a\",1}",
    b"{\"a\"=1}",
    b"{\"a\"=>1}",
    b"{\"a\"::1}",
    b"{\"a\":1:2}",
    b"{\"a\":1;\"b\":2}",
    b"{\"a\":1 \"b\":2}",
    b"{a:1}",
    b"{'a':1}",
    b"{'a':'b'}",
    b"{1:1}",
    b"{null:1}",
    b"{true:1}",
    b"{[]:1}",
    b"{{}:1}",
    b"{\"a\":1]",
    b"{\"a\":1}}",
    b"{{}}",
    b"{[]}",
    b"{\"a\":a}",
    b"{\"a\":'b'}",
    b"{\"a\":1 2}",
    b"{\"a\" \"b\"}",
    b"{\"a\":/*x*/1}",
    b"{/*x*/\"a\":1}",
    b"{\"a\":1}//x",
    b"{\"a\":1}#",
    b"{\"a\":1}/**/",
    b"{\"a\":1}/",
    b"/* x */{}",
    b"// x\n{}",
    b"{\"a\nb\":1}",
    b"{\"\\x\":1}",
    b"{\"\xff\":1}",
    b"{\"a\0\":1}",
    b"{\"a\":1,\"b\"",
    b"{\"a\":1,b",
    b"{\"a\":1,1:2}",
    b"{...}",
    b"{\"\\ud800\":1}",
    b"{\"a\":1,\"b\":}",
    b"{\"a\":\"b\",\"c\"",
    b"{\"a\":\"b",
    b"{\"a\":\"b\"",
    b"{\"a\"\x00:1}",
    b"{\xf0\x9f\x98\x80:1}",
    // whole documents
    b"\xef\xbb\xbf{}",
    b"\xef\xbb\xbf",
    b"\xff\xfe[\0]\0",
    b"\xfe\xff\0[\0]",
    b"\0",
    b"\x1e{}",
    b":",
    b",",
    b"*",
    b"<xml/>",
    b"a=1&b=2",
    b"callback({})",
    b")]}',\n{}",
    b"{}\x0c",
    b"{} x",
    b"[] \xc2\xa0",
    b"--boundary",
    b"{}\0",
    b"\xe2\x80\x8b{}",
    b"\\",
    b"\\\"",
    b"=1",
];

const DOCUMENTS: &[&[u8]] = &[
    b"",
    b" ",
    b"\n",
    b"\r\n\t ",
    b"1 2",
    b"1\n2\n",
    b"{}{}",
    b"{}\n{}\n",
    b"[][]",
    b"\"a\"\"b\"",
    b"\"a\" \"b\"",
    b"1[2]",
    b"[1]2",
    b"1\"a\"",
    b"\"a\"1",
    b"true false",
    b"true\"a\"",
    b"null{}",
    b"null[null]null",
    b"{\"a\":1}{\"b\":2}[3] 4",
    b"{}1",
    b"1{}",
    b"\n\n{}\r\n\r\n[]\n\n",
];

#[test]
fn valid_values_come_out_as_they_are_in_every_place() {
    for value in VALUES {
        for input in in_all_places(value) {
            assert_verdict(&input, End::Complete);
        }
    }
}

#[test]
fn sequences_of_documents_come_out_as_they_are() {
    for input in DOCUMENTS {
        assert_verdict(input, End::Complete);
    }
}

#[test]
fn what_is_no_value_is_refused_in_every_place() {
    for value in NO_VALUES {
        for input in in_all_places(value) {
            let redacted = redact(&input, false, Layout::Verbatim, &Rules::default());
            assert_ne!(
                redacted.end,
                End::Complete,
                "{}",
                String::from_utf8_lossy(&input)
            );
            assert_verdict(&input, redacted.end);
        }
    }
}

#[test]
fn every_beginning_of_a_valid_document_is_cut_and_none_is_malformed() {
    for value in VALUES {
        let input = [b"{\"a\":[", *value, b"]}"].concat();
        for cut in 1..input.len() {
            let redacted = redact(
                &input[..cut],
                true,
                Layout::Verbatim,
                &rules(&[], &[], false),
            );
            assert_eq!(
                redacted.end,
                End::Cut,
                "{}",
                String::from_utf8_lossy(&input[..cut])
            );
            assert!(input.starts_with(redacted.text.as_bytes()) && redacted.text.len() + 12 > cut);
        }
    }
}

#[test]
fn malformed_documents_are_told_from_cut_ones() {
    for cut in [
        "[",
        "{",
        "{\"a\"",
        "{\"a\":",
        "[1,",
        "\"a",
        "\"\\",
        "\"\\u00",
        "tru",
        "-",
        "1.",
        "1e",
        "[[]",
        "{\"a\":1,",
        "[1",
        "\"\\ud83d",
        "\"\\ud83d\\",
    ] {
        assert_verdict(cut.as_bytes(), End::Cut);
    }
    for malformed in [
        "]", "}", "{]", "[}", "{\"a\"}", "{\"a\":}", "[,", "x", "trx", "-x", "1.x", "01", "'",
        "[1 2", "{1", "\"\\x", "\"\n", "\u{feff}",
    ] {
        assert_verdict(malformed.as_bytes(), End::Malformed);
    }
}
