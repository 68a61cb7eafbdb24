//! Converts values to the forms of OpenTelemetry's conventions.

use std::{collections::BTreeMap, net::SocketAddr};

use actix_web::http::{uri::Authority, Method};
use base64::{engine::general_purpose::STANDARD, Engine as _};
use serde::Serialize;
use tracing::Value;

use body_logger_core::record::{Body, Outcome, Reason, Record, RecordText, ResponseRecord};

/// Replaces a method that is not known.
const OTHER: &str = "_OTHER";

/// Returns the method, or `_OTHER` with the original if it is not known.
pub(super) fn method<'a>(method: &'a str, known: &[Method]) -> (&'a str, Option<&'a str>) {
    if known.iter().any(|known| known.as_str() == method) {
        (method, None)
    } else {
        (OTHER, Some(method))
    }
}

/// Returns the name of an exchange, by the convention for names of spans.
pub(super) fn name(method: &str, route: Option<&str>) -> String {
    let method = if method == OTHER { "HTTP" } else { method };
    match route {
        Some(route) => format!("{method} {route}"),
        None => method.to_owned(),
    }
}

/// Returns the address and the port of the server, parsed from the host that the client named.
pub(super) fn server(host: Option<&str>) -> (Option<String>, Option<i64>) {
    let Some(host) = host else {
        return (None, None);
    };
    let Ok(parts) = host.parse::<Authority>() else {
        return (Some(host.to_owned()), None);
    };
    let address = parts.host().trim_matches(['[', ']']);
    (Some(address.to_owned()), parts.port_u16().map(i64::from))
}

/// Returns the address and the port of the client, parsed from the record.
pub(super) fn client(shown: Option<&str>) -> (Option<String>, Option<i64>) {
    match shown.map(str::parse::<SocketAddr>) {
        Some(Ok(addr)) => (Some(addr.ip().to_string()), Some(addr.port().into())),
        _ => (shown.map(str::to_owned), None),
    }
}

pub(super) fn protocol_version(version: &str) -> Option<&str> {
    let number = version.strip_prefix("HTTP/")?;
    Some(match number {
        "2.0" => "2",
        "3.0" => "3",
        number => number,
    })
}

/// Returns the response, unless it is only predicted from an error.
pub(super) fn response(record: &Record) -> Option<&ResponseRecord> {
    let seen = record.outcome != Some(Outcome::ServiceError);
    record.response.as_ref().filter(|_| seen)
}

pub(super) fn error_type(record: &Record) -> Option<String> {
    match record.outcome {
        None | Some(Outcome::Completed | Outcome::Upgraded | Outcome::Released) => {
            let status = record.status().filter(|status| *status >= 500);
            status.map(|status| status.to_string())
        }
        Some(outcome) => Some(outcome.to_string()),
    }
}

/// Returns the content of a body: text, or bytes for base64, which the conventions do not use.
pub(super) fn content(body: &Body) -> Option<Box<dyn Value + '_>> {
    if let Some(json) = &body.json {
        return Some(Box::new(json.get()));
    }
    if let Some(text) = &body.text {
        return Some(Box::new(text.as_str()));
    }
    let base64 = body.base64.as_deref()?;
    Some(match STANDARD.decode(base64) {
        Ok(bytes) => Box::new(bytes.into_boxed_slice()),
        // The application's own redaction may have put any text there.
        Err(_) => Box::new(base64),
    })
}

pub(super) fn reasons(reasons: &[Reason]) -> Option<String> {
    let words: Vec<_> = reasons.iter().map(|reason| reason.as_str()).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

pub(super) fn header<'a>(headers: &'a [(RecordText, RecordText)], name: &str) -> Option<&'a str> {
    let found = headers.iter().find(|(known, _)| known == name)?;
    Some(&found.1)
}

/// Returns the JSON of a list, or `None` if it is empty.
pub(super) fn list<T: Serialize>(list: &[T]) -> Option<String> {
    (!list.is_empty()).then(|| serde_json::to_string(list).ok())?
}

/// Returns the JSON of a map, or `None` if it is empty.
pub(super) fn map<T: Serialize>(map: &BTreeMap<String, T>) -> Option<String> {
    (!map.is_empty()).then(|| serde_json::to_string(map).ok())?
}

/// Converts a number to a signed one, as OpenTelemetry has no unsigned ones.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Returns the number, or `None` if it is zero.
pub(super) fn count(number: u32) -> Option<i64> {
    (number > 0).then(|| number.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_hosts_and_clients_into_address_and_port() {
        for (host, address, port) in [
            ("example.org", "example.org", None),
            ("example.org:8443", "example.org", Some(8443)),
            ("***@example.org:80", "example.org", Some(80)),
            ("[2001:db8::1]:80", "2001:db8::1", Some(80)),
            ("***", "***", None),
            ("no host/at all", "no host/at all", None),
        ] {
            let expected = (Some(address.to_owned()), port);
            assert_eq!(server(Some(host)), expected, "{host}");
        }
        for (shown, address, port) in [
            ("192.0.2.1:53124", "192.0.2.1", Some(53124)),
            ("[2001:db8::1]:53124", "2001:db8::1", Some(53124)),
            ("192.0.2.1", "192.0.2.1", None),
            ("192.0.2.0/24", "192.0.2.0/24", None),
        ] {
            let expected = (Some(address.to_owned()), port);
            assert_eq!(client(Some(shown)), expected, "{shown}");
        }
        assert_eq!(server(None), (None, None));
        assert_eq!(client(None), (None, None));
    }

    #[test]
    fn formats_protocol_versions() {
        for (version, expected) in [
            ("HTTP/1.0", Some("1.0")),
            ("HTTP/1.1", Some("1.1")),
            ("HTTP/2.0", Some("2")),
            ("HTTP/3.0", Some("3")),
            ("something else", None),
        ] {
            assert_eq!(protocol_version(version), expected);
        }
    }

    #[test]
    fn omits_a_predicted_status() {
        let mut record = Record::example();
        assert!(response(&record).is_some());
        assert_eq!(error_type(&record), None);
        record.outcome = Some(Outcome::ServiceError);
        assert!(response(&record).is_none());
        assert_eq!(error_type(&record).as_deref(), Some("service_error"));
    }

    #[test]
    fn shows_invalid_base64_as_text() {
        let shown = |base64: &str| {
            let mut body = Body::default();
            body.base64 = Some(base64.to_owned());
            // `Debug` of `dyn Value` needs a `'static` value.
            let body: &'static Body = Box::leak(Box::new(body));
            format!("{:?}", content(body).expect("content"))
        };
        assert_eq!(shown("AQL/"), "[01 02 ff]");
        assert_eq!(shown("***"), "\"***\"");
    }
}
