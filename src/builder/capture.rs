//! What is recorded, and how bodies are captured.

use actix_web::{
    dev::{ResourceDef, ServiceRequest},
    http::header::USER_AGENT,
};
use mime::Mime;

use super::BodyLoggerBuilder;
#[cfg(feature = "hash")]
use crate::content::BodyDigest;
use crate::{
    capture::MemoryBudget,
    policy::{BodyMode, BufferOptions, CaptureLevel, Rule, StartRecords, TailSampling},
};

const HEALTH_CHECK_PATHS: [&str; 9] = [
    "/health",
    "/healthz",
    "/livez",
    "/readyz",
    "/startupz",
    "/ping",
    "/up",
    "/-/healthy",
    "/-/ready",
];

const PROBE_AGENTS: [&[u8]; 5] = [
    b"kube-probe/",
    b"ELB-HealthChecker/",
    b"GoogleHC/",
    b"Consul Health Check",
    b"Amazon-Route53-Health-Check-Service",
];

/// # What is captured
impl BodyLoggerBuilder {
    /// The most bytes of a body that are kept, for each direction; all are counted.
    ///
    /// Defaults to [`DEFAULT_MAX_BODY_BYTES`](crate::policy::DEFAULT_MAX_BODY_BYTES), 32 KiB.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.policy.max_body_bytes = bytes;
        self
    }

    /// The budget that captured bytes are taken from.
    ///
    /// Defaults to one of [`DEFAULT_MEMORY_BUDGET`](crate::policy::DEFAULT_MEMORY_BUDGET), 64 MiB, that all
    /// loggers of the process share.
    pub fn memory_budget(mut self, budget: MemoryBudget) -> Self {
        self.policy.memory_budget = budget;
        self
    }

    /// How much is recorded of exchanges that no [rule](Self::rule) matches. It can be changed
    /// [while the server runs](crate::BodyLogger::set_level).
    ///
    /// Defaults to [`CaptureLevel::RequestResponse`].
    pub fn level(self, level: CaptureLevel) -> Self {
        self.policy.set_level(level);
        self
    }

    /// Adds a rule. Of all rules, in the order in which they were added, the first that matches a
    /// request decides; [`exclude_path`](Self::exclude_path) and the like add rules, too.
    ///
    /// Defaults to none. May be called several times.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.policy.push(rule);
        self
    }

    /// Leaves out health checks: the paths `/health`, `/healthz`, `/livez`, `/readyz`, `/startupz`,
    /// `/ping`, `/up`, `/-/healthy` and `/-/ready`, and requests whose user agent says that they
    /// are probes of Kubernetes, of Elastic Load Balancing, of Google's load balancers, of Consul
    /// or of Route 53. **Any client can say so**: where each request must be audited, name the
    /// probes' paths instead.
    ///
    /// Defaults to recording them.
    pub fn exclude_health_checks(self) -> Self {
        let paths = HEALTH_CHECK_PATHS
            .iter()
            .fold(Rule::new(CaptureLevel::Off), |rule, path| rule.path(*path));
        self.rule(paths).exclude_if(|req| {
            let agent = req.headers().get(USER_AGENT).map(|agent| agent.as_bytes());
            agent.is_some_and(|agent| PROBE_AGENTS.iter().any(|probe| agent.starts_with(probe)))
        })
    }

    /// Decides at the end of each exchange whether the bodies that were captured are kept.
    ///
    /// Defaults to keeping them.
    pub fn tail_sampling(mut self, keep: TailSampling) -> Self {
        self.policy.keep = Some(keep);
        self
    }

    /// Lets [`tail_sampling`](Self::tail_sampling) decide on the bodies of requests that were answered 401
    /// or 403, too; without it they are kept like all others.
    ///
    /// Defaults to leaving them out, whatever `tail_sampling` says: whoever may not come in could
    /// otherwise fill the log.
    pub fn keep_refused_request_bodies(mut self) -> Self {
        self.policy.keep_refused = true;
        self
    }

    /// Leaves out all requests whose path matches a pattern in [actix's syntax](ResourceDef). They
    /// get no record and pass as if there were no logger.
    ///
    /// ```
    /// use actix_web::dev::ResourceDef;
    /// use actix_web_body_logger::BodyLogger;
    ///
    /// let logger = BodyLogger::builder()
    ///     .exclude_path("/health")
    ///     .exclude_path(ResourceDef::prefix("/static"))
    ///     .exclude_path("/users/{id}/avatar")
    ///     .build();
    /// # drop(logger);
    /// ```
    ///
    /// Defaults to none. May be called several times.
    ///
    /// # Panics
    ///
    /// If the pattern is malformed, as [`ResourceDef::new`] does.
    pub fn exclude_path(self, pattern: impl Into<ResourceDef>) -> Self {
        self.rule(Rule::new(CaptureLevel::Off).path(pattern))
    }

    /// Leaves out all requests whose path matches one of these patterns: [`exclude_path`](Self::exclude_path) for several.
    ///
    /// ```
    /// use actix_web_body_logger::BodyLogger;
    ///
    /// let logger = BodyLogger::builder().exclude_paths(["/health", "/metrics"]).build();
    /// # drop(logger);
    /// ```
    ///
    /// Defaults to none. May be called several times.
    ///
    /// # Panics
    ///
    /// If a pattern is malformed, as [`ResourceDef::new`] does.
    pub fn exclude_paths<P: Into<ResourceDef>>(
        self,
        patterns: impl IntoIterator<Item = P>,
    ) -> Self {
        let rule = Rule::new(CaptureLevel::Off);
        self.rule(patterns.into_iter().fold(rule, Rule::path))
    }

    /// Leaves out all requests for which `excludes` returns true. If it panics they stay.
    ///
    /// ```
    /// use actix_web::http::Method;
    /// use actix_web_body_logger::BodyLogger;
    ///
    /// let logger = BodyLogger::builder()
    ///     .exclude_if(|req| req.method() == Method::OPTIONS)
    ///     .build();
    /// # drop(logger);
    /// ```
    ///
    /// Defaults to none. May be called several times.
    pub fn exclude_if<F>(self, excludes: F) -> Self
    where
        F: Fn(&ServiceRequest) -> bool + Send + Sync + 'static,
    {
        self.rule(Rule::new(CaptureLevel::Off).when(excludes))
    }

    /// Captures bodies of these media types, too; ranges such as `text/*` are understood.
    ///
    /// Of text (all of `text/*` that is not named here), HTML and XML redaction is best effort: token families are masked,
    /// and values beside secret names, as in `name: value`, `name=value` and `<name>value</name>`. Of server-sent events
    /// the last are shown that fit, each redacted as JSON or as text. Content that this crate cannot redact is still
    /// withheld: all that is no text, unless it is shown [as base64](Self::show_as_base64).
    ///
    /// ```
    /// use actix_web_body_logger::BodyLogger;
    ///
    /// # fn main() -> Result<(), mime::FromStrError> {
    /// let logger = BodyLogger::builder()
    ///     .capture_media_types([mime::TEXT_PLAIN, "application/vnd.api+yaml".parse()?])
    ///     .build();
    /// # drop(logger);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Defaults to none beside JSON (`application/json`, `text/json`, `+json`), NDJSON, forms and
    /// multipart. All others are counted only. May be called several times.
    pub fn capture_media_types(mut self, media_types: impl IntoIterator<Item = Mime>) -> Self {
        for media_type in media_types {
            self.policy.capture(media_type);
        }
        self
    }

    /// Captures streams of server-sent events (`text/event-stream`), and shows the last `count`
    /// events of each: those that are whole and fit into
    /// [the most bytes that are kept](Self::max_body_bytes). All are counted in any case.
    ///
    /// Defaults to none.
    pub fn last_events(mut self, count: usize) -> Self {
        self.renderer.content.last_events = Some(count);
        self.capture_media_types([mime::TEXT_EVENT_STREAM])
    }

    /// Whether request bodies are recorded as they pass or read before the handler is called.
    ///
    /// Defaults to [`BodyMode::Tee`].
    pub fn request_mode(mut self, mode: BodyMode) -> Self {
        self.policy.request_mode = mode;
        self
    }

    /// The limits of [`BodyMode::Buffer`].
    ///
    /// Defaults to 2 MiB and 30 seconds; longer bodies are passed on.
    pub fn buffer(mut self, limits: BufferOptions) -> Self {
        self.policy.buffer = limits;
        self
    }

    /// Puts a digest of each body into the record, over all bytes that passed, also past what is
    /// kept. It is made on the worker, as bytes pass that are not kept.
    ///
    /// Defaults to none.
    #[cfg(feature = "hash")]
    #[cfg_attr(docsrs, doc(cfg(feature = "hash")))]
    pub fn digest_bodies(mut self, digest: BodyDigest) -> Self {
        self.renderer.content.digest = Some(digest.clone());
        self.policy.digest = Some(digest);
        self
    }

    /// Whether the beginning of a long-lived response is announced.
    ///
    /// Defaults to [`StartRecords::Off`].
    pub fn start_records(mut self, choice: StartRecords) -> Self {
        self.policy.start_records = choice;
        self
    }
}
