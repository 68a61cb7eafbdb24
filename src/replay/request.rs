//! Reads a request's payload and puts it back.

use std::{
    future::poll_fn,
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
    let mut reading = Reading::new(slot);
    poll_fn(|cx| reading.poll(cx, limit)).await
}

/// A payload that is being read. Dropping it puts the payload back into its request, however reading ended.
struct Reading<'r> {
    slot: &'r mut Payload,
    /// The unread rest. `Payload::None` once it has ended, as an ended stream must not be polled again.
    rest: Payload,
    read: Collected<PayloadError>,
}

impl<'r> Reading<'r> {
    fn new(slot: &'r mut Payload) -> Self {
        Self {
            rest: slot.take(),
            slot,
            read: Collected::new(),
        }
    }

    /// Polled again after it was ready, it returns the same result without polling the payload.
    fn poll(&mut self, cx: &mut Context<'_>, limit: usize) -> Poll<Result<Bytes, ReadError>> {
        let result = ready!(self.read.poll_collect(
            limit,
            || Pin::new(&mut self.rest).poll_next(cx),
            |error| Some(error.to_string()),
        ));
        if self.read.is_complete() {
            self.rest = Payload::None;
        }
        Poll::Ready(result)
    }
}

impl Drop for Reading<'_> {
    /// Puts the payload back as it was: the bytes read, then the error if there was one, then the rest.
    fn drop(&mut self) {
        let rest = self.rest.take();
        *self.slot = if self.read.is_empty() {
            rest
        } else if self.read.is_complete() {
            Payload::from(self.read.join())
        } else {
            let read = mem::replace(&mut self.read, Collected::new());
            Payload::Stream {
                payload: Box::pin(ReplayPayload { read, rest }),
            }
        };
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

    fn poll(reading: &mut Reading<'_>, limit: usize) -> Poll<Result<Bytes, ReadError>> {
        reading.poll(&mut Context::from_waker(Waker::noop()), limit)
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
        let mut h1 = Payload::from(Bytes::from_static(b"whole"));
        drop(Reading::new(&mut h1));
        assert!(matches!(h1, Payload::H1 { .. }));
        assert_yields(h1, [chunk("whole"), Poll::Ready(None)]);
    }

    #[test]
    fn returns_all_chunks_if_stopped_between_two_of_them() {
        let mut payload = payload([
            chunk("a"),
            chunk("b"),
            Poll::Pending,
            chunk("c"),
            Poll::Ready(None),
        ]);
        assert!(poll(&mut Reading::new(&mut payload), 100).is_pending());
        assert_yields(payload, [chunk("ab"), chunk("c"), Poll::Ready(None)]);
    }

    #[test]
    fn joins_a_complete_body_and_does_not_poll_its_stream_again() {
        let items = [chunk("a"), Poll::Pending, chunk("b"), Poll::Ready(None)];
        let mut payload = payload(items);
        let mut reading = Reading::new(&mut payload);
        assert!(poll(&mut reading, 2).is_pending());
        for _ in 0..2 {
            let whole = Bytes::from_static(b"ab");
            assert_eq!(poll(&mut reading, 2), Poll::Ready(Ok(whole)));
        }
        drop(reading);
        assert!(matches!(payload, Payload::H1 { .. }));
        assert_yields(payload, [chunk("ab"), Poll::Ready(None), Poll::Ready(None)]);
    }

    #[test]
    fn replays_a_body_over_the_limit_in_order() {
        let items = || [chunk("abc"), chunk("def"), failure(), Poll::Ready(None)];
        let mut payload = payload(items());
        let mut reading = Reading::new(&mut payload);
        for _ in 0..2 {
            let error = ReadError::TooLarge { limit: 5 };
            assert_eq!(poll(&mut reading, 5), Poll::Ready(Err(error)));
        }
        drop(reading);
        assert_yields(payload, items());
    }

    #[test]
    fn keeps_an_error_for_the_next_reader() {
        let items = || [chunk("a"), failure(), chunk("b")];
        let mut payload = payload(items());
        let mut reading = Reading::new(&mut payload);
        for _ in 0..2 {
            let reason = Some("payload reached size limit".to_owned());
            let error = ReadError::Stream { reason };
            assert_eq!(poll(&mut reading, 100), Poll::Ready(Err(error)));
        }
        drop(reading);
        assert_yields(payload, items());
    }

    #[test]
    fn returns_an_empty_stream_as_empty() {
        let mut payload = payload([Poll::Ready(None)]);
        let mut reading = Reading::new(&mut payload);
        assert_eq!(poll(&mut reading, 0), Poll::Ready(Ok(Bytes::new())));
        drop(reading);
        assert_yields(payload, [Poll::Ready(None), Poll::Ready(None)]);
    }
}
