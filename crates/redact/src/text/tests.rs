mod commands;
mod places;
mod structures;

use proptest::prelude::*;

use super::*;
use crate::mask::MASK;

fn masked(text: &str, extent: Extent) -> String {
    let rules = Rules::default();
    let mut found = Vec::new();
    let seen = Characters::of(text, extent);
    scan_text(text, seen, None, extent, &rules, &mut found);
    let mut masked = String::new();
    let mut shown = 0;
    for finding in found {
        assert!(
            finding.range.start >= shown && !finding.range.is_empty(),
            "{text}"
        );
        masked.push_str(&text[shown..finding.range.start]);
        masked.push_str(MASK);
        shown = finding.range.end;
    }
    masked + &text[shown..]
}

#[track_caller]
fn check(cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(masked(text, Extent::Whole), *expected, "{text}");
    }
}

#[track_caller]
fn shown(texts: &[&str]) {
    for text in texts {
        assert_eq!(masked(text, Extent::Whole), *text);
    }
}

#[test]
fn headers_are_masked_as_proxies_log_them() {
    check(&[
        (
            "':path', '/'\n'authorization', 'Bearer x'\n'accept', '*/*'",
            "':path', '/'\n'authorization', '***'\n'accept', '*/*'",
        ),
        (r#"\"Cookie\",\"a=b\", 1"#, r#"\"Cookie\",\"***\", 1"#),
        ("'x-api-key', 'q7Kd92mXw4'", "'x-api-key', '***'"),
        (
            "'cookie', 'x-api-key', 'accept'",
            "'cookie', 'x-api-key', 'accept'",
        ),
        ("'x-mode', 'q7Kd92mXw4'", "'x-mode', 'q7Kd92mXw4'"),
    ]);
}

#[test]
fn a_token_ends_at_a_separator() {
    for end in [
        ",", ";", "&", "<", ">", ")", "]", "}", "\"", "'", "`", "\\", " ", "\t", "\n", "\u{1f}",
    ] {
        let shown = format!("see x pin=***{end} Rome");
        check(&[(&format!("see x pin=q7K{end} Rome"), &shown)]);
    }
    for inside in [".", "!", "/", "-", "_", "+", "=", "@", "#", "é"] {
        check(&[(
            &format!("see x pin=q7K{inside}x Rome"),
            "see x pin=*** Rome",
        )]);
    }
}

#[test]
fn pairs_are_masked_in_all_notations() {
    check(&[
        ("password=q7K", "password=***"),
        ("password=correct horse;", "password=***;"),
        ("password=\"$ecret\"", "password=\"***\""),
        ("password=$SECRET", "password=$SECRET"),
        (
            "login failed for user=ann password=q7K (3 tries)",
            "login failed for user=ann password=*** (3 tries)",
        ),
        (
            r#"{"user": "ann", "password": "q7K x"}"#,
            r#"{"user": "ann", "password": "***"}"#,
        ),
        (
            r#"{\"password\": \"q7K x\", \"a\": 1}"#,
            r#"{\"password\": \"***\", \"a\": 1}"#,
        ),
        (
            "{'user': 'ann', 'password': 'q7K'}",
            "{'user': 'ann', 'password': '***'}",
        ),
        (
            "'password' => 'q7K', 'a' => 'b'",
            "'password' => '***', 'a' => 'b'",
        ),
        (":password => 'q7K'", ":password => '***'"),
        ("const apiKey = `q7Kd92`;", "const apiKey = `***`;"),
        (
            "$a['password'] = 'q7K'; a[\"b\"]=c",
            "$a['password'] = '***'; a[\"b\"]=c",
        ),
        ("a[password]=q7K&b=1", "a[password]=***&b=1"),
        ("x b'password': b'q7K'", "x b'password': b'***'"),
    ]);
}

#[test]
fn a_value_that_begins_its_line_reaches_the_line_end() {
    check(&[
        (
            "db:\n  host: db.internal\n  password: correct horse\n",
            "db:\n  host: db.internal\n  password: ***\n",
        ),
        (
            "# db\nDB_HOST=db.internal\nDB_PASSWORD=correct horse\nX=1",
            "# db\nDB_HOST=db.internal\nDB_PASSWORD=***\nX=1",
        ),
        ("export API_KEY=q7Kd92\r\nA=1", "export API_KEY=***\r\nA=1"),
        (
            "password: |\n  one\n  two\nother: 3",
            "password: ***\nother: 3",
        ),
        (
            "[db]\npassword = q7K x\nhost = a",
            "[db]\npassword = ***\nhost = a",
        ),
    ]);
}

#[test]
fn in_a_sentence_one_token_is_masked_that_is_no_plain_word() {
    shown(&[
        "the password: must be eight characters",
        "Choose a password: it matters.",
        "def sign_in(user: str, password: str) -> None:",
        "The token: see below",
        "password: The password of the user, which must be long.",
        "Note: a secret is kept for the time = forever",
        "See https://a.example/x?page=2#top for more",
        "12:30:00 tokens: 1234",
        "let c = Cookie::new(\"name\", 1); use token::take;",
    ]);
    check(&[(
        "the password: q7Kd92 was wrong",
        "the password: *** was wrong",
    )]);
}

#[test]
fn urls_lose_their_user_and_their_secret_parameters() {
    check(&[
        (
            "see https://ann:q7K@hooks.example/x",
            "see https://***@hooks.example/x",
        ),
        (
            "postgres://app:q7K@db.internal:5432/shop",
            "postgres://***@db.internal:5432/shop",
        ),
        ("redis://:q7K@cache:6379/0", "redis://***@cache:6379/0"),
        (
            "https://app.example/cb?access_token=q7K&state=ok",
            "https://app.example/cb?access_token=***&state=ok",
        ),
        (
            "https://app.example/cb#access_token=q7K&token_type=bearer",
            "https://app.example/cb#access_token=***&token_type=bearer",
        ),
        (
            "https://app.example/cb?code=q7K&state=abc",
            "https://app.example/cb?code=***&state=abc",
        ),
        (
            "https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=q7K",
            "https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=***",
        ),
        (
            "https://acc.blob.core.windows.net/c/f.txt?sv=2022-11-02&sig=q7Kd92mXw4tBzR5v%3D",
            "https://acc.blob.core.windows.net/c/f.txt?sv=2022-11-02&sig=***",
        ),
        ("/orders/7%3Bpassword=q7K", "/orders/7%3Bpassword=***"),
        (
            "https://h.example/a%3Ftoken=q7Kd92mX",
            "https://h.example/a%3Ftoken=***",
        ),
        (
            "/a?next=%2Fx%3Fpassword%3Dq7K%26b",
            "/a?next=%2Fx%3Fpassword%3D***%26b",
        ),
    ]);
    shown(&["https://a.example/?code=7&page=2", "https://a.example/a@b"]);
    assert_eq!(
        masked("postgres://app:q7", Extent::Truncated),
        "postgres://***"
    );
}

#[test]
fn connection_strings_are_masked() {
    check(&[
        (
            "Server=db.internal;Database=shop;User Id=sa;Password=q7K x;",
            "Server=db.internal;Database=shop;User Id=sa;Password=***;",
        ),
        (
            "Driver={PostgreSQL};Uid=ann;Pwd=q7K",
            "Driver={PostgreSQL};Uid=ann;Pwd=***",
        ),
        (
            "jdbc:mysql://db/shop?user=ann&password=q7K",
            "jdbc:mysql://db/shop?user=ann&password=***",
        ),
        (
            "host=db user=ann password=q7K dbname=shop",
            "host=db user=ann password=*** dbname=shop",
        ),
        (
            "cache.example:6380,password=q7K=,ssl=True",
            "cache.example:6380,password=***,ssl=True",
        ),
        (
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=q7Kd92==;EndpointSuffix=x",
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=***;EndpointSuffix=x",
        ),
    ]);
}

#[test]
fn commands_and_requests_are_masked() {
    check(&[
        ("curl -u ann:q7K -H 'X-Api-Key: q7K x' https://api.example/v1", "curl -u ann:*** -H 'X-Api-Key: ***' https://api.example/v1"),
        ("deploy --password q7K --region eu", "deploy --password *** --region eu"),
        ("[\"--password\", \"q7K\", \"--region\"]", "[\"--password\", \"***\", \"--region\"]"),
        ("POST /x HTTP/1.1\r\nHost: a.example\r\nAuthorization: Bearer q7K\r\nCookie: sid=q7K; b=1\r\n\r\n", "POST /x HTTP/1.1\r\nHost: a.example\r\nAuthorization: ***\r\nCookie: ***\r\n\r\n"),
        ("mutation { login(user: \"ann\", password: \"q7K\") { id } }", "mutation { login(user: \"ann\", password: \"***\") { id } }"),
    ]);
}

#[test]
fn markup_is_masked() {
    check(&[
        (
            "<login><user>ann</user><password>q7K x</password></login>",
            "<login><user>ann</user><password>***</password></login>",
        ),
        (
            "<w:Password Type=\"a\">q7K</w:Password>",
            "<w:Password Type=\"a\">***</w:Password>",
        ),
        (
            "<password><![CDATA[q7K]]></password>",
            "<password><![CDATA[***</password>",
        ),
        (
            "<user name=\"ann\" password=\"q7K x\"/>",
            "<user name=\"ann\" password=\"***\"/>",
        ),
        (
            "<add key=\"ApiSecret\" value=\"q7K\"/>",
            "<add key=\"ApiSecret\" value=\"***\"/>",
        ),
        (
            "<string name=\"api_token\">q7K</string>",
            "<string name=\"api_token\">***</string>",
        ),
        (
            "<s name=\"ApiKey\" as=\"x\"><value>q7K</value></s>",
            "<s name=\"ApiKey\" as=\"x\"><value>***</value></s>",
        ),
        (
            "<add value=\"q7K\" key=\"ClientSecret\" />",
            "<add value=\"***\" key=\"ClientSecret\" />",
        ),
        (
            "<meta name=\"csrf-token\" content=\"q7K\">",
            "<meta name=\"csrf-token\" content=\"***\">",
        ),
        (
            "<property><name>db.password</name><value>q7K</value></property>",
            "<property><name>db.password</name><value>***</value></property>",
        ),
        (
            "<key>password</key>\n<string>q7K</string>",
            "<key>password</key>\n<string>***</string>",
        ),
    ]);
    shown(&[
        "a < b, password > c",
        "<password/>",
        "<add key=\"Theme\" value=\"dark\"/>",
    ]);
}

#[test]
fn a_field_of_a_resource_name_is_no_pair() {
    shown(&[
        "arn:aws:secretsmanager:us-west-2:123456789101:secret:MyTest-a1b2c3",
        "see arn:aws:devicefarm:us-west-2:123456789101:session:x-1 for more",
    ]);
    check(&[
        ("arn: a:b:c:d:secret:q7K", "arn: a:b:c:d:secret:***"),
        ("arn:a:b:c:d:e secret: q7K", "arn:a:b:c:d:e secret: ***"),
    ]);
}

#[test]
fn what_stands_in_code_is_no_value() {
    shown(&[
        "at a.PasswordService.run(PasswordService.java:118)",
        "password.rs:7: warning",
        "const token = await getToken();",
        "let token = new Token(user)",
        "SELECT a FROM b WHERE password = ? AND c",
    ]);
    check(&[
        ("password.rs:7q", "password.rs:***"),
        ("a password.rs:1234567", "a password.rs:***"),
        ("password.q:118", "password.q:***"),
        ("const token = new 7;", "const token = *** 7;"),
        ("password = ?7", "password = ***"),
    ]);
}

#[test]
fn values_end_where_their_syntax_says() {
    check(&[
        (
            "jdbc:sqlserver://db:1433;user=sa;password=q7K;encrypt=true",
            "jdbc:sqlserver://db:1433;user=sa;password=***;encrypt=true",
        ),
        (
            "jdbc:sqlserver://db:1433;password=q7K@x;encrypt=true",
            "jdbc:sqlserver://***;encrypt=true",
        ),
        (
            "jdbc:oracle:thin:scott/q7K@db:1521:x",
            "jdbc:oracle:thin:scott/***@db:1521:x",
        ),
        ("Server=db;PWD={q7;K};Port=1", "Server=db;PWD=***;Port=1"),
        (
            "set(secret: \"\"\"q7\" K\"\"\") { ok }",
            "set(secret: \"\"\"***\"\"\") { ok }",
        ),
        (
            "curl -uann:q7K https://a.example",
            "curl -uann:*** https://a.example",
        ),
        ("API_KEY=q7K REGION=eu ./run", "API_KEY=*** REGION=eu ./run"),
        (
            "Authorization: Bearer q7K was refused",
            "Authorization: *** was refused",
        ),
        ("Authorization: Bearer correct horse", "Authorization: ***"),
        (
            "Authorization: Digest a=\"b\", c=\"d\"",
            "Authorization: ***",
        ),
    ]);
    shown(&["-uann:q7K", "sort -un a:b"]);
}

#[test]
fn a_header_is_hidden_with_the_lines_that_continue_it() {
    check(&[
        ("cookie: a=1;\n b=2\n\tc=3\nhost: h", "cookie: ***\nhost: h"),
        (
            "  Authorization: Digest a,\r\n   b\r\n  host: h",
            "  Authorization: ***\r\n  host: h",
        ),
        (
            "A: a\\nSet-Cookie: a=1\\n b=2\\nHost: h",
            "A: a\\nSet-Cookie: ***\\nHost: h",
        ),
    ]);
}

#[test]
fn a_line_may_begin_with_a_name_of_several_words() {
    check(&[
        ("client secret: horse\nb", "client secret: ***\nb"),
        (
            "  Database password: correct horse",
            "  Database password: ***",
        ),
    ]);
    shown(&[
        "the password: must be eight characters",
        "see the client secret: horse",
    ]);
}

#[test]
fn names_that_are_encoded_are_read() {
    check(&[
        ("a=1&%70%61ss=q7K&b=2", "a=1&%70%61ss=***&b=2"),
        (
            "sent %75ser%5b%70in%5d=%71%37K&b=2 twice",
            "sent %75ser%5b%70in%5d=***&b=2 twice",
        ),
        ("x%26password=q7K", "x%26password=***"),
        (
            "a=1&user%5bverification+code%5d=q7K&b=2",
            "a=1&user%5bverification+code%5d=***&b=2",
        ),
        (
            "%61ccess%20key%20id%5b%5d=q7K",
            "%61ccess%20key%20id%5b%5d=***",
        ),
    ]);
    shown(&["100% of a=1", "50%off=1&b=%20"]);
}

#[test]
fn values_of_a_named_type_are_hidden_to_their_closing_bracket() {
    check(&[
        ("x token: Some(\"q7Kd92 mXw4tB\"), y", "x token: Some***, y"),
        ("x pin: Pin { a: \"q7K }\" }, y", "x pin: Pin ***, y"),
        (
            "Config { password: Secret(\"a b\"), user: \"ann\" }",
            "Config { password: Secret***, user: \"ann\" }",
        ),
    ]);
    shown(&[
        "x token: Some(value), y",
        "the token: See (appendix B)",
        "token: String",
    ]);
}

proptest! {
    #[test]
    fn findings_are_in_order_and_on_character_boundaries(
        text in "(password|token|secret q7Kd92mXw4|\\('|machine a |login |\n  |- |kind: Secret|data:|[:=<>\"'\\\\&;?#% \n-]|://|--|%3D|%22|：|<a>|</a>|key|name|value=|code=|state=|é|\\PC){0,14}",
    ) {
        // `masked` asserts it.
        masked(&text, Extent::Whole);
        masked(&text, Extent::Truncated);
    }

    #[test]
    fn what_is_said_to_say_nothing_is_read_over(
        text in "(jdbc:oracle:|thin|oci|arn:aws:s3:a:b|password|api |key|name|value|code|sig|cookie|x|kind|data|=|=|:|:|;|,|[:=<>\"'`\\\\&;,?#% \n\r\t~/\\]\\[0-9-]|%41|\\\\n|n|é|ü){0,10}",
        whole: bool,
        decoded: bool,
        read in 0..20_usize,
    ) {
        let extent = if whole { Extent::Whole } else { Extent::Truncated };
        let rules = Rules::default();
        let seen = Characters::of(&text, Extent::Whole);
        let read = (0..=read.min(text.len())).rfind(|at| text.is_char_boundary(*at)).unwrap_or_default();
        for (mark, _) in text.match_indices([':', '=']).filter(|(mark, _)| *mark >= read) {
            let scanner = Scanner::new(&text, seen, extent, &rules);
            let decoded = if decoded { usize::MAX } else { 0 };
            let mut scanner = Scanner { read, decoded, ..scanner };
            if scanner.says_nothing(mark) {
                prop_assert_eq!(scanner.pair(mark), mark + 1);
                prop_assert!(scanner.found.is_empty() && scanner.half.is_none());
                prop_assert_eq!((scanner.secrets, scanner.decoded), (0, decoded));
            }
        }
    }
}

#[test]
fn what_may_say_something_is_not_read_over() {
    let rules = Rules::default();
    for (before, behind) in [
        ("pin", "=1"),
        (";name", "=x"),
        (",value", ":x"),
        ("sig", "=1"),
        ("?code", "=1"),
        ("12", "=30"),
        ("1ab", ":30"),
        ("api key", "=1"),
        ("key ", "=1"),
        ("key; ", "=1"),
        ("\\nkey", "=1"),
        ("a\"", ":1"),
        ("a]", "=1"),
        ("é", "=1"),
        ("a", ": 1"),
        ("a", ":\\n"),
        ("a", "==1"),
        ("a", "://b"),
        ("a", ":"),
        ("jdbc:oracle:thin", ":a/b@c"),
    ] {
        let text = [before, behind].concat();
        let seen = Characters::of(&text, Extent::Whole);
        let mut scanner = Scanner::new(&text, seen, Extent::Whole, &rules);
        assert!(!scanner.says_nothing(before.len()), "{text}");
    }
    for (before, behind) in [
        ("x,ab", ":1"),
        ("12", ":30"),
        ("2015-05-05T23", ":40"),
        ("& ", "=1"),
        ("&a", "=1"),
        ("%41", "=1"),
        ("%41b", "=1"),
        ("arn:aws:s3:a:b:pin", ":1"),
    ] {
        let text = [before, behind].concat();
        let seen = Characters::of(before, Extent::Whole);
        let scanner = Scanner::new(&text, seen, Extent::Whole, &rules);
        let decoded = usize::MAX;
        let mut scanner = Scanner { decoded, ..scanner };
        assert!(scanner.says_nothing(before.len()), "{text}");
    }
}

#[test]
fn the_rest_of_a_text_is_hidden_that_is_made_of_secret_names() {
    for unit in ["pin:\n", "pin: a\n", "curl -ua:b ", "--pin a "] {
        let text = unit.repeat(5_000);
        let masked = masked(&text, Extent::Whole);
        assert!(
            masked.ends_with(MASK) && masked.len() < text.len() / 4,
            "{unit}"
        );
    }
}

#[test]
fn a_text_may_have_many_secrets() {
    for (line, count) in [("  password: q7Kd92mX\n", 5_000), ("pin: a\n", 200)] {
        let masked = masked(&format!("{}a: b", line.repeat(count)), Extent::Whole);
        assert_eq!(masked.matches(MASK).count(), count);
        assert!(masked.ends_with("a: b"));
    }
}

#[test]
fn a_name_of_words_before_an_equals_sign_is_read_whole() {
    check(&[
        (
            "bad secret access key=Q in query",
            "bad secret access key=*** in query",
        ),
        ("api key=Q", "api key=***"),
        (
            "the Secret Key=Q was refused",
            "the Secret Key=*** was refused",
        ),
        ("security code=123", "security code=***"),
        ("account number=Q7", "account number=***"),
    ]);
    shown(&[
        "primary key=abc",
        "foreign key=7",
        "status code=200",
        "exit code=Q",
        "order number=7",
        "password policy and a page=2",
    ]);
}
