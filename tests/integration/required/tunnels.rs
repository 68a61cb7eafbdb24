//! WebSockets and event streams, which last.

use actix_web::{web, HttpRequest, HttpResponse};
use actix_web_body_logger::{policy::StartRecords, record::Stage, Outcome};

use super::{
    disk::{Condition, Disk},
    durable, options, response, stages, Required, REQUEST,
};
use crate::lifecycle::chunks;

fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(
        "/required/ws",
        web::get().to(|req: HttpRequest, body: web::Payload| async move {
            let (response, session, _) = actix_ws::handle(&req, body)?;
            session
                .close(None)
                .await
                .map_err(actix_web::error::ErrorGone)?;
            Ok::<_, actix_web::Error>(response)
        }),
    )
    .route(
        "/required/events",
        web::get().to(|| async {
            let events = HttpResponse::Ok()
                .content_type("text/event-stream")
                .streaming(chunks(["data: 1\n\n"]));
            events
        }),
    );
}

#[test]
fn a_tunnel_is_recorded_when_it_closes() {
    let disk = Disk::new(Condition::Works);
    let server = Required::new(&disk, options(), routes);
    let mut client = server.app.connect();
    client.send(
        "GET /required/ws HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: websocket\r\n\
         sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    assert_eq!(client.head().status, 101);
    drop(client);
    let records = server.stop();
    assert_eq!(stages(&records), [REQUEST, response(Outcome::Upgraded)]);
    assert_eq!(records[1].first_seq, Some(records[0].seq));
}

#[test]
fn an_announced_response_refers_to_the_request_stage() {
    let disk = Disk::new(Condition::Works);
    let server = Required::with(
        |logger| {
            logger
                .required_sink(durable(&disk))
                .start_records(StartRecords::LongLived)
        },
        options(),
        routes,
    );
    assert_eq!(
        server.app.connect().get("/required/events").text(),
        "data: 1\n\n"
    );
    let records = server.stop();
    let expected = [
        REQUEST,
        (Some(Stage::Start), None),
        response(Outcome::Released),
    ];
    assert_eq!(stages(&records), expected);
    let first = Some(records[0].seq);
    assert_eq!((records[1].first_seq, records[2].first_seq), (first, first));
}
