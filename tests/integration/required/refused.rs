//! Requests whose record cannot be made durable: they are refused in time, and all recovers by itself.

use std::time::Duration;

use actix_web::{
    web::{self, Data},
    HttpResponse,
};
use actix_web_body_logger::{
    policy::RequiredOptions,
    record::BodyState,
    sink::{QueueOptions, WhenFull},
    Outcome,
};

use super::{
    disk::{all, is_request, Condition, Disk},
    durable, options, response, stages, Ran, Required, REQUEST,
};
use crate::lifecycle::{request_body, response as response_body};

fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route(
        "/required",
        web::to(|ran: Data<Ran>| async move {
            ran.one();
            HttpResponse::Created()
        }),
    )
    .route("/free", web::to(|| async { "free" }));
}

fn retried() -> RequiredOptions {
    options().retry_after(Duration::from_millis(1500))
}

/// Each required request is refused, others go on, and when the disk works again, all do.
#[track_caller]
fn check_refuses_and_recovers(condition: Condition) {
    let disk = Disk::new(Condition::Works);
    let server = Required::new(&disk, retried(), routes);
    let mut client = server.app.connect();
    assert_eq!(client.get("/required").status, 201);
    disk.becomes(condition);
    // The stages of the first request.
    let mut entries = 2;
    for _ in 0..3 {
        let refused = if condition.stalls() {
            server.out_of_time(&mut client, "/required", entries + 1)
        } else {
            client.get("/required")
        };
        // Its stage and its refusal, and the record of the other request.
        entries += 3;
        assert_eq!(
            (refused.status, refused.header("retry-after")),
            (503, Some("2"))
        );
        assert_eq!(client.get("/free").text(), "free");
    }
    assert_eq!(server.ran(), 1);
    assert_eq!(server.logger.counters().required_refused, 3);
    disk.becomes(Condition::Works);
    assert_eq!(client.get("/required").status, 201);
    assert_eq!(server.ran(), 2);
    assert_eq!(
        disk.durable()
            .iter()
            .filter(|it| it.outcome == Some(Outcome::Released))
            .count(),
        2
    );
    drop(client);

    let records = server.stop();
    let refused: Vec<_> = records
        .iter()
        .filter(|it| it.outcome == Some(Outcome::Refused))
        .collect();
    assert_eq!(refused.len(), 3);
    for refused in refused {
        assert_eq!(refused.stage, None);
        assert_eq!(request_body(refused), (BodyState::Empty, Some(0)));
        assert_eq!(response_body(refused).0, 503);
        let first = records.iter().find(|it| Some(it.seq) == refused.first_seq);
        assert_eq!(
            stages(&[first.expect("a request stage").clone()]),
            [REQUEST]
        );
    }
    let whole: Vec<_> = records.iter().filter(|it| it.is_whole()).cloned().collect();
    assert_eq!(whole.len(), 2 + 3 + 3);
}

#[test]
fn while_the_disk_is_full() {
    check_refuses_and_recovers(Condition::Refuses(all));
}

#[test]
fn while_the_disk_cannot_sync() {
    check_refuses_and_recovers(Condition::FailsToSync);
}

#[test]
fn while_the_disk_stalls() {
    check_refuses_and_recovers(Condition::Stalls(is_request));
    check_refuses_and_recovers(Condition::StallsInSync);
}

#[test]
fn while_the_sink_panics() {
    check_refuses_and_recovers(Condition::Panics(all));
}

#[test]
fn without_a_required_sink_all_requests_are_refused() {
    let server = Required::with(|logger| logger, retried(), routes);
    let mut client = server.app.connect();
    assert_eq!(client.get("/required").status, 503);
    assert_eq!(client.get("/free").text(), "free");
    assert_eq!(server.ran(), 0);
    server.stop();
}

/// Neither waits for the disk to have room for it.
#[test]
fn while_the_queue_is_full() {
    for when_full in [WhenFull::DropNewest, WhenFull::DropOldest, WhenFull::Wait] {
        let disk = Disk::new(Condition::Stalls(all));
        let server = Required::with(
            |logger| {
                let queue = QueueOptions::default().records(1).when_full(when_full);
                logger.required_sink(durable(&disk).queue(queue))
            },
            retried(),
            routes,
        );
        for sent in 0..3 {
            // Of each a stage and its refusal.
            let entries = 2 * sent + 1;
            let refused = server.out_of_time(&mut server.app.connect(), "/required", entries);
            assert_eq!(refused.status, 503, "{when_full:?}");
        }
        assert_eq!(server.ran(), 0);
        disk.becomes(Condition::Works);
        server.stop();
    }
}

/// The only sink is called on the writer thread, without a queue of its own.
#[test]
fn a_request_that_the_sink_refuses_alone_is_refused_alone() {
    let disk = Disk::new(Condition::StallsInSync);
    let server = Required::new(&disk, options(), routes);
    let send = |path: &str| {
        let mut client = server.app.connect();
        client.send(format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n"));
        client
    };
    let mut first = send("/required");
    disk.wait_stalled();
    // They share a batch, as the disk takes none meanwhile.
    let mut bad = send("/required?bad");
    let mut good = send("/required?good");
    server.wait_queued(3);
    disk.becomes(Condition::Refuses(|record| {
        is_request(record) && record.request.query.as_deref() == Some("bad")
    }));
    assert_eq!(first.response().status, 201);
    assert_eq!(bad.response().status, 503);
    assert_eq!(good.response().status, 201);
    assert_eq!(server.ran(), 2);
    drop((first, bad, good));
    disk.becomes(Condition::Works);
    let counters = server.logger.sink_counters().remove(1).counters;
    assert_eq!(counters.sink_error, 1, "{counters:?}");
    assert_eq!(
        stages(&server.stop())
            .iter()
            .filter(|it| **it == response(Outcome::Released))
            .count(),
        2
    );
}
