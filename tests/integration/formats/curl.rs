//! The `curl` command, read by a shell.

use std::{
    fs,
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use actix_web_body_logger::{format::curl, Record};
use base64::{engine::general_purpose::STANDARD as BASE64, Engine as _};
use proptest::prelude::*;
use serde_json::json;

use super::{example, posted, record, record_of};

/// What `curl` was called with.
#[derive(Debug, PartialEq)]
struct Call {
    arguments: Vec<String>,
    input: Vec<u8>,
}

impl Call {
    /// The arguments of all options of this name.
    fn all(&self, option: &str) -> Vec<&str> {
        let pairs = self.arguments.windows(2).filter(|pair| pair[0] == option);
        pairs.map(|pair| pair[1].as_str()).collect()
    }

    fn has(&self, option: &str) -> bool {
        self.arguments.iter().any(|argument| argument == option)
    }
}

/// Runs a command in a shell in which `curl` says what it was called with.
#[track_caller]
fn run(command: &str) -> Call {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("curl-{}-{number}.sh", std::process::id());
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let script = format!("curl() {{ printf '%s\\0' \"$@\"; base64; }}\n{command}\n");
    fs::write(&path, script).expect("a file");
    let output = Command::new("sh")
        .arg(&path)
        .stdin(Stdio::null())
        .output()
        .expect("a shell");
    fs::remove_file(&path).expect("a file");
    assert!(output.status.success(), "{command}\n{output:?}");
    assert!(output.stderr.is_empty(), "{command}\n{output:?}");
    let said = String::from_utf8(output.stdout).expect("UTF-8");
    // There are no NULs in base64.
    let (arguments, input) = said.rsplit_once('\0').expect("arguments");
    let input: String = input.split_whitespace().collect();
    Call {
        arguments: arguments.split('\0').map(str::to_owned).collect(),
        input: BASE64.decode(input).expect("base64"),
    }
}

/// Keeps curl from adding headers.
const OWN: [&str; 4] = ["--header", "accept:", "--header", "user-agent:"];

/// `arguments` without those that keep curl from adding headers, which are in front of the body.
#[track_caller]
fn check(record: &Record, comments: &[&str], arguments: &[&str]) {
    let command = curl(record);
    let said: Vec<_> = command
        .lines()
        .take_while(|it| it.starts_with('#'))
        .collect();
    assert_eq!(said, comments);
    let mut call = run(&command);
    let found = call.arguments.windows(4).position(|it| it == OWN);
    let at = found.expect("curl is kept from adding headers");
    call.arguments.drain(at..at + 4);
    let expected = Call {
        arguments: arguments.iter().map(|&it| it.to_owned()).collect(),
        input: Vec::new(),
    };
    assert_eq!(call, expected, "{command}");
}

const URL: &str = "http://localhost:8080/orders/7";

#[test]
fn the_example_is_repeated_with_its_masks_in_it() {
    check(
        &example(),
        &["# masked, to be put in: query 'token', header 'authorization', body 'password'"],
        &[
            "http://localhost:8080/orders/7?page=2&token=***",
            "--header",
            "authorization: ***",
            "--header",
            "content-type: application/json",
            "--data-raw",
            r#"{ "item": "server", "password": "***" }"#,
        ],
    );
}

#[test]
fn methods_are_those_of_the_record() {
    let mut record = record();
    check(&record, &[], &[URL]);
    for (method, expected) in [
        ("HEAD", &["--head", URL][..]),
        ("POST", &[URL, "--request", "POST"]),
        ("DELETE", &[URL, "--request", "DELETE"]),
        ("M-SEARCH", &[URL, "--request", "M-SEARCH"]),
        ("get", &[URL, "--request", "get"]),
        ("$x'", &[URL, "--request", "$x'"]),
    ] {
        record.request.method = method.into();
        check(&record, &[], expected);
    }

    record.request.method = "GET /x HTTP/1.1\r\nx: y".into();
    let note = r"# left out: method 'GET /x HTTP/1.1\r\nx: y'";
    check(&record, &[note], &[URL]);

    let mut record = posted("text/plain", "text", json!("hello"));
    record.request.body.bytes = Some(5);
    let header = ["--header", "content-type: text/plain"];
    let data = ["--data-raw", "hello"];
    record.request.method = "GET".into();
    let expected = [&[URL, "--request", "GET"][..], &header, &data].concat();
    check(&record, &[], &expected);
    record.request.method = "HEAD".into();
    let note = "# the body is left out: curl sends none with HEAD";
    check(&record, &[note], &[&["--head", URL][..], &header].concat());
}

#[test]
fn urls_are_taken_as_they_are() {
    let mut record = record();
    for (path, query, expected) in [
        ("/a", Some(""), &["http://localhost:8080/a?"][..]),
        ("", None, &["http://localhost:8080/"]),
        (
            "/a[1-9]",
            None,
            &["--globoff", "http://localhost:8080/a[1-9]"],
        ),
        (
            "/a",
            Some("f={b,c}"),
            &["--globoff", "http://localhost:8080/a?f={b,c}"],
        ),
        (
            "/a/../b",
            None,
            &["--path-as-is", "http://localhost:8080/a/../b"],
        ),
        (
            "/%2e%2E/b",
            None,
            &["--path-as-is", "http://localhost:8080/%2e%2E/b"],
        ),
        (
            "*",
            None,
            &["http://localhost:8080", "--request-target", "*"],
        ),
        (
            "-o",
            Some("x"),
            &["http://localhost:8080", "--request-target", "-o?x"],
        ),
        ("/-o'$(x)", None, &["http://localhost:8080/-o'$(x)"]),
        (
            "/\"<é>",
            None,
            &["http://localhost:8080", "--request-target", "/\"<é>"],
        ),
    ] {
        record.request.path = path.into();
        record.request.query = query.map(Into::into);
        check(&record, &[], expected);
    }
}

#[test]
fn a_host_that_is_none_is_not_in_the_url() {
    let mut record = record();
    record.request.headers = vec![("host".into(), "a@b".into())];
    record.request.host = Some("a@b".into());
    check(
        &record,
        &["# the host is not known"],
        &["http://host.invalid/orders/7", "--header", "host: a@b"],
    );
    record.request.host = Some("[::1]:80".into());
    let url = "http://[::1]:80/orders/7";
    let expected = ["--globoff", url, "--header", "host: a@b"];
    check(&record, &[], &expected);
    // curl would leave out the port.
    record.request.headers[0].1 = "[::1]:80".into();
    let expected = ["--globoff", url, "--header", "host: [::1]:80"];
    check(&record, &[], &expected);
}

#[test]
fn headers_are_those_of_the_record_but_for_what_curl_has_to_write() {
    let record = record_of(|record| {
        record["request"]["headers"] = json!([
            ["accept", "a/b"],
            ["accept", "c/d"],
            ["accept-encoding", "gzip, br"],
            ["accept-encoding", "br;Q=0"],
            ["connection", "keep-alive"],
            ["content-length", "10"],
            ["host", "localhost:8080"],
            ["transfer-encoding", "chunked"],
            ["x-blank", " "],
            ["x-mask", "a=***; b=***"],
            ["x-tab", "a\tb"],
        ]);
        record["request"]["headers_dropped"] = json!(2);
    });
    let comments = [
        "# masked, to be put in: header 'x-mask'",
        "# headers that were not recorded: 2",
    ];
    let command = curl(&record);
    let said: Vec<_> = command.lines().take(2).collect();
    assert_eq!(said, comments);
    let call = run(&command);
    assert!(call.has("--compressed"));
    let expected = [
        "accept: a/b",
        "accept: c/d",
        "accept-encoding: gzip, br",
        "accept-encoding: br;Q=0",
        "connection: keep-alive",
        "transfer-encoding: chunked",
        "x-blank;",
        "x-mask: a=***; b=***",
        "x-tab: a\tb",
        "user-agent:",
        "content-type:",
        "expect:",
    ];
    assert_eq!(call.all("--header"), expected);

    let record = record_of(|record| {
        record["request"]["headers"] = json!([["connection", "upgrade"], ["upgrade", "websocket"]]);
    });
    let headers = [
        "connection: upgrade",
        "upgrade: websocket",
        "accept:",
        "user-agent:",
    ];
    assert_eq!(run(&curl(&record)).all("--header"), headers);
}

#[test]
fn cookies_of_http_2_are_joined() {
    let mut record = record_of(|record| {
        record["request"]["headers"] = json!([["cookie", "a=1"], ["cookie", "b=2"], ["te", "x"]]);
    });
    let two = [
        "--header",
        "cookie: a=1",
        "--header",
        "cookie: b=2",
        "--header",
        "te: x",
    ];
    check(&record, &[], &[&[URL][..], &two].concat());
    record.request.version = "HTTP/2.0".into();
    let joined = ["--header", "cookie: a=1; b=2", "--header", "te: x"];
    check(
        &record,
        &[
            "# it came over HTTP/2, and is sent over HTTP/1.1",
            "# several cookie fields are joined, as they are one over HTTP/1.1",
        ],
        &[&[URL][..], &joined].concat(),
    );
}

#[test]
fn hashes_are_told_from_masks() {
    let record = record_of(|record| {
        record["request"]["query"] = json!("pin=k1:0123456789abcdef&token=***");
        record["request"]["headers"] = json!([["x-a", "Bearer k1:0123456789abcdef"]]);
    });
    let command = curl(&record);
    let said: Vec<_> = command.lines().take(2).collect();
    let may_be =
        "# may be keyed hashes of masked values, to be put in then: query 'pin', header 'x-a'";
    assert_eq!(said, ["# masked, to be put in: query 'token'", may_be]);
}

#[test]
fn a_hostile_body_makes_no_long_comment() {
    let key = "k".repeat(15_000);
    let masked: serde_json::Map<_, _> = (0..1_400)
        .map(|i| (format!("{i:05}"), json!("***")))
        .collect();
    let record = posted("application/json", "json", json!({ key: masked }));
    let length = record.request.body.json.as_ref().expect("JSON").get().len();
    let command = curl(&record);
    assert!(command.len() < length + 1_000, "{}", command.len());
    // Texts that take the most room as arguments.
    for unit in ["'", "\u{1b}a", "\u{202e}", "%", "\\", "a\n"] {
        let mut record = posted("text/plain", "text", json!(unit.repeat(8_000)));
        record
            .request
            .headers
            .push(("x-a".into(), unit.repeat(1_000).as_str().into()));
        record.request.path = format!("/{}", unit.repeat(1_000)).as_str().into();
        let length = unit.len() * 10_000;
        let command = curl(&record);
        assert!(
            command.len() < 4 * length + 1_000,
            "{unit:?} {}",
            command.len()
        );
    }
}

#[test]
fn headers_that_would_be_something_else_are_left_out() {
    let record = record_of(|record| {
        record["request"]["headers"] = json!([
            ["", "a"],
            ["@/etc/passwd", "a"],
            ["x-a:b", "c"],
            ["x-break", "a\r\nx-more: 1"],
            ["x-nul", "a\u{0}b"],
            ["x$(y)\n'", "a"],
        ]);
    });
    check(
        &record,
        &[
            r"# left out: header '', header '@/etc/passwd', header 'x-a:b', header 'x-break', header 'x-nul', header 'x$(y)\n'\'''",
        ],
        &[URL],
    );
}

#[test]
fn a_body_without_a_media_type_gets_none() {
    let mut record = posted("text/plain", "text", json!("@hello"));
    record.request.body.bytes = Some(6);
    record.request.headers.clear();
    let expected = [URL, "--header", "content-type:", "--data-raw", "@hello"];
    check(&record, &[], &expected);
}

#[test]
fn binary_bodies_come_through_a_pipe() {
    let mut record = posted("image/png", "base64", json!("AAEC/w=="));
    let command = curl(&record);
    assert!(
        command.contains("\nprintf %s 'AAEC/w==' | base64 -d | curl "),
        "{command}"
    );
    let call = run(&command);
    assert_eq!(call.input, [0, 1, 2, 255]);
    assert_eq!(call.all("--data-binary"), ["@-"]);

    record = posted("text/plain", "text", json!("a\0b\x1b[31m\r\n"));
    let call = run(&curl(&record));
    assert_eq!(call.input, b"a\0b\x1b[31m\r\n");
    assert_eq!(call.all("--data-binary"), ["@-"]);
}

#[test]
fn a_body_that_decodes_to_nothing_is_sent_as_nothing() {
    let mut record = posted("text/plain", "text", json!("x"));
    let body = &mut record.request.body;
    (body.text, body.decoded) = (None, Some(0));
    body.encoding = Some("gzip".into());
    let command = curl(&record);
    assert!(!command.contains("not recorded"), "{command}");
    assert_eq!(run(&command).all("--data-raw"), [""]);
}

#[test]
fn bytes_that_were_no_text_are_said_to_differ() {
    let command = curl(&posted("text/plain", "text", json!("a\u{fffd}b")));
    let note = "# the body may have had bytes that are no UTF-8\n";
    assert!(command.contains(note), "{command}");
}

#[test]
fn a_field_too_long_for_an_argument_is_left_out() {
    let long = "x".repeat(64 * 1024 + 1);
    let parts = json!([
        { "name": "note", "bytes": 1, "text": "y" },
        { "name": "long", "bytes": long.len(), "text": long },
    ]);
    let command = curl(&posted("multipart/form-data", "parts", parts));
    assert!(command.contains("# left out: part 'long'\n"), "{command}");
    assert_eq!(run(&command).all("--form-string"), ["note=y"]);
}

#[test]
fn a_body_too_long_for_an_argument_comes_through_a_pipe() {
    let text = "%s\\n'\n".repeat(50_000);
    let call = run(&curl(&posted("text/plain", "text", json!(text))));
    assert_eq!(call.input, text.as_bytes());
    assert_eq!(call.all("--data-binary"), ["@-"]);
}

#[test]
fn what_is_missing_of_a_body_is_said() {
    let mut record = posted("text/plain", "text", json!("hel"));
    record.request.body.reasons = vec![
        actix_web_body_logger::record::Reason::BodyLimit,
        actix_web_body_logger::record::Reason::Redaction,
    ];
    let note = "# the body was not recorded as a whole: 10 bytes, complete, body_limit, redaction";
    let header = "content-type: text/plain";
    let expected = [URL, "--header", header, "--data-raw", "hel"];
    check(&record, &[note], &expected);

    record.request.body.text = None;
    let note = "# the body was not recorded: 10 bytes, complete, body_limit, redaction";
    let expected = [URL, "--request", "POST", "--header", header];
    check(&record, &[note], &expected);

    record.request.body.reasons.clear();
    record.request.body.bytes = None;
    record.request.body.state = actix_web_body_logger::record::BodyState::Unread;
    let note = "# the body was not recorded: bytes not counted, unread";
    check(&record, &[note], &expected);
}

#[test]
fn a_body_in_another_form_than_it_was_sent_in_says_so() {
    let mut record = posted("text/plain; charset=utf-16", "text", json!("é"));
    record
        .request
        .headers
        .push(("content-encoding".into(), "gzip".into()));
    record.request.body.encoding = Some("gzip".to_owned());
    let expected = [
        URL,
        "--header",
        "content-type: text/plain; charset=utf-16",
        "--data-raw",
        "é",
    ];
    record.request.body.decoded = Some(4);
    let notes = [
        "# the body is sent in UTF-8 and not in its charset",
        "# the body is sent without its content encoding",
        "# the body is sent in 2 bytes: it had 4 bytes",
    ];
    check(&record, &notes, &expected);
}

#[test]
fn multipart_forms_are_sent_but_for_their_files() {
    let parts = json!([
        { "name": "note", "bytes": 5, "text": "it's\r\n@me <x ;type=a/b\n" },
        { "name": "card", "bytes": 14, "media_type": "application/json",
          "json": { "number": "***" } },
        { "name": "avatar", "file_name": "me.png", "bytes": 1024, "reasons": ["media_type"] },
        { "name": "a=b", "bytes": 1, "text": "x" },
        { "name": "nul", "bytes": 1, "text": "\u{0}" },
        { "name": "cut", "bytes": null, "text": "x", "reasons": ["body_limit"] },
        { "bytes": 1, "text": "x" },
        { "name": "empty", "bytes": 0 },
    ]);
    let mut record = posted("multipart/form-data", "parts", parts);
    record.request.body.parts_dropped = 1;
    check(
        &record,
        &[
            "# masked, to be put in: part 'card'",
            "# left out: file 'avatar', part 'a=b', part 'nul', part ''",
            "# sent without its media type: part 'card'",
            "# not recorded as a whole: part 'cut'",
            "# the body was not recorded as a whole: 10 bytes, complete",
            "# the body is written anew by curl, with a boundary of its own",
            "# parts of the body that were not recorded: 1",
        ],
        &[
            URL,
            "--header",
            "expect:",
            "--form-string",
            "note=it's\r\n@me <x ;type=a/b\n",
            "--form-string",
            "card={\"number\":\"***\"}",
            "--form-string",
            "cut=x",
            "--form-string",
            "empty=",
        ],
    );

    let files = json!([{ "name": "f", "file_name": "f", "bytes": 1, "reasons": ["media_type"] }]);
    let record = posted("multipart/form-data", "parts", files);
    let notes = [
        "# left out: file 'f'",
        "# the body is left out: there is nothing that curl could write of it",
    ];
    check(
        &record,
        &notes,
        &[
            URL,
            "--request",
            "POST",
            "--header",
            "content-type: multipart/form-data",
        ],
    );

    let mixed = json!([{ "name": "a", "bytes": 1, "text": "x" }]);
    for media_type in ["multipart/mixed", "multipart/related"] {
        let record = posted(media_type, "parts", mixed.clone());
        let note = "# the body is left out: curl writes no other multipart than forms";
        let header = format!("content-type: {media_type}");
        check(
            &record,
            &[note],
            &[URL, "--request", "POST", "--header", &header],
        );
    }
}

#[test]
fn many_masks_are_not_all_listed() {
    let masked: serde_json::Map<_, _> = (0..25).map(|i| (format!("n{i}"), json!("***"))).collect();
    let command = curl(&posted("application/json", "json", json!(masked)));
    let comment = command.lines().next().expect("a comment");
    assert_eq!(comment.matches("body '").count(), 20);
    assert!(comment.ends_with(" and more"), "{comment}");
}

/// Text that a shell, a terminal or curl could take for something else.
fn strange() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "['\"\\\\$`!*?~#&;|<>(){}\\[\\]=:@% \t\r\n\0\x1b\u{85}\u{202e}é日a-]{0,30}",
        Just("'; touch /tmp/no; '".to_owned()),
        Just("$(exit 1)`exit 1`".to_owned()),
    ]
}

fn name() -> impl Strategy<Value = String> {
    "[a-z][a-z0-9!#$%&'*+.^_`|~-]{0,10}"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_shell_passes_on_what_was_recorded_and_runs_nothing_of_it(
        method in strange(),
        path in strange(),
        query in prop::option::of(strange()),
        headers in prop::collection::vec((name(), strange()), 0..4),
        text in strange(),
    ) {
        let mut record = posted("text/plain", "text", json!(text));
        record.request.method = method.clone().into();
        record.request.path = format!("/{path}").into();
        record.request.query = query.clone().map(Into::into);
        let pair = |(name, value): &(String, String)| (name.as_str().into(), value.as_str().into());
        record.request.headers = headers.iter().map(pair).collect();
        let command = curl(&record);
        let is_token = |text: &str| {
            !text.is_empty() && text.bytes().all(|b| {
                b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)
            })
        };
        let safe = |c: char| c == '\n' || !(c.is_control() || c == '\u{202e}');
        prop_assert!(command.chars().all(safe), "{:?}", command);
        let call = run(&command);

        let url = call.arguments.iter().find(|it| it.starts_with("http://localhost:8080"));
        let url = url.expect("a URL").strip_prefix("http://localhost:8080").expect("a path");
        let target = match call.all("--request-target")[..] {
            [target] => target.to_owned(),
            _ => url.to_owned(),
        };
        let written = match &query {
            Some(query) => format!("/{path}?{query}"),
            None => format!("/{path}"),
        };
        if !written.contains('\0') {
            prop_assert_eq!(meaning(&target), meaning(&written));
        }
        if !["POST", "HEAD"].contains(&&*method) && is_token(&method) {
            prop_assert_eq!(call.all("--request"), [&method]);
        }
        let mut expected = Vec::new();
        for (name, value) in &headers {
            match value.trim_matches([' ', '\t']) {
                _ if value.contains(['\r', '\n', '\0']) => {}
                "" => expected.push(format!("{name};")),
                value => expected.push(format!("{name}: {value}")),
            }
        }
        for own in ["accept:", "user-agent:", "content-type:"] {
            expected.push(own.to_owned());
        }
        if method != "HEAD" {
            prop_assert_eq!(call.all("--header"), expected);
        }
        if call.has("--data-raw") {
            prop_assert_eq!(call.all("--data-raw"), [text]);
        } else {
            prop_assert_eq!(call.all("--data-binary"), ["@-"]);
            prop_assert_eq!(call.input, text.as_bytes());
        }
    }

    #[test]
    fn parts_are_passed_on_too_and_names_stay_in_their_comments(
        parts in prop::collection::vec((strange(), strange()), 1..4),
        masked in strange(),
    ) {
        let json: Vec<_> = parts
            .iter()
            .map(|(name, text)| json!({ "name": name, "bytes": 1, "text": text }))
            .chain([json!({ "name": masked, "bytes": 1, "text": "***" })])
            .collect();
        let record = posted("multipart/form-data", "parts", json!(json));
        let command = curl(&record);
        let call = run(&command);
        let expected: Vec<String> = parts
            .iter()
            .chain([&(masked, "***".to_owned())])
            .filter(|(name, text)| {
                !name.is_empty() && !name.contains(['=', '\0']) && !text.contains('\0')
            })
            .map(|(name, text)| format!("{name}={text}"))
            .collect();
        prop_assert_eq!(call.all("--form-string"), expected);
        // A shell that does not know comments finds words in quotes.
        let comments: String = command
            .lines()
            .take_while(|line| line.starts_with('#'))
            .map(|line| format!("printf '%s\\0' {}\n", line.trim_start_matches('#')))
            .collect();
        let call = run(&format!("{comments}curl the end"));
        prop_assert!(call.arguments.ends_with(&["the".to_owned(), "end".to_owned()]));
    }
}

/// The bytes that a part of a URL stands for.
fn meaning(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = rest.get(1..3).and_then(|it| std::str::from_utf8(it).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &rest[3..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    bytes
}
