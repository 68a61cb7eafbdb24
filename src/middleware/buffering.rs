//! Buffering: reads a request's body before the handler is called, within a size limit and a time limit.

use std::{
    error::Error as StdError,
    fmt,
    future::Future as _,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::{
    dev::ServiceRequest,
    http::{header::CONTENT_LENGTH, StatusCode},
    rt::time::{sleep, Sleep},
    HttpMessage as _, ResponseError,
};

use crate::{
    content::parse_length,
    policy::{BufferOptions, OverLimit},
    replay::{ReadError, ReadPayload},
};

/// A request whose body is being read before the inner service is called.
pub(crate) struct Buffering<S> {
    service: Rc<S>,
    /// `None` once it is answered or passed on. Dropping it together with the answer, not later, lets actix see that
    /// the rest of the payload will not be read.
    pending: Option<(ServiceRequest, ReadPayload)>,
    limits: BufferOptions,
    /// Whether `Content-Length` alone exceeds the limit.
    rejected: bool,
    deadline: Pin<Box<Sleep>>,
}

impl<S> Buffering<S> {
    pub(crate) fn new(service: &Rc<S>, mut req: ServiceRequest, limits: BufferOptions) -> Self {
        let declared = req.headers().get(CONTENT_LENGTH).and_then(parse_length);
        let read = ReadPayload::new(req.take_payload(), limits.max_bytes);
        Self {
            rejected: limits.over_limit == OverLimit::Reject
                && declared > Some(limits.max_bytes as u64),
            service: Rc::clone(service),
            pending: Some((req, read)),
            limits,
            deadline: Box::pin(sleep(limits.timeout)),
        }
    }

    /// Returns the service to call with the request.
    pub(crate) fn service(&self) -> &Rc<S> {
        &self.service
    }

    /// Returns the request with its body put back.
    pub(crate) fn poll_request(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Result<ServiceRequest, BufferError>> {
        let mut pending = self
            .pending
            .take()
            .expect("polled again after it was ready");
        if self.rejected {
            let limit = self.limits.max_bytes;
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

/// Why buffering failed; becomes the response.
#[derive(Debug)]
pub(crate) enum BufferError {
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
