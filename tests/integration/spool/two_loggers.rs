//! Several loggers, and several spools, in one directory.

use std::{sync::Barrier, thread};

use actix_web_body_logger::record::BodyState;

use super::{both, content, file, names, pattern, response, routes, spool, wait_for_files, Kept};
use crate::app::TestApp;

#[test]
fn spools_in_one_directory_do_not_harm_each_other() {
    let kept = Kept::new("two-directory", spool);
    let others: Vec<_> = (0..3)
        .map(|_| TestApp::configured(both(&spool(&kept.path)), routes))
        .collect();
    let apps: Vec<_> = others.iter().chain([&kept.app]).collect();
    let begun = Barrier::new(apps.len() + 1);
    thread::scope(|scope| {
        for app in &apps {
            let (mut client, begun) = (app.connect(), &begun);
            scope.spawn(move || {
                begun.wait();
                for size in [10, 100_000, 1_000_000] {
                    let got = client.post("/echo", "image/png", pattern(size));
                    assert!(got.body == pattern(size));
                }
            });
        }
        begun.wait();
        // Each looks for orphans while the others write.
        for _ in 0..50 {
            drop(spool(&kept.path));
        }
    });
    for app in &apps {
        for record in app.records(3) {
            for body in [&record.request.body, response(&record)] {
                assert_eq!(body.state, BodyState::Complete);
                let size = usize::try_from(file(body).bytes).expect("a size");
                assert!(content(&kept.path, body) == pattern(size));
            }
        }
    }
    assert_eq!(wait_for_files(&kept.path, 24).len(), 24);
}

#[test]
fn two_loggers_around_one_application_keep_each_body_twice() {
    let kept = Kept::new("two-around", spool);
    let settings = both(&spool(&kept.path));
    let inner = settings(actix_web_body_logger::BodyLogger::builder())
        .inline_sink(kept.app.memory().clone())
        .build();
    let settings = both(&spool(&kept.path));
    let outer = TestApp::recording(settings, move |logger| {
        actix_web::App::new()
            .wrap(inner.clone())
            .wrap(logger)
            .configure(routes)
    });
    outer.connect().post("/echo", "image/png", pattern(100_000));
    let records = [outer.record(), kept.app.record()];
    for record in &records {
        for body in [&record.request.body, response(record)] {
            assert!(content(&kept.path, body) == pattern(100_000));
        }
    }
    assert_eq!(names(&kept.path).len(), 4);
}
