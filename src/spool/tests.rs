//! A spool on a disk that stalls, fails or panics when a test says so.

mod disk;
mod ending;
mod failing;
mod owners;
mod slow;
mod sockets;

use std::{
    fs,
    path::PathBuf,
    sync::atomic::{AtomicUsize, Ordering},
    task::Poll,
    time::Duration,
};

use actix_web::{
    body::MessageBody,
    dev::{Service, ServiceResponse},
    rt::time::timeout,
    test, web, App, Error, HttpResponse,
};
use body_logger_core::record::{Body, Record};
use bytes::Bytes;
use futures_util::{future::poll_fn, stream};

use self::disk::{TestDisk, Valve};
use super::SpoolBuilder;
use crate::{
    policy::{BodyMode, MemoryBudget},
    sink::Memory,
    BodyLogger, BodyLoggerBuilder,
};

/// How long anything may take before a test fails.
const PATIENCE: Duration = Duration::from_secs(20);

/// Size of the chunks of long responses.
const CHUNK: usize = 64 * 1024;

/// A logger that keeps responses on a [`TestDisk`], and what it recorded.
struct Bench {
    path: PathBuf,
    valve: Valve,
    memory: Memory,
    budget: MemoryBudget,
    logger: BodyLogger,
}

impl Bench {
    fn new(options: fn(SpoolBuilder) -> SpoolBuilder) -> Self {
        Self::configured(options, 64 * 1024 * 1024, |logger| logger)
    }

    fn configured(
        options: fn(SpoolBuilder) -> SpoolBuilder,
        budget: usize,
        settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder,
    ) -> Self {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("body-logger-{}-spool-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let (disk, valve) = TestDisk::at(&path);
        let options = options(BodyMode::spool_raw(&path, 1 << 30));
        let spool = options.open_on(disk, None).expect("a thread");
        let memory = Memory::new(10_000);
        let budget = MemoryBudget::new(budget);
        let logger = BodyLogger::builder()
            .response_mode(spool)
            .memory_budget(budget.clone())
            .inline_sink(memory.clone());
        Self {
            logger: settings(logger).build(),
            path,
            valve,
            memory,
            budget,
        }
    }

    /// The application, in process.
    async fn app(
        &self,
    ) -> impl Service<Request, Response = ServiceResponse<impl MessageBody>, Error = Error> {
        test::init_service(App::new().wrap(self.logger.clone()).configure(routes)).await
    }

    fn record(&self) -> Record {
        let mut records = self.memory.wait_for(1, PATIENCE);
        assert_eq!(records.len(), 1, "{records:#?}");
        records.remove(0)
    }

    /// Waits until nothing is reserved of the budget.
    fn wait_for_freed(&self) {
        let began = std::time::Instant::now();
        while self.budget.in_use() > 0 {
            assert!(began.elapsed() < PATIENCE, "{:?}", self.budget);
            std::thread::yield_now();
        }
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.path).expect("a directory");
        let names = entries.map(|entry| entry.expect("an entry").file_name());
        names
            .map(|name| name.into_string().expect("text"))
            .collect()
    }

    fn content(&self, body: &Body) -> Vec<u8> {
        let file = body.file.as_ref().expect("a file");
        fs::read(self.path.join(&file.name)).expect("a file")
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.valve.open();
        let _ = fs::remove_dir_all(&self.path);
    }
}

type Request = actix_http::Request;

/// Copied, not computed, as tests with long bodies may take no longer than [`PATIENCE`]. The period is a prime, so that
/// no block fits in the place of another.
fn pattern(length: usize) -> Vec<u8> {
    let period: Vec<u8> = (0..251).collect();
    let mut pattern = period.repeat(length.div_ceil(period.len()));
    pattern.truncate(length);
    pattern
}

/// So many bytes, in chunks of a size.
async fn chunked(path: web::Path<(usize, usize)>) -> HttpResponse {
    let (length, size) = path.into_inner();
    let bytes = Bytes::from(pattern(length));
    let chunk = move |at: usize| Ok::<_, Error>(bytes.slice(at..length.min(at + size)));
    HttpResponse::Ok().streaming(stream::iter((0..length).step_by(size).map(chunk)))
}

fn routes(app: &mut web::ServiceConfig) {
    app.route("/{length}/{chunk}", web::get().to(chunked))
        .route("/unspooled", web::get().to(HttpResponse::NoContent));
}

/// Calls an application.
async fn call<B: MessageBody>(
    app: &impl Service<Request, Response = ServiceResponse<B>, Error = Error>,
    target: &str,
) -> B {
    let request = test::TestRequest::get().uri(target).to_request();
    let response = app.call(request).await.expect("an answer");
    response.into_body()
}

/// Reads a body until it ends or waits. Returns what came, and whether it ended.
async fn read<B: MessageBody>(body: &mut std::pin::Pin<Box<B>>) -> (Vec<u8>, bool) {
    let mut read = Vec::new();
    loop {
        let polled = poll_fn(|cx| Poll::Ready(body.as_mut().poll_next(cx))).await;
        match polled {
            Poll::Pending => return (read, false),
            Poll::Ready(None) => return (read, true),
            Poll::Ready(Some(chunk)) => {
                let Ok(chunk) = chunk else {
                    panic!("a body that does not fail")
                };
                read.extend_from_slice(&chunk);
            }
        }
    }
}

/// Reads a body to its end.
async fn read_all<B: MessageBody>(body: &mut std::pin::Pin<Box<B>>) -> Vec<u8> {
    let mut read = Vec::new();
    while let Some(chunk) = next(body).await {
        let Ok(chunk) = chunk else {
            panic!("a body that does not fail")
        };
        read.extend_from_slice(&chunk);
    }
    read
}

/// The next chunk, as soon as there is one.
async fn next<B: MessageBody>(body: &mut std::pin::Pin<Box<B>>) -> Option<Result<Bytes, B::Error>> {
    let next = poll_fn(|cx| body.as_mut().poll_next(cx));
    timeout(PATIENCE, next)
        .await
        .expect("a stream that goes on")
}
