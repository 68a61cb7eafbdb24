//! The handler's access to its own exchange.

use std::{
    convert::Infallible,
    fmt,
    future::{ready, Ready},
    rc::{Rc, Weak},
};

use actix_web::{dev::Payload, FromRequest, HttpMessage as _, HttpRequest};
use body_logger_core::record::Reason;

use super::{LiveExchange, State};
use crate::{
    capture::{RequestId, ATTRIBUTE_OVERHEAD, MAX_HEAD_VALUE},
    policy::Side,
};

/// Maximum total size of an exchange's attributes, names included: 4 KiB.
pub const MAX_ATTRIBUTES: usize = MAX_HEAD_VALUE;

/// Lets a handler influence the record of its own exchange.
///
/// It is an extractor that never fails: without a [`BodyLogger`](crate::BodyLogger) its methods do nothing. It is also
/// in the request's extensions, for middleware. If several loggers wrap a handler, it applies to all of them.
///
/// ```
/// use actix_web::{web, HttpResponse, Responder};
/// use actix_web_body_logger::Exchange;
///
/// async fn pay(exchange: Exchange, card: web::Bytes) -> impl Responder {
///     exchange.set_attribute("user", "42");
///     exchange.omit_request_body();
///     let _ = card;
///     HttpResponse::NoContent()
/// }
/// # let _ = web::post().to(pay);
/// ```
#[derive(Clone, Default)]
pub struct Exchange {
    /// Weak: a handler that keeps this must not keep the exchange from ending.
    live: Weak<LiveExchange>,
    outer: Option<Box<Exchange>>,
}

impl Exchange {
    pub(super) fn new(live: &Rc<LiveExchange>, outer: Option<Self>) -> Self {
        Self {
            live: Rc::downgrade(live),
            outer: outer.map(Box::new),
        }
    }

    /// Returns the exchange's id, or `None` if it is not logged or has ended.
    #[must_use]
    pub fn id(&self) -> Option<RequestId> {
        match self.live.upgrade() {
            Some(live) => live.id(),
            // Outer loggers use the same id.
            None => self.outer.as_ref()?.id(),
        }
    }

    /// Sets one of the record's `attributes`, replacing an earlier value. Values with a secret's name are masked.
    ///
    /// Returns false, and sets nothing, if the exchange is not logged or has ended, or if its attributes would exceed
    /// [`MAX_ATTRIBUTES`] in total.
    pub fn set_attribute(&self, name: impl Into<String>, value: impl Into<String>) -> bool {
        let (name, value) = (name.into(), value.into());
        let size = name.len() + value.len();
        let mut taken = false;
        self.each(|state| {
            let captured = &mut *state.captured;
            let earlier = captured.attributes.get(&name).map(|v| name.len() + v.len());
            let others = state.attributes_size - earlier.unwrap_or(0);
            taken = others + size <= MAX_ATTRIBUTES;
            if taken {
                state.attributes_size = others + size;
                match earlier {
                    Some(earlier) => captured.reservation.shrink(earlier),
                    None => captured.reservation.charge(ATTRIBUTE_OVERHEAD),
                }
                captured.reservation.charge(size);
                captured.attributes.insert(name.clone(), value.clone());
            }
        });
        taken
    }

    /// Withholds the request's body from the record, including what was captured already. Its bytes are still counted;
    /// the record gives the reason `handler`.
    pub fn omit_request_body(&self) {
        self.each(|state| state.withhold(Side::Request, Reason::Handler));
    }

    /// Withholds the response's body from the record, likewise.
    pub fn omit_response_body(&self) {
        self.each(|state| {
            state.omit_response_body = true;
            state.withhold(Side::Response, Reason::Handler);
        });
    }

    fn each(&self, mut change: impl FnMut(&mut State)) {
        let mut next = Some(self);
        while let Some(exchange) = next {
            if let Some(live) = exchange.live.upgrade() {
                live.state.borrow_mut().as_mut().map(&mut change);
            }
            next = exchange.outer.as_deref();
        }
    }
}

impl FromRequest for Exchange {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(req: &HttpRequest, _: &mut Payload) -> Self::Future {
        let exchange = req.extensions().get::<Self>().cloned();
        ready(Ok(exchange.unwrap_or_default()))
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("id", &self.id()).finish()
    }
}
