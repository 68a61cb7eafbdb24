//! The actix middleware: begins an exchange for each request, and taps the bodies of request and response.

mod admission;
mod buffering;

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

use self::{admission::Admitting, buffering::Buffering};
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
        let wanted = policy.captures(selection, Side::Request);
        // A raw connection has no end to wait for, and the client of a tunnel sends nothing before the response.
        let buffers = has_body
            && wanted
            && matches!(policy.request_mode, BodyMode::Buffer)
            && !exchange.reads_raw_connection();
        let admitted = Admitted {
            service: Rc::clone(&self.service),
            buffering: buffers.then_some(policy.buffer),
        };
        let state = match delivery.admission() {
            None => {
                let _guard = exchange.service_guard();
                admitted.begin(req)
            }
            Some(admission) => State::Admitting {
                admitting: Box::new((Admitting::new(req, Box::pin(admission)), admitted)),
            },
        };
        ResponseFuture {
            state,
            exchange: Some(exchange),
        }
    }
}

/// How to process a request once it is admitted.
struct Admitted<S> {
    service: Rc<S>,
    buffering: Option<BufferOptions>,
}

impl<S: Service<ServiceRequest>> Admitted<S> {
    fn begin(&self, req: ServiceRequest) -> State<S> {
        match self.buffering {
            Some(limits) => State::Buffering {
                buffering: Box::new(Buffering::new(&self.service, req, limits)),
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
        // Boxed: they are large and rarely needed, and a future is moved before it is polled.
        Admitting { admitting: Box<(Admitting, Admitted<S>)> },
        Buffering { buffering: Box<Buffering<S>> },
        Calling { #[pin] response: S::Future },
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
                StateProj::Admitting { admitting } => {
                    let (admitting, admitted) = &mut **admitting;
                    let req = ready!(admitting.poll_request(cx));
                    let guard = service_guard();
                    let next = admitted.begin(req);
                    drop(guard);
                    this.state.set(next);
                }
                StateProj::Buffering { buffering } => match ready!(buffering.poll_request(cx)) {
                    Ok(req) => {
                        let guard = service_guard();
                        let response = buffering.service().call(req);
                        drop(guard);
                        this.state.set(State::Calling { response });
                    }
                    Err(error) => {
                        return Poll::Ready(Err(tap_error(error.into(), this.exchange.take())));
                    }
                },
                StateProj::Calling { response } => {
                    let guard = service_guard();
                    let polled = response.poll(cx);
                    drop(guard);
                    // A single match, as every further step would move the response.
                    return match polled {
                        Poll::Pending => Poll::Pending,
                        Poll::Ready(Ok(response)) => {
                            Poll::Ready(Ok(tap_response(response, this.exchange.take())))
                        }
                        Poll::Ready(Err(error)) => {
                            Poll::Ready(Err(tap_error(error, this.exchange.take())))
                        }
                    };
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

fn tap_response<B: MessageBody>(
    response: ServiceResponse<B>,
    exchange: Option<Rc<LiveExchange>>,
) -> ServiceResponse<ResponseBody<B>> {
    let exchange = exchange.filter(|exchange| {
        let extensions = response.request().extensions();
        exchange.set_unrecorded(extensions.contains::<Unrecorded>());
        !exchange.is_unrecorded()
    });
    let route = exchange.as_ref().and_then(|exchange| {
        if let Some(error) = response.response().error() {
            exchange.error(error, ErrorKind::Handler, response.status());
        }
        response.request().match_pattern()
    });
    response.map_body(|head, body| {
        if let Some(exchange) = &exchange {
            exchange.respond(head, body.size(), route);
        }
        ResponseBody::new(body, exchange)
    })
}

/// Returns the error, still an error. Responses made from it are tapped; the exchange lives as long as the error or
/// such a response.
fn tap_error(mut error: Error, exchange: Option<Rc<LiveExchange>>) -> Error {
    let Some(exchange) = exchange.filter(|exchange| !exchange.is_unrecorded()) else {
        return error;
    };
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
