//! How an exchange and its bodies fared.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What went wrong in an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorRecord {
    /// Where it went wrong.
    pub kind: ErrorKind,
    /// The status of the response that the error asks for.
    pub status: Option<u16>,
    /// The error's own words, only where the application asked for them: messages quote the input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl ErrorRecord {
    /// An error of which nothing more is said.
    #[must_use]
    pub fn new(kind: ErrorKind, status: Option<u16>) -> Self {
        Self {
            kind,
            status,
            message: None,
        }
    }
}

/// Where an error arose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorKind {
    /// A handler or an extractor answered with an error.
    Handler,
    /// A middleware or a raw service returned `Err`.
    Service,
    /// The response body's stream failed.
    ResponseBody,
    /// The response body ended short of its declared size, or went past it.
    ResponseSize,
}

impl ErrorKind {
    /// Where it arose as it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Handler => "handler",
            Self::Service => "service",
            Self::ResponseBody => "response_body",
            Self::ResponseSize => "response_size",
        }
    }
}

/// How an exchange ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Outcome {
    /// The whole response was handed to the server. This does not say that the client got it.
    Completed,
    /// The response body was dropped before its end.
    ResponseAborted,
    /// The response body's stream failed, or ended short of or past its size.
    BodyError,
    /// The inner service returned `Err` and no response was seen being made from it; the status is
    /// the one the error predicts.
    ServiceError,
    /// The handler, or the response body's stream, panicked.
    Panicked,
    /// The exchange was dropped before it was answered.
    Cancelled,
    /// The connection became a tunnel, and the tunnel has closed.
    Upgraded,
    /// The response was handed on after its record was durable; its end is not known.
    Released,
    /// It was answered 503, as its record could not be made durable.
    Refused,
}

impl Outcome {
    /// The outcome as it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::ResponseAborted => "response_aborted",
            Self::BodyError => "body_error",
            Self::ServiceError => "service_error",
            Self::Panicked => "panicked",
            Self::Cancelled => "cancelled",
            Self::Upgraded => "upgraded",
            Self::Released => "released",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which stage of its exchange a record is, where there are several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// A long-lived response has begun. It tells the heads;
    /// bodies, outcome and duration follow in the record of the whole exchange, which has no stage.
    Start,
    /// The request, durable before the handler ran.
    Request,
    /// The response, durable before its end was handed on. It tells the request, too.
    Response,
    /// The true end of an exchange whose response was cut off after its stage was written.
    End,
}

impl Stage {
    /// The stage as it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Request => "request",
            Self::Response => "response",
            Self::End => "end",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How the transfer of a body went. What was kept of it is another matter: see
/// [`Body::captured`](super::Body::captured).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BodyState {
    /// There was no body, or one of no bytes.
    #[default]
    Empty,
    /// It passed from its first byte to its end.
    Complete,
    /// Nobody asked for it.
    Unread,
    /// It was read in part and then left; or a response body ended short of or past its size.
    Partial,
    /// Its stream failed or was dropped midway.
    Aborted,
    /// It is not over yet, in a record of a stage.
    Pending,
}

/// Why a record does not hold all of a body's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The body is longer than what is kept of one.
    BodyLimit,
    /// All that the process may keep was in use.
    MemoryBudget,
    /// Its media type is not among those captured.
    MediaType,
    /// The exchange's capture level does not ask for it.
    Level,
    /// The connection became a tunnel: its bytes are counted only.
    Upgrade,
    /// It answers a HEAD request: it is not sent.
    Head,
    /// It was withheld because it could not be understood, and so not be redacted.
    Redaction,
    /// It is in a content coding that was not undone.
    Decode,
    /// The handler asked to leave it out.
    Handler,
    /// It was captured but, when the exchange had ended, not kept.
    SampledOut,
    /// The record would have been [too long](super::RecordLimit) with it.
    RecordLimit,
}

impl BodyState {
    /// The state as it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Complete => "complete",
            Self::Unread => "unread",
            Self::Partial => "partial",
            Self::Aborted => "aborted",
            Self::Pending => "pending",
        }
    }
}

impl Reason {
    /// The reason as it stands in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BodyLimit => "body_limit",
            Self::MemoryBudget => "memory_budget",
            Self::MediaType => "media_type",
            Self::Level => "level",
            Self::Upgrade => "upgrade",
            Self::Head => "head",
            Self::Redaction => "redaction",
            Self::Decode => "decode",
            Self::Handler => "handler",
            Self::SampledOut => "sampled_out",
            Self::RecordLimit => "record_limit",
        }
    }

    #[cfg(any(test, feature = "conformance"))]
    pub(crate) const ALL: [Self; 11] = [
        Self::BodyLimit,
        Self::MemoryBudget,
        Self::MediaType,
        Self::Level,
        Self::Upgrade,
        Self::Head,
        Self::Redaction,
        Self::Decode,
        Self::Handler,
        Self::SampledOut,
        Self::RecordLimit,
    ];
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use super::*;

    #[track_caller]
    fn check<T: Serialize + Debug + Copy>(all: &[T], as_str: fn(T) -> &'static str) {
        for value in all {
            let json = serde_json::to_value(value).expect("JSON");
            assert_eq!(json, as_str(*value), "{value:?}");
        }
    }

    #[test]
    fn words_are_those_of_the_json() {
        use {BodyState as State, ErrorKind as Kind};
        check(&Reason::ALL, Reason::as_str);
        check(
            &[State::Empty, State::Complete, State::Unread],
            State::as_str,
        );
        check(
            &[State::Partial, State::Aborted, State::Pending],
            State::as_str,
        );
        check(&[Kind::Handler, Kind::Service], Kind::as_str);
        check(&[Kind::ResponseBody, Kind::ResponseSize], Kind::as_str);
    }
}
