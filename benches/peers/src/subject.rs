//! The same application behind one middleware or another.

use std::{future::Future, net::SocketAddr, pin::Pin};

use actix_http::HttpService;
use actix_service::{map_config, Service as _, ServiceFactory};
use actix_web::{
    body::MessageBody,
    dev::{AppConfig, ServiceRequest, ServiceResponse},
    http::header::ContentType,
    middleware::{from_fn, Logger},
    web, App, Error, HttpResponse,
};
use actix_web_body_logger::{
    BodyLogger, BodyLoggerBuilder, BodyMode, KeepBodies, Level, Otherwise, Record, Rule,
};
use futures_util::stream;

use crate::{
    naive::log_bodies,
    traffic::{CHUNK, HELLO},
    wire::Wire,
};

/// The server's side of a connection, until it is closed.
pub(crate) type Connection = Pin<Box<dyn Future<Output = ()>>>;

macro_rules! subjects {
    ($($subject:ident $name:literal,)*) => {
        /// What an application is wrapped with.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Subject {
            $($subject,)*
        }

        impl Subject {
            pub const ALL: &[Self] = &[$(Self::$subject,)*];

            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$subject => $name,)*
                }
            }
        }
    };
}

subjects! {
    None "no middleware",
    LoggerOff "`Logger`, log off",
    LoggerNull "`Logger` to /dev/null",
    Tracing "tracing-actix-web, spans to /dev/null",
    Sentry "sentry-actix, no-op transport",
    Naive "naive `from_fn`, reads both bodies whole",
    Discard "ours, queue and discard",
    Buffer "ours, the same in buffer mode",
    Late "ours, the same, late decision keeps nothing",
    Inline "ours, redacted inline, no-op sink",
    Off "ours, `Level::Off`",
    Excluded "ours, paths excluded",
    OneRule "ours, queue and discard, 1 rule for another path",
    ManyRules "ours, queue and discard, 100 rules for other paths",
    FewNames "ours, redacted inline, 20 names added",
    ManyNames "ours, redacted inline, 200 names added",
}

impl Subject {
    /// Whether it is of this crate, or what all are compared with.
    pub fn is_ours(self) -> bool {
        self == Self::None || self as usize >= Self::Discard as usize
    }

    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|subject| subject.name() == name)
    }

    pub(crate) fn connect(self, wire: Wire) -> (Connection, Option<BodyLogger>) {
        if let Some(logger) = self.logger().map(BodyLoggerBuilder::build) {
            return (serve(app().wrap(logger.clone()), wire), Some(logger));
        }
        let connection = match self {
            Self::LoggerOff => serve(app().wrap(Logger::default()), wire),
            Self::Naive => serve(app().wrap(from_fn(log_bodies)), wire),
            #[cfg(feature = "all")]
            Self::LoggerNull => {
                others::env_logger();
                serve(app().wrap(Logger::default()), wire)
            }
            #[cfg(feature = "all")]
            Self::Tracing => {
                others::tracing();
                serve(
                    app().wrap(tracing_actix_web::TracingLogger::default()),
                    wire,
                )
            }
            #[cfg(feature = "all")]
            Self::Sentry => {
                others::sentry();
                serve(app().wrap(sentry_actix::Sentry::new()), wire)
            }
            _ => serve(app(), wire),
        };
        (connection, None)
    }

    /// The logger of those that are this crate's.
    fn logger(self) -> Option<BodyLoggerBuilder> {
        let builder = BodyLogger::builder();
        let discard = |_: &Record| {};
        let names = |count: usize| (0..count).map(|n| format!("secret_name_{n}"));
        let rules = |builder: BodyLoggerBuilder, count| {
            (0..count).fold(builder, |builder, n| {
                builder.rule(Rule::new(Level::Metadata).path(format!("/hello/{n}/of/many")))
            })
        };
        Some(match self {
            Self::Discard => builder.sink(discard),
            Self::Buffer => builder.sink(discard).request_mode(BodyMode::Buffer),
            Self::Late => builder
                .sink(discard)
                .keep_bodies(KeepBodies::if_any().otherwise(Otherwise::Nothing)),
            Self::Inline => builder.inline_sink(discard),
            Self::Off => builder.sink(discard).level(Level::Off),
            Self::Excluded => ["/hello", "/echo", "/stream"]
                .into_iter()
                .fold(builder.sink(discard), BodyLoggerBuilder::exclude_path),
            Self::OneRule => rules(builder.sink(discard), 1),
            Self::ManyRules => rules(builder.sink(discard), 100),
            Self::FewNames => builder.inline_sink(discard).redact_fields(names(20)),
            Self::ManyNames => builder.inline_sink(discard).redact_fields(names(200)),
            _ => return None,
        })
    }
}

fn app() -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse,
        Error = Error,
        InitError = (),
    >,
> {
    App::new()
        .route("/hello", web::get().to(hello))
        .route("/echo", web::post().to(echo))
        .route("/stream", web::post().to(in_chunks))
}

async fn hello() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(HELLO)
}

async fn echo(body: web::Bytes) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .body(body)
}

async fn in_chunks(body: web::Bytes) -> HttpResponse {
    let starts = (0..body.len()).step_by(CHUNK);
    let chunks = starts.map(move |start| Ok::<_, Error>(body.slice(start..start + CHUNK)));
    HttpResponse::Ok()
        .content_type(ContentType::json())
        .streaming(stream::iter(chunks))
}

fn serve<T, B>(app: App<T>, wire: Wire) -> Connection
where
    T: ServiceFactory<
            ServiceRequest,
            Config = (),
            Response = ServiceResponse<B>,
            Error = Error,
            InitError = (),
        > + 'static,
    T::Future: 'static,
    B: MessageBody + 'static,
{
    let service = HttpService::build().h1(map_config(app, |()| AppConfig::default()));
    let client = SocketAddr::from(([192, 0, 2, 7], 53124));
    Box::pin(async move {
        let service = service.new_service(()).await.expect("it starts");
        let closed = service.call((wire, Some(client))).await;
        closed.expect("no connection fails in memory");
    })
}

#[cfg(feature = "all")]
mod others {
    //! What others need that is set once for the process.

    use std::{fs::File, sync::Arc};

    use sentry::{ClientOptions, Envelope, Transport};

    fn null() -> File {
        File::options()
            .write(true)
            .open("/dev/null")
            .expect("there is a /dev/null")
    }

    pub(super) fn env_logger() {
        env_logger::Builder::new()
            .filter_level(log::LevelFilter::Info)
            .target(env_logger::Target::Pipe(Box::new(null())))
            .init();
    }

    pub(super) fn tracing() {
        use tracing_subscriber::fmt::format::FmtSpan;

        tracing_subscriber::fmt()
            .with_span_events(FmtSpan::CLOSE)
            .with_writer(null())
            .init();
    }

    struct Nowhere;

    impl Transport for Nowhere {
        fn send_envelope(&self, _: Envelope) {}
    }

    pub(super) fn sentry() {
        let nowhere = |_: &ClientOptions| Arc::new(Nowhere) as Arc<dyn Transport>;
        let mut options = ClientOptions::default();
        options.dsn = "https://key@localhost/1".parse().ok();
        options.transport = Some(Arc::new(nowhere));
        // It is in use until the process ends.
        std::mem::forget(sentry::init(options));
    }
}
