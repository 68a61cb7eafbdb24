//! What a logger was told, as it is at work.

use std::{sync::Arc, time::Duration};

use actix_web::http::header::HeaderName;

use super::{BodyMode, OverLimit, StartRecords, DEFAULT_BUFFER_DEADLINE, DEFAULT_BUFFER_LIMIT};
use crate::{
    budget::Budget,
    capture::Part,
    captured::{CapturedBody, BARE_COST, MAX_HEAD, MAX_HEAD_VALUE},
    events::EventCounter,
    policy::{Policy, Selection, Treatment},
    redact::Redaction,
    sink::{Item, Loss, Place, Places, Producer, Producers, Queue, Sinks},
};
#[cfg(feature = "hash")]
use crate::{hash::BodyDigest, record::Reason};

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
    pub(crate) inline: Sinks,
    pub(crate) queue: Option<Queue>,
    pub(crate) producers: Producers,
    pub(crate) loss: Arc<Loss>,
}

impl Config {
    pub(crate) fn producer(&self) -> Producer {
        self.producers.begin()
    }

    /// Whether a sink writes into the spans of requests.
    pub(crate) fn wants_spans(&self) -> bool {
        self.inline.want_spans() || self.queue.as_ref().is_some_and(Queue::wants_spans)
    }

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

    /// Where new exchanges wait for room, and how much an exchange may need at its end.
    pub(crate) fn admission(&self, selection: Selection) -> Option<(&Places, usize)> {
        let places = self.queue.as_ref()?.places()?;
        let bodies = self.policy.max_body_bytes(selection).saturating_mul(2);
        // Beside two heads: the host, the method, attributes, an error's message and what is short.
        let most = BARE_COST + 2 * MAX_HEAD + 5 * MAX_HEAD_VALUE;
        Some((places, most.saturating_add(bodies)))
    }

    /// Hands an item to all sinks, and returns the number it got. This may run while a handler's
    /// panic unwinds, where a second panic would end the process: none gets out.
    pub(crate) fn deliver(&self, mut item: Item, place: Option<Place>) -> u64 {
        let seq = self.loss.next_seq();
        item.set_seq(seq);
        if !self.inline.is_empty() {
            let mut made = None;
            self.inline
                .entry(&item, &self.redaction, |entry| made = Some(entry));
            let entries = made.as_slice();
            if self.queue.is_none() {
                self.loss.note_withheld(entries);
            }
            if !entries.is_empty() {
                self.inline.write(entries);
                self.inline.flush();
            }
        }
        if let Some(queue) = &self.queue {
            // A span does not close while it is held.
            if !queue.wants_spans() {
                item.leave_span();
            }
            queue.send(item, place);
        }
        seq
    }
}
