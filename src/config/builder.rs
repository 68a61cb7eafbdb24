//! How a logger is told what to do.

use std::{fmt, sync::Arc, time::Duration};

use actix_web::{
    dev::{ResourceDef, ServiceRequest},
    http::header::{HeaderName, USER_AGENT},
};
use mime::Mime;

use super::{
    BodyLogger, BodyMode, BufferLimits, Config, OverLimit, StartRecords, DEFAULT_MAX_BODY_BYTES,
};
use crate::{
    budget::Budget,
    client::{ClientAddr, ForwardedHeader, Network},
    policy::{KeepBodies, Level, Policy, Rule},
    redact::{FieldPath, HiddenHeaders, Redact, Redaction},
    sink::{
        self, Limits, Log, Loss, Producers, Queue, Sink, Sinks, WhenFull, DEFAULT_QUEUE_RECORDS,
    },
};
#[cfg(feature = "hash")]
use crate::{
    hash::{BodyDigest, HashKey},
    redact::Masking,
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

/// Builds a [`BodyLogger`].
///
/// ```
/// use actix_web_body_logger::{BodyLogger, Record};
///
/// let logger = BodyLogger::builder()
///     .max_body_bytes(64 * 1024)
///     .redact_fields(["nickname"])
///     .exclude_path("/health")
///     .sink(|record: &Record| { /* ... */ })
///     .build();
/// # drop(logger);
/// ```
#[must_use = "a builder does nothing until `build` is called"]
pub struct BodyLoggerBuilder {
    budget: Option<Budget>,
    request_mode: BodyMode,
    buffer: BufferLimits,
    policy: Policy,
    redaction: Redaction,
    show_error_messages: bool,
    adopted_id: Option<HeaderName>,
    id_header: Option<HeaderName>,
    time_header: Option<HeaderName>,
    start_records: StartRecords,
    inline: Vec<Box<dyn Sink>>,
    queued: Vec<Box<dyn Sink>>,
    queue_records: usize,
    queue_bytes: Option<usize>,
    when_full: WhenFull,
}

impl Default for BodyLoggerBuilder {
    fn default() -> Self {
        Self {
            budget: None,
            request_mode: BodyMode::default(),
            buffer: BufferLimits::default(),
            policy: Policy::new(DEFAULT_MAX_BODY_BYTES),
            redaction: Redaction::default(),
            show_error_messages: false,
            adopted_id: None,
            id_header: None,
            time_header: None,
            start_records: StartRecords::default(),
            inline: Vec::new(),
            queued: Vec::new(),
            queue_records: DEFAULT_QUEUE_RECORDS,
            queue_bytes: None,
            when_full: WhenFull::default(),
        }
    }
}

/// # What is captured
impl BodyLoggerBuilder {
    /// The most bytes of a body that are kept, for each direction; all are counted.
    ///
    /// Defaults to [`DEFAULT_MAX_BODY_BYTES`], 32 KiB.
    pub fn max_body_bytes(mut self, bytes: usize) -> Self {
        self.policy.max_body_bytes = bytes;
        self
    }

    /// The budget that captured bytes are taken from.
    ///
    /// Defaults to one of [`DEFAULT_MEMORY_BUDGET`](crate::DEFAULT_MEMORY_BUDGET), 64 MiB, that all
    /// loggers of the process share.
    pub fn memory_budget(mut self, budget: Budget) -> Self {
        self.budget = Some(budget);
        self
    }

    /// How much is recorded of exchanges that no [rule](Self::rule) matches. It can be changed
    /// [while the server runs](BodyLogger::set_level).
    ///
    /// Defaults to [`Level::RequestResponse`].
    pub fn level(self, level: Level) -> Self {
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
            .fold(Rule::new(Level::Off), |rule, path| rule.path(*path));
        self.rule(paths).exclude_if(|req| {
            let agent = req.headers().get(USER_AGENT).map(|agent| agent.as_bytes());
            agent.is_some_and(|agent| PROBE_AGENTS.iter().any(|probe| agent.starts_with(probe)))
        })
    }

    /// Decides at the end of each exchange whether the bodies that were captured are kept.
    ///
    /// Defaults to keeping them.
    pub fn keep_bodies(mut self, keep: KeepBodies) -> Self {
        self.policy.keep = Some(keep);
        self
    }

    /// Lets [`keep_bodies`](Self::keep_bodies) decide on the bodies of requests that were answered 401
    /// or 403, too; without it they are kept like all others.
    ///
    /// Defaults to leaving them out, whatever `keep_bodies` says: whoever may not come in could
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
        self.rule(Rule::new(Level::Off).path(pattern))
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
        self.rule(Rule::new(Level::Off).when(excludes))
    }

    /// Captures bodies of these media types, too; ranges such as `text/*` are understood.
    ///
    /// Of plain text (all of `text/*` that is not named here) redaction is best effort: values of a
    /// [secret shape](Self::show_secret_shapes) are masked, and those in `name: value` and
    /// `name=value` under secret names. Of server-sent events the last are shown that fit, each
    /// redacted as JSON or as text. Content that this crate cannot redact is still withheld: HTML,
    /// XML, and all that is no text unless it is shown [as base64](Self::show_as_base64).
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
        self.redaction.content.last_events = Some(count);
        self.capture_media_types([mime::TEXT_EVENT_STREAM])
    }

    /// Whether request bodies are recorded as they pass or read before the handler is called.
    ///
    /// Defaults to [`BodyMode::Tee`].
    pub fn request_mode(mut self, mode: BodyMode) -> Self {
        self.request_mode = mode;
        self
    }

    /// The most bytes that [`BodyMode::Buffer`] reads before the handler is called.
    ///
    /// Defaults to [`DEFAULT_BUFFER_LIMIT`](crate::DEFAULT_BUFFER_LIMIT), 2 MiB.
    pub fn buffer_limit(mut self, bytes: usize) -> Self {
        self.buffer.bytes = bytes;
        self
    }

    /// How long [`BodyMode::Buffer`] waits for a body. Past it the request is answered 408 (Request
    /// Timeout) and the handler is not called: actix itself has no limit on how long a body takes.
    ///
    /// Defaults to [`DEFAULT_BUFFER_DEADLINE`](crate::DEFAULT_BUFFER_DEADLINE), 30 seconds.
    pub fn buffer_deadline(mut self, deadline: Duration) -> Self {
        self.buffer.deadline = deadline;
        self
    }

    /// What becomes of a body that is longer than [the limit](Self::buffer_limit).
    ///
    /// Defaults to [`OverLimit::PassOn`].
    pub fn over_limit(mut self, choice: OverLimit) -> Self {
        self.buffer.over_limit = choice;
        self
    }

    /// Puts a digest of each body into the record, over all bytes that passed, also past what is
    /// kept. It is made on the worker, as bytes pass that are not kept.
    ///
    /// Defaults to none.
    #[cfg(feature = "hash")]
    #[cfg_attr(docsrs, doc(cfg(feature = "hash")))]
    pub fn digest_bodies(mut self, digest: BodyDigest) -> Self {
        self.redaction.content.digest = Some(digest);
        self
    }

    /// Whether the beginning of a long-lived response is announced.
    ///
    /// Defaults to [`StartRecords::Off`].
    pub fn start_records(mut self, choice: StartRecords) -> Self {
        self.start_records = choice;
        self
    }
}

/// # What is shown
impl BodyLoggerBuilder {
    /// Masks the values of these fields, too: in bodies, queries, routes' parameters and attributes.
    ///
    /// Case, `-`, `_` and spaces make no difference: `card_number` also names `Card-Number` and
    /// `cardNumber`.
    ///
    /// Defaults to none beside [`DEFAULT_SECRET_NAMES`](crate::DEFAULT_SECRET_NAMES). May be called
    /// several times.
    pub fn redact_fields<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.redaction.rules.names.extend(names);
        self
    }

    /// Masks what these paths lead to in JSON bodies.
    ///
    /// ```
    /// use actix_web_body_logger::{BodyLogger, FieldPath};
    ///
    /// # fn main() -> Result<(), actix_web_body_logger::ParseFieldPathError> {
    /// let notes: FieldPath = "patients[*].notes".parse()?;
    /// let logger = BodyLogger::builder().redact_paths([notes]).build();
    /// # drop(logger);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Defaults to none. May be called several times.
    pub fn redact_paths(mut self, paths: impl IntoIterator<Item = FieldPath>) -> Self {
        self.redaction.rules.paths.extend(paths);
        self
    }

    /// Masks the values of these parameters of routes, as of `ssn` in `/users/{ssn}`, and of
    /// [fields](Self::redact_fields) of these names. A path that no route matches, or not in one way
    /// only, is masked whole then: the value may be anywhere in it.
    ///
    /// Defaults to [the names](crate::DEFAULT_SECRET_NAMES) that are masked everywhere, while paths
    /// without a route are shown. May be called several times.
    pub fn redact_path_parameters<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.redaction.mask_unmatched_paths = true;
        self.redact_fields(names)
    }

    /// Lets masked values read as [keyed hashes](HashKey) of themselves, so that equal ones can be
    /// told to be equal. A string in JSON is hashed as what it says, without quotes and escapes.
    ///
    /// Defaults to `***`. Values that were cut, header values and what only looks secret within a
    /// longer text still read `***`.
    #[cfg(feature = "hash")]
    #[cfg_attr(docsrs, doc(cfg(feature = "hash")))]
    pub fn hash_masked_values(mut self, key: HashKey) -> Self {
        self.redaction.rules.masking = Masking::Keyed(key);
        self
    }

    /// Runs redaction of the application's own after the built-in one.
    ///
    /// Defaults to none. May be called several times: they run in that order.
    pub fn redact_with(mut self, redact: impl Redact) -> Self {
        self.redaction.own.push(Box::new(redact));
        self
    }

    /// Shows the values of these headers, too, except where they are secret: `authorization`,
    /// `cookie`, `proxy-authorization`, `set-cookie`, and values that were
    /// [marked](actix_web::http::header::HeaderValue::set_sensitive).
    ///
    /// Defaults to what ASP.NET Core's HTTP logging shows and a few that identify nobody. All
    /// others read `***`. `location`, `content-location` and `referer` are shown as URLs whose
    /// queries are redacted. May be called several times.
    pub fn show_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        for name in names {
            self.redaction.headers.show(&name);
        }
        self
    }

    /// Shows the values of these headers whatever they are: **credentials end up in your logs**.
    ///
    /// Defaults to none. May be called several times.
    pub fn show_secret_headers(mut self, names: impl IntoIterator<Item = HeaderName>) -> Self {
        for name in names {
            self.redaction.headers.show_secret(&name);
        }
        self
    }

    /// What becomes of headers whose values are not shown.
    ///
    /// Defaults to [`HiddenHeaders::Mask`].
    pub fn hidden_headers(mut self, choice: HiddenHeaders) -> Self {
        self.redaction.headers.hidden = choice;
        self
    }

    /// Shows the messages of errors. **They quote the input**: a failed `web::Json` says what it
    /// found, and that may be a secret. What is in quotes is masked, and what a text would have
    /// masked, but that is best effort.
    ///
    /// Defaults to their kind and status only.
    pub fn show_error_messages(mut self) -> Self {
        self.show_error_messages = true;
        self
    }

    /// Captures bodies of these media types and shows them as base64, **without any redaction**.
    /// Of JSON, forms, multipart, markup and text nothing is shown in this way.
    ///
    /// Defaults to none. May be called several times.
    pub fn show_as_base64(mut self, media_types: impl IntoIterator<Item = Mime>) -> Self {
        let media_types: Vec<_> = media_types.into_iter().collect();
        self.redaction
            .content
            .base64
            .extend(media_types.iter().cloned());
        self.capture_media_types(media_types)
    }

    /// Shows values that only look secret: numbers that could be those of payment cards,
    /// `Bearer` and `Basic` credentials, JSON Web Tokens, AWS access keys and private keys.
    /// Values of secret names stay masked.
    ///
    /// Defaults to masking them, in JSON bodies, paths, queries and attributes. About one in ten
    /// numbers of 13 to 19 digits could be a card's.
    pub fn show_secret_shapes(mut self) -> Self {
        self.redaction.rules.shapes = false;
        self
    }

    /// In which form a client's address is shown.
    ///
    /// Defaults to [`ClientAddr::Full`].
    pub fn client_addr(mut self, form: ClientAddr) -> Self {
        self.redaction.clients.shown_as = form;
        self
    }

    /// Believes `header` where the request comes from one of these proxies, and takes for the
    /// client the nearest address in it that is not theirs.
    ///
    /// ```
    /// use actix_web_body_logger::{BodyLogger, ForwardedHeader, Network};
    ///
    /// # fn main() -> Result<(), actix_web_body_logger::ParseNetworkError> {
    /// let load_balancers: Network = "10.0.0.0/8".parse()?;
    /// let logger = BodyLogger::builder()
    ///     .trusted_proxies(ForwardedHeader::XForwardedFor, [load_balancers])
    ///     .build();
    /// # drop(logger);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Name the header that your proxies set: the other one comes from the client as it is.
    ///
    /// Defaults to none: forwarded headers are not believed.
    pub fn trusted_proxies(
        mut self,
        header: ForwardedHeader,
        proxies: impl IntoIterator<Item = Network>,
    ) -> Self {
        self.redaction.clients.forwarded = Some(header);
        self.redaction.clients.proxies = proxies.into_iter().collect();
        self
    }
}

/// # Ids and headers
impl BodyLoggerBuilder {
    /// Takes a request's id from this header if it holds a sane token: 1 to 128 ASCII letters,
    /// digits and `-._~+/=:`. Whoever sends requests then chooses ids.
    ///
    /// Defaults to none: each exchange gets a UUID v7.
    pub fn adopt_request_id(mut self, header: HeaderName) -> Self {
        self.adopted_id = Some(header);
        self
    }

    /// Puts the exchange's id into this header of the response.
    ///
    /// Defaults to none.
    pub fn request_id_header(mut self, header: HeaderName) -> Self {
        self.id_header = Some(header);
        self
    }

    /// Puts the time until the response's head was ready into this header of the response, in
    /// seconds with six decimal places.
    ///
    /// Defaults to none.
    pub fn process_time_header(mut self, header: HeaderName) -> Self {
        self.time_header = Some(header);
        self
    }
}

/// # Where records go
impl BodyLoggerBuilder {
    /// Adds a sink, behind a bounded queue with a thread of its own: however slow the sink is, no
    /// response waits for it. When the queue is full, [a choice](Self::when_full) decides what becomes
    /// of new records; by default they are dropped and [counted](BodyLogger::counters). Keep a [guard](BodyLogger::flush_guard) so that none is
    /// lost when the process ends.
    ///
    /// [`Log`] and [`Memory`](crate::sink::Memory) run on the worker all the same.
    ///
    /// Defaults to [`Log`]. May be called several times: all sinks behind the queue share it and
    /// get the same batches, one after the other.
    pub fn sink(mut self, sink: impl Sink) -> Self {
        let sinks = if sink::is_inline(&sink) {
            &mut self.inline
        } else {
            &mut self.queued
        };
        sinks.push(Box::new(sink));
        self
    }

    /// Adds a sink that runs on the worker, when an exchange ends: **if it blocks, the worker's
    /// connections stall**.
    ///
    /// Defaults to none. May be called several times.
    pub fn inline_sink(mut self, sink: impl Sink) -> Self {
        self.inline.push(Box::new(sink));
        self
    }

    /// The most records that wait in the queue.
    ///
    /// Defaults to [`DEFAULT_QUEUE_RECORDS`], 8192.
    pub fn queue_records(mut self, records: usize) -> Self {
        self.queue_records = records;
        self
    }

    /// The most bytes that wait in the queue.
    ///
    /// Defaults to half of [the budget](Self::memory_budget), 32 MiB.
    pub fn queue_bytes(mut self, bytes: usize) -> Self {
        self.queue_bytes = Some(bytes);
        self
    }

    /// What the queue does when it is full.
    ///
    /// Defaults to [`WhenFull::DropNewest`].
    pub fn when_full(mut self, choice: WhenFull) -> Self {
        self.when_full = choice;
        self
    }

    /// Builds the logger, and starts the queue's thread where there is a queue.
    pub fn build(self) -> BodyLogger {
        let mut inline = self.inline;
        if inline.is_empty() && self.queued.is_empty() {
            inline.push(Box::new(Log::default()));
        }
        let loss = Arc::new(Loss::default());
        let redaction = Arc::new(self.redaction);
        let budget = self.budget.unwrap_or_else(Budget::process);
        let limits = Limits {
            records: self.queue_records,
            bytes: self.queue_bytes.unwrap_or(budget.limit() / 2),
            when_full: self.when_full,
        };
        let queued = Sinks::new(self.queued, Arc::clone(&loss));
        let queue = (!queued.is_empty())
            .then(|| Queue::start(queued, Arc::clone(&redaction), limits, Arc::clone(&loss)));
        BodyLogger {
            config: Arc::new(Config {
                budget,
                request_mode: self.request_mode,
                buffer: self.buffer,
                policy: self.policy,
                redaction,
                show_error_messages: self.show_error_messages,
                adopted_id: self.adopted_id,
                id_header: self.id_header,
                time_header: self.time_header,
                start_records: self.start_records,
                inline: Sinks::new(inline, Arc::clone(&loss)),
                queue,
                producers: Producers::default(),
                loss,
            }),
        }
    }
}

impl fmt::Debug for BodyLoggerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyLoggerBuilder").finish_non_exhaustive()
    }
}
