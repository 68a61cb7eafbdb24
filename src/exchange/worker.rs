//! State shared by the exchanges of one service.
//!
//! The route of an exchange that ends unanswered is found only then, in a copy of the route table. Finding it before each
//! request would route everything twice, and a retained request would make actix panic.

use std::{
    cell::{OnceCell, RefCell},
    sync::Arc,
};

use actix_web::{
    dev::{ResourceMap, ServiceRequest, Url},
    http::Uri,
};

use crate::{
    capture::{Head, HeadBuffer, PATH},
    delivery::{Delivery, Producer},
    policy::Policy,
    render::Renderer,
};

/// The parts of a logger. They are independent, except that delivery calls the renderer.
#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) policy: Policy,
    pub(crate) renderer: Arc<Renderer>,
    pub(crate) delivery: Delivery,
}

/// State shared by the exchanges of one service, which lives on one worker.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) parts: Arc<Parts>,
    /// A copy of the application's routes, to find the likely route of exchanges that end unanswered.
    routes: OnceCell<ResourceMap>,
    /// The buffer in which heads are assembled.
    pub(super) heads: RefCell<HeadBuffer>,
    _producer: Producer,
}

impl Worker {
    pub(crate) fn new(parts: Arc<Parts>) -> Self {
        Self {
            routes: OnceCell::new(),
            heads: RefCell::default(),
            _producer: parts.delivery.producer(),
            parts,
        }
    }

    /// Copies the application's routes on the first call.
    pub(super) fn copy_routes(&self, req: &ServiceRequest) {
        self.routes.get_or_init(|| req.resource_map().clone());
    }

    /// Returns the route that matches the request's path.
    pub(super) fn likely_route(&self, request: &Head) -> Option<String> {
        let path = Url::new(Uri::try_from(request.get(PATH)?.value).ok()?);
        self.routes.get()?.match_pattern(path.path())
    }
}
