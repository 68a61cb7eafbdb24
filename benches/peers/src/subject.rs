//! The same application behind one middleware or another.

use std::{path::PathBuf, sync::OnceLock};

use actix_web::{
    body::MessageBody,
    middleware::{from_fn, Logger},
    App,
};
use actix_web_body_logger::{
    policy::{BodyMode, Unsampled},
    sink::{JsonLinesFile, QueueOptions, SinkError, WhenFull},
    BodyLogger, BodyLoggerBuilder, CaptureLevel, Entry, Record, Rule, Sink, TailSampling,
};

use crate::{
    app::{app, Endpoint},
    naive::log_bodies,
    traffic::Traffic,
};
#[cfg(feature = "all")]
use crate::{by_hand, others};
#[cfg(feature = "all")]
use actix_web_body_logger::store::Store;

/// Where an application can run.
pub(crate) trait Host {
    type Served;

    /// Runs the application, one for each worker.
    fn serve<T: Endpoint<B>, B: MessageBody + 'static>(
        self,
        app: impl Fn() -> App<T> + Clone + Send + 'static,
    ) -> Self::Served;
}

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
    ByHand "by hand, same job",
    Default "ours, the default: a line of log to /dev/null",
    Discard "ours, queue and discard",
    Buffer "ours, the same in buffer mode",
    Late "ours, the same, late decision keeps nothing",
    Inline "ours, redacted inline, no-op sink",
    Lines "ours, redacted JSON lines in a file",
    WholeLines "ours, the same, caps of 128 KiB",
    TwoThreads "ours, redacted JSON lines, 2 threads render",
    LastLines "ours, redacted JSON lines, all written at the end",
    LastTwoThreads "ours, the same, 2 threads render",
    Off "ours, `CaptureLevel::Off`",
    Excluded "ours, paths excluded",
    OneRule "ours, queue and discard, 1 rule for another path",
    ManyRules "ours, queue and discard, 100 rules for other paths",
    FewNames "ours, redacted inline, 20 names added",
    ManyNames "ours, redacted inline, 200 names added",
    WaitingLines "ours, redacted JSON lines in a file, clients wait",
    WaitingStore "ours, a store in a file, clients wait",
    ToJetStream "ours, JSON lines shipped to NATS JetStream, clients wait",
    ToPostgres "ours, JSON lines shipped to PostgreSQL, clients wait",
}

impl Subject {
    /// Those whose cost for the worker is counted.
    pub fn counted() -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(|subject| !Self::PROCESS_ONLY.contains(subject))
    }

    /// Those whose cost is mainly that of other threads than the worker.
    const PROCESS_ONLY: &[Self] = &[
        Self::ByHand,
        Self::Lines,
        Self::WholeLines,
        Self::TwoThreads,
        Self::LastLines,
        Self::LastTwoThreads,
        Self::WaitingLines,
        Self::WaitingStore,
        Self::ToJetStream,
        Self::ToPostgres,
    ];

    /// Those that lose nothing however many requests there are, and what they are compared with.
    pub const LOSSLESS: &[Self] = &[
        Self::None,
        Self::WaitingLines,
        Self::WaitingStore,
        #[cfg(feature = "ship")]
        Self::ToJetStream,
        #[cfg(feature = "ship")]
        Self::ToPostgres,
    ];

    /// Those whose cost for the whole process is counted.
    pub const PROCESS: &[Self] = &[
        Self::None,
        Self::LoggerNull,
        Self::ByHand,
        Self::Default,
        Self::Discard,
        Self::Lines,
        Self::WholeLines,
        Self::TwoThreads,
    ];

    /// Those that are put under load.
    pub fn loaded() -> impl Iterator<Item = Self> {
        let all = Self::ALL.iter().copied();
        all.filter(|subject| (*subject as usize) < Self::LastLines as usize)
    }

    /// Whether it is of this crate, or what all are compared with.
    pub fn is_ours(self) -> bool {
        self == Self::None || self as usize >= Self::Default as usize
    }

    /// Whether it answers such requests with 413: actix's extractors read no more than 256 KiB.
    pub fn refuses(self, traffic: Traffic) -> bool {
        matches!(self, Self::Naive | Self::ByHand) && traffic == Traffic::Up
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|subject| subject.name() == name)
    }

    /// Runs the application on a host, and gives its logger if that is this crate's.
    pub(crate) fn on<H: Host>(self, host: H) -> (H::Served, Option<BodyLogger>) {
        #[cfg(feature = "all")]
        if self == Self::Default {
            others::env_logger();
        }
        if let Some(logger) = self.logger().map(BodyLoggerBuilder::build) {
            let wrapped = logger.clone();
            return (
                host.serve(move || app().wrap(wrapped.clone())),
                Some(logger),
            );
        }
        let served = match self {
            Self::LoggerOff => host.serve(|| app().wrap(Logger::default())),
            Self::Naive => host.serve(|| app().wrap(from_fn(log_bodies))),
            #[cfg(feature = "all")]
            Self::ByHand => {
                let lines = actix_web::web::Data::new(by_hand::appender(lines_path()));
                host.serve(move || app().app_data(lines.clone()).wrap(from_fn(by_hand::audit)))
            }
            #[cfg(feature = "all")]
            Self::LoggerNull => {
                others::env_logger();
                host.serve(|| app().wrap(Logger::default()))
            }
            #[cfg(feature = "all")]
            Self::Tracing => {
                others::tracing();
                host.serve(|| app().wrap(tracing_actix_web::TracingLogger::default()))
            }
            #[cfg(feature = "all")]
            Self::Sentry => {
                others::sentry();
                host.serve(|| app().wrap(sentry_actix::Sentry::new()))
            }
            _ => host.serve(app),
        };
        (served, None)
    }

    /// The logger of those that are this crate's.
    fn logger(self) -> Option<BodyLoggerBuilder> {
        let builder = BodyLogger::builder();
        let discard = |_: &Record| {};
        let names = |count: usize| (0..count).map(|n| format!("secret_name_{n}"));
        let rules = |builder: BodyLoggerBuilder, count| {
            (0..count).fold(builder, |builder, n| {
                builder.rule(Rule::new(CaptureLevel::Metadata).path(format!("/hello/{n}/of/many")))
            })
        };
        Some(match self {
            Self::Default => builder,
            Self::Discard => builder.sink(discard),
            Self::Buffer => builder.sink(discard).request_mode(BodyMode::Buffer),
            Self::Late => builder
                .sink(discard)
                .tail_sampling(TailSampling::if_any().otherwise(Unsampled::Nothing)),
            Self::Inline => builder.inline_sink(discard),
            Self::Lines => builder.sink(lines()),
            Self::TwoThreads => builder.sink(lines()).queue(two_threads()),
            Self::LastLines => builder.sink(Last(lines())),
            Self::LastTwoThreads => builder.sink(Last(lines())).queue(two_threads()),
            Self::WholeLines => builder.sink(lines()).max_body_bytes(128 << 10),
            Self::WaitingLines | Self::ToJetStream | Self::ToPostgres => {
                builder.sink(lines()).queue(waits())
            }
            #[cfg(feature = "all")]
            Self::WaitingStore => builder.sink(store()).queue(waits()),
            Self::Off => builder.sink(discard).level(CaptureLevel::Off),
            Self::Excluded => ["/hello", "/echo", "/stream", "/large", "/upload"]
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

/// A file of its own for this process, which does not fill the disk, nor memory that was never used before: a virtual machine
/// may have to ask for that.
fn lines() -> JsonLinesFile {
    let file = JsonLinesFile::at(lines_path());
    let file = file.rotate_at(64 << 20).keep(1).open();
    file.expect("the directory for temporary files is there")
}

fn two_threads() -> QueueOptions {
    QueueOptions::default().render_threads(2)
}

/// Lines that are written once all exchanges have passed, so that batches are full however threads take turns.
struct Last(JsonLinesFile);

static PASSED: OnceLock<()> = OnceLock::new();

impl Sink for Last {
    fn write(&self, entries: &[Entry]) -> Result<(), SinkError> {
        PASSED.wait();
        self.0.write(entries)
    }
}

/// Lets everything be written.
pub(crate) fn all_passed() {
    PASSED.get_or_init(|| ());
}

/// A full queue slows the clients down, so that nothing is lost.
fn waits() -> QueueOptions {
    QueueOptions::default().when_full(WhenFull::Wait)
}

#[cfg(feature = "all")]
fn store() -> Store {
    let path = lines_path().with_extension("db");
    let store = Store::at(path).keep_bytes(64 << 20).open();
    store.expect("the directory for temporary files is there")
}

/// Removes the files of this process.
pub(crate) fn remove_lines() {
    let live = lines_path();
    let begin = live.file_stem().unwrap_or_default().as_encoded_bytes();
    let files = std::fs::read_dir(std::env::temp_dir());
    for file in files.into_iter().flatten().flatten() {
        if (file.file_name().as_encoded_bytes()).starts_with(begin) {
            let path = file.path();
            let _ = std::fs::remove_file(&path).or_else(|_| std::fs::remove_dir_all(&path));
        }
    }
}

pub(crate) fn lines_path() -> PathBuf {
    std::env::temp_dir().join(format!("body-logger-bench-{}-.jsonl", std::process::id()))
}
