//! What outlives exchanges on a worker.

use std::{
    cell::{OnceCell, RefCell},
    sync::Arc,
};

use actix_web::{
    dev::{ResourceMap, ServiceRequest, Url},
    http::Uri,
};

use crate::{
    captured::{Head, HeadBuffer, PATH},
    config::Config,
    delivery::Producer,
};

/// What the exchanges of one service share.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) config: Arc<Config>,
    /// The application's routes: what would have matched, for exchanges that end unanswered.
    routes: OnceCell<ResourceMap>,
    /// Where heads are gathered.
    pub(super) heads: RefCell<HeadBuffer>,
    _producer: Producer,
}

impl Worker {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self {
            routes: OnceCell::new(),
            heads: RefCell::default(),
            _producer: config.delivery.producer(),
            config,
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
