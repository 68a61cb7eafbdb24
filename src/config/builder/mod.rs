//! How a logger is told what to do.

mod capture;
mod delivery;
mod redaction;

use std::{fmt, sync::Arc};

use actix_web::http::header::HeaderName;
use body_logger_redact::{Redactor, RedactorBuilder};

use super::{BodyLogger, BodyMode, BufferLimits, Config, StartRecords, DEFAULT_MAX_BODY_BYTES};
use crate::{
    budget::Budget,
    policy::Policy,
    redact::Redaction,
    sink::{QueueOptions, Sink, WhenFull, DEFAULT_QUEUE_RECORDS},
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
    budget: Option<Budget>,
    request_mode: BodyMode,
    buffer: BufferLimits,
    policy: Policy,
    redaction: Redaction,
    redactor: RedactorBuilder,
    show_error_messages: bool,
    adopted_id: Option<HeaderName>,
    id_header: Option<HeaderName>,
    time_header: Option<HeaderName>,
    start_records: StartRecords,
    inline: Vec<Box<dyn Sink>>,
    sinks: Vec<(QueueOptions, Box<dyn Sink>)>,
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
            redactor: Redactor::builder(),
            show_error_messages: false,
            adopted_id: None,
            id_header: None,
            time_header: None,
            start_records: StartRecords::default(),
            inline: Vec::new(),
            sinks: Vec::new(),
            queue_records: DEFAULT_QUEUE_RECORDS,
            queue_bytes: None,
            when_full: WhenFull::default(),
        }
    }
}

impl BodyLoggerBuilder {
    /// Builds the logger, and starts the threads of sinks behind queues.
    pub fn build(mut self) -> BodyLogger {
        let redaction = Arc::new(Redaction {
            run: record::new_id(),
            redactor: std::mem::take(&mut self.redactor).build(),
            ..std::mem::take(&mut self.redaction)
        });
        let budget = self.budget.take().unwrap_or_else(Budget::process);
        let delivery = self.delivery(&redaction, &budget);
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
        self.redaction.resource = Some(resource);
        self
    }

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

impl fmt::Debug for BodyLoggerBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyLoggerBuilder").finish_non_exhaustive()
    }
}
