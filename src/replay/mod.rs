//! Reading a whole body and leaving it in place, for people who write their own middleware.
//!
//! A body is a stream that can be read once. A middleware that reads it takes it away from the
//! handler, or from the client. The two functions here read a body up to a limit and put it back,
//! in one piece or as what was read followed by the rest, so that whoever comes next sees what it
//! would have seen:
//!
//! - [`read_request`] for a request on its way in,
//! - [`read_response`] for a response on its way out; it is a shorthand for [`ReplayBody`], which
//!   can also be read under a deadline.
//!
//! Both read wire bytes. They decompress nothing, decode nothing and touch no header, so that
//! `web::Json`, `web::Form`, `Multipart` and compressed request bodies work behind them as before.
//! Keep in mind that extractors have size limits of their own, which still apply.
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
//!         // Here a choice: refuse. Going on would be fine, too: the body is still whole.
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
//! `ServiceRequest::request()` invites `.clone()`. Do not hold such a clone while calling
//! `next.call(req)`: actix-web's router needs to be the only owner there and panics if it is not.
//! Copy what you need (method, path, a header value) before the call, or take it afterwards from
//! `ServiceResponse::request()`.
//!
//! # What reading everything changes
//!
//! Bytes, headers and framing stay the same, time does not: the handler, or the client, gets
//! nothing before the whole body (or `limit` bytes of it) has arrived. See the notes on time at
//! each function. A middleware that only wants to look on as a body passes should wrap the stream
//! instead, as the logger of this crate does.

mod collect;
mod request;
mod response;

use std::{error::Error, fmt};

pub(crate) use self::request::ReadPayload;
pub use self::{
    request::read_request,
    response::{read_response, ReplayBody},
};

/// Why a body could not be read whole.
///
/// Whatever the reason, the body is left in place: what was read first, then the rest or the error.
///
/// This type is not a `ResponseError` on purpose: a request over your limit may deserve a 413, a
/// response over it does not, and often neither is the client's business. Choose, for example with
/// [`ErrorPayloadTooLarge`](actix_web::error::ErrorPayloadTooLarge).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// The body is longer than the limit that the caller gave.
    ///
    /// It may be a little or a lot longer: reading stops at the chunk which shows that, or before
    /// the first one if the body says its size.
    TooLarge {
        /// The limit that the caller gave, in bytes.
        limit: usize,
    },

    /// The body's stream failed before its end.
    #[non_exhaustive]
    Stream {
        /// What the error says, for a request.
        ///
        /// `None` for a response: the errors of response bodies can be turned into text only by
        /// consuming them, and this one is still owed to whoever sends the response.
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
