use std::time::{Duration, SystemTime};

use proptest::{collection::vec, option, prelude::*, sample::select};

use super::*;
use crate::{
    record::{
        BodyFile, BodyState, ErrorKind, ErrorRecord, Json, NoFile, Part, Resource, Stage, Trace,
        RECORD_VERSION,
    },
    rfc3339,
};

/// Texts with and without escaped bytes, of lengths around those of the scanned blocks.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z*/ -]{0,20}",
        "[a-zé\u{1f980}\"\\\\\u{0}\n\r\u{1f}\u{7f}\u{2028}]{0,20}",
        ("[a-z]{0,40}", "[\"\\\\\t ]", "[a-z]{0,40}").prop_map(|(a, b, c)| a + &b + &c),
    ]
}

/// The same, and words of most records, as `RecordText`.
fn short() -> impl Strategy<Value = RecordText> {
    let words = ["GET", "POST", "http", "HTTP/1.1", "application/json"];
    let words = select(words.to_vec()).prop_map(str::to_owned);
    prop_oneof![3 => text(), 1 => words].prop_map(RecordText::from)
}

fn json() -> impl Strategy<Value = Json> {
    const DOCUMENTS: [&str; 3] = ["null", "{\"a\":[1.10,\"\\n\"]}", "{\r\n \"a\" : 1}\n"];
    select(&DOCUMENTS).prop_map(|json| Json::from_text(json.to_owned()).expect("JSON"))
}

fn reasons() -> impl Strategy<Value = Vec<Reason>> {
    vec(select(&Reason::ALL), 0..3)
}

fn part() -> impl Strategy<Value = Part> {
    (
        option::of(text()),
        option::of(json()),
        option::of(text()),
        reasons(),
    )
        .prop_map(|(name, json, text, reasons)| Part {
            name,
            json,
            text,
            reasons,
            ..Part::default()
        })
}

fn body() -> impl Strategy<Value = Body> {
    let states = vec![
        BodyState::Empty,
        BodyState::Complete,
        BodyState::Unread,
        BodyState::Partial,
        BodyState::Aborted,
        BodyState::Pending,
    ];
    let texts = || option::of(text());
    (
        (
            select(states),
            option::of(any::<u64>()),
            any::<u64>(),
            reasons(),
        ),
        (option::of(any::<u64>()), option::of(any::<u64>()), 0..3_u32),
        (option::of(short()), texts(), texts(), texts(), texts()),
        (option::of(json()), vec(part(), 0..3)),
    )
        .prop_map(|(passed, counts, texts, (json, parts))| Body {
            state: passed.0,
            bytes: passed.1,
            captured: passed.2,
            reasons: passed.3,
            media_type: texts.0,
            encoding: texts.1,
            decoded: counts.0,
            events: counts.1,
            digest: texts.2,
            json,
            text: texts.3,
            base64: texts.4,
            file: counts.0.map(|bytes| BodyFile {
                name: "body \"7\"".to_owned(),
                bytes,
                digest: None,
            }),
            no_file: counts.1.map(|_| NoFile::TooSlow),
            parts,
            parts_dropped: counts.2,
        })
}

fn headers() -> impl Strategy<Value = Vec<(RecordText, RecordText)>> {
    vec((short(), short()), 0..4)
}

fn request() -> impl Strategy<Value = RequestRecord> {
    let texts = || option::of(short());
    (
        (short(), short(), short(), short()),
        (texts(), texts(), texts()),
        (headers(), 0..3_u32, body()),
    )
        .prop_map(
            |(all, some, (headers, headers_dropped, body))| RequestRecord {
                method: all.0,
                scheme: all.1,
                path: all.2,
                version: all.3,
                host: some.0,
                route: some.1,
                query: some.2,
                headers,
                headers_dropped,
                body,
            },
        )
}

fn response() -> impl Strategy<Value = ResponseRecord> {
    (any::<u16>(), headers(), 0..3_u32, body()).prop_map(
        |(status, headers, headers_dropped, body)| ResponseRecord {
            status,
            headers,
            headers_dropped,
            body,
        },
    )
}

type Origin = (Uuid, Uuid, u64, Option<Stage>, String, Option<Resource>);

fn origin() -> impl Strategy<Value = Origin> {
    let uuid = || any::<u128>().prop_map(Uuid::from_u128);
    let stages = vec![Stage::Start, Stage::Request, Stage::Response, Stage::End];
    let resource = (short(), short()).prop_map(|(name, host)| Resource::new(name).host(host));
    (
        uuid(),
        uuid(),
        any::<u64>(),
        option::of(select(stages)),
        "00-[0-9a-f]{32}-[0-9a-f]{16}-01|",
        option::of(resource),
    )
}

fn record() -> impl Strategy<Value = Record> {
    let outcomes = vec![Outcome::Completed, Outcome::BodyError, Outcome::Upgraded];
    let error = text().prop_map(|message| ErrorRecord {
        kind: ErrorKind::Service,
        status: None,
        message: Some(message),
    });
    (
        (
            short(),
            0..4_000_000_000_000_000_u64,
            option::of(select(outcomes)),
            option::of(error),
        ),
        (option::of(any::<u64>()), option::of(any::<u64>())),
        origin(),
        option::of(short()),
        prop::collection::btree_map(text(), text(), 0..3),
        (request(), option::of(response())),
    )
        .prop_map(
            |(what, took, origin, addr, attributes, (request, response))| Record {
                v: RECORD_VERSION,
                id: what.0,
                entry_id: origin.0,
                run: origin.1,
                seq: origin.2,
                stage: origin.3,
                first_seq: took.0,
                time: SystemTime::UNIX_EPOCH + Duration::from_micros(what.1),
                outcome: what.2,
                error: what.3,
                duration_us: took.0,
                ttfb_us: took.1,
                trace: Trace::parse(origin.4.as_bytes()),
                resource: origin.5,
                client: Client { addr },
                attributes,
                request,
                response,
                extensions: crate::record::Extensions::default(),
            },
        )
}

proptest! {
    #[test]
    fn writes_the_same_line_as_serde(record in record()) {
        let entry = Entry::Record(record);
        let mut line = JsonLineBuffer::default();
        line.push(&entry).expect("a line");
        let by_serde = serde_json::to_string(&entry).expect("JSON");
        let in_one_line = by_serde.replace(['\n', '\r'], " ") + "\n";
        prop_assert_eq!(String::from_utf8(line.bytes), Ok(in_one_line));
    }
}

#[test]
fn escapes_the_same_bytes_as_serde_at_any_position() {
    for length in 1..40 {
        for at in 0..length {
            for byte in 0..=0x7f_u8 {
                let mut bytes = vec![b'a'; length];
                bytes[at] = byte;
                let text = String::from_utf8(bytes).expect("ASCII");
                let mut line = JsonLineBuffer::default();
                line.string(&text).expect("a string");
                assert_eq!(line.bytes, serde_json::to_vec(&text).expect("a string"));
            }
        }
    }
}

#[test]
fn copies_the_same_header_only_from_lines_before() {
    let texts = [
        "", "a", "b", "ab", "\"", "a\"", "\"b", "\",\"", "a\",\"b", "\\", "é",
    ];
    let mut lines = JsonLineBuffer::default();
    for _ in 0..3 {
        for name in texts {
            for value in texts {
                let start = lines.bytes.len();
                lines.header(name, value).expect("a header");
                let by_serde = serde_json::to_vec(&[name, value]).expect("JSON");
                assert_eq!(lines.bytes[start..], by_serde, "{name} {value}");
            }
        }
    }
}

#[test]
fn copies_no_header_of_an_entry_that_could_not_be_written() {
    let line = |record: &Record| {
        let mut line = JsonLineBuffer::default();
        line.push(&Entry::Record(record.clone())).expect("a line");
        String::from_utf8(line.bytes).expect("text")
    };
    // A document of one record is where a header of the other was, and reads like the header that is to be written.
    let (header, document) = (r#"["x","12347"]"#, r#"["x","a","7"]"#);
    let mut failing = Record::empty();
    failing.request.headers = vec![("x".into(), "12347".into())];
    let mut record = Record::empty();
    record.request.body.json = Json::from_text(document.to_owned()).ok();
    let mut response = ResponseRecord::new(200);
    response.headers = vec![("x".into(), r#"a","7"#.into())];
    record.response = Some(response);
    let expected = line(&record);
    let distance = expected.find(document).expect("it is there")
        - line(&failing).find(header).expect("it is there");
    failing.request.path = "/".repeat(distance).into();
    failing.request.body.parts = vec![Part {
        json: Some(Json::invalid()),
        ..Part::default()
    }];

    let mut lines = JsonLineBuffer::default();
    let failed = lines.push(&Entry::Record(failing));
    lines.push(&Entry::Record(record)).expect("a line");

    assert!(failed.is_err());
    assert_eq!(String::from_utf8(lines.bytes).as_ref(), Ok(&expected));
}

#[test]
fn formats_times_correctly_after_any_other_time() {
    let mut line = JsonLineBuffer::default();
    let micros = [
        0, 1, 999_999, 1_000_000, 1_000_001, 1_999_999, 1_000_020, 5_300_000,
    ];
    let times = micros.map(|micros| SystemTime::UNIX_EPOCH + Duration::from_micros(micros));
    let earlier = SystemTime::UNIX_EPOCH - Duration::from_micros(300_000);
    let later = SystemTime::UNIX_EPOCH + Duration::new(1_795_252_501, 123_456_999);
    for first in times.into_iter().chain([earlier, later]) {
        for second in times.into_iter().chain([earlier, later]) {
            for at in [first, second] {
                line.bytes.clear();
                line.time(at).expect("a time");
                assert_eq!(
                    rfc3339::text(at).map(String::into_bytes).as_ref(),
                    Some(&line.bytes)
                );
            }
        }
    }
}

#[test]
fn fails_with_the_same_error_as_serde() {
    let year = Duration::from_secs(366 * 24 * 60 * 60);
    proptest!(|(mut record in record())| {
        record.time = SystemTime::UNIX_EPOCH + year * 9000;
        let entry = Entry::Record(record);
        let error = JsonLineBuffer::default().push(&entry).expect_err("no line");
        let by_serde = serde_json::to_string(&entry).expect_err("no JSON");
        prop_assert_eq!(error.to_string(), by_serde.to_string());
    });
}
