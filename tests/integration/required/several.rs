//! Several required sinks, of which one is down.

use actix_web::{web, HttpResponse};
use actix_web_body_logger::{
    policy::Quorum,
    sink::{DurableSink, JsonLines, Memory, Retry},
    Record, Sink,
};

use super::{
    disk::{all, Condition, Disk},
    durable, options, Required,
};
use crate::sinks::file::Directory;

fn routes(cfg: &mut web::ServiceConfig) {
    cfg.route("/required", web::to(HttpResponse::Ok));
}

#[track_caller]
fn check(condition: Condition, quorum: Quorum, status: u16) {
    let (up, down) = (
        Disk::named("up", Condition::Works),
        Disk::named("down", condition),
    );
    for disks in [[&up, &down], [&down, &up]] {
        let server = Required::with(
            |logger| {
                disks
                    .iter()
                    .fold(logger, |logger, disk| logger.required_sink(durable(disk)))
            },
            options().quorum(quorum),
            routes,
        );
        let mut client = server.app.connect();
        let answer = if condition.stalls() && status == 503 {
            // Its stage is the first entry.
            server.out_of_time(&mut client, "/required", 1)
        } else {
            client.get("/required")
        };
        assert_eq!(answer.status, status);
        down.becomes(Condition::Works);
        assert_eq!(server.app.connect().get("/required").status, 200);
        server.stop();
        down.becomes(condition);
    }
}

#[test]
fn all_of_them_must_have_a_record() {
    check(Condition::Refuses(all), Quorum::All, 503);
    check(Condition::Stalls(all), Quorum::All, 503);
    check(Condition::FailsToSync, Quorum::All, 503);
}

#[test]
fn one_of_them_is_enough_if_configured() {
    check(Condition::Refuses(all), Quorum::Any, 200);
    check(Condition::Stalls(all), Quorum::Any, 200);
    check(Condition::StallsInSync, Quorum::Any, 200);
}

#[test]
fn of_none_that_work_none_is_enough() {
    let disks = [
        Disk::named("one", Condition::Refuses(all)),
        Disk::named("two", Condition::FailsToSync),
    ];
    let server = Required::with(
        |logger| {
            disks
                .iter()
                .fold(logger, |logger, disk| logger.required_sink(durable(disk)))
        },
        options().quorum(Quorum::Any),
        routes,
    );
    assert_eq!(server.app.connect().get("/required").status, 503);
    disks.iter().for_each(|disk| disk.becomes(Condition::Works));
    server.stop();
}

#[test]
fn only_sinks_that_say_so_are_durable() {
    let directory = Directory::new("durable");
    let file = JsonLines::open(directory.file()).expect("a file");
    let is_durable = |sink: Box<dyn Sink>| DurableSink::new(sink).is_ok();
    assert!(is_durable(Box::new(file.clone())));
    assert!(is_durable(Box::new(Some(std::sync::Arc::new(
        file.clone()
    )))));
    assert!(is_durable(Box::new(Retry::new(file))));
    assert!(!is_durable(Box::new(Retry::new(Memory::new(1)))));
    assert!(!is_durable(Box::new(None::<Memory>)));
    assert!(!is_durable(Box::new(JsonLines::new(std::io::stdout()))));
    if cfg!(unix) {
        // A device cannot be synced.
        let device = JsonLines::open("/dev/null").expect("a device");
        assert!(!is_durable(Box::new(device)));
    }
    let error = DurableSink::new(|_: &Record| {}).expect_err("a closure");
    assert!(
        error
            .to_string()
            .ends_with("cannot be required: it is not durable"),
        "{error}"
    );
}
