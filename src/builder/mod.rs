//! The builder of a logger.

mod capture;
mod delivery;
mod rendering;

use std::{fmt, sync::Arc};

use actix_web::http::header::HeaderName;
use body_logger_core::record::{self, Resource};
use body_logger_redact::{Redactor, RedactorBuilder};

use crate::{
    delivery::QueueOptions,
    exchange::Parts,
    logger::BodyLogger,
    policy::Policy,
    render::Renderer,
    sink::{DurableSink, Sink},
};

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
    policy: Policy,
    renderer: Renderer,
    redactor: RedactorBuilder,
    inline: Vec<Box<dyn Sink>>,
    sinks: Vec<(QueueOptions, Box<dyn Sink>)>,
    required_sinks: Vec<DurableSink>,
    /// Defaults for the queue options that a sink does not set.
    queue: QueueOptions,
}

impl Default for BodyLoggerBuilder {
    fn default() -> Self {
        Self {
            policy: Policy::new(),
            renderer: Renderer::default(),
            redactor: Redactor::builder(),
            inline: Vec::new(),
            sinks: Vec::new(),
            required_sinks: Vec::new(),
            queue: QueueOptions::default(),
        }
    }
}

impl BodyLogger {
    /// Returns a builder for a logger.
    pub fn builder() -> BodyLoggerBuilder {
        BodyLoggerBuilder::default()
    }
}

impl Default for BodyLogger {
    /// Returns the logger of an unchanged builder, which writes to [`Log`](crate::sink::Log).
    ///
    /// It has no queue and no thread. Like actix-web's own `Logger`, it renders and writes each exchange on the worker
    /// when the exchange ends. That is as quick as the application's logger, plus a fraction of a millisecond for
    /// bodies of 32 KiB, or a few milliseconds if a client crafts bodies that are slow to redact. A sink behind a
    /// queue, such as [`JsonLines`](crate::sink::JsonLines), moves both off the worker.
    fn default() -> Self {
        Self::builder().build()
    }
}

impl BodyLoggerBuilder {
    /// Builds the logger, and starts the threads of queued sinks.
    pub fn build(mut self) -> BodyLogger {
        self.ensure_sink();
        let renderer = Arc::new(Renderer {
            run: record::new_id(),
            redactor: std::mem::take(&mut self.redactor).build(),
            record_limit: self
                .renderer
                .record_limit
                .reserving(self.added_line_bytes()),
            omits_headers: !self.needs_headers(),
            ..std::mem::take(&mut self.renderer)
        });
        let delivery = self.delivery(&renderer);
        BodyLogger {
            parts: Arc::new(Parts {
                policy: self.policy,
                renderer,
                delivery,
            }),
        }
    }
}

/// # Ids and headers
impl BodyLoggerBuilder {
    /// Adds to every record which service, which instance of it and which host recorded it.
    ///
    /// Defaults to none.
    pub fn resource(mut self, resource: Resource) -> Self {
        self.renderer.resource = Some(resource);
        self
    }

    /// Adopts a request's id from this header if it is a token of 1 to 128 ASCII letters, digits and `-._~+/=:`.
    /// Clients then choose ids.
    ///
    /// Defaults to none: each exchange gets a UUID v7.
    pub fn adopt_request_id(mut self, header: HeaderName) -> Self {
        self.policy.adopted_id = Some(header);
        self
    }

    /// Adds the exchange's id to the response, in this header.
    ///
    /// Defaults to none.
    pub fn request_id_header(mut self, header: HeaderName) -> Self {
        self.policy.id_header = Some(header);
        self
    }

    /// Adds the time until the response's head was ready to the response, in this header, in seconds with six decimal
    /// places.
    ///
    /// Defaults to none.
    pub fn process_time_header(mut self, header: HeaderName) -> Self {
        self.policy.time_header = Some(header);
        self
    }
}

impl fmt::Debug for BodyLoggerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyLoggerBuilder").finish_non_exhaustive()
    }
}
