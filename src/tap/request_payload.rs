//! The tap on the request side.

use std::{
    pin::Pin,
    rc::{Rc, Weak},
    task::{ready, Context, Poll},
};

use actix_web::{dev::Payload, error::PayloadError};
use bytes::Bytes;
use futures_core::Stream;

use crate::{
    exchange::{BodyPoll, LiveExchange},
    policy::Side,
};

/// Wraps a request's payload: passes on what the handler polls, and records it. Never reads ahead.
///
/// It holds the exchange weakly: a detached task may keep the payload for ever, and the record must not wait for it.
pub(crate) struct RequestPayload {
    payload: Payload,
    exchange: Weak<LiveExchange>,
}

impl RequestPayload {
    /// Wraps `payload`.
    pub(crate) fn tap(payload: Payload, exchange: &Rc<LiveExchange>) -> Payload {
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
        if let Some(exchange) = this.exchange.upgrade() {
            ready!(exchange.poll_capacity(Side::Request, cx));
        }
        let polled = Pin::new(&mut this.payload).poll_next(cx);
        if let Some(exchange) = this.exchange.upgrade() {
            exchange.request_progress(BodyPoll::of(&polled));
        }
        polled
    }
}
