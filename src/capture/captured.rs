//! What leaves the worker: one exchange, raw, in owned copies that can be sent to another thread.
//!
//! It never reaches a sink or a user's closure: `render` makes a `Record` of it first.

use std::{
    collections::BTreeMap,
    mem,
    num::NonZeroU64,
    sync::OnceLock,
    time::{Duration, Instant, SystemTime},
};

use actix_web::http::{Method, StatusCode, Version};
use bytes::Bytes;

use super::{Capture, Head, MemoryBudget, Part, RequestId, RequestSpan, Reservation};
#[cfg(feature = "hash")]
use crate::content::Digesting;
use crate::{client::Source, content::EventCounter};
use body_logger_core::record::{BodyState, ErrorRecord, Outcome, Reason};

/// An exchange, or a stage of one, as it was seen on the worker.
#[derive(Debug)]
pub(crate) struct Captured {
    /// None until it is asked for, or was adopted.
    pub(crate) id: OnceLock<RequestId>,
    /// Its number in the logger's run, once it has one.
    pub(crate) seq: u64,
    /// The number of the stage that announced it.
    pub(crate) first_seq: Option<NonZeroU64>,
    pub(crate) time: SystemTime,
    /// None of the stage that announces an exchange: it is not over.
    pub(crate) outcome: Option<Outcome>,
    pub(crate) error: Option<ErrorRecord>,
    pub(crate) began: Instant,
    /// When the response's head was ready.
    pub(crate) responded: Option<Instant>,
    pub(crate) ended: Instant,
    pub(crate) client: Option<Source>,
    pub(crate) attributes: BTreeMap<String, String>,
    pub(crate) request: CapturedRequest,
    pub(crate) response: Option<CapturedResponse>,
    /// The span that the request came in, where a sink writes into it.
    pub(crate) span: RequestSpan,
    /// What all of this costs, taken out of the budget until it is dropped.
    pub(crate) reservation: Reservation,
}

impl Captured {
    /// Of an exchange that begins. Boxed at once and filled in where it lies: to move it would cost
    /// as much as to copy what it holds.
    pub(crate) fn begin(began: Instant, time: SystemTime, budget: MemoryBudget) -> Box<Self> {
        let mut captured = Box::new(Self {
            id: OnceLock::new(),
            seq: 0,
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

    /// The stage that announces a long-lived exchange: all that is known of it but for bodies' content.
    pub(crate) fn start_stage(&self, request: BodyState, response: BodyState) -> Box<Self> {
        let budget = self.reservation.budget();
        let mut stage = Self::begin(self.began, self.time, budget);
        stage.id = self.id().clone().into();
        stage.outcome = None;
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
        // As much as the exchange, but for its bodies.
        let bodies = self.response.iter().map(|it| &it.body);
        let bodies = bodies.chain([&self.request.body]);
        let content: usize = bodies.map(|body| body.capture.kept_len()).sum();
        let all = self.cost().saturating_sub(BARE_COST + content);
        stage.reservation.charge(all);
        stage
    }

    /// Lets go of both bodies. False if nothing of them was kept.
    pub(crate) fn shed_bodies(&mut self) -> bool {
        let response = self.response.as_mut().map(|response| &mut response.body);
        let mut shed = false;
        for body in response.into_iter().chain([&mut self.request.body]) {
            if body.capture.kept_len() > 0 {
                body.withhold(Reason::MemoryBudget, &mut self.reservation);
                shed = true;
            }
        }
        shed
    }

    /// The exchange's id. One that nobody asks for on the worker is made elsewhere.
    pub(crate) fn id(&self) -> &RequestId {
        self.id.get_or_init(|| RequestId::generate(self.time))
    }

    pub(crate) fn status(&self) -> Option<u16> {
        let response = self.response.as_ref();
        response.map(|response| response.status.as_u16())
    }

    /// How long it took until the response's head was ready.
    pub(crate) fn ttfb(&self) -> Option<Duration> {
        self.responded.map(|responded| responded - self.began)
    }

    /// The bytes it takes up, itself included.
    pub(crate) fn cost(&self) -> usize {
        self.reservation.bytes()
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

/// A body: how its transfer went, and what was kept.
#[derive(Debug, Default)]
pub(crate) struct CapturedBody {
    pub(crate) state: BodyState,
    pub(crate) capture: Capture,
    /// Why nothing of it is kept, known when its head was seen or when the handler said so.
    pub(crate) withheld: Option<Reason>,
    /// Whether its bytes are those of a tunnel, which belong to no message.
    pub(crate) is_tunnel: bool,
    /// Counts the events, where it is a stream of them.
    pub(crate) events: Option<EventCounter>,
    #[cfg(feature = "hash")]
    pub(crate) digest: Option<Digesting>,
}

impl CapturedBody {
    /// A body of which at most `limit` bytes are kept, and none where there is a reason not to.
    pub(crate) fn new(limit: usize, part: Part, withheld: Option<Reason>) -> Self {
        Self {
            capture: Capture::new(if withheld.is_none() { limit } else { 0 }, part),
            withheld,
            ..Self::default()
        }
    }

    /// What is known of it at this moment, in this state, beside its content.
    fn without_content(&self, state: BodyState) -> Self {
        Self {
            state,
            capture: self.capture.counted(),
            withheld: self.withheld.or(Some(Reason::Level)),
            is_tunnel: self.is_tunnel,
            ..Self::default()
        }
    }

    /// Takes note of the next chunk.
    pub(crate) fn push(&mut self, chunk: &Bytes, reservation: &mut Reservation) {
        self.capture.push(chunk, reservation);
        if let Some(events) = &mut self.events {
            events.push(chunk);
        }
        #[cfg(feature = "hash")]
        if let Some(digest) = &mut self.digest {
            digest.update(chunk);
        }
    }

    /// Makes it the client's side of a tunnel that both have agreed on: drops what was captured, and
    /// captures nothing from now on.
    pub(crate) fn become_tunnel(&mut self, reservation: &mut Reservation) {
        self.capture.forget(reservation);
        self.withheld = Some(Reason::Upgrade);
        self.is_tunnel = true;
        self.events = None;
        #[cfg(feature = "hash")]
        {
            self.digest = None;
        }
    }

    /// Leaves the body's content out, now and later. The first reason to do so is the one told.
    pub(crate) fn withhold(&mut self, reason: Reason, reservation: &mut Reservation) {
        self.capture.forget(reservation);
        self.withheld.get_or_insert(reason);
    }
}

/// The bytes that an exchange costs before anything of it was copied.
pub(crate) const BARE_COST: usize = mem::size_of::<Captured>();

/// From 1,024 bytes on, what is its own included, glibc's allocator has no room at hand and searches.
#[cfg(all(
    target_pointer_width = "64",
    not(feature = "hash"),
    not(feature = "tracing")
))]
const _: () = assert!(BARE_COST <= 1016);
