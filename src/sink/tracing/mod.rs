//! The `Tracing` sink: one event per exchange through the `tracing` crate.

mod event;
mod values;

use actix_web::http::Method;
use body_logger_core::record::{Entry, Stage};

use super::{Sink, SinkError};
use crate::capture::RequestSpan;

/// The target of the [`Tracing`] sink's events.
pub const TRACING_TARGET: &str = "actix_web_body_logger";

/// Emits one event per exchange through the `tracing` crate, under the target [`TRACING_TARGET`],
/// inside the span of its request.
///
/// ```
/// use actix_web::App;
/// use actix_web_body_logger::{sink::Tracing, BodyLogger};
/// use tracing_actix_web::TracingLogger;
///
/// let logger = BodyLogger::builder().sink(Tracing::default()).build();
/// let app = App::new()
///     .wrap(logger)
///     .wrap(TracingLogger::default()); // wrapped last, it runs first: its span is there
/// # drop(app);
/// ```
///
/// # Spans
///
/// An event is in the span that is current when the request reaches the logger; for a layer that filters out that span,
/// in the next enclosing span that it does not filter out. The span of tracing-actix-web's `TracingLogger` is current
/// if that middleware is **outside** of the logger, as above. If it is inside, the logger cannot see its span, and
/// events are in no span.
///
/// Behind a queue, where [`sink`](crate::BodyLoggerBuilder::sink) puts it, this sink emits an event after its request
/// has been answered. Its span stays open until then: it closes some milliseconds late, or later if a slow sink delays
/// the queue. At most as many spans stay open as there are records queued. As an
/// [inline sink](crate::BodyLoggerBuilder::inline_sink) it keeps no span open longer than the request takes, but runs
/// on the worker.
///
/// An event goes to the subscriber of its span, which need not be the global one. An event without a span goes to the
/// thread's subscriber: behind a queue, that is the global one. If a sink of your own forwards clones of its entries to
/// this one, they have no spans.
///
/// # Fields
///
/// Names follow OpenTelemetry's [semantic conventions], version 1.45. Fields without a value are omitted.
///
/// | field | value |
/// |---|---|
/// | `http.request.method` | the method; `_OTHER` if it is not [known](Self::known_methods) |
/// | `http.request.method_original` | such a method |
/// | `url.scheme`, `url.path`, `url.query` | as in the record: masked values read `***` |
/// | `http.route` | the pattern of actix's route |
/// | `network.protocol.version` | such as `1.1` and `2` |
/// | `server.address`, `server.port` | the host that the client named |
/// | `client.address`, `client.port` | the client, as far as [it is shown](crate::redact::ClientAddr) |
/// | `user_agent.original` | the request header |
/// | `http.response.status_code` | none if no response was seen |
/// | `error.type` | the status if it is 500 or more; or the outcome if that is neither `completed` nor `upgraded` |
/// | `exception.message` | the error's message, [if configured](crate::BodyLoggerBuilder::show_error_messages) |
/// | `http.request.body.size`, `http.response.body.size` | how many bytes passed |
/// | `http.request.body.content`, `http.response.body.content` | JSON and other text as a string; what a record has as base64, as bytes |
///
/// All other fields have the names of the record's JSON, after the prefix `body_logger.`: `id`, `time`, `outcome`,
/// `duration_us`, `ttfb_us`, `attributes`, `error.kind` and `error.status`; after `request.` and `response.`, `headers`
/// and `headers_dropped`; and after `request.body.` and `response.body.`, `state`, `captured`, `reasons`, `media_type`,
/// `encoding`, `decoded`, `events`, `digest`, `parts` and `parts_dropped`. Of these, `attributes`, `headers` and
/// `parts` are JSON texts. The conventions' `http.request.header.<key>` is not possible, as `tracing` needs all field
/// names at compile time.
///
/// # Levels
///
/// Levels are those of [`Log`](super::Log). A [long-lived exchange](crate::policy::StartRecords) that has begun is an
/// event at `INFO`. [Lost entries](crate::record::Gap) are an event at `WARN`, in no span, with `body_logger.gap.from`,
/// `to`, `dropped` and `reasons`. The events are named `body_logger.exchange`, `body_logger.start` and
/// `body_logger.gap`.
///
/// # Security
///
/// Events are made from records, and so are redacted. Fields that others add to spans are not: the root span of
/// `TracingLogger` has the query as it was sent, unless a `RootSpanBuilder` of your own omits it.
///
/// [semantic conventions]: https://opentelemetry.io/docs/specs/semconv/http/http-spans/
#[derive(Debug, Clone)]
pub struct Tracing {
    known_methods: Vec<Method>,
}

impl Tracing {
    /// The methods that `http.request.method` names; any other reads `_OTHER` there.
    ///
    /// Defaults to those of RFC 9110, `PATCH` and `QUERY`.
    ///
    /// ```
    /// use actix_web::http::Method;
    /// use actix_web_body_logger::sink::Tracing;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sink = Tracing::default().known_methods([Method::GET, "PROPFIND".parse()?]);
    /// # drop(sink);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn known_methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.known_methods = methods.into_iter().collect();
        self
    }
}

impl Default for Tracing {
    fn default() -> Self {
        let query = Method::from_bytes(b"QUERY").ok();
        let known = [
            Method::CONNECT,
            Method::DELETE,
            Method::GET,
            Method::HEAD,
            Method::OPTIONS,
            Method::PATCH,
            Method::POST,
            Method::PUT,
            Method::TRACE,
        ];
        Self {
            known_methods: known.into_iter().chain(query).collect(),
        }
    }
}

impl Sink for Tracing {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        let known = &self.known_methods;
        for entry in entries {
            match entry {
                Entry::Record(record) => {
                    let emit = || match record.stage {
                        Some(Stage::Start) => event::start(record, known),
                        _ => event::exchange(record, known),
                    };
                    match record.extensions().get::<RequestSpan>() {
                        Some(span) => span.in_scope(emit),
                        None => emit(),
                    }
                }
                Entry::Gap(gap) => event::gap(gap),
                Entry::Maintenance(done) => event::maintenance(done),
                _ => {}
            }
        }
        Ok(())
    }

    fn needs_span(&self) -> bool {
        true
    }
}
