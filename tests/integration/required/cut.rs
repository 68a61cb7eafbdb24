//! Responses whose record cannot be made durable, after the handler has run.

use actix_web::{
    body::{BoxBody, MessageBody, SizedStream},
    dev::{ServiceRequest, ServiceResponse},
    error::ErrorForbidden,
    middleware::{from_fn, Next},
    web, Error, HttpResponse,
};
use actix_web_body_logger::{policy::OnLoss, Outcome};

use http::Method;

use super::{
    disk::{is_response, Condition, Disk},
    end, options, response, stages, Required, REQUEST,
};
use crate::lifecycle::chunks;

fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(
        "/required/sized",
        web::to(|| async { HttpResponse::Ok().body(SizedStream::new(6, chunks(["one", "two"]))) }),
    )
    .route(
        "/required/stream",
        web::to(|| async { HttpResponse::Ok().streaming(chunks(["one", "two"])) }),
    )
    .route("/required/empty", web::to(HttpResponse::NoContent))
    .service(
        web::resource("/required/guarded")
            .wrap(from_fn(guard))
            .to(HttpResponse::Ok),
    );
}

async fn guard(
    _: ServiceRequest,
    _: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    Err(ErrorForbidden("no entry"))
}

/// All the ways in which the response stage may not become durable.
fn conditions() -> [Condition; 3] {
    [
        Condition::Refuses(is_response),
        Condition::Panics(is_response),
        Condition::Stalls(is_response),
    ]
}

fn server(condition: Condition, on_loss: OnLoss) -> (Disk, Required) {
    let disk = Disk::new(condition);
    let server = Required::new(&disk, options().on_loss(on_loss), routes);
    (disk, server)
}

/// Lets the time limit pass of a response whose stage does not come back from the disk.
#[track_caller]
fn end_stall(condition: Condition, disk: &Disk, server: &Required) {
    if condition.stalls() {
        disk.wait_stalled();
        server.app.reach_time_limit();
    }
}

#[test]
fn a_response_is_cut_off_before_its_end() {
    for condition in conditions() {
        for (target, passed) in [
            ("/required/sized", "one"),
            ("/required/stream", "3\r\none\r\n3\r\ntwo\r\n"),
        ] {
            let (disk, server) = server(condition, OnLoss::Cut);
            let mut client = server.app.connect();
            client.send(format!("GET {target} HTTP/1.1\r\nhost: test\r\n\r\n"));
            end_stall(condition, &disk, &server);
            let (answer, _) = client.until_hung_up_or(|_| None).expect("an end");
            let answer = String::from_utf8(answer).expect("text");
            let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
            // Where it fails at once, actix drops what it has not flushed.
            assert!(body == passed || answer.is_empty(), "{head} {body}");
            let counters = server.logger.counters();
            assert_eq!((counters.required_cut, counters.required_released), (1, 0));
            disk.becomes(Condition::Works);
            let records = server.stop();
            let expected = [
                REQUEST,
                response(Outcome::Released),
                end(Outcome::ResponseAborted),
            ];
            assert_eq!(stages(&records), expected);
        }
    }
}

#[test]
fn over_http2_the_stream_is_reset_and_others_go_on() {
    let (disk, server) = server(Condition::Refuses(is_response), OnLoss::Cut);
    let client = server.app.connect_h2();
    let (answer, _) = client.open(Method::GET, "/required/stream", false);
    let ended: Result<(), h2::Error> = client.wait(async {
        let mut body = answer.await?.into_body();
        while let Some(chunk) = body.data().await {
            chunk?;
        }
        Ok(())
    });
    let error = ended.expect_err("a stream that is cut off");
    assert!(error.is_reset(), "{error}");
    disk.becomes(Condition::Works);
    let (answer, _) = client.open(Method::GET, "/required/stream", false);
    assert_eq!(client.answer(answer), (200, b"onetwo".to_vec()));
    drop(client);
    server.stop();
}

#[test]
fn a_response_is_passed_on_and_counted_if_the_application_says_so() {
    for condition in conditions() {
        for target in ["/required/sized", "/required/stream"] {
            let (disk, server) = server(condition, OnLoss::Release);
            let mut client = server.app.connect();
            client.send(format!("GET {target} HTTP/1.1\r\nhost: test\r\n\r\n"));
            end_stall(condition, &disk, &server);
            assert_eq!(client.response().text(), "onetwo");
            drop(client);
            let counters = server.logger.counters();
            assert_eq!((counters.required_cut, counters.required_released), (0, 1));
            disk.becomes(Condition::Works);
            let records = server.stop();
            // The response stage may be lost, so the end is recorded, too.
            let expected = [
                REQUEST,
                response(Outcome::Released),
                end(Outcome::Completed),
            ];
            assert_eq!(stages(&records), expected);
        }
    }
}

#[test]
fn what_has_no_body_cannot_be_cut_and_is_passed_on() {
    for (target, status) in [("/required/empty", 204), ("/required/guarded", 403)] {
        let (disk, server) = server(Condition::Refuses(is_response), OnLoss::Cut);
        assert_eq!(server.app.connect().get(target).status, status);
        let counters = server.logger.counters();
        assert_eq!((counters.required_cut, counters.required_released), (0, 1));
        disk.becomes(Condition::Works);
        let records = server.stop();
        let expected = [
            REQUEST,
            response(Outcome::Released),
            end(Outcome::Completed),
        ];
        assert_eq!(stages(&records), expected, "{target}");
    }
}
