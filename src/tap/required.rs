//! The tap on a response whose delivery is required: its end waits until its stage is durable.

use std::{
    error::Error,
    pin::Pin,
    task::{ready, Context, Poll},
};

use actix_web::body::MessageBody;
use bytes::Bytes;

use crate::{
    exchange::{BodyPoll, LiveExchange, Released},
    policy::Side,
};

/// Polls a body, and holds the chunk that completes it for its client, else the end of the stream.
pub(super) fn poll_next<B: MessageBody>(
    mut body: Pin<&mut B>,
    exchange: &LiveExchange,
    cx: &mut Context<'_>,
) -> Poll<Option<Result<Bytes, Box<dyn Error>>>> {
    loop {
        match ready!(exchange.poll_held(cx)) {
            Some(Released::Chunk(chunk)) => return Poll::Ready(Some(Ok(chunk))),
            Some(Released::End) => return Poll::Ready(None),
            Some(Released::Cut) => {
                let error = "the record of the response is not durable; cutting it off";
                return Poll::Ready(Some(Err(error.into())));
            }
            None => {}
        }
        ready!(exchange.poll_capacity(Side::Response, cx));
        let guard = exchange.panic_guard();
        let polled = body.as_mut().poll_next(cx);
        drop(guard);
        match polled {
            Poll::Ready(Some(Ok(chunk))) => {
                exchange.response_progress(BodyPoll::Chunk(&chunk));
                if !exchange.holds_chunk() {
                    return Poll::Ready(Some(Ok(chunk)));
                }
                exchange.hold_body(Some(chunk));
            }
            Poll::Ready(None) if exchange.holds_stream_end() => exchange.hold_body(None),
            polled => {
                exchange.response_progress(BodyPoll::of(&polled));
                return polled.map_err(Into::into);
            }
        }
    }
}
