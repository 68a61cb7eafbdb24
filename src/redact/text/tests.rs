use proptest::prelude::*;

use super::*;
use crate::redact::names::SecretNames;

fn redacted(input: &str, truncated: bool) -> Redacted {
    redact_text(input, truncated, &Rules::default())
}

fn error(message: &str) -> String {
    redact_error_message(message, &Rules::default())
}

#[track_caller]
fn check(text: &str, expected: &str) {
    assert_eq!(redacted(text, false).text, expected);
}

#[track_caller]
fn check_cut(text: &str, expected: &str) {
    assert_eq!(redacted(text, true).text, expected);
}

#[test]
fn text_without_secrets_stays() {
    for text in [
        "",
        "a: b",
        "time: 12:30, page=2 \"k\": \"v\"",
        "see https://host/a?b=c#d:e",
        "the password is not here",
        "tokens_used=5: x",
        "=:=: \"':`",
        "password hint: blue",
    ] {
        check(text, text);
    }
}

#[test]
fn values_after_a_name_go_to_the_next_delimiter() {
    for (text, expected) in [
        ("x password=abc y", "x password=*** y"),
        ("x Pass-Word = abc, y", "x Pass-Word = ***, y"),
        ("x a=1&token=abc&b=2", "x a=1&token=***&b=2"),
        ("log in with password: abc;y", "log in with password: ***;y"),
        ("x user[pin]=1 y", "x user[pin]=*** y"),
        ("x card number: 1 y", "x card number: *** y"),
        ("x :password => abc y", "x :password => *** y"),
        ("x pass%77ord=abc y", "x pass%77ord=*** y"),
        ("x --token=abc y", "x --token=*** y"),
        ("x password= y", "x password= *** y".trim_end_matches(" y")),
        ("größe pin=ü é", "größe pin=*** é"),
    ] {
        check(text, expected);
    }
}

#[test]
fn names_of_any_length_and_words_are_found() {
    let mut rules = Rules {
        names: SecretNames::none(),
        ..Rules::default()
    };
    rules.names.extend(["x", "é", "ab cd"]);
    for (text, expected) in [
        ("a=:x=1 b", "a=:x=*** b"),
        ("k é:1 b", "k é:*** b"),
        ("k y\u{3000}é\u{a0} = 1 b", "k y\u{3000}é\u{a0} = *** b"),
        ("k ab\u{3000}cd=1 b", "k ab\u{3000}cd=1 b"),
        ("k ab\tcd=1 b", "k ab\tcd=1 b"),
        ("k ab  cd: 1 b", "k ab  cd: *** b"),
        ("k x\n:1 b", "k x\n:1 b"),
        (r#"k \x=1 b"#, r#"k \x=*** b"#),
        (r#"k "y"\n x=1 b"#, r#"k "y"\n x=*** b"#),
        (r#"k "y"\n=1 b"#, r#"k "y"\n=1 b"#),
    ] {
        assert_eq!(redact_text(text, false, &rules).text, expected);
    }
    rules.names = SecretNames::none();
    assert_eq!(
        redact_text(r#"\u":1 b"#, false, &rules).text,
        r#"\u":*** b"#
    );
}

#[test]
fn a_line_starts_behind_the_last_value_or_line_feed() {
    for (text, expected) in [
        ("k: v\n> pin: a b\nk", "k: v\n> pin: ***\nk"),
        ("k=v pin: a b\nk", "k=v pin: *** b\nk"),
        ("é, pin: a b\npin: c d\nk", "é, pin: ***\npin: ***\nk"),
        ("x pin={\n} pin: a b", "x pin=*** pin: *** b"),
    ] {
        check(text, expected);
    }
}

#[test]
fn values_in_quotes_go_to_their_closing_quote() {
    for (text, expected) in [
        (r#"x "pin": "a b" y"#, r#"x "pin": *** y"#),
        (r#"x pin="a \" b" y"#, r#"x pin=*** y"#),
        (r#"x pin='it''s b' y"#, r#"x pin=*** y"#),
        (r#"x pin='don't say' y"#, r#"x pin=*** y"#),
        (r#"x pin=b'a b' y"#, r#"x pin=*** y"#),
        (
            r#"x {\"pin\":\"a \\\" b\",\"k\":1}"#,
            r#"x {\"pin\":***,\"k\":1}"#,
        ),
        ("x \"pin\"\n : \n\"a b\" y", "x \"pin\"\n : \n*** y"),
        // White space in JSON that is in a string.
        (
            r#"x {\"pin\"\n  :\"a b\",\"k\":1}"#,
            r#"x {\"pin\"\n  :***,\"k\":1}"#,
        ),
        (
            r#"x {\"pin\":\r\n\t \"a b\" ,\"k\":1}"#,
            r#"x {\"pin\":*** ,\"k\":1}"#,
        ),
        (r#"x {"pin":1234}, y"#, r#"x {"pin":***}, y"#),
        (r#"x "pin": {"a": [1, "}"]}, y"#, r#"x "pin": ***, y"#),
        (r#"x "p\u0069n": "a b", y"#, r#"x "p\u0069n": ***, y"#),
        (r#"x pin="a b"#, "x pin=***"),
        (r#"x token: Some("a b"), y"#, "x token: ***, y"),
        (r#"x token: Token { a: "b c" }, y"#, "x token: ***, y"),
        ("curl -H 'X-Api-Key: a b' y", "curl -H 'X-Api-Key: ***' y"),
    ] {
        check(text, expected);
    }
}

#[test]
fn values_of_header_like_lines_go_to_the_end_of_the_line() {
    for (text, expected) in [
        ("password: a b, c\r\nk: v", "password: ***\r\nk: v"),
        (
            "k: v\n> X-Api-Key: a b\nk: v",
            "k: v\n> X-Api-Key: ***\nk: v",
        ),
        ("Cookie: a=1; b=2\n c=3\nk: v", "Cookie: ***\nk: v"),
        (
            "  tokens:\n    - a\n  k: v",
            "  tokens:\n    ***\n  k: v"
                .replace("\n    ***", "***")
                .as_str(),
        ),
        (
            "x authorization: Token abc\nk: v",
            "x authorization: ***\nk: v",
        ),
        (
            "x authorization: Digest a=\"b\", c\nk: v",
            "x authorization: ***\nk: v",
        ),
    ] {
        check(text, expected);
    }
}

#[test]
fn shapes_and_users_of_urls_are_masked() {
    check("x 4111 1111 1111 1111 y", "x *** y");
    check("x Bearer abc y", "x Bearer *** y");
    check("x db://me:pw@host/a@b y", "x db://***@host/a@b y");
}

#[test]
fn at_a_cut_in_doubt_text_is_masked() {
    check_cut("x password=ab", "x password=***");
    check_cut("x \"password\": \"a b", "x \"password\": ***");
    check_cut("x password", "x password");
    check_cut("x 4111 11", "x ***");
    check_cut("x db://me:p@w", "x db://***");
    check_cut("x harmless", "x harmless");
}

#[test]
fn from_a_byte_that_is_not_of_text_on_all_is_withheld() {
    for (input, truncated, text, consumed, malformed) in [
        ("a\tb\r\nc", false, "a\tb\r\nc", 6, false),
        ("a\x1b[0m", false, "a", 1, true),
        ("pin=1\x00 2", false, "pin=***", 5, true),
    ] {
        let expected = Redacted {
            text: text.to_owned(),
            consumed,
            malformed,
        };
        assert_eq!(redacted(input, truncated), expected);
    }
}

#[test]
fn what_an_error_message_quotes_is_masked() {
    for (message, expected) in [
        (
            "invalid type: string \"a \\\" b\", expected u32 at line 1 column 5",
            "invalid type: string \"***\", expected u32 at line 1 column 5",
        ),
        (
            "unknown field `a`b`, expected `c`",
            "unknown field `***`, expected `***`",
        ),
        ("can't read 'it's' here", "can't read '***' here"),
        ("no b'a b', u'a'", "no b'***', u'***'"),
        ("no \"end", "no \"***"),
        ("empty \"\" and ''", "empty \"\" and ''"),
        ("bad pin=12: not found", "bad pin=*** not found"),
        (
            "missing field `a` at token: x",
            "missing field `***` at token: ***",
        ),
        ("plain", "plain"),
    ] {
        assert_eq!(error(message), expected);
    }
}

/// How a name and a value are put together; only values have a `Z`. Whether it takes a line of its own.
const STYLES: [(&str, bool); 12] = [
    ("N=V", false),
    ("N: V", false),
    ("N = V", false),
    ("N=\"V V\"", false),
    ("\"N\": \"V V\"", false),
    ("\"N\":V", false),
    ("'N' => 'V \\' V'", false),
    ("{\\\"N\\\":\\\"V \\\\\\\" V\\\"}", false),
    ("N: V, V; V", true),
    ("> N: V V", true),
    ("\"N\" : [{\"a\": \"V ]\"}, V]", false),
    ("'N: V V'", false),
];
const SECRET: [&str; 5] = [
    "password",
    "card_number",
    "X-Api-Key",
    "user[pin]",
    "otp code",
];

fn written(parts: &[(usize, usize, bool)]) -> String {
    let mut text = String::new();
    for (n, (style, name, harmless)) in parts.iter().enumerate() {
        let (style, line) = STYLES[style % STYLES.len()];
        let name = SECRET[name % SECRET.len()];
        let part = style.replace('N', name).replace('V', &format!("Z{n}Z"));
        let (before, after) = if line { ("\n", "\n") } else { (" ", " ") };
        text.push_str(&format!("{before}{part}{after}"));
        if *harmless {
            text.push_str(&format!("mark {n}, é."));
        }
    }
    text
}

proptest! {
    #[test]
    fn secrets_stay_hidden_wherever_the_text_is_cut(
        parts in prop::collection::vec((any::<usize>(), any::<usize>(), any::<bool>()), 1..5),
    ) {
        let text = written(&parts);
        for cut in (0..=text.len()).filter(|cut| text.is_char_boundary(*cut)) {
            for truncated in [false, true] {
                let redacted = redacted(&text[..cut], truncated);
                prop_assert!(!redacted.text.contains('Z'), "{} of {}", redacted.text, &text);
                prop_assert!(redacted.consumed <= cut);
            }
        }
        prop_assert!(!error(&text).contains('Z'));
    }

    #[test]
    fn harmless_text_stays(text in "([a-z]{1,3}[ :=,;&]{1,2}){0,12}") {
        let rules = Rules { names: SecretNames::none(), ..Rules::default() };
        prop_assert_eq!(redact_text(&text, false, &rules).text, text);
    }

    #[test]
    fn quoted_parts_of_messages_stay_hidden(parts in prop::collection::vec(("[a-y ]{0,5}", "Z[Za\"\\\\'`é ]{0,6}", 0_u8..2), 0..5)) {
        let message: String = parts.iter().map(|(text, quoted, style)| match style {
            0 => format!("{text} {quoted:?}, "),
            _ => format!("{text} `{}`, ", quoted.replace(['`', '\\'], "Z")),
        }).collect();
        let shown = error(&message);
        prop_assert!(!shown.contains('Z'), "{} of {}", shown, message);
    }

    #[test]
    fn no_text_is_too_strange(text in "\\PC*", like in "(pin|é|[ :=\"'`\\\\\n\r(){}\\[\\],/@-]){0,40}", truncated: bool) {
        for text in [text, like] {
            let _ = (redacted(&text, truncated), error(&text));
        }
    }
}
