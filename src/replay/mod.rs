//! Reads a whole body and leaves it in place, for middleware of your own.
//!
//! A body is a stream that can be read once: a middleware that reads it takes it away from the handler, or from the
//! client. The two functions here read a body up to a limit and put it back, as one buffer or as the bytes read
//! followed by the rest, so that the next reader sees exactly what it would have seen:
//!
//! - [`read_request`] for a request,
//! - [`read_response`] for a response; it is a shorthand for [`ReplayBody`], which can also be read with a deadline.
//!
//! Both read the bytes as they are transferred. They decompress nothing, decode nothing and change no header, so that
//! `web::Json`, `web::Form`, `Multipart` and compressed request bodies work after them as before. Extractors' own size
//! limits still apply.
//!
//! # Examples
//!
//! ```
//! use actix_web::{
//!     body::MessageBody,
//!     dev::{ServiceRequest, ServiceResponse},
//!     error,
//!     middleware::{from_fn, Next},
//!     App, Error,
//! };
//! use actix_web_body_logger::replay::{read_request, read_response, ReadError};
//!
//! const LIMIT: usize = 64 * 1024;
//!
//! async fn sizes(
//!     mut req: ServiceRequest,
//!     next: Next<impl MessageBody>,
//! ) -> Result<ServiceResponse<impl MessageBody>, Error> {
//!     match read_request(&mut req, LIMIT).await {
//!         Ok(body) => println!("request: {} bytes", body.len()),
//!         // This example refuses. It could also continue, as the body is still whole.
//!         Err(error @ ReadError::TooLarge { .. }) => {
//!             return Err(error::ErrorPayloadTooLarge(error));
//!         }
//!         // The handler will meet the same error and answer as it always did.
//!         Err(error) => println!("request: {error}"),
//!     }
//!
//!     let res = next.call(req).await?;
//!
//!     let (res, body) = read_response(res, LIMIT).await;
//!     match body {
//!         Ok(body) => println!("response: {} bytes", body.len()),
//!         Err(error) => println!("response: {error}"),
//!     }
//!     Ok(res)
//! }
//!
//! let app = App::new().wrap(from_fn(sizes));
//! # let _ = app;
//! ```
//!
//! # Do not keep the `HttpRequest`
//!
//! Do not hold a clone of `ServiceRequest::request()` while calling `next.call(req)`: actix-web's router must be its
//! only owner then, and panics otherwise. Copy what you need (method, path, a header value) before the call, or read it
//! afterwards from `ServiceResponse::request()`.
//!
//! # What reading everything changes
//!
//! Bytes, headers and framing stay the same, but timing changes: the handler, or the client, gets nothing before the
//! whole body (or `limit` bytes of it) has arrived. See the section on time of each function. A middleware that only
//! observes a body should wrap the stream instead, as the logger of this crate does.

mod collect;
mod request;
mod response;

use std::{error::Error, fmt};

pub use self::{
    request::read_request,
    response::{read_response, ReplayBody},
};

/// Error: a body could not be read completely.
///
/// In all cases the body is left in place: the bytes read, then the rest or the error.
///
/// It is not a `ResponseError` on purpose: a request over the limit may call for a 413, but a response over it does
/// not, and often the client should notice neither. Choose the response yourself, for example with
/// [`ErrorPayloadTooLarge`](actix_web::error::ErrorPayloadTooLarge).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// The body is longer than the given limit.
    ///
    /// Its length is unknown: reading stops at the chunk that exceeds the limit, or before the first one if the
    /// declared size does.
    TooLarge {
        /// The given limit in bytes.
        limit: usize,
    },

    /// The body's stream failed before its end.
    #[non_exhaustive]
    Stream {
        /// The error's message, for a request.
        ///
        /// `None` for a response: errors of response bodies can be formatted only by consuming them, and this one is
        /// still to be passed on to the server.
        reason: Option<String>,
    },
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => {
                write!(f, "the body is larger than the limit of {limit} bytes")
            }
            Self::Stream {
                reason: Some(reason),
            } => write!(f, "the body failed before its end: {reason}"),
            Self::Stream { reason: None } => f.write_str("the body failed before its end"),
        }
    }
}

impl Error for ReadError {}
