//! The life of one exchange. The response side owns it: when its last handle goes, whatever way
//! that comes about, the one record is made and delivered.

mod handle;
mod message;
mod parts;
mod request;
mod response;
mod state;
mod transfer;
mod worker;

use std::{
    cell::{Cell, RefCell},
    fmt,
    num::NonZeroU64,
    rc::Rc,
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

pub use self::handle::{Exchange, MAX_ATTRIBUTES};
use self::{
    message::within,
    state::{Phase, State},
    transfer::{End, Transfer},
};
pub(crate) use self::{parts::Parts, transfer::Progress, worker::Worker};
use crate::{
    capture::{Captured, RequestId, RequestSpan, MAX_HEAD_VALUE},
    policy::{Selection, Side, StartRecords, Verdict},
};
use body_logger_core::record::{ErrorKind, ErrorRecord, Reason};

/// One exchange while it lives.
pub(crate) struct Live {
    worker: Rc<Worker>,
    began: Instant,
    selection: Selection,
    /// A panic went through, which an outer layer may catch before this is dropped.
    panicked: Cell<bool>,
    /// None when it has ended.
    state: RefCell<Option<State>>,
}

/// Notices a panic of what runs while it is there.
pub(crate) struct Watch<'a>(&'a Live);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.panicked.set(true);
        }
    }
}

impl Live {
    /// Begins an exchange with its request, of which it copies what it needs: holding on to the
    /// request itself would make routing panic.
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
        worker.see_routes(req);

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
            panicked: Cell::new(false),
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

    /// Whether the request's payload is the raw connection, of which the response may make a tunnel.
    pub(crate) fn reads_raw_connection(&self) -> bool {
        let state = self.state.borrow();
        (state.as_ref()).is_some_and(|state| state.request_transfer.raw.is_some())
    }

    /// The exchange's id, until it has ended.
    fn id(&self) -> Option<RequestId> {
        let state = self.state.borrow();
        Some(state.as_ref()?.captured.id().clone())
    }

    /// Held while the application's code runs.
    pub(crate) fn watch(&self) -> Watch<'_> {
        Watch(self)
    }

    /// Takes note of what passed on the request side.
    pub(crate) fn request_progress(&self, progress: Progress<'_>) {
        let Some(state) = &mut *self.state.borrow_mut() else {
            return;
        };
        let Captured {
            request,
            reservation,
            ..
        } = &mut *state.captured;
        state
            .request_transfer
            .advance(progress, &mut request.body, reservation);
    }

    /// Takes note of what passed on the response side.
    pub(crate) fn response_progress(&self, progress: Progress<'_>) {
        let Some(state) = &mut *self.state.borrow_mut() else {
            return;
        };
        let captured = &mut *state.captured;
        let Some(response) = &mut captured.response else {
            return;
        };
        if captured.request.method == Method::HEAD && !matches!(progress, Progress::Failed) {
            // HTTP/1 reads the body of such a response to throw it away.
            return;
        }
        state
            .response_transfer
            .advance(progress, &mut response.body, &mut captured.reservation);
        if matches!(progress, Progress::Failed) {
            captured.error = Some(ErrorRecord::new(
                ErrorKind::ResponseBody,
                Some(response.status.as_u16()),
            ));
        }
    }

    /// Takes note of an error: one that a response was made of, or that one will be made of.
    pub(crate) fn error(&self, error: &Error, kind: ErrorKind, status: StatusCode) {
        let show_message = self.worker.parts.policy.show_error_messages;
        // The application's own code says it, which may use the exchange: nothing is borrowed yet.
        let message = show_message.then(|| within(MAX_HEAD_VALUE, error));

        let Some(state) = &mut *self.state.borrow_mut() else {
            return;
        };
        if kind == ErrorKind::Service {
            state.phase = Phase::Failed;
        }
        let captured = &mut *state.captured;
        let length = message.as_ref().map_or(0, String::len);
        captured.reservation.charge(length);
        let mut record = ErrorRecord::new(kind, Some(status.as_u16()));
        record.message = message;
        captured.error = Some(record);
    }

    /// Takes note of a response's head, after putting into it what the application asked for. An
    /// error can have several responses made of it: the last one counts.
    pub(crate) fn respond(&self, head: &mut ResponseHead, size: BodySize, route: Option<String>) {
        let responded = Instant::now();
        self.decorate(head.headers_mut(), responded);

        let mut borrowed = self.state.borrow_mut();
        let Some(state) = &mut *borrowed else {
            return;
        };
        let captured = &mut *state.captured;
        if let Some(mut earlier) = captured.response.take() {
            earlier.body.capture.forget(&mut captured.reservation);
            captured.reservation.shrink(earlier.head.cost());
        }
        let tunnel = response::is_tunnel(state.request_transfer.raw, head.status);
        state.response_transfer =
            response::capture(&self.worker, self.selection, captured, head, size, tunnel);
        // Of an error the first response finds the route out, for those made later, too.
        let known = captured.request.route.take();
        captured.request.route = route.or(known).or_else(|| {
            let failed = state.phase == Phase::Failed;
            failed.then(|| self.worker.likely_route(&captured.request.head))?
        });
        captured.responded = Some(responded);
        state.respond(tunnel);
        if state.omit_response_body {
            state.leave_out(Side::Response, Reason::Handler);
        }
        let announcement = self.announcement(state, head);
        drop(borrowed);
        // A sink may use the exchange: nothing is borrowed any more.
        if let Some(start) = announcement {
            let seq = self.worker.parts.delivery.deliver(start);
            if let Some(state) = &mut *self.state.borrow_mut() {
                state.captured.first_seq = NonZeroU64::new(seq);
            }
        }
    }

    /// Puts the headers into a response that the application asked for.
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

    /// The stage that announces the exchange, where one is asked for and there has been none.
    fn announcement(&self, state: &mut State, head: &ResponseHead) -> Option<Box<Captured>> {
        let policy = &self.worker.parts.policy;
        if policy.start_records == StartRecords::Off || state.announced {
            return None;
        }
        let streams = state.response_transfer.end == End::Open;
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

    /// What is known of the exchange at its end, unless it was decided to keep nothing of it.
    fn captured(&mut self) -> Option<Box<Captured>> {
        let mut state = self.state.get_mut().take()?;
        state.captured.ended = Instant::now();
        let outcome = state.outcome(self.panicked.get() || thread::panicking());
        if matches!(state.phase, Phase::Handling | Phase::Failed) {
            let request = &mut state.captured.request;
            request.route = self.worker.likely_route(&request.head);
        }
        state.settle(outcome);
        let policy = &self.worker.parts.policy;
        let (id, summary) = (|| state.captured.id(), || state.summary());
        match policy.verdict(state.captured.status(), id, summary) {
            Verdict::Everything => {}
            Verdict::WithoutRequestBody => state.leave_out(Side::Request, Reason::SampledOut),
            Verdict::Nothing if !state.announced => return None,
            Verdict::Metadata | Verdict::Nothing => {
                state.leave_out(Side::Request, Reason::SampledOut);
                state.leave_out(Side::Response, Reason::SampledOut);
            }
        }

        let mut captured = state.captured;
        let Captured {
            request,
            response,
            reservation,
            ..
        } = &mut *captured;
        let response_body = response.as_mut().map(|response| &mut response.body);
        for body in response_body.into_iter().chain([&mut request.body]) {
            body.capture.trim(reservation);
            if body.capture.starved() {
                self.worker.parts.delivery.counters().body_starved();
            }
        }
        Some(captured)
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Some(captured) = self.captured() {
            let delivery = &self.worker.parts.delivery;
            delivery.deliver(captured);
        }
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("began", &self.began)
            .finish_non_exhaustive()
    }
}
