//! Three middleware that people ask for, each a plain function: print the response body, add a
//! header with the time the handler took, audit the request body and still parse it.
//!
//! `cargo run --example from_fn` serves on 127.0.0.1:8080 and prints what to try.
#![allow(clippy::print_stdout)]

use std::time::Instant;

use actix_web::{
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    error,
    http::header::{HeaderName, HeaderValue},
    middleware::{from_fn, Next},
    web, App, Error, HttpServer, Responder,
};
use actix_web_body_logger::replay::{read_request, read_response, ReadError};
use serde::{Deserialize, Serialize};

/// More than this is never read into memory.
const LIMIT: usize = 16 * 1024;

/// Prints every response body. One over the limit goes to the client whole all the same.
async fn print_response(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let res = next.call(req).await?;

    let (res, body) = read_response(res, LIMIT).await;
    match body {
        // Escaped: what a body contains must not be able to forge lines in the terminal.
        Ok(body) => println!("response: {}", body.escape_ascii()),
        Err(ReadError::TooLarge { limit }) => println!("response: more than {limit} bytes"),
        Err(error) => println!("response: {error}"),
    }
    Ok(res)
}

/// Adds the time the handler took as a header. It needs no body, so it reads none.
async fn process_time(
    req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let start = Instant::now();
    let mut res = next.call(req).await?;

    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    res.headers_mut().insert(
        HeaderName::from_static("x-process-time-us"),
        HeaderValue::from(micros),
    );
    Ok(res)
}

/// Prints every request body and leaves it for the handler's `web::Json`. Answers 413 over the
/// limit. In earnest, put a deadline around it, as the documentation of `read_request` shows.
async fn audit_request(
    mut req: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    match read_request(&mut req, LIMIT).await {
        Ok(body) => println!("{} {}: {}", req.method(), req.path(), body.escape_ascii()),
        Err(error @ ReadError::TooLarge { .. }) => return Err(error::ErrorPayloadTooLarge(error)),
        // The handler meets the same error and answers for itself.
        Err(error) => println!("{} {}: {error}", req.method(), req.path()),
    }
    next.call(req).await
}

#[derive(Debug, Deserialize, Serialize)]
struct Order {
    item: String,
    quantity: u32,
}

async fn order(order: web::Json<Order>) -> impl Responder {
    order
}

async fn hello() -> &'static str {
    "Hello!\n"
}

async fn long() -> String {
    "a line of a long text\n".repeat(1000)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let server = HttpServer::new(|| {
        App::new()
            .service(
                web::scope("/print")
                    .wrap(from_fn(print_response))
                    .route("/hello", web::get().to(hello))
                    .route("/long", web::get().to(long)),
            )
            .service(
                web::scope("/time")
                    .wrap(from_fn(process_time))
                    .route("/hello", web::get().to(hello)),
            )
            .service(
                web::scope("/audit")
                    .wrap(from_fn(audit_request))
                    .route("/orders", web::post().to(order)),
            )
    })
    .bind(("127.0.0.1", 8080))?;

    println!("Listening on http://127.0.0.1:8080. Try:");
    println!("  curl http://127.0.0.1:8080/print/hello");
    println!("  curl http://127.0.0.1:8080/print/long");
    println!("  curl -i http://127.0.0.1:8080/time/hello");
    println!(
        r#"  curl -i http://127.0.0.1:8080/audit/orders --json '{{"item":"server","quantity":2}}'"#
    );
    println!(
        "  head -c 20000 /dev/zero | \
         curl -i http://127.0.0.1:8080/audit/orders --data-binary @-"
    );
    server.run().await
}
