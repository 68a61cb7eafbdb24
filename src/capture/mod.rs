//! Captures an exchange while it is in progress, within limits.
//!
//! Bytes are copied: a chunk or a header value is a slice of an 8 KiB read buffer, or of a larger buffer of unknown size, and
//! keeping 20 bytes of it would keep all of it. Short heads and bodies are stored in [`Captured`] itself, which is boxed when
//! the exchange begins and queued in that box. Metadata is always kept, as it is small and actix limits the number of exchanges;
//! bodies are kept while the [`MemoryBudget`] allows.

mod captured;
mod head;
mod kept;
mod memory_budget;
mod request_id;
mod span;

pub(crate) use self::{
    captured::{Captured, CapturedBody, CapturedRequest, CapturedResponse, ATTRIBUTE_OVERHEAD},
    head::{Field, Fields, Head, HeadBuffer, HOST, PATH, QUERY},
    kept::{BodyCapture, KeptPart},
    memory_budget::Reservation,
    span::RequestSpan,
};
pub use self::{
    head::{MAX_HEAD, MAX_HEAD_VALUE},
    memory_budget::{MemoryBudget, DEFAULT_MEMORY_BUDGET},
    request_id::RequestId,
};
