//! The sink that emits events, in the spans of their requests.

mod said;
mod spans;
mod subscribers;

use std::mem;

use actix_web::{
    error::ErrorBadRequest,
    web::{self, Bytes},
    App, Error, HttpResponse,
};
use actix_web_body_logger::{sink::Memory, BodyLogger};
use futures_util::stream;
use tracing::{dispatcher, Dispatch};
use tracing_actix_web::TracingLogger;

use super::log_sink;
use crate::app::TestApp;

fn routes(cfg: &mut web::ServiceConfig) {
    async fn fails() -> Result<HttpResponse, Error> {
        Err(ErrorBadRequest("on purpose"))
    }
    async fn events() -> HttpResponse {
        let event = stream::iter([Ok::<_, Error>(Bytes::from_static(b"data: 1\n\n"))]);
        HttpResponse::Ok()
            .content_type("text/event-stream")
            .streaming(event)
    }
    async fn endless() -> HttpResponse {
        HttpResponse::Ok().streaming(stream::pending::<Result<Bytes, Error>>())
    }
    cfg.configure(log_sink::routes)
        .route("/{mark}/fails", web::get().to(fails))
        .route("/{mark}/events", web::get().to(events))
        .route("/{mark}/endless", web::get().to(endless));
}

/// Serves the routes behind this logger, and behind tracing-actix-web outside of it; where there is
/// a subscriber, it is that of the worker's thread only.
fn serve(logger: &BodyLogger, subscriber: Option<&Dispatch>) -> TestApp {
    serve_routes(logger, subscriber, routes)
}

fn serve_routes(
    logger: &BodyLogger,
    subscriber: Option<&Dispatch>,
    routes: impl Fn(&mut web::ServiceConfig) + Clone + Send + 'static,
) -> TestApp {
    let (logger, subscriber) = (logger.clone(), subscriber.cloned());
    TestApp::serve(
        Memory::new(0),
        move || {
            if let Some(subscriber) = &subscriber {
                // Until the thread ends.
                mem::forget(dispatcher::set_default(subscriber));
            }
            App::new()
                .wrap(logger.clone())
                .wrap(TracingLogger::default())
                .configure(&routes)
        },
        |server| server,
    )
}

/// Stops the server and waits until all of its records are written.
#[track_caller]
fn finish(app: TestApp, logger: &BodyLogger) {
    app.stop(true);
    drop(logger.flush_guard());
    assert_eq!(logger.counters().queued, 0);
}
