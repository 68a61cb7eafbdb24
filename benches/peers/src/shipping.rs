//! A shipper of the log, in the process that writes it.

use std::{env, process};

use actix_web_body_logger::ship::{AnyDestination, DestinationUrl, ShipHandle, Shipper};
use tokio_postgres::NoTls;

use crate::{subject::lines_path, Subject};

/// Starts the shipper of a subject that has one.
pub(crate) fn shipper(subject: Subject) -> Option<ShipHandle> {
    let name = name();
    let url = match subject {
        Subject::ToJetStream => {
            let server = service("BODY_LOGGER_TEST_NATS");
            let server = server.trim_start_matches("nats://");
            // No two streams may have the same subjects.
            let subject = format!("{name}.%7Binstance%7D.%7Bkind%7D");
            format!("nats://{server}?stream={name}&service=bench&instance=one&subject={subject}")
        }
        Subject::ToPostgres => {
            let server = service("BODY_LOGGER_TEST_POSTGRES");
            format!("{server}?sslmode=disable&table={name}")
        }
        _ => return None,
    };
    let url: DestinationUrl = url.parse().expect("it is a URL");
    let destination: AnyDestination = url.destination().expect("it has all that is needed");
    let position = lines_path().with_extension("position");
    let shipper = Shipper::new(lines_path(), position, destination).spawn();
    Some(shipper.expect("it can be started"))
}

/// Removes what was shipped from the services.
pub(crate) async fn remove(subject: Subject) {
    let name = name();
    match subject {
        Subject::ToJetStream => {
            let server = async_nats::connect(service("BODY_LOGGER_TEST_NATS")).await;
            let streams = async_nats::jetstream::new(server.expect("the service answers"));
            streams.delete_stream(name).await.expect("it is there");
        }
        Subject::ToPostgres => {
            let server = service("BODY_LOGGER_TEST_POSTGRES");
            let connected = tokio_postgres::connect(&server, NoTls).await;
            let (client, connection) = connected.expect("the service answers");
            actix_web::rt::spawn(connection);
            let dropped = format!("DROP TABLE IF EXISTS {name}, {name}_version");
            client.batch_execute(&dropped).await.expect("it is there");
        }
        _ => {}
    }
}

/// The stream or the table.
fn name() -> String {
    format!("bench_{}", process::id())
}

fn service(variable: &str) -> String {
    env::var(variable).unwrap_or_else(|_| panic!("{variable} says where the service is"))
}
