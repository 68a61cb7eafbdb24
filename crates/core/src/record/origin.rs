//! The origin of a record: the trace of its request, and the service that recorded it.

use serde::{Deserialize, Serialize};

use super::RecordText;

/// The trace that a request is part of ([W3C Trace Context]).
///
/// [W3C Trace Context]: https://www.w3.org/TR/trace-context/
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Trace {
    /// 32 hexadecimal digits in lower case.
    pub trace_id: RecordText,
    /// The id of the span that sent the request: 16 hexadecimal digits in lower case.
    pub span_id: RecordText,
}

impl Trace {
    /// Parses a `traceparent`. Returns `None` if it is invalid, as the specification requires to ignore all of it then.
    #[must_use]
    pub fn parse(traceparent: &[u8]) -> Option<Self> {
        const LENGTH: usize = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".len();

        let text = std::str::from_utf8(traceparent).ok()?;
        let (known, rest) = text.split_at_checked(LENGTH)?;
        let mut fields = known.split('-');
        let mut field = |length: usize| {
            let is_lower_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
            fields
                .next()
                .filter(|field| field.len() == length && field.bytes().all(is_lower_hex))
        };
        let (version, trace_id, span_id, _flags) = (field(2)?, field(32)?, field(16)?, field(2)?);
        // A later version may add fields.
        let ends = rest.is_empty() || (version != "00" && rest.starts_with('-'));
        let is_zero = |id: &str| id.bytes().all(|digit| digit == b'0');
        (ends && version != "ff" && !is_zero(trace_id) && !is_zero(span_id)).then(|| Self {
            trace_id: trace_id.into(),
            span_id: span_id.into(),
        })
    }
}

/// The service and the instance that recorded an exchange. The members are OpenTelemetry's `service.name`,
/// `service.version`, `service.instance.id` and `host.name`.
///
/// ```
/// use body_logger_core::record::Resource;
///
/// let resource = Resource::new("orders").version("1.4.2").instance("orders-7f9c");
/// assert_eq!(resource.service, "orders");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Resource {
    /// The service's name.
    pub service: RecordText,
    /// The service's version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<RecordText>,
    /// The instance of the service, such as a pod's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<RecordText>,
    /// The name of the host.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<RecordText>,
}

impl Resource {
    /// Creates a resource for the service with this name.
    pub fn new(service: impl Into<RecordText>) -> Self {
        Self {
            service: service.into(),
            version: None,
            instance: None,
            host: None,
        }
    }

    /// Sets the service's version. Defaults to none.
    #[must_use]
    pub fn version(mut self, version: impl Into<RecordText>) -> Self {
        self.version = Some(version.into());
        self
    }

    /// Sets the instance of the service. Defaults to none.
    #[must_use]
    pub fn instance(mut self, instance: impl Into<RecordText>) -> Self {
        self.instance = Some(instance.into());
        self
    }

    /// Sets the name of the host. Defaults to none.
    #[must_use]
    pub fn host(mut self, host: impl Into<RecordText>) -> Self {
        self.host = Some(host.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
    const SPAN: &str = "b7ad6b7169203331";

    #[test]
    fn parses_valid_traceparents() {
        for valid in [
            format!("00-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-00"),
            format!("cc-{TRACE}-{SPAN}-01"),
            format!("01-{TRACE}-{SPAN}-01-what the future brings"),
        ] {
            let trace = Trace::parse(valid.as_bytes()).expect(&valid);
            assert_eq!((&*trace.trace_id, &*trace.span_id), (TRACE, SPAN));
        }
    }

    #[test]
    fn ignores_invalid_traceparents() {
        let zeros = "0".repeat(32);
        for invalid in [
            String::new(),
            "00".to_owned(),
            format!("ff-{TRACE}-{SPAN}-01"),
            format!("00-{TRACE}-{SPAN}-01-more"),
            format!("01-{TRACE}-{SPAN}-01more"),
            format!("00-{TRACE}-{SPAN}-0"),
            format!("00-{TRACE}-{SPAN}"),
            format!("0-{TRACE}-{SPAN}-001"),
            format!("00-{zeros}-{SPAN}-01"),
            format!("00-{TRACE}-{}-01", &zeros[..16]),
            format!("00-{}-{SPAN}-01", TRACE.to_uppercase()),
            format!("00-{}g-{SPAN}-01", &TRACE[..31]),
            format!("00-{TRACE}-{SPAN}-0g"),
            format!(" 00-{TRACE}-{SPAN}-01"),
            format!("00-{}\u{e9}-{SPAN}-01", &TRACE[..30]),
        ] {
            assert_eq!(Trace::parse(invalid.as_bytes()), None, "{invalid}");
        }
        assert_eq!(Trace::parse(&[0xff; 55]), None);
    }
}
