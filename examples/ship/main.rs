//! A server whose log is shipped while it runs, and to its end.
//!
//! ```sh
//! cargo run --example ship --features ship-jetstream,ship-otlp,ship-postgres
//! cargo run --example ship --features ship-jetstream,ship-otlp,ship-postgres -- 'postgres://logger@127.0.0.1/audit'
//! ```
//!
//! Without a URL it needs no service: it prints what it would ship. With one, it ships there, and what cannot be shipped waits
//! in `audit.jsonl`. For servers to try it with, see `examples/fleet`. Then, in another terminal:
//!
//! ```sh
//! curl localhost:8080/orders -H 'content-type: application/json' -d '{"item":"server","password":"hunter2"}'
//! ```
//!
//! `http://localhost:8080/_inspector` shows what is recorded, and in its overview how far that is shipped.
//!
//! `BIND` and `LOG` in the environment choose another address and another file, `SERVICE` and `INSTANCE` say who it is.

mod print;

use std::{env, error::Error, sync::Arc, time::Duration};

use actix_web::{
    web::{self, Json},
    App, HttpServer, Responder,
};
use actix_web_body_logger::{
    record::Resource,
    ship::{Destination, DestinationUrl, ShipHandle, Shipper, StartError},
    sink::JsonLinesFile,
    BodyLogger,
};
use body_logger_inspector::{Inspector, StatusRow};
use body_logger_store::Store;
use serde_json::Value;

use self::print::Print;

#[actix_web::main]
async fn main() -> Result<(), Box<dyn Error>> {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).init();
    let variable = |name, default: &str| env::var(name).unwrap_or(default.to_owned());
    let log = variable("LOG", "audit.jsonl");
    let origin = Resource::new(variable("SERVICE", "orders")).instance(variable("INSTANCE", "one"));

    let file = JsonLinesFile::at(&log)
        .rotate_at(64 * 1024 * 1024)
        .keep(10)
        .open()?;
    let store = Store::in_memory(64 * 1024 * 1024)?;
    let logger = BodyLogger::builder()
        .resource(origin)
        .sink(file)
        .sink(store.clone())
        .build();
    let (destination, shipping) = match env::args().nth(1) {
        Some(url) => {
            let url: DestinationUrl = url.parse()?;
            (url.to_string(), ship(&log, "url", url.destination()?)?)
        }
        None => ("print".to_owned(), ship(&log, "print", Print)?),
    };
    let shipping = Arc::new(shipping);
    // The page does not keep the shipper running.
    let shown = Arc::downgrade(&shipping);
    let inspector = Inspector::over(store)
        .localhost_only()
        .status("Shipping", move || {
            let shipping = shown.upgrade().into_iter();
            let lag = shipping.map(|shipping| {
                let now = shipping.counters();
                StatusRow::lag(&destination, now.lag_entries, now.lag_bytes, now.lag)
            });
            lag.collect()
        });

    let served = logger.clone();
    HttpServer::new(move || {
        App::new()
            .wrap(served.clone())
            .service(inspector.clone())
            .route("/orders", web::post().to(order))
    })
    .bind(variable("BIND", "127.0.0.1:8080"))?
    .run()
    .await?;

    // First the log is complete, then what is in it is shipped.
    logger.shutdown(Duration::from_secs(5)).await?;
    let until = tokio::time::Instant::now() + Duration::from_secs(5);
    while shipping.counters().lag_entries > 0 && tokio::time::Instant::now() < until {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let counters = match Arc::into_inner(shipping) {
        Some(shipping) => shipping.stop(Duration::from_secs(5))?,
        None => return Err("the page still asks how far it is".into()),
    };
    log::info!(
        "{} entries shipped, about {} wait in {log} for the next start",
        counters.shipped,
        counters.lag_entries
    );
    Ok(())
}

/// Runs on threads of its own. Each destination has a position.
fn ship<D: Destination>(log: &str, name: &str, destination: D) -> Result<ShipHandle, StartError> {
    Shipper::new(log, format!("{log}.{name}.position"), destination)
        .report_every(Duration::from_secs(10))
        .spawn()
}

async fn order(order: Json<Value>) -> impl Responder {
    Json(serde_json::json!({ "ordered": order["item"] }))
}
