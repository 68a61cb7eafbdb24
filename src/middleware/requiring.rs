//! Required delivery: a request waits until its request stage is durable, an answer without a body until its response
//! stage is.

use std::{
    error::Error as StdError,
    fmt,
    task::{ready, Context, Poll},
    time::Duration,
};

use actix_web::{
    body::{BoxBody, MessageBody},
    dev::ServiceResponse,
    http::{
        header::{HeaderValue, RETRY_AFTER},
        StatusCode,
    },
    Error, HttpResponse, ResponseError,
};

use crate::exchange::{DurableWait, LiveExchange};

/// Waits until the request stage is durable.
pub(super) async fn require(exchange: &LiveExchange) -> Result<(), RefusedError> {
    let durable = match exchange.deliver_request_stage() {
        Some(wait) => wait.await,
        // The exchange has ended, which a future in progress excludes.
        None => false,
    };
    exchange.admit(durable).map_err(RefusedError)
}

/// Error: the record of the request is not durable. Becomes the response.
#[derive(Debug)]
pub(super) struct RefusedError(Duration);

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
pub(super) struct Releasing<R> {
    /// `None` once it is passed on.
    answer: Option<Result<R, Error>>,
    /// `None` if its body is waited for, not the answer.
    wait: Option<DurableWait>,
}

impl<B: MessageBody> Releasing<ServiceResponse<B>> {
    /// Holds an answer that was recorded, if it has to wait as a whole.
    pub(super) fn new(answer: Result<ServiceResponse<B>, Error>, exchange: &LiveExchange) -> Self {
        Self {
            answer: Some(answer),
            wait: exchange.hold_answer(),
        }
    }

    /// Returns the answer.
    pub(super) fn poll_answer(
        &mut self,
        exchange: &LiveExchange,
        cx: &mut Context<'_>,
    ) -> Poll<Result<ServiceResponse<B>, Error>> {
        if let Some(wait) = &mut self.wait {
            let durable = ready!(wait.as_mut().poll(cx));
            exchange.release_answer(durable);
        }
        let answer = self.answer.take();
        Poll::Ready(answer.expect("polled again after it was ready"))
    }
}
