//! The tap on the request side.

use std::{
    pin::Pin,
    rc::{Rc, Weak},
    task::{Context, Poll},
};

use actix_web::{dev::Payload, error::PayloadError};
use bytes::Bytes;
use futures_core::Stream;

use crate::exchange::{Live, Progress};

/// A request's payload on its way to the handler: what the handler asks for is passed on, then
/// noted. It never reads ahead.
///
/// It does not own the exchange: a task that a handler left behind may keep the payload for ever,
/// and the record must not wait for it.
pub(crate) struct RequestPayload {
    payload: Payload,
    exchange: Weak<Live>,
}

impl RequestPayload {
    /// Puts the tap onto `payload`.
    pub(crate) fn tap(payload: Payload, exchange: &Rc<Live>) -> Payload {
        Payload::Stream {
            payload: Box::pin(Self {
                payload,
                exchange: Rc::downgrade(exchange),
            }),
        }
    }
}

impl Stream for RequestPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let polled = Pin::new(&mut this.payload).poll_next(cx);
        if let Some(exchange) = this.exchange.upgrade() {
            exchange.request_progress(Progress::of(&polled));
        }
        polled
    }
}
