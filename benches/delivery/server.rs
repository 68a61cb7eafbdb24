//! A server in a process of its own. It says where it listens, answers each line `report` with its
//! counters, and ends with a last report when its standard input does.

use std::{
    convert::Infallible,
    io::{self, BufRead},
    panic,
    path::Path,
    process::ExitCode,
    sync::atomic::Ordering,
    thread,
    time::Duration,
};

use actix_web::{
    dev::ServerHandle,
    error::{self, PayloadError},
    middleware::Condition,
    rt::{time::interval, System},
    web, App, HttpResponse, HttpServer,
};
use actix_web_body_logger::{
    policy::{MemoryBudget, DEFAULT_MEMORY_BUDGET},
    BodyLogger,
};
use bytes::Bytes;
use futures_util::{stream, StreamExt as _, TryStreamExt as _};

use super::{
    process::Report,
    sinks,
    traffic::{BULK, CHUNK},
};

/// How long the last records may take to be written.
const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) fn run(sink: &str, directory: &Path) -> ExitCode {
    // Sinks and handlers panic on purpose.
    panic::set_hook(Box::new(|_| {}));
    let budget = MemoryBudget::new(DEFAULT_MEMORY_BUDGET);
    let logger = sinks::logger(sink, directory, budget.clone());
    #[cfg(feature = "ship")]
    let _shipping = (sink == "shipped").then(|| super::shipping::start(directory));
    match System::new().block_on(serve(logger, budget)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(logger: Option<BodyLogger>, budget: MemoryBudget) -> io::Result<()> {
    let wrapped = logger.clone();
    let server = HttpServer::new(move || {
        let logger = wrapped.clone();
        App::new()
            .wrap(Condition::new(logger.is_some(), logger.unwrap_or_default()))
            .configure(routes)
    })
    .workers(2)
    // The head is sent before the held end of a body, which the kernel would hold back for the acknowledgement of the head.
    .tcp_nodelay(true)
    .disable_signals()
    .shutdown_timeout(1)
    .bind(("127.0.0.1", 0))?;
    println!("{}", server.addrs()[0]);
    let server = server.run();
    let handle = server.handle();
    let (reporting, reports) = (logger.clone(), budget.clone());
    thread::spawn(move || answer(&reporting, &reports, &handle));
    server.await?;
    if let Some(logger) = &logger {
        // What is left is in the report.
        let _ = logger.shutdown(DEADLINE).await;
    }
    println!("{}", report(&logger, &budget));
    Ok(())
}

fn answer(logger: &Option<BodyLogger>, budget: &MemoryBudget, server: &ServerHandle) {
    for _ in io::stdin().lock().lines() {
        println!("{}", report(logger, budget));
    }
    drop(server.stop(true));
}

fn report(logger: &Option<BodyLogger>, budget: &MemoryBudget) -> String {
    let counters = logger
        .as_ref()
        .map(BodyLogger::counters)
        .unwrap_or_default();
    let report = Report {
        produced: counters.produced,
        written: counters.written,
        lost: counters.lost(),
        accounted: sinks::ACCOUNTED.load(Ordering::Relaxed),
        waits: counters.waits,
        queued: counters.queued,
        queued_bytes: counters.queued_bytes,
        captured_bytes: budget.in_use() as u64,
    };
    report.to_line()
}

fn routes(app: &mut web::ServiceConfig) {
    app.route("/free", web::get().to(|| async { "free" }))
        .route("/bulk", web::post().to(bulk))
        .route("/echo", web::post().to(echo))
        .route("/download", web::get().to(download))
        .route("/events", web::get().to(events))
        .route("/error", web::get().to(fail))
        .route("/panic", web::get().to(fall));
}

/// Reads as much as it answers with.
async fn bulk(mut body: web::Payload) -> Result<HttpResponse, PayloadError> {
    while body.try_next().await?.is_some() {}
    Ok(HttpResponse::Ok()
        .content_type("application/json")
        .body(Bytes::from_static(BULK.as_bytes())))
}

async fn echo(body: Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/json")
        .body(body)
}

async fn download() -> HttpResponse {
    let chunks = stream::iter(0..64).map(|_| Ok::<_, Infallible>(Bytes::from_static(&CHUNK)));
    HttpResponse::Ok()
        .content_type("application/octet-stream")
        .streaming(chunks)
}

async fn events() -> HttpResponse {
    let events = stream::unfold(interval(Duration::from_millis(5)), |mut clock| async {
        clock.tick().await;
        Some((
            Ok::<_, Infallible>(Bytes::from_static(b"data: tick\n\n")),
            clock,
        ))
    });
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .streaming(events)
}

async fn fail() -> Result<HttpResponse, actix_web::Error> {
    Err(error::ErrorInternalServerError("on purpose"))
}

async fn fall() -> HttpResponse {
    panic!("on purpose")
}
