//! Buffering: reads a request's body before the handler is called, within a size limit and a time limit.

use std::{error::Error as StdError, fmt};

use actix_web::{
    dev::ServiceRequest,
    http::{header::CONTENT_LENGTH, StatusCode},
    rt::time::timeout,
    HttpMessage as _, ResponseError,
};

use crate::{
    content::parse_length,
    policy::{BufferOptions, OverLimit},
    replay::{read_request, ReadError},
};

/// Reads a request's body and puts it back.
pub(super) async fn buffer(
    req: &mut ServiceRequest,
    limits: BufferOptions,
) -> Result<(), BufferError> {
    let limit = limits.max_bytes;
    let rejects = limits.over_limit == OverLimit::Reject;
    let declared = req.headers().get(CONTENT_LENGTH).and_then(parse_length);
    if rejects && declared > Some(limit as u64) {
        return Err(BufferError::TooLarge { limit });
    }
    let read = timeout(limits.timeout, read_request(req, limit)).await;
    match read.map_err(|_| BufferError::TimedOut)? {
        Err(ReadError::TooLarge { limit }) if rejects => Err(BufferError::TooLarge { limit }),
        // The handler meets an error of the stream itself.
        _ => Ok(()),
    }
}

/// Why buffering failed; becomes the response.
#[derive(Debug)]
pub(super) enum BufferError {
    TooLarge { limit: usize },
    TimedOut,
}

impl fmt::Display for BufferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(f, "the body is longer than {limit} bytes"),
            Self::TimedOut => f.write_str("the body did not arrive in time"),
        }
    }
}

impl StdError for BufferError {}

impl ResponseError for BufferError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
        }
    }
}
