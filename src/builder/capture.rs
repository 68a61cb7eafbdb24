//! Options of what is recorded and how bodies are captured.

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
    policy::{
        BodyMode, BufferOptions, CaptureLevel, RequiredOptions, Rule, StartRecords, TailSampling,
    },
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
    /// Maximum number of bytes kept of a body, for each direction. All bytes are counted.
    ///
    /// Defaults to [`DEFAULT_MAX_BODY_BYTES`](crate::policy::DEFAULT_MAX_BODY_BYTES), 32 KiB.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.policy.max_body_bytes = bytes;
        self
    }

    /// Memory budget for captured bytes.
    ///
    /// Defaults to one of [`DEFAULT_MEMORY_BUDGET`](crate::policy::DEFAULT_MEMORY_BUDGET), 64 MiB, that all
    /// loggers of the process share.
    pub fn memory_budget(mut self, budget: MemoryBudget) -> Self {
        self.policy.memory_budget = budget;
        self
    }

    /// How much is recorded of exchanges that no [rule](Self::rule) matches. It can be changed
    /// [at run time](crate::BodyLogger::set_level).
    ///
    /// Defaults to [`CaptureLevel::RequestResponse`].
    pub fn level(self, level: CaptureLevel) -> Self {
        self.policy.set_level(level);
        self
    }

    /// Adds a rule. The first rule that matches a request applies, in the order in which they were added;
    /// [`exclude_path`](Self::exclude_path) and similar methods also add rules.
    ///
    /// Defaults to none. May be called several times.
    pub fn rule(mut self, rule: Rule) -> Self {
        self.policy.push(rule);
        self
    }

    /// Excludes health checks: the paths `/health`, `/healthz`, `/livez`, `/readyz`, `/startupz`, `/ping`, `/up`,
    /// `/-/healthy` and `/-/ready`, and requests with the user agent of probes of Kubernetes, Elastic Load Balancing,
    /// Google's load balancers, Consul or Route 53. **Any client can send such a user agent**: if every request must be
    /// audited, exclude the probes' paths instead.
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

    /// Tail sampling: decides at the end of each exchange whether the captured bodies are kept.
    ///
    /// Defaults to keeping them.
    pub fn tail_sampling(mut self, keep: TailSampling) -> Self {
        self.policy.tail_sampling = Some(keep);
        self
    }

    /// Treats the bodies of requests with a 401 or 403 response like all others: they are kept, unless
    /// [`tail_sampling`](Self::tail_sampling) decides otherwise.
    ///
    /// Defaults to discarding them, whatever `tail_sampling` decides: unauthorized clients could otherwise fill the
    /// log.
    pub fn keep_refused_request_bodies(mut self) -> Self {
        self.policy.keep_refused = true;
        self
    }

    /// Excludes all requests whose path matches a pattern in [actix's syntax](ResourceDef). They get no record, and
    /// pass as if there were no logger. A service can also exclude its own requests, by
    /// [`Unrecorded`](crate::policy::Unrecorded).
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

    /// Excludes all requests whose path matches one of these patterns: [`exclude_path`](Self::exclude_path) for
    /// several.
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

    /// Excludes all requests for which `excludes` returns true. If it panics, the request is recorded.
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

    /// Also captures bodies of these media types; ranges such as `text/*` are allowed.
    ///
    /// Redaction of text (every `text/*` not named here), HTML and XML is best effort: it masks token families, and
    /// values with secret names, as in `name: value`, `name=value` and `<name>value</name>`. Of server-sent events the
    /// last ones that fit are shown, each redacted as JSON or as text. Content that this crate cannot redact, which is
    /// all binary content, is still withheld, unless it is shown [as base64](Self::show_as_base64).
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
    /// Defaults to JSON (`application/json`, `text/json`, `+json`), NDJSON, forms and multipart only. All others are
    /// only counted. May be called several times.
    pub fn capture_media_types(mut self, media_types: impl IntoIterator<Item = Mime>) -> Self {
        self.policy.extra_media_types.extend(media_types);
        self
    }

    /// Captures server-sent events (`text/event-stream`), and shows the last `count` complete events of each stream
    /// that fit into [the body limit](Self::max_body_bytes). All events are counted in any case.
    ///
    /// Defaults to none.
    pub fn last_events(mut self, count: usize) -> Self {
        self.renderer.content.last_events = Some(count);
        self.capture_media_types([mime::TEXT_EVENT_STREAM])
    }

    /// Whether request bodies are recorded while the handler reads them, read before the handler is called, or kept whole
    /// in files.
    ///
    /// Defaults to [`BodyMode::Tee`].
    pub fn request_mode(mut self, mode: impl Into<BodyMode>) -> Self {
        self.policy.request_mode = mode.into();
        self
    }

    /// Whether response bodies are recorded while they pass, or also kept whole in files. [`BodyMode::Buffer`] is
    /// [`BodyMode::Tee`] here.
    ///
    /// Defaults to [`BodyMode::Tee`].
    pub fn response_mode(mut self, mode: impl Into<BodyMode>) -> Self {
        self.policy.response_mode = mode.into();
        self
    }

    /// The limits of [`BodyMode::Buffer`].
    ///
    /// Defaults to 2 MiB and 30 seconds; longer bodies are passed on.
    pub fn buffer(mut self, limits: BufferOptions) -> Self {
        self.policy.buffer = limits;
        self
    }

    /// Adds a digest of each body to the record, over all bytes, including those beyond the limit. The worker computes
    /// it, as only there all bytes pass.
    ///
    /// Defaults to none.
    #[cfg(feature = "hash")]
    #[cfg_attr(docsrs, doc(cfg(feature = "hash")))]
    pub fn digest_bodies(mut self, digest: BodyDigest) -> Self {
        self.renderer.content.digest = Some(digest.clone());
        self.policy.digest = Some(digest);
        self
    }

    /// Options of the routes that [require](crate::policy::Guarantee::Required) the delivery of their records.
    ///
    /// Defaults to a time limit of 5 seconds, to cutting off responses, and to all required sinks.
    pub fn required(mut self, options: RequiredOptions) -> Self {
        self.policy.required = options;
        self
    }

    /// Whether long-lived exchanges get a start stage when their response begins.
    ///
    /// Defaults to [`StartRecords::Off`].
    pub fn start_records(mut self, choice: StartRecords) -> Self {
        self.policy.start_records = choice;
        self
    }
}
