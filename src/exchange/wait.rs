//! Waiting for a record to be durable.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::rt::time::{sleep, Sleep};

use crate::delivery::Receipt;

/// Resolves to whether a record is durable: to false at the time limit.
pub(crate) struct DurableWait {
    receipt: Receipt,
    deadline: Pin<Box<Sleep>>,
}

impl DurableWait {
    pub(super) fn new(receipt: Receipt, timeout: Duration) -> Self {
        Self {
            receipt,
            deadline: Box::pin(sleep(timeout)),
        }
    }
}

impl Future for DurableWait {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<bool> {
        if let Poll::Ready(durable) = Pin::new(&mut self.receipt).poll(cx) {
            return Poll::Ready(durable);
        }
        self.deadline.as_mut().poll(cx).map(|()| false)
    }
}

impl fmt::Debug for DurableWait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DurableWait").finish_non_exhaustive()
    }
}
