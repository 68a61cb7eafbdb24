//! Required delivery: a request waits until its request stage is durable, an answer without a body until its response
//! stage is.

use std::{
    error::Error as StdError,
    fmt,
    future::Future as _,
    pin::Pin,
    rc::Rc,
    task::{ready, Context, Poll},
    time::Duration,
};

use actix_web::{
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        header::{HeaderValue, RETRY_AFTER},
        StatusCode,
    },
    Error, HttpResponse, ResponseError,
};

use crate::exchange::{DurableWait, LiveExchange};

/// A request whose stage is being made durable before the inner service is called.
pub(crate) struct Requiring<S> {
    service: Rc<S>,
    /// `None` once it is passed on or refused.
    req: Option<ServiceRequest>,
    /// `None` if the exchange has ended, which a future in progress excludes.
    wait: Option<DurableWait>,
}

impl<S> Requiring<S> {
    pub(crate) fn new(service: &Rc<S>, req: ServiceRequest, exchange: &LiveExchange) -> Self {
        Self {
            service: Rc::clone(service),
            req: Some(req),
            wait: exchange.deliver_request_stage(),
        }
    }

    /// Returns the service to call with the request.
    pub(crate) fn service(&self) -> &S {
        &self.service
    }

    /// Returns the request once its stage is durable.
    pub(crate) fn poll_request(
        &mut self,
        exchange: &LiveExchange,
        cx: &mut Context<'_>,
    ) -> Poll<Result<ServiceRequest, RefusedError>> {
        let durable = match &mut self.wait {
            Some(wait) => ready!(Pin::new(wait).poll(cx)),
            None => false,
        };
        // Dropped together with the answer, as then actix sees that the payload will not be read.
        let req = self.req.take().expect("polled again after it was ready");
        let admitted = exchange.admit(durable);
        Poll::Ready(admitted.map(|()| req).map_err(RefusedError))
    }
}

/// Error: the record of the request is not durable. Becomes the response.
#[derive(Debug)]
pub(crate) struct RefusedError(Duration);

impl fmt::Display for RefusedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the request cannot be recorded at the moment")
    }
}

impl StdError for RefusedError {}

impl ResponseError for RefusedError {
    fn status_code(&self) -> StatusCode {
        StatusCode::SERVICE_UNAVAILABLE
    }

    fn error_response(&self) -> HttpResponse<BoxBody> {
        let seconds = self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0);
        HttpResponse::build(self.status_code())
            .insert_header((RETRY_AFTER, HeaderValue::from(seconds)))
            .body(self.to_string())
    }
}

/// What the inner service answered, until it is passed on.
pub(crate) struct Releasing<R> {
    /// `None` once it is passed on.
    answer: Option<Result<R, Error>>,
    /// `None` if its body is waited for, not the answer.
    wait: Option<DurableWait>,
}

impl<B: MessageBody> Releasing<ServiceResponse<B>> {
    /// Holds an answer that was recorded, if it has to wait as a whole.
    pub(crate) fn new(answer: Result<ServiceResponse<B>, Error>, exchange: &LiveExchange) -> Self {
        Self {
            answer: Some(answer),
            wait: exchange.hold_answer(),
        }
    }

    /// Returns the answer.
    pub(crate) fn poll_answer(
        &mut self,
        exchange: &LiveExchange,
        cx: &mut Context<'_>,
    ) -> Poll<Result<ServiceResponse<B>, Error>> {
        if let Some(wait) = &mut self.wait {
            let durable = ready!(Pin::new(wait).poll(cx));
            exchange.release_answer(durable);
        }
        let answer = self.answer.take();
        Poll::Ready(answer.expect("polled again after it was ready"))
    }
}
