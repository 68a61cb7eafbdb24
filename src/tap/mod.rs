//! Taps: wrappers of bodies that pass each chunk on unchanged, and record it.
//!
//! Only the tap holds the inner payload: when a payload is dropped, actix knows that the request will not be read further, and
//! decides on keep-alive accordingly.

mod request_payload;
mod required;
mod response_body;

pub(crate) use self::request_payload::RequestPayload;
pub use self::response_body::ResponseBody;
