//! Requests: read, half read, not read, aborted; and handlers and streams that panic.

use std::convert::Infallible;

use actix_web::{web, HttpResponse};
use actix_web_body_logger::{
    policy::PARTIAL,
    record::{BodyState, Outcome},
};
use bytes::Bytes;
use futures_util::{stream, StreamExt as _};

use super::{both, content, file, pattern, response, spool, wait_for_files, Kept};
use crate::{app::TestApp, sinks::file::Directory};

#[test]
fn the_file_of_a_request_has_what_the_client_sent() {
    let kept = Kept::new("requests-sizes", spool);
    let mut client = kept.app.connect();
    let sizes = [1, 32 * 1024 + 1, 64 * 1024, 200_000, 3_000_000];
    for size in sizes {
        client.post("/echo", "image/png", pattern(size));
    }
    let chunked: String = (0..100).map(|_| "5\r\nabcde\r\n").collect();
    let head = "POST /echo HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n";
    client.send(format!("{head}{chunked}0\r\n\r\n")).response();
    let records = kept.app.records(6);
    for (record, size) in records.iter().zip(sizes) {
        assert!(content(&kept.path, &record.request.body) == pattern(size));
    }
    assert_eq!(
        content(&kept.path, &records[5].request.body),
        b"abcde".repeat(100)
    );
}

#[test]
fn a_request_that_nobody_reads_has_no_file() {
    let kept = Kept::new("requests-unread", spool);
    kept.app.connect().post("/unread", "text/plain", "unread");
    let record = kept.app.record();
    assert_eq!(record.request.body.state, BodyState::Unread);
    assert_eq!(
        (record.request.body.file, record.request.body.no_file),
        (None, None)
    );
}

async fn first(mut body: web::Payload) -> HttpResponse {
    let _ = body.next().await;
    HttpResponse::Ok().finish()
}

#[test]
fn what_was_read_of_a_request_that_is_half_read_is_kept_as_partial() {
    let directory = Directory::new("requests-partial");
    let app = TestApp::configured(both(&spool(&directory.path)), |app| {
        app.route("/first", web::post().to(first));
    });
    let sent = pattern(1_000_000);
    let mut client = app.connect();
    client.send("POST /first HTTP/1.1\r\nhost: test\r\ncontent-length: 1000000\r\n\r\n");
    client.send(&sent[..10_000]);
    client.response();
    let record = app.record();
    let body = &record.request.body;
    assert_eq!(body.state, BodyState::Partial);
    assert!(file(body).name.ends_with(".request.partial"));
    let kept = content(&directory.path, body);
    assert_eq!(kept.len() as u64, body.bytes.expect("a count"));
    assert!(!kept.is_empty() && sent.starts_with(&kept));
}

#[test]
fn an_aborted_upload_leaves_the_bytes_that_passed_as_partial() {
    let kept = Kept::new("requests-aborted", spool);
    let mut client = kept.app.connect();
    client.send("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 1000000\r\n\r\n");
    client.send(pattern(300_000));
    client.finish();
    let record = kept.app.record();
    let body = &record.request.body;
    assert_eq!(body.state, BodyState::Aborted);
    assert!(file(body).name.ends_with(PARTIAL));
    let kept = content(&kept.path, body);
    assert_eq!(kept.len() as u64, body.bytes.expect("a count"));
    assert!(!kept.is_empty() && pattern(300_000).starts_with(&kept));
}

/// Yields some chunks, and then does what the test is about.
fn then(last: fn() -> Result<Bytes, std::io::Error>) -> HttpResponse {
    let chunk = || Ok(Bytes::from(pattern(100_000)));
    let chunks = (0..3).map(move |n| if n < 2 { chunk() } else { last() });
    HttpResponse::Ok().streaming(stream::iter(chunks))
}

async fn panicking_stream() -> HttpResponse {
    then(|| panic!("in the stream"))
}

async fn failing_stream() -> HttpResponse {
    then(|| Err(std::io::Error::other("in the stream")))
}

async fn panicking(_: Bytes) -> Result<HttpResponse, Infallible> {
    panic!("in the handler")
}

#[test]
fn bodies_of_failures_and_panics_are_kept_as_far_as_they_came() {
    let directory = Directory::new("requests-panics");
    let app = TestApp::configured(both(&spool(&directory.path)), |app| {
        app.route("/panic", web::post().to(panicking))
            .route("/stream-panic", web::get().to(panicking_stream))
            .route("/stream-error", web::get().to(failing_stream));
    });
    let request = "POST /panic HTTP/1.1\r\nhost: test\r\ncontent-length: 5\r\n\r\nabcde";
    let mut client = app.connect();
    client.send(request);
    client.rest().ok();
    for target in ["stream-panic", "stream-error"] {
        let mut client = app.connect();
        client.send(format!("GET /{target} HTTP/1.1\r\nhost: test\r\n\r\n"));
        client.rest().ok();
    }
    let records = app.records(3);
    let outcomes: Vec<_> = records
        .iter()
        .map(|record| record.outcome.expect("an end"))
        .collect();
    assert_eq!(
        outcomes,
        [Outcome::Panicked, Outcome::Panicked, Outcome::BodyError]
    );
    // The handler had all of it.
    assert_eq!(content(&directory.path, &records[0].request.body), b"abcde");
    assert!(!file(&records[0].request.body).name.ends_with(PARTIAL));
    for record in &records[1..] {
        let body = response(record);
        assert!(file(body).name.ends_with(".response.partial"));
        assert!(content(&directory.path, body) == pattern(100_000).repeat(2));
    }
    wait_for_files(&directory.path, 3);
}

#[test]
fn an_aborted_download_leaves_the_bytes_that_passed_as_partial() {
    let directory = Directory::new("requests-download");
    let app = TestApp::configured(both(&spool(&directory.path)), |app| {
        app.route(
            "/endless",
            web::get().to(|| async {
                let chunk = Bytes::from(pattern(100_000));
                let chunks = stream::repeat_with(move || Ok::<_, Infallible>(chunk.clone()));
                HttpResponse::Ok().streaming(chunks)
            }),
        );
    });
    let mut client = app.connect();
    client.send("GET /endless HTTP/1.1\r\nhost: test\r\n\r\n");
    client.head();
    for _ in 0..5 {
        client.chunk();
    }
    client.reset();
    let record = app.record();
    let body = response(&record);
    assert_eq!(record.outcome, Some(Outcome::ResponseAborted));
    assert_eq!(body.state, BodyState::Aborted);
    assert!(file(body).name.ends_with(".response.partial"));
    assert_eq!(file(body).bytes, body.bytes.expect("a count"));
    let kept = content(&directory.path, body);
    assert_eq!(kept.len() as u64, file(body).bytes);
    assert!(kept
        .chunks(100_000)
        .all(|chunk| pattern(100_000).starts_with(chunk)));
}
