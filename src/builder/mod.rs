//! How a logger is told what to do.

mod capture;
mod delivery;
mod rendering;

use std::{fmt, sync::Arc};

use actix_web::http::header::HeaderName;
use body_logger_redact::{Redactor, RedactorBuilder};

use crate::{
    delivery::QueueOptions, exchange::Parts, logger::BodyLogger, policy::Policy, render::Renderer,
    sink::Sink,
};
use body_logger_core::record::{self, Resource};

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
    /// What is not said of the queue of a sink.
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
            queue: QueueOptions::default(),
        }
    }
}

impl BodyLogger {
    /// Begins to build a logger.
    pub fn builder() -> BodyLoggerBuilder {
        BodyLoggerBuilder::default()
    }
}

impl Default for BodyLogger {
    /// The logger of a builder that was told nothing: it writes to [`Log`](crate::sink::Log).
    ///
    /// There is no queue then, and no thread. An exchange is rendered and its line is written on the worker
    /// when it ends, as actix-web's own `Logger` does: that is as quick as the application's logger,
    /// and with bodies of 32 KiB a fraction of a millisecond, or a few of them where a client sends bodies
    /// that are made to be slow to redact. A sink behind the queue, as
    /// [`JsonLines`](crate::sink::JsonLines), takes both off the worker.
    fn default() -> Self {
        Self::builder().build()
    }
}

impl BodyLoggerBuilder {
    /// Builds the logger, and starts the threads of sinks behind queues.
    pub fn build(mut self) -> BodyLogger {
        let renderer = Arc::new(Renderer {
            run: record::new_id(),
            redactor: std::mem::take(&mut self.redactor).build(),
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
    /// Says in every record which service, which instance of it and which host recorded it.
    ///
    /// Defaults to none.
    pub fn resource(mut self, resource: Resource) -> Self {
        self.renderer.resource = Some(resource);
        self
    }

    /// Takes a request's id from this header if it holds a sane token: 1 to 128 ASCII letters,
    /// digits and `-._~+/=:`. Whoever sends requests then chooses ids.
    ///
    /// Defaults to none: each exchange gets a UUID v7.
    pub fn adopt_request_id(mut self, header: HeaderName) -> Self {
        self.policy.adopted_id = Some(header);
        self
    }

    /// Puts the exchange's id into this header of the response.
    ///
    /// Defaults to none.
    pub fn request_id_header(mut self, header: HeaderName) -> Self {
        self.policy.id_header = Some(header);
        self
    }

    /// Puts the time until the response's head was ready into this header of the response, in
    /// seconds with six decimal places.
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
