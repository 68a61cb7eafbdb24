//! An entry as a row.

use std::{borrow::Cow, time::SystemTime};

use body_logger_core::{record::Record, Entry};
use tokio_postgres::types::{ToSql, Type};
use uuid::Uuid;

use crate::batch::Outgoing;

/// The types of the temporary table's columns.
pub(super) const TYPES: [Type; 23] = [
    Type::INT4,
    Type::UUID,
    Type::TEXT,
    Type::UUID,
    Type::INT8,
    Type::TEXT,
    Type::TIMESTAMPTZ,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::TEXT,
    Type::INT2,
    Type::TEXT,
    Type::INT8,
    Type::INT8,
    Type::INT8,
    Type::TEXT,
    Type::TEXT,
];

/// How the whole entry is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Jsonb,
    /// What `jsonb` cannot represent.
    Text,
}

impl Form {
    /// `jsonb` takes no NUL and no lone surrogate. Clients can send both, and need not be believed to do so rarely: where
    /// an escape of either may be, it is not tried.
    pub(super) fn of(entry: &Outgoing) -> Self {
        let json = entry.json();
        let mut escapes = memchr::memmem::find_iter(json, br"\u").map(|at| &json[at + 2..]);
        let is_refused = |digits: &[u8]| {
            digits.starts_with(b"0000") || digits.starts_with(b"d") || digits.starts_with(b"D")
        };
        match escapes.any(is_refused) {
            true => Self::Text,
            false => Self::Jsonb,
        }
    }
}

#[derive(Debug, Default)]
pub(super) struct Row<'a> {
    ordinal: i32,
    entry_id: Uuid,
    kind: &'static str,
    run: Uuid,
    seq: Option<i64>,
    stage: Option<&'static str>,
    time: Option<SystemTime>,
    exchange_id: Option<Cow<'a, str>>,
    service: Option<Cow<'a, str>>,
    instance: Option<Cow<'a, str>>,
    host: Option<Cow<'a, str>>,
    trace_id: Option<Cow<'a, str>>,
    client: Option<Cow<'a, str>>,
    method: Option<Cow<'a, str>>,
    path: Option<Cow<'a, str>>,
    route: Option<Cow<'a, str>>,
    status: Option<i16>,
    outcome: Option<&'static str>,
    duration_us: Option<i64>,
    request_bytes: Option<i64>,
    response_bytes: Option<i64>,
    entry: Option<Cow<'a, str>>,
    entry_text: Option<Cow<'a, str>>,
}

impl<'a> Row<'a> {
    pub(super) fn new(ordinal: i32, entry: &'a Outgoing, form: Form) -> Self {
        // It was parsed, so it is valid; this is the faster check.
        let json = match std::str::from_utf8(entry.json()) {
            Ok(json) => Cow::Borrowed(json),
            Err(_) => String::from_utf8_lossy(entry.json()),
        };
        let (jsonb, text) = match form {
            Form::Jsonb => (Some(json), None),
            Form::Text => (None, Some(json)),
        };
        let mut row = Self {
            ordinal,
            entry_id: entry.entry_id(),
            kind: "record",
            run: entry.run(),
            time: Some(entry.time()),
            entry: jsonb,
            entry_text: text,
            ..Self::default()
        };
        match entry.entry() {
            Entry::Record(record) => row.fill(record),
            Entry::Gap(_) => row.kind = "gap",
            Entry::Maintenance(done) => {
                row.kind = "maintenance";
                row.seq = integer(done.seq);
            }
            _ => row.kind = "other",
        }
        row
    }

    fn fill(&mut self, record: &'a Record) {
        self.seq = integer(record.seq);
        self.stage = record.stage.map(|stage| stage.as_str());
        self.exchange_id = text(Some(&record.id));
        if let Some(resource) = &record.resource {
            self.service = text(Some(&resource.service));
            self.instance = text(resource.instance.as_deref());
            self.host = text(resource.host.as_deref());
        }
        self.trace_id = text(record.trace.as_ref().map(|trace| &*trace.trace_id));
        self.client = text(record.client.addr.as_deref());
        self.method = text(Some(&record.request.method));
        self.path = text(Some(&record.request.path));
        self.route = text(record.request.route.as_deref());
        self.status = record.status().and_then(|status| status.try_into().ok());
        self.outcome = record.outcome.map(|outcome| outcome.as_str());
        self.duration_us = record.duration_us.and_then(integer);
        self.request_bytes = record.request.body.bytes.and_then(integer);
        let response = record.response.as_ref();
        self.response_bytes = response.and_then(|it| it.body.bytes).and_then(integer);
    }

    pub(super) fn values(&self) -> [&(dyn ToSql + Sync); TYPES.len()] {
        [
            &self.ordinal,
            &self.entry_id,
            &self.kind,
            &self.run,
            &self.seq,
            &self.stage,
            &self.time,
            &self.exchange_id,
            &self.service,
            &self.instance,
            &self.host,
            &self.trace_id,
            &self.client,
            &self.method,
            &self.path,
            &self.route,
            &self.status,
            &self.outcome,
            &self.duration_us,
            &self.request_bytes,
            &self.response_bytes,
            &self.entry,
            &self.entry_text,
        ]
    }
}

/// None where it is too large.
fn integer(number: u64) -> Option<i64> {
    number.try_into().ok()
}

/// PostgreSQL has no NUL in texts.
fn text(text: Option<&str>) -> Option<Cow<'_, str>> {
    text.map(|text| match text.contains('\0') {
        true => Cow::Owned(text.replace('\0', "\u{fffd}")),
        false => Cow::Borrowed(text),
    })
}
