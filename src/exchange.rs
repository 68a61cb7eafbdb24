//! The life of one exchange. The response side owns it: when its last handle goes, whatever way
//! that comes about, the one record is made and delivered.

use std::{
    cell::{OnceCell, RefCell},
    collections::BTreeMap,
    convert::Infallible,
    fmt,
    future::{ready, Ready},
    mem,
    rc::{Rc, Weak},
    sync::Arc,
    task::Poll,
    thread,
    time::{Instant, SystemTime},
};

use actix_web::{
    body::BodySize,
    dev::{Payload, ResourceMap, ResponseHead, ServiceRequest},
    http::{
        header::{self, HeaderMap, HeaderValue},
        Method, StatusCode, Version,
    },
    Error, FromRequest, HttpMessage as _, HttpRequest,
};

use bytes::Bytes;

use crate::{
    capture::Reservation,
    captured::{
        Captured, CapturedBody, CapturedRequest, CapturedResponse, Head, BARE_COST, HOST,
        MAX_HEAD_VALUE, PATH, QUERY,
    },
    client::Source,
    config::{Config, StartRecords},
    record::{
        BodyState, ErrorKind, ErrorRecord, Outcome, Reason, Start, StartRecord, RECORD_VERSION,
    },
    redact::whole_micros,
    request_id::RequestId,
    sink::{Item, Producer},
};

/// The most bytes that a handler's attributes may take, names included: 4 KiB.
pub const MAX_ATTRIBUTES: usize = MAX_HEAD_VALUE;

/// What the exchanges of one service share.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) config: Arc<Config>,
    /// The application's routes: what would have matched, for exchanges that end unanswered.
    routes: OnceCell<ResourceMap>,
    _producer: Option<Producer>,
}

impl Worker {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self {
            routes: OnceCell::new(),
            _producer: config.producer(),
            config,
        }
    }

    /// The route that a request was on its way to, as far as its path tells.
    fn likely_route(&self, request: &Head) -> Option<String> {
        let path = std::str::from_utf8(request.get(PATH)?.value).ok()?;
        self.routes.get()?.match_pattern(path)
    }
}

/// One exchange while it lives.
pub(crate) struct Live {
    worker: Rc<Worker>,
    began: Instant,
    time: SystemTime,
    id: RequestId,
    client: Option<Source>,
    state: RefCell<State>,
}

struct State {
    phase: Phase,
    request: CapturedRequest,
    request_transfer: Transfer,
    response: Option<CapturedResponse>,
    response_transfer: Transfer,
    ttfb: Option<std::time::Duration>,
    error: Option<ErrorRecord>,
    attributes: BTreeMap<String, String>,
    attributes_size: usize,
    omit_response_body: bool,
    reservation: Reservation,
}

/// How far an exchange has come.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Handling,
    /// The inner service returned an error of which no response has been made yet.
    Failed,
    Responding,
    Tunnelling,
}

/// What a tap saw.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Progress<'a> {
    /// It was asked for, and nothing was there yet.
    Waiting,
    Chunk(&'a [u8]),
    End,
    Failed,
}

impl<'a> Progress<'a> {
    /// What a poll of a body says of it.
    pub(crate) fn of<E>(polled: &'a Poll<Option<Result<Bytes, E>>>) -> Self {
        match polled {
            Poll::Pending => Self::Waiting,
            Poll::Ready(Some(Ok(chunk))) => Self::Chunk(chunk),
            Poll::Ready(Some(Err(_))) => Self::Failed,
            Poll::Ready(None) => Self::End,
        }
    }
}

/// How the transfer of a body goes.
#[derive(Default)]
struct Transfer {
    length: Option<u64>,
    /// Its length alone tells that it is whole. True of what a client sends; a server's body is
    /// whole only when it has said so, as bytes may wait in it when the client goes.
    whole_at_length: bool,
    asked_for: bool,
    end: End,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum End {
    #[default]
    Open,
    Reached,
    Failed,
}

impl Transfer {
    /// Of a body that has no bytes, or whose bytes nobody will ask for.
    fn nothing() -> Self {
        Self {
            end: End::Reached,
            ..Self::default()
        }
    }

    fn advance(
        &mut self,
        progress: Progress<'_>,
        body: &mut CapturedBody,
        reservation: &mut Reservation,
    ) {
        self.asked_for = true;
        match progress {
            Progress::Waiting => {}
            Progress::Chunk(chunk) => {
                body.capture.push(chunk, reservation);
                if self.whole_at_length && self.length == Some(body.capture.seen()) {
                    self.end = End::Reached;
                }
            }
            Progress::End => self.end = End::Reached,
            Progress::Failed => self.end = End::Failed,
        }
    }

    fn has_wrong_length(&self, bytes: u64) -> bool {
        let ended = self.end == End::Reached;
        self.length
            .is_some_and(|length| bytes > length || (ended && bytes < length))
    }

    /// `cut` tells whether what asked for the body was itself cut short.
    fn state(&self, bytes: u64, cut: bool) -> BodyState {
        match self.end {
            End::Failed => BodyState::Aborted,
            _ if self.has_wrong_length(bytes) => BodyState::Partial,
            End::Reached if bytes == 0 => BodyState::Empty,
            End::Reached => BodyState::Complete,
            End::Open if !self.asked_for => BodyState::Unread,
            End::Open if cut => BodyState::Aborted,
            End::Open => BodyState::Partial,
        }
    }
}

impl Live {
    /// Begins an exchange with its request, of which it copies what it needs: holding on to the
    /// request itself would make routing panic.
    pub(crate) fn begin(worker: &Rc<Worker>, req: &ServiceRequest) -> Rc<Self> {
        let config = &worker.config;
        let outer = req.extensions_mut().remove::<Exchange>();
        worker.routes.get_or_init(|| req.resource_map().clone());

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
        let request = CapturedRequest {
            method: req.method().clone(),
            secure: req.app_config().secure(),
            version: req.version(),
            head: request_head(req),
            route: None,
            body: request_body(config, req),
        };
        reservation.charge(BARE_COST + request.head.cost());

        let live = Rc::new(Self {
            worker: Rc::clone(worker),
            began: Instant::now(),
            time,
            id,
            client: config.redaction.clients.source(req),
            state: RefCell::new(State {
                phase: Phase::Handling,
                request,
                request_transfer: request_transfer(req),
                response: None,
                response_transfer: Transfer::default(),
                ttfb: None,
                error: None,
                attributes: BTreeMap::new(),
                attributes_size: 0,
                omit_response_body: false,
                reservation,
            }),
        });
        req.extensions_mut().insert(Exchange {
            live: Rc::downgrade(&live),
            outer: outer.map(Box::new),
        });
        live
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
            state.error = Some(ErrorRecord {
                kind: ErrorKind::ResponseBody,
                status: Some(response.status.as_u16()),
                message: None,
            });
        }
    }

    /// Takes note of an error: one that a response was made of, or that one will be made of.
    pub(crate) fn error(&self, error: &Error, kind: ErrorKind, status: StatusCode) {
        let state = &mut *self.state.borrow_mut();
        if kind == ErrorKind::Service {
            state.phase = Phase::Failed;
        }
        state.error = Some(ErrorRecord {
            kind,
            status: Some(status.as_u16()),
            message: self.worker.config.show_error_messages.then(|| {
                let mut message = error.to_string();
                let end = (0..=MAX_HEAD_VALUE.min(message.len()))
                    .rev()
                    .find(|&end| message.is_char_boundary(end));
                message.truncate(end.unwrap_or(0));
                message
            }),
        });
    }

    /// Takes note of a response's head, after putting into it what the application asked for. An
    /// error can have several responses made of it: the last one counts.
    pub(crate) fn respond(&self, head: &mut ResponseHead, size: BodySize, route: Option<String>) {
        let config = &self.worker.config;
        let ttfb = self.began.elapsed();
        if let Some(name) = &config.id_header {
            if let Ok(value) = HeaderValue::try_from(self.id.to_string()) {
                head.headers_mut().insert(name.clone(), value);
            }
        }
        if let Some(name) = &config.time_header {
            let seconds = format!("{:.6}", ttfb.as_secs_f64());
            if let Ok(value) = HeaderValue::try_from(seconds) {
                head.headers_mut().insert(name.clone(), value);
            }
        }

        let state = &mut *self.state.borrow_mut();
        let CapturedRequest {
            method, version, ..
        } = &state.request;
        let tunnel = head.status == StatusCode::SWITCHING_PROTOCOLS
            || (method == Method::CONNECT && head.status.is_success());
        // Nobody asks for the bytes of an answer to HEAD, nor HTTP/2 for those of a 204.
        let unsent = method == Method::HEAD
            || (*version == Version::HTTP_2 && head.status == StatusCode::NO_CONTENT);
        let withheld = if tunnel {
            Some(Reason::Upgrade)
        } else if unsent && !size.is_eof() {
            Some(Reason::Head)
        } else if state.omit_response_body {
            Some(Reason::Handler)
        } else {
            config.policy.withholds(head.headers())
        };
        let transfer = match size {
            _ if unsent || size.is_eof() => Transfer::nothing(),
            BodySize::Sized(length) => Transfer {
                length: Some(length),
                ..Transfer::default()
            },
            _ => Transfer::default(),
        };
        let response = CapturedResponse {
            status: head.status,
            head: {
                let mut kept = Head::sized_for(head.headers(), 0);
                kept.push_all(head.headers());
                kept
            },
            body: CapturedBody::new(config.max_body_bytes, withheld),
        };
        state.reservation.charge(response.head.cost());
        if let Some(mut earlier) = state.response.replace(response) {
            earlier.body.capture.forget(&mut state.reservation);
            state.reservation.shrink(earlier.head.cost());
        }
        state.response_transfer = transfer;
        state.request.route = route.or_else(|| {
            let failed = state.phase == Phase::Failed;
            failed.then(|| self.worker.likely_route(&state.request.head))?
        });
        state.ttfb = Some(ttfb);
        state.phase = if tunnel {
            Phase::Tunnelling
        } else {
            Phase::Responding
        };

        let announced = config.start_records == StartRecords::LongLived
            && (tunnel || is_event_stream(head.headers()));
        if announced {
            let start = self.start_record(state, head.status);
            config.deliver(Item::Start(start));
        }
    }

    fn start_record(&self, state: &State, status: StatusCode) -> StartRecord {
        let redaction = &self.worker.config.redaction;
        StartRecord {
            v: RECORD_VERSION,
            start: Start {
                id: self.id.to_string(),
                time: whole_micros(self.time),
                client: redaction.client(self.client),
                method: state.request.method.to_string(),
                path: redaction.path(&state.request.head),
                route: state.request.route.clone(),
                status: status.as_u16(),
            },
        }
    }

    /// Makes of the exchange what is known of it at its end.
    fn captured(&mut self) -> Captured {
        let state = self.state.get_mut();
        let panicking = thread::panicking();
        let bytes = state
            .response
            .as_ref()
            .map_or(0, |response| response.body.capture.seen());
        let outcome = match (state.phase, state.response_transfer.end) {
            (Phase::Handling, _) if panicking => Outcome::Panicked,
            (Phase::Handling, _) => Outcome::Cancelled,
            (Phase::Failed, _) => Outcome::ServiceError,
            (Phase::Tunnelling, _) => Outcome::Upgraded,
            (Phase::Responding, End::Failed) => Outcome::BodyError,
            (Phase::Responding, _) if state.response_transfer.has_wrong_length(bytes) => {
                Outcome::BodyError
            }
            (Phase::Responding, End::Reached) => Outcome::Completed,
            (Phase::Responding, End::Open) if panicking => Outcome::Panicked,
            (Phase::Responding, End::Open) => Outcome::ResponseAborted,
        };
        if outcome == Outcome::BodyError && state.response_transfer.end != End::Failed {
            state.error = Some(ErrorRecord {
                kind: ErrorKind::ResponseSize,
                status: state.response.as_ref().map(|res| res.status.as_u16()),
                message: None,
            });
        }

        let mut request = mem::take(&mut state.request);
        let unanswered = matches!(outcome, Outcome::Cancelled | Outcome::Panicked);
        let body = &mut request.body;
        body.state = if body.unseen && outcome == Outcome::Upgraded {
            BodyState::Complete
        } else {
            state
                .request_transfer
                .state(body.capture.seen(), unanswered)
        };
        if matches!(state.phase, Phase::Handling | Phase::Failed) {
            request.route = self.worker.likely_route(&request.head);
        }

        let mut response = state.response.take();
        if let (Phase::Failed, Some(error)) = (state.phase, &state.error) {
            let predicted = error.status.and_then(|s| StatusCode::from_u16(s).ok());
            response = predicted.map(|status| CapturedResponse {
                status,
                head: Head::default(),
                body: CapturedBody::default(),
            });
        } else if let Some(response) = &mut response {
            response.body.state = state.response_transfer.state(bytes, true);
        }

        let mut reservation = state.reservation.take();
        let bodies = response.as_mut().map(|response| &mut response.body);
        for body in bodies.into_iter().chain([&mut request.body]) {
            body.capture.trim(&mut reservation);
            if body.capture.starved() {
                self.worker.config.loss.body_starved();
            }
        }
        let attributes = mem::take(&mut state.attributes);
        Captured {
            id: self.id.clone(),
            time: self.time,
            outcome,
            error: state.error.take(),
            duration: self.began.elapsed(),
            ttfb: state.ttfb,
            client: self.client,
            attributes,
            request,
            response,
            reservation,
        }
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        let captured = self.captured();
        self.worker.config.deliver(Item::Exchange(captured));
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Live")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

fn request_head(req: &ServiceRequest) -> Head {
    let uri = req.uri();
    let (path, query) = (uri.path(), uri.query());
    let host = match req.headers().get(header::HOST) {
        Some(host) => Some(host.as_bytes()),
        None => uri
            .authority()
            .map(|authority| authority.as_str().as_bytes()),
    };
    let extra = 64 + path.len() + query.map_or(0, str::len) + host.map_or(0, <[u8]>::len);
    let mut head = Head::sized_for(req.headers(), extra);
    head.push(PATH, path.as_bytes(), false);
    if let Some(query) = query {
        head.push(QUERY, query.as_bytes(), false);
    }
    if let Some(host) = host {
        head.push(HOST, host, false);
    }
    head.push_all(req.headers());
    head
}

fn request_body(config: &Config, req: &ServiceRequest) -> CapturedBody {
    let withheld = if is_tunnel(req) {
        Some(Reason::Upgrade)
    } else {
        config.policy.withholds(req.headers())
    };
    CapturedBody {
        unseen: is_tunnel(req),
        ..CapturedBody::new(config.max_body_bytes, withheld)
    }
}

fn request_transfer(req: &ServiceRequest) -> Transfer {
    let headers = req.headers();
    let length = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    let nothing_sent = match req.version() {
        // The end of an HTTP/2 stream cannot be seen without asking for its body.
        Version::HTTP_2 => length.is_none() && matches!(*req.method(), Method::GET | Method::HEAD),
        _ => length.is_none() && !headers.contains_key(header::TRANSFER_ENCODING),
    };
    let absent = matches!(req.parts().1, Payload::None);
    if is_tunnel(req) {
        Transfer::default()
    } else if absent || nothing_sent || length == Some(0) {
        Transfer::nothing()
    } else {
        Transfer {
            length,
            whole_at_length: true,
            ..Transfer::default()
        }
    }
}

/// Whether actix gives this request the raw connection as its payload. The test is that of its
/// decoder, which does not look at `Connection`.
pub(crate) fn is_tunnel(req: &ServiceRequest) -> bool {
    let headers = req.headers();
    *req.method() == Method::CONNECT
        || (req.version() <= Version::HTTP_11
            && headers.get(header::UPGRADE).is_some_and(|value| {
                value
                    .as_bytes()
                    .trim_ascii()
                    .eq_ignore_ascii_case(b"websocket")
            })
            && !headers.contains_key(header::TRANSFER_ENCODING))
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| {
        let essence = value.as_bytes().split(|&byte| byte == b';').next();
        essence.is_some_and(|essence| {
            essence
                .trim_ascii()
                .eq_ignore_ascii_case(b"text/event-stream")
        })
    })
}

/// A handler's say in the record of its own exchange.
///
/// An extractor that never fails: where no [`BodyLogger`](crate::BodyLogger) is in use it does
/// nothing. It is also in the request's extensions, for middleware. Where several loggers wrap a
/// handler, it speaks to all of them.
///
/// ```
/// use actix_web::{web, HttpResponse, Responder};
/// use actix_web_body_logger::Exchange;
///
/// async fn pay(exchange: Exchange, card: web::Bytes) -> impl Responder {
///     exchange.attribute("user", "42");
///     exchange.omit_request_body();
///     let _ = card;
///     HttpResponse::NoContent()
/// }
/// # let _ = web::post().to(pay);
/// ```
#[derive(Clone, Default)]
pub struct Exchange {
    /// Not owned: a handler that keeps this must not keep the exchange from ending.
    live: Weak<Live>,
    outer: Option<Box<Exchange>>,
}

impl Exchange {
    /// The exchange's id; none where it is not logged, or has ended.
    #[must_use]
    pub fn id(&self) -> Option<RequestId> {
        self.live.upgrade().map(|live| live.id.clone())
    }

    /// Adds to the record's `attributes`; a later value takes the place of an earlier one. A value
    /// whose name is that of a secret is masked.
    ///
    /// Returns whether it was taken: not where the exchange is not logged, or has ended, and not
    /// where its attributes would be longer than [`MAX_ATTRIBUTES`] together.
    pub fn attribute(&self, name: impl Into<String>, value: impl Into<String>) -> bool {
        let (name, value) = (name.into(), value.into());
        let size = name.len() + value.len();
        let mut taken = false;
        self.each(|state| {
            taken = state.attributes_size + size <= MAX_ATTRIBUTES;
            if taken {
                state.attributes_size += size;
                state.reservation.charge(size);
                state.attributes.insert(name.clone(), value.clone());
            }
        });
        taken
    }

    /// Leaves the request's body out of the record, also what was captured of it already. It is
    /// still counted; the record says `handler`.
    pub fn omit_request_body(&self) {
        self.each(|state| {
            state
                .request
                .body
                .withhold(Reason::Handler, &mut state.reservation);
        });
    }

    /// Leaves the response's body out of the record, likewise.
    pub fn omit_response_body(&self) {
        self.each(|state| {
            state.omit_response_body = true;
            if let Some(response) = &mut state.response {
                response
                    .body
                    .withhold(Reason::Handler, &mut state.reservation);
            }
        });
    }

    fn each(&self, mut change: impl FnMut(&mut State)) {
        let mut next = Some(self);
        while let Some(exchange) = next {
            if let Some(live) = exchange.live.upgrade() {
                change(&mut live.state.borrow_mut());
            }
            next = exchange.outer.as_deref();
        }
    }
}

impl FromRequest for Exchange {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let exchange = req.extensions().get::<Self>().cloned();
        ready(Ok(exchange.unwrap_or_default()))
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("id", &self.id()).finish()
    }
}
