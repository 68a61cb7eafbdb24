//! The tap on the response side.

use std::{
    error::Error,
    pin::Pin,
    rc::Rc,
    task::{ready, Context, Poll},
};

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use pin_project_lite::pin_project;

use super::required;
use crate::{
    exchange::{BodyPoll, LiveExchange},
    policy::Side,
};

pin_project! {
    /// A response's body: passes each chunk on unchanged, and records it.
    ///
    /// This is the body type of responses that pass a [`BodyLogger`](crate::BodyLogger).
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
        // Declared before `exchange`, so that it is dropped first: dropping it may still report to the exchange.
        #[pin]
        body: B,
        exchange: Option<Rc<LiveExchange>>,
    }
}

impl<B> ResponseBody<B> {
    /// Wraps `body`. `exchange` is `None` if it is not recorded.
    #[inline]
    pub(crate) fn new(body: B, exchange: Option<Rc<LiveExchange>>) -> Self {
        Self { body, exchange }
    }
}

impl<B: MessageBody> MessageBody for ResponseBody<B> {
    /// The error of the body, or of a response that is cut off because its record is not durable on a route that
    /// [requires](crate::policy::Guarantee::Required) it.
    type Error = Box<dyn Error>;

    #[inline]
    fn size(&self) -> BodySize {
        self.body.size()
    }

    #[inline]
    fn poll_next(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.project();
        let Some(exchange) = this.exchange else {
            return this.body.poll_next(cx).map_err(Into::into);
        };
        if exchange.is_required() {
            return required::poll_next(this.body, exchange, cx);
        }
        ready!(exchange.poll_capacity(Side::Response, cx));
        let guard = exchange.panic_guard();
        let polled = this.body.poll_next(cx);
        drop(guard);
        exchange.response_progress(BodyPoll::of(&polled));
        polled.map_err(Into::into)
    }

    /// Records the body as complete, as an outer layer gets all of it at once. Fails while its end is held.
    #[inline]
    fn try_into_bytes(self) -> Result<Bytes, Self> {
        if (self.exchange.as_ref()).is_some_and(|exchange| exchange.is_held()) {
            return Err(self);
        }
        let Self { body, exchange } = self;
        match body.try_into_bytes() {
            Ok(bytes) => {
                if let Some(exchange) = exchange {
                    exchange.response_progress(BodyPoll::Chunk(&bytes));
                    exchange.response_progress(BodyPoll::End);
                }
                Ok(bytes)
            }
            Err(body) => Err(Self { body, exchange }),
        }
    }
}
