//! A server of long downloads, in a process of its own, until its standard input ends.

use std::{
    io::{self, Read as _, Write as _},
    path::Path,
    pin::Pin,
    process::ExitCode,
    task::{Context, Poll},
    thread,
};

use actix_web::{
    body::{BodySize, MessageBody},
    middleware::Condition,
    rt::System,
    web, App, HttpResponse, HttpServer,
};
use actix_web_body_logger::{
    policy::{BodyMode, WhenSlow},
    redact::BodyDigest,
    sink::JsonLines,
    BodyLogger,
};
use bytes::Bytes;

/// As much is handed to the connection at once, as by `actix-files`.
pub(crate) const CHUNK: usize = 64 * 1024;

/// Serves without a logger (`alone`), with one that keeps bodies (`spool`), or with one that also computes digests
/// (`digest`).
pub(crate) fn run(mode: &str, directory: &Path) -> ExitCode {
    let logger = match mode {
        "alone" => BodyLogger::default(),
        _ => logger(directory, mode == "digest"),
    };
    let is_logged = mode != "alone";
    let guard = logger.flush_guard();
    let served = System::new().block_on(async move {
        let app = move || {
            App::new()
                .wrap(Condition::new(is_logged, logger.clone()))
                .route("/sized/{length}", web::get().to(sized))
                .route("/chunked/{length}", web::get().to(chunked))
        };
        let server = HttpServer::new(app).workers(1).bind("127.0.0.1:0")?;
        let addr = server.addrs()[0];
        let server = server.run();
        let handle = server.handle();
        thread::spawn(move || {
            // Ends with the process that wants to know.
            let _ = io::stdin().read_to_end(&mut Vec::new());
            drop(handle.stop(false));
        });
        println!("{addr}");
        io::stdout().flush()?;
        server.await
    });
    drop(guard);
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn logger(directory: &Path, digests: bool) -> BodyLogger {
    let spool = BodyMode::spool_raw(directory.join("bodies"), u64::MAX)
        .when_slow(WhenSlow::SlowDown)
        .open()
        .expect("a directory");
    let sink = JsonLines::open(directory.join("audit.jsonl")).expect("a file");
    let logger = BodyLogger::builder().response_mode(spool).sink(sink);
    if digests {
        logger.digest_bodies(BodyDigest::PlainSha256).build()
    } else {
        logger.build()
    }
}

async fn sized(length: web::Path<u64>) -> HttpResponse {
    HttpResponse::Ok().body(Numbered::new(*length, BodySize::Sized(*length)))
}

async fn chunked(length: web::Path<u64>) -> HttpResponse {
    HttpResponse::Ok().body(Numbered::new(*length, BodySize::Stream))
}

/// Chunks of which each begins with its number, so that none can be taken for another.
struct Numbered {
    size: BodySize,
    left: u64,
    number: u64,
}

impl Numbered {
    fn new(length: u64, size: BodySize) -> Self {
        Self {
            size,
            left: length,
            number: 0,
        }
    }
}

impl MessageBody for Numbered {
    type Error = io::Error;

    fn size(&self) -> BodySize {
        self.size
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, io::Error>>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        let length = usize::try_from(self.left).unwrap_or(CHUNK).min(CHUNK);
        let mut chunk = vec![b'.'; length];
        let number = self.number.to_be_bytes();
        chunk[..length.min(8)].copy_from_slice(&number[..length.min(8)]);
        self.number += 1;
        self.left -= length as u64;
        Poll::Ready(Some(Ok(chunk.into())))
    }
}
