//! Rules: how much is recorded of exchanges whose requests match, and which of several rules applies.

use std::{collections::HashMap, fmt};

use actix_web::{
    dev::{ResourceDef, ServiceRequest},
    http::Method,
};
use body_logger_core::contain;
use foldhash::fast::RandomState;
use mime::Mime;

use super::{CaptureLevel, Guarantee};

type Predicate = Box<dyn Fn(&ServiceRequest) -> bool + Send + Sync>;

/// Sets how much is recorded of the exchanges whose requests match.
///
/// A request matches if its path matches one of the rule's paths, its method is one of the rule's methods, and each of
/// the rule's closures returns true; a criterion that the rule does not set always matches. If several rules match, the
/// first one applies.
///
/// ```
/// use actix_web::http::Method;
/// use actix_web_body_logger::{BodyLogger, CaptureLevel, Rule};
///
/// let logger = BodyLogger::builder()
///     .rule(
///         Rule::new(CaptureLevel::RequestResponse)
///             .path("/payments/{id}")
///             .method(Method::POST)
///             .max_body_bytes(256 * 1024),
///     )
///     .rule(Rule::new(CaptureLevel::Metadata).when(|req| req.headers().contains_key("x-probe")))
///     .build();
/// # drop(logger);
/// ```
#[must_use = "a rule does nothing until it is given to a builder"]
#[derive(Default)]
pub struct Rule {
    pub(super) level: CaptureLevel,
    paths: Vec<ResourceDef>,
    methods: Vec<Method>,
    predicates: Vec<Predicate>,
    pub(super) max_body_bytes: Option<usize>,
    pub(super) media_types: Option<Vec<Mime>>,
    pub(super) guarantee: Guarantee,
}

impl Rule {
    /// Creates a rule that matches every request, and records at this level.
    pub fn new(level: CaptureLevel) -> Self {
        Self {
            level,
            ..Self::default()
        }
    }

    /// Matches paths by this pattern, in [actix's syntax](ResourceDef). Like actix's routes, it is matched against the
    /// percent-decoded path.
    ///
    /// Defaults to all paths. May be called several times: one of the patterns must match.
    ///
    /// # Panics
    ///
    /// If the pattern is malformed, as [`ResourceDef::new`] does.
    pub fn path(mut self, pattern: impl Into<ResourceDef>) -> Self {
        self.paths.push(pattern.into());
        self
    }

    /// Matches this method.
    ///
    /// Defaults to all methods. May be called several times: one of the methods must match.
    pub fn method(mut self, method: Method) -> Self {
        self.methods.push(method);
        self
    }

    /// Matches if `predicate` returns true. If it panics, the rule does not match.
    ///
    /// Defaults to none. May be called several times: all must return true.
    pub fn when<F>(mut self, predicate: F) -> Self
    where
        F: Fn(&ServiceRequest) -> bool + Send + Sync + 'static,
    {
        self.predicates.push(Box::new(predicate));
        self
    }

    /// Maximum number of bytes kept of a body, for each direction.
    ///
    /// Defaults to [that of the logger](crate::BodyLoggerBuilder::max_body_bytes).
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.max_body_bytes = Some(bytes);
        self
    }

    /// Captures bodies of these media types and no others.
    ///
    /// Defaults to [those of the logger](crate::BodyLoggerBuilder::capture_media_types).
    pub fn media_types(mut self, media_types: impl IntoIterator<Item = Mime>) -> Self {
        self.media_types = Some(media_types.into_iter().collect());
        self
    }

    /// What holds of the records: whether clients wait for them.
    ///
    /// ```
    /// use actix_web_body_logger::{policy::Guarantee, CaptureLevel, Rule};
    ///
    /// let rule = Rule::new(CaptureLevel::RequestResponse)
    ///     .path("/payments/{id}")
    ///     .guarantee(Guarantee::Required);
    /// # let _ = rule;
    /// ```
    ///
    /// Defaults to [`Guarantee::BestEffort`].
    pub fn guarantee(mut self, guarantee: Guarantee) -> Self {
        self.guarantee = guarantee;
        self
    }

    /// Whether it records exchanges, and requires delivery of their records.
    pub(super) fn requires_delivery(&self) -> bool {
        self.level != CaptureLevel::Off && self.guarantee == Guarantee::Required
    }

    /// Returns the only paths that the rule can match, or `None` if it has patterns.
    fn literal_paths(&self) -> Option<Vec<String>> {
        let is_literal = |path: &ResourceDef| {
            !path.is_prefix()
                && path
                    .pattern_iter()
                    .all(|pattern| !pattern.contains(['{', '*']))
        };
        if self.paths.is_empty() || !self.paths.iter().all(is_literal) {
            return None;
        }
        let patterns = self.paths.iter().flat_map(ResourceDef::pattern_iter);
        Some(patterns.map(str::to_owned).collect())
    }

    fn matches(&self, req: &ServiceRequest) -> bool {
        // The path that actix's router matches: otherwise percent-encoding a letter would evade the rule.
        let path = req.match_info().as_str();
        let path_matches =
            self.paths.is_empty() || self.paths.iter().any(|pattern| pattern.is_match(path));
        path_matches && self.matches_beside_path(req)
    }

    fn matches_beside_path(&self, req: &ServiceRequest) -> bool {
        (self.methods.is_empty() || self.methods.contains(req.method()))
            && self.predicates.iter().all(|holds| {
                // A bug in the closure must not fail the client's request.
                contain(|| holds(req)).unwrap_or(false)
            })
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rule")
            .field("level", &self.level)
            .field("paths", &self.paths)
            .field("methods", &self.methods)
            .field("predicates", &self.predicates.len())
            .field("guarantee", &self.guarantee)
            .finish_non_exhaustive()
    }
}

/// All rules, in their order.
#[derive(Debug, Default)]
pub(super) struct Rules {
    all: Vec<Rule>,
    /// Rules with literal paths, by path and in their order, so that lookup does not depend on their number.
    by_path: HashMap<String, Vec<usize>, RandomState>,
    /// All other rules, in their order.
    anywhere: Vec<usize>,
}

impl Rules {
    pub(super) fn push(&mut self, rule: Rule) {
        let index = self.all.len();
        match rule.literal_paths() {
            Some(paths) => {
                for path in paths {
                    self.by_path.entry(path).or_default().push(index);
                }
            }
            None => self.anywhere.push(index),
        }
        self.all.push(rule);
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Rule> {
        self.all.iter()
    }

    pub(super) fn get(&self, rule: usize) -> Option<&Rule> {
        self.all.get(rule)
    }

    /// Returns the first rule that matches.
    pub(super) fn first_match(&self, req: &ServiceRequest) -> Option<usize> {
        if self.all.is_empty() {
            return None;
        }
        let here = self.by_path.get(req.match_info().as_str());
        let here = here.and_then(|rules| {
            let mut rules = rules.iter().copied();
            rules.find(|rule| self.all[*rule].matches_beside_path(req))
        });
        let before = |rule: &usize| here.is_none_or(|here| *rule < here);
        let mut earlier = self.anywhere.iter().copied().take_while(before);
        earlier.find(|rule| self.all[*rule].matches(req)).or(here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_literal_paths_only() {
        for pattern in ["/{a}", "/a/{rest}*", "/a*", "*", "/{a:\\d+}/b"] {
            let rule = Rule::new(CaptureLevel::Off).path("/b").path(pattern);
            assert_eq!(rule.literal_paths(), None, "{pattern}");
        }
        let prefix = Rule::new(CaptureLevel::Off).path(ResourceDef::prefix("/a"));
        assert_eq!(prefix.literal_paths(), None);
        assert_eq!(Rule::new(CaptureLevel::Off).literal_paths(), None);

        let list = ResourceDef::new(["/b", "/c/d"]);
        let several = Rule::new(CaptureLevel::Off).path("/a").path(list);
        let paths = ["/a", "/b", "/c/d"].map(str::to_owned);
        assert_eq!(several.literal_paths(), Some(paths.into()));
    }
}
