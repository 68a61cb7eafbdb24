//! Which exchanges are recorded, and which of their bodies are captured.

use std::fmt;

use actix_web::{
    dev::{ResourceDef, ServiceRequest},
    http::header::{HeaderMap, CONTENT_ENCODING, CONTENT_TYPE},
};
use mime::Mime;

use crate::{
    media_type::{Essence, Kind},
    record::Reason,
};

type Predicate = Box<dyn Fn(&ServiceRequest) -> bool + Send + Sync>;

/// What is left out of the records, and what is put in that is not there by default.
#[derive(Default)]
pub(crate) struct Policy {
    excluded_paths: Vec<ResourceDef>,
    excluded_by: Vec<Predicate>,
    extra_media_types: Vec<Mime>,
}

impl Policy {
    pub(crate) fn exclude_path(&mut self, pattern: ResourceDef) {
        self.excluded_paths.push(pattern);
    }

    pub(crate) fn exclude_if(&mut self, predicate: Predicate) {
        self.excluded_by.push(predicate);
    }

    pub(crate) fn capture(&mut self, media_type: Mime) {
        self.extra_media_types.push(media_type);
    }

    /// Whether the exchange gets a record at all.
    pub(crate) fn selects(&self, req: &ServiceRequest) -> bool {
        let path = req.path();
        !self
            .excluded_paths
            .iter()
            .any(|pattern| pattern.is_match(path))
            && !self.excluded_by.iter().any(|excludes| excludes(req))
    }

    /// Why a body under these headers is counted but not captured, if it is not.
    pub(crate) fn withholds(&self, headers: &HeaderMap) -> Option<Reason> {
        let essence = headers
            .get(CONTENT_TYPE)
            .and_then(|value| Essence::of(value.as_bytes()));
        let wanted = essence.is_some_and(|essence| {
            essence.kind() != Kind::Other
                || self
                    .extra_media_types
                    .iter()
                    .any(|range| essence.is_in(range))
        });
        if !wanted {
            return Some(Reason::MediaType);
        }
        let coded = headers
            .get_all(CONTENT_ENCODING)
            .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"));
        coded.then_some(Reason::Decode)
    }
}

impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Policy")
            .field("excluded_paths", &self.excluded_paths)
            .field("excluded_by", &self.excluded_by.len())
            .field("extra_media_types", &self.extra_media_types)
            .finish()
    }
}
