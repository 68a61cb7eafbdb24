//! One event per exchange through the `tracing` crate.

mod event;
mod values;

use actix_web::http::Method;

use super::{Internal, Sink, SinkError};
use crate::record::Entry;

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
/// An event's parent is the span that is current when the request reaches the logger. That of
/// tracing-actix-web's `TracingLogger` is if that middleware is **outside** of the logger, as above. Inside
/// of it, its span cannot be seen from here, and events are in no span.
///
/// Behind the queue, which is where [`sink`](crate::BodyLoggerBuilder::sink) puts it, the sink
/// emits an event after its request has been answered. Until then it holds on to the span, which
/// closes when the record has been written, or dropped: some milliseconds late, and where a slow
/// sink keeps the queue waiting, as late as that. No more spans are held than there are records in
/// the queue. As an [inline sink](crate::BodyLoggerBuilder::inline_sink) it holds on to none for
/// longer than the request, and lets the worker do the work.
///
/// An event goes to the subscriber of its span, also where that is not the global one. An event
/// without a span goes to the thread's own: behind the queue, to the global one.
///
/// A sink of your own that hands entries on to this one gets them without spans.
///
/// # Fields
///
/// Names are those of OpenTelemetry's [semantic conventions], version 1.45. What an exchange does not have
/// is left out.
///
/// | field | of the record |
/// |---|---|
/// | `http.request.method` | the method; `_OTHER` if it is not [known](Self::known_methods) |
/// | `http.request.method_original` | such a method |
/// | `url.scheme`, `url.path`, `url.query` | masked values read `***` |
/// | `http.route` | actix's pattern |
/// | `network.protocol.version` | `1.1`, `2` |
/// | `server.address`, `server.port` | the host that the client named, in parts |
/// | `client.address`, `client.port` | [the client](crate::ClientAddr), in parts |
/// | `user_agent.original` | that request header |
/// | `http.response.status_code` | none if no response was seen |
/// | `error.type` | the status from 500 on, or an outcome other than `completed` and `upgraded` |
/// | `exception.message` | the error's own words, where [asked for](crate::BodyLoggerBuilder::show_error_messages) |
/// | `http.request.body.size`, `http.response.body.size` | bytes that passed |
/// | `http.request.body.content`, `http.response.body.content` | JSON and text as a string, what is shown as base64 as bytes |
///
/// The conventions have no names for the rest. It is under `body_logger.` and there by the names that it
/// has in a record's JSON: `body_logger.id`, `time`, `outcome`, `duration_us`, `ttfb_us`, `error.kind`,
/// `error.status`; and of `request` and `response`: `headers`, `headers_dropped`, and of
/// their `body`: `state`, `captured`, `reasons`, `media_type`, `encoding`, `decoded`, `events`, `digest`, `parts`,
/// `parts_dropped`. `attributes`, `headers` and `parts` are JSON texts, as `tracing` has no fields whose names
/// are only known at run time; that is also why there is no `http.request.header.<key>`.
///
/// # Levels
///
/// As those of [`Log`](super::Log). Of a [long-lived exchange](crate::StartRecords) that begins
/// there is an event on `INFO`, of [entries that were lost](crate::Gap) one on `WARN`, with
/// `body_logger.gap.from`, `to`, `dropped` and `reasons`. The names of the three kinds of events are
/// `body_logger.exchange`, `body_logger.start` and `body_logger.gap`.
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
                Entry::Exchange(record) => {
                    (record.span).with_subscriber(|parent| event::exchange(record, known, parent))
                }
                Entry::Start(start) => {
                    (start.span).with_subscriber(|parent| event::start(start, known, parent))
                }
                Entry::Gap(gap) => event::gap(gap),
            }
        }
        Ok(())
    }

    fn wants_spans(&self, _: Internal) -> bool {
        true
    }
}
