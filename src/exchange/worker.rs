//! What outlives exchanges on a worker.

use std::{
    cell::{OnceCell, RefCell},
    sync::Arc,
};

use actix_web::{
    dev::{ResourceMap, ServiceRequest, Url},
    http::Uri,
};

use super::Parts;
use crate::{
    capture::{Head, HeadBuffer, PATH},
    delivery::Producer,
};

/// What the exchanges of one service share.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) parts: Arc<Parts>,
    /// The application's routes: what would have matched, for exchanges that end unanswered.
    routes: OnceCell<ResourceMap>,
    /// Where heads are gathered.
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

    /// Copies the application's routes, the first time.
    pub(super) fn see_routes(&self, req: &ServiceRequest) {
        self.routes.get_or_init(|| req.resource_map().clone());
    }

    /// The route that a request was on its way to, as far as its path tells.
    pub(super) fn likely_route(&self, request: &Head) -> Option<String> {
        let path = Url::new(Uri::try_from(request.get(PATH)?.value).ok()?);
        self.routes.get()?.match_pattern(path.path())
    }
}
