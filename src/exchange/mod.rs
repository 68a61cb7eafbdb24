//! The life of one exchange. The response side owns it: when its last handle goes, whatever way
//! that comes about, the one record is made and delivered.

mod handle;
mod message;
mod request;
mod response;
mod state;
mod transfer;
mod worker;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    fmt, mem,
    rc::Rc,
    thread,
    time::{Duration, Instant, SystemTime},
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
pub(crate) use self::{
    request::{content_length, is_tunnel},
    transfer::Progress,
    worker::Worker,
};
use crate::{
    capture::Reservation,
    captured::{Captured, BARE_COST, MAX_HEAD_VALUE},
    client::Source,
    config::StartRecords,
    policy::{Selection, Side, Verdict},
    record::{whole_micros, ErrorKind, ErrorRecord, Reason, Start, StartRecord, RECORD_VERSION},
    request_id::RequestId,
    sink::{Item, Place},
    span::RequestSpan,
};

/// One exchange while it lives.
pub(crate) struct Live {
    worker: Rc<Worker>,
    began: Instant,
    time: SystemTime,
    id: RequestId,
    client: Option<Source>,
    selection: Selection,
    span: RequestSpan,
    /// Where its record will wait, where room for it was reserved.
    place: Cell<Option<Place>>,
    /// A panic went through, which an outer layer may catch before this is dropped.
    panicked: Cell<bool>,
    state: RefCell<State>,
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
        let config = &worker.config;
        let outer = req.extensions_mut().remove::<Exchange>();
        worker.see_routes(req);

        let time = SystemTime::now();
        let id = outer
            .as_ref()
            .and_then(Exchange::id)
            .or_else(|| {
                let token = req.headers().get(config.adopted_id.as_ref()?)?;
                RequestId::adopt(token.as_bytes())
            })
            .unwrap_or_else(|| RequestId::generate(time));

        let mut reservation = Reservation::empty(config.budget.clone());
        let request = request::capture(config, selection, req);
        reservation.charge(BARE_COST + request.head.cost() + request.method.as_str().len());

        let live = Rc::new(Self {
            worker: Rc::clone(worker),
            began: Instant::now(),
            time,
            id,
            client: config.redaction.clients.source(req),
            selection,
            span: (config.wants_spans())
                .then(RequestSpan::current)
                .unwrap_or_default(),
            place: Cell::new(None),
            panicked: Cell::new(false),
            state: RefCell::new(State {
                phase: Phase::Handling,
                request,
                request_transfer: request::transfer(req),
                response: None,
                response_transfer: Transfer::default(),
                ttfb: None,
                error: None,
                attributes: BTreeMap::new(),
                attributes_size: 0,
                omit_response_body: false,
                announced: false,
                reservation,
            }),
        });
        req.extensions_mut().insert(Exchange::new(&live, outer));
        live
    }

    /// Takes the place in the queue that was reserved for the record.
    pub(crate) fn reserve(&self, place: Option<Place>) {
        self.place.set(place);
    }

    /// Held while the application's code runs.
    pub(crate) fn watch(&self) -> Watch<'_> {
        Watch(self)
    }

    /// Takes note of what passed on the request side.
    pub(crate) fn request_progress(&self, progress: Progress<'_>) {
        let state = &mut *self.state.borrow_mut();
        state
            .request_transfer
            .advance(progress, &mut state.request.body, &mut state.reservation);
    }

    /// Takes note of what passed on the response side.
    pub(crate) fn response_progress(&self, progress: Progress<'_>) {
        let state = &mut *self.state.borrow_mut();
        let Some(response) = &mut state.response else {
            return;
        };
        if state.request.method == Method::HEAD && !matches!(progress, Progress::Failed) {
            // HTTP/1 reads the body of such a response to throw it away.
            return;
        }
        state
            .response_transfer
            .advance(progress, &mut response.body, &mut state.reservation);
        if matches!(progress, Progress::Failed) {
            state.error = Some(ErrorRecord::new(ErrorKind::ResponseBody, response.status));
        }
    }

    /// Takes note of an error: one that a response was made of, or that one will be made of.
    pub(crate) fn error(&self, error: &Error, kind: ErrorKind, status: StatusCode) {
        let show_message = self.worker.config.show_error_messages;
        // The application's own code says it, which may use the exchange: nothing is borrowed yet.
        let message = show_message.then(|| within(MAX_HEAD_VALUE, error));

        let state = &mut *self.state.borrow_mut();
        if kind == ErrorKind::Service {
            state.phase = Phase::Failed;
        }
        state
            .reservation
            .charge(message.as_ref().map_or(0, String::len));
        state.error = Some(ErrorRecord {
            message,
            ..ErrorRecord::new(kind, status)
        });
    }

    /// Takes note of a response's head, after putting into it what the application asked for. An
    /// error can have several responses made of it: the last one counts.
    pub(crate) fn respond(&self, head: &mut ResponseHead, size: BodySize, route: Option<String>) {
        let config = &self.worker.config;
        let ttfb = self.began.elapsed();
        self.decorate(head.headers_mut(), ttfb);

        let mut borrowed = self.state.borrow_mut();
        let state = &mut *borrowed;
        let (response, transfer) =
            response::capture(config, self.selection, &state.request, head, size);
        state.reservation.charge(response.head.cost());
        if let Some(mut earlier) = state.response.replace(response) {
            earlier.body.capture.forget(&mut state.reservation);
            state.reservation.shrink(earlier.head.cost());
        }
        if state.omit_response_body {
            state.leave_out(Side::Response, Reason::Handler);
        }
        state.response_transfer = transfer;
        // Of an error the first response finds the route out, for those made later, too.
        let known = state.request.route.take();
        state.request.route = route.or(known).or_else(|| {
            let failed = state.phase == Phase::Failed;
            failed.then(|| self.worker.likely_route(&state.request.head))?
        });
        state.ttfb = Some(ttfb);
        state.phase = if response::is_tunnel(&state.request.method, head.status) {
            Phase::Tunnelling
        } else {
            Phase::Responding
        };
        let announcement = self.announcement(state, head);
        drop(borrowed);
        // A sink may use the exchange: nothing is borrowed any more.
        if let Some(start) = announcement {
            config.deliver(Item::Start(start), None);
        }
    }

    /// Puts the headers into a response that the application asked for.
    fn decorate(&self, headers: &mut HeaderMap, ttfb: Duration) {
        let config = &self.worker.config;
        let id = || self.id.to_string();
        let time = || format!("{:.6}", ttfb.as_secs_f64());
        let id = config.id_header.as_ref().map(|name| (name, id()));
        let time = config.time_header.as_ref().map(|name| (name, time()));
        for (name, value) in id.into_iter().chain(time) {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name.clone(), value);
            }
        }
    }

    /// The start record, where one is asked for and there has been none.
    fn announcement(&self, state: &mut State, head: &ResponseHead) -> Option<StartRecord> {
        let config = &self.worker.config;
        let streams = state.response_transfer.end == End::Open;
        let long_lived = state.phase == Phase::Tunnelling
            || (streams && response::is_event_stream(head.headers()));
        if config.start_records == StartRecords::Off || !long_lived || state.announced {
            return None;
        }
        state.announced = true;
        Some(StartRecord {
            v: RECORD_VERSION,
            start: Start {
                id: self.id.to_string(),
                time: whole_micros(self.time),
                client: config.redaction.client(self.client),
                method: state.request.method.to_string(),
                path: config
                    .redaction
                    .path(&state.request.head, state.request.route.as_deref()),
                route: state.request.route.clone(),
                status: head.status.as_u16(),
            },
            span: self.span.share(),
        })
    }

    /// What is known of the exchange at its end, unless it was decided to keep nothing of it.
    fn captured(&mut self) -> Option<Captured> {
        let state = self.state.get_mut();
        let duration = self.began.elapsed();
        let outcome = state.outcome(self.panicked.get() || thread::panicking());
        if matches!(state.phase, Phase::Handling | Phase::Failed) {
            state.request.route = self.worker.likely_route(&state.request.head);
        }
        state.settle(outcome);
        let policy = &self.worker.config.policy;
        match policy.verdict(&state.summary(outcome, duration), &self.id) {
            Verdict::Everything => {}
            Verdict::WithoutRequestBody => state.leave_out(Side::Request, Reason::Late),
            Verdict::Nothing if !state.announced => return None,
            Verdict::Metadata | Verdict::Nothing => {
                state.leave_out(Side::Request, Reason::Late);
                state.leave_out(Side::Response, Reason::Late);
            }
        }

        let mut reservation = state.reservation.take();
        let response_body = state.response.as_mut().map(|response| &mut response.body);
        for body in response_body.into_iter().chain([&mut state.request.body]) {
            body.capture.trim(&mut reservation);
            if body.capture.starved() {
                self.worker.config.loss.body_starved();
            }
        }
        Some(Captured {
            id: self.id.clone(),
            time: self.time,
            outcome,
            error: state.error.take(),
            duration,
            ttfb: state.ttfb,
            client: self.client,
            attributes: mem::take(&mut state.attributes),
            request: mem::take(&mut state.request),
            response: state.response.take(),
            span: mem::take(&mut self.span),
            reservation,
        })
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        if let Some(captured) = self.captured() {
            let place = self.place.take();
            self.worker.config.deliver(Item::Exchange(captured), place);
        }
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
