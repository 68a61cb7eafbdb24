//! Records as `tracing` events, each inside the span of its request, on lines of JSON.
//!
//! ```sh
//! cargo run --example tracing --features tracing
//! ```
//!
//! Then, in another terminal:
//!
//! ```sh
//! curl localhost:8080/orders -H 'content-type: application/json' -d '{"item":"server","password":"hunter2"}'
//! ```
//!
//! It prints two events, the handler's own and that of the exchange, with the same `request_id` in
//! their span. The names of the second are those of OpenTelemetry, and the password is masked.

use std::io;

use actix_web::{
    web::{self, Json},
    App, HttpServer, Responder,
};
use actix_web_body_logger::{sink::Tracing, BodyLogger};
use serde_json::Value;
use tracing_actix_web::TracingLogger;
use tracing_subscriber::filter::LevelFilter;

#[actix_web::main]
async fn main() -> io::Result<()> {
    tracing_subscriber::fmt()
        .json()
        .with_max_level(LevelFilter::INFO)
        .with_current_span(true)
        .with_span_list(false)
        .init();

    let logger = BodyLogger::builder().sink(Tracing::default()).build();
    let _flush_at_the_end = logger.flush_guard();
    HttpServer::new(move || {
        App::new()
            .wrap(logger.clone())
            // Wrapped last, so that it runs first: its span is there when the logger looks for one.
            .wrap(TracingLogger::default())
            .route("/orders", web::post().to(order))
    })
    .bind(("127.0.0.1", 8080))?
    .run()
    .await
}

async fn order(order: Json<Value>) -> impl Responder {
    tracing::info!(item = order["item"].as_str(), "an order came in");
    Json(serde_json::json!({ "ordered": order["item"] }))
}
