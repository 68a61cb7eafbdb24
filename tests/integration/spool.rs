//! Bodies kept whole in files: what is in them, who may read them, and what remains when something fails.

mod bodies;
mod directory;
#[cfg(feature = "encrypt")]
mod encrypted;
mod failures;
mod killed;
mod omitted;
mod owners;
mod requests;
mod required;
mod two_loggers;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    thread,
    time::Instant,
};

use actix_web::{web, HttpRequest, HttpResponse};
use actix_web_body_logger::{
    policy::{BodyMode, Spool},
    record::{Body, BodyFile},
    BodyLoggerBuilder, Record,
};
use bytes::Bytes;
use futures_util::stream;

use crate::{
    app::{TestApp, PATIENCE},
    sinks::file::Directory,
};

/// More than any body of these tests.
pub const MUCH: u64 = 1024 * 1024 * 1024;

/// A spool with default options.
#[track_caller]
pub fn spool(path: &Path) -> Spool {
    BodyMode::spool_raw(path, MUCH).open().expect("a directory")
}

/// Settings of a logger that keeps the bodies of both directions.
pub fn both(spool: &Spool) -> impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder {
    let spool = spool.clone();
    move |logger| logger.request_mode(spool.clone()).response_mode(spool)
}

/// Answers with what was sent, as what it was sent as.
async fn echo(req: HttpRequest, body: Bytes) -> HttpResponse {
    let media_type = req.headers().get("content-type");
    let media_type = media_type.map_or(&b"application/octet-stream"[..], |it| it.as_bytes());
    HttpResponse::Ok().content_type(media_type).body(body)
}

/// Bytes of which no two places look alike.
pub fn pattern(length: usize) -> Vec<u8> {
    (0..length as u64)
        .map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8)
        .collect()
}

/// So many bytes in chunks of a size, without a declared length.
async fn chunked(path: web::Path<(usize, usize)>) -> HttpResponse {
    let (length, chunk) = path.into_inner();
    let bytes = Bytes::from(pattern(length));
    let starts = (0..length).step_by(chunk);
    let chunks =
        starts.map(move |at| Ok::<_, actix_web::Error>(bytes.slice(at..length.min(at + chunk))));
    HttpResponse::Ok()
        .content_type("application/octet-stream")
        .streaming(stream::iter(chunks))
}

async fn sized(path: web::Path<usize>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/octet-stream")
        .body(pattern(*path))
}

pub fn routes(app: &mut web::ServiceConfig) {
    app.app_data(web::PayloadConfig::new(64 * 1024 * 1024))
        .route("/echo", web::post().to(echo))
        .route("/unread", web::post().to(HttpResponse::Ok))
        .route("/chunked/{length}/{chunk}", web::get().to(chunked))
        .route("/sized/{length}", web::get().to(sized));
}

/// The response's body in a record.
#[track_caller]
pub fn response(record: &Record) -> &Body {
    &record.response.as_ref().expect("a response").body
}

/// The file that a record names.
#[track_caller]
pub fn file(body: &Body) -> &BodyFile {
    body.file
        .as_ref()
        .unwrap_or_else(|| panic!("no file: {body:#?}"))
}

/// What is in the file that a record names.
#[track_caller]
pub fn content(directory: &Path, body: &Body) -> Vec<u8> {
    fs::read(directory.join(&file(body).name)).expect("a file")
}

/// All names in a directory.
#[track_caller]
pub fn names(directory: &Path) -> BTreeSet<String> {
    fs::read_dir(directory)
        .expect("a directory")
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .into_string()
                .expect("text")
        })
        .collect()
}

/// Waits until a directory has as many files as this.
#[track_caller]
pub fn wait_for_files(directory: &Path, count: usize) -> BTreeSet<String> {
    let began = Instant::now();
    loop {
        let names = names(directory);
        if names.len() == count {
            return names;
        }
        assert!(began.elapsed() < PATIENCE, "not {count}: {names:?}");
        thread::yield_now();
    }
}

/// A server that keeps bodies, and where.
pub struct Kept {
    pub app: TestApp,
    pub path: PathBuf,
    _directory: Directory,
}

impl Kept {
    pub fn new(name: &str, open: impl FnOnce(&Path) -> Spool) -> Self {
        let directory = Directory::new(name);
        let path = directory.path.join("bodies");
        let spool = open(&path);
        Self {
            app: TestApp::configured(both(&spool), routes),
            path,
            _directory: directory,
        }
    }
}
