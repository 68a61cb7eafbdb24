//! A server on a thread of its own, on a free port, and what it recorded.

use std::{
    convert::Infallible,
    fmt::Debug,
    io,
    net::SocketAddr,
    sync::{mpsc, Arc},
    thread::{self, JoinHandle},
    time::Duration,
};

use actix_http::Request;
use actix_web::{
    body::MessageBody,
    dev::{AppConfig, Response, Server, ServerHandle, Service, ServiceFactory},
    rt::{self, System},
    web, App, Error, HttpServer,
};
use actix_web_body_logger::{
    sink::Memory, BodyLogger, BodyLoggerBuilder, Entry, Record, Sink, SinkError,
};

use tokio::{sync::Notify, time};

use crate::client::Client;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A time limit of what is tested, which is reached only where a test [says so](TestApp::reach_time_limit).
pub const TIME_LIMIT: Duration = Duration::from_secs(60);

/// A running server. It speaks HTTP/1 and, to those who begin with it, HTTP/2.
pub struct TestApp {
    addr: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<io::Result<()>>>,
    clock: Arc<Notify>,
    memory: Memory,
    /// Closes when the last exchange has ended and the last worker has let go of the logger.
    recorder: Option<mpsc::Receiver<Infallible>>,
}

/// A `Memory`, and something that is dropped with the logger that writes to it.
struct Recorder {
    memory: Memory,
    _alive: mpsc::Sender<Infallible>,
}

impl Sink for Recorder {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        self.memory.write(entries)
    }
}

impl TestApp {
    /// Serves the routes behind a logger with the default settings.
    pub fn new(routes: fn(&mut actix_web::web::ServiceConfig)) -> Self {
        Self::configured(|logger| logger, routes)
    }

    /// Serves the routes behind a logger with settings of the test's own.
    pub fn configured(
        settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder,
        routes: fn(&mut actix_web::web::ServiceConfig),
    ) -> Self {
        Self::recording(settings, move |logger| {
            App::new().wrap(logger).configure(routes)
        })
    }

    /// Serves the routes behind a logger; the handlers share something with the test.
    pub fn sharing<T: Send + Sync + 'static>(
        shared: T,
        routes: fn(&mut actix_web::web::ServiceConfig),
    ) -> Self {
        let shared = web::Data::new(shared);
        Self::recording(
            |logger| logger,
            move |logger| {
                App::new()
                    .wrap(logger)
                    .app_data(shared.clone())
                    .configure(routes)
            },
        )
    }

    /// Serves an application that wraps what it likes with the logger it is given.
    pub fn recording<F, A, S, B>(
        settings: impl FnOnce(BodyLoggerBuilder) -> BodyLoggerBuilder,
        app: F,
    ) -> Self
    where
        F: Fn(BodyLogger) -> A + Send + Clone + 'static,
        A: actix_service::IntoServiceFactory<S, Request> + 'static,
        S: ServiceFactory<Request, Config = AppConfig> + 'static,
        S::Error: Into<Error> + 'static,
        S::InitError: Debug,
        S::Response: Into<Response<B>> + 'static,
        S::Service: 'static,
        <S::Service as Service<Request>>::Future: 'static,
        B: MessageBody + 'static,
    {
        let memory = Memory::new(100_000);
        let (alive, recorder) = mpsc::channel();
        let sink = Recorder {
            memory: memory.clone(),
            _alive: alive,
        };
        let logger = settings(BodyLogger::builder().inline_sink(sink)).build();
        let mut app = Self::serve(memory, move || app(logger.clone()), |server| server);
        app.recorder = Some(recorder);
        app
    }

    /// Serves an application without a logger of the harness's making.
    pub fn unlogged(routes: fn(&mut actix_web::web::ServiceConfig)) -> Self {
        Self::serve(
            Memory::new(0),
            move || App::new().configure(routes),
            |server| server,
        )
    }

    /// Serves any application.
    pub fn serve<F, A, S, B>(memory: Memory, app: F, run: fn(Server) -> Server) -> Self
    where
        F: Fn() -> A + Send + Clone + 'static,
        A: actix_service::IntoServiceFactory<S, Request> + 'static,
        S: ServiceFactory<Request, Config = AppConfig> + 'static,
        S::Error: Into<Error> + 'static,
        S::InitError: Debug,
        S::Response: Into<Response<B>> + 'static,
        S::Service: 'static,
        <S::Service as Service<Request>>::Future: 'static,
        B: MessageBody + 'static,
    {
        let (started, running) = mpsc::channel();
        let clock = Arc::new(Notify::new());
        let moved = Arc::clone(&clock);
        let app = move || {
            rt::spawn(move_clock(Arc::clone(&moved)));
            app()
        };
        let thread = thread::spawn(move || {
            System::new().block_on(async move {
                let server = HttpServer::new(app)
                    .workers(1)
                    .disable_signals()
                    // The server's own time limits count from before whatever its worker did last, and a test may leave a
                    // connection idle for long.
                    .client_request_timeout(TIME_LIMIT)
                    .keep_alive(TIME_LIMIT)
                    .bind_auto_h2c("127.0.0.1:0")?;
                let addr = server.addrs()[0];
                let server = run(server.run());
                started.send((addr, server.handle())).expect("a test waits");
                server.await
            })
        });
        let (addr, handle) = running
            .recv_timeout(PATIENCE)
            .expect("a server that starts");
        Self {
            addr,
            handle,
            thread: Some(thread),
            clock,
            memory,
            recorder: None,
        }
    }

    /// Opens a connection.
    pub fn connect(&self) -> Client {
        Client::connect(self.addr)
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Moves the worker's clock on, so that what waits at this moment has waited for a [`TIME_LIMIT`].
    pub fn reach_time_limit(&self) {
        self.clock.notify_one();
    }

    /// What it recorded so far, entries of all kinds.
    pub fn memory(&self) -> &Memory {
        &self.memory
    }

    /// Its first `count` records, as soon as they are there, and no more than those.
    #[track_caller]
    pub fn records(&self, count: usize) -> Vec<Record> {
        let records = self.memory.wait_for(count, PATIENCE);
        assert_eq!(records.len(), count, "{records:#?}");
        records
    }

    /// Its only record.
    #[track_caller]
    pub fn record(&self) -> Record {
        self.records(1).remove(0)
    }

    /// Its only records: those `count` come while it runs, and none does when it is stopped and
    /// every exchange has been dropped.
    #[track_caller]
    pub fn only_records(self, count: usize) -> Vec<Record> {
        self.records(count);
        let records = self.stop(false);
        assert_eq!(records.len(), count, "{records:#?}");
        records
    }

    /// Its only record, likewise.
    #[track_caller]
    pub fn only_record(self) -> Record {
        self.only_records(1).remove(0)
    }

    /// Stops it and waits until every exchange has ended. Returns all records.
    #[track_caller]
    pub fn stop(mut self, graceful: bool) -> Vec<Record> {
        self.join(graceful);
        if let Some(recorder) = self.recorder.take() {
            let Err(error) = recorder.recv_timeout(PATIENCE);
            let gone = mpsc::RecvTimeoutError::Disconnected;
            assert_eq!(error, gone, "something holds on to the logger");
        }
        self.memory.records()
    }

    fn join(&mut self, graceful: bool) {
        if let Some(thread) = self.thread.take() {
            // The future only waits for the answer; the command is sent when it is made.
            drop(self.handle.stop(graceful));
            let served = thread.join().expect("a server that does not panic");
            served.expect("a server that runs");
        }
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if !thread::panicking() {
            self.join(false);
        }
    }
}

/// Moves the clock of a worker whenever a test says so.
async fn move_clock(clock: Arc<Notify>) {
    loop {
        clock.notified().await;
        time::pause();
        time::advance(TIME_LIMIT).await;
        time::resume();
    }
}

/// Where a handler meets its test.
pub struct Gate {
    arrivals: mpsc::Sender<()>,
    open: Arc<Notify>,
}

/// The test's side of a [`Gate`].
pub struct Keeper {
    arrivals: mpsc::Receiver<()>,
    open: Arc<Notify>,
}

impl Gate {
    pub fn new() -> (Self, Keeper) {
        let (sender, arrivals) = mpsc::channel();
        let open = Arc::new(Notify::new());
        let gate = Self {
            arrivals: sender,
            open: Arc::clone(&open),
        };
        (gate, Keeper { arrivals, open })
    }

    /// Tells the test that it has come this far.
    pub fn arrive(&self) {
        // A test that has seen enough may be gone.
        let _ = self.arrivals.send(());
    }

    /// Does so, then waits until the test lets one through.
    pub async fn pass(&self) {
        self.arrive();
        self.open.notified().await;
    }
}

impl Keeper {
    /// Waits until a handler has arrived.
    #[track_caller]
    pub fn wait(&self) {
        let arrived = self.arrivals.recv_timeout(PATIENCE);
        arrived.expect("a handler that arrives");
    }

    /// Lets one handler through, now or when it comes.
    pub fn open(&self) {
        self.open.notify_one();
    }
}
