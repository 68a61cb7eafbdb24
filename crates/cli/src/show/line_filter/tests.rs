//! The test on bytes against the meaning of filters, for lines as various programs write them.

use std::{
    io,
    time::{Duration, SystemTime},
};

use body_logger_core::{
    filter::{BodyCondition, Filter},
    record::{Json, Outcome, Reason, Trace},
    Entry, Record,
};
use proptest::{prelude::*, sample::select};
use serde::Serialize;
use serde_json::ser::Formatter;

use super::LineFilter;

/// Texts of few kinds, so that many filters match, and that are written in many ways.
fn text() -> impl Strategy<Value = String> {
    select(vec![
        "",
        "a",
        "b",
        "GET",
        "get",
        "/",
        "/a",
        "/a/b",
        "k",
        "K",
        "\u{212a}",
        "İ",
        "ß",
        "é",
        "Σς",
        "日本",
        "\"",
        "\\",
        "\\u",
        "a b",
        "b a",
        "\n",
        "\u{1b}",
        "\u{7f}",
        "😀",
        "5",
        "completed",
        "::1",
        "[::1]:80",
        "1.2.3.4",
        "1.2.3.4:5",
        "x\",\"status\":500,\"y\":\"",
    ])
    .prop_map(str::to_owned)
}

fn texts() -> impl Strategy<Value = String> {
    prop::collection::vec(text(), 0..3).prop_map(|texts| texts.concat())
}

fn number() -> impl Strategy<Value = u64> {
    select(vec![0, 1, 2, 99, 100, 1_000, u64::MAX])
}

/// Around a few moments, with and without fractions.
fn time() -> impl Strategy<Value = SystemTime> {
    let micros = select(vec![
        0,
        1,
        999_999,
        1_000_000,
        1_795_000_000_123_456,
        1_795_000_001_000_000,
    ]);
    micros.prop_map(|micros| SystemTime::UNIX_EPOCH + Duration::from_micros(micros))
}

fn outcome() -> impl Strategy<Value = Outcome> {
    select(vec![
        Outcome::Completed,
        Outcome::Panicked,
        Outcome::Released,
    ])
}

fn reasons() -> impl Strategy<Value = Vec<Reason>> {
    let reasons = vec![
        Reason::BodyLimit,
        Reason::Redaction,
        Reason::Handler,
        Reason::Level,
    ];
    prop::collection::vec(select(reasons), 0..2)
}

prop_compose! {
    fn record()(
        texts in prop::collection::vec(texts(), 8),
        (bytes, duration) in (prop::option::of(number()), prop::option::of(number())),
        time in time(),
        outcome in prop::option::of(outcome()),
        status in prop::option::of(select(vec![200, 404, 500, 599])),
        reasons in reasons(),
        has in prop::array::uniform4(any::<bool>()),
    ) -> Record {
        let mut record = Record::example();
        let [method, path, route, id, name, value, body, client] = &texts[..] else { unreachable!() };
        record.request.method = method[..].into();
        record.request.path = path[..].into();
        record.request.route = has[0].then(|| route[..].into());
        record.id = id[..].into();
        record.attributes = [(name.clone(), value.clone())].into();
        record.client.addr = has[1].then(|| client[..].into());
        record.trace = Trace::parse(b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").filter(|_| has[2]);
        record.time = time;
        record.outcome = outcome;
        record.duration_us = duration;
        record.request.body.bytes = bytes;
        record.request.body.reasons = reasons;
        record.request.body.json = has[3].then(|| {
            let ascii = Writer { has_spaces: false, is_escaped: |char| !char.is_ascii() };
            Json::from_text(ascii.line(&[body])).expect("JSON")
        });
        match (status, &mut record.response) {
            (Some(status), Some(response)) => {
                response.status = status;
                response.body.text = Some(body.clone());
                response.body.bytes = Some(2);
            }
            _ => record.response = None,
        }
        record
    }
}

/// Conditions that this record meets, as far as it has what they are about; those that `which` chooses.
fn filter_of(record: &Record, which: u16) -> Filter {
    let mut filter = Filter::default();
    let mut next = 0;
    let mut chosen = || {
        next += 1;
        which & (1 << (next - 1)) != 0
    };
    if chosen() {
        filter = filter.method(record.request.method.to_lowercase());
    }
    if chosen() {
        let path = &record.request.path;
        filter = filter.path(path.chars().take(2).collect::<String>());
    }
    if chosen() {
        filter.route = record.request.route.as_deref().map(str::to_owned);
    }
    if chosen() {
        filter = filter.id(&*record.id);
    }
    if chosen() {
        for (name, value) in &record.attributes {
            filter = filter.attribute(name, value);
        }
    }
    if chosen() {
        let client = record.client.addr.as_deref();
        filter.client = client.map(|addr| body_logger_core::filter::client_host(addr).to_owned());
    }
    if chosen() {
        let trace = record.trace.as_ref();
        filter.trace = trace.map(|trace| trace.trace_id.to_uppercase());
    }
    if chosen() {
        filter.outcome = record.outcome;
    }
    if chosen() {
        filter.status = record.status().map(|status| status - 1..=status + 1);
    }
    if chosen() {
        filter.slower_than = record
            .duration_us
            .and_then(|it| Some(Duration::from_micros(it.checked_sub(1)?)));
    }
    if chosen() {
        filter.larger_than = record.request.body.bytes.and_then(|it| it.checked_sub(1));
    }
    if chosen() {
        let mut all = [BodyCondition::Lost, BodyCondition::Withheld].into_iter();
        filter.body = all.find(|condition| condition.matches(&record.request.body));
    }
    if chosen() {
        filter = filter.from(record.time);
    }
    if chosen() {
        filter = filter.to(record.time + Duration::from_micros(1));
    }
    if chosen() {
        filter = filter.words(&record.request.path);
    }
    if chosen() {
        let body = record
            .response
            .as_ref()
            .and_then(|it| it.body.text.as_deref());
        filter = filter.words(&body.unwrap_or_default().to_uppercase());
    }
    filter
}

/// Writes JSON as other programs do.
#[derive(Debug, Clone, Copy)]
struct Writer {
    has_spaces: bool,
    is_escaped: fn(char) -> bool,
}

impl Writer {
    const ALL: [Self; 5] = [
        Self {
            has_spaces: false,
            is_escaped: |_| false,
        },
        Self {
            has_spaces: true,
            is_escaped: |_| false,
        },
        Self {
            has_spaces: true,
            is_escaped: |char| !char.is_ascii(),
        },
        Self {
            has_spaces: false,
            is_escaped: |char| char == '/',
        },
        // Names of members, too, other than `v`.
        Self {
            has_spaces: false,
            is_escaped: |char| ('a'..='u').contains(&char),
        },
    ];

    fn line(self, value: &impl Serialize) -> String {
        let mut line = Vec::new();
        let mut out = serde_json::Serializer::with_formatter(&mut line, self);
        value.serialize(&mut out).expect("memory");
        String::from_utf8(line).expect("JSON")
    }
}

impl Formatter for Writer {
    fn begin_object_value<W: ?Sized + io::Write>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(if self.has_spaces { b" :\t" } else { b":" })
    }

    fn begin_object_key<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        first: bool,
    ) -> io::Result<()> {
        out.write_all(match (first, self.has_spaces) {
            (true, _) => b"",
            (false, true) => b", ",
            (false, false) => b",",
        })
    }

    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        out: &mut W,
        text: &str,
    ) -> io::Result<()> {
        for char in text.chars() {
            if !(self.is_escaped)(char) {
                write!(out, "{char}")?;
            } else if char == '/' {
                out.write_all(b"\\/")?;
            } else {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04X}")?;
                }
            }
        }
        Ok(())
    }
}

fn check(filter: &Filter, record: &Record) -> Result<(), TestCaseError> {
    let matches = filter.matches(record);
    let lines = LineFilter::of(filter);
    for writer in Writer::ALL {
        let line = writer.line(record);
        prop_assert_eq!(
            serde_json::from_str(&line).ok(),
            Some(Entry::Record(record.clone()))
        );
        let is_ruled_out = matches && !lines.may_match(line.as_bytes());
        prop_assert!(!is_ruled_out, "{:?} rules out {}", filter, line);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn rules_out_nothing_that_the_filter_matches(
        record in record(), other in record(), which in any::<u16>(), few in any::<u16>(),
    ) {
        check(&filter_of(&record, which), &record)?;
        check(&filter_of(&record, which & few), &record)?;
        check(&filter_of(&other, which & few), &record)?;
    }
}

#[test]
fn rules_out_lines_that_a_condition_cannot_match() {
    let line = serde_json::to_string(&Record::example()).expect("JSON");
    for (filter, may_match) in [
        ("", true),
        ("status:5xx", false),
        ("status:2xx", true),
        ("method:get", false),
        ("path:/other", false),
        ("route:/orders", false),
        ("outcome:panicked", false),
        ("id:x", false),
        ("trace:0af7651916cd43dd8448eb211c80319d", false),
        ("client:192.0.2.1", false),
        ("@user:43", false),
        ("@user:42", true),
        ("slower:1s", false),
        ("slower:1ms", true),
        ("larger:2MiB", false),
        ("larger:1kB", true),
        ("body:withheld", false),
        ("body:lost", true),
        ("from:2026-11-22", false),
        ("from:2026-11-21", true),
        ("to:2026-11-21", false),
        ("to:2026-11-22", true),
        ("nowhere", false),
        ("SERVER", true),
        ("status:2xx nowhere", false),
    ] {
        let filter: Filter = filter.parse().expect(filter);
        let lines = LineFilter::of(&filter);
        assert_eq!(lines.may_match(line.as_bytes()), may_match, "{filter}");
    }
}

#[test]
fn finds_the_sign_for_kelvin_as_the_letter_that_it_is_in_lower_case() {
    let mut record = Record::example();
    record.request.path = "/\u{212a}elvin".into();
    let filter: Filter = "kelvin".parse().expect("a filter");
    assert!(filter.matches(&record));
    let line = serde_json::to_string(&record).expect("JSON");
    assert!(LineFilter::of(&filter).may_match(line.as_bytes()));
}

#[test]
fn rules_out_only_what_looks_like_a_record() {
    let lines = LineFilter::of(&"status:5xx".parse().expect("a filter"));
    for line in ["", "text", "{}", "{\"v\":1,\"id\":", " {\"v\":1}"] {
        assert!(lines.may_match(line.as_bytes()), "{line}");
    }
}
