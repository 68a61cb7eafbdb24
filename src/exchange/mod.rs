//! The lifetime of one exchange. The response side owns it: dropping the last handle, for whatever reason, makes and
//! delivers its single record.

mod ending;
mod guards;
mod handle;
mod message;
mod request;
mod required;
mod response;
mod state;
mod transfer;
mod worker;

use std::{
    cell::{Cell, RefCell},
    fmt, mem,
    num::NonZeroU64,
    rc::Rc,
    task::{Context, Poll},
    thread,
    time::{Instant, SystemTime},
};

use actix_web::{
    body::BodySize,
    dev::{ResponseHead, ServiceRequest},
    http::{
        header::{HeaderMap, HeaderValue},
        Method, StatusCode,
    },
    Error, HttpMessage as _,
};
use body_logger_core::record::{ErrorKind, ErrorRecord, Outcome, Reason};

pub use self::handle::{Exchange, MAX_ATTRIBUTES};
use self::{
    ending::OpenFiles,
    message::truncated_message,
    required::Required,
    state::{Phase, State},
    transfer::{Transfer, TransferState},
};
pub(crate) use self::{
    required::{DurableWait, Released},
    transfer::BodyPoll,
    worker::{Parts, Worker},
};
use crate::{
    capture::{Captured, RequestId, RequestSpan, MAX_HEAD_VALUE},
    policy::{Guarantee, Selection, Side, StartRecords, Verdict},
};

/// One exchange in progress.
pub(crate) struct LiveExchange {
    worker: Rc<Worker>,
    began: Instant,
    selection: Selection,
    /// Whether its bodies may be slowed down to the disk that keeps them.
    slows_down: bool,
    /// Whether a panic passed through, which an outer layer may catch before this is dropped.
    panicked: Cell<bool>,
    /// Whether its request was marked as [`Unrecorded`](crate::policy::Unrecorded).
    unrecorded: Cell<bool>,
    /// Its progress if its delivery is required.
    required: Option<Box<Required>>,
    /// `None` when it has ended.
    state: RefCell<Option<State>>,
}

impl LiveExchange {
    /// Begins an exchange with its request. Copies what it needs, as a retained `HttpRequest` makes actix's routing
    /// panic.
    pub(crate) fn begin(
        worker: &Rc<Worker>,
        selection: Selection,
        req: &ServiceRequest,
    ) -> Rc<Self> {
        let Parts {
            policy,
            renderer,
            delivery,
        } = &*worker.parts;
        let outer = req.extensions_mut().remove::<Exchange>();
        worker.copy_routes(req);

        let (began, time) = (Instant::now(), SystemTime::now());
        let known_id = outer.as_ref().and_then(Exchange::id).or_else(|| {
            let token = req.headers().get(policy.adopted_id.as_ref()?)?;
            RequestId::adopt(token.as_bytes())
        });

        let mut captured = Captured::begin(began, time, policy.memory_budget.clone());
        if let Some(id) = known_id {
            captured.id = id.into();
        }
        captured.client = renderer.clients.source(req);
        if delivery.needs_span() {
            captured.span = RequestSpan::current();
        }
        let request = &mut captured.request;
        let request_transfer = request::capture(worker, selection, req, request);
        let cost = request.head.cost() + request.method.as_str().len();
        captured.reservation.charge(cost);

        let live = Rc::new(Self {
            worker: Rc::clone(worker),
            began,
            selection,
            slows_down: policy.slows_down(),
            panicked: Cell::new(false),
            unrecorded: Cell::new(false),
            required: (policy.guarantee(selection) == Guarantee::Required).then(Box::default),
            state: RefCell::new(Some(State {
                phase: Phase::Handling,
                captured,
                request_transfer,
                response_transfer: Transfer::default(),
                attributes_size: 0,
                omit_response_body: false,
                announced: false,
            })),
        });
        req.extensions_mut().insert(Exchange::new(&live, outer));
        live
    }

    /// Whether the request's payload is the raw connection, which the response may turn into a tunnel.
    pub(crate) fn reads_raw_connection(&self) -> bool {
        let state = self.state.borrow();
        (state.as_ref()).is_some_and(|state| state.request_transfer.raw.is_some())
    }

    /// Returns the exchange's id, or `None` once it has ended.
    fn id(&self) -> Option<RequestId> {
        let state = self.state.borrow();
        Some(state.as_ref()?.captured.id().clone())
    }

    /// Sets whether the exchange leaves no record, as the extensions of the response's request say.
    pub(crate) fn set_unrecorded(&self, unrecorded: bool) {
        self.unrecorded.set(unrecorded);
    }

    /// Whether it leaves no record. Never if its delivery is required: then it was recorded before its service ran.
    pub(crate) fn is_unrecorded(&self) -> bool {
        self.unrecorded.get() && !self.is_required()
    }

    /// Waits until a body's next chunk may be read, if the body is kept whole and slowed down to the disk.
    #[inline]
    pub(crate) fn poll_capacity(&self, side: Side, cx: &mut Context<'_>) -> Poll<()> {
        // Fast path: few loggers do that.
        if !self.slows_down {
            return Poll::Ready(());
        }
        let state = self.state.borrow();
        let Some(state) = &*state else {
            return Poll::Ready(());
        };
        let transfer = match side {
            Side::Request => &state.request_transfer,
            Side::Response => &state.response_transfer,
        };
        match &transfer.spool {
            Some(spool) => spool.poll_capacity(cx),
            None => Poll::Ready(()),
        }
    }

    /// Records the result of a poll of the request's payload.
    pub(crate) fn request_progress(&self, polled: BodyPoll<'_>) {
        let Some(state) = &mut *self.state.borrow_mut() else {
            return;
        };
        let body = &mut state.captured.request.body;
        state.request_transfer.advance(polled, body);
    }

    /// Records the result of a poll of the response's body.
    pub(crate) fn response_progress(&self, polled: BodyPoll<'_>) {
        let Some(state) = &mut *self.state.borrow_mut() else {
            return;
        };
        let captured = &mut *state.captured;
        let Some(response) = &mut captured.response else {
            return;
        };
        if captured.request.method == Method::HEAD && !matches!(polled, BodyPoll::Failed) {
            // For HTTP/1, actix polls the body of a response to `HEAD` and discards it.
            return;
        }
        state.response_transfer.advance(polled, &mut response.body);
        if matches!(polled, BodyPoll::Failed) {
            let status = Some(response.status.as_u16());
            captured.error = Some(Box::new(ErrorRecord::new(ErrorKind::ResponseBody, status)));
        }
    }

    /// Records an error that a response was made from, or will be.
    pub(crate) fn error(&self, error: &Error, kind: ErrorKind, status: StatusCode) {
        let show_message = self.worker.parts.policy.show_error_messages;
        // An error's `Display` may use the exchange, so nothing is borrowed yet.
        let message = show_message.then(|| truncated_message(MAX_HEAD_VALUE, error));

        let Some(state) = &mut *self.state.borrow_mut() else {
            return;
        };
        if kind == ErrorKind::Service {
            state.phase = Phase::Failed;
        }
        let captured = &mut *state.captured;
        let length = message.as_ref().map_or(0, String::len);
        captured
            .reservation
            .charge(mem::size_of::<ErrorRecord>() + length);
        let mut record = ErrorRecord::new(kind, Some(status.as_u16()));
        record.message = message;
        captured.error = Some(Box::new(record));
    }

    /// Adds the configured headers to a response's head, and records it. Several responses may be made from one error:
    /// the last one counts.
    pub(crate) fn respond(&self, head: &mut ResponseHead, size: BodySize, route: Option<String>) {
        let responded = Instant::now();
        self.decorate(head.headers_mut(), responded);

        let mut borrowed = self.state.borrow_mut();
        let Some(state) = &mut *borrowed else {
            return;
        };
        let captured = &mut *state.captured;
        if let Some(earlier) = captured.response.take() {
            captured.reservation.shrink(earlier.head.cost());
        }
        let tunnel = response::is_tunnel(state.request_transfer.raw, head.status);
        state.response_transfer =
            response::capture(&self.worker, self.selection, captured, head, size, tunnel);
        // The first response to an error finds the route; later ones keep it.
        let known = captured.request.route.take();
        captured.request.route = route.or(known).or_else(|| {
            let failed = state.phase == Phase::Failed;
            failed.then(|| self.worker.likely_route(&captured.request.head))?
        });
        captured.responded = Some(responded);
        state.respond(tunnel);
        if state.omit_response_body {
            state.withhold(Side::Response, Reason::Handler);
        }
        let announcement = self.announcement(state, head);
        drop(borrowed);
        // Nothing is borrowed any more, as a sink may use the exchange.
        if let Some(start) = announcement {
            let seq = self.worker.parts.delivery.deliver(start, None);
            if let Some(state) = &mut *self.state.borrow_mut() {
                let first = &mut state.captured.first_seq;
                *first = first.or(NonZeroU64::new(seq));
            }
        }
    }

    /// Adds the configured id and time headers to a response.
    fn decorate(&self, headers: &mut HeaderMap, responded: Instant) {
        let policy = &self.worker.parts.policy;
        let id = || self.id().map_or_else(String::new, |id| id.to_string());
        let time = || format!("{:.6}", (responded - self.began).as_secs_f64());
        let id = policy.id_header.as_ref().map(|name| (name, id()));
        let time = policy.time_header.as_ref().map(|name| (name, time()));
        for (name, value) in id.into_iter().chain(time) {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name.clone(), value);
            }
        }
    }

    /// Returns the start stage of a long-lived exchange, if configured and not delivered yet.
    fn announcement(&self, state: &mut State, head: &ResponseHead) -> Option<Box<Captured>> {
        let policy = &self.worker.parts.policy;
        if policy.start_records == StartRecords::Off || state.announced {
            return None;
        }
        let streams = state.response_transfer.end == TransferState::Open;
        let long_lived = state.phase == Phase::Tunnelling
            || (streams && response::is_event_stream(head.headers()));
        if !long_lived {
            return None;
        }
        state.announced = true;
        let captured = &*state.captured;
        let request = captured.request.body.capture.seen();
        Some(captured.start_stage(
            state.request_transfer.state_so_far(request),
            state.response_transfer.state_so_far(0),
        ))
    }

    /// Ends the exchange. Returns its record and the files of its bodies, or `None` if it gets no record.
    fn finish(&mut self) -> Option<(Box<Captured>, OpenFiles)> {
        let mut state = self.state.get_mut().take()?;
        if self.is_required() {
            return self.finish_required(state);
        }
        if self.is_unrecorded() {
            return None;
        }
        let outcome = state.outcome(self.panicked.get() || thread::panicking());
        self.end(&mut state, outcome);
        let policy = &self.worker.parts.policy;
        let (id, summary) = (|| state.captured.id(), || state.summary());
        match policy.verdict(state.captured.status(), id, summary) {
            Verdict::Everything => {}
            Verdict::WithoutRequestBody => state.withhold(Side::Request, Reason::SampledOut),
            Verdict::Nothing if !state.announced => return None,
            Verdict::Metadata | Verdict::Nothing => {
                state.withhold(Side::Request, Reason::SampledOut);
                state.withhold(Side::Response, Reason::SampledOut);
            }
        }
        self.trim_bodies(&mut state.captured);
        let files = ending::open_files(&mut state);
        Some((state.captured, files))
    }

    /// Sets the time, the route and the states of an exchange that ends, or of its response stage.
    fn end(&self, state: &mut State, outcome: Outcome) {
        state.captured.ended = Instant::now();
        if matches!(state.phase, Phase::Handling | Phase::Failed) {
            let request = &mut state.captured.request;
            request.route = self.worker.likely_route(&request.head);
        }
        state.settle(outcome);
    }

    /// Releases memory allocated in advance for bodies, and counts the bodies that got none.
    fn trim_bodies(&self, captured: &mut Captured) {
        for body in captured.bodies_mut() {
            body.capture.trim();
            if body.capture.starved() {
                self.worker.parts.delivery.counters().body_starved();
            }
        }
    }
}

impl Drop for LiveExchange {
    fn drop(&mut self) {
        if let Some((captured, files)) = self.finish() {
            ending::deliver(&self.worker.parts, captured, files, None);
        }
    }
}

impl fmt::Debug for LiveExchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveExchange")
            .field("began", &self.began)
            .finish_non_exhaustive()
    }
}
