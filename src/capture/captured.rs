//! A captured exchange: raw, owned copies that can be sent to another thread.
//!
//! It never reaches a sink or a user's closure: `render` makes a redacted `Record` from it first.

use std::{
    collections::BTreeMap,
    mem,
    num::NonZeroU64,
    sync::OnceLock,
    time::{Duration, Instant, SystemTime},
};

use actix_web::http::{Method, StatusCode, Version};
use body_logger_core::record::{BodyFile, BodyState, ErrorRecord, NoFile, Outcome, Reason, Stage};
use bytes::Bytes;

use super::{BodyCapture, Head, KeptPart, MemoryBudget, RequestId, RequestSpan, Reservation};
#[cfg(feature = "hash")]
use crate::content::Digesting;
use crate::{client::Source, content::EventCounter};

/// An exchange, or a stage of one, as captured on the worker.
#[derive(Debug)]
pub(crate) struct Captured {
    /// Empty until it is first read, or adopted from the request.
    pub(crate) id: OnceLock<RequestId>,
    /// Its sequence number in the logger's run; 0 until it is assigned.
    pub(crate) seq: u64,
    /// `None` for a whole exchange.
    pub(crate) stage: Option<Stage>,
    /// The sequence number of its exchange's first stage.
    pub(crate) first_seq: Option<NonZeroU64>,
    pub(crate) time: SystemTime,
    /// `None` in a stage before the end, as the exchange is not over.
    pub(crate) outcome: Option<Outcome>,
    /// Boxed, as few exchanges have one.
    pub(crate) error: Option<Box<ErrorRecord>>,
    pub(crate) began: Instant,
    /// When the response's head was ready.
    pub(crate) responded: Option<Instant>,
    pub(crate) ended: Instant,
    pub(crate) client: Option<Source>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) request: CapturedRequest,
    pub(crate) response: Option<CapturedResponse>,
    /// The span that the request arrived in, if a sink writes into it.
    pub(crate) span: RequestSpan,
    /// The memory that all of this occupies except the bytes kept of the bodies, which reserve their own.
    pub(crate) reservation: Reservation,
}

impl Captured {
    /// Begins an exchange. Boxed at once and filled in place: moving it later would cost as much as copying its
    /// contents.
    pub(crate) fn begin(began: Instant, time: SystemTime, budget: MemoryBudget) -> Box<Self> {
        let mut captured = Box::new(Self {
            id: OnceLock::new(),
            seq: 0,
            stage: None,
            first_seq: None,
            time,
            outcome: Some(Outcome::Cancelled),
            error: None,
            began,
            responded: None,
            ended: began,
            client: None,
            attributes: BTreeMap::new(),
            request: CapturedRequest::default(),
            response: None,
            span: RequestSpan::default(),
            reservation: Reservation::empty(budget),
        });
        captured.reservation.charge(BARE_COST);
        captured
    }

    /// Returns the start stage of a long-lived exchange: everything known of it except the contents of bodies.
    pub(crate) fn start_stage(&self, request: BodyState, response: BodyState) -> Box<Self> {
        let mut stage = self.outline(request, response);
        stage.stage = Some(Stage::Start);
        stage.outcome = None;
        stage
    }

    /// Returns the request stage of an exchange whose delivery is required: the request with what is captured of its
    /// body so far.
    pub(crate) fn request_stage(&self, body: BodyState) -> Box<Self> {
        let mut stage = self.outline(body, BodyState::Pending);
        stage.stage = Some(Stage::Request);
        stage.outcome = None;
        stage.request.body = self.request.body.copied(body);
        stage
    }

    /// Returns a copy of everything except the contents of bodies.
    pub(crate) fn outline(&self, request: BodyState, response: BodyState) -> Box<Self> {
        let budget = self.reservation.budget();
        let mut stage = Self::begin(self.began, self.time, budget);
        stage.id = self.id().clone().into();
        stage.first_seq = self.first_seq;
        stage.outcome = self.outcome;
        stage.ended = self.ended;
        stage.error.clone_from(&self.error);
        stage.responded = self.responded;
        stage.client = self.client;
        stage.attributes.clone_from(&self.attributes);
        stage.request = CapturedRequest {
            method: self.request.method.clone(),
            secure: self.request.secure,
            version: self.request.version,
            head: self.request.head.clone(),
            route: self.request.route.clone(),
            body: self.request.body.without_content(request),
        };
        stage.response = self.response.as_ref().map(|it| CapturedResponse {
            status: it.status,
            head: it.head.clone(),
            body: it.body.without_content(response),
        });
        stage.span = self.span.share();
        stage
            .reservation
            .charge(self.reservation.bytes() - BARE_COST);
        stage
    }

    /// Discards both bodies. Returns false if nothing of them was kept.
    pub(crate) fn shed_bodies(&mut self) -> bool {
        let mut shed = false;
        for body in self.bodies_mut() {
            if body.capture.kept_len() > 0 {
                body.withhold(Reason::MemoryBudget);
                shed = true;
            }
        }
        shed
    }

    pub(crate) fn bodies(&self) -> impl Iterator<Item = &CapturedBody> {
        let response = self.response.as_ref().map(|it| &it.body);
        response.into_iter().chain([&self.request.body])
    }

    pub(crate) fn bodies_mut(&mut self) -> impl Iterator<Item = &mut CapturedBody> {
        let response = self.response.as_mut().map(|it| &mut it.body);
        response.into_iter().chain([&mut self.request.body])
    }

    /// Returns the exchange's id. Generated on first use, which is usually on the writer thread.
    pub(crate) fn id(&self) -> &RequestId {
        self.id.get_or_init(|| RequestId::generate(self.time))
    }

    pub(crate) fn status(&self) -> Option<u16> {
        let response = self.response.as_ref();
        response.map(|response| response.status.as_u16())
    }

    /// Returns the time from the request to the response's head.
    pub(crate) fn ttfb(&self) -> Option<Duration> {
        self.responded.map(|responded| responded - self.began)
    }

    /// Returns the number of bytes it occupies, including itself.
    pub(crate) fn cost(&self) -> usize {
        let bodies = self.bodies().map(|body| body.capture.cost());
        self.reservation.bytes() + bodies.sum::<usize>()
    }

    /// Drops everything except the memory reserved, for the record that was made from it.
    pub(crate) fn into_reservation(mut self: Box<Self>) -> Reservation {
        let reserved = self.bodies_mut().map(|body| body.capture.hand_over());
        let reserved = reserved.sum();
        self.reservation.take_over(reserved);
        self.reservation
    }
}

#[derive(Debug, Default)]
pub(crate) struct CapturedRequest {
    pub(crate) method: Method,
    pub(crate) secure: bool,
    pub(crate) version: Version,
    pub(crate) head: Head,
    pub(crate) route: Option<String>,
    pub(crate) body: CapturedBody,
}

#[derive(Debug)]
pub(crate) struct CapturedResponse {
    pub(crate) status: StatusCode,
    pub(crate) head: Head,
    pub(crate) body: CapturedBody,
}

/// A body: the state of its transfer, and the bytes kept.
#[derive(Debug, Default)]
pub(crate) struct CapturedBody {
    pub(crate) state: BodyState,
    pub(crate) capture: BodyCapture,
    /// Why nothing of it is kept: decided from its head, or by the handler.
    pub(crate) withheld: Option<Reason>,
    /// Whether its bytes belong to a tunnel, and so to no message.
    pub(crate) is_tunnel: bool,
    /// Counts the events, if it is an uncompressed event stream.
    pub(crate) events: Option<EventCounter>,
    #[cfg(feature = "hash")]
    pub(crate) digest: Option<Digesting>,
    /// The file that contains all of its bytes, or why there is none, if there is to be one. Boxed, as few bodies have
    /// one.
    pub(crate) file: Option<Box<Result<BodyFile, NoFile>>>,
}

impl CapturedBody {
    /// Creates a body that keeps at most `limit` bytes, or none if there is a reason to withhold it.
    pub(crate) fn new(
        limit: usize,
        part: KeptPart,
        withheld: Option<Reason>,
        budget: &MemoryBudget,
    ) -> Self {
        let limit = if withheld.is_none() { limit } else { 0 };
        Self {
            capture: BodyCapture::new(limit, part, budget),
            withheld,
            ..Self::default()
        }
    }

    /// Copies everything except its content, with the given state.
    fn without_content(&self, state: BodyState) -> Self {
        Self {
            state,
            capture: self.capture.counted(),
            withheld: self.withheld.or(Some(Reason::Level)),
            is_tunnel: self.is_tunnel,
            ..Self::default()
        }
    }

    /// Copies everything, with the given state. Without a digest if more of it is to come.
    fn copied(&self, state: BodyState) -> Self {
        Self {
            state,
            capture: self.capture.copied(),
            withheld: self.withheld,
            is_tunnel: self.is_tunnel,
            events: self.events.clone(),
            #[cfg(feature = "hash")]
            digest: (self.digest.clone()).filter(|_| state != BodyState::Pending),
            file: None,
        }
    }

    /// Captures the next chunk.
    pub(crate) fn push(&mut self, chunk: &Bytes) {
        self.capture.push(chunk);
        if let Some(events) = &mut self.events {
            events.push(chunk);
        }
        #[cfg(feature = "hash")]
        if let Some(digest) = &mut self.digest {
            digest.update(chunk);
        }
    }

    /// Turns it into the client's side of a tunnel that both sides have agreed on: discards what was captured, and
    /// captures nothing more.
    pub(crate) fn become_tunnel(&mut self) {
        self.capture.discard();
        self.withheld = Some(Reason::Upgrade);
        self.is_tunnel = true;
        self.events = None;
        #[cfg(feature = "hash")]
        {
            self.digest = None;
        }
    }

    /// Withholds the body's content, captured and still to come. Only the first reason is recorded.
    pub(crate) fn withhold(&mut self, reason: Reason) {
        self.capture.discard();
        self.withheld.get_or_insert(reason);
    }
}

/// Memory of an attribute beside its text: its map entry (map nodes may be half empty), and two small allocations.
pub(crate) const ATTRIBUTE_OVERHEAD: usize = 4 * mem::size_of::<String>() + 2 * 16;

/// Size of a captured exchange before anything is copied into it.
const BARE_COST: usize = mem::size_of::<Captured>();

/// glibc serves chunks of up to 1,024 bytes, header included, from a cache, and searches for larger ones.
#[cfg(all(
    target_pointer_width = "64",
    not(feature = "hash"),
    not(feature = "tracing")
))]
const _: () = assert!(BARE_COST <= 1016);
