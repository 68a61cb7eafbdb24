//! Emits the events.

use actix_web::http::Method;
use body_logger_core::{
    record::{Gap, GapRecord, MaintenanceRecord, Outcome, Record},
    rfc3339,
};
use tracing::{event, Level};

use super::{
    super::log::level,
    values::{self, int},
    TRACING_TARGET,
};

/// Emits the event of an ended exchange.
pub(super) fn exchange(record: &Record, known: &[Method]) {
    let request = &record.request;
    let response = values::response(record);
    let error = record.error.as_ref();
    let (method, original) = values::method(&request.method, known);
    let (server, server_port) = values::server(request.host.as_deref());
    let (client, client_port) = values::client(record.client.addr.as_deref());
    let received = Some(&request.body);
    let sent = response.map(|response| &response.body);

    // The level of an event and the names of its fields must be constants. The values are computed only if a
    // subscriber is interested.
    macro_rules! emit {
        ($level:expr) => {
            event!(
                name: "body_logger.exchange",
                target: TRACING_TARGET,
                $level,
                {
                    "http.request.method" = method,
                    "http.request.method_original" = original,
                    "url.scheme" = request.scheme.as_str(),
                    "url.path" = request.path.as_str(),
                    "url.query" = request.query.as_deref(),
                    "http.route" = request.route.as_deref(),
                    "network.protocol.version" = values::protocol_version(&request.version),
                    "server.address" = server,
                    "server.port" = server_port,
                    "client.address" = client,
                    "client.port" = client_port,
                    "user_agent.original" = values::header(&request.headers, "user-agent"),
                    "http.response.status_code" = response.map(|response| i64::from(response.status)),
                    "error.type" = values::error_type(record),
                    "exception.message" = error.and_then(|error| error.message.as_deref()),
                    "http.request.body.size" = request.body.bytes.map(int),
                    "http.request.body.content" = values::content(&request.body),
                    "http.response.body.size" = sent.and_then(|body| body.bytes).map(int),
                    "http.response.body.content" = sent.and_then(values::content),
                    "body_logger.id" = record.id.as_str(),
                    "body_logger.time" = rfc3339::text(record.time),
                    "body_logger.outcome" = record.outcome.map(Outcome::as_str),
                    "body_logger.error.kind" = error.map(|error| error.kind.as_str()),
                    "body_logger.error.status" = error.and_then(|error| error.status).map(i64::from),
                    "body_logger.duration_us" = record.duration_us.map(int),
                    "body_logger.ttfb_us" = record.ttfb_us.map(int),
                    "body_logger.attributes" = values::map(&record.attributes),
                    "body_logger.request.headers" = values::list(&request.headers),
                    "body_logger.request.headers_dropped" = values::count(request.headers_dropped),
                    "body_logger.request.body.state" = received.map(|body| body.state.as_str()),
                    "body_logger.request.body.captured" = received.map(|body| int(body.captured)),
                    "body_logger.request.body.reasons" = received.and_then(|body| values::reasons(&body.reasons)),
                    "body_logger.request.body.media_type" = received.and_then(|body| body.media_type.as_deref()),
                    "body_logger.request.body.encoding" = received.and_then(|body| body.encoding.as_deref()),
                    "body_logger.request.body.decoded" = received.and_then(|body| body.decoded).map(int),
                    "body_logger.request.body.events" = received.and_then(|body| body.events).map(int),
                    "body_logger.request.body.digest" = received.and_then(|body| body.digest.as_deref()),
                    "body_logger.request.body.parts" = received.and_then(|body| values::list(&body.parts)),
                    "body_logger.request.body.parts_dropped" = received.and_then(|body| values::count(body.parts_dropped)),
                    "body_logger.response.headers" =
                        response.and_then(|response| values::list(&response.headers)),
                    "body_logger.response.headers_dropped" =
                        response.and_then(|response| values::count(response.headers_dropped)),
                    "body_logger.response.body.state" = sent.map(|body| body.state.as_str()),
                    "body_logger.response.body.captured" = sent.map(|body| int(body.captured)),
                    "body_logger.response.body.reasons" = sent.and_then(|body| values::reasons(&body.reasons)),
                    "body_logger.response.body.media_type" = sent.and_then(|body| body.media_type.as_deref()),
                    "body_logger.response.body.encoding" = sent.and_then(|body| body.encoding.as_deref()),
                    "body_logger.response.body.decoded" = sent.and_then(|body| body.decoded).map(int),
                    "body_logger.response.body.events" = sent.and_then(|body| body.events).map(int),
                    "body_logger.response.body.digest" = sent.and_then(|body| body.digest.as_deref()),
                    "body_logger.response.body.parts" = sent.and_then(|body| values::list(&body.parts)),
                    "body_logger.response.body.parts_dropped" = sent.and_then(|body| values::count(body.parts_dropped)),
                },
                "{}",
                values::name(method, request.route.as_deref())
            )
        };
    }
    match level(record) {
        log::Level::Error => emit!(Level::ERROR),
        log::Level::Warn => emit!(Level::WARN),
        _ => emit!(Level::INFO),
    }
}

/// Emits the event of a long-lived exchange whose response has begun.
pub(super) fn start(record: &Record, known: &[Method]) {
    let request = &record.request;
    let (method, original) = values::method(&request.method, known);
    let (client, client_port) = values::client(record.client.addr.as_deref());
    event!(
        name: "body_logger.start",
        target: TRACING_TARGET,
        Level::INFO,
        {
            "http.request.method" = method,
            "http.request.method_original" = original,
            "url.path" = request.path.as_str(),
            "http.route" = request.route.as_deref(),
            "client.address" = client,
            "client.port" = client_port,
            "http.response.status_code" = record.status().map(i64::from),
            "body_logger.id" = record.id.as_str(),
            "body_logger.time" = rfc3339::text(record.time),
        },
        "{} started",
        values::name(method, request.route.as_deref())
    );
}

/// Emits the event of lost entries.
pub(super) fn gap(GapRecord { gap, .. }: &GapRecord) {
    let Gap {
        from,
        to,
        dropped,
        reasons,
        ..
    } = gap;
    event!(
        name: "body_logger.gap",
        target: TRACING_TARGET,
        // The lost entries were in other spans than this thread's.
        parent: None,
        Level::WARN,
        {
            "body_logger.gap.from" = rfc3339::text(*from),
            "body_logger.gap.to" = rfc3339::text(*to),
            "body_logger.gap.dropped" = int(*dropped),
            "body_logger.gap.reasons" = values::map(reasons),
        },
        "{dropped} entries lost"
    );
}

/// Emits the event of a maintenance entry.
pub(super) fn maintenance(MaintenanceRecord { maintenance, .. }: &MaintenanceRecord) {
    event!(
        name: "body_logger.maintenance",
        target: TRACING_TARGET,
        parent: None,
        Level::INFO,
        { "body_logger.maintenance.kind" = maintenance.kind.as_str() },
        "log {}",
        maintenance.kind.as_str()
    );
}
