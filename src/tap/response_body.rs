//! The tap on the response side.

use std::{
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use pin_project_lite::pin_project;

use crate::exchange::{Live, Progress};

pin_project! {
    /// A response's body on its way to the client: each chunk is passed on untouched, then noted.
    ///
    /// The body type of responses that pass a [`BodyLogger`](crate::BodyLogger).
    ///
    /// ```
    /// use actix_web::{dev::ServiceResponse, middleware::{from_fn, Next}, body::MessageBody};
    /// use actix_web::{dev::ServiceRequest, App, Error};
    /// use actix_web_body_logger::{BodyLogger, ResponseBody};
    ///
    /// async fn outer<B: MessageBody>(
    ///     req: ServiceRequest,
    ///     next: Next<ResponseBody<B>>,
    /// ) -> Result<ServiceResponse<ResponseBody<B>>, Error> {
    ///     next.call(req).await
    /// }
    ///
    /// let app = App::new().wrap(BodyLogger::default()).wrap(from_fn(outer));
    /// # drop(app);
    /// ```
    #[derive(Debug)]
    pub struct ResponseBody<B> {
        // Before the exchange, so that it is dropped first: what it holds may still be reporting.
        #[pin]
        body: B,
        exchange: Option<Rc<Live>>,
    }
}

impl<B> ResponseBody<B> {
    /// Taps `body`, if it belongs to an exchange that is recorded.
    #[inline]
    pub(crate) fn new(body: B, exchange: Option<Rc<Live>>) -> Self {
        Self { body, exchange }
    }
}

impl<B: MessageBody> MessageBody for ResponseBody<B> {
    type Error = B::Error;

    #[inline]
    fn size(&self) -> BodySize {
        self.body.size()
    }

    #[inline]
    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, B::Error>>> {
        let this = self.project();
        let Some(exchange) = this.exchange else {
            return this.body.poll_next(cx);
        };
        let watch = exchange.watch();
        let polled = this.body.poll_next(cx);
        drop(watch);
        exchange.response_progress(Progress::of(&polled));
        polled
    }

    /// An outer layer that takes the whole body at once has been handed it over.
    #[inline]
    fn try_into_bytes(self) -> Result<Bytes, Self> {
        let Self { body, exchange } = self;
        match body.try_into_bytes() {
            Ok(bytes) => {
                if let Some(exchange) = exchange {
                    exchange.response_progress(Progress::Chunk(&bytes));
                    exchange.response_progress(Progress::End);
                }
                Ok(bytes)
            }
            Err(body) => Err(Self { body, exchange }),
        }
    }
}
