//! Entries as log records of OpenTelemetry.

use std::time::SystemTime;

use body_logger_core::{
    record::{Record, Resource as Origin},
    rfc3339::unix_micros,
    Entry,
};
use opentelemetry_proto::tonic::{
    collector::logs::v1::ExportLogsServiceRequest,
    common::v1::{any_value::Value, AnyValue, InstrumentationScope, KeyValue},
    logs::v1::{LogRecord, ResourceLogs, ScopeLogs, SeverityNumber},
    resource::v1::Resource,
};

use crate::batch::Outgoing;

/// A request with all entries in their order. Neighbours of the same origin share a resource.
pub(super) fn request(batch: &[Outgoing]) -> ExportLogsServiceRequest {
    let mut request = ExportLogsServiceRequest::default();
    for neighbours in batch.chunk_by(|one, other| origin(one) == origin(other)) {
        let scope = InstrumentationScope {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ..InstrumentationScope::default()
        };
        let logs = ScopeLogs {
            scope: Some(scope),
            log_records: neighbours.iter().map(log_record).collect(),
            ..ScopeLogs::default()
        };
        request.resource_logs.push(ResourceLogs {
            resource: origin(&neighbours[0]).map(resource),
            scope_logs: vec![logs],
            ..ResourceLogs::default()
        });
    }
    request
}

/// None for gaps and maintenance.
fn origin(entry: &Outgoing) -> Option<&Origin> {
    match entry.entry() {
        Entry::Record(record) => record.resource.as_ref(),
        _ => None,
    }
}

fn resource(origin: &Origin) -> Resource {
    let mut attributes = Attributes::default();
    attributes.text("service.name", Some(&origin.service));
    attributes.text("service.version", origin.version.as_deref());
    attributes.text("service.instance.id", origin.instance.as_deref());
    attributes.text("host.name", origin.host.as_deref());
    Resource {
        attributes: attributes.0,
        ..Resource::default()
    }
}

fn log_record(entry: &Outgoing) -> LogRecord {
    let mut attributes = Attributes::default();
    attributes.text("log.record.uid", Some(&entry.entry_id().to_string()));
    attributes.text("body_logger.run", Some(&entry.run().to_string()));
    let mut record = LogRecord {
        time_unix_nano: nanos(entry.time()),
        observed_time_unix_nano: nanos(SystemTime::now()),
        body: Some(text(&String::from_utf8_lossy(entry.json()))),
        ..LogRecord::default()
    };
    let (kind, severity) = match entry.entry() {
        Entry::Record(exchange) => {
            describe(exchange, &mut attributes);
            if let Some(trace) = &exchange.trace {
                record.trace_id = bytes(&trace.trace_id);
                record.span_id = bytes(&trace.span_id);
            }
            ("record", severity(exchange))
        }
        Entry::Gap(_) => ("gap", SeverityNumber::Warn),
        Entry::Maintenance(_) => ("maintenance", SeverityNumber::Info),
        _ => ("other", SeverityNumber::Info),
    };
    attributes.text("body_logger.kind", Some(kind));
    record.severity_number = severity.into();
    record.attributes = attributes.0;
    record
}

/// The attributes of [semantic conventions] for HTTP, and what those have no names for.
///
/// [semantic conventions]: https://opentelemetry.io/docs/specs/semconv/http/
fn describe(record: &Record, attributes: &mut Attributes) {
    let request = &record.request;
    attributes.text("http.request.method", Some(&request.method));
    attributes.text("url.scheme", Some(&request.scheme));
    attributes.text("url.path", Some(&request.path));
    attributes.text("url.query", request.query.as_deref());
    attributes.text("server.address", request.host.as_deref());
    attributes.text("http.route", request.route.as_deref());
    attributes.text("client.address", record.client.addr.as_deref());
    attributes.number("http.response.status_code", record.status().map(u64::from));
    attributes.number("http.request.body.size", request.body.bytes);
    let response = record.response.as_ref();
    attributes.number(
        "http.response.body.size",
        response.and_then(|it| it.body.bytes),
    );
    attributes.number("body_logger.seq", Some(record.seq));
    attributes.text(
        "body_logger.stage",
        record.stage.map(|stage| stage.as_str()),
    );
    attributes.text(
        "body_logger.outcome",
        record.outcome.map(|outcome| outcome.as_str()),
    );
    attributes.number("body_logger.duration_us", record.duration_us);
}

fn severity(record: &Record) -> SeverityNumber {
    match record.status() {
        Some(500..) => SeverityNumber::Error,
        Some(400..) => SeverityNumber::Warn,
        Some(_) => SeverityNumber::Info,
        None if record.error.is_some() => SeverityNumber::Error,
        None => SeverityNumber::Info,
    }
}

#[derive(Default)]
struct Attributes(Vec<KeyValue>);

impl Attributes {
    fn text(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.push(key, text(value));
        }
    }

    fn number(&mut self, key: &str, value: Option<u64>) {
        if let Some(value) = value.and_then(|value| i64::try_from(value).ok()) {
            let value = Some(Value::IntValue(value));
            self.push(key, AnyValue { value });
        }
    }

    fn push(&mut self, key: &str, value: AnyValue) {
        self.0.push(KeyValue {
            key: key.to_owned(),
            value: Some(value),
            ..KeyValue::default()
        });
    }
}

fn text(text: &str) -> AnyValue {
    AnyValue {
        value: Some(Value::StringValue(text.to_owned())),
    }
}

fn nanos(time: SystemTime) -> u64 {
    // 0 stands for an unknown time.
    u64::try_from(unix_micros(time))
        .unwrap_or(0)
        .saturating_mul(1000)
}

/// The bytes of hexadecimal digits; none where they are none.
fn bytes(digits: &str) -> Vec<u8> {
    let pairs = digits.as_bytes().chunks(2);
    let bytes = pairs.map(|pair| {
        let pair = std::str::from_utf8(pair).ok()?;
        u8::from_str_radix(pair, 16).ok()
    });
    bytes.collect::<Option<_>>().unwrap_or_default()
}
