//! Taps: wrappers of bodies that pass each chunk on unchanged, and record it.

mod request_payload;
mod required;
mod response_body;

pub(crate) use self::request_payload::RequestPayload;
pub use self::response_body::ResponseBody;
