//! A server on a thread of its own, on a free port, and what it recorded.

use std::{
    fmt::Debug,
    io,
    net::SocketAddr,
    sync::mpsc,
    thread::{self, JoinHandle},
    time::Duration,
};

use actix_http::Request;
use actix_web::{
    body::MessageBody,
    dev::{AppConfig, Response, Server, ServerHandle, Service, ServiceFactory},
    rt::System,
    App, Error, HttpServer,
};
use actix_web_body_logger::{sink::Memory, BodyLogger, BodyLoggerBuilder, Record};

use crate::client::Client;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A running server. It speaks HTTP/1 and, to those who begin with it, HTTP/2.
pub struct TestApp {
    addr: SocketAddr,
    handle: ServerHandle,
    thread: Option<JoinHandle<io::Result<()>>>,
    memory: Memory,
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
        let logger = settings(BodyLogger::builder().inline_sink(memory.clone())).build();
        Self::serve(memory, move || app(logger.clone()), |server| server)
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
        let thread = thread::spawn(move || {
            System::new().block_on(async move {
                let server = HttpServer::new(app)
                    .workers(1)
                    .disable_signals()
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
            memory,
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

    /// Stops it and waits until every exchange has ended. Returns all records.
    pub fn stop(mut self, graceful: bool) -> Vec<Record> {
        self.join(graceful);
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
