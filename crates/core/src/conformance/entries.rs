//! Entries of all kinds for the checks.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use uuid::Uuid;

use crate::record::{
    Body, BodyState, Client, Entry, ErrorKind, ErrorRecord, Extensions, Gap, GapRecord, Json,
    Outcome, Part, Reason, Record, RecordText, RequestRecord, Resource, ResponseRecord, Stage,
    Trace, RECORD_VERSION,
};

/// Characters that often break lines, terminals, shells, tables or web pages.
const ODD: &str = "\0\t\r\n\r\n\u{1b}[31m\u{7f}\u{85}\u{a0}\u{ad}\u{200b}\u{202e}\u{2028}\u{feff}\
                   \u{fffd}\u{10ffff} e\u{301} \u{6f22}\u{1f980} \"'`\\$(x)%00%n{}<b>&;,|--/*";

const RUN: Uuid = Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000);

/// The largest number that other systems, such as databases, can store.
const LARGEST: u64 = i64::MAX as u64;

/// Returns a typical exchange.
pub(super) fn ordinary(id: impl ToString) -> Record {
    let mut attributes = BTreeMap::new();
    attributes.insert("user".to_owned(), "42".to_owned());
    Record {
        v: RECORD_VERSION,
        id: id.to_string().into(),
        entry_id: Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0001),
        run: RUN,
        seq: 42,
        stage: None,
        first_seq: None,
        time: at(1_795_252_501_123_456),
        outcome: Some(Outcome::Completed),
        error: None,
        duration_us: Some(1234),
        ttfb_us: Some(456),
        trace: None,
        resource: None,
        client: Client {
            addr: Some("192.0.2.1:53124".into()),
        },
        attributes,
        request: RequestRecord {
            method: "POST".into(),
            scheme: "http".into(),
            host: Some("localhost:8080".into()),
            path: "/orders/7".into(),
            route: Some("/orders/{id}".into()),
            query: Some("page=2&token=***".into()),
            version: "HTTP/1.1".into(),
            headers: headers("text/plain"),
            headers_dropped: 0,
            body: text("hello"),
        },
        response: Some(ResponseRecord {
            status: 200,
            headers: headers("application/json"),
            headers_dropped: 0,
            body: json(r#"{"id":7,"price":1.10,"tags":["a","b"]}"#),
        }),
        extensions: Extensions::default(),
    }
}

/// Returns `count` typical exchanges with consecutive ids.
pub(super) fn many(count: usize) -> Vec<Entry> {
    (0..count).map(exchange).collect()
}

/// The same, with ids that begin with the number of a thread.
pub(super) fn of_thread(thread: usize, count: usize) -> Vec<Entry> {
    let numbers = 0..count;
    let ids = numbers.map(|number| format!("{thread}-{number}"));
    ids.map(exchange).collect()
}

pub(super) fn exchange(id: impl ToString) -> Entry {
    Entry::Record(ordinary(id))
}

pub(super) fn start(id: &str) -> Entry {
    let mut record = ordinary(id);
    record.stage = Some(Stage::Start);
    (record.outcome, record.duration_us) = (None, None);
    record.request.body = Body::default();
    if let Some(response) = &mut record.response {
        response.body = Body {
            state: BodyState::Pending,
            bytes: Some(0),
            ..Body::default()
        };
    }
    Entry::Record(record)
}

pub(super) fn gap(dropped: u64) -> Entry {
    let reasons = [
        ("dropped_newest".to_owned(), dropped - 1),
        ("sink_error".to_owned(), 1),
    ];
    Entry::Gap(GapRecord {
        v: RECORD_VERSION,
        entry_id: Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0002),
        run: RUN,
        gap: Gap {
            from: at(1_795_252_501_123_456),
            to: at(1_795_252_502_000_000),
            dropped,
            reasons: reasons.into(),
            seq: vec![1..=dropped],
        },
    })
}

/// Sets the number of an exchange, also as its id.
pub(super) fn at_number(number: u64, mut entry: Entry) -> Entry {
    if let Entry::Record(record) = &mut entry {
        (record.seq, record.id) = (number, number.to_string().into());
    }
    entry
}

/// Returns a gap that names these numbers.
pub(super) fn gap_of(numbers: &[u64]) -> Entry {
    let mut entry = gap(numbers.len() as u64);
    if let Entry::Gap(gap) = &mut entry {
        gap.gap.seq = numbers.iter().map(|number| *number..=*number).collect();
    }
    entry
}

/// Returns exchanges with bodies of every kind, in every state, with every reason.
pub(super) fn bodies() -> Vec<Entry> {
    let base64 = Body {
        media_type: Some("image/png".into()),
        base64: Some("iVBORw0KGgo=".to_owned()),
        ..passed(8)
    };
    let multipart = Body {
        media_type: Some("multipart/form-data".into()),
        parts: vec![
            Part {
                name: Some("file".to_owned()),
                file_name: Some("a \"b\".txt".to_owned()),
                media_type: Some("text/plain".into()),
                bytes: Some(12),
                digest: Some("sha256:00".to_owned()),
                ..Part::default()
            },
            Part {
                json: document("[1]"),
                ..Part::default()
            },
            Part {
                text: Some("***".to_owned()),
                reasons: vec![Reason::Redaction],
                ..Part::default()
            },
        ],
        parts_dropped: 3,
        ..passed(1000)
    };
    let events = Body {
        media_type: Some("text/event-stream".into()),
        encoding: Some("gzip, br".to_owned()),
        decoded: Some(70),
        events: Some(3),
        digest: Some("hmac-sha256:00".to_owned()),
        text: Some("data: 1\n\ndata: 2\n\n".to_owned()),
        ..passed(20)
    };
    let states = [
        BodyState::Empty,
        BodyState::Complete,
        BodyState::Unread,
        BodyState::Partial,
        BodyState::Aborted,
        BodyState::Pending,
    ];
    let of_state = |state| Body {
        state,
        reasons: Reason::ALL.to_vec(),
        ..Body::default()
    };
    let kinds = [base64, multipart, events, text(""), text("text")];
    let documents = [
        "null",
        "{}",
        "[]",
        "\"\"",
        "-1.50e+400",
        r#"{"a":{"b":[]}}"#,
    ];
    let bodies = kinds
        .into_iter()
        .chain(documents.map(json))
        .chain(states.map(of_state));
    numbered(bodies.map(|body| {
        let mut record = ordinary("");
        record.request.body = body.clone();
        record.response = Some(ResponseRecord {
            status: 500,
            headers: Vec::new(),
            headers_dropped: 0,
            body,
        });
        record
    }))
}

/// Returns exchanges with every outcome, with all optional values missing, and with unusual texts, numbers and times.
pub(super) fn unusual() -> Vec<Entry> {
    let outcomes = [
        Outcome::Completed,
        Outcome::ResponseAborted,
        Outcome::BodyError,
        Outcome::ServiceError,
        Outcome::Panicked,
        Outcome::Cancelled,
        Outcome::Upgraded,
        Outcome::Released,
        Outcome::Refused,
    ];
    let errors = [
        ErrorKind::Handler,
        ErrorKind::Service,
        ErrorKind::ResponseBody,
        ErrorKind::ResponseSize,
    ];
    let ended = outcomes.map(|outcome| Record {
        outcome: Some(outcome),
        ..ordinary("")
    });
    let failed = errors.map(|kind| Record {
        error: Some(ErrorRecord {
            kind,
            status: None,
            message: Some(ODD.to_owned()),
        }),
        ..ordinary("")
    });
    // Before 1970, and the last moment of a year with four digits.
    let times = [-1, 0, 253_402_300_799_999_999];
    let timed = times.map(|micros| Record {
        time: at(micros),
        ..ordinary("")
    });
    let others = [bare(), odd()];
    numbered(others.into_iter().chain(ended).chain(failed).chain(timed))
}

fn bare() -> Record {
    Record {
        ttfb_us: None,
        client: Client::default(),
        attributes: BTreeMap::new(),
        request: RequestRecord {
            method: RecordText::default(),
            scheme: RecordText::default(),
            host: None,
            path: RecordText::default(),
            route: None,
            query: None,
            version: RecordText::default(),
            headers: Vec::new(),
            headers_dropped: 0,
            body: Body::default(),
        },
        response: None,
        ..ordinary("")
    }
}

fn odd() -> Record {
    let odd = || RecordText::from(ODD);
    let body = Body {
        bytes: Some(LARGEST),
        captured: LARGEST,
        media_type: Some(odd()),
        text: Some(ODD.to_owned()),
        ..text("")
    };
    let headers = vec![(odd(), odd()), Default::default()];
    Record {
        seq: LARGEST,
        stage: Some(Stage::Response),
        first_seq: Some(LARGEST),
        duration_us: Some(LARGEST),
        ttfb_us: Some(0),
        trace: Trace::parse(b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        resource: Some(
            Resource::new(odd())
                .version(odd())
                .instance(odd())
                .host(odd()),
        ),
        client: Client { addr: Some(odd()) },
        attributes: [(ODD.to_owned(), ODD.to_owned()), Default::default()].into(),
        request: RequestRecord {
            method: odd(),
            scheme: odd(),
            host: Some(odd()),
            path: odd(),
            route: Some(odd()),
            query: Some(odd()),
            version: odd(),
            headers: headers.clone(),
            headers_dropped: u32::MAX,
            body: body.clone(),
        },
        response: Some(ResponseRecord {
            status: 999,
            headers,
            headers_dropped: u32::MAX,
            body,
        }),
        ..ordinary("")
    }
}

/// Returns an exchange with a text of `bytes` bytes.
pub(super) fn large(bytes: usize) -> Entry {
    let mut record = ordinary("large");
    record.request.body = text(&"large \u{e9}\n".repeat(bytes / "large \u{e9}\n".len()));
    Entry::Record(record)
}

/// Returns an exchange in a year of five digits, which RFC 3339 cannot represent.
pub(super) fn unspeakable() -> Entry {
    let mut record = ordinary("unspeakable");
    record.time = at(300_000_000_000_000_000);
    Entry::Record(record)
}

fn numbered(records: impl IntoIterator<Item = Record>) -> Vec<Entry> {
    let number = |(number, record): (usize, Record)| {
        Entry::Record(Record {
            id: number.to_string().into(),
            ..record
        })
    };
    records.into_iter().enumerate().map(number).collect()
}

/// Returns the time `micros` microseconds after the beginning of 1970.
fn at(micros: i64) -> SystemTime {
    let age = Duration::from_micros(micros.unsigned_abs());
    if micros < 0 {
        SystemTime::UNIX_EPOCH - age
    } else {
        SystemTime::UNIX_EPOCH + age
    }
}

fn headers(media_type: &str) -> Vec<(RecordText, RecordText)> {
    [("authorization", "***"), ("content-type", media_type)]
        .map(|(name, value)| (name.into(), value.into()))
        .into()
}

fn passed(bytes: u64) -> Body {
    Body {
        state: BodyState::Complete,
        bytes: Some(bytes),
        captured: bytes,
        ..Body::default()
    }
}

fn text(text: &str) -> Body {
    Body {
        media_type: Some("text/plain".into()),
        text: Some(text.to_owned()),
        ..passed(text.len() as u64)
    }
}

fn json(text: &str) -> Body {
    Body {
        media_type: Some("application/json".into()),
        json: document(text),
        ..passed(text.len() as u64)
    }
}

/// Parses a document. All texts here are valid.
fn document(text: &str) -> Option<Json> {
    Json::from_text(text.to_owned()).ok()
}
