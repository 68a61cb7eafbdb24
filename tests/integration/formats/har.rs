//! The HTTP archive.

use actix_web_body_logger::{format::har, record::RecordText, Entry, Record};
use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{json, Value};

use super::{example, posted, record, record_of};
use crate::records::outcomes::of_all_outcomes;

fn schema() -> Validator {
    let schema = include_str!("../../../docs/har-1.2.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    jsonschema::draft202012::meta::validate(&schema).expect("a schema");
    jsonschema::validator_for(&schema).expect("a schema")
}

/// The archive, as the schema says.
#[track_caller]
fn archive<'a>(records: impl IntoIterator<Item = &'a Record>) -> Value {
    let written = serde_json::to_string(&har(records)).expect("JSON");
    let archive: Value = serde_json::from_str(&written).expect("JSON");
    let errors: Vec<String> = schema()
        .iter_errors(&archive)
        .map(|error| format!("{} at {}", error, error.instance_path))
        .collect();
    assert!(errors.is_empty(), "{archive:#}\n{errors:#?}");
    archive
}

/// The only entry of the archive of a record.
#[track_caller]
fn entry(record: &Record) -> Value {
    archive([record])["log"]["entries"][0].take()
}

#[test]
fn records_of_every_outcome_are_as_the_schema_says() {
    let plain = of_all_outcomes(|logger| logger);
    let tight = of_all_outcomes(|logger| logger.max_body_bytes(10).show_error_messages());
    let records: Vec<Record> = [plain, tight]
        .concat()
        .into_iter()
        .filter_map(|entry| match entry {
            Entry::Record(record) if record.is_whole() => Some(record),
            _ => None,
        })
        .collect();
    assert_eq!(records.len(), 2 * 7);
    let archive = archive(&records);
    let entries = archive["log"]["entries"].as_array().expect("entries");
    assert_eq!(entries.len(), records.len());
    for record in &records {
        let found = entries.iter().find(|entry| entry["_id"] == *record.id);
        let entry = found.expect("an entry");
        assert_eq!(entry["_outcome"], json!(record.outcome));
        let status = record.status().unwrap_or(0);
        assert_eq!(entry["response"]["status"], status);
    }
    let unanswered = entries.iter().filter(|it| it["response"]["status"] == 0);
    assert!(unanswered.count() > 0);
}

#[test]
fn the_example_is_written_as_expected() {
    let archive = archive([&example()]);
    let expected = json!({ "log": {
        "version": "1.2",
        "creator": { "name": "actix-web-body-logger", "version": env!("CARGO_PKG_VERSION") },
        "entries": [{
            "startedDateTime": "2026-11-21T09:15:01.123456Z",
            "time": 1.234,
            "request": {
                "method": "POST",
                "url": "http://localhost:8080/orders/7?page=2&token=***",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": [
                    { "name": "authorization", "value": "***" },
                    { "name": "content-type", "value": "application/json" },
                ],
                "queryString": [
                    { "name": "page", "value": "2" },
                    { "name": "token", "value": "***" },
                ],
                "postData": {
                    "mimeType": "application/json",
                    "text": "{ \"item\": \"server\", \"password\": \"***\" }",
                },
                "headersSize": -1,
                "bodySize": 38,
                "_body": { "state": "complete", "captured": 38, "reasons": [] },
            },
            "response": {
                "status": 200,
                "statusText": "OK",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": [{ "name": "content-type", "value": "application/json" }],
                "content": {
                    "size": 1_048_576,
                    "mimeType": "application/json",
                    "text": "{\"items\":[...",
                },
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": 1_048_576,
                "_body": { "state": "complete", "captured": 32768, "reasons": ["body_limit"] },
            },
            "cache": {},
            "timings": { "send": 0.0, "wait": 0.456, "receive": 0.778 },
            "_id": "01a1fd63-3a83-7c2e-9f64-3d1c5b7a9e21",
            "_outcome": "completed",
            "_client": { "addr": "127.0.0.1:53124" },
            "_route": "/orders/{id}",
            "_attributes": { "user": "42" },
        }],
    } });
    assert_eq!(archive, expected);
}

#[test]
fn there_may_be_no_records_and_the_oldest_comes_first() {
    assert_eq!(archive([])["log"]["entries"], json!([]));
    let older = record_of(|record| record["time"] = json!("2026-11-21T09:15:00.000000Z"));
    let archive = archive([&record(), &older]);
    let started = |i: usize| &archive["log"]["entries"][i]["startedDateTime"];
    assert_eq!(started(0), "2026-11-21T09:15:00.000000Z");
    assert_eq!(started(1), "2026-11-21T09:15:01.123456Z");
}

#[test]
fn queries_are_taken_apart_and_decoded_and_stay_as_they_are_where_that_is_no_text() {
    let mut record = record();
    record.request.query = Some("a=1+2&%C3%A9=%26&b&&c=&d=%FF&a=***".into());
    let pairs = [
        ("a", "1 2"),
        ("é", "&"),
        ("b", ""),
        ("c", ""),
        ("d", "%FF"),
        ("a", "***"),
    ];
    let pairs = pairs.map(|(name, value)| json!({ "name": name, "value": value }));
    assert_eq!(entry(&record)["request"]["queryString"], json!(pairs));
}

#[test]
fn a_whole_form_stands_as_parameters_and_a_cut_one_as_text() {
    let form = "application/x-www-form-urlencoded";
    let mut record = posted(form, "text", json!("name=Ann+Lee&pin=***"));
    let expected = json!({ "mimeType": form, "params": [
        { "name": "name", "value": "Ann Lee" },
        { "name": "pin", "value": "***" },
    ] });
    assert_eq!(entry(&record)["request"]["postData"], expected);
    record.request.body.reasons = vec![actix_web_body_logger::record::Reason::BodyLimit];
    let expected = json!({ "mimeType": form, "text": "name=Ann+Lee&pin=***" });
    assert_eq!(entry(&record)["request"]["postData"], expected);
}

#[test]
fn the_parts_of_a_multipart_form_stand_as_parameters() {
    let parts = json!([
        { "name": "note", "bytes": 5, "text": "hello" },
        { "name": "card", "bytes": 14, "json": { "number": "***" } },
        { "name": "avatar", "file_name": "me.png", "media_type": "image/png", "bytes": 1024,
          "reasons": ["media_type"] },
    ]);
    let record = posted("multipart/form-data", "parts", parts);
    let expected = json!({ "mimeType": "multipart/form-data", "params": [
        { "name": "note", "value": "hello" },
        { "name": "card", "value": "{\"number\":\"***\"}" },
        { "name": "avatar", "fileName": "me.png", "contentType": "image/png" },
    ] });
    assert_eq!(entry(&record)["request"]["postData"], expected);
}

#[test]
fn a_form_of_very_many_fields_stays_a_text() {
    let form = "application/x-www-form-urlencoded";
    let text = vec!["a"; 101].join("&");
    let record = posted(form, "text", json!(text));
    let expected = json!({ "mimeType": form, "text": text });
    assert_eq!(entry(&record)["request"]["postData"], expected);
    let record = posted(form, "text", json!(text[2..]));
    let params = &entry(&record)["request"]["postData"]["params"];
    assert_eq!(params.as_array().map(Vec::len), Some(100));
}

#[test]
fn only_forms_have_parameters() {
    for media_type in ["multipart/mixed", "multipart/related", "multipart/x"] {
        let parts = json!([{ "name": "a", "bytes": 5, "text": "hello" }]);
        let entry = entry(&posted(media_type, "parts", parts.clone()));
        let request = &entry["request"];
        assert_eq!(request.get("postData"), None, "{request}");
        assert_eq!(request["_body"]["parts"], parts);
    }
}

#[test]
fn any_format_of_serde_writes_a_part_s_json_whatever_its_numbers() {
    let json = r#"{"n":1e999,"pin":"***"}"#;
    let parts = format!(r#"[{{"name":"card","bytes":9,"json":{json}}}]"#);
    let mut record = posted("multipart/form-data", "text", json!(""));
    record.request.body.text = None;
    record.request.body.parts = serde_json::from_str(&parts).expect("parts");
    // Not as text, where a document passes as it is.
    let value = serde_json::to_value(har([&record])).expect("a value");
    let request = &value["log"]["entries"][0]["request"];
    assert_eq!(request["_body"]["parts"][0]["json"], json);
    assert_eq!(request["postData"]["params"][0]["value"], json);
    let written = value.to_string();
    assert!(!written.contains("private"), "{written}");
}

#[test]
fn binary_bodies_and_compressed_ones_say_what_they_are() {
    let mut record = posted("image/png", "base64", json!("AAEC"));
    record.response = serde_json::from_value(json!({
        "status": 302,
        "headers": [["content-type", "***"], ["location", "/next?token=***"]],
        "body": { "state": "complete", "bytes": 20, "captured": 20, "media_type": "image/png",
                  "encoding": "gzip", "decoded": 3, "base64": "AAEC" },
    }))
    .expect("a response");
    let entry = entry(&record);
    let expected = json!({ "mimeType": "image/png", "text": "AAEC", "_encoding": "base64" });
    assert_eq!(entry["request"]["postData"], expected);
    let response = &entry["response"];
    let expected =
        json!({ "size": 3, "mimeType": "image/png", "text": "AAEC", "encoding": "base64" });
    assert_eq!(response["content"], expected);
    assert_eq!(response["bodySize"], 20);
    assert_eq!(response["redirectURL"], "/next?token=***");
    assert_eq!(response["statusText"], "Found");
}

#[test]
fn the_schema_refuses_what_is_no_archive() {
    let schema = schema();
    let refused: [fn(&mut Value); 16] = [
        |har| har["log"]["version"] = json!("1.1"),
        |har| har["log"]["more"] = json!(1),
        |har| har["log"]["creator"] = json!({ "name": "a" }),
        |har| har["log"]["entries"] = json!({}),
        |har| har["log"]["entries"][0]["more"] = json!(1),
        |har| har["log"]["entries"][0]["startedDateTime"] = json!("yesterday"),
        |har| har["log"]["entries"][0]["time"] = json!(-1),
        |har| har["log"]["entries"][0]["cache"] = json!(null),
        |har| har["log"]["entries"][0]["timings"] = json!({ "send": 0, "wait": 0 }),
        |har| har["log"]["entries"][0]["request"]["url"] = json!("/no/host"),
        |har| har["log"]["entries"][0]["request"]["bodySize"] = json!(-2),
        |har| har["log"]["entries"][0]["request"]["headers"] = json!([["a", "b"]]),
        |har| har["log"]["entries"][0]["request"]["postData"]["params"] = json!([]),
        |har| har["log"]["entries"][0]["response"] = json!(null),
        |har| har["log"]["entries"][0]["response"]["redirectURL"] = json!(null),
        |har| har["log"]["entries"][0]["response"]["content"] = json!({ "size": 1 }),
    ];
    for (i, spoil) in refused.iter().enumerate() {
        let mut har = archive([&example()]);
        spoil(&mut har);
        assert!(!schema.is_valid(&har), "{i}: {har}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_record_is_too_strange(text: String, micros: u64, ttfb: Option<u64>) {
        let mut record = posted("a/b", "text", json!(text));
        record.duration_us = Some(micros);
        record.ttfb_us = ttfb;
        let short = RecordText::from(text.as_str());
        record.request.path = short.clone();
        record.request.query = Some(short.clone());
        record.request.host = Some(short.clone());
        record.request.headers.push((short.clone(), short));
        let entry = entry(&record);
        prop_assert_eq!(&entry["request"]["postData"]["text"], &json!(text));
        let timings = &entry["timings"];
        let sum: f64 = ["send", "wait", "receive"]
            .iter()
            .map(|name| timings[name].as_f64().expect("a number"))
            .sum();
        let time = entry["time"].as_f64().expect("a number");
        prop_assert!((sum - time).abs() <= time * 1e-12, "{} {}", sum, time);
    }
}
