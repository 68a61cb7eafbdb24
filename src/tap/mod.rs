//! Bodies on their way: what passes is handed on first, and noted then.

mod request_payload;
mod response_body;

pub(crate) use self::request_payload::RequestPayload;
pub use self::response_body::ResponseBody;
