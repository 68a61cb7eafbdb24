//! The wiring: request in, response out, taps put on both.

use std::{
    fmt,
    future::{ready, Future, Ready},
    pin::Pin,
    rc::Rc,
    task::{ready, Context, Poll},
};

use actix_web::{
    body::MessageBody,
    dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform},
    Error, HttpMessage as _, HttpResponse,
};
use pin_project_lite::pin_project;

use crate::{
    admission::{Admission, Admitting},
    body::ResponseBody,
    buffering::Buffering,
    config::{BodyLogger, BodyMode, BufferLimits},
    exchange::{is_tunnel, Live, Worker},
    payload::RequestPayload,
    policy::Side,
    record::ErrorKind,
};

impl<S, B> Transform<S, ServiceRequest> for BodyLogger
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<ResponseBody<B>>;
    type Error = Error;
    type Transform = BodyLoggerMiddleware<S>;
    type InitError = ();
    type Future = Ready<Result<Self::Transform, ()>>;

    fn new_transform(&self, service: S) -> Self::Future {
        ready(Ok(BodyLoggerMiddleware {
            service: Rc::new(service),
            worker: Rc::new(Worker::new(self.config.clone())),
        }))
    }
}

/// The service that [`BodyLogger`] makes of the one it wraps.
#[derive(Debug)]
pub struct BodyLoggerMiddleware<S> {
    service: Rc<S>,
    worker: Rc<Worker>,
}

impl<S, B> Service<ServiceRequest> for BodyLoggerMiddleware<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Response = ServiceResponse<ResponseBody<B>>;
    type Error = Error;
    type Future = ResponseFuture<S>;

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.service.poll_ready(cx)
    }

    fn call(&self, mut req: ServiceRequest) -> Self::Future {
        let config = &self.worker.config;
        let Some(selection) = config.policy.select(&req) else {
            return ResponseFuture::calling(self.service.call(req), None);
        };

        let tunnel = is_tunnel(&req);
        let exchange = Live::begin(&self.worker, selection, &req, tunnel);
        // The payload of a tunnel is the raw connection, which is not ours to touch.
        let has_body = !matches!(req.parts().1, Payload::None) && !tunnel;
        if has_body {
            let payload = req.take_payload();
            req.set_payload(RequestPayload::tap(payload, &exchange));
        }
        let wanted = config.policy.captures(selection, Side::Request);
        let buffers = has_body && wanted && config.request_mode == BodyMode::Buffer;
        let way = Way {
            service: Rc::clone(&self.service),
            buffering: buffers.then_some(config.buffer),
        };
        let state = match Admission::of(config, selection) {
            Admission::Admitted(place) => {
                exchange.reserve(place);
                way.begin(req)
            }
            Admission::Waiting(place) => State::Admitting {
                admitting: Admitting::new(req, place),
                way,
            },
        };
        ResponseFuture {
            state,
            exchange: Some(exchange),
        }
    }
}

/// Where an admitted request goes.
struct Way<S> {
    service: Rc<S>,
    buffering: Option<BufferLimits>,
}

impl<S: Service<ServiceRequest>> Way<S> {
    fn begin(&self, req: ServiceRequest) -> State<S> {
        match self.buffering {
            Some(limits) => State::Buffering {
                buffering: Buffering::new(&self.service, req, limits),
            },
            None => State::Calling {
                response: self.service.call(req),
            },
        }
    }
}

pin_project! {
    /// The future of a response that passes a [`BodyLogger`].
    pub struct ResponseFuture<S: Service<ServiceRequest>> {
        // Before the exchange, so that it is dropped first: what it holds may still be reporting.
        #[pin]
        state: State<S>,
        exchange: Option<Rc<Live>>,
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S: Service<ServiceRequest>> {
        Admitting { admitting: Admitting, way: Way<S> },
        Buffering { buffering: Buffering<S> },
        Calling { #[pin] response: S::Future },
    }
}

impl<S: Service<ServiceRequest>> ResponseFuture<S> {
    fn calling(response: S::Future, exchange: Option<Rc<Live>>) -> Self {
        Self {
            state: State::Calling { response },
            exchange,
        }
    }
}

impl<S, B> Future for ResponseFuture<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    type Output = Result<ServiceResponse<ResponseBody<B>>, Error>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let watch = this.exchange.as_ref().map(|exchange| exchange.watch());
        let result = loop {
            match this.state.as_mut().project() {
                StateProj::Admitting { admitting, way } => {
                    let (req, place) = ready!(admitting.poll_request(cx));
                    if let Some(exchange) = &*this.exchange {
                        exchange.reserve(Some(place));
                    }
                    let next = way.begin(req);
                    this.state.set(next);
                }
                StateProj::Buffering { buffering } => match ready!(buffering.poll_request(cx)) {
                    Ok(req) => {
                        let response = buffering.service().call(req);
                        this.state.set(State::Calling { response });
                    }
                    Err(error) => break Err(error.into()),
                },
                StateProj::Calling { response } => break ready!(response.poll(cx)),
            }
        };
        drop(watch);
        let exchange = this.exchange.take();
        Poll::Ready(match (result, exchange) {
            (Ok(response), exchange) => Ok(tap_response(response, exchange)),
            (Err(error), Some(exchange)) => Err(tap_error(error, exchange)),
            (Err(error), None) => Err(error),
        })
    }
}

impl<S: Service<ServiceRequest>> fmt::Debug for ResponseFuture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

fn tap_response<B: MessageBody>(
    response: ServiceResponse<B>,
    exchange: Option<Rc<Live>>,
) -> ServiceResponse<ResponseBody<B>> {
    let Some(exchange) = exchange else {
        return response.map_body(|_, body| ResponseBody::new(body, None));
    };
    if let Some(error) = response.response().error() {
        exchange.error(error, ErrorKind::Handler, response.status());
    }
    let route = response.request().match_pattern();
    response.map_body(|head, body| {
        exchange.respond(head, body.size(), route);
        ResponseBody::new(body, Some(exchange))
    })
}

/// The error stays an error. Where a response is made of it, that response is tapped; the exchange
/// lives as long as the error or such a response does.
fn tap_error(mut error: Error, exchange: Rc<Live>) -> Error {
    let status = error.as_response_error().status_code();
    exchange.error(&error, ErrorKind::Service, status);
    error.add_response_mapper(move |response: HttpResponse| {
        response.map_body(|head, body| {
            exchange.respond(head, body.size(), None);
            ResponseBody::new(body, Some(Rc::clone(&exchange))).boxed()
        })
    });
    error
}
