//! Backpressure: a request waits while a queue is full.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{ready, Context, Poll},
};

use actix_web::dev::ServiceRequest;

/// Ready when the queue has free capacity.
pub(crate) type Admission = Pin<Box<dyn Future<Output = ()>>>;

/// A request that waits for admission.
pub(crate) struct Admitting {
    /// `None` once it is admitted.
    req: Option<ServiceRequest>,
    admission: Admission,
}

impl Admitting {
    pub(crate) fn new(req: ServiceRequest, admission: Admission) -> Self {
        Self {
            req: Some(req),
            admission,
        }
    }

    pub(crate) fn poll_request(&mut self, cx: &mut Context<'_>) -> Poll<ServiceRequest> {
        ready!(self.admission.as_mut().poll(cx));
        Poll::Ready(self.req.take().expect("polled again after it was ready"))
    }
}

impl fmt::Debug for Admitting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitting").finish_non_exhaustive()
    }
}
