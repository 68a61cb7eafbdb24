//! SQL and `Filter::matches` agree.

use std::time::{Duration, SystemTime};

use body_logger_core::{
    filter::BodyCondition,
    record::{
        entry_id, Body, BodyState, ErrorKind, ErrorRecord, Json, Outcome, Part, Reason,
        ResponseRecord, Trace,
    },
    Filter, Record,
};
use proptest::prelude::*;

use super::{all, entries::RUN, in_memory, open, write, Directory};

const TRACE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const OTHER_TRACE: &str = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

/// Texts of few words in several scripts, so that filters find some of them.
fn text() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "card",
        "Card",
        "refused",
        "REFUSED",
        "Ärger",
        "ärger",
        "ΣΑΣ",
        "İx",
        "漢字",
        "a",
        "1",
        " ",
        "-",
        "_",
        "\"",
        "\\",
        "\0",
        "¶",
        "*",
        "e\u{301}",
        "\u{10ffff}",
        "/orders",
        "/",
        "%",
    ]);
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// Few texts, so that many are equal, some but for their case.
fn name() -> impl Strategy<Value = String> {
    let names = ["card", "Card", "ärger", "Ärger", "", "\0"];
    prop::sample::select(names.to_vec()).prop_map(str::to_owned)
}

fn client() -> impl Strategy<Value = String> {
    let known = [
        "192.0.2.1:1",
        "192.0.2.1:2",
        "192.0.2.1",
        "[::1]:1",
        "::1",
        "[::1]",
        "",
    ];
    prop_oneof![
        prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        text()
    ]
}

/// Few numbers, next to each other and at the ends.
fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0..4_u64, Just(i64::MAX as u64)]
}

fn time() -> impl Strategy<Value = SystemTime> {
    (-2..3_i64, 0..1000_u64).prop_map(|(micros, nanos)| {
        let distance = Duration::from_micros(micros.unsigned_abs());
        let time = if micros < 0 {
            SystemTime::UNIX_EPOCH - distance
        } else {
            SystemTime::UNIX_EPOCH + distance
        };
        time + Duration::from_nanos(nanos)
    })
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop::sample::select(vec![
        Outcome::Completed,
        Outcome::Panicked,
        Outcome::Refused,
    ])
}

fn status() -> impl Strategy<Value = u16> {
    prop::sample::select(vec![0, 199, 200, 299, 404, 500, 999])
}

fn reasons() -> impl Strategy<Value = Vec<Reason>> {
    let reasons = [
        Reason::BodyLimit,
        Reason::MemoryBudget,
        Reason::MediaType,
        Reason::Redaction,
        Reason::Handler,
        Reason::Decode,
        Reason::RecordLimit,
        Reason::SampledOut,
    ];
    prop::sample::subsequence(reasons.to_vec(), 0..2)
}

fn body() -> impl Strategy<Value = Body> {
    let content = (
        prop::option::of(text()),
        prop::option::of(text()),
        prop::option::of((text(), reasons())),
    );
    let state = prop::sample::select(vec![
        BodyState::Complete,
        BodyState::Unread,
        BodyState::Partial,
        BodyState::Aborted,
    ]);
    (prop::option::of(number()), (reasons(), state), content).prop_map(
        |(bytes, (reasons, state), (json, text, part))| {
            let mut body = Body::default();
            (body.bytes, body.reasons, body.text) = (bytes, reasons, text);
            body.state = state;
            body.json = json.map(|text| {
                let json = serde_json::json!({ "key": text }).to_string();
                Json::from_text(json).expect("JSON")
            });
            body.parts = Vec::from_iter(part.map(|(name, reasons)| {
                let mut part = Part::default();
                (part.name, part.reasons) = (Some(name), reasons);
                part
            }));
            body
        },
    )
}

fn record() -> impl Strategy<Value = Record> {
    let heads = (
        name(),
        text(),
        prop::option::of(name()),
        name(),
        prop::option::of(outcome()),
        prop::option::of(client()),
        prop::collection::btree_map(name(), name(), 0..3),
    );
    let numbers = (time(), prop::option::of(number()), prop::option::of(text()));
    let bodies = (body(), prop::option::of((status(), body())), any::<bool>());
    (heads, numbers, bodies).prop_map(
        |(heads, (time, duration, message), (request, response, traced))| {
            let (id, path, route, method, outcome, client, attributes) = heads;
            let mut record = Record::new(id, entry_id(RUN, 1, time), RUN, 1, time);
            record.request.path = path.into();
            record.request.route = route.map(Into::into);
            record.request.method = method.into();
            record.request.body = request;
            (record.outcome, record.duration_us, record.attributes) =
                (outcome, duration, attributes);
            record.client.addr = client.map(Into::into);
            record.trace = Trace::parse(if traced { TRACE } else { OTHER_TRACE }.as_bytes())
                .filter(|_| duration != Some(0));
            record.error = message.map(|message| {
                let mut error = ErrorRecord::new(ErrorKind::Handler, None);
                error.message = Some(message);
                error
            });
            record.response = response.map(|(status, body)| {
                let mut response = ResponseRecord::new(status);
                response.body = body;
                response
            });
            record
        },
    )
}

/// A filter of one or two conditions: more find nothing.
fn filter() -> impl Strategy<Value = Filter> {
    let condition = prop_oneof![
        time().prop_map(|time| Filter::default().from(time)),
        time().prop_map(|time| Filter::default().to(time)),
        (status(), status()).prop_map(|(low, high)| Filter::default().status(low..=high)),
        name().prop_map(|text| Filter::default().method(text)),
        text().prop_map(|text| Filter::default().path(text)),
        name().prop_map(|text| Filter::default().route(text)),
        outcome().prop_map(|outcome| Filter::default().outcome(outcome)),
        name().prop_map(|text| Filter::default().id(text)),
        any::<bool>().prop_map(|upper| {
            let trace = &TRACE[3..35];
            Filter::default().trace(if upper {
                trace.to_uppercase()
            } else {
                trace.to_owned()
            })
        }),
        client().prop_map(|client| Filter::default().client(client)),
        (name(), name()).prop_map(|(name, value)| Filter::default().attribute(name, value)),
        number().prop_map(|micros| Filter::default().slower_than(Duration::from_micros(micros))),
        prop_oneof![number(), Just(u64::MAX)]
            .prop_map(|bytes| Filter::default().larger_than(bytes)),
        any::<bool>().prop_map(|lost| {
            Filter::default().body(if lost {
                BodyCondition::Lost
            } else {
                BodyCondition::Withheld
            })
        }),
        text().prop_map(|text| Filter::default().words(&text)),
    ];
    (condition.clone(), prop::option::of(condition)).prop_map(|(one, other)| {
        let Some(other) = other else { return one };
        // The texts joined are both filters in one, unless a key is in both.
        format!("{one} {other}").parse().unwrap_or(one)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn sql_finds_the_records_that_the_filter_matches(
        records in prop::collection::vec(record(), 1..30),
        filters in prop::collection::vec(filter(), 20),
    ) {
        let store = in_memory();
        // As the JSON holds them, with times in microseconds.
        let records: Vec<Record> = records.iter().map(|record| {
            serde_json::from_str(&serde_json::to_string(record).expect("JSON")).expect("a record")
        }).collect();
        write(&store, records.clone());
        for filter in filters {
            let expected: Vec<&Record> = records.iter().rev().filter(|record| filter.matches(record)).collect();
            let found = all(&store, &filter, 7);
            let found: Vec<&Record> = found.iter().map(|(_, record)| record).collect();
            prop_assert_eq!(&found, &expected, "{}", filter);
            let positions = all(&store, &filter, 7).into_iter().map(|(position, _)| position);
            for (newer, position) in positions.enumerate() {
                let rank = store.rank(position, &filter).expect("a store").expect("in time");
                prop_assert_eq!((rank.newer as usize, rank.older as usize), (newer, expected.len() - newer - 1), "{}", filter);
            }
        }
    }

    #[test]
    fn a_file_of_version_1_is_migrated_to_what_would_have_been_written(
        records in prop::collection::vec(record(), 1..30),
    ) {
        let directory = Directory::new("version-1");
        let store = open(&directory.file());
        write(&store, records);
        let sums = |store: &body_logger_store::Store| store.overview(&Filter::default(), 1).expect("sums").totals.bodies;
        let expected = sums(&store);
        drop(store);
        let file = rusqlite::Connection::open(directory.file()).expect("a file");
        file.execute_batch("ALTER TABLE entries DROP COLUMN bodies; PRAGMA user_version = 1").expect("version 1");
        drop(file);
        prop_assert_eq!(sums(&open(&directory.file())), expected);
    }
}
