//! What a logger was told, as it is at work.

use std::{sync::Arc, time::Duration};

use actix_web::http::header::HeaderName;

use super::{BodyMode, OverLimit, StartRecords, DEFAULT_BUFFER_DEADLINE, DEFAULT_BUFFER_LIMIT};
#[cfg(feature = "hash")]
use crate::hash::BodyDigest;
use crate::{
    budget::Budget,
    capture::Part,
    captured::CapturedBody,
    delivery::Delivery,
    events::EventCounter,
    policy::{Policy, Selection, Treatment},
    redact::Redaction,
};
#[cfg(feature = "hash")]
use body_logger_core::record::Reason;

/// The limits of [`BodyMode::Buffer`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct BufferLimits {
    pub(crate) bytes: usize,
    pub(crate) deadline: Duration,
    pub(crate) over_limit: OverLimit,
}

impl Default for BufferLimits {
    fn default() -> Self {
        Self {
            bytes: DEFAULT_BUFFER_LIMIT,
            deadline: DEFAULT_BUFFER_DEADLINE,
            over_limit: OverLimit::default(),
        }
    }
}

/// What a logger was told, and where its records go.
#[derive(Debug)]
pub(crate) struct Config {
    pub(crate) budget: Budget,
    pub(crate) request_mode: BodyMode,
    pub(crate) buffer: BufferLimits,
    pub(crate) policy: Policy,
    pub(crate) redaction: Arc<Redaction>,
    pub(crate) show_error_messages: bool,
    pub(crate) adopted_id: Option<HeaderName>,
    pub(crate) id_header: Option<HeaderName>,
    pub(crate) time_header: Option<HeaderName>,
    pub(crate) start_records: StartRecords,
    pub(crate) delivery: Delivery,
}

impl Config {
    /// A body that is about to pass.
    pub(crate) fn body(&self, selection: Selection, treatment: Treatment) -> CapturedBody {
        let Treatment { withheld, events } = treatment;
        // Of a stream of events the last are what counts.
        let part = if events { Part::End } else { Part::Beginning };
        CapturedBody {
            events: events.then(EventCounter::default),
            #[cfg(feature = "hash")]
            digest: (self.redaction.content.digest.as_ref())
                .filter(|_| !matches!(withheld, Some(Reason::Upgrade | Reason::Head)))
                .map(BodyDigest::start),
            ..CapturedBody::new(self.policy.max_body_bytes(selection), part, withheld)
        }
    }
}
