//! Reads a response's body and puts it back.

use std::{
    fmt,
    future::poll_fn,
    mem,
    pin::Pin,
    task::{ready, Context, Poll},
};

use actix_web::{
    body::{BodySize, MessageBody},
    dev::ServiceResponse,
};
use bytes::Bytes;

use super::{collect::Collected, ReadError};

/// Reads the response body, up to `limit` bytes, and leaves it in place.
///
/// Whatever the result, the response is returned unchanged: status, headers, extensions, and a body with the same bytes
/// and the same size. It keeps its `Content-Length`, its chunked encoding, or the absence of a body. The chunks of a
/// body that was read completely are sent as one.
///
/// At most `limit` bytes and one chunk of the stream are held at any time. A complete body is held once: the returned
/// [`Bytes`] share its memory. A body that is already in memory, as those of most handlers, is not copied.
///
/// The bytes are those that reach this middleware: compressed if it is registered outside of `Compress`, plain if
/// inside.
///
/// # Errors
///
/// - [`ReadError::TooLarge`] if the body has more than `limit` bytes. A body whose declared size exceeds the limit is
///   not polled. The client gets the bytes read, then the rest.
/// - [`ReadError::Stream`] if the stream fails. The server gets the bytes read, then that same error. As it gets both
///   at once, it drops bytes that it has not sent yet: the client may see nothing of a response whose beginning it
///   would otherwise have seen.
///
/// # Time
///
/// Nothing is sent before the whole body, or `limit` bytes of it, has arrived. This delays server-sent events, long
/// downloads and everything else that is meant to arrive incrementally. To skip those, check whether
/// `res.response().body().size()` is [`BodySize::Stream`]. For a deadline read a [`ReplayBody`] yourself: this function
/// owns the response, so dropping its future drops the response, too.
///
/// # Examples
///
/// ```
/// use actix_web::{
///     body::MessageBody,
///     dev::{ServiceRequest, ServiceResponse},
///     middleware::Next,
///     Error,
/// };
/// use actix_web_body_logger::replay::read_response;
///
/// async fn print(
///     req: ServiceRequest,
///     next: Next<impl MessageBody>,
/// ) -> Result<ServiceResponse<impl MessageBody>, Error> {
///     let res = next.call(req).await?;
///     let (res, body) = read_response(res, 64 * 1024).await;
///     match body {
///         Ok(body) => println!("{}", body.escape_ascii()),
///         Err(error) => println!("not shown: {error}"),
///     }
///     Ok(res)
/// }
/// # let _ = actix_web::App::new().wrap(actix_web::middleware::from_fn(print));
/// ```
pub async fn read_response<B: MessageBody>(
    res: ServiceResponse<B>,
    limit: usize,
) -> (ServiceResponse<ReplayBody<B>>, Result<Bytes, ReadError>) {
    let (req, res) = res.into_parts();
    let (res, body) = res.into_parts();
    let mut body = ReplayBody::new(body);
    let result = body.read(limit).await;
    (ServiceResponse::new(req, res.set_body(body)), result)
}

/// A response body that can be read before it is sent.
///
/// It has the size of the body it wraps, yields the same bytes and fails with the same error. [`read_response`] creates
/// one; use it directly to read with a deadline:
///
/// ```
/// use std::time::Duration;
///
/// use actix_web::{
///     body::MessageBody,
///     dev::{ServiceRequest, ServiceResponse},
///     middleware::Next,
///     rt::time::timeout,
///     Error,
/// };
/// use actix_web_body_logger::replay::ReplayBody;
///
/// async fn print(
///     req: ServiceRequest,
///     next: Next<impl MessageBody>,
/// ) -> Result<ServiceResponse<impl MessageBody>, Error> {
///     let (req, res) = next.call(req).await?.into_parts();
///     let (res, body) = res.into_parts();
///     let mut body = ReplayBody::new(body);
///
///     match timeout(Duration::from_millis(50), body.read(64 * 1024)).await {
///         Ok(Ok(bytes)) => println!("{}", bytes.escape_ascii()),
///         Ok(Err(error)) => println!("not shown: {error}"),
///         Err(_) => println!("not here yet: goes to the client as it comes"),
///     }
///     Ok(ServiceResponse::new(req, res.set_body(body)))
/// }
/// # let _ = actix_web::App::new().wrap(actix_web::middleware::from_fn(print));
/// ```
///
/// It is always `Unpin`: the wrapped body moves to the heap when it is first polled. A body that is available as one
/// buffer ([`MessageBody::try_into_bytes`]) is never polled, and needs no allocation.
pub struct ReplayBody<B: MessageBody> {
    size: BodySize,
    read: Collected<B::Error>,
    rest: Rest<B>,
}

/// The unread rest of the body.
enum Rest<B> {
    /// Not polled yet, and therefore free to move.
    Untouched(B),
    Polled(Pin<Box<B>>),
    /// Ended, or taken as one buffer.
    Gone,
}

// Nothing is ever pinned inside: a body is moved into a box before it is polled.
impl<B: MessageBody> Unpin for ReplayBody<B> {}

impl<B: MessageBody> ReplayBody<B> {
    /// Wraps `body` without reading anything.
    pub fn new(body: B) -> Self {
        Self {
            size: body.size(),
            read: Collected::new(),
            rest: Rest::Untouched(body),
        }
    }

    /// Reads the body, up to `limit` bytes, and leaves it in place.
    ///
    /// Dropping the future before it is ready loses nothing. Reading can be repeated, also with another limit, and
    /// continues where it stopped; the result is always the body from its start, as long as nothing of it has been
    /// sent.
    ///
    /// A body of size zero ([`BodySize::is_eof`]) is not polled, nor is one whose declared size exceeds the limit.
    ///
    /// # Errors
    ///
    /// The same as for [`read_response`].
    pub async fn read(&mut self, limit: usize) -> Result<Bytes, ReadError> {
        poll_fn(|cx| self.poll_read(cx, limit)).await
    }

    fn poll_read(&mut self, cx: &mut Context<'_>, limit: usize) -> Poll<Result<Bytes, ReadError>> {
        if matches!(self.rest, Rest::Untouched(_)) {
            match self.size {
                BodySize::None | BodySize::Sized(0) => return Poll::Ready(Ok(Bytes::new())),
                BodySize::Sized(size)
                    if usize::try_from(size).map_or(true, |size| size > limit) =>
                {
                    return Poll::Ready(Err(ReadError::TooLarge { limit }));
                }
                BodySize::Sized(_) | BodySize::Stream => self.take_as_bytes(),
            }
        }
        let result = ready!(self.read.poll_collect(
            limit,
            || self.rest.poll_next(cx),
            |_| None, // `B::Error` has no text that does not consume it
        ));
        if self.read.is_complete() {
            self.rest = Rest::Gone;
        }
        Poll::Ready(result)
    }

    /// Takes an untouched body as one buffer if it is in memory, which saves polling and boxing it.
    fn take_as_bytes(&mut self) {
        if let Rest::Untouched(body) = mem::replace(&mut self.rest, Rest::Gone) {
            match body.try_into_bytes() {
                Ok(bytes) => self.read = Collected::complete(bytes),
                Err(body) => self.rest = Rest::Polled(Box::pin(body)),
            }
        }
    }
}

impl<B: MessageBody> Rest<B> {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, B::Error>>> {
        match mem::replace(self, Self::Gone) {
            Self::Untouched(body) => *self = Self::Polled(Box::pin(body)),
            other => *self = other,
        }
        let Self::Polled(body) = self else {
            return Poll::Ready(None);
        };
        let item = ready!(body.as_mut().poll_next(cx));
        if item.is_none() {
            *self = Self::Gone;
        }
        Poll::Ready(item)
    }
}

impl<B: MessageBody> MessageBody for ReplayBody<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        match this.read.replay() {
            Some(item) => Poll::Ready(Some(item)),
            None => this.rest.poll_next(cx),
        }
    }

    fn try_into_bytes(mut self) -> Result<Bytes, Self> {
        if self.read.is_complete() {
            return Ok(self.read.join());
        }
        match self.rest {
            Rest::Untouched(body) => body.try_into_bytes().map_err(Self::new),
            rest => {
                self.rest = rest;
                Err(self)
            }
        }
    }
}

/// Shows the number of bytes held, not the bytes, which may be secret.
impl<B: MessageBody> fmt::Debug for ReplayBody<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplayBody")
            .field("size", &self.size)
            .field("held", &self.read.len())
            .field("complete", &self.read.is_complete())
            .finish_non_exhaustive()
    }
}
