//! The actix middleware: begins an exchange for each request, and taps the bodies of request and response.

mod buffering;
mod requiring;

use std::{
    fmt,
    future::{ready, Future, Ready},
    pin::Pin,
    rc::Rc,
    sync::Arc,
    task::{ready, Context, Poll},
};

use actix_web::{
    body::MessageBody,
    dev::{Payload, Service, ServiceRequest, ServiceResponse, Transform},
    Error, HttpMessage as _, HttpResponse,
};
use body_logger_core::record::ErrorKind;
use pin_project_lite::pin_project;

use self::requiring::Releasing;
use crate::{
    exchange::{LiveExchange, Parts, Worker},
    logger::BodyLogger,
    policy::{BodyMode, BufferOptions, Side, Unrecorded},
    tap::{RequestPayload, ResponseBody},
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
            worker: Rc::new(Worker::new(Arc::clone(&self.parts))),
        }))
    }
}

/// The service that [`BodyLogger`] wraps around another one.
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
        let Parts {
            policy, delivery, ..
        } = &*self.worker.parts;
        let Some(selection) = policy.select(&req) else {
            return ResponseFuture {
                state: State::Unrecorded {
                    response: self.service.call(req),
                },
                exchange: None,
            };
        };

        let exchange = LiveExchange::begin(&self.worker, selection, &req);
        let has_body = !matches!(req.parts().1, Payload::None);
        if has_body {
            let payload = req.take_payload();
            req.set_payload(RequestPayload::tap(payload, &exchange));
        }
        // A raw connection has no end to wait for, and the client of a tunnel sends nothing before the response.
        let buffers = has_body
            && policy.captures(selection, Side::Request)
            && matches!(policy.request_mode, BodyMode::Buffer)
            && !exchange.reads_raw_connection();
        // A required exchange waits for its record in any case, but not for ever.
        let admission = (!exchange.is_required())
            .then(|| delivery.admission())
            .flatten();
        let state = if buffers || exchange.is_required() || admission.is_some() {
            let buffer = buffers.then_some(policy.buffer);
            State::Preparing {
                request: Box::pin(prepare(req, admission, buffer, Rc::clone(&exchange))),
                service: Rc::clone(&self.service),
            }
        } else {
            let _guard = exchange.service_guard();
            State::Calling {
                response: self.service.call(req),
            }
        };
        ResponseFuture {
            state,
            exchange: Some(exchange),
        }
    }
}

/// Returns the request once its handler may be called: when a queue has free capacity, its body is read, and its stage is
/// durable. Fails with what it is to be answered with instead, and has dropped the request then, so that actix sees that its
/// payload will not be read.
async fn prepare(
    mut req: ServiceRequest,
    admission: Option<impl Future<Output = ()>>,
    buffer: Option<BufferOptions>,
    exchange: Rc<LiveExchange>,
) -> Result<ServiceRequest, Error> {
    if let Some(admission) = admission {
        admission.await;
    }
    if let Some(limits) = buffer {
        if let Err(error) = buffering::buffer(&mut req, limits).await {
            if exchange.is_required() {
                exchange.admit_failure();
            }
            return Err(error.into());
        }
    }
    if exchange.is_required() {
        requiring::require(&exchange).await?;
    }
    Ok(req)
}

/// Records what a required exchange is answered with, and holds it.
fn releasing<S, B>(
    mut answer: Result<ServiceResponse<B>, Error>,
    exchange: &LiveExchange,
) -> State<S>
where
    S: Service<ServiceRequest, Response = ServiceResponse<B>>,
    B: MessageBody,
{
    match &mut answer {
        Ok(response) => record_response(response, exchange),
        Err(error) => record_error(error, exchange),
    }
    State::Releasing {
        releasing: Box::new(Releasing::new(answer, exchange)),
    }
}

pin_project! {
    /// The future of a response that passes a [`BodyLogger`].
    pub struct ResponseFuture<S: Service<ServiceRequest>> {
        // Declared before `exchange`, so that it is dropped first: dropping it may still report to the exchange.
        #[pin]
        state: State<S>,
        // `None` once it belongs to the response, and if nothing is recorded.
        exchange: Option<Rc<LiveExchange>>,
    }

    impl<S: Service<ServiceRequest>> PinnedDrop for ResponseFuture<S> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(exchange) = this.exchange {
                let _guard = exchange.service_guard();
                this.state.set(State::Dropped);
            }
        }
    }
}

pin_project! {
    #[project = StateProj]
    enum State<S: Service<ServiceRequest>> {
        // Boxed, as what few requests wait for is large, and a future is moved before it is polled.
        Preparing {
            request: Pin<Box<dyn Future<Output = Result<ServiceRequest, Error>>>>,
            service: Rc<S>,
        },
        Calling { #[pin] response: S::Future },
        // Its exchange is required.
        Releasing { releasing: Box<Releasing<S::Response>> },
        // The exchange is not recorded.
        Unrecorded { #[pin] response: S::Future },
        // The future is being dropped.
        Dropped,
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
        loop {
            let service_guard = || {
                this.exchange
                    .as_ref()
                    .map(|exchange| exchange.service_guard())
            };
            match this.state.as_mut().project() {
                StateProj::Preparing { request, service } => {
                    match ready!(request.as_mut().poll(cx)) {
                        Ok(req) => {
                            let guard = service_guard();
                            let response = service.call(req);
                            drop(guard);
                            this.state.set(State::Calling { response });
                        }
                        // A refused request is not held: its stage is not durable, and no other will be.
                        Err(error) if recorded(this.exchange).holds_end() => {
                            let next = releasing(Err(error), recorded(this.exchange));
                            this.state.set(next);
                        }
                        Err(error) => {
                            return Poll::Ready(Err(tap_error(error, this.exchange.take())));
                        }
                    }
                }
                StateProj::Calling { response } => {
                    let guard = service_guard();
                    let polled = response.poll(cx);
                    drop(guard);
                    // A single match, as every further step would move the response.
                    return match polled {
                        Poll::Pending => Poll::Pending,
                        Poll::Ready(answer) if is_required(this.exchange) => {
                            let next = releasing(answer, recorded(this.exchange));
                            this.state.set(next);
                            continue;
                        }
                        Poll::Ready(Ok(response)) => {
                            Poll::Ready(Ok(tap_response(response, this.exchange.take())))
                        }
                        Poll::Ready(Err(error)) => {
                            Poll::Ready(Err(tap_error(error, this.exchange.take())))
                        }
                    };
                }
                StateProj::Releasing { releasing } => {
                    let answer = ready!(releasing.poll_answer(recorded(this.exchange), cx));
                    let exchange = this.exchange.take();
                    return Poll::Ready(match answer {
                        Ok(response) => {
                            Ok(response.map_body(|_, body| ResponseBody::new(body, exchange)))
                        }
                        Err(error) => Err(tap_responses(error, exchange)),
                    });
                }
                StateProj::Unrecorded { response } => {
                    let untapped = |response: ServiceResponse<B>| {
                        response.map_body(|_, body| ResponseBody::new(body, None))
                    };
                    return response.poll(cx).map_ok(untapped);
                }
                StateProj::Dropped => unreachable!("a dropped future is not polled"),
            }
        }
    }
}

impl<S: Service<ServiceRequest>> fmt::Debug for ResponseFuture<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}

/// Whether the exchange has to be recorded before it is handled, and before its response ends.
fn is_required(exchange: &Option<Rc<LiveExchange>>) -> bool {
    (exchange.as_ref()).is_some_and(|exchange| exchange.is_required())
}

/// Returns the exchange of a request that is recorded and not answered yet.
fn recorded(exchange: &Option<Rc<LiveExchange>>) -> &LiveExchange {
    let exchange = exchange.as_deref();
    exchange.expect("the future has it until it is ready")
}

fn tap_response<B: MessageBody>(
    mut response: ServiceResponse<B>,
    exchange: Option<Rc<LiveExchange>>,
) -> ServiceResponse<ResponseBody<B>> {
    let exchange = exchange.filter(|exchange| {
        let extensions = response.request().extensions();
        exchange.set_unrecorded(extensions.contains::<Unrecorded>());
        !exchange.is_unrecorded()
    });
    if let Some(exchange) = &exchange {
        record_response(&mut response, exchange);
    }
    response.map_body(|_, body| ResponseBody::new(body, exchange))
}

fn record_response<B: MessageBody>(response: &mut ServiceResponse<B>, exchange: &LiveExchange) {
    if let Some(error) = response.response().error() {
        exchange.error(error, ErrorKind::Handler, response.status());
    }
    let route = response.request().match_pattern();
    let size = response.response().body().size();
    exchange.respond(response.response_mut().head_mut(), size, route);
}

/// Returns the error, still an error. Responses made from it are tapped; the exchange lives as long as the error or
/// such a response.
fn tap_error(error: Error, exchange: Option<Rc<LiveExchange>>) -> Error {
    let exchange = exchange.filter(|exchange| !exchange.is_unrecorded());
    if let Some(exchange) = &exchange {
        record_error(&error, exchange);
    }
    tap_responses(error, exchange)
}

fn record_error(error: &Error, exchange: &LiveExchange) {
    let status = error.as_response_error().status_code();
    exchange.error(error, ErrorKind::Service, status);
}

fn tap_responses(mut error: Error, exchange: Option<Rc<LiveExchange>>) -> Error {
    let Some(exchange) = exchange else {
        return error;
    };
    error.add_response_mapper(move |response: HttpResponse| {
        response.map_body(|head, body| {
            exchange.respond(head, body.size(), None);
            ResponseBody::new(body, Some(Rc::clone(&exchange))).boxed()
        })
    });
    error
}
