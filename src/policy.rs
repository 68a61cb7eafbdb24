//! Which exchanges are recorded, which of their bodies are captured, and which of those are kept in
//! the end.

use std::{
    collections::HashMap,
    fmt,
    panic::{self, AssertUnwindSafe},
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use actix_web::{
    dev::{ResourceDef, ServiceRequest},
    http::Method,
};
use foldhash::fast::RandomState;
use mime::Mime;

use crate::{
    known_headers::KnownHeaders,
    media_type::{Essence, Kind},
    record::{Outcome, Reason},
    request_id::RequestId,
};

/// How much of an exchange is recorded. The names are those of Kubernetes' audit levels, and one
/// more.
///
/// ```
/// use actix_web_body_logger::{BodyLogger, Level, Rule};
///
/// let logger = BodyLogger::builder()
///     .rule(Rule::new(Level::Off).path("/health"))
///     .rule(Rule::new(Level::Metadata).path("/files/{name}"))
///     .level(Level::Response)
///     .build();
/// # drop(logger);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Level {
    /// Nothing: there is no record.
    Off,
    /// Everything but the bodies, which are counted.
    Metadata,
    /// The request's body, too.
    Request,
    /// The response's body, too.
    Response,
    /// Both bodies.
    #[default]
    RequestResponse,
}

impl Level {
    const ALL: [Self; 5] = [
        Self::Off,
        Self::Metadata,
        Self::Request,
        Self::Response,
        Self::RequestResponse,
    ];

    fn captures(self, side: Side) -> bool {
        match self {
            Self::Off | Self::Metadata => false,
            Self::Request => side == Side::Request,
            Self::Response => side == Side::Response,
            Self::RequestResponse => true,
        }
    }
}

/// A [`Level`] that can be changed while others read it.
#[derive(Debug)]
struct AtomicLevel(AtomicU8);

impl AtomicLevel {
    fn new(level: Level) -> Self {
        Self(AtomicU8::new(level as u8))
    }

    fn get(&self) -> Level {
        // Only discriminants of `Level` are ever stored.
        let stored = usize::from(self.0.load(Ordering::Relaxed));
        Level::ALL.get(stored).copied().unwrap_or_default()
    }

    fn set(&self, level: Level) {
        self.0.store(level as u8, Ordering::Relaxed);
    }
}

type Predicate = Box<dyn Fn(&ServiceRequest) -> bool + Send + Sync>;

/// What is recorded of the exchanges whose requests match.
///
/// A request matches if its path matches one of the rule's paths, its method is one of the rule's
/// methods, and each of the rule's closures returns true; what a rule does not name matches always.
/// Of several rules the first that matches decides.
///
/// ```
/// use actix_web::http::Method;
/// use actix_web_body_logger::{BodyLogger, Level, Rule};
///
/// let logger = BodyLogger::builder()
///     .rule(
///         Rule::new(Level::RequestResponse)
///             .path("/payments/{id}")
///             .method(Method::POST)
///             .max_body_bytes(256 * 1024),
///     )
///     .rule(Rule::new(Level::Metadata).when(|req| req.headers().contains_key("x-probe")))
///     .build();
/// # drop(logger);
/// ```
#[must_use = "a rule does nothing until it is given to a builder"]
#[derive(Default)]
pub struct Rule {
    level: Level,
    paths: Vec<ResourceDef>,
    methods: Vec<Method>,
    predicates: Vec<Predicate>,
    max_body_bytes: Option<usize>,
    media_types: Option<Vec<Mime>>,
}

impl Rule {
    /// A rule that matches every request and records this much.
    pub fn new(level: Level) -> Self {
        Self {
            level,
            ..Self::default()
        }
    }

    /// Matches paths of this pattern, in [actix's syntax](ResourceDef). Like actix's routes it is
    /// matched against the percent-decoded path.
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

    /// The most bytes of a body that are kept, for each direction.
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

    /// The only paths it matches, if those can be told.
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
        // As the router sees it: an encoded letter must not lead past a rule.
        let path = req.match_info().as_str();
        let path_matches =
            self.paths.is_empty() || self.paths.iter().any(|pattern| pattern.is_match(path));
        path_matches && self.matches_beside_path(req)
    }

    fn matches_beside_path(&self, req: &ServiceRequest) -> bool {
        (self.methods.is_empty() || self.methods.contains(req.method()))
            && self.predicates.iter().all(|holds| {
                // A fault in here is not the client's.
                panic::catch_unwind(AssertUnwindSafe(|| holds(req))).unwrap_or(false)
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
            .finish_non_exhaustive()
    }
}

/// Which way a body goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Request,
    Response,
}

/// What the policy said of an exchange when it began.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Selection {
    level: Level,
    rule: Option<usize>,
}

/// How a body is recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Treatment {
    /// Why it is counted but not captured, if it is not.
    pub(crate) withheld: Option<Reason>,
    /// Whether it is a stream of events that can be told apart.
    pub(crate) events: bool,
}

impl Treatment {
    pub(crate) fn withheld(reason: Reason) -> Self {
        Self {
            withheld: Some(reason),
            events: false,
        }
    }
}

/// All that decides on what is recorded.
#[derive(Debug)]
pub(crate) struct Policy {
    rules: Vec<Rule>,
    /// Those of the rules that can match a path, by the paths that are written out, so that their
    /// number costs nothing; in their order.
    by_path: HashMap<String, Vec<usize>, RandomState>,
    /// Those that can match any path, likewise.
    anywhere: Vec<usize>,
    level: AtomicLevel,
    pub(crate) max_body_bytes: usize,
    extra_media_types: Vec<Mime>,
    pub(crate) keep: Option<KeepBodies>,
    pub(crate) keep_refused: bool,
}

impl Policy {
    pub(crate) fn new(max_body_bytes: usize) -> Self {
        Self {
            rules: Vec::new(),
            by_path: HashMap::default(),
            anywhere: Vec::new(),
            level: AtomicLevel::new(Level::default()),
            max_body_bytes,
            extra_media_types: Vec::new(),
            keep: None,
            keep_refused: false,
        }
    }

    pub(crate) fn push(&mut self, rule: Rule) {
        let index = self.rules.len();
        match rule.literal_paths() {
            Some(paths) => {
                for path in paths {
                    self.by_path.entry(path).or_default().push(index);
                }
            }
            None => self.anywhere.push(index),
        }
        self.rules.push(rule);
    }

    pub(crate) fn capture(&mut self, media_type: Mime) {
        self.extra_media_types.push(media_type);
    }

    pub(crate) fn set_level(&self, level: Level) {
        self.level.set(level);
    }

    pub(crate) fn level(&self) -> Level {
        self.level.get()
    }

    /// What is recorded of an exchange, or none if it gets no record.
    pub(crate) fn select(&self, req: &ServiceRequest) -> Option<Selection> {
        let rule = self.first_match(req);
        let level = match rule {
            Some(rule) => self.rules[rule].level,
            None => self.level.get(),
        };
        (level != Level::Off).then_some(Selection { level, rule })
    }

    fn first_match(&self, req: &ServiceRequest) -> Option<usize> {
        if self.rules.is_empty() {
            return None;
        }
        let here = self.by_path.get(req.match_info().as_str());
        let here = here.and_then(|rules| {
            let mut rules = rules.iter().copied();
            rules.find(|rule| self.rules[*rule].matches_beside_path(req))
        });
        let before = |rule: &usize| here.is_none_or(|here| *rule < here);
        let mut earlier = self.anywhere.iter().copied().take_while(before);
        earlier.find(|rule| self.rules[*rule].matches(req)).or(here)
    }

    fn rule(&self, selection: Selection) -> Option<&Rule> {
        self.rules.get(selection.rule?)
    }

    /// Whether the exchange's level asks for a body.
    pub(crate) fn captures(&self, selection: Selection, side: Side) -> bool {
        selection.level.captures(side)
    }

    /// The most bytes of a body that are kept.
    pub(crate) fn max_body_bytes(&self, selection: Selection) -> usize {
        let rule = self.rule(selection);
        rule.and_then(|rule| rule.max_body_bytes)
            .unwrap_or(self.max_body_bytes)
    }

    /// How a body under these headers is recorded.
    pub(crate) fn treatment(
        &self,
        selection: Selection,
        side: Side,
        headers: &KnownHeaders<'_>,
    ) -> Treatment {
        let essence = headers.essence();
        let essence = essence.map(|essence| (essence, essence.kind()));
        let withheld = if !selection.level.captures(side) {
            Some(Reason::Level)
        } else if !essence.is_some_and(|(essence, kind)| self.wants(selection, essence, kind)) {
            Some(Reason::MediaType)
        } else if headers.codings().is_none() {
            Some(Reason::Decode)
        } else {
            None
        };
        Treatment {
            withheld,
            events: essence.is_some_and(|(_, kind)| kind == Kind::Events)
                && (headers.codings()).is_some_and(|codings| codings.is_empty()),
        }
    }

    fn wants(&self, selection: Selection, essence: Essence<'_>, kind: Kind) -> bool {
        let in_ranges = |ranges: &[Mime]| ranges.iter().any(|range| essence.is_in(range));
        let own = self
            .rule(selection)
            .and_then(|rule| rule.media_types.as_deref());
        match own {
            Some(own) => in_ranges(own),
            None => kind.is_captured_by_default() || in_ranges(&self.extra_media_types),
        }
    }

    /// What becomes, in the end, of the bodies that were captured. The id and the summary are made
    /// if someone looks at them.
    pub(crate) fn verdict<'s>(
        &self,
        status: Option<u16>,
        id: impl FnOnce() -> &'s RequestId,
        summary: impl FnOnce() -> Summary<'s>,
    ) -> Verdict {
        match &self.keep {
            Some(keep) if !keep.holds(&summary(), id) => match keep.otherwise {
                Otherwise::Metadata => Verdict::Metadata,
                Otherwise::Nothing => Verdict::Nothing,
            },
            _ if !self.keep_refused && matches!(status, Some(401 | 403)) => {
                Verdict::WithoutRequestBody
            }
            _ => Verdict::Everything,
        }
    }
}

/// What is kept of an exchange that has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    Everything,
    WithoutRequestBody,
    Metadata,
    Nothing,
}

/// What is known of an exchange at its end, without any content: for closures that decide.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary<'a> {
    /// The request's method.
    pub method: &'a Method,
    /// The pattern of the route that matched.
    pub route: Option<&'a str>,
    /// The response's status.
    pub status: Option<u16>,
    /// How the exchange ended.
    pub outcome: Outcome,
    /// How long it took.
    pub duration: Duration,
    /// How long it took until the response's head was ready.
    pub ttfb: Option<Duration>,
    /// The bytes of the request's body that passed.
    pub request_bytes: u64,
    /// The bytes of the response's body that passed.
    pub response_bytes: u64,
}

/// What becomes of an exchange whose bodies are not kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Otherwise {
    /// Its record says everything but what its bodies held.
    #[default]
    Metadata,
    /// It gets no record.
    Nothing,
}

type Decision = Box<dyn Fn(&Summary<'_>) -> bool + Send + Sync>;

/// A late decision: bodies are captured within their limits, and kept only if the end of the
/// exchange shows that they matter, by any one of these reasons.
///
/// ```
/// use std::time::Duration;
/// use actix_web_body_logger::{BodyLogger, KeepBodies, Otherwise};
///
/// let logger = BodyLogger::builder()
///     .keep_bodies(
///         KeepBodies::if_any()
///             .status_from(400)
///             .slower_than(Duration::from_secs(1))
///             .sampled(0.01)
///             .when(|summary| summary.response_bytes == 0)
///             .otherwise(Otherwise::Metadata),
///     )
///     .build();
/// # drop(logger);
/// ```
#[must_use = "it does nothing until it is given to a builder"]
#[derive(Default)]
pub struct KeepBodies {
    status_from: Option<u16>,
    slower_than: Option<Duration>,
    sampled: Option<f64>,
    sample_adopted_ids: bool,
    decisions: Vec<Decision>,
    otherwise: Otherwise,
}

impl KeepBodies {
    /// Keeps no bodies, until reasons are added.
    pub fn if_any() -> Self {
        Self::default()
    }

    /// Keeps them if the response's status is at least `status`, or if there was no response.
    ///
    /// Defaults to never.
    pub fn status_from(mut self, status: u16) -> Self {
        self.status_from = Some(status);
        self
    }

    /// Keeps them if the exchange took longer than `duration`.
    ///
    /// Defaults to never.
    pub fn slower_than(mut self, duration: Duration) -> Self {
        self.slower_than = Some(duration);
        self
    }

    /// Keeps them for this share of exchanges, from 0.0 to 1.0, chosen by the exchange's id: the
    /// 64-bit FNV-1a hash of its text, mixed as by MurmurHash3's `fmix64`, divided by 2⁶⁴, is less
    /// than `share`. Every service that sees the id and asks for the same share agrees.
    ///
    /// For an id adopted from a client the choice is by chance, unless
    /// [asked otherwise](Self::sample_adopted_ids): a client could choose ids that are never kept.
    ///
    /// Defaults to none.
    pub fn sampled(mut self, share: f64) -> Self {
        self.sampled = Some(share);
        self
    }

    /// Lets adopted ids decide on sampling. Only where whoever sends them is trusted.
    ///
    /// Defaults to not.
    pub fn sample_adopted_ids(mut self) -> Self {
        self.sample_adopted_ids = true;
        self
    }

    /// Keeps them if `decision` returns true.
    ///
    /// Defaults to none. May be called several times.
    ///
    /// # Panics
    ///
    /// If `decision` panics the bodies are kept.
    pub fn when<F>(mut self, decision: F) -> Self
    where
        F: Fn(&Summary<'_>) -> bool + Send + Sync + 'static,
    {
        self.decisions.push(Box::new(decision));
        self
    }

    /// What becomes of exchanges whose bodies are not kept.
    ///
    /// Defaults to [`Otherwise::Metadata`].
    pub fn otherwise(mut self, otherwise: Otherwise) -> Self {
        self.otherwise = otherwise;
        self
    }

    fn holds<'s>(&self, summary: &Summary<'_>, id: impl FnOnce() -> &'s RequestId) -> bool {
        let by_status = self
            .status_from
            .is_some_and(|from| summary.status.is_none_or(|status| status >= from));
        let by_duration = self
            .slower_than
            .is_some_and(|limit| summary.duration > limit);
        by_status
            || by_duration
            || self.sampled.is_some_and(|share| {
                let position = id().sampling_position(self.sample_adopted_ids);
                position < share
            })
            || self.decisions.iter().any(|decision| {
                // It may run while a handler's panic unwinds: its own must not get out.
                panic::catch_unwind(AssertUnwindSafe(|| decision(summary))).unwrap_or(true)
            })
    }
}

impl fmt::Debug for KeepBodies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeepBodies")
            .field("status_from", &self.status_from)
            .field("slower_than", &self.slower_than)
            .field("sampled", &self.sampled)
            .field("otherwise", &self.otherwise)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_that_are_written_out_can_be_looked_up() {
        for pattern in ["/{a}", "/a/{rest}*", "/a*", "*", "/{a:\\d+}/b"] {
            let rule = Rule::new(Level::Off).path("/b").path(pattern);
            assert_eq!(rule.literal_paths(), None, "{pattern}");
        }
        let prefix = Rule::new(Level::Off).path(ResourceDef::prefix("/a"));
        assert_eq!(prefix.literal_paths(), None);
        assert_eq!(Rule::new(Level::Off).literal_paths(), None);

        let list = ResourceDef::new(["/b", "/c/d"]);
        let several = Rule::new(Level::Off).path("/a").path(list);
        let paths = ["/a", "/b", "/c/d"].map(str::to_owned);
        assert_eq!(several.literal_paths(), Some(paths.into()));
    }
}
