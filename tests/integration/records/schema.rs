//! The record's JSON is a contract.

use actix_web_body_logger::{Entry, Record};
use jsonschema::Validator;
use serde_json::{json, Value};

use super::outcomes::of_all_outcomes;

fn schema() -> Validator {
    validator(|_| {})
}

/// A schema that refuses what the schema does not name, too: nothing of that is written.
pub fn strict_schema() -> Validator {
    validator(|definitions| {
        for definition in definitions.as_object_mut().expect("an object").values_mut() {
            refuse_unknown(definition);
        }
    })
}

fn validator(change: fn(&mut Value)) -> Validator {
    let schema = include_str!("../../../docs/record.schema.json");
    let mut schema: Value = serde_json::from_str(schema).expect("JSON");
    change(&mut schema["$defs"]);
    jsonschema::draft202012::meta::validate(&schema).expect("a schema");
    jsonschema::validator_for(&schema).expect("a schema")
}

fn refuse_unknown(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    if let Some(members) = schema.get_mut("properties") {
        let members = members.as_object_mut().expect("an object");
        members.values_mut().for_each(refuse_unknown);
        schema.entry("additionalProperties").or_insert(json!(false));
    }
}

fn example() -> Value {
    let example = include_str!("../../../docs/record.example.json");
    serde_json::from_str(example).expect("JSON")
}

#[track_caller]
pub fn check(schema: &Validator, line: &str) {
    let value: Value = serde_json::from_str(line).expect("JSON");
    let errors: Vec<String> = schema
        .iter_errors(&value)
        .map(|error| format!("{} at {}", error, error.instance_path))
        .collect();
    assert!(errors.is_empty(), "{line}\n{errors:#?}");
}

#[test]
fn lines_of_every_outcome_are_as_the_schema_says_and_read_back_as_they_were() {
    let schema = strict_schema();
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
    check(&strict_schema(), &example().to_string());
    let record: Record = serde_json::from_value(example()).expect("a record");
    assert_eq!(serde_json::to_value(record).expect("JSON"), example());
}

#[test]
fn the_schema_refuses_what_is_no_record() {
    let schema = schema();
    let refused: [fn(&mut Value); 25] = [
        |line| line["entry_id"] = json!("01a1fd63-3a99-4f10-a2b4-6c0d8e1f3a57"),
        |line| line["run"] = json!("today"),
        |line| line["seq"] = json!(0),
        |line| line["stage"] = json!("middle"),
        |line| line["stage"] = json!("start"),
        |line| line["stage"] = json!("end"),
        |line| line["outcome"] = json!(null),
        |line| line["duration_us"] = json!(null),
        |line| line["request"]["body"]["state"] = json!("pending"),
        |line| line["trace"]["trace_id"] = json!("0"),
        |line| line["gap"] = json!({}),
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

/// What no code makes yet reads back, too.
#[test]
fn stages_gaps_and_maintenance_read_back_and_unknown_members_are_ignored() {
    let stage = |change: fn(&mut Value)| {
        let mut line = example();
        change(&mut line);
        line
    };
    let head = || {
        json!({
            "v": 1, "entry_id": "01a1fd63-3a99-7f10-a2b4-6c0d8e1f3a57",
            "run": "01a1fd21-0c4e-7b1d-8f35-2e9a7c6b5d40",
        })
    };
    let entry = |change: fn(&mut Value)| {
        let mut line = head();
        change(&mut line);
        line
    };
    let lines = [
        stage(|line| {
            line["stage"] = json!("request");
            line["outcome"] = json!(null);
            line["duration_us"] = json!(null);
            line["response"] = json!(null);
            line["request"]["body"]["state"] = json!("pending");
        }),
        stage(|line| {
            line["stage"] = json!("response");
            line["first_seq"] = json!(41);
            line["outcome"] = json!("released");
            line["response"]["body"]["state"] = json!("pending");
        }),
        stage(|line| {
            line["stage"] = json!("end");
            line["first_seq"] = json!(41);
            line["outcome"] = json!("response_aborted");
        }),
        stage(|line| {
            line["outcome"] = json!("refused");
            line["response"]["status"] = json!(503);
            line["request"]["body"]["file"] = json!({"name": "7.body", "bytes": 38});
            line["request"]["body"]["reasons"] = json!(["sampled_out", "record_limit"]);
            line["response"]["body"]["no_file"] = json!("too_slow");
        }),
        entry(|line| {
            line["gap"] = json!({
                "from": "2026-11-21T09:15:01.123456Z", "to": "2026-11-21T09:15:02.000000Z",
                "dropped": 4, "reasons": {"dropped_newest": 4}, "seq": [[7, 9], [11, 11]],
            });
        }),
        entry(|line| {
            line["seq"] = json!(12);
            line["maintenance"] = json!({
                "kind": "deleted", "time": "2026-11-21T09:15:02.000000Z", "cause": "size",
                "leaves": [0, 99], "files": ["audit.1.jsonl"],
            });
        }),
        entry(|line| {
            line["seq"] = json!(13);
            line["maintenance"] = json!({
                "kind": "erased", "time": "2026-11-21T09:15:02.000000Z", "leaves": [7, 7],
                "entry_id": "01a1fd63-3a99-7f10-a2b4-6c0d8e1f3a57", "seq": 8, "bytes": 300,
                "run": "01a1fd21-0c4e-7b1d-8f35-2e9a7c6b5d40",
            });
        }),
    ];
    let (open, strict) = (schema(), strict_schema());
    for line in lines {
        check(&strict, &line.to_string());
        let entry: Entry = serde_json::from_str(&line.to_string()).expect("an entry");
        assert_eq!(serde_json::to_value(&entry).expect("JSON"), line);

        let mut later = line;
        for pointer in [
            "",
            "/request",
            "/request/body",
            "/response",
            "/gap",
            "/maintenance",
        ] {
            if let Some(Value::Object(members)) = later.pointer_mut(pointer) {
                members.insert("unheard_of".to_owned(), json!("more"));
            }
        }
        check(&open, &later.to_string());
        assert!(!strict.is_valid(&later));
        let read: Entry = serde_json::from_str(&later.to_string()).expect("an entry");
        assert_eq!(read, entry);
    }
}
