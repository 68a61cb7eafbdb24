//! The wiring: request in, response out, taps put on both.

use std::{
    error::Error as StdError,
    fmt,
    future::{ready, Future, Ready},
    pin::Pin,
    rc::Rc,
    task::{ready, Context, Poll},
};

use actix_web::{
    body::MessageBody,
    dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform},
    http::StatusCode,
    rt::time::{sleep, Sleep},
    Error, HttpMessage as _, HttpResponse, ResponseError,
};
use pin_project_lite::pin_project;

use crate::{
    body::ResponseBody,
    config::{BodyLogger, BodyMode, BufferLimits, OverLimit},
    exchange::{content_length, is_tunnel, Live, Worker},
    payload::RequestPayload,
    policy::Side,
    record::ErrorKind,
    replay::{ReadError, ReadPayload},
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

        let exchange = Live::begin(&self.worker, selection, &req);
        // The payload of a tunnel is the raw connection, which is not ours to touch.
        let has_body = !matches!(req.parts().1, Payload::None) && !is_tunnel(&req);
        if has_body {
            let payload = req.take_payload();
            req.set_payload(RequestPayload::tap(payload, &exchange));
        }
        let wanted = config.policy.captures(selection, Side::Request);
        if has_body && wanted && config.request_mode == BodyMode::Buffer {
            let buffering = Buffering::new(&self.service, req, config.buffer);
            return ResponseFuture {
                state: State::Buffering { buffering },
                exchange: Some(exchange),
            };
        }
        ResponseFuture::calling(self.service.call(req), Some(exchange))
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
                StateProj::Buffering { buffering } => match ready!(buffering.poll_request(cx)) {
                    Ok(req) => {
                        let response = buffering.service.call(req);
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

/// A request whose body is being read before the inner service is called.
struct Buffering<S> {
    service: Rc<S>,
    /// There until it is answered or passed on. Dropping it with the answer, not after it, lets
    /// actix see that the rest of the payload will not be read.
    pending: Option<(ServiceRequest, ReadPayload)>,
    limits: BufferLimits,
    /// The client itself says that the body is too large.
    rejected: bool,
    deadline: Pin<Box<Sleep>>,
}

impl<S> Buffering<S> {
    fn new(service: &Rc<S>, mut req: ServiceRequest, limits: BufferLimits) -> Self {
        let declared = content_length(req.headers()).unwrap_or(0);
        let read = ReadPayload::new(req.take_payload(), limits.bytes);
        Self {
            rejected: limits.over_limit == OverLimit::Reject && declared > limits.bytes as u64,
            service: Rc::clone(service),
            pending: Some((req, read)),
            limits,
            deadline: Box::pin(sleep(limits.deadline)),
        }
    }

    /// The request with its body put back.
    fn poll_request(&mut self, cx: &mut Context<'_>) -> Poll<Result<ServiceRequest, BufferError>> {
        let mut pending = self
            .pending
            .take()
            .expect("polled again after it was ready");
        if self.rejected {
            let limit = self.limits.bytes;
            return Poll::Ready(Err(BufferError::TooLarge { limit }));
        }
        let result = match Pin::new(&mut pending.1).poll(cx) {
            Poll::Ready(result) => result,
            Poll::Pending => {
                if self.deadline.as_mut().poll(cx).is_ready() {
                    return Poll::Ready(Err(BufferError::TimedOut));
                }
                self.pending = Some(pending);
                return Poll::Pending;
            }
        };
        if let (Err(ReadError::TooLarge { limit }), OverLimit::Reject) =
            (result, self.limits.over_limit)
        {
            return Poll::Ready(Err(BufferError::TooLarge { limit }));
        }
        let (mut req, read) = pending;
        req.set_payload(read.into_payload());
        Poll::Ready(Ok(req))
    }
}

/// Why a request was answered while its body was being read.
#[derive(Debug)]
enum BufferError {
    TooLarge { limit: usize },
    TimedOut,
}

impl fmt::Display for BufferError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge { limit } => write!(f, "the body is longer than {limit} bytes"),
            Self::TimedOut => f.write_str("the body did not arrive in time"),
        }
    }
}

impl StdError for BufferError {}

impl ResponseError for BufferError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TimedOut => StatusCode::REQUEST_TIMEOUT,
        }
    }
}
