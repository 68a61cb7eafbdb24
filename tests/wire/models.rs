//! Layers that do what some options of a logger are documented to do, in a few lines.

use std::{
    future::Future,
    pin::Pin,
    rc::Rc,
    task::{ready, Context, Poll},
};

use actix_web::{
    body::{BodySize, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    http::{
        header::{CONTENT_LENGTH, TRANSFER_ENCODING, UPGRADE},
        Method, StatusCode,
    },
    middleware::Next,
    web::{Bytes, BytesMut},
    Error, HttpMessage as _,
};
use futures_util::{stream, StreamExt as _};

use crate::application::{scripted, Rest};

/// Reads a request's body before the handler is called, as `BodyMode::Buffer`.
pub async fn read_first<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, Error> {
    let is_raw = is_raw(&req);
    let mut payload = req.take_payload();
    if !is_raw && !matches!(payload, Payload::None) {
        let mut read = BytesMut::new();
        let mut items = Vec::new();
        while let Some(chunk) = payload.next().await {
            match chunk {
                Ok(chunk) => read.extend_from_slice(&chunk),
                Err(error) => {
                    items.push(Err(error));
                    break;
                }
            }
        }
        if !read.is_empty() {
            items.insert(0, Ok(read.freeze()));
        }
        // After an error, the handler reads on as it likes.
        let rest = if items.last().is_some_and(Result::is_err) {
            payload
        } else {
            Payload::None
        };
        payload = Payload::Stream {
            payload: Box::pin(stream::iter(items).chain(rest)),
        };
    }
    req.set_payload(payload);
    next.call(req).await
}

/// Whether the payload is the raw connection.
fn is_raw(req: &ServiceRequest) -> bool {
    let asks = || req.headers().contains_key(UPGRADE);
    connects(req) || asks() && !req.headers().contains_key(TRANSFER_ENCODING)
}

/// Whether the payload is the raw connection because of the method.
fn connects(req: &ServiceRequest) -> bool {
    let headers = req.headers();
    let length = headers.get(CONTENT_LENGTH).map(|it| it.as_bytes());
    *req.method() == Method::CONNECT
        && matches!(length, None | Some(b"0"))
        && !headers.contains_key(TRANSFER_ENCODING)
}

/// Takes its time before the handler, and before the end of the response, as a route whose delivery is required.
pub async fn take_time<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<Slow<B>>, Error> {
    let method = req.method().clone();
    let may_connect = connects(&req);
    let (script, _) = scripted(req.request());
    let rest = Rc::clone(&script.rest);
    rest.wait().await;
    let answer = next.call(req).await;
    let end = match &answer {
        Ok(response) if method != Method::HEAD => body_end(response, may_connect),
        _ => BodyEnd::Head,
    };
    if end == BodyEnd::Head {
        rest.wait().await;
    }
    let response = answer?;
    Ok(response.map_body(|_, body| Slow {
        body: Box::pin(body),
        end,
        held: None,
        rest,
    }))
}

/// What completes a response for its client.
#[derive(Clone, Copy, PartialEq, Eq)]
enum BodyEnd {
    Head,
    /// So many bytes.
    Bytes(u64),
    /// The end of a chunked body, or an empty chunk, of which actix makes that end.
    EmptyChunk,
    Stream,
    /// It is complete.
    Reached,
}

fn body_end<B: MessageBody>(response: &ServiceResponse<B>, may_connect: bool) -> BodyEnd {
    let status = response.status();
    let tunnels = status == StatusCode::SWITCHING_PROTOCOLS || (may_connect && status.is_success());
    let has_no_body = [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
    let declared = response.headers().get(CONTENT_LENGTH);
    let declared = declared.and_then(|it| it.to_str().ok()?.parse().ok());
    match response.response().body().size() {
        BodySize::None | BodySize::Sized(0) => BodyEnd::Head,
        _ if has_no_body && !tunnels => BodyEnd::Head,
        BodySize::Sized(length) => BodyEnd::Bytes(length),
        BodySize::Stream if response.response().head().chunked() => match tunnels {
            true => BodyEnd::Stream,
            false => BodyEnd::EmptyChunk,
        },
        BodySize::Stream if status.is_informational() || has_no_body => BodyEnd::Stream,
        BodySize::Stream => match declared {
            Some(0) if !tunnels => BodyEnd::Head,
            Some(length) => BodyEnd::Bytes(length),
            None => BodyEnd::Stream,
        },
    }
}

/// A body that takes its time before its end.
pub struct Slow<B: MessageBody> {
    body: Pin<Box<B>>,
    end: BodyEnd,
    held: Option<Held>,
    rest: Rc<Rest>,
}

/// What is passed on after a wait: the last chunk, or the end.
struct Held {
    wait: Pin<Box<dyn Future<Output = ()>>>,
    chunk: Option<Bytes>,
}

impl<B: MessageBody> MessageBody for Slow<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, B::Error>>> {
        let this = self.get_mut();
        if let Some(held) = &mut this.held {
            ready!(held.wait.as_mut().poll(cx));
            let chunk = held.chunk.take();
            this.held = None;
            return Poll::Ready(chunk.map(Ok));
        }
        let polled = ready!(this.body.as_mut().poll_next(cx));
        let ends = match (&mut this.end, &polled) {
            (BodyEnd::Bytes(left), Some(Ok(chunk))) => {
                *left = left.saturating_sub(chunk.len() as u64);
                *left == 0
            }
            (BodyEnd::EmptyChunk, Some(Ok(chunk))) => chunk.is_empty(),
            (BodyEnd::EmptyChunk | BodyEnd::Stream, None) => true,
            _ => false,
        };
        if ends {
            this.end = BodyEnd::Reached;
            let wait = Box::pin(this.rest.wait());
            let chunk = polled.and_then(Result::ok);
            this.held = Some(Held { wait, chunk });
            return Pin::new(this).poll_next(cx);
        }
        Poll::Ready(polled)
    }
}
