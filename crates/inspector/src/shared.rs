//! What all requests to an inspector share.

use std::fmt;

use body_logger_store::Store;

use crate::{access::Access, status::Panel, suggestion::Try};

pub(crate) struct Shared {
    pub(crate) store: Store,
    pub(crate) access: Access,
    pub(crate) tries: Vec<Try>,
    pub(crate) panels: Vec<Panel>,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("access", &self.access)
            .finish_non_exhaustive()
    }
}
