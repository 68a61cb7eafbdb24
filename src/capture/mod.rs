//! Captures an exchange while it is in progress, within limits.

mod captured;
mod head;
mod kept;
mod memory_budget;
mod request_id;
mod span;

pub(crate) use self::{
    captured::{Captured, CapturedBody, CapturedRequest, CapturedResponse},
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
