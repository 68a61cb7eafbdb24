//! Reads a request's payload and puts it back.

use std::{
    future::Future,
    mem,
    pin::Pin,
    task::{ready, Context, Poll},
};

use actix_web::{
    dev::{Payload, ServiceRequest},
    error::PayloadError,
};
use bytes::Bytes;
use futures_core::Stream;

use super::{collect::Collected, ReadError};

/// Reads the request body, up to `limit` bytes, and leaves it in place.
///
/// The handler then reads the same bytes as without this call. Headers are not changed, and the bytes are those of the
/// connection: a compressed body stays compressed, for you and for the handler. A request without a body yields no
/// bytes and stays without one.
///
/// At most `limit` bytes and one chunk of the stream are held at any time. A complete body is held once: the returned
/// [`Bytes`] share its memory.
///
/// # Errors
///
/// - [`ReadError::TooLarge`] if the body has more than `limit` bytes. The handler gets the bytes read, then the rest as
///   it arrives.
/// - [`ReadError::Stream`] if the stream fails, usually because the client disconnected or sent invalid HTTP. The
///   handler gets the bytes read, then that same error.
///
/// In both cases nothing is lost: pass the request on, or respond yourself.
///
/// # Time
///
/// The handler is not called before the body has arrived. So a response that it would send early (401, 413) waits for
/// the upload, and a client that waits for the response before it sends the rest of its request waits for ever, as
/// actix-web has no timeout for bodies. A connection that actix-web would close because the handler did not read the
/// upload stays open, since it was read.
///
/// Set a deadline: if the future is dropped before it is ready, the body is put back, and the next reader starts at
/// its first byte.
///
/// ```
/// use std::time::Duration;
///
/// use actix_web::{
///     body::MessageBody,
///     dev::{ServiceRequest, ServiceResponse},
///     error,
///     middleware::Next,
///     rt::time::timeout,
///     Error,
/// };
/// use actix_web_body_logger::replay::read_request;
///
/// async fn audit(
///     mut req: ServiceRequest,
///     next: Next<impl MessageBody>,
/// ) -> Result<ServiceResponse<impl MessageBody>, Error> {
///     match timeout(Duration::from_secs(10), read_request(&mut req, 64 * 1024)).await {
///         Ok(Ok(body)) => println!("{} bytes", body.len()),
///         Ok(Err(error)) => println!("not read: {error}"),
///         Err(_) => return Err(error::ErrorRequestTimeout("the upload took too long")),
///     }
///     next.call(req).await
/// }
/// # let _ = actix_web::App::new().wrap(actix_web::middleware::from_fn(audit));
/// ```
///
/// Do not read the payload of a `CONNECT` or of a WebSocket upgrade: it is the raw connection, and ends only with it.
///
/// # Panics
///
/// Does not panic, but actix-web does if a clone of the `HttpRequest` is alive when the request is
/// passed on: see the [module documentation](super#do-not-keep-the-httprequest).
pub async fn read_request(req: &mut ServiceRequest, limit: usize) -> Result<Bytes, ReadError> {
    let (_, slot) = req.parts_mut();
    let mut loan = Loan {
        reading: ReadPayload::new(slot.take(), limit),
        slot,
    };
    (&mut loan.reading).await
}

/// Puts the payload back into its request when dropped, however reading ended.
struct Loan<'a> {
    slot: &'a mut Payload,
    reading: ReadPayload,
}

impl Drop for Loan<'_> {
    fn drop(&mut self) {
        let nothing = ReadPayload::new(Payload::None, 0);
        *self.slot = mem::replace(&mut self.reading, nothing).into_payload();
    }
}

/// A future that reads a payload up to a limit, and can be turned back into the payload at any time.
///
/// It holds at most `limit` bytes and one chunk. Polled again after it was ready, it returns the same result without
/// polling the payload.
pub(crate) struct ReadPayload {
    /// The unread rest. `Payload::None` once it has ended, as an ended stream must not be polled again.
    rest: Payload,
    limit: usize,
    read: Collected<PayloadError>,
}

impl ReadPayload {
    pub(crate) fn new(payload: Payload, limit: usize) -> Self {
        Self {
            rest: payload,
            limit,
            read: Collected::new(),
        }
    }

    /// Returns the payload as it was before reading: the bytes read, then the error if there was one, then the rest.
    pub(crate) fn into_payload(mut self) -> Payload {
        if self.read.is_empty() {
            self.rest
        } else if self.read.is_complete() {
            Payload::from(self.read.join())
        } else {
            Payload::Stream {
                payload: Box::pin(ReplayPayload {
                    read: self.read,
                    rest: self.rest,
                }),
            }
        }
    }
}

impl Future for ReadPayload {
    type Output = Result<Bytes, ReadError>;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        let result = ready!(this.read.poll_collect(
            this.limit,
            || Pin::new(&mut this.rest).poll_next(cx),
            |error| Some(error.to_string()),
        ));
        if this.read.is_complete() {
            this.rest = Payload::None;
        }
        Poll::Ready(result)
    }
}

/// The bytes read, then the rest. Owns the payload, so that dropping this drops the payload.
struct ReplayPayload {
    read: Collected<PayloadError>,
    rest: Payload,
}

impl Stream for ReplayPayload {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        match this.read.replay() {
            Some(item) => Poll::Ready(Some(item)),
            None => Pin::new(&mut this.rest).poll_next(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::VecDeque, task::Waker};

    use super::*;

    type Item = Poll<Option<Result<Bytes, PayloadError>>>;

    /// Yields its items, and panics when polled for more.
    struct Mock(VecDeque<Item>);

    impl Stream for Mock {
        type Item = Result<Bytes, PayloadError>;

        fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
            self.0.pop_front().expect("polled once too often")
        }
    }

    fn payload(items: impl IntoIterator<Item = Item>) -> Payload {
        Payload::Stream {
            payload: Box::pin(Mock(items.into_iter().collect())),
        }
    }

    fn chunk(bytes: &'static str) -> Item {
        Poll::Ready(Some(Ok(Bytes::from_static(bytes.as_bytes()))))
    }

    fn failure() -> Item {
        Poll::Ready(Some(Err(PayloadError::Overflow)))
    }

    fn poll(reading: &mut ReadPayload) -> Poll<Result<Bytes, ReadError>> {
        // `Pin::new` compiles only if the future is `Unpin`, which callers rely on.
        Pin::new(reading).poll(&mut Context::from_waker(Waker::noop()))
    }

    #[track_caller]
    fn assert_yields(mut payload: Payload, items: impl IntoIterator<Item = Item>) {
        let mut cx = Context::from_waker(Waker::noop());
        for item in items {
            let got = Pin::new(&mut payload).poll_next(&mut cx);
            assert_eq!(format!("{got:?}"), format!("{item:?}"));
        }
    }

    #[test]
    fn returns_the_same_payload_if_never_polled() {
        let h1 = Payload::from(Bytes::from_static(b"whole"));
        let back = ReadPayload::new(h1, 100).into_payload();
        assert!(matches!(back, Payload::H1 { .. }));
        assert_yields(back, [chunk("whole"), Poll::Ready(None)]);
    }

    #[test]
    fn returns_all_chunks_if_stopped_between_two_of_them() {
        let items = [
            chunk("a"),
            chunk("b"),
            Poll::Pending,
            chunk("c"),
            Poll::Ready(None),
        ];
        let mut reading = ReadPayload::new(payload(items), 100);
        assert!(poll(&mut reading).is_pending());
        assert_yields(
            reading.into_payload(),
            [chunk("ab"), chunk("c"), Poll::Ready(None)],
        );
    }

    #[test]
    fn joins_a_complete_body_and_does_not_poll_its_stream_again() {
        let items = [chunk("a"), Poll::Pending, chunk("b"), Poll::Ready(None)];
        let mut reading = ReadPayload::new(payload(items), 2);
        assert!(poll(&mut reading).is_pending());
        for _ in 0..2 {
            assert_eq!(
                poll(&mut reading),
                Poll::Ready(Ok(Bytes::from_static(b"ab")))
            );
        }
        let back = reading.into_payload();
        assert!(matches!(back, Payload::H1 { .. }));
        assert_yields(back, [chunk("ab"), Poll::Ready(None), Poll::Ready(None)]);
    }

    #[test]
    fn replays_a_body_over_the_limit_in_order() {
        let items = [chunk("abc"), chunk("def"), failure(), Poll::Ready(None)];
        let mut reading = ReadPayload::new(payload(items), 5);
        for _ in 0..2 {
            assert_eq!(
                poll(&mut reading),
                Poll::Ready(Err(ReadError::TooLarge { limit: 5 }))
            );
        }
        assert_yields(
            reading.into_payload(),
            [chunk("abc"), chunk("def"), failure(), Poll::Ready(None)],
        );
    }

    #[test]
    fn keeps_an_error_for_the_next_reader() {
        let mut reading = ReadPayload::new(payload([chunk("a"), failure(), chunk("b")]), 100);
        for _ in 0..2 {
            let reason = Some("payload reached size limit".to_owned());
            assert_eq!(
                poll(&mut reading),
                Poll::Ready(Err(ReadError::Stream { reason }))
            );
        }
        assert_yields(reading.into_payload(), [chunk("a"), failure(), chunk("b")]);
    }

    #[test]
    fn returns_an_empty_stream_as_empty() {
        let mut reading = ReadPayload::new(payload([Poll::Ready(None)]), 0);
        assert_eq!(poll(&mut reading), Poll::Ready(Ok(Bytes::new())));
        assert_yields(
            reading.into_payload(),
            [Poll::Ready(None), Poll::Ready(None)],
        );
    }
}
