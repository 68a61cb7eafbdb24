//! Outcomes, errors, stages and states of exchanges and their bodies.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An error in an exchange.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ErrorRecord {
    /// Where it arose.
    pub kind: ErrorKind,
    /// The status of the response that the error implies.
    pub status: Option<u16>,
    /// The error's message, only if the application asked for it: messages may quote the input.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl ErrorRecord {
    /// Creates an error without a message.
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
    /// A handler or an extractor returned an error.
    Handler,
    /// A middleware or a raw service returned `Err`.
    Service,
    /// The response body's stream failed.
    ResponseBody,
    /// The response body was shorter or longer than its declared size.
    ResponseSize,
}

impl ErrorKind {
    /// Returns the kind as written in JSON.
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
    /// The whole response was handed to the server. Whether the client received it is unknown.
    Completed,
    /// The response body was dropped before its end.
    ResponseAborted,
    /// The response body's stream failed, or was shorter or longer than its declared size.
    BodyError,
    /// The inner service returned `Err`, and the logger saw no response made from it; the status is the one that the
    /// error implies.
    ServiceError,
    /// The handler, or the response body's stream, panicked.
    Panicked,
    /// The exchange was dropped before it was answered.
    Cancelled,
    /// The connection became a tunnel, and the tunnel has closed.
    Upgraded,
    /// The response was passed on after its record was durable; how it ended is not known.
    Released,
    /// The response was 503, as the exchange's record could not be made durable.
    Refused,
}

impl Outcome {
    /// Returns the outcome as written in JSON.
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

/// The stage of an exchange that a record describes, if the exchange has several records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// A long-lived response has begun. This record has both heads; bodies, outcome and duration follow in the record
    /// of the whole exchange, which has no stage.
    Start,
    /// The request, durable before the handler ran.
    Request,
    /// The response, durable before its end was passed on. This record includes the request.
    Response,
    /// The actual end of an exchange whose response was cut off, or went on, after its stage was written.
    End,
}

impl Stage {
    /// Returns the stage as written in JSON.
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

/// The state of a body's transfer. How much of the body was kept is independent of it: see
/// [`Body::captured`](super::Body::captured).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum BodyState {
    /// There was no body, or an empty one.
    #[default]
    Empty,
    /// It passed from its first byte to its end.
    Complete,
    /// It was not read at all.
    Unread,
    /// It was read only in part; or a response body was shorter or longer than its declared size.
    Partial,
    /// Its stream failed, or was dropped before its end.
    Aborted,
    /// It has not ended yet, in a record of a stage.
    Pending,
}

/// Why a record does not contain all of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The body is longer than the body limit.
    BodyLimit,
    /// The memory budget was exhausted.
    MemoryBudget,
    /// Its media type is not among those captured.
    MediaType,
    /// The exchange's capture level does not include it.
    Level,
    /// The connection became a tunnel, whose bytes are only counted.
    Upgrade,
    /// The request's method is HEAD: the body is not sent.
    Head,
    /// It was withheld because it could not be parsed, and so not be redacted.
    Redaction,
    /// It has a content coding that was not decoded.
    Decode,
    /// The handler asked to withhold it.
    Handler,
    /// Tail sampling discarded it when the exchange ended.
    SampledOut,
    /// The record would be [too long](super::RecordLimit) with it.
    RecordLimit,
}

/// Why there is no [file](super::BodyFile) with a body that was to be kept whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NoFile {
    /// The body is longer than a file may be.
    TooLong,
    /// The disk was slower than the network.
    TooSlow,
    /// The memory budget was exhausted.
    MemoryBudget,
    /// The file could not be created, written or renamed: the disk is full, read-only or gone.
    Failed,
}

impl NoFile {
    /// All reasons.
    pub const ALL: [Self; 4] = [
        Self::TooLong,
        Self::TooSlow,
        Self::MemoryBudget,
        Self::Failed,
    ];

    /// Returns the reason as written in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::TooSlow => "too_slow",
            Self::MemoryBudget => "memory_budget",
            Self::Failed => "failed",
        }
    }
}

impl BodyState {
    /// Returns the state as written in JSON.
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
    /// Returns the reason as written in JSON.
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
    fn as_str_agrees_with_the_json() {
        use {BodyState as State, ErrorKind as Kind};
        check(&Reason::ALL, Reason::as_str);
        check(&NoFile::ALL, NoFile::as_str);
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
