//! How much of a body was kept, in one sign and one word.

use body_logger_core::record::{Body, BodyState, Reason};
use serde::Serialize;

/// The sign of a body that was not kept whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Kept {
    /// The name of its icon.
    pub(crate) sign: &'static str,
    /// The same in a word.
    pub(crate) text: &'static str,
}

/// The one sign of a body; none if all of it was kept.
pub(crate) fn kept(body: &Body) -> Option<Kept> {
    let has = |reasons: &[Reason]| body.reasons.iter().any(|reason| reasons.contains(reason));
    let (sign, text) = match body.state {
        BodyState::Aborted => ("aborted", "aborted"),
        BodyState::Pending => ("pending", "open"),
        BodyState::Unread => ("unread", "unread"),
        BodyState::Partial => ("unread", "partly read"),
        _ if has(&[Reason::SampledOut]) => ("sampled-out", "sampled out"),
        _ if has(&[Reason::Redaction, Reason::Decode]) => ("withheld", "withheld"),
        _ if has(&[Reason::BodyLimit, Reason::MemoryBudget, Reason::RecordLimit]) => {
            if body.captured > 0 {
                ("truncated", "truncated")
            } else {
                ("withheld", "withheld")
            }
        }
        _ if has(&[Reason::MediaType, Reason::Level, Reason::Handler]) => {
            ("sampled-out", "not captured")
        }
        _ => return None,
    };
    Some(Kept { sign, text })
}
