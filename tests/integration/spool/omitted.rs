//! Bodies that nothing is to be kept of leave no file behind.

use actix_web::{http::StatusCode, web, HttpMessage as _, HttpRequest, HttpResponse};
use actix_web_body_logger::{
    policy::Unrecorded, record::Reason, BodyLoggerBuilder, Exchange, TailSampling,
};
use bytes::Bytes;

use super::{both, names, pattern, response, spool, wait_for_files};
use crate::{app::TestApp, sinks::file::Directory};

/// So much that its file is begun while the handler runs.
const LONG: usize = 300_000;

async fn omit(exchange: Exchange, body: Bytes) -> HttpResponse {
    exchange.omit_request_body();
    exchange.omit_response_body();
    HttpResponse::Ok()
        .content_type("application/json")
        .body(body)
}

async fn refuse(body: Bytes) -> HttpResponse {
    HttpResponse::build(StatusCode::FORBIDDEN).body(body)
}

async fn unrecorded(req: HttpRequest, body: Bytes) -> HttpResponse {
    req.extensions_mut().insert(Unrecorded);
    HttpResponse::Ok()
        .content_type("application/json")
        .body(body)
}

async fn echo(body: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(body)
}

fn serve(
    directory: &Directory,
    settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder,
) -> TestApp {
    let both = both(&spool(&directory.path));
    TestApp::configured(
        |logger| settings(both(logger)),
        |app| {
            app.app_data(web::PayloadConfig::new(1024 * 1024))
                .route("/omit", web::post().to(omit))
                .route("/refuse", web::post().to(refuse))
                .route("/unrecorded", web::post().to(unrecorded))
                .route("/echo", web::post().to(echo));
        },
    )
}

#[track_caller]
fn post(app: &TestApp, target: &str) {
    let got = app
        .connect()
        .post(target, "application/json", pattern(LONG))
        .body;
    assert!(got == pattern(LONG));
}

#[test]
fn of_a_body_that_the_handler_omits_the_file_is_removed() {
    let directory = Directory::new("omitted-handler");
    let app = serve(&directory, |logger| logger);
    post(&app, "/omit");
    let record = app.record();
    for body in [&record.request.body, response(&record)] {
        assert_eq!(body.reasons, [Reason::Handler]);
        assert_eq!((&body.file, body.no_file), (&None, None));
    }
    wait_for_files(&directory.path, 0);
}

#[test]
fn of_a_refused_request_the_file_is_removed() {
    let directory = Directory::new("omitted-refused");
    let app = serve(&directory, |logger| logger);
    post(&app, "/refuse");
    let record = app.record();
    assert_eq!(record.request.body.file, None);
    assert!(response(&record).file.is_some());
    wait_for_files(&directory.path, 1);
    // But for who keeps them.
    let app = serve(&directory, BodyLoggerBuilder::keep_refused_request_bodies);
    post(&app, "/refuse");
    assert!(app.record().request.body.file.is_some());
}

#[test]
fn of_what_tail_sampling_discards_the_files_are_removed() {
    let directory = Directory::new("omitted-sampled");
    let app = serve(&directory, |logger| {
        logger.tail_sampling(TailSampling::if_any().status_from(500))
    });
    post(&app, "/echo");
    let record = app.record();
    assert_eq!(response(&record).reasons, [Reason::SampledOut]);
    assert_eq!(
        (&record.request.body.file, &response(&record).file),
        (&None, &None)
    );
    wait_for_files(&directory.path, 0);
}

#[test]
fn of_an_unrecorded_exchange_the_files_are_removed() {
    let directory = Directory::new("omitted-unrecorded");
    let app = serve(&directory, |logger| logger);
    post(&app, "/unrecorded");
    assert!(app.stop(true).is_empty());
    wait_for_files(&directory.path, 0);
    assert!(names(&directory.path).is_empty());
}
