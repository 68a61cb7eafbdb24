//! The record's JSON is a contract.

use actix_web_body_logger::{Entry, Record};
use jsonschema::Validator;
use serde_json::{json, Value};

use super::outcomes::of_all_outcomes;

fn schema() -> Validator {
    let schema = include_str!("../../../docs/record.schema.json");
    let schema: Value = serde_json::from_str(schema).expect("JSON");
    jsonschema::draft202012::meta::validate(&schema).expect("a schema");
    jsonschema::validator_for(&schema).expect("a schema")
}

fn example() -> Value {
    let example = include_str!("../../../docs/record.example.json");
    serde_json::from_str(example).expect("JSON")
}

#[track_caller]
fn check(schema: &Validator, line: &str) {
    let value: Value = serde_json::from_str(line).expect("JSON");
    let errors: Vec<String> = schema
        .iter_errors(&value)
        .map(|error| format!("{} at {}", error, error.instance_path))
        .collect();
    assert!(errors.is_empty(), "{line}\n{errors:#?}");
}

#[test]
fn lines_of_every_outcome_are_as_the_schema_says_and_read_back_as_they_were() {
    let schema = schema();
    let plain = of_all_outcomes(|logger| logger);
    let tight = of_all_outcomes(|logger| logger.max_body_bytes(10).show_error_messages());
    let entries = [plain, tight].concat();
    // Seven outcomes, two of which are announced.
    assert_eq!(entries.len(), 2 * (7 + 2));
    for entry in entries {
        let line = serde_json::to_string(&entry).expect("JSON");
        assert!(!line.contains('\n'));
        check(&schema, &line);
        let read: Entry = serde_json::from_str(&line).expect("an entry");
        assert_eq!(read, entry);
        assert_eq!(serde_json::to_string(&read).expect("JSON"), line);
    }
}

#[test]
fn the_example_is_as_the_schema_says_and_nothing_of_it_is_lost_in_reading_it() {
    check(&schema(), &example().to_string());
    let record: Record = serde_json::from_value(example()).expect("a record");
    assert_eq!(serde_json::to_value(record).expect("JSON"), example());
}

#[test]
fn the_schema_refuses_what_is_no_record() {
    let schema = schema();
    let refused: [fn(&mut Value); 18] = [
        |line| line["more"] = json!(1),
        |line| line["request"]["more"] = json!(1),
        |line| line["request"]["body"]["more"] = json!(1),
        |line| line["response"]["more"] = json!(1),
        |line| line["v"] = json!(2),
        |line| line["id"] = json!("two words"),
        |line| line["time"] = json!("2026-11-21T09:15:01Z"),
        |line| line["time"] = json!("2026-11-21T09:15:01.123456+01:00"),
        |line| line["outcome"] = json!("fine"),
        |line| line["duration_us"] = json!(-1),
        |line| line["duration_us"] = json!(1.5),
        |line| line["request"]["headers"][0] = json!(["Accept", "x"]),
        |line| line["request"]["headers"][0] = json!(["accept"]),
        |line| line["request"]["body"]["state"] = json!("fine"),
        |line| line["request"]["body"]["text"] = json!("beside json"),
        |line| line["response"]["body"]["reasons"] = json!(["because"]),
        |line| line["response"] = json!(null),
        |line| {
            line.as_object_mut().expect("an object").remove("error");
        },
    ];
    for (i, spoil) in refused.iter().enumerate() {
        let mut line = example();
        spoil(&mut line);
        assert!(!schema.is_valid(&line), "{i}: {line}");
    }
}
