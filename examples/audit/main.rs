//! A small order API whose exchanges are logged to the terminal and recorded in a file.
//!
//! ```sh
//! cargo run --example audit
//! ```
//!
//! It prints its address and a few `curl` lines to try, and the address of a page that shows what they do. The file
//! `audit.jsonl` has one line of JSON for each exchange, without the secrets. `--help` shows what can be changed.

// A program talks to its terminal.
#![allow(clippy::print_stdout, clippy::print_stderr)]

mod accounts;
mod args;
mod bodies;
mod farewell;
mod inspector;
mod orders;
mod proofs;
mod simple;
mod streams;
mod terminal;

use std::{
    io,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::ExitCode,
    time::Duration,
};

use actix_web::{dev::ResourceDef, middleware::Condition, web, App, HttpServer};
use actix_web_body_logger::{
    policy::Guarantee,
    sink::{DurableSink, Fsync, JsonLinesFile, Log},
    BodyLogger, CaptureLevel, Rule,
};

use body_logger_inspector::Inspector;
use body_logger_store::Store;

use crate::{
    args::{Args, Command, Format},
    orders::Orders,
    proofs::Signed,
};

/// What the command line got wrong.
const USAGE_ERROR: u8 = 2;

/// How large the file with the records may get before a new one is begun.
const ROTATE_AT: u64 = 100 * 1024 * 1024;

/// How much room the files with older records may take.
const KEEP_TOTAL: u64 = 1024 * 1024 * 1024;

/// How long the last records may take to be written.
const FLUSH_DEADLINE: Duration = Duration::from_secs(10);

#[actix_web::main]
async fn main() -> ExitCode {
    let args = match args::parse(std::env::args_os().skip(1)) {
        Ok(Command::Serve(args)) => args,
        Ok(Command::Help) => {
            println!("{}", args::HELP);
            return ExitCode::SUCCESS;
        }
        Err(problem) => {
            eprintln!("audit: {problem}\n{}", args::USAGE);
            return ExitCode::from(USAGE_ERROR);
        }
    };
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("info")).init();
    match run(&args).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("audit: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(args: &Args) -> Result<(), String> {
    // The listener first: where it fails, no file is left behind.
    let (listener, address) = listen(&args.listen)
        .map_err(|error| format!("cannot listen on {}: {error}", args.listen))?;
    let store = inspector::store()?;
    let mut inspector = inspector::inspector(store.clone(), address);
    let mut how_to_verify = None;
    let logger = match &args.records {
        Some(path) => {
            let key = args.signing_key.as_deref();
            let signed = key.map(|key| proofs::signed(key, path)).transpose()?;
            if let Some(signed) = &signed {
                how_to_verify = Some(signed.how_to_verify.clone());
                let status = proofs::status(path, signed.verifier_key.clone());
                inspector = inspector.status("Proofs", status);
            }
            audit_logger(path, args, signed, store)
                .map_err(|error| format!("cannot open the file for the records: {error}"))?
        }
        None => BodyLogger::default(),
    };

    let served = serve(listener, address, args, (&logger, inspector)).await;

    // Ctrl-C makes actix stop at once, in the middle of whatever it is doing. This waits until those
    // exchanges have ended, too, and their records are written.
    if let Err(unflushed) = logger.shutdown(FLUSH_DEADLINE).await {
        log::warn!("gave up waiting: {unflushed}");
    }
    if let Some(path) = &args.records {
        if let Some(command) = how_to_verify {
            println!("verify them: {command}");
        }
        println!("{}", farewell::farewell(path, logger.counters()));
    }
    served.map_err(|error| format!("the server failed: {error}"))
}

fn listen(address: &str) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = TcpListener::bind(address)?;
    let bound = listener.local_addr()?;
    Ok((listener, bound))
}

/// The logger: something per exchange for people, and a record per exchange for the file and the page.
fn audit_logger(
    records: &Path,
    args: &Args,
    signed: Option<Signed>,
    store: Store,
) -> io::Result<BodyLogger> {
    let mut file = JsonLinesFile::at(records)
        .rotate_at(ROTATE_AT)
        .rotate_daily()
        .keep_total(KEEP_TOTAL)
        .fsync(Fsync::Every(Duration::from_secs(1)));
    #[cfg(feature = "compress")]
    {
        file = file.compress(actix_web_body_logger::sink::Compression::Zstd);
    }
    if let Some(signed) = signed {
        file = file.observer(signed.proofs);
    }
    let file = file.open()?;
    let logger = BodyLogger::builder()
        // Passwords, tokens and card numbers are masked anyway. What else is private only we know.
        .redact_fields(["deliver_to"])
        // Something asks for it every few seconds, and it never says anything new.
        .exclude_path("/health")
        .max_record_bytes(args.max_record_bytes);
    let logger = match &args.spool {
        Some(directory) => bodies::keep_whole(logger, directory)?,
        None => logger,
    };
    let logger = match args.format {
        Format::Line => logger.sink(Log::default()),
        Format::Text => logger.sink(terminal::text()),
        Format::Json => logger.sink(terminal::json),
        Format::Curl => logger.sink(terminal::curl),
    };
    let logger = match &args.required {
        Some(path) => {
            let rule = Rule::new(CaptureLevel::RequestResponse)
                .path(ResourceDef::prefix(path.as_str()))
                .guarantee(Guarantee::Required);
            let file = DurableSink::new(file).map_err(io::Error::other)?;
            logger.rule(rule).required_sink(file)
        }
        None => logger.sink(file),
    };
    Ok(logger.sink(store).build())
}

async fn serve(
    listener: TcpListener,
    address: SocketAddr,
    args: &Args,
    (logger, inspector): (&BodyLogger, Inspector),
) -> io::Result<()> {
    let recording = args.records.is_some();
    let logger = logger.clone();
    let orders = web::Data::new(Orders::default());
    let server = HttpServer::new(move || {
        App::new()
            .wrap(Condition::new(recording, logger.clone()))
            .app_data(orders.clone())
            .service(inspector.clone())
            .configure(routes)
    })
    .workers(2)
    // The end of a response whose record is required is sent after its head, and is not to wait for the client.
    .tcp_nodelay(true)
    // Event streams and WebSockets do not end by themselves: a polite stop (SIGTERM) would wait for
    // them as long as it may.
    .shutdown_timeout(3)
    .listen(listener)?
    .run();
    println!("{}", greeting(address, args));
    server.await
}

fn routes(app: &mut web::ServiceConfig) {
    app.route("/login", web::post().to(accounts::login))
        .route("/orders", web::post().to(orders::create))
        .route("/orders/{id}", web::get().to(orders::show))
        .route("/contact", web::post().to(simple::contact))
        .route("/health", web::get().to(simple::health))
        .route("/error", web::get().to(simple::error))
        .route("/panic", web::get().to(simple::panic))
        .route("/upload", web::post().to(streams::upload))
        .route("/echo", web::post().to(streams::echo))
        .route("/sink", web::post().to(streams::sink))
        .route("/download", web::get().to(streams::download))
        .route("/events", web::get().to(streams::events))
        .route("/ws", web::get().to(streams::websocket));
}

fn greeting(address: SocketAddr, args: &Args) -> String {
    let records = match &args.records {
        Some(path) => format!("records go to {}", path.display()),
        None => "the middleware is off".to_owned(),
    };
    format!(
        r#"listening on http://{address}, {records}; stop with Ctrl-C
see what happens at http://{address}{page}
try:
  curl -d '{{"user":"ada","password":"{password}"}}' -H 'content-type: application/json' http://{address}/login
  curl -d '{{"item":"server","quantity":2,"card_number":"4111 1111 1111 1111"}}' -H 'content-type: application/json' http://{address}/orders
  curl -F 'file=@Cargo.toml' http://{address}/upload
  curl -N 'http://{address}/events?count=3'"#,
        password = accounts::PASSWORD,
        page = inspector::PATH,
    )
}
