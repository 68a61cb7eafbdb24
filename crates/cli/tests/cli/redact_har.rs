//! `body-logger redact --har`.

use body_logger_core::{format, record::Json};
use serde_json::Value;

use super::*;

/// An archive as a browser saves it. Each secret begins with `s3cret`, and what may be shown with `shown`.
const ARCHIVE: &str = r#"{"log": {"version": "1.2", "creator": {"name": "shown-browser", "version": "1"},
"pages": [{"startedDateTime": "2026-11-21T09:15:01.123Z", "id": "page_1",
  "title": "https://ada:s3cret1@h.example/shown?token=s3cret2", "pageTimings": {"onLoad": 12.50}}],
"entries": [{"startedDateTime": "2026-11-21T09:15:01.123Z", "time": 12.5000000000000001,
"request": {"method": "POST", "url": "https://h.example/shown?token=s3cret3&code=s3cret4&state=1", "httpVersion": "HTTP/2",
  "cookies": [{"name": "shown-sid", "value": "s3cret5", "httpOnly": true}, {"name": "empty", "value": ""}],
  "headers": [{"name": "Authorization", "value": "Bearer s3cret6"}, {"name": ":path", "value": "/shown?token=s3cret3"},
    {"name": "cookie", "value": "shown-sid=s3cret5"}, {"name": "accept", "value": "shown/*"}, {"name": "x-any", "value": "s3cret7"},
    {"name": "ghp_s3cret8F292c6912E7710c838347Ae178B4abcd", "value": "s3cret9"}],
  "queryString": [{"name": "token", "value": "s3cret3"}, {"name": "code", "value": "s3cret4"}, {"name": "state", "value": "1"}],
  "postData": {"mimeType": "application/json", "text": "{\"password\":\"s3cret10\",\"a\":\"shown\"}"},
  "headersSize": -1, "bodySize": 22},
"response": {"status": 302, "statusText": "Found", "httpVersion": "HTTP/2", "cookies": [],
  "headers": [{"name": "set-cookie", "value": "shown-sid=s3cret11; Path=/"}],
  "content": {"size": 3, "mimeType": "text/plain", "text": "eyJwaW4iOiAiczNjcmV0MTIifQ==", "encoding": "base64"},
  "redirectURL": "/shown?token=s3cret13", "headersSize": -1, "bodySize": 2},
"cache": {}, "timings": {"send": 0, "wait": 1, "receive": 1}, "serverIPAddress": "192.0.2.1",
"_webSocketMessages": [{"type": "send", "time": 1.5, "opcode": 1, "data": "{\"password\":\"s3cret14\"}"}],
"_initiator": {"type": "script", "url": "https://h.example/?token=s3cret15"}, "_apiKey": "s3cret16",
"ghp_s3cret25F292c6912E7710c838347Ae178B4abc": {"password": 1}},
{"request": {"method": "POST", "url": "https://h.example/form", "postData": {"mimeType": "application/x-www-form-urlencoded",
    "text": "a=shown&pin=s3cret17", "params": [{"name": "a", "value": "shown"}, {"name": "pin", "value": "s3cret17"}]}},
 "response": {"content": {"mimeType": "image/png", "text": "iVBORw0KGgo=", "encoding": "base64"}}},
{"request": {"url": {"password": "s3cret18"}, "headers": {"authorization": "s3cret19"}, "queryString": "pin=s3cret20",
    "cookies": "sid=s3cret21; password=s3cret21", "postData": ["password=s3cret22"]}, "response": "password=s3cret23"}
]}, "password": "s3cret24"}"#;

fn redacted(archive: &str) -> Value {
    let run = run_with(&["redact", "--har"], archive);
    assert_eq!((run.code, &run.err[..]), (0, ""));
    serde_json::from_str(&run.out).expect("JSON")
}

/// The names of all members, in order, with the lengths of arrays.
fn shape(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| format!("{name}:{}", shape(value)));
            format!("{{{}}}", members.collect::<Vec<_>>().join(","))
        }
        Value::Array(elements) => format!("{:?}", elements.iter().map(shape).collect::<Vec<_>>()),
        _ => String::new(),
    }
}

#[test]
fn shows_no_secret_of_any_place() {
    let out = redacted(ARCHIVE).to_string();
    assert!(!out.contains("s3cret"), "{out}");
}

#[test]
fn shows_what_is_no_secret_and_stays_an_archive_of_the_same_shape() {
    let shown = redacted(ARCHIVE);
    let [first, second, third] = &shown["log"]["entries"].as_array().expect("entries")[..] else {
        panic!("{shown}");
    };
    let request = &first["request"];
    assert_eq!(
        request["url"],
        "https://h.example/shown?token=***&code=***&state=1"
    );
    assert_eq!(request["queryString"][1]["name"], "code");
    assert_eq!(request["queryString"][1]["value"], "***");
    assert_eq!(request["queryString"][2]["value"], "1");
    assert_eq!(request["headers"][3]["value"], "shown/*");
    assert_eq!(request["headers"][2]["value"], "shown-sid=***");
    assert_eq!(request["cookies"][0]["name"], "shown-sid");
    assert_eq!(request["cookies"][1]["value"], "");
    assert_eq!(
        request["postData"]["text"],
        r#"{"password":"***","a":"shown"}"#
    );
    let content = &first["response"]["content"];
    assert_eq!(content["text"], r#"{"pin":"***"}"#);
    assert!(content.get("encoding").is_none(), "{content}");
    assert_eq!(second["request"]["postData"]["text"], "a=shown&pin=***");
    assert_eq!(second["request"]["postData"]["params"][0]["value"], "shown");
    assert_eq!(second["response"]["content"]["text"], "***");
    assert_eq!(third["response"], "password=***");

    let numbers = run_with(&["redact", "--har"], ARCHIVE).out;
    assert!(
        numbers.contains("\"time\":12.5000000000000001,"),
        "{numbers}"
    );
    let before = ARCHIVE.replace("ghp_s3cret25F292c6912E7710c838347Ae178B4abc", "***");
    let before: Value = serde_json::from_str(&before).expect("JSON");
    // What is base64 no more says so no more, and secrets are no names.
    let before = shape(&before)
        .replace("encoding:,", "")
        .replace(",encoding:", "");
    assert_eq!(shape(&shown), before);
}

#[test]
fn explains_each_place_of_an_archive() {
    let run = run_with(&["redact", "--har", "--explain"], ARCHIVE);
    for place in [
        "log.pages[0].title: text",
        "log.entries[0].request.url token: name",
        "log.entries[0].request.cookies[0].value: value of a cookie",
        "log.entries[0].request.headers[0].value authorization: name",
        "log.entries[0].request.headers[5]: a secret in its name",
        "log.entries[0].request.queryString token: name",
        "log.entries[0].request.postData.text $.password: name",
        "log.entries[0].response.content.text $.pin: name",
        "log.entries[0]._apiKey: name",
        "log.entries[1].response.content.text: binary",
        "password: name",
    ] {
        let line = format!("body-logger: hidden: {place}\n");
        assert!(run.err.contains(&line), "{place}: {}", run.err);
    }
    assert!(!run.err.contains("s3cret"), "{}", run.err);
}

#[test]
fn leaves_an_archive_of_the_middleware_as_it_is() {
    // Its records are redacted already.
    let mut other = record(2);
    other.request.query = None;
    let mut records = [record(1), other];
    for record in &mut records {
        // As the middleware writes them: without white space, and truncated at a token.
        let json = r#"{"item":"server","password":"***"}"#;
        record.request.body.json = Json::from_text(json.into()).ok();
        let response = record.response.as_mut().expect("a response");
        response.body.text = Some(r#"{"items":["#.into());
    }
    let archive = serde_json::to_string(&format::har(&records)).expect("JSON");
    let before: Value = serde_json::from_str(&archive).expect("JSON");
    assert_eq!(redacted(&archive), before);
}

#[test]
fn refuses_what_is_no_archive() {
    for (input, cause) in [
        ("", "EOF while parsing a value at line 1 column 0"),
        ("{\"log\": {}}", "there is no log.entries"),
        ("[]", "there is no log.entries"),
        (
            "{\"log\": {\"entries\": []}} pin=2718",
            "trailing characters at line 1 column 26",
        ),
    ] {
        let run = run_with(&["redact", "--har"], input);
        assert_eq!((run.code, &run.out[..]), (3, ""));
        let message =
            format!("body-logger: cannot read standard input as an HTTP archive: {cause}\n");
        assert_eq!(run.err, message);
    }
}
