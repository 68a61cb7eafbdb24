//! A request that waits for room in the queue before the handler is called.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{ready, Context, Poll},
};

use actix_web::dev::ServiceRequest;

use crate::{
    config::Config,
    policy::Selection,
    sink::{Place, Places},
};

/// How an exchange is let in.
pub(crate) enum Admission {
    /// At once; with a place in the queue where one was to be reserved.
    Admitted(Option<Place>),
    /// When there is room.
    Waiting(WaitForPlace),
}

/// There will be a place.
pub(crate) type WaitForPlace = Pin<Box<dyn Future<Output = Place>>>;

impl Admission {
    pub(crate) fn of(config: &Config, selection: Selection) -> Self {
        let Some((places, bytes)) = config.admission(selection) else {
            return Self::Admitted(None);
        };
        match places.try_take(bytes) {
            Some(place) => Self::Admitted(Some(place)),
            None => {
                config.loss.waited();
                Self::Waiting(Box::pin(Places::take(places, bytes)))
            }
        }
    }
}

/// A request whose turn has not come.
pub(crate) struct Admitting {
    /// There until it is let in.
    req: Option<ServiceRequest>,
    place: WaitForPlace,
}

impl Admitting {
    pub(crate) fn new(req: ServiceRequest, place: WaitForPlace) -> Self {
        Self {
            req: Some(req),
            place,
        }
    }

    pub(crate) fn poll_request(&mut self, cx: &mut Context<'_>) -> Poll<(ServiceRequest, Place)> {
        let place = ready!(self.place.as_mut().poll(cx));
        let req = self.req.take().expect("polled again after it was ready");
        Poll::Ready((req, place))
    }
}

impl fmt::Debug for Admitting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Admitting").finish_non_exhaustive()
    }
}
